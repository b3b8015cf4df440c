//! `analysis`, as a step of a rollout and beside the steps: which templates are measured, and when.

use promotion::analysis::{BesideSpec, Count, MetricRule, MetricSpec, NotARule, Provider};
use promotion::{Seconds, Step};

use super::analysis_templates::{LEAST_INTERVAL, MOST_MEASUREMENTS, Template, Templates, count};
use super::diagnostics::{Complaint, Read, Reported};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{azure_monitor, journal_room, predictions};

/// Whether anything is measured beside the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Something is.
    Given,
    /// Nothing is.
    Absent,
}

const TEMPLATES: Key = Key::required(
    "templates",
    Holds::Names,
    "names of `analysisTemplates`, each once: all of them are measured side by side",
);

pub(super) static INLINE: Shape = Shape::new(
    "an analysis",
    &[
        TEMPLATES,
        Key::optional(
            "count",
            Holds::Integer {
                least: 0,
                most: MOST_MEASUREMENTS,
            },
            "how many measurements of each, at least 1; absent: as the templates say, which must have an end",
        ),
        Key::optional(
            "interval",
            Holds::Duration {
                least: LEAST_INTERVAL,
            },
            "between two measurements, at least 1m; absent: as the templates say",
        ),
        Key::optional(
            "initialDelay",
            Holds::Duration { least: 1 },
            "before the first measurement, at least the window and 3m (not of `http`); absent: as the templates say",
        ),
    ],
);

pub(super) static BESIDE: Shape = Shape::new(
    "an analysis beside the steps",
    &[
        TEMPLATES,
        Key::optional(
            "startingStep",
            Holds::Integer {
                least: 0,
                most: 10_000,
            },
            "the step that it begins with, the first being 0; absent: the one after the first weight above 0, which is also the \
             least",
        ),
    ],
);

/// What a step says instead of its templates.
struct Instead {
    count: Option<u32>,
    interval: Option<Seconds>,
    initial_delay: Option<Seconds>,
}

/// An analysis that is a step: it has to come to an end by itself.
pub(super) fn inline(reader: &Reader<'_>, templates: &Templates) -> Read<Vec<MetricSpec>> {
    let instead = instead(reader);
    reader.required("templates", |field| {
        metrics(field, templates, |item, template| {
            let instead = instead.as_ref().map_err(|reported| *reported)?;
            in_a_step(reader, item, template, instead)
        })
    })
}

/// An analysis beside the steps: they bring it to an end. `resume` is how long a pause that has no duration may last.
pub(super) fn beside(
    reader: &Reader<'_>,
    templates: &Templates,
    steps: Read<&[Step]>,
    resume: Read<Seconds>,
) -> Read<BesideSpec> {
    let metrics = reader.required("templates", |field| {
        metrics(field, templates, beside_the_steps)
    });
    let written = reader.optional("startingStep", Field::integer);
    let (metrics, steps) = (metrics?, steps?);
    let starting_step = starting_step(reader, steps, written?)?;
    goes_on(reader, &metrics)?;
    let waits_with_all = steps
        .iter()
        .skip_while(|step| **step != Step::SetWeight(100))
        .skip(1);
    if let Some(metric) = metrics.iter().find(|metric| compares(metric))
        && waits_with_all.count() > 0
    {
        let what = format!(
            "names `{}`, which compares with the champion, and after `setWeight: 100` that has no traffic",
            metric.name
        );
        let help = "compare in an `analysis` step before all of the traffic, and hold what follows against a number";
        return Err(reader.complain("templates", Complaint::new(what, help)));
    }
    let spec = BesideSpec {
        starting_step,
        metrics,
    };
    let fits = journal_room::fits(&spec, &steps[starting_step..], resume?);
    fits.map_err(|complaint| reader.complain("templates", complaint))?;
    Ok(spec)
}

/// Whether it decides by what the champion shows at the same time.
pub(super) fn compares(metric: &MetricSpec) -> bool {
    metric.against.is_some() && !metric.rule.dry_run
}

/// What decides beside the steps is measured as long as they go on, or the last of them would watch nothing.
fn goes_on(reader: &Reader<'_>, metrics: &[MetricSpec]) -> Read<()> {
    let ends = |metric: &&MetricSpec| {
        let rule = &metric.rule;
        let ends = rule.count != Count::UntilTheEnd || rule.consecutive_success_limit.is_some();
        ends && !rule.dry_run
    };
    let Some(metric) = metrics.iter().find(ends) else {
        return Ok(());
    };
    let what = format!(
        "names `{}`, which comes to an end before the steps do",
        metric.name
    );
    let help = "give the template an `interval`, and neither `count` nor `consecutiveSuccessLimit`; steps may have a `count` of their own";
    Err(reader.complain("templates", Complaint::new(what, help)))
}

