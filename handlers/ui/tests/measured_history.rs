//! How the history keeps short what was measured again and again.

use insta::assert_snapshot;
use promotion::Fact;
use promotion::analysis::{AnalysisId, Measured};

use super::measuring::Measuring;
use super::world::metric;

#[test]
fn the_same_measurement_again_is_one_entry_a_weight() {
    let mut story = Measuring::of_errors();
    story.good_minutes(3);
    story.remember(Fact::StepDone { step: 1 });
    story.analysis = AnalysisId::Beside(2);
    story.minute(Measured::Failed, Some(0.05));
    story.all_traffic();
    story.good_minutes(1);
    story.planned(story.measure());
    assert_snapshot!(story.history(), @"
    Step 1 of the rollout is done
    2026-11-23 07:15:20 UTC 5 minutes ago
    ✓
    Measure error-rate of ll-diabetes-2-9931af96-1 → error-rate 0.05, failed (result < 0.01; 500 requests) done 3 min
    3 notes
    2026-11-23 07:18:20 UTC: error-rate 0.003, as it should be (result < 0.01; 500 requests).
    2026-11-23 07:17:20 UTC: error-rate 0.002, as it should be (result < 0.01; 500 requests).
    2026-11-23 07:16:20 UTC: error-rate 0.001, as it should be (result < 0.01; 500 requests).
    2026-11-23 07:16:20 UTC 4 minutes ago
    ·
    Step 2 of the rollout is done
    2026-11-23 07:18:20 UTC 2 minutes ago
    ✓
    Set the endpoint's traffic: 100 % ll-diabetes-2-9931af96-1 done under a second
    2026-11-23 07:19:20 UTC 60 seconds ago
    ●
    Measure error-rate of ll-diabetes-2-9931af96-1 → error-rate 0.001, as it should be (result < 0.01; 500 requests) under way
    2026-11-23 07:20:20 UTC just now
    ");
}

#[test]
fn a_long_measurement_keeps_few_notes() {
    let mut story = Measuring::of_errors();
    story.good_minutes(1000);
    let history = story.history();
    assert_eq!(history.matches("; 500 requests)").count(), 21, "{history}");
    assert!(history.contains("\n20 notes\n"), "{history}");
    assert!(history.contains("\nand 979 before\n"), "{history}");
}

#[test]
fn metrics_that_are_due_at_different_times_are_one_entry() {
    let latency = metric("latency", Some("result < 50"), None);
    let mut story = Measuring::of_errors();
    story.good_minutes(1);
    story.specs.push(latency);
    story.good_minutes(1);
    story.specs.remove(0);
    story.good_minutes(1);
    let key = story.planned(story.measure());
    story.remember(Fact::Dropped { key });
    assert_snapshot!(story.history(), @"
    Step 1 of the rollout is done
    2026-11-23 07:15:20 UTC 3 minutes ago
    ✓
    Measure error-rate, latency of ll-diabetes-2-9931af96-1 → error-rate 0.001, as it should be (result < 0.01; 500 requests); latency 0.001, as it should be (result < 50; 500 requests) done 2 min
    2026-11-23 07:17:20 UTC: latency 0.001, as it should be (result < 50; 500 requests).
    2026-11-23 07:16:20 UTC: error-rate 0.001, as it should be (result < 0.01; 500 requests).
    2026-11-23 07:16:20 UTC 2 minutes ago
    ");
}
