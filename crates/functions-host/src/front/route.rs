//! Route templates: `models/{name}`, `board/{*path}`.

use std::cmp::Ordering;

use crate::error::HostError;

/// A template of the route of an HTTP function; literals are compared ignoring case, as ASP.NET does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RouteTemplate(Vec<Segment>);

/// In the order of precedence: a literal is tried before a parameter, that before the rest of the path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter,
    OptionalParameter,
    CatchAll,
}

impl RouteTemplate {
    pub(crate) fn parse(template: &str) -> Result<Self, HostError> {
        let segments: Vec<_> = segments(template)
            .map(Segment::parse)
            .collect::<Result<_, _>>()?;
        let ends_early =
            |segment: &Segment| matches!(segment, Segment::OptionalParameter | Segment::CatchAll);
        if segments.iter().rev().skip(1).any(ends_early) {
            return Err(HostError::invalid(format!(
                "route {template:?}: only the last segment can be optional"
            )));
        }
        Ok(Self(segments))
    }

    /// The path without the prefix, still percent-encoded.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let path: Vec<_> = segments(path).collect();
        let whole = self.0.len() == path.len();
        match self.0.last() {
            Some(Segment::CatchAll) => path.len() + 1 >= self.0.len() && self.fits(&path),
            Some(Segment::OptionalParameter) => {
                (whole || path.len() + 1 == self.0.len()) && self.fits(&path)
            }
            _ => whole && self.fits(&path),
        }
    }

    fn fits(&self, path: &[&str]) -> bool {
        self.0
            .iter()
            .zip(path)
            .all(|(segment, text)| match segment {
                Segment::Literal(literal) => literal.eq_ignore_ascii_case(text),
                Segment::Parameter | Segment::OptionalParameter | Segment::CatchAll => true,
            })
    }

    /// Which of two matching templates ASP.NET takes: the one that is more precise further to the left.
    pub(crate) fn precedence(&self, other: &Self) -> Ordering {
        self.0
            .iter()
            .map(Segment::rank)
            .cmp(other.0.iter().map(Segment::rank))
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, HostError> {
        let Some(inner) = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        else {
            if text.contains(['{', '}']) {
                return Err(HostError::not_built(
                    "E16",
                    format!("the route segment {text:?}"),
                ));
            }
            return Ok(Self::Literal(text.to_owned()));
        };
        if inner.contains([':', '=', '{', '}']) {
            return Err(HostError::not_built(
                "E16",
                format!("the constraint or default in route segment {text:?}"),
            ));
        }
        Ok(match (inner.starts_with('*'), inner.ends_with('?')) {
            (true, _) => Self::CatchAll,
            (false, true) => Self::OptionalParameter,
            (false, false) => Self::Parameter,
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Parameter | Self::OptionalParameter => 1,
            Self::CatchAll => 2,
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e16_templates_match_as_asp_net_routes() {
        for (template, path, expected) in [
            ("approvals/{id}", "/Approvals/a%2Fb", true),
            ("approvals/{id}", "/approvals", false),
            ("approvals/{id}", "/approvals/a/b", false),
            ("board/{*path}", "/board", true),
            ("board/{*path}", "/board/a/b", true),
            ("board/{*path}", "/boards", false),
            ("order/{id?}", "/order", true),
            ("order/{id?}", "/order/1/2", false),
            ("health", "/health/", true),
        ] {
            assert_eq!(
                RouteTemplate::parse(template).unwrap().matches(path),
                expected,
                "{template} {path}"
            );
        }
    }

    #[test]
    fn e16_a_constraint_is_refused_by_name() {
        let refused = RouteTemplate::parse("order/{id:int}").unwrap_err();
        assert!(
            refused.to_string().starts_with("E16 is not built"),
            "{refused}"
        );
    }
}
