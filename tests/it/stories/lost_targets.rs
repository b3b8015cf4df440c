//! Repair and what is not a marker: a target's blob comes back from journals, and garbage anywhere is told.

use std::time::Duration;

use axum::http::StatusCode;
use cloud_sim::Fault;
use jiff::SignedDuration;
use liftlock::repair::Mode;
use liftlock::state::Target;
use promotion::PromotionId;

use super::journals::ACCOUNT;
use super::repairing::queueing;
use super::{Tester, Who, story};

/// No journal is read that has so many bytes.
const TOO_LARGE: usize = 64 * 1024 * 1024 + 1;

impl Tester {
    /// The one target of a story, and where it lies.
    fn only_target(&self) -> (String, Target) {
        let [path] = self.state("targets/").try_into().unwrap();
        let bytes = self.cloud.blobs().get(ACCOUNT, "state", &path).unwrap();
        (path, serde_json::from_slice(&bytes).unwrap())
    }

    /// One that waits for its turn.
    async fn behind(&self) -> PromotionId {
        let id = self.register_model(cloud_sim::ModelKind::Challenger).await;
        let waits = async || self.why(&id).contains("has it");
        self.until(&format!("{id} waits"), waits).await;
        id
    }
}

#[tokio::test]
async fn whose_turn_it_was_and_who_waits_comes_back_from_journals() {
    queueing()
        .story(async |t| {
            let first = t.asked().await;
            let second = t.behind().await;
            t.advance_clock(SignedDuration::from_secs(1)).await;
            let third = t.behind().await;
            t.quiet().await;
            let (path, before) = t.only_target();
            t.remove("state", &path);
            let (dry, lines) = t.repair(Mode::DryRun).await;
            assert_eq!((dry.flaws, dry.would), (1, 1), "{lines:?}");
            assert!(lines[0].starts_with(&path), "{lines:?}");
            let told = format!("{first} has its turn, and 2 wait for its turn; would be made");
            assert!(lines[0].contains(&told), "{lines:?}");
            assert!(t.state("targets/").is_empty());
            let (tally, lines) = t.repair(Mode::Apply).await;
            assert_eq!((tally.mended, tally.left), (1, 0), "{lines:?}");
            let (_, after) = t.only_target();
            let who = |target: &Target| {
                let line = target.line.iter().map(|holder| holder.promotion.clone());
                let turn = target.turn.as_ref().map(|holder| holder.promotion.clone());
                (turn, line.collect::<Vec<_>>())
            };
            assert_eq!(who(&after), who(&before));
            assert_eq!(
                who(&after),
                (Some(first.clone()), vec![second.clone(), third])
            );
            assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
            t.reject_as(Who::Ada, &first, "no").await.taken();
            t.wait_until(&second, "awaiting approval").await;
        })
        .await;
}

#[tokio::test]
async fn who_may_change_a_target_comes_back_from_its_journal() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "shifting").await;
        t.quiet().await;
        let (path, before) = t.only_target();
        t.remove("state", &path);
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.mended, tally.left), (1, 0), "{lines:?}");
        assert!(
            lines[0].contains(&format!("{id} may change it")),
            "{lines:?}"
        );
        let after = t.only_target().1;
        assert!(after.holder.is_some(), "{after:?}");
        let who = |target: Target| {
            target
                .holder
                .map(|holder| (holder.promotion, holder.attempt))
        };
        assert_eq!(who(after), who(before));
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn what_a_rollback_holds_comes_back_from_its_journal() {
    story(async |t| {
        let id = t.live().await;
        t.tell_as(Who::Ada, &id, "roll-back", "it smells")
            .await
            .taken();
        t.wait_until(&id, "rolled back").await;
        t.quiet().await;
        let (path, before) = t.only_target();
        t.remove("state", &path);
        let (dry, lines) = t.repair(Mode::DryRun).await;
        assert_eq!((dry.flaws, dry.would), (1, 1), "{lines:?}");
        assert!(
            lines[0].contains("by their journals it is held since a rollback; would be made"),
            "{lines:?}"
        );
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.mended, tally.left), (1, 0), "{lines:?}");
        assert_eq!(t.only_target().1.holds, before.holds);
        assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
        // Garbage in its place is written over with it too.
        let garbage = b"garbage".to_vec();
        t.cloud.blobs().put(ACCOUNT, "state", &path, garbage);
        t.repair(Mode::Apply).await;
        assert_eq!(t.only_target().1.holds, before.holds);
        // Once it is lifted and another one has had its turn, nothing is held any more.
        t.lift_hold().await;
        let next = t.asked().await;
        t.reject_as(Who::Ben, &next, "no").await.taken();
        t.wait_until(&next, "rejected").await;
        t.quiet().await;
        t.remove("state", &path);
        assert_eq!(t.repair(Mode::Apply).await.0.flaws, 0);
    })
    .await;
}

