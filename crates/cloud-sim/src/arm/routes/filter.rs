//! Azure Monitor's `$filter`: `deployment eq 'green' and statusCodeClass eq '5xx'`.
//!
//! Of the four dimensions of an endpoint's requests these two are simulated, joined by `and`. Azure's `*` and `or`, which
//! ask for several series, are refused rather than misread.

use crate::arm::Refusal;
use crate::monitor::{Dimension, Metric, StatusClass};

/// Of which requests something is asked.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Filter {
    pub(crate) deployment: Option<String>,
    pub(crate) class: Option<StatusClass>,
}

impl Filter {
    /// What the metric is filtered by, or what about it the metric does not know.
    pub(crate) fn parse(text: &str, metric: Metric) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (name, value, behind) = term(rest).ok_or_else(|| unreadable(text))?;
            filter.narrow(name, value, metric)?;
            rest = match behind.strip_prefix("and ") {
                Some(next) if !next.trim().is_empty() => next.trim_start(),
                None if behind.is_empty() => behind,
                Some(_) | None => return Err(unreadable(text)),
            };
        }
        Ok(filter)
    }

    /// The dimensions that are fixed, by Azure's names.
    pub(crate) fn fixed(&self) -> Vec<(&'static str, String)> {
        let deployment = self.deployment.clone();
        let class = self.class.map(|class| class.to_string());
        let fixed = [
            (Dimension::Deployment.name(), deployment),
            (Dimension::StatusCodeClass.name(), class),
        ];
        let fixed = fixed.into_iter();
        fixed
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    fn narrow(&mut self, name: &str, value: String, metric: Metric) -> Result<(), Refusal> {
        let dimensions = metric.dimensions().iter();
        let dimension = dimensions
            .copied()
            .find(|dimension| dimension.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| unknown_dimension(name, metric))?;
        let name = dimension.name();
        if value == "*" {
            return Err(bad_request(format!(
                "A series for each {name} is not simulated."
            )));
        }
        let is_new = match dimension {
            Dimension::Deployment => self.deployment.replace(value).is_none(),
            Dimension::StatusCodeClass => self.class.replace(class(&value)?).is_none(),
        };
        if is_new {
            Ok(())
        } else {
            Err(bad_request(format!("{name} is asked for twice.")))
        }
    }
}

/// Azure Monitor's code for whatever it does not understand.
pub(crate) fn bad_request(message: String) -> Refusal {
    Refusal::Invalid {
        code: "BadRequest",
        message,
    }
}

fn unreadable(text: &str) -> Refusal {
    bad_request(format!("The filter cannot be read: {text}"))
}

fn unknown_dimension(name: &str, metric: Metric) -> Refusal {
    let supported: Vec<&str> = metric.dimensions().iter().map(|d| d.name()).collect();
    bad_request(format!(
        "Metric: {} does not support requested dimension combination: {name}, supported ones are: {}",
        metric.name(),
        supported.join(",")
    ))
}

fn class(text: &str) -> Result<StatusClass, Refusal> {
    StatusClass::parse(text).ok_or_else(|| {
        bad_request(format!(
            "'{text}' is no class of status codes, such as 5xx."
        ))
    })
}

/// `name eq 'value'`, and what stands behind it.
fn term(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = text.split_once(' ')?;
    let (value, behind) = literal(rest.trim_start().strip_prefix("eq ")?.trim_start())?;
    Some((name, value, behind.trim_start()))
}

/// A quoted text, in which a doubled quote stands for one.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (part, behind) = rest.split_once('\'')?;
        value.push_str(part);
        let Some(more) = behind.strip_prefix('\'') else {
            return Some((value, behind));
        };
        value.push('\'');
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Filter, String> {
        Filter::parse(text, Metric::Requests).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn both_dimensions_are_read_in_any_order() {
        let both = Filter {
            deployment: Some("it's and blue".into()),
            class: StatusClass::parse("5xx"),
        };
        let texts = [
            "deployment eq 'it''s and blue' and statusCodeClass eq '5xx'",
            " statuscodeclass  eq '5XX'  and Deployment eq 'it''s and blue' ",
        ];
        assert!(texts.iter().all(|text| parse(text).as_ref() == Ok(&both)));
        assert_eq!(parse(""), Ok(Filter::default()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let bad = [
            "deployment",
            "deployment eq",
            "deployment eq green",
            "deployment eq 'green",
            "deployment ne 'green'",
            "deployment eq 'green' and",
            "deployment eq 'green' or deployment eq 'blue'",
            "deployment eq 'green' and deployment eq 'blue'",
            "deployment eq '*'",
            "statusCodeClass eq '503'",
            "statusCode eq '503'",
        ];
        for text in bad {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
