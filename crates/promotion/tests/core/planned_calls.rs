//! The plan call by call: it is what is then done, whatever the route and whoever serves.

use jiff::SignedDuration;
use promotion::*;

use crate::sample::{candidate, operator, route};
use crate::samples;
use crate::story::Story;
use crate::world::{World, predecessor};

/// Routes and worlds that differ in what has to be done.
fn stories() -> Vec<(&'static str, Route, World)> {
    let with = |change: fn(&mut RolloutSpec)| {
        let mut route = route();
        change(&mut route.rollout);
        route
    };
    let mut told = World::new();
    told.champion_mut().deployed_by = Some(predecessor());
    vec![
        ("with a champion", route(), World::new()),
        ("without a champion", route(), World::empty()),
        (
            "without a smoke test",
            with(|rollout| rollout.smoke_test = None),
            World::new(),
        ),
        (
            "with pauses that a person ends",
            with(|rollout| {
                rollout.steps = vec![
                    Step::SetWeight(10),
                    Step::PauseUntilResumed,
                    Step::SetWeight(50),
                    Step::Pause(Seconds(60)),
                    Step::PauseUntilResumed,
                    Step::SetWeight(100),
                ];
            }),
            World::new(),
        ),
        (
            "beginning with pauses",
            with(|rollout| {
                rollout.steps = vec![
                    Step::Pause(Seconds(0)),
                    Step::Pause(Seconds(300)),
                    Step::SetWeight(100),
                ];
            }),
            World::new(),
        ),
        (
            "without keeping the previous one",
            with(|rollout| rollout.keep_previous = Seconds(0)),
            World::new(),
        ),
        ("with a promotion before it", route(), told),
        (
            "with code and environment of its own",
            crate::custom_code::with_code(),
            World::new(),
        ),
    ]
}

fn asked(route: Route, world: World) -> Story {
    let mut story = Story::on(route, world);
    story.until("awaiting approval");
    story
}

fn plan(story: &Story) -> PlannedCalls {
    story.promotion.planned_calls().expect("it is pinned")
}

fn resume(story: &mut Story, pause: PauseId) {
    let by = operator();
    let reason = "it looks well".to_owned();
    story
        .tell(Event::Resume {
            by,
            reason,
            pause,
            attempt: None,
        })
        .unwrap();
}

/// Goes on to its end; people resume what waits for them, and `look` sees it after every delivery.
fn to_the_end(story: &mut Story, mut look: impl FnMut(&Story)) {
    for _ in 0..100 {
        story.deliver();
        look(story);
        match (story.promotion.pause(), story.promotion.next_due(story.now)) {
            (Some(pause), Some(due))
                if due.duration_since(story.now) > SignedDuration::from_hours(1) =>
            {
                resume(story, pause);
            }
            (_, Some(due)) => story.now = due,
            (_, None) => return story.check_target(),
        }
    }
    panic!("it never ends: {}", story.stage());
}

/// The effects that a journal plans from a phase on.
fn planned_since(story: &Story, phase: fn(&Phase) -> bool) -> Vec<Effect> {
    let begins = |fact: &&Fact| !matches!(fact, Fact::Entered { phase: entered } if phase(entered));
    let facts = story.facts().skip_while(begins);
    let effects = facts.filter_map(|fact| match fact {
        // Whose word it rests on is asked beside the plan.
        Fact::Planned { effect, .. } if effect.kind() == "see-voters" => None,
        Fact::Planned { effect, .. } => Some(effect.as_ref().clone()),
        _ => None,
    });
    effects.collect()
}

#[track_caller]
fn is_done_as_planned(name: &str, calls: &[PlannedCall], done: &[Effect]) {
    let performed = calls
        .iter()
        .filter(|call| matches!(call, PlannedCall::Perform(_)));
    let differs = performed
        .clone()
        .zip(done)
        .find(|(call, effect)| !call.is(effect));
    assert!(differs.is_none(), "{name}: {differs:#?}");
    assert_eq!(performed.count(), done.len(), "{name}");
}

fn same(one: &[PlannedCall], other: &[PlannedCall]) -> bool {
    let alike = |(one, other): (&PlannedCall, &PlannedCall)| match other {
        PlannedCall::Perform(effect) => one.is(effect),
        PlannedCall::Wait(_) | PlannedCall::Watch { .. } => one == other,
    };
    one.len() == other.len() && one.iter().zip(other).all(alike)
}

#[test]
fn what_was_planned_before_anyone_approved_is_what_is_done() {
    for (name, route, world) in stories() {
        let mut story = asked(route, world);
        let before = plan(&story);
        story.approve("Ada");
        to_the_end(&mut story, |story| {
            let now = plan(story);
            assert!(same(&before.forward, &now.forward), "{name}");
            assert!(same(&before.way_back, &now.way_back), "{name}");
        });
        let done = planned_since(&story, |phase| matches!(phase, Phase::Copying));
        assert_eq!(story.stage(), "finished", "{name}");
        is_done_as_planned(name, &before.forward, &done);
    }
}