/// What nobody holds is no loss.
#[tokio::test]
async fn a_target_that_nobody_holds_is_not_made_again() {
    story(async |t| {
        let id = t.asked().await;
        t.reject_as(Who::Ada, &id, "no").await.taken();
        t.wait_until(&id, "rejected").await;
        t.quiet().await;
        t.remove("state", &t.only_target().0);
        assert_eq!(t.repair(Mode::Apply).await.0.flaws, 0);
        assert!(t.state("targets/").is_empty());
    })
    .await;
}

#[tokio::test]
async fn garbage_is_told_wherever_it_lies() {
    story(async |t| {
        t.installed().await;
        t.asked().await;
        t.quiet().await;
        let (target, _) = t.only_target();
        let [event] = t.state("events/").try_into().unwrap();
        let marks = "control/watermarks.json".to_owned();
        let blobs = t.cloud.blobs();
        let before = t.only_target().1;
        let whole = [&event, &marks].map(|path| blobs.get(ACCOUNT, "state", path).unwrap());
        let freezes = "control/freezes.json".to_owned();
        for path in [&target, &event, &marks, &freezes] {
            blobs.put(ACCOUNT, "state", path, "garbage");
        }
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.flaws, tally.left), (4, 3), "{lines:#?}");
        for (path, remedy) in [
            (&target, "made anew from journals"),
            (&event, "restore it"),
            (&marks, "delete it, and the search begins anew"),
            (&freezes, "freeze again what is to be frozen"),
        ] {
            // Its name once, at the beginning.
            let named = |line: &str| line.matches(path.as_str()).count();
            let told = |line: &&String| {
                line.starts_with(path) && line.contains(remedy) && named(line) == 1
            };
            assert_eq!(lines.iter().filter(told).count(), 1, "{path}: {lines:#?}");
        }
        for (path, bytes) in [&event, &marks].into_iter().zip(whole) {
            blobs.put(ACCOUNT, "state", path, bytes);
        }
        assert_eq!(
            t.only_target().1.turn.unwrap().promotion,
            before.turn.unwrap().promotion
        );
        t.remove("state", &freezes);
        assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
    })
    .await;
}

