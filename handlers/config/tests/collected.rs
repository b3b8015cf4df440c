//! Requests that callers have sent, in place of a file.

use super::sample::{Sample, with_shadow};

#[test]
fn what_makes_no_sense_is_refused_in_a_sentence() {
    let cases = [
        (
            "{ requests: shadow.jsonl, compare: agreement",
            "{ compare: agreement",
        ),
        (
            "{ collected: { from: champion, hours: 12",
            "{ requests: shadow.jsonl, collected: { hours: 12",
        ),
        ("from: champion, hours: 12", "from: candidate, hours: 12"),
        ("hours: 12, most: 30", "hours: 169, most: 101"),
        (
            "successCondition: result < 0.25",
            "minSamples: 31\n    successCondition: result < 0.25",
        ),
    ];
    let told = cases.map(|(old, new)| {
        let text = with_shadow();
        assert!(text.contains(old), "{old}");
        let sample = Sample::full().with("liftlock.yaml", &text.replace(old, new));
        sample.problems()
    });
    insta::assert_snapshot!(told.join("\n"), @"
    liftlock.yaml:115: analysisTemplates[2].provider.predictions.requests: is missing, and so is `collected`
        help: write `requests` or `collected`
    1 problem
    liftlock.yaml:121: analysisTemplates[4].provider.predictions.collected: stands beside `requests`
        help: remove one of the two
    1 problem
    liftlock.yaml:121: analysisTemplates[4].provider.predictions.collected.from: `candidate` is not known here
        help: write one of `champion`
    1 problem
    liftlock.yaml:121: analysisTemplates[4].provider.predictions.collected.hours: `169` is more than 168
        help: write a whole number from 1 to 168
    liftlock.yaml:121: analysisTemplates[4].provider.predictions.collected.most: `101` is more than 100
        help: write a whole number from 1 to 100
    2 problems
    liftlock.yaml:122: analysisTemplates[4].minSamples: is more than the 30 requests that are sent
        help: write at most as many
    1 problem
    ");
}
