//! Analyses: what they resolve to, and the sentence of each that is refused.

use promotion::analysis::{
    Against, BesideSpec, Count, MetricRule, MetricSpec, Provider, Quantile, Reading,
};
use promotion::{RolloutSpec, Seconds, Step};
use std::num::NonZeroU32;

use super::sample::{FULL, Sample};
use super::sentences::reports;

const ERRORS: &str = "{ azureMonitor: { metric: RequestsPerMinute, ratioOf: { statusCodeClass: 5xx }, window: 4m } }";
const LATENCY: &str = "{ azureMonitor: { metric: RequestLatency_P95 } }";
const INLINE: &str =
    "- analysis: { templates: [error-rate], count: 5, interval: 2m, initialDelay: 9m }";
const BESIDE: &str = "analysis: { templates: [error-rate, latency], startingStep: 1 }";
const STEPS: &str = "        - setWeight: 10
        - pause: { duration: 10m }
        - analysis: { templates: [error-rate], count: 5, interval: 2m, initialDelay: 9m }
        - setWeight: 100
        - bake: { duration: 1h }
";

/// `error-rate` of the full sample, as its template says.
pub(super) fn errors() -> MetricSpec {
    MetricSpec {
        name: "error-rate".to_owned(),
        provider: Provider::Platform {
            reading: Reading::ShareOf {
                status_class: "5xx".to_owned(),
            },
            window: Seconds(240),
        },
        against: None,
        success_condition: Some("result < 0.01".to_owned()),
        failure_condition: Some("result > 0.05".to_owned()),
        min_samples: 100,
        rule: MetricRule {
            initial_delay: Seconds(420),
            ..MetricRule::every(Seconds(60))
        },
    }
}

/// The same as the full sample's step says.
pub(super) fn errors_in_a_step() -> MetricSpec {
    MetricSpec {
        rule: MetricRule {
            interval: Some(Seconds(120)),
            initial_delay: Seconds(540),
            count: times(5),
            ..MetricRule::once()
        },
        ..errors()
    }
}

/// `latency` of the full sample.
pub(super) fn latency() -> MetricSpec {
    MetricSpec {
        name: "latency".to_owned(),
        provider: Provider::Platform {
            reading: Reading::Latency(Quantile::P95),
            window: Seconds(300),
        },
        against: Some(Against::ChampionRatio),
        success_condition: None,
        failure_condition: Some("result > 1.2".to_owned()),
        min_samples: 1,
        rule: MetricRule {
            interval: Some(Seconds(300)),
            initial_delay: Seconds(900),
            count: times(6),
            failure_limit: None,
            inconclusive_limit: 3,
            consecutive_error_limit: 2,
            consecutive_success_limit: NonZeroU32::new(5),
            dry_run: true,
        },
    }
}

fn times(number: u32) -> Count {
    Count::Times(NonZeroU32::new(number).unwrap())
}

/// The rollout of the full sample with one change.
fn rollout(old: &str, new: &str) -> RolloutSpec {
    let config = Sample::full().changed(old, new).check();
    config.unwrap().routes[0].route.rollout.clone()
}

/// The first metric beside the steps, where `error-rate` is provided by `provider`.
fn reading(provider: &str) -> Provider {
    let beside = rollout(ERRORS, provider).beside.unwrap();
    beside.metrics[0].provider.clone()
}

#[test]
fn every_metric_of_azures_is_a_reading() {
    let latency = |quantile| Reading::Latency(quantile);
    for (metric, reads) in [
        ("RequestsPerMinute", Reading::Requests),
        ("RequestLatency", latency(Quantile::Mean)),
        ("RequestLatency_P50", latency(Quantile::P50)),
        ("RequestLatency_P90", latency(Quantile::P90)),
        ("RequestLatency_P95", latency(Quantile::P95)),
        ("RequestLatency_P99", latency(Quantile::P99)),
    ] {
        let provider = format!("{{ azureMonitor: {{ metric: {metric} }} }}");
        let window = Seconds(300);
        assert_eq!(
            reading(&provider),
            Provider::Platform {
                reading: reads,
                window
            }
        );
    }
    for class in ["2xx", "3xx", "4xx", "5xx"] {
        let provider = ERRORS.replace("5xx", class);
        let status_class = class.to_owned();
        let window = Seconds(240);
        assert_eq!(
            reading(&provider),
            Provider::Platform {
                reading: Reading::ShareOf { status_class },
                window
            }
        );
    }
}

