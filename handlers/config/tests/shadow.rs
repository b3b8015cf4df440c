//! Candidates that are asked before they have traffic.

use promotion::analysis::{Comparison, Count, Provider};
use promotion::{Requests, Step};

use super::sample::{Sample, with_shadow};

const MIRROR: &str = "- mirror: 20\n        - analysis: { templates: [alike] }\n";

fn shadowed() -> Sample {
    Sample::full().with("liftlock.yaml", &with_shadow())
}

#[test]
fn requests_are_copied_and_predictions_compared_before_any_traffic() {
    let config = shadowed().check().unwrap();
    let steps = &config.routes[1].route.rollout.steps;
    assert_eq!(steps[1], Step::Mirror(20));
    let Step::Analysis(metrics) = &steps[2] else {
        panic!("{steps:?}");
    };
    let Provider::Predictions {
        requests: Requests::Given(requests),
        comparison,
    } = &metrics[0].provider
    else {
        panic!("{metrics:?}");
    };
    assert_eq!(requests.len(), 2, "an empty line is none");
    assert_eq!(*comparison, Comparison::Agreement { tolerance: 0.01 });
    let rule = &metrics[0].rule;
    assert_eq!(
        (rule.count, rule.initial_delay.0),
        (Count::Times(1.try_into().unwrap()), 0)
    );
}

#[test]
fn what_makes_no_sense_is_refused_in_a_sentence() {
    let cases = [
        (MIRROR, "- setWeight: 5\n        - mirror: 20\n"),
        ("- mirror: 20", "- mirror: 60"),
        (
            "- mirror: 20\n        - analysis: { templates: [alike] }",
            "- analysis: { templates: [error-rate], count: 1 }",
        ),
        (
            "analysis: { templates: [error-rate, latency], startingStep: 5 }",
            "analysis: { templates: [alike] }",
        ),
        ("compare: agreement", "compare: everything"),
        (
            "successCondition: result > 0.9",
            "minSamples: 3\n    successCondition: result > 0.9",
        ),
        ("tolerance: 0.01", "tolerance: 1.5"),
        ("requests: shadow.jsonl", "requests: endpoint.yml"),
        (
            "successCondition: result > 0.9",
            "against: championRatio\n    successCondition: result > 0.9",
        ),
        (
            "provider: { predictions: {",
            "provider: { azureMonitor: { metric: RequestLatency }, predictions: {",
        ),
        (
            "{ predictions: { requests: shadow.jsonl, compare: agreement, tolerance: 0.01 } }",
            "{}",
        ),
    ];
    let told = cases.map(|(old, new)| {
        let text = with_shadow();
        assert!(text.contains(old), "{old}");
        let sample = Sample::full().with("liftlock.yaml", &text.replace(old, new));
        let problems = sample.check().unwrap_err().to_string();
        let folder = sample.path().parent().unwrap().display().to_string();
        problems.replace(&format!("{folder}/"), "")
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    liftlock.yaml:79: routes[1].rollout.steps[2]: copies requests to a candidate that has traffic already
        help: let it come before the first `setWeight` above 0
    1 problem
    liftlock.yaml:78: routes[1].rollout.steps[1].mirror: `60` is more than 50
        help: write a whole number from 1 to 50
    1 problem
    liftlock.yaml:78: routes[1].rollout.steps[1]: measures a candidate that has no traffic yet
        help: let a `mirror` or a `setWeight` above 0 come before it, or compare predictions
    1 problem
    liftlock.yaml:86: routes[1].rollout.analysis.templates[0]: `alike` compares predictions, and each comparison sends all its requests
        help: name it in an `analysis` step instead
    1 problem
    liftlock.yaml:115: analysisTemplates[2].provider.predictions.compare: `everything` is not known here
        help: write one of `agreement`, `meanDifference`, `maxDifference`, `stabilityIndex`
    1 problem
    liftlock.yaml:116: analysisTemplates[2].minSamples: is more than the 2 requests that are sent
        help: write at most as many
    1 problem
    liftlock.yaml:115: analysisTemplates[2].provider.predictions.tolerance: `1.5` is no share
        help: write a number from 0 to below 1
    1 problem
    endpoint.yml:1: this is not JSON: expected value at line 1 column 1
        help: write the body of one request a line, like `{"input_data": …}`
    1 problem
    liftlock.yaml:116: analysisTemplates[2].against: stands beside `predictions`, which compare with the champion already
        help: remove it
    1 problem
    liftlock.yaml:115: analysisTemplates[2].provider.predictions: stands beside another provider
        help: write two templates, each with one
    liftlock.yaml:121: analysisTemplates[4].provider.predictions: stands beside another provider
        help: write two templates, each with one
    2 problems
    liftlock.yaml:115: analysisTemplates[2].provider.azureMonitor: names no provider
        help: write `azureMonitor`, `predictions` or `http`
    1 problem
    "#);
}
