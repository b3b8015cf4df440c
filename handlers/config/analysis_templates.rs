//! `analysisTemplates`: metrics under names, which analyses of rollouts use; Argo Rollouts' fields and defaults.

use promotion::Seconds;
use promotion::analysis::{Against, Count, MetricRule, MetricSpec, NotARule, Provider};
use std::num::NonZeroU32;

use super::condition::{self, Subject};
use super::diagnostics::{Complaint, Read, Reported};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{azure_monitor, http, provider, suggestion};

/// How many measurements one metric may have: a promotion's journal has to hold them.
pub(super) const MOST_MEASUREMENTS: u32 = 10_000;
/// Azure Monitor has one value a minute.
pub(super) const LEAST_INTERVAL: u32 = 60;
const MOST_SAMPLES: u32 = 1_000_000_000;

pub(super) static TEMPLATE: Shape = Shape::new(
    "a metric that analyses name",
    &[
        Key::required(
            "name",
            Holds::Text,
            "its name, unique in this file; analyses name it",
        ),
        Key::required(
            "provider",
            Holds::Mapping(&provider::PROVIDER),
            "where its value comes from",
        ),
        Key::optional(
            "against",
            Holds::Word(&["championRatio", "championDifference"]),
            "`result` is then the candidate's value divided by the champion's over the same minutes, or less the champion's; \
             absent: the candidate's value",
        ),
        Key::optional(
            "successCondition",
            Holds::Text,
            "a CEL expression over `result`, the measured number: where it is true, all is as it should be; this, \
             `failureCondition` or both",
        ),
        Key::optional(
            "failureCondition",
            Holds::Text,
            "a CEL expression over `result`, the measured number: where it is true, the candidate is worse; where neither this \
             nor `successCondition` is true, nobody can tell",
        ),
        Key::optional(
            "interval",
            Holds::Duration {
                least: LEAST_INTERVAL,
            },
            "between two measurements, at least 1m, for Azure Monitor has one value a minute; absent: one measurement",
        ),
        Key::optional(
            "count",
            Holds::Integer {
                least: 0,
                most: MOST_MEASUREMENTS,
            },
            "how many measurements; absent: one, or no end where there is an `interval`; 0: no end",
        ),
        Key::optional(
            "initialDelay",
            Holds::Duration { least: 1 },
            "before the first measurement; absent: the window and 3m, which is also the least; of `http` the window, and less is allowed",
        ),
        Key::default(
            "failureLimit",
            Holds::Limit {
                most: MOST_MEASUREMENTS,
            },
            "0",
            "more failed measurements than this and the rollout goes back; -1: it cannot fail",
        ),
        Key::default(
            "inconclusiveLimit",
            Holds::Integer {
                least: 0,
                most: MOST_MEASUREMENTS,
            },
            "0",
            "more measurements of which nobody can tell than this and a person is asked",
        ),
        Key::default(
            "consecutiveErrorLimit",
            Holds::Integer {
                least: 0,
                most: MOST_MEASUREMENTS,
            },
            "4",
            "more errors of measuring in a row than this and the rollout goes back; after an error it is measured again in 10s",
        ),
        Key::optional(
            "consecutiveSuccessLimit",
            Holds::Integer {
                least: 1,
                most: MOST_MEASUREMENTS,
            },
            "so many successes in a row and it has succeeded; absent: only its count ends it",
        ),
        Key::default(
            "minSamples",
            Holds::Integer {
                least: 1,
                most: MOST_SAMPLES,
            },
            "1",
            "of fewer requests in the window than this nobody can tell",
        ),
        Key::default(
            "dryRun",
            Holds::Flag,
            "false",
            "it is measured and shown, and decides nothing",
        ),
    ],
);

/// The templates as far as they could be read.
pub(super) struct Templates {
    drafts: Read<Vec<TemplateDraft>>,
}