/// Argo Rollouts' defaults: one measurement without an interval, no end with one, and a count of 0 is no end.
#[test]
fn how_often_is_as_argo_has_it() {
    let rule = |old: &str, new: &str| {
        let beside = rollout(old, new).beside.unwrap();
        let rule = &beside.metrics[0].rule;
        (rule.interval, rule.count)
    };
    // A dry run may end before the steps do.
    let dry = "    dryRun: true\n";
    assert_eq!(rule("    interval: 60s\n", dry), (None, times(1)));
    let minute = Some(Seconds(60));
    for (written, count) in [
        ("interval: 60s", Count::UntilTheEnd),
        ("interval: 60s\n    count: 0", Count::UntilTheEnd),
        ("interval: 60s\n    count: 1", times(1)),
        ("interval: 60s\n    count: 7", times(7)),
    ] {
        let written = format!("    {written}\n{dry}");
        assert_eq!(
            rule("    interval: 60s\n", &written),
            (minute, count),
            "{written}"
        );
    }
}

#[test]
fn what_a_step_does_not_say_its_template_does() {
    let measured = |written: &str| match rollout(INLINE, written).steps.remove(2) {
        Step::Analysis(metrics) => metrics,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        measured("- analysis: { templates: [latency] }"),
        [latency()]
    );
    let both = measured("- analysis: { templates: [latency, error-rate], count: 5 }");
    let count = times(5);
    let errors = errors();
    let rule = MetricRule {
        count,
        ..errors.rule.clone()
    };
    let latency = latency();
    let slower = MetricRule {
        count,
        ..latency.rule.clone()
    };
    assert_eq!(
        both,
        [
            MetricSpec {
                rule: slower,
                ..latency
            },
            MetricSpec { rule, ..errors }
        ]
    );
}

#[test]
fn beside_the_steps_it_begins_after_the_first_weight() {
    let bare = "analysis: { templates: [latency] }";
    let began = |steps: &str| {
        let sample = Sample::full().changed(BESIDE, bare).changed(STEPS, steps);
        let beside = sample.check().unwrap().routes[0]
            .route
            .rollout
            .beside
            .clone();
        let BesideSpec { starting_step, .. } = beside.unwrap();
        starting_step
    };
    assert_eq!(began(STEPS), 1);
    let later = "        - setWeight: 0\n        - pause: {}\n";
    assert_eq!(began(&format!("{later}{STEPS}")), 3);
    assert_eq!(
        began("        - setWeight: 100\n        - bake: { duration: 1h }\n"),
        1
    );
}