fn beside_the_steps(item: &Field<'_>, template: &Template) -> Read<MetricSpec> {
    match template.spec.provider {
        Provider::Platform { .. } | Provider::Http(_) => Ok(template.spec.clone()),
        Provider::Predictions { .. } => {
            let what = "compares predictions, and each comparison sends all its requests";
            let help = "name it in an `analysis` step instead";
            Err(item.complain(Complaint::new(what, help)))
        }
    }
}

fn instead(reader: &Reader<'_>) -> Read<Instead> {
    let count = reader.optional("count", Field::integer);
    let interval = reader.optional("interval", Field::duration);
    let initial_delay = reader.optional("initialDelay", Field::duration);
    Ok(Instead {
        count: count?,
        interval: interval?,
        initial_delay: initial_delay?,
    })
}

/// What `of` makes of each template that is named, none twice.
fn metrics(
    field: &Field<'_>,
    templates: &Templates,
    of: impl Fn(&Field<'_>, &Template) -> Read<MetricSpec>,
) -> Read<Vec<MetricSpec>> {
    let metrics = field.names(|item| of(item, templates.named(item)?))?;
    for (index, metric) in metrics.iter().enumerate() {
        if metrics[..index]
            .iter()
            .any(|other| other.name == metric.name)
        {
            let what = format!("names `{}` once more", metric.name);
            let complaint = Complaint::new(what, "name each template once");
            return Err(field.complain_at(index, complaint));
        }
    }
    Ok(metrics)
}

fn in_a_step(
    reader: &Reader<'_>,
    item: &Field<'_>,
    template: &Template,
    instead: &Instead,
) -> Read<MetricSpec> {
    let metric = &template.spec;
    let interval = instead.interval.or(metric.rule.interval);
    let rule = MetricRule {
        interval,
        count: count(instead.count.or(template.count), interval),
        initial_delay: instead.initial_delay.unwrap_or(metric.rule.initial_delay),
        ..metric.rule.clone()
    };
    match (rule.count, instead.count) {
        (Count::Times(_), _) => {}
        (Count::UntilTheEnd, Some(_)) => {
            let what = "is 0, and an analysis step needs a count: nothing else ends it";
            let help = "write how many measurements, like `count: 5`, or leave the step out";
            return Err(reader.complain("count", Complaint::new(what, help)));
        }
        (Count::UntilTheEnd, None) => {
            let what = "has no end, and an analysis step needs a count: nothing else ends it";
            let help = "add `count` to this step, like `count: 5`, or to the template";
            return Err(item.complain(Complaint::new(what, help)));
        }
    }
    if let Some(Complaint { what, help }) =
        azure_monitor::too_early(&metric.provider, rule.initial_delay)
    {
        let complaint = Complaint::new(format!("of `{}` {what}", metric.name), help);
        return Err(reader.complain("initialDelay", complaint));
    }
    let rule = rule
        .checked()
        .map_err(|error| not_a_rule(reader, &metric.name, error))?;
    if let Count::Times(times) = rule.count
        && let Some(complaint) = predictions::too_many(&metric.provider, times.get())
    {
        return Err(reader.complain("count", complaint));
    }
    Ok(MetricSpec {
        rule,
        ..metric.clone()
    })
}

/// The template's own rule is sound, so it is this step's count that does not go with it.
fn not_a_rule(reader: &Reader<'_>, name: &str, error: NotARule) -> Reported {
    let help = match error {
        NotARule::CountWithoutInterval | NotARule::EndlessWithoutInterval => {
            "add `interval` to this step, or to the template"
        }
        NotARule::RowLongerThanCount => "write a greater `count`",
    };
    let complaint = Complaint::new(format!("with `{name}`: {error}"), help);
    reader.complain("count", complaint)
}

fn starting_step(reader: &Reader<'_>, steps: &[Step], written: Option<u32>) -> Read<usize> {
    let has_traffic = |step: &Step| matches!(step, Step::SetWeight(1..));
    let first = steps
        .iter()
        .position(has_traffic)
        .map_or(0, |step| step + 1);
    let last = steps.len().saturating_sub(1);
    let bake = steps.iter().position(|step| matches!(step, Step::Bake(_)));
    let refuse = |what: String, help: String| {
        Err(reader.complain("startingStep", Complaint::new(what, help)))
    };
    if first > last {
        let what = "no step follows the first weight above 0, so nothing would be measured";
        let help = "add a pause, a bake or another weight to the steps, or remove `analysis`";
        return Err(reader.complain("templates", Complaint::new(what, help)));
    }
    let Some(written) = written else {
        return Ok(first);
    };
    let step = usize::try_from(written).unwrap_or(usize::MAX);
    if step < first {
        let what = format!("is {step}, and before step {first} there is no traffic to measure");
        refuse(what, format!("write at least {first}; the first step is 0"))
    } else if step > last {
        let what = format!("is {step}, and the last step is {last}");
        refuse(what, format!("write at most {last}; the first step is 0"))
    } else if let Some(bake) = bake.filter(|bake| *bake < step) {
        let what = format!("is {step}, and the bake in step {bake} would watch nothing");
        refuse(what, format!("write at most {bake}; the first step is 0"))
    } else {
        Ok(step)
    }
}