struct TemplateDraft {
    line: u32,
    name: Read<String>,
    template: Read<Template>,
}

/// A metric, and what an analysis has to know of it to change its rule.
pub(super) struct Template {
    /// The metric as it is where nothing is changed.
    pub(super) spec: MetricSpec,
    /// `count` as it is written.
    pub(super) count: Option<u32>,
}

impl Templates {
    /// Reads those of the whole file.
    pub(super) fn read(document: &Reader<'_>) -> Self {
        let drafts = document.optional("analysisTemplates", |field| {
            let drafts = field.list(&[("name", &|reader| Ok(draft(reader)))])?;
            refuse_same_names(&drafts, field)?;
            Ok(drafts)
        });
        Self {
            drafts: drafts.map(Option::unwrap_or_default),
        }
    }

    /// The template that `field` names.
    pub(super) fn named(&self, field: &Field<'_>) -> Read<&Template> {
        let name = field.text()?;
        let drafts = self.drafts.as_ref().map_err(|reported| *reported)?;
        let named = drafts.iter().find(|draft| draft.name() == Some(&name));
        let Some(draft) = named else {
            let complaint = Complaint::new("is no analysis template", help(&name, drafts));
            return Err(field.complain(complaint));
        };
        draft.template.as_ref().map_err(|reported| *reported)
    }
}

impl TemplateDraft {
    fn name(&self) -> Option<&str> {
        self.name.as_deref().ok()
    }
}

/// How many measurements `count` and `interval` come to, as in Argo Rollouts.
pub(super) fn count(written: Option<u32>, interval: Option<Seconds>) -> Count {
    match (written.map(NonZeroU32::new), interval) {
        (Some(Some(times)), _) => Count::Times(times),
        (Some(None), _) | (None, Some(_)) => Count::UntilTheEnd,
        (None, None) => Count::Times(NonZeroU32::MIN),
    }
}

fn help(name: &str, drafts: &[TemplateDraft]) -> String {
    let known = || drafts.iter().filter_map(TemplateDraft::name);
    match suggestion::nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if drafts.is_empty() => "define it under `analysisTemplates`".to_owned(),
        None => format!(
            "define it under `analysisTemplates`, or use one of {}",
            suggestion::listed(known())
        ),
    }
}

fn refuse_same_names(drafts: &[TemplateDraft], field: &Field<'_>) -> Read<()> {
    for (index, later) in drafts.iter().enumerate() {
        let twin =
            |earlier: &&TemplateDraft| earlier.name().is_some() && earlier.name() == later.name();
        if let Some(earlier) = drafts[..index].iter().find(twin) {
            let what = format!(
                "is named `{}` like another one",
                earlier.name().unwrap_or_default()
            );
            let help = format!("rename one of them; the first is in line {}", earlier.line);
            return Err(field.complain_at(index, Complaint::new(what, help)));
        }
    }
    Ok(())
}

fn draft(reader: &Reader<'_>) -> TemplateDraft {
    let name = reader.required("name", |field| field.parse(template_name));
    TemplateDraft {
        line: reader.line_of("name"),
        template: template(reader, name.clone()),
        name,
    }
}

