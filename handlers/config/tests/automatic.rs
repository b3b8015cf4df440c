//! Routes that ask nobody.

use promotion::Consent;

use super::sample::Sample;

const PEOPLE: &str = "    approval:
      minApprovals: 2
      approvers: [{ role: Model.Approver }]
      preventSelfReview: true
      expiresAfter: 72h
";

fn with(approval: &str) -> Sample {
    Sample::full().changed(PEOPLE, approval)
}

#[test]
fn the_word_alone_says_as_much_as_the_mode() {
    for approval in [
        "    approval: automatic\n",
        "    approval: 'automatic'\n",
        "    approval: { mode: automatic }\n",
    ] {
        let config = with(approval).check().unwrap();
        let rule = &config.routes[0].route.approval;
        assert_eq!(rule.consent, Consent::Automatic, "{approval}");
        assert!(rule.approvers.is_empty() && rule.prevent_self_review);
    }
}

#[test]
fn any_other_word_is_no_approval() {
    let problems = ["people", "Automatic", "true", ""]
        .map(|word| with(&format!("    approval: {word}\n")).problems());
    insta::assert_snapshot!(problems.join("\n"), @"
    liftlock.yaml:28: routes[0].approval: `people` is a text, neither a mapping nor `automatic`
        help: write `automatic`, or a mapping: its keys are `minApprovals`, `approvers`, `required`, `preventSelfReview`, `expiresAfter`, `remindEvery`, `escalateAfter`, `escalateTo`, `override`, `mode`
    1 problem
    liftlock.yaml:28: routes[0].approval: `Automatic` is a text, neither a mapping nor `automatic`
        help: write `automatic`, or a mapping: its keys are `minApprovals`, `approvers`, `required`, `preventSelfReview`, `expiresAfter`, `remindEvery`, `escalateAfter`, `escalateTo`, `override`, `mode`
    1 problem
    liftlock.yaml:28: routes[0].approval: `true` is a truth value, neither a mapping nor `automatic`
        help: write `automatic`, or a mapping: its keys are `minApprovals`, `approvers`, `required`, `preventSelfReview`, `expiresAfter`, `remindEvery`, `escalateAfter`, `escalateTo`, `override`, `mode`
    1 problem
    liftlock.yaml:28: routes[0].approval: is nothing, neither a mapping nor `automatic`
        help: write `automatic`, or a mapping: its keys are `minApprovals`, `approvers`, `required`, `preventSelfReview`, `expiresAfter`, `remindEvery`, `escalateAfter`, `escalateTo`, `override`, `mode`
    1 problem
    ");
}
