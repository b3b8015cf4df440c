//! Repair and events: what was to follow from one and never did is opened, and nothing else.

use cloud_sim::ModelKind;
use jiff::SignedDuration;
use liftlock::repair::Mode;
use liftlock::state::JournalName;
use promotion::Cause;

use super::repairing::command;
use super::{Setup, story};

#[tokio::test]
async fn an_event_that_opened_nothing_opens_what_it_was_to() {
    story(async |t| {
        let id = t.asked().await;
        t.remove("journals", &format!("{id}.jsonl"));
        t.remove("state", &format!("open/{id}"));
        // A target that names it would show that it was opened.
        t.remove("state", &t.state("targets/")[0]);
        let (dry, lines) = t.repair(Mode::DryRun).await;
        assert!(lines[0].contains("was never opened"), "{lines:?}");
        assert_eq!((dry.flaws, t.journal(&id)), (1, None));
        assert_eq!(t.repair(Mode::Apply).await.0.left, 0);
        assert!(matches!(t.promotion(&id).cause(), Cause::Event { .. }));
        t.wait_until(&id, "awaiting approval").await;
        assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
    })
    .await;
}

/// What is opened later outranks what was opened before.
#[tokio::test]
async fn events_are_opened_in_the_order_in_which_they_came() {
    story(async |t| {
        let mut ids = Vec::new();
        for _ in 0..4 {
            let id = t.register_model(ModelKind::Worse).await;
            t.wait_until(&id, "blocked").await;
            t.advance_clock(SignedDuration::from_secs(1)).await;
            ids.push(id);
        }
        t.quiet().await;
        for id in &ids {
            t.remove("journals", &format!("{id}.jsonl"));
        }
        for closed in t.state("closed/") {
            t.remove("state", &closed);
        }
        assert_eq!(t.repair(Mode::Apply).await.0.mended, 4);
        let opened: Vec<_> = ids.iter().map(|id| t.records(id)[0].at).collect();
        assert!(opened.is_sorted(), "{opened:?}");
        for id in &ids {
            t.wait_until(id, "blocked").await;
        }
    })
    .await;
}

/// A route that is added later opens nothing of what came before it, not even by a repair.
#[tokio::test]
async fn what_was_never_to_follow_from_an_event_is_told_and_not_opened() {
    let taken = "      - modelRegistered: {}\n";
    let setup = Setup::default().with(taken, "");
    setup
        .story(async |t| {
            t.cloud.register(ModelKind::Challenger).unwrap();
            t.until("the event is kept", async || !t.state("events/").is_empty())
                .await;
            t.configure("    on:\n", &format!("    on:\n{taken}")).await;
            let (tally, lines) = t.repair(Mode::Apply).await;
            assert_eq!((tally.flaws, tally.more_today), (0, 1), "{lines:?}");
            assert_eq!(t.promotions().len(), 0);
            let (code, said) = command(t, &["--apply"]).await;
            assert!(code == 0 && said.contains("1 event would open"), "{said}");
            assert!(said.contains("/replay"), "{said}");
        })
        .await;
}

#[tokio::test]
async fn a_job_whose_intake_was_never_begun_is_read() {
    story(async |t| {
        t.cloud.complete_job(ModelKind::Challenger, false).unwrap();
        let id = t.opened("2").await;
        t.wait_until(&id, "awaiting approval").await;
        t.until("the intake has ended", async || {
            !t.state("closed/").is_empty()
        })
        .await;
        let intake = JournalName::intake(t.intakes()[0].id());
        t.remove("journals", &format!("{intake}.jsonl"));
        t.remove("state", &t.state("closed/")[0]);
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.flaws, tally.left), (1, 0), "{lines:?}");
        assert!(lines[0].starts_with(intake.as_str()), "{lines:?}");
        t.until("it has found the version again", async || {
            !t.state("closed/").is_empty()
        })
        .await;
        assert_eq!((t.intakes().len(), t.promotions().len()), (1, 1));
    })
    .await;
}
