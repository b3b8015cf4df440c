//! A repair beside the app: what others have written since, or are about to write, is theirs.

use jiff::SignedDuration;
use liftlock::repair::Mode;
use liftlock::state::{Announced, JournalName, Marker};
use promotion::PromotionId;

use super::repairing::{marker, put_open};
use super::{Tester, Who, story};

/// Where one has ended and a marker of it lies in `open/`, to be looked at in an hour; due then.
async fn left_open(t: &Tester) -> (PromotionId, Marker) {
    // The first sweep writes as well.
    t.installed().await;
    let id = t.asked().await;
    t.reject_as(Who::Ada, &id, "no").await.taken();
    t.wait_until(&id, "rejected").await;
    t.quiet().await;
    let now = t.cloud.clock().now();
    let left = marker("gating", now + SignedDuration::from_hours(1));
    (id, left)
}

#[tokio::test]
async fn who_has_announced_a_record_keeps_their_marker() {
    story(async |t| {
        let (id, left) = left_open(t).await;
        let announced = Some(Announced {
            behind: t.records(&id).len() as u64,
            at: t.cloud.clock().now(),
        });
        let (engine, name) = (t.engine(), JournalName::promotion(&id));
        let markers = &engine.store.markers;
        let announced = Marker { announced, ..left };
        put_open(markers, &name, &announced).await.unwrap();
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!(tally.flaws, 0, "{lines:?}");
        let found = markers.open_marker(&name).await.unwrap().unwrap();
        assert_eq!(found.marker, announced);
        markers.drop_open(&found).await.unwrap();
    })
    .await;
}

/// Reopened between the repair's look and its writes: what the app wrote stays, and nothing lies in `closed/`.
#[tokio::test]
async fn a_write_that_loses_to_the_app_is_told_as_overtaken() {
    story(async |t| {
        let (id, left) = left_open(t).await;
        let engine = t.engine();
        let markers = &engine.store.markers;
        let name = JournalName::promotion(&id);
        put_open(markers, &name, &left).await.unwrap();
        t.remove("state", &t.state("closed/")[0]);
        let delay = std::time::Duration::from_secs(3);
        let slow = cloud_sim::Fault::Delay { delay };
        t.cloud.faults().add("blob.put", slow, 1);
        let reopened = async {
            let met = async || t.cloud.faults().pending().is_empty();
            t.until("the repair writes", met).await;
            t.say_as(Who::Ada, &id, "reopen", "again").await.taken();
        };
        let ((tally, lines), ()) = futures::join!(t.repair(Mode::Apply), reopened);
        assert_eq!(
            (tally.flaws, tally.mended, tally.left),
            (1, 0, 1),
            "{lines:?}"
        );
        assert!(lines[0].contains("overtaken"), "{lines:?}");
        t.wait_until(&id, "awaiting approval").await;
        assert!(t.state("closed/").is_empty(), "{:?}", t.state("closed/"));
        assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
    })
    .await;
}

/// The app's own writes are no flaws, and the repair's are no trouble.
#[tokio::test]
async fn a_repair_beside_a_running_app_disturbs_nothing() {
    story(async |t| {
        let repairs = async {
            let mut told = Vec::new();
            for _ in 0..12 {
                told.extend(t.repair(Mode::Apply).await.1);
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            told
        };
        let (id, told) = futures::join!(t.live(), repairs);
        assert_eq!(told, Vec::<String>::new());
        assert_eq!(
            (t.stage(&id), t.serving()),
            ("live", vec!["diabetes:2 100".to_owned()])
        );
        assert_eq!(t.cards().len(), 3, "{:?}", t.cards());
    })
    .await;
}