/// What cannot be read may be of the one that has the lease.
#[tokio::test]
async fn no_target_is_made_while_a_journal_cannot_be_read() {
    queueing()
        .story(async |t| {
            let first = t.asked().await;
            let second = t.behind().await;
            t.quiet().await;
            let (blobs, journal) = (t.cloud.blobs(), format!("{second}.jsonl"));
            let whole = blobs.get(ACCOUNT, "journals", &journal).unwrap();
            let (path, _) = t.only_target();
            let withheld = async |why: &str| {
                for mode in [Mode::DryRun, Mode::Apply] {
                    let (tally, lines) = t.repair(mode).await;
                    let told = |line: &&String| line.starts_with(&path) && line.contains(why);
                    let [line] = lines.iter().filter(told).collect::<Vec<_>>()[..] else {
                        panic!("{why}: {lines:#?}");
                    };
                    assert!(line.contains("once every journal can be read"), "{line}");
                    let counted = (tally.flaws, tally.mended, tally.would, tally.left);
                    assert_eq!(counted, (2, 0, 0, 2), "{lines:#?}");
                }
            };
            // One that is no journal, and one that the storage service does not give.
            for bad in [b"no record\n".to_vec(), vec![b' '; TOO_LARGE]] {
                blobs.put(ACCOUNT, "journals", &journal, bad);
                blobs.put(ACCOUNT, "state", &path, "garbage");
                withheld("cannot be read, and nobody gets its turn").await;
                assert_eq!(blobs.get(ACCOUNT, "state", &path).unwrap(), "garbage");
                t.remove("state", &path);
                withheld(&format!("{first} has its turn")).await;
                assert!(t.state("targets/").is_empty());
            }
            blobs.put(ACCOUNT, "journals", &journal, whole);
            let (tally, lines) = t.repair(Mode::Apply).await;
            // Its marker showed it as unreadable.
            assert_eq!((tally.mended, tally.left), (2, 0), "{lines:#?}");
            let target = t.only_target().1;
            assert_eq!(target.turn.unwrap().promotion, first);
            assert_eq!(target.line[0].promotion, second);
        })
        .await;
}

/// Whoever came first after it was lost made a blob that knows of no lease.
#[tokio::test]
async fn a_lease_that_only_its_journal_knows_is_told() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "shifting").await;
        t.quiet().await;
        let (path, before) = t.only_target();
        let mut without = before.clone();
        without.holder = None;
        let without = serde_json::to_vec(&without).unwrap();
        t.cloud.blobs().put(ACCOUNT, "state", &path, without);
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.flaws, tally.left), (1, 1), "{lines:?}");
        let told = format!("though by its journal {id} may; left as it is");
        assert!(lines[0].contains(&told), "{lines:?}");
        t.remove("state", &path);
        assert_eq!(t.repair(Mode::Apply).await.0.mended, 1);
        let who = |target: Target| target.holder.unwrap().promotion;
        assert_eq!(who(t.only_target().1), who(before));
        t.wait_until(&id, "live").await;
    })
    .await;
}

/// A blob that was emptied names nobody at all.
#[tokio::test]
async fn a_turn_that_only_its_journal_knows_is_told() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let (path, before) = t.only_target();
        t.cloud.blobs().put(ACCOUNT, "state", &path, "{}");
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.flaws, tally.left), (1, 1), "{lines:?}");
        let told = format!("by its journal it is that of {id}; left as it is");
        assert!(lines[0].starts_with(&path), "{lines:?}");
        assert!(lines[0].contains(&told), "{lines:?}");
        t.remove("state", &path);
        assert_eq!(t.repair(Mode::Apply).await.0.mended, 1);
        let who = |target: Target| target.turn.unwrap().promotion;
        assert_eq!(who(t.only_target().1), who(before));
        assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
    })
    .await;
}

/// An empty blob in its place would look as if nothing had been lost.
#[tokio::test]
async fn a_release_makes_no_blob_where_one_was_lost() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "shifting").await;
        t.quiet().await;
        t.remove("state", &t.only_target().0);
        t.wait_until(&id, "live").await;
        t.quiet().await;
        assert!(t.promotion(&id).has_let_go(), "{}", t.why(&id));
        assert_eq!(t.state("targets/"), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn one_read_that_fails_keeps_nobody_from_the_others() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let (path, _) = t.only_target();
        let refused = || Fault::Status {
            status: StatusCode::FORBIDDEN,
            code: "AuthorizationPermissionMismatch".to_owned(),
        };
        let good = || Fault::Delay {
            delay: Duration::ZERO,
        };
        // A repair reads the journal to look at its markers and for what it claims, and then the target.
        for (before, what) in [(1, id.as_str()), (2, path.as_str())] {
            t.cloud.faults().add("blob.get", good(), before);
            t.cloud.faults().add("blob.get", refused(), 1);
            let (tally, lines) = t.repair(Mode::Apply).await;
            assert_eq!((tally.flaws, tally.left), (1, 1), "{lines:?}");
            let told = format!("{what}: could not be looked at");
            assert!(lines[0].starts_with(&told), "{lines:?}");
            assert_eq!(lines[0].matches(what).count(), 1, "{lines:?}");
            assert_eq!(tally.events, 1, "{before}");
        }
        assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
    })
    .await;
}