#[test]
fn the_way_back_is_what_is_done_when_it_is_taken_back() {
    for (name, route, world) in stories() {
        let mut story = asked(route, world);
        let before = plan(&story);
        story.step_to("shifting");
        let set = |story: &Story| {
            let rollout = story.promotion.stage().rollout().unwrap();
            rollout.traffic.as_ref().is_some_and(|write| write.settled)
        };
        while !set(&story) {
            let ready = story.promotion.ledger().ready(story.now).next().cloned();
            if let Some(entry) = ready {
                let report = story.world.perform(&entry.effect);
                story.report(&entry.key, report);
            } else {
                story.now = story.promotion.next_due(story.now).unwrap();
                story.due();
            }
        }
        story.wait(121).roll_back().unwrap();
        story.ends("rolled back");
        let done = planned_since(&story, |phase| matches!(phase, Phase::RollingBack { .. }));
        is_done_as_planned(name, &before.way_back, &done);
    }
}

#[test]
fn an_instruction_a_line() {
    let story = asked(route(), World::new());
    let PlannedCalls { forward, way_back } = plan(&story);
    let line = |call: &PlannedCall| match call {
        PlannedCall::Perform(effect) => effect.kind().to_owned(),
        PlannedCall::Wait(wait) => format!("{wait:?}"),
        PlannedCall::Watch { analysis, .. } => format!("watch {analysis:?}"),
    };
    let text = |calls: &[PlannedCall]| calls.iter().map(line).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(text(&forward), @"
    notify
    observe-manifest
    copy-files
    observe-manifest
    register-model
    take-lease
    observe-target
    observe-manifest
    create-deployment
    smoke-test
    observe-manifest
    prove-way-back
    set-traffic
    Pause(Seconds(600))
    set-traffic
    NoCallLands(Seconds(120))
    verify-traffic
    notify
    release-lease
    KeepPrevious(Seconds(86400))
    take-lease
    delete-deployment
    release-lease
    ");
    insta::assert_snapshot!(text(&way_back), @"
    set-traffic
    delete-deployment
    NoCallLands(Seconds(120))
    verify-traffic
    notify
    release-lease
    ");
}

/// Also of what releases wrote that took no turns, and of what ended in whichever way.
#[test]
fn every_kept_journal_that_asked_has_a_plan() {
    let kept = samples::FORMATS.into_iter().flat_map(samples::of);
    let mut plans = 0;
    for sample in kept.filter(|sample| !sample.is_intake()) {
        let name = samples::chain_name(&sample.bytes);
        let lines = Chain::read::<Fact>(&name, &sample.bytes).unwrap().0;
        // As it was after each of its records.
        for end in 1..=lines.len() {
            let promotion = Promotion::replay(&lines[..end]).unwrap();
            let calls = promotion.planned_calls();
            let pinned = promotion.stage().pinned();
            assert_eq!(calls.is_some(), pinned.is_some(), "{}", sample.name);
            if let Some(calls) = calls {
                assert!(!calls.forward.is_empty() && !calls.way_back.is_empty());
                calls.progress(&lines[..end]);
                plans += 1;
            }
        }
    }
    assert!(plans > 500, "{plans} plans");
}

#[test]
fn there_is_no_plan_before_the_gates_have_passed() {
    let mut story = Story::begin();
    assert_eq!(story.promotion.planned_calls(), None);
    story.step_to("gating");
    assert_eq!(story.promotion.planned_calls(), None);
    let mut blocked = Story::begin();
    blocked.world.evidence.run = RunEvidence::Unproven {
        detail: "no run".to_owned(),
    };
    blocked.ends("blocked");
    assert_eq!(blocked.promotion.planned_calls(), None);
}

/// A rehearsal changes nothing, and asks for nobody: the permit that it makes goes nowhere.
#[test]
fn asking_approves_nothing() {
    let mut route = route();
    route.approval.min_approvals = 3;
    // Nobody may act on it either.
    route.operators = vec![];
    let story = asked(route, World::new());
    assert!(!plan(&story).way_back.is_empty());
    let before = story.promotion.clone();
    assert_eq!(plan(&story), plan(&story));
    assert_eq!(story.promotion, before);
    assert!(story.promotion.stage().votes().is_empty());
    assert_eq!(story.promotion.candidate(), &candidate());
}

fn progress(story: &Story) -> String {
    let lines: Vec<Line<Fact>> = Chain::read(story.promotion.id().as_str(), story.bytes())
        .unwrap()
        .0;
    let letter = |progress: &Progress| match progress {
        Progress::Open => '.',
        Progress::UnderWay => '>',
        Progress::Done => 'x',
    };
    plan(story).progress(&lines).iter().map(letter).collect()
}

#[test]
fn how_far_it_is_shows() {
    let mut story = asked(route(), World::new());
    let mut seen = vec![progress(&story)];
    story.approve("Ada");
    to_the_end(&mut story, |story| seen.push(progress(story)));
    seen.dedup();
    insta::assert_snapshot!(seen.join("\n"), @"
    .......................
    xxxxxxxxxxxxx>.........
    xxxxxxxxxxxxxxx>>......
    xxxxxxxxxxxxxxxxxxx>...
    xxxxxxxxxxxxxxxxxxxxxxx
    ");
}

#[test]
fn a_copy_that_failed_and_goes_on_counts_once() {
    let mut story = asked(route(), World::new());
    let failed = Report::Failed(crate::sample::failure("Quota"));
    story.world.answer_next("copy-files", failed);
    story.approve("Ada");
    story.until("failed");
    insta::assert_snapshot!(progress(&story), @"xx.....................");
    story.replay().unwrap();
    story.until("live");
    insta::assert_snapshot!(progress(&story), @"xxxxxxxxxxxxxxxxxxx>...");
}
