//! Sentences that stand on no card: why it is where it is, what it waits for, why not.

use std::fmt::Write as _;

use insta::assert_snapshot;
use promotion::{
    Aggregate as _, Attempt, Event, Failure, GateSpec, Outcome, Party, PromotionId, Refused,
    Report, Role, Source, VoteKind,
};

use super::story::Story;
use super::world::{World, ada, at_most, failure, person};
use crate::ui::{Dossier, fact, refusal, verdict, waits_for, why};

fn told(story: &Story) -> String {
    let promotion = story.promotion();
    format!(
        "{}\nwaits for: {}",
        why(&promotion, story.now),
        waits_for(&promotion)
    )
}

#[test]
fn why_it_is_where_it_is() {
    let mut story = Story::begin(World::default());
    let mut said = String::new();
    let mut last = "";
    while story.promotion().stage().name() != "finished" {
        let stage = story.promotion().stage().name();
        if stage != last {
            writeln!(said, "{stage}: {}", told(&story)).unwrap();
            last = stage;
        }
        if stage == "awaiting approval" {
            story.vote(&ada(), VoteKind::Approve, "").unwrap();
        }
        story.step_or_wait();
    }
    writeln!(said, "finished: {}", told(&story)).unwrap();
    assert_snapshot!(said, @"
    proposed: It was just opened. Its gates are judged next.
    waits for: evidence for its gates
    gating: Evidence for its gates is being gathered. If all of them pass, people are asked.
    waits for: evidence for its gates
    awaiting approval: Both gates have passed. It needs 1 approval with role Model.Approver. Unanswered, it expires at 2026-11-26 07:15:04 UTC (in 3 days).
    waits for: 1 approval with role Model.Approver
    copying: Approved by Ada Approver. Next its files are copied to prod; then its version is registered there.
    waits for: its files to be copied
    registering: Its files are in prod and its version is being registered there. Then it is deployed.
    waits for: its version to be registered
    waiting for target: It is registered in prod. It is deployed as soon as no other promotion changes the endpoint and nobody holds it.
    waits for: its target
    deploying: Its deployment ll-diabetes-2-9931af96-1 is being made, without traffic. Then it is tested.
    waits for: its deployment to come up
    testing: Its deployment ll-diabetes-2-9931af96-1 is up and is being asked the smoke test. If it answers well, traffic moves to it.
    waits for: its smoke test
    shifting: The candidate has no traffic yet. Step 1 of 3 sets the traffic to 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1.
    waits for: traffic to move
    live: Deployment ll-diabetes-2-9931af96-1 was given all the traffic. The previous deployment champion-v1 stays warm as the way back until 2026-11-24 07:27:22 UTC (in 24 hours), then it is deleted.
    waits for: nobody; the way back is kept for a while
    finishing: Finished: it went live, and its way back is closed. What is left is being tidied up.
    waits for: what is left to be tidied up; then it is finished
    finished: Finished: it went live, and its way back is closed.
    waits for: Finished: it went live, and its way back is closed.
    ");
}

#[test]
fn what_keeps_it() {
    let story = Story::approved(World {
        faults: vec![("copy-files", Report::Retry(failure("the account is busy")))],
        ..World::default()
    });
    assert_snapshot!(told(&story), @"
    Approved by Ada Approver. Next its files are copied to prod; then its version is registered there. “Copy 2 files (1.6 KB) from stdev to stprod” has failed 1 time: the account is busy (InternalServerError). It is tried again at 2026-11-23 07:15:14 UTC.
    waits for: trouble: the account is busy
    ");
    let held = || {
        let held = Failure::new("LeaseHeld", "promotion `m-1.r-0` changes this endpoint");
        ("take-lease", Report::Waiting(held))
    };
    let story = Story::approved(World {
        faults: vec![held(), held()],
        ..World::default()
    });
    assert_snapshot!(told(&story), @"
    It is registered in prod. It is deployed as soon as no other promotion changes the endpoint and nobody holds it. “Take the lease of the target” has to wait: promotion “m-1.r-0” changes this endpoint (LeaseHeld).
    waits for: trouble: promotion “m-1.r-0” changes this endpoint
    ");
}

/// It has to wait for its turn for this reason.
fn kept_waiting(said: &str) -> (&'static str, Report) {
    (
        "take-turn",
        Report::Waiting(Failure::new("NotItsTurn", said)),
    )
}

#[test]
fn whose_turn_it_waits_for() {
    let mut story = Story::settled(World {
        faults: vec![
            kept_waiting("diabetes 3 has it and is shifting"),
            kept_waiting("diabetes 3 has it and is shifting"),
            kept_waiting("diabetes 4 has it next"),
        ],
        ..World::default()
    });
    assert_snapshot!(told(&story), @"
    Its gates have passed. People are asked once it is its turn at the target; if it has to wait for that, its gates judge once more. “Take the turn at the target” has to wait: diabetes 3 has it and is shifting.
    waits for: its turn: diabetes 3 has it and is shifting
    ");
    story.run_to("awaiting approval");
    let lines: Vec<String> = story.lines.iter().skip(8).map(fact).collect();
    assert_snapshot!(lines.join("\n"), @"
    Has to wait: take turn: diabetes 4 has it next (NotItsTurn)
    Done: take turn
    To do: Read diabetes 2 in ml-dev (files, run, who trained it)
    To do: Read endpoint diabetes in ml-prod (who serves, where files go)
    Done: observe candidate → 2 files (1.6 KB)
    Done: observe target → serves now: diabetes 1, deployment champion-v1
    Both gates have passed; asked for approval until 2026-11-26 07:15:06 UTC
    To do: Post the card “approval needed”
    ");
}

#[test]
fn what_holds_its_target() {
    let said = "endpoint diabetes is held since 2026-11-23 07:00:00 UTC because diabetes 1 was rolled back: taken back by Ben Approver; lift it on the board";
    let held = || Report::Waiting(Failure::new("TargetHeld", said));
    let story = Story::settled(World {
        faults: vec![("take-turn", held()), ("take-turn", held())],
        ..World::default()
    });
    assert_snapshot!(told(&story), @"
    Its gates have passed. People are asked once it is its turn at the target; if it has to wait for that, its gates judge once more. “Take the turn at the target” has to wait: endpoint diabetes is held since 2026-11-23 07:00:00 UTC because diabetes 1 was rolled back: taken back by Ben Approver; lift it on the board.
    waits for: a hold to be lifted: endpoint diabetes is held since 2026-11-23 07:00:00 UTC because diabetes 1 was rolled back: taken back by Ben Approver; lift it on the board
    ");
}

#[test]
fn what_becomes_of_one_whose_turn_it_is_not() {
    let by = || PromotionId::new("diabetes-3.to-prod-0");
    let outcomes = [
        Outcome::TurnSuperseded { by: by() },
        Outcome::TurnRefused { by: by() },
        Outcome::TurnHeld {
            reason: "endpoint diabetes is held since 2026-11-23 07:00:00 UTC by Ben Approver, “the year ends”; lift it on the board".to_owned(),
        },
    ];
    let mut said = String::new();
    for outcome in outcomes {
        let story = Story::settled(World {
            faults: vec![("take-turn", Report::Done(outcome))],
            ..World::default()
        });
        let done = story.lines.iter().map(fact);
        let found = done.filter(|line| line.contains("take turn"));
        writeln!(said, "{}\n{}", found.collect::<String>(), told(&story)).unwrap();
    }
    assert_snapshot!(said, @"
    Done: take turn → diabetes-3.to-prod-0 goes before it
    Superseded: diabetes-3.to-prod-0 goes before it. Decide about that one, or reopen this promotion: what a person asks for goes before what an event brought.
    waits for: Superseded: diabetes-3.to-prod-0 goes before it.
    Done: take turn → diabetes-3.to-prod-0 has it
    Refused: it is the turn of diabetes-3.to-prod-0 at this target, and the route does not wait. Reopen the promotion once that one is live or has ended.
    waits for: Refused: it is the turn of diabetes-3.to-prod-0 at this target, and the route does not wait.
    Done: take turn → endpoint diabetes is held since 2026-11-23 07:00:00 UTC by Ben Approver, “the year ends”; lift it on the board
    Refused: endpoint diabetes is held since 2026-11-23 07:00:00 UTC by Ben Approver, “the year ends”; lift it on the board. The route does not wait. Reopen the promotion once the hold is lifted.
    waits for: Refused: endpoint diabetes is held since 2026-11-23 07:00:00 UTC by Ben Approver, “the year ends”; lift it on the board. The route does not wait.
    ");
}

#[test]
fn what_the_sweep_found_says_so() {
    let mut story = Story::begin(World::default());
    let promotion::Fact::Opened { cause, .. } = &mut story.lines[0].fact else {
        panic!();
    };
    *cause = promotion::Cause::Reconciled {
        registered_at: "2026-11-23T07:00:00Z".parse().unwrap(),
    };
    assert_snapshot!(fact(&story.lines[0]), @"Opened for diabetes 2 on route diabetes-to-prod, found in its workspace, where it was registered at 2026-11-23 07:00:00 UTC; no event had told of it");
}

#[test]
fn who_had_an_event_run_again_is_named() {
    let mut story = Story::begin(World::default());
    let promotion::Fact::Opened { cause, .. } = &mut story.lines[0].fact else {
        panic!();
    };
    let promotion::Cause::Event { again, .. } = cause else {
        panic!();
    };
    *again = Some(promotion::RunAgain {
        by: person("b", "Ada Approver"),
        reason: "it was lost".to_owned(),
    });
    assert_snapshot!(fact(&story.lines[0]), @"Opened for diabetes 2 on route diabetes-to-prod, by event 2026-11-23/4f1d, run again by Ada Approver: “it was lost”");
    let promotion = promotion::Promotion::replay(&story.lines).unwrap();
    let dossier = serde_json::to_value(Dossier::of(&promotion, &story.lines, &[])).unwrap();
    assert_eq!(dossier["people"][0]["name"], "Ada Approver");
}

#[test]
fn every_fact_is_a_line() {
    let mut story = Story::approved(World::default());
    story.run_to("live");
    let lines: Vec<String> = story.lines.iter().map(fact).collect();
    assert_snapshot!(lines.join("\n"), @"
    Opened for diabetes 2 on route diabetes-to-prod, by event 2026-11-23/4f1d
    Gathering evidence for the gates
    To do: Read diabetes 2 in ml-dev (files, run, who trained it)
    To do: Read endpoint diabetes in ml-prod (who serves, where files go)
    Done: observe candidate → 2 files (1.6 KB)
    Done: observe target → serves now: diabetes 1, deployment champion-v1
    To do: Take the turn at the target
    Done: take turn
    Both gates have passed; asked for approval until 2026-11-26 07:15:04 UTC
    To do: Post the card “approval needed”
    Done: notify
    Ada Approver approved: “Better on every metric.”
    Approved; copying the files
    To do: Post the card “approved”
    To do: See whether Ada Approver still may, whose word it rests on
    Done: notify
    Done: see voters
    To do: List the files in stdev/azureml/ExperimentRun/dcid.happy_sun_1/model
    Done: observe manifest → 2 files (1.6 KB)
    To do: Copy 2 files (1.6 KB) from stdev to stprod
    Done: copy files
    To do: List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    Done: observe manifest → 2 files (1.6 KB)
    Copied; registering the version
    To do: Register diabetes 2 in ml-prod
    Done: register model
    Registered; making the target ready
    To do: Take the lease of the target
    Done: take lease
    To do: Read endpoint diabetes in ml-prod (who serves, where files go)
    Done: observe target → serves now: diabetes 1, deployment champion-v1
    The target is ready; making the deployment
    To do: List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    Done: observe manifest → 2 files (1.6 KB)
    To do: Create deployment ll-diabetes-2-9931af96-1 on endpoint diabetes (1 × Standard_DS3_v2)
    Done: create deployment
    The deployment is up; testing it
    To do: Ask deployment ll-diabetes-2-9931af96-1 the smoke test
    Done: smoke test → passed, HTTP 200 in 35 ms: “[151.2, 98.7]”
    Tested; moving traffic
    To do: List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    Done: observe manifest → 2 files (1.6 KB)
    To do: See that what would serve again can, and answers by name: 100 % champion-v1
    Done: prove way back → champion-v1 is healthy and answered HTTP 200 by name
    To do: See whether Ada Approver still may, whose word it rests on
    Done: see voters
    To do: Set the endpoint's traffic: 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1
    Done: set traffic
    Step 1 of the rollout is done
    Step 2 of the rollout is done
    To do: Set the endpoint's traffic: 100 % ll-diabetes-2-9931af96-1
    Done: set traffic
    Step 3 of the rollout is done
    To do: Read the endpoint's traffic once more, not before 2026-11-23 07:27:21 UTC
    Done: verify traffic → 100 % ll-diabetes-2-9931af96-1
    Live; the way back stays warm until 2026-11-24 07:27:22 UTC
    To do: Post the card “live”
    To do: Release the lease of the target
    ");
}

#[test]
fn refusals_name_what_was_asked_and_what_to_do() {
    let at = "2026-11-26T07:15:02Z".parse().unwrap();
    let role = |name: &str| Party::Role(Role(name.to_owned()));
    let frozen = |until| Refused::Frozen {
        by: "Ben".to_owned(),
        reason: "the year ends.".to_owned(),
        until,
    };
    let refusals = [
        frozen(None),
        frozen(Some(at)),
        Refused::RoleMissing {
            needed: vec![role("Model.Approver")],
            held: vec![],
        },
        Refused::RoleMissing {
            needed: vec![role("A"), role("B")],
            held: vec![Role("C".to_owned()), Role("D".to_owned())],
        },
        Refused::RoleMissing {
            needed: vec![role("A"), role("A")],
            held: vec![Role("C".to_owned())],
        },
        Refused::RoleMissing {
            needed: vec![],
            held: vec![Role("C".to_owned())],
        },
        Refused::OwnWork,
        Refused::AlreadyVoted,
        Refused::Expired { at },
        Refused::Superseded,
        Refused::AnotherAttempt {
            shown: Attempt::FIRST,
            now: Attempt::new(2),
        },
        Refused::AnotherAttempt {
            shown: Attempt::new(2),
            now: Attempt::FIRST,
        },
        Refused::Outranked {
            by: PromotionId::new("diabetes-3.r-0"),
        },
        Refused::Decided { stage: "copying" },
        Refused::Overtaken {
            newer: PromotionId::new("diabetes-3.r-0"),
        },
        Refused::ReasonMissing { event: "abort" },
        Refused::VotesExpired { at },
        Refused::Heard,
        Refused::TakenBackSince,
        Refused::OwnOverride,
        Refused::ReviewedAlready {
            by: "Cleo".to_owned(),
        },
        Refused::OverriddenAlready,
        Refused::TakenBackTooOften,
    ];
    let told: Vec<String> = refusals.iter().map(refusal).collect();
    assert_snapshot!(told.join("\n"), @"
    The line is frozen by Ben: the year ends. Nothing can be approved until somebody lifts it.
    The line is frozen by Ben until 2026-11-26 07:15:02 UTC: the year ends. Nothing can be approved until then.
    This needs the role Model.Approver; your roles: none.
    This needs the role A or B; your roles: C, D.
    This needs the role A; your roles: C.
    This route allows no override: it names nobody who may.
    You trained, registered, changed or asked for this model, so somebody else has to judge it.
    You have already voted on this approval; more approvals have to come from other people.
    This approval expired at 2026-11-26 07:15:02 UTC. Reopen the promotion to ask again.
    This approval is superseded: what it asked about has changed since. Open the newest card.
    This was said of attempt 1, and attempt 2 is on: it has been asked again since. Look at it again, then say it anew.
    This was said of attempt 2, and attempt 1 is on. Look at it again, then say it anew.
    This approval is closed: diabetes-3.r-0 has taken this candidate's place. Decide about that one.
    This approval is already decided: the promotion is copying.
    Roll back is not possible: diabetes-3.r-0 has replaced this candidate since; roll that one back.
    “abort” needs a reason: it is kept for whoever asks later.
    The approval of this attempt expired at 2026-11-26 07:15:02 UTC, so it cannot go on. Reopen the promotion to ask again.
    This very click was heard before, so it changes nothing. Answer anew where the question is asked.
    You have taken your word back since you were shown this, so it changes nothing. Look at the question again, then answer.
    You are one of those who overrode it, so somebody else has to review it.
    This override is already reviewed by Cleo.
    Two people have overridden this already, so nothing more is needed.
    You have taken your word back 20 times on this approval, so you cannot agree to it any more. Somebody else has to.
    ");
    let mut live = Story::approved(World::default());
    live.run_to("live");
    let (by, reason) = (Story::operator(&ada()), "because".to_owned());
    let refused = live
        .happen(Event::Abort {
            by,
            reason,
            attempt: None,
        })
        .unwrap_err();
    assert_snapshot!(refusal(&refused), @"“abort” is not possible while the promotion is live; use roll back.");
}

#[test]
fn verdicts_of_every_kind() {
    let mut world = World {
        gates: vec![
            at_most("rmse", 60.0),
            GateSpec::Metric {
                metric: "r2".to_owned(),
                min: Some(0.4),
                max: Some(1.0),
                source: Source::Tags,
            },
            GateSpec::Champion {
                metric: "r2".to_owned(),
                greater_is_better: true,
                min_relative_change: -0.05,
                when_no_champion: promotion::NoChampion::Fail,
                source: Source::Tags,
            },
            at_most("mae", 40.0),
            at_most("nan", 1.0),
            at_most("edge", 60.0),
        ],
        ..World::default()
    };
    world.tags.insert("r2".to_owned(), 0.482);
    world.metrics.insert("nan".to_owned(), None);
    world.metrics.insert("edge".to_owned(), Some(60.000_000_1));
    let promotion = Story::settled(world).promotion();
    let Some(promotion::Ending::Blocked { verdicts }) = promotion.stage().ending() else {
        panic!("not blocked: {}", promotion.stage().name())
    };
    let rows: Vec<String> = verdicts
        .iter()
        .map(verdict)
        .map(|v| {
            format!(
                "{} | {} | {} | {} | {} | {}\n    {}",
                v.name, v.result, v.value, v.threshold, v.champion, v.source, v.sentence
            )
        })
        .collect();
    assert_snapshot!(rows.join("\n"), @"
    rmse at most 60 | passed | 53.3697 | ≤ 60 | – | MLflow run happy_sun_1
        rmse is 53.3697; allowed is ≤ 60.
    r2 between 0.4 and 1 | passed | 0.482 | 0.4 to 1 | – | tags, self-reported
        r2 is 0.482; allowed is 0.4 to 1.
    r2 at most 5 % lower than the champion's | inconclusive | 0.482 | at most 5 % lower | none | tags, self-reported
        r2 is inconclusive: the champion's own value is not to be had from its promotion or its run.
    mae at most 40 | inconclusive | – | ≤ 40 | – | –
        mae is inconclusive: there is no such metric in MLflow run happy_sun_1.
    nan at most 1 | inconclusive | – | ≤ 1 | – | –
        nan is inconclusive: its value is not a finite number.
    edge at most 60 | failed | 60.0000001 | ≤ 60 | – | MLflow run happy_sun_1
        edge is 60.0000001; allowed is ≤ 60.
    ");
}
