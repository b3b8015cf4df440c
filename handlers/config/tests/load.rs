//! Load tests, as a step.

use promotion::{Collected, CollectedFrom, Requests, Seconds, Step};

use super::sample::{Sample, with_shadow};

const LOAD: &str = "- loadTest: { requests: shadow.jsonl, rate: 20, duration: 30s, successCondition: errorRate < 0.01 && p95 < 250 }";

#[test]
fn it_is_read_with_its_default() {
    let text = with_shadow().replace(", successCondition: errorRate < 0.01 && p95 < 250", "");
    let config = Sample::full().with("liftlock.yaml", &text).check().unwrap();
    let Step::LoadTest(load) = &config.routes[1].route.rollout.steps[0] else {
        panic!("no load test");
    };
    assert_eq!(
        (load.requests.most(), load.rate, load.duration),
        (2, 20, Seconds(30))
    );
    assert_eq!(load.success_condition, "errorRate == 0.0");
    let Step::LoadTest(load) = &config.routes[1].route.rollout.steps[3] else {
        panic!("no second load test");
    };
    let sample = Collected {
        from: CollectedFrom::Champion,
        hours: 48,
        most: 20,
    };
    assert_eq!(load.requests, Requests::Collected(sample));
}

#[test]
fn what_makes_no_sense_is_refused_in_a_sentence() {
    let first = format!(
        "{LOAD}\n        - mirror: 20\n        - analysis: {{ templates: [alike] }}\n        - loadTest: {{ collected: {{ from: champion, hours: 48, most: 20 }}, rate: 5, duration: 10s }}\n        - setWeight: 10"
    );
    let late = format!("- setWeight: 10\n        {LOAD}");
    let many = [LOAD; 6].join("\n        ");
    let cases = [
        ("rate: 20", "rate: 51"),
        ("duration: 30s", "duration: 2m"),
        ("errorRate < 0.01 && p95 < 250", "p95 < limit"),
        ("errorRate < 0.01 && p95 < 250", "1 < 2"),
        ("errorRate < 0.01 && p95 < 250", "p95"),
        (
            "loadTest: { requests: shadow.jsonl",
            "loadTest: { requests: endpoint.yml",
        ),
        (first.as_str(), late.as_str()),
        (LOAD, many.as_str()),
    ];
    let told = cases.map(|(old, new)| {
        let text = with_shadow();
        assert!(text.contains(old), "{old}");
        let sample = Sample::full().with("liftlock.yaml", &text.replace(old, new));
        sample.problems()
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    liftlock.yaml:77: routes[1].rollout.steps[0].loadTest.rate: `51` is more than 50
        help: write a whole number from 1 to 50
    1 problem
    liftlock.yaml:77: routes[1].rollout.steps[0].loadTest.duration: `2m` is more than 60 seconds, which is as long as one call of the app may load
        help: write at most `1m`
    1 problem
    liftlock.yaml:77: routes[1].rollout.steps[0].loadTest.successCondition: `p95 < limit` looks at `limit`, which nothing is called
        help: write CEL over `sent`, `errorRate`, `p50`, `p95`, `p99` in milliseconds and `rate`: `errorRate == 0.0 && p95 < 200`
    1 problem
    liftlock.yaml:77: routes[1].rollout.steps[0].loadTest.successCondition: `1 < 2` does not look at `sent` or `errorRate` or `p50` or `p95` or `p99` or `rate`
        help: write CEL over `sent`, `errorRate`, `p50`, `p95`, `p99` in milliseconds and `rate`: `errorRate == 0.0 && p95 < 200`
    1 problem
    liftlock.yaml:77: routes[1].rollout.steps[0].loadTest.successCondition: `p95` is neither true nor false where they are numbers
        help: write CEL over `sent`, `errorRate`, `p50`, `p95`, `p99` in milliseconds and `rate`: `errorRate == 0.0 && p95 < 200`
    1 problem
    endpoint.yml:1: this is not JSON: expected value at line 1 column 1
        help: write the body of one request a line, like `{"input_data": …}`
    1 problem
    liftlock.yaml:78: routes[1].rollout.steps[1]: loads a candidate that has traffic already, and with it its callers
        help: let it come before the first `setWeight` above 0
    1 problem
    liftlock.yaml:82: routes[1].rollout.steps[5]: is one of more than 5 load tests, and a journal keeps the requests of each
        help: load it once with what it has to bear
    1 problem
    "#);
}