fn template(reader: &Reader<'_>, name: Read<String>) -> Read<Template> {
    let provider = reader.required("provider", |field| field.mapping(provider::read));
    let against = reader.optional("against", |field| field.word(against));
    let success = reader.optional("successCondition", condition);
    let failure = reader.optional("failureCondition", condition);
    let min_samples = reader.required("minSamples", Field::integer);
    let count = reader.optional("count", Field::integer);
    let rule = rule(reader, count, provider.as_ref());
    if let (Ok(Provider::Predictions { .. }), Ok(Some(_))) = (&provider, &against) {
        let what = "stands beside `predictions`, which compare with the champion already";
        return Err(reader.complain("against", Complaint::new(what, "remove it")));
    }
    if let (Ok(Provider::Predictions { requests, .. }), Ok(least)) = (&provider, &min_samples)
        && u64::from(*least) > requests.most()
    {
        let what = format!(
            "is more than the {} requests that are sent",
            requests.most()
        );
        return Err(reader.complain("minSamples", Complaint::new(what, "write at most as many")));
    }
    if let (Ok(provider), Ok(Some(_))) = (&provider, &against)
        && let Some(complaint) = http::not_of_the_champion(provider)
    {
        return Err(reader.complain("against", complaint));
    }
    if let (Ok(Provider::Http(_)), Ok(2..)) = (&provider, &min_samples) {
        let what = "stands beside `http`, whose answer does not say of how many requests it is";
        return Err(reader.complain("minSamples", Complaint::new(what, "remove it")));
    }
    let (success_condition, failure_condition) = (success?, failure?);
    if success_condition.is_none() && failure_condition.is_none() {
        let help = "add `successCondition`, `failureCondition` or both";
        let complaint = Complaint::new("has no condition", help);
        return Err(reader.complain("name", complaint));
    }
    let spec = MetricSpec {
        name: name?,
        provider: provider?,
        against: against?,
        success_condition,
        failure_condition,
        min_samples: min_samples?,
        rule: rule?,
    };
    Ok(Template {
        spec,
        count: count?,
    })
}

fn rule(
    reader: &Reader<'_>,
    written: Read<Option<u32>>,
    provider: Result<&Provider, &Reported>,
) -> Read<MetricRule> {
    let interval = reader.optional("interval", Field::duration);
    let initial_delay = reader.optional("initialDelay", |field| {
        let delay = field.duration()?;
        let provider = provider.map_err(|reported| *reported)?;
        match azure_monitor::too_early(provider, delay) {
            Some(complaint) => Err(field.complain(complaint)),
            None => Ok(delay),
        }
    });
    let failure_limit = reader.required("failureLimit", Field::limit);
    let inconclusive_limit = reader.required("inconclusiveLimit", Field::integer);
    let consecutive_error_limit = reader.required("consecutiveErrorLimit", Field::integer);
    let row = reader.optional("consecutiveSuccessLimit", Field::integer);
    let dry_run = reader.required("dryRun", Field::flag);
    let (written, interval) = (written?, interval?);
    let provider = provider.map_err(|reported| *reported)?;
    let rule = MetricRule {
        interval,
        initial_delay: initial_delay?.unwrap_or_else(|| azure_monitor::least_delay(provider)),
        count: count(written, interval),
        failure_limit: failure_limit?,
        inconclusive_limit: inconclusive_limit?,
        consecutive_error_limit: consecutive_error_limit?,
        consecutive_success_limit: row?.and_then(NonZeroU32::new),
        dry_run: dry_run?,
    };
    rule.checked().map_err(|error| not_a_rule(reader, error))
}

fn not_a_rule(reader: &Reader<'_>, error: NotARule) -> Reported {
    let (key, help) = match error {
        NotARule::CountWithoutInterval => ("count", "add `interval`, or remove `count`"),
        NotARule::EndlessWithoutInterval => ("count", "add `interval`, or remove `count: 0`"),
        NotARule::RowLongerThanCount => (
            "consecutiveSuccessLimit",
            "write at most as many as `count`, or a greater `count`",
        ),
    };
    reader.complain(key, Complaint::new(error.to_string(), help))
}

fn condition(field: &Field<'_>) -> Read<String> {
    field.parse(|text| condition::parse(text, Subject::Measured))
}

fn against(word: &str) -> Option<Against> {
    match word {
        "championRatio" => Some(Against::ChampionRatio),
        "championDifference" => Some(Against::ChampionDifference),
        _ => None,
    }
}

fn template_name(text: &str) -> Result<String, Complaint> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.len() <= 64 && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        let help = "use up to 64 letters, digits, `-` and `_`";
        Err(Complaint::new("is no name for a template", help))
    }
}