/// What is under way, or serves, is begun once more by nothing, whatever is left to tell of it.
#[tokio::test]
async fn nothing_takes_the_place_of_a_journal_that_is_gone() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let (blobs, journal) = (t.cloud.blobs(), format!("{id}.jsonl"));
        let whole = blobs.get(ACCOUNT, "journals", &journal).unwrap();
        let (path, _) = t.only_target();
        let target = blobs.get(ACCOUNT, "state", &path).unwrap();
        let open = format!("open/{id}");
        let left = async |told: &str, flaws: u64| {
            let before = t.state("open/");
            for mode in [Mode::DryRun, Mode::Apply] {
                let (tally, lines) = t.repair(mode).await;
                let counted = (tally.flaws, tally.would, tally.mended, tally.left);
                assert_eq!(counted, (flaws, 0, 0, flaws), "{lines:#?}");
                let gone = &lines[0];
                assert!(gone.starts_with(id.as_str()), "{gone}");
                assert!(gone.contains(told) && gone.contains("restore it"), "{gone}");
                assert_eq!((t.journal(&id), t.state("open/")), (None, before.clone()));
            }
        };
        t.remove("journals", &journal);
        left("in open that shows “awaiting approval”", 1).await;
        blobs.put(ACCOUNT, "journals", &journal, "");
        left("in open that shows “awaiting approval”", 1).await;
        // What it has of its target is not known, so that is not made anew without it.
        blobs.put(ACCOUNT, "state", &path, "garbage");
        left("in open that shows “awaiting approval”", 2).await;
        assert_eq!(blobs.get(ACCOUNT, "state", &path).unwrap(), "garbage");
        blobs.put(ACCOUNT, "state", &path, target);
        t.remove("state", &open);
        left(&format!("is named in {path}"), 1).await;
        blobs.put(ACCOUNT, "journals", &journal, whole);
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.mended, tally.left), (1, 0), "{lines:#?}");
        assert_eq!(t.state("open/"), [open]);
    })
    .await;
}

/// What somebody has put among our blobs is no promotion that has ended, and no target to be made again.
#[tokio::test]
async fn what_is_nothing_of_ours_is_told_as_that() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let strangers = [
            "closed/2026-11/README.md",
            "closed/2026-11/sub/dir/x",
            "closed/foo",
            "events/2026-11-23/note.txt",
            "events/junk",
            "open/notes",
            "open/sub/dir",
            "targets/abc.json",
            "targets/foo",
        ];
        let blobs = t.cloud.blobs();
        for path in strangers {
            blobs.put(ACCOUNT, "state", path, "junk");
        }
        let (tally, lines) = t.repair(Mode::Apply).await;
        let told = strangers
            .map(|path| format!("{path}: is nothing of Liftlock's; look at it and delete it"));
        assert_eq!(lines, told);
        assert_eq!((tally.left, tally.markers, tally.events), (9, 1, 1));
        let ended = "/api/v1/promotions?closed=2026-11";
        for (list, ids) in [("/api/v1/promotions", vec![id.as_str()]), (ended, vec![])] {
            let listed = t.see(Who::Sam, list).await.json();
            let rows = listed["value"].as_array().unwrap().iter();
            let found: Vec<_> = rows.map(|row| row["id"].as_str().unwrap()).collect();
            assert_eq!(found, ids, "{list}");
        }
        for path in strangers {
            t.remove("state", path);
        }
    })
    .await;
}