/// Beside the steps it is measured as long as they go on, and compared as long as there is a champion.
#[test]
fn what_would_watch_nothing_is_refused() {
    let deciding = |template: &str| {
        let sample = Sample::full().changed("    dryRun: true\n", "");
        sample.changed("    count: 6\n", template).problems()
    };
    let compared = "- analysis: { templates: [latency] }\n        - setWeight: 100";
    let late = "- setWeight: 100\n        - analysis: { templates: [latency] }";
    let in_a_step = |written: &str| {
        let sample = Sample::full().changed(BESIDE, "analysis: { templates: [error-rate] }");
        let sample = sample.changed("    dryRun: true\n", "");
        sample.changed("- setWeight: 100", written).problems()
    };
    let ends = deciding("    count: 6\n");
    let alike = deciding("").replace("consecutiveSuccessLimit: 5\n", "");
    assert_eq!(in_a_step(compared), "no problems");
    insta::assert_snapshot!([ends, alike, in_a_step(late)].join("\n"), @"
    liftlock.yaml:44: routes[0].rollout.analysis.templates: names `latency`, which comes to an end before the steps do
        help: give the template an `interval`, and neither `count` nor `consecutiveSuccessLimit`; steps may have a `count` of their own
    1 problem
    liftlock.yaml:44: routes[0].rollout.analysis.templates: names `latency`, which comes to an end before the steps do
        help: give the template an `interval`, and neither `count` nor `consecutiveSuccessLimit`; steps may have a `count` of their own
    1 problem
    liftlock.yaml:43: routes[0].rollout.steps[4]: compares with a champion that has no traffic any more
        help: let it come before `setWeight: 100`, or hold the candidate against a number
    1 problem
    ");
}

#[test]
fn after_the_last_weight_it_may_be_measured_and_waited() {
    let after = "- bake: { duration: 1h }\n        - pause: {}\n        - analysis: { templates: [latency] }";
    assert_eq!(rollout("- bake: { duration: 1h }", after).steps.len(), 7);
}

#[test]
fn a_template_that_nobody_names_is_none_of_anybodys_business() {
    let sample = Sample::full()
        .changed("        - bake: { duration: 1h }\n", "")
        .changed(&format!("        {INLINE}\n"), "")
        .changed(&format!("      {BESIDE}\n"), "");
    assert_eq!(sample.check().unwrap().routes[0].route.rollout.beside, None);
}

#[test]
fn templates() {
    let latency = "  - name: latency\n";
    let reports = reports(&[
        (latency, "  - name: error-rate\n"),
        (latency, "  - name: p 95\n"),
        (
            "    successCondition: result < 0.01\n    failureCondition: result > 0.05\n",
            "",
        ),
        ("result < 0.01", "result <"),
        ("result < 0.01", "1 < 2"),
        ("result < 0.01", "result"),
        ("result < 0.01", "size(result) == 2"),
        ("result < 0.01", "result < least"),
        ("against: championRatio", "against: champion"),
        ("    interval: 60s\n", "    interval: 30s\n"),
        ("    interval: 5m\n", ""),
        ("    interval: 5m\n    count: 6\n", "    count: 0\n"),
        ("consecutiveSuccessLimit: 5", "consecutiveSuccessLimit: 7"),
        ("consecutiveSuccessLimit: 5", "consecutiveSuccessLimit: 0"),
        ("initialDelay: 15m", "initialDelay: 7m"),
        ("failureLimit: -1", "failureLimit: -2"),
        ("inconclusiveLimit: 3", "inconclusiveLimit: -1"),
        ("minSamples: 100", "minSamples: 0"),
        ("minSamples: 100", "minSample: 100"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:57: analysisTemplates[1]: is named `error-rate` like another one
        help: rename one of them; the first is in line 51
    liftlock.yaml:44: routes[0].rollout.analysis.templates[1]: `latency` is no analysis template
        help: define it under `analysisTemplates`, or use one of `error-rate`
    liftlock.yaml:57: analysisTemplates[1].name: `p 95` is no name for a template
        help: use up to 64 letters, digits, `-` and `_`
    2 problemsliftlock.yaml:51: analysisTemplates[0].name: has no condition
        help: add `successCondition`, `failureCondition` or both
    liftlock.yaml:53: analysisTemplates[0].successCondition: `result <` is no CEL expression: column 9: Syntax error: mismatched input '<EOF>'
        help: write CEL over `result`, the measured number: `result < 0.01`
    liftlock.yaml:53: analysisTemplates[0].successCondition: `1 < 2` does not look at `result`
        help: write CEL over `result`, the measured number: `result < 0.01`
    liftlock.yaml:53: analysisTemplates[0].successCondition: `result` is neither true nor false where `result` is a number
        help: write CEL over `result`, the measured number: `result < 0.01`
    liftlock.yaml:53: analysisTemplates[0].successCondition: `size(result) == 2` cannot be told where `result` is a number: found no matching overload for 'size' applied to '(double)'
        help: write CEL over `result`, the measured number: `result < 0.01`
    liftlock.yaml:53: analysisTemplates[0].successCondition: `result < least` looks at `least`, which nothing is called
        help: write CEL over `result`, the measured number: `result < 0.01`
    liftlock.yaml:59: analysisTemplates[1].against: `champion` is not known here
        help: write one of `championRatio`, `championDifference`
    liftlock.yaml:55: analysisTemplates[0].interval: `30s` is less than 1m
        help: write at least `1m`
    liftlock.yaml:61: analysisTemplates[1].count: `count` of more than 1 needs an `interval`
        help: add `interval`, or remove `count`
    liftlock.yaml:61: analysisTemplates[1].count: a metric without an end needs an `interval`
        help: add `interval`, or remove `count: 0`
    liftlock.yaml:67: analysisTemplates[1].consecutiveSuccessLimit: `consecutiveSuccessLimit` is greater than `count`: it could not be reached
        help: write at most as many as `count`, or a greater `count`
    liftlock.yaml:67: analysisTemplates[1].consecutiveSuccessLimit: `0` is less than 1
        help: write a whole number from 1 to 10000
    liftlock.yaml:63: analysisTemplates[1].initialDelay: `7m` is too early: the first `window`, 5m, must have closed and settled
        help: write at least `8m`, or remove it
    liftlock.yaml:64: analysisTemplates[1].failureLimit: `-2` is no limit
        help: write a whole number from 0 to 10000, or -1 for no limit
    liftlock.yaml:65: analysisTemplates[1].inconclusiveLimit: `-1` is no whole number
        help: write a whole number from 0 to 10000
    liftlock.yaml:56: analysisTemplates[0].minSamples: `0` is less than 1
        help: write a whole number from 1 to 1000000000
    liftlock.yaml:56: analysisTemplates[0]: unknown key `minSample`
        help: did you mean `minSamples`?
    ");
}

#[test]
fn providers() {
    let reports = reports(&[
        (
            LATENCY,
            "{ azureMonitor: { metric: RequestLatency_P95, ratioOf: { statusCodeClass: 5xx } } }",
        ),
        (LATENCY, "{ azureMonitor: { metric: RequestLatencyP95 } }"),
        (LATENCY, "{ azureMonitor: { metric: CpuUtilization } }"),
        (
            LATENCY,
            "{ azureMonitor: { metric: RequestLatency, window: 2m } }",
        ),
        (
            LATENCY,
            "{ azureMonitor: { metric: RequestLatency, window: 61m } }",
        ),
        (
            LATENCY,
            "{ azureMonitor: { metric: RequestLatency, window: 200s } }",
        ),
        (LATENCY, "{ web: { url: https://example.com } }"),
        ("statusCodeClass: 5xx", "statusCodeClass: 500"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:58: analysisTemplates[1].provider.azureMonitor.ratioOf: takes a share of a latency, and only requests have shares
        help: remove `ratioOf`, or write `metric: RequestsPerMinute`
    liftlock.yaml:58: analysisTemplates[1].provider.azureMonitor.metric: `RequestLatencyP95` is not known here
        help: did you mean `RequestLatency_P95`?
    liftlock.yaml:58: analysisTemplates[1].provider.azureMonitor.metric: `CpuUtilization` is not known here
        help: write one of `RequestsPerMinute`, `RequestLatency`, `RequestLatency_P50`, `RequestLatency_P90`, `RequestLatency_P95`, `RequestLatency_P99`
    liftlock.yaml:58: analysisTemplates[1].provider.azureMonitor.window: `2m` is less than 3m
        help: write at least `3m`
    liftlock.yaml:58: analysisTemplates[1].provider.azureMonitor.window: `61m` is more than 1h
        help: write whole minutes from `3m` to `1h`
    liftlock.yaml:58: analysisTemplates[1].provider.azureMonitor.window: `200s` is not in whole minutes, and Azure has no others
        help: write `4m`
    liftlock.yaml:58: analysisTemplates[1].provider: unknown key `web`
        help: the keys here are `azureMonitor`, `predictions`, `http`
    liftlock.yaml:58: analysisTemplates[1].provider.azureMonitor: names no provider
        help: write `azureMonitor`, `predictions` or `http`
    2 problemsliftlock.yaml:52: analysisTemplates[0].provider.azureMonitor.ratioOf.statusCodeClass: `500` is not known here
        help: write one of `2xx`, `3xx`, `4xx`, `5xx`
    ");
}

#[test]
fn analyses_in_steps() {
    let reports = reports(&[
        ("templates: [error-rate]", "templates: [eror-rate]"),
        ("templates: [error-rate]", "templates: [throughput]"),
        (
            "templates: [error-rate]",
            "templates: [error-rate, error-rate]",
        ),
        ("templates: [error-rate]", "templates: []"),
        ("templates: [error-rate]", "templates: error-rate"),
        (
            "templates: [error-rate]",
            "templates: [{ name: error-rate }]",
        ),
        ("count: 5, interval: 2m", "interval: 2m"),
        ("count: 5, interval: 2m", "count: 0"),
        ("initialDelay: 9m", "initialDelay: 6m"),
        ("interval: 2m", "interval: 50s"),
        (
            "    interval: 60s\n",
            "    interval: 60s\n    consecutiveSuccessLimit: 6\n",
        ),
        ("- setWeight: 10\n", "- setWeight: 0\n"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates[0]: `eror-rate` is no analysis template
        help: did you mean `error-rate`?
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates[0]: `throughput` is no analysis template
        help: define it under `analysisTemplates`, or use one of `error-rate`, `latency`
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates[1]: names `error-rate` once more
        help: name each template once
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates: is an empty list
        help: write names of `analysisTemplates`, each once: all of them are measured side by side
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates: `error-rate` is no list
        help: write a list: lines that begin with `- `
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates[0]: is a mapping, not a text
        help: write names of `analysisTemplates`, each once: all of them are measured side by side
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates[0]: `error-rate` has no end, and an analysis step needs a count: nothing else ends it
        help: add `count` to this step, like `count: 5`, or to the template
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.count: is 0, and an analysis step needs a count: nothing else ends it
        help: write how many measurements, like `count: 5`, or leave the step out
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.initialDelay: of `error-rate` is too early: the first `window`, 4m, must have closed and settled
        help: write at least `7m`, or remove it
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.interval: `50s` is less than 1m
        help: write at least `1m`
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.count: with `error-rate`: `consecutiveSuccessLimit` is greater than `count`: it could not be reached
        help: write a greater `count`
    liftlock.yaml:41: routes[0].rollout.steps[2]: measures a candidate that has no traffic yet
        help: let a `mirror` or a `setWeight` above 0 come before it, or compare predictions
    ");
    let once = Sample::full()
        .changed("    interval: 60s\n", "")
        .changed("count: 5, interval: 2m", "count: 5");
    insta::assert_snapshot!(once.problems(), @"
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.count: with `error-rate`: `count` of more than 1 needs an `interval`
        help: add `interval` to this step, or to the template
    1 problem
    ");
}

#[test]
fn analyses_beside_the_steps() {
    let reports = reports(&[
        (
            "templates: [error-rate, latency]",
            "templates: [error-rate, latencies]",
        ),
        (
            "templates: [error-rate, latency]",
            "templates: [latency, latency]",
        ),
        ("startingStep: 1", "startingStep: 0"),
        ("startingStep: 1", "startingStep: 5"),
        ("startingStep: 1 }", "startingStep: 1, count: 5 }"),
        (
            "- bake: { duration: 1h }\n",
            "- bake: { duration: 1h }\n        - pause: {}\n        - bake: { duration: 365d }\n",
        ),
        (STEPS, "        - setWeight: 100\n"),
        (STEPS, "        - pause: {}\n"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:44: routes[0].rollout.analysis.templates[1]: `latencies` is no analysis template
        help: define it under `analysisTemplates`, or use one of `error-rate`, `latency`
    liftlock.yaml:44: routes[0].rollout.analysis.templates[1]: names `latency` once more
        help: name each template once
    liftlock.yaml:44: routes[0].rollout.analysis.startingStep: is 0, and before step 1 there is no traffic to measure
        help: write at least 1; the first step is 0
    liftlock.yaml:44: routes[0].rollout.analysis.startingStep: is 5, and the last step is 4
        help: write at most 4; the first step is 0
    liftlock.yaml:44: routes[0].rollout.analysis: unknown key `count`
        help: the keys here are `templates`, `startingStep`
    liftlock.yaml:46: routes[0].rollout.analysis.templates: would be measured 530013 times in the 8834h that the steps may take, and a journal has room for 10000
        help: write at least `interval: 107m` in these templates, or let the steps take less: a pause without a duration may take as long as `deadlines.resume`
    liftlock.yaml:40: routes[0].rollout.analysis.templates: no step follows the first weight above 0, so nothing would be measured
        help: add a pause, a bake or another weight to the steps, or remove `analysis`
    liftlock.yaml:39: routes[0].rollout.steps[0]: is the last step, and none is `setWeight: 100`
        help: let the rollout end with all of the traffic
    ");
    let after = Sample::full()
        .changed("startingStep: 1", "startingStep: 5")
        .changed(
            "- bake: { duration: 1h }\n",
            "- bake: { duration: 1h }\n        - pause: { duration: 1h }\n",
        );
    insta::assert_snapshot!(after.problems(), @"
    liftlock.yaml:45: routes[0].rollout.analysis.startingStep: is 5, and the bake in step 4 would watch nothing
        help: write at most 4; the first step is 0
    1 problem
    ");
}

#[test]
fn bakes() {
    let reports = reports(&[
        ("- bake: { duration: 1h }", "- bake: {}"),
        ("- pause: { duration: 10m }", "- bake: { duration: 10m }"),
        (&format!("      {BESIDE}\n"), ""),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:43: routes[0].rollout.steps[4].bake: `duration` is missing
        help: add it: how long to wait
    liftlock.yaml:40: routes[0].rollout.steps[1]: is a bake before all of the traffic is the candidate's
        help: let it come after `setWeight: 100`, or write `pause`
    liftlock.yaml:43: routes[0].rollout.steps[4]: is a bake without `rollout.analysis`, which watches nothing
        help: add `analysis` beside `steps`, or write `pause`
    ");
}

#[test]
fn a_name_without_any_template() {
    let (text, _) = FULL.split_once("analysisTemplates:\n").unwrap();
    let text = text.replace("[error-rate, latency]", "[latency]");
    let sample = Sample::full().with("liftlock.yaml", &text);
    insta::assert_snapshot!(sample.problems(), @"
    liftlock.yaml:41: routes[0].rollout.steps[2].analysis.templates[0]: `error-rate` is no analysis template
        help: define it under `analysisTemplates`
    liftlock.yaml:44: routes[0].rollout.analysis.templates[0]: `latency` is no analysis template
        help: define it under `analysisTemplates`
    2 problems
    ");
}

/// A pause until resumed counts as `deadlines.resume`; each metric takes its room.
#[test]
fn no_more_measurements_than_a_journal_holds() {
    let sample = |resume: &str, other: &str| {
        let bare = "analysis: { templates: [error-rate, other] }";
        let template = format!(
            "analysisTemplates:\n  - name: other\n    provider: {ERRORS}\n    successCondition: result < 1\n{other}"
        );
        Sample::full()
            .changed(BESIDE, bare)
            .changed("- pause: { duration: 10m }", "- pause: {}")
            .changed("resume: 3d", &format!("resume: {resume}"))
            .changed("analysisTemplates:\n", &template)
            .problems()
    };
    let other = "    interval: 60s\n";
    assert_eq!(sample("3d", other), "no problems");
    insta::assert_snapshot!(sample("7d", other), @"
    liftlock.yaml:44: routes[0].rollout.analysis.templates: would be measured 20314 times in the 170h that the steps may take, and a journal has room for 10000
        help: write at least `interval: 3m` in these templates, or let the steps take less: a pause without a duration may take as long as `deadlines.resume`
    1 problem
    ");
    let seldom = "    interval: 60s\n    count: 60\n    dryRun: true\n";
    assert_eq!(sample("6d", seldom), "no problems");
}

#[test]
fn what_is_wrong_with_a_template_is_told_once() {
    let sample = Sample::full().changed("result < 0.01", "results < 0.01");
    insta::assert_snapshot!(sample.problems(), @"
    liftlock.yaml:53: analysisTemplates[0].successCondition: `results < 0.01` does not look at `result`
        help: write CEL over `result`, the measured number: `result < 0.01`
    1 problem
    ");
    let unreadable = Sample::full().changed(
        "  - name: error-rate\n",
        "  - error-rate\n  - name: error-rate\n",
    );
    insta::assert_snapshot!(unreadable.problems(), @"
    liftlock.yaml:51: analysisTemplates[0]: is a text, not a mapping
        help: its keys are `name`, `provider`, `against`, `successCondition`, `failureCondition`, `interval`, `count`, `initialDelay`, `failureLimit`, `inconclusiveLimit`, `consecutiveErrorLimit`, `consecutiveSuccessLimit`, `minSamples`, `dryRun`
    1 problem
    ");
}
