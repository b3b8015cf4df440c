//! A candidate is measured while its rollout goes on, and taken back where it is worse.

use jiff::Timestamp;
use promotion::analysis::{
    BesideSpec, Count, Measured, MetricRule, MetricSpec, Provider, Reading, Verdict,
};
use promotion::*;

use crate::sample::{operator, route};
use crate::story::Story;
use crate::world::World;

const INTERVAL: Seconds = Seconds(60);
const WARM_UP: Seconds = Seconds(360);

pub(crate) fn errors(rule: &MetricRule) -> MetricSpec {
    MetricSpec {
        name: "error-rate".to_owned(),
        provider: Provider::Platform {
            reading: Reading::ShareOf {
                status_class: "5xx".to_owned(),
            },
            window: Seconds(300),
        },
        against: None,
        success_condition: Some("result < 0.01".to_owned()),
        failure_condition: None,
        min_samples: 100,
        rule: MetricRule {
            initial_delay: WARM_UP,
            ..rule.clone()
        },
    }
}

pub(crate) fn watch_beside(route: &mut Route, interval: Seconds) {
    route.rollout.beside = Some(BesideSpec {
        starting_step: 1,
        metrics: vec![errors(&MetricRule::every(interval))],
    });
}

/// 10 %, half an hour, 50 %, until somebody resumes it, all, an hour.
fn watched() -> Story {
    let mut route = route();
    route.rollout.steps = vec![
        Step::SetWeight(10),
        Step::Pause(Seconds(1800)),
        Step::SetWeight(50),
        Step::PauseUntilResumed,
        Step::SetWeight(100),
        Step::Bake(Seconds(3600)),
    ];
    watch_beside(&mut route, INTERVAL);
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    story
}

/// Goes on until the step has this index.
fn to_step(story: &mut Story, wanted: usize) {
    for _ in 0..500 {
        story.deliver_unchecked();
        match story.promotion.stage() {
            Stage::Shifting { step, .. } if *step == wanted => return,
            Stage::Shifting { .. } => {}
            other => panic!("{}", other.name()),
        }
        let pause = story.promotion.pause();
        let paused = pause.filter(|pause| pause.to_string() == "1.4" && wanted > 3);
        if let Some(pause) = paused {
            resume(story, pause);
            continue;
        }
        story.now = story.promotion.next_due(story.now).unwrap();
    }
    panic!("it never came to step {wanted}");
}

fn resume(story: &mut Story, pause: PauseId) {
    let event = Event::Resume {
        by: operator(),
        reason: "the errors are the caller's".to_owned(),
        pause,
        attempt: None,
    };
    story.tell(event).unwrap();
}

fn told(story: &Story, notice: Notice) -> usize {
    let told = story.world.notices.iter();
    told.filter(|other| **other == notice).count()
}

fn measured(story: &Story) -> Vec<Timestamp> {
    let at = |fact: &Fact| match fact {
        Fact::Done { outcome, .. } => match &**outcome {
            Outcome::Measured { taken, .. } => Some(taken[0].measurement.at),
            _ => None,
        },
        _ => None,
    };
    story.facts().filter_map(at).collect()
}

#[test]
fn what_is_as_it_should_be_goes_live_and_was_measured_at_every_interval() {
    let mut story = watched();
    to_step(&mut story, 5);
    story.ends("finished");
    let at = measured(&story);
    let gaps: Vec<_> = at
        .windows(2)
        .map(|two| (two[1] - two[0]).get_seconds())
        .collect();
    assert!(
        at.len() > 60 && gaps.iter().all(|gap| *gap == 60),
        "{gaps:?}"
    );
}

/// Steps 1 and 3 are pauses, 5 is the bake: from each it goes back in the moment that the measurement has failed.
#[test]
fn what_is_worse_is_taken_back_at_once_from_every_step() {
    for step in [1, 3, 5] {
        let mut story = watched();
        to_step(&mut story, step);
        story.world.measures = Some((1, Measured::Failed));
        let worse_since = story.now;
        for _ in 0..20 {
            if story.stage() != "shifting" {
                break;
            }
            story.now = story.promotion.next_due(story.now).unwrap();
            story.deliver();
        }
        assert_eq!(story.world.traffic, story.before, "at step {step}");
        let first_look = if step == 1 { WARM_UP } else { INTERVAL };
        let took = (story.now - worse_since).get_seconds();
        assert!(took <= i64::from(first_look.0), "{took} s at step {step}");
        story.ends("rolled back");
        let Ending::RolledBack { cause } = story.ending() else {
            panic!("{:?}", story.ending());
        };
        assert!(
            matches!(cause, WayBackCause::AnalysisFailed { metric, verdict: Verdict::Failed, .. } if metric == "error-rate")
        );
    }
}

#[test]
fn what_cannot_be_measured_five_times_in_a_row_goes_back() {
    let mut story = watched();
    story.world.measures = Some((1, Measured::Error));
    story.ends("rolled back");
    assert_eq!(measured(&story).len(), 5);
}

#[test]
fn where_nobody_can_tell_a_person_is_asked_once_and_it_is_measured_on() {
    let mut story = watched();
    story.world.measures = Some((1, Measured::Inconclusive));
    to_step(&mut story, 1);
    for _ in 0..20 {
        story.now = story.promotion.next_due(story.now).unwrap();
        story.deliver();
    }
    assert_eq!(
        (story.stage(), told(&story, Notice::Inconclusive)),
        ("shifting", 1)
    );
    let share = story.world.traffic.of(&story.deployment());
    assert_eq!(share, 10, "it waits where it is");
    let pause = story.promotion.pause().unwrap();
    assert_eq!(pause.to_string(), "1.beside-1");
    resume(&mut story, pause);
    assert!(
        story
            .tell(Event::Resume {
                by: operator(),
                reason: "again".to_owned(),
                pause,
                attempt: None
            })
            .is_err()
    );
    story.world.measures = None;
    to_step(&mut story, 5);
    story.ends("finished");
    assert_eq!(told(&story, Notice::Inconclusive), 1);
}

/// The same minutes leave both unsure, the step's analysis and the one beside: one question, one answer.
#[test]
fn nobody_is_asked_the_same_twice() {
    let mut route = route();
    route.rollout.steps = vec![
        Step::SetWeight(10),
        Step::Analysis(vec![errors(&MetricRule::once())]),
        Step::SetWeight(100),
    ];
    watch_beside(&mut route, INTERVAL);
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    story.world.measures = Some((1, Measured::Inconclusive));
    while told(&story, Notice::Inconclusive) == 0 {
        story.now = story.promotion.next_due(story.now).unwrap();
        story.deliver();
    }
    let pause = story.promotion.pause().unwrap();
    resume(&mut story, pause);
    story.world.measures = None;
    story.ends("finished");
    assert_eq!(told(&story, Notice::Inconclusive), 1);
}

#[test]
fn what_turns_out_worse_while_a_person_is_asked_goes_back() {
    let mut story = watched();
    story.world.measures = Some((1, Measured::Inconclusive));
    to_step(&mut story, 1);
    while told(&story, Notice::Inconclusive) == 0 {
        story.now = story.promotion.next_due(story.now).unwrap();
        story.deliver();
    }
    story.world.measures = Some((1, Measured::Failed));
    let since = story.now;
    story.ends("rolled back");
    let asked_for = (story.now - since).get_seconds();
    assert!(asked_for < 1800, "{asked_for} s");
}

/// Two metrics beside the steps, in this order.
fn two_metrics(names: [&str; 2], rule: &MetricRule) -> Story {
    let mut route = route();
    route.rollout.steps = vec![
        Step::SetWeight(10),
        Step::PauseUntilResumed,
        Step::SetWeight(100),
    ];
    let metric = |name: &str| MetricSpec {
        name: name.to_owned(),
        ..errors(rule)
    };
    route.rollout.beside = Some(BesideSpec {
        starting_step: 1,
        metrics: names.map(metric).into(),
    });
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    story
}

#[test]
fn what_has_failed_goes_back_whatever_nobody_can_tell_beside_it() {
    for names in [["errors", "latency"], ["latency", "errors"]] {
        let mut story = two_metrics(names, &MetricRule::every(INTERVAL));
        story.world.comes_to = [
            ("latency", Measured::Inconclusive),
            ("errors", Measured::Failed),
        ]
        .into();
        story.ends("rolled back");
        assert_eq!(told(&story, Notice::Inconclusive), 0, "{names:?}");
    }
}

/// Two failures are borne; a person is asked about the other metric all the while.
#[test]
fn what_was_borne_stays_counted_while_a_person_is_asked_about_something_else() {
    let rule = MetricRule {
        failure_limit: Some(2),
        ..MetricRule::every(INTERVAL)
    };
    let mut story = two_metrics(["errors", "latency"], &rule);
    story.world.comes_to = [
        ("latency", Measured::Inconclusive),
        ("errors", Measured::Failed),
    ]
    .into();
    let began = story.now;
    story.ends("rolled back");
    assert_eq!(measured(&story).len(), 3);
    let minutes = (story.now - began).get_seconds() / 60;
    assert!(minutes < 15, "{minutes}");
}

/// Asked after a day of measuring, people have the whole week.
#[test]
fn people_have_the_time_from_when_they_are_asked() {
    let mut route = route();
    let rule = MetricRule {
        count: Count::Times(100.try_into().unwrap()),
        inconclusive_limit: 30,
        ..MetricRule::every(Seconds(3600))
    };
    route.deadlines.resume = Seconds(24 * 3600);
    route.rollout.steps = vec![
        Step::SetWeight(10),
        Step::Analysis(vec![errors(&rule)]),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    story.world.measures = Some((1, Measured::Inconclusive));
    while told(&story, Notice::Inconclusive) == 0 {
        story.now = story.promotion.next_due(story.now).unwrap();
        story.deliver_unchecked();
    }
    story.wait(20 * 3600).deliver();
    assert_eq!(story.stage(), "shifting");
    let pause = story.promotion.pause().unwrap();
    resume(&mut story, pause);
    story.world.measures = None;
    story.ends("finished");
}

#[test]
fn nobody_is_waited_for_for_ever() {
    let mut route = route();
    route.rollout.steps = vec![Step::SetWeight(10), Step::SetWeight(100)];
    watch_beside(&mut route, Seconds(6 * 3600));
    let beside = route.rollout.beside.as_mut().unwrap();
    beside.metrics[0].rule.initial_delay = Seconds(6 * 3600);
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    story.world.measures = Some((1, Measured::Inconclusive));
    let began = story.now;
    story.until("rolled back");
    let days = (story.now - began).get_seconds() / (24 * 3600);
    assert_eq!(days, 7);
}

/// The steps are over before the first measurement is due.
#[test]
fn it_does_not_go_live_before_one_measurement_is_as_it_should_be() {
    let mut route = route();
    route.rollout.steps = vec![Step::SetWeight(100)];
    watch_beside(&mut route, INTERVAL);
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    let began = story.now;
    story.until("live");
    assert_eq!(measured(&story).len(), 1);
    assert!((story.now - began).get_seconds() >= i64::from(WARM_UP.0));
}

/// As a step: it waits until the verdict, and asks where there is none.
#[test]
fn an_analysis_is_a_step() {
    let mut route = route();
    let rule = MetricRule {
        count: Count::Times(3.try_into().unwrap()),
        ..MetricRule::every(INTERVAL)
    };
    route.rollout.steps = vec![
        Step::SetWeight(10),
        Step::Analysis(vec![errors(&rule)]),
        Step::SetWeight(100),
    ];
    for (comes_to, ending, measurements) in [
        (Measured::Successful, "finished", 3),
        (Measured::Failed, "rolled back", 1),
        (Measured::Inconclusive, "finished", 1),
    ] {
        let mut story = Story::on(route.clone(), World::new());
        story.step_to("shifting");
        story.world.measures = Some((1, comes_to));
        to_analysed(&mut story);
        if let Some(pause) = story.promotion.pause() {
            assert_eq!(
                (
                    pause.to_string().as_str(),
                    told(&story, Notice::Inconclusive)
                ),
                ("1.2", 1)
            );
            resume(&mut story, pause);
        }
        story.ends(ending);
        assert_eq!(measured(&story).len(), measurements, "{comes_to:?}");
    }
}

/// One short journal of each: samples of today's format.
#[test]
fn the_journals_of_watched_rollouts_are_kept() {
    for (comes_to, ending, sample) in [
        (Measured::Successful, "finished", "finished-watched"),
        (Measured::Failed, "rolled back", "rolled-back-by-analysis"),
        (Measured::Inconclusive, "finished", "finished-unsure"),
    ] {
        let mut route = route();
        route.rollout.steps = vec![
            Step::SetWeight(10),
            Step::Analysis(vec![errors(&MetricRule::once())]),
            Step::SetWeight(100),
            Step::Bake(Seconds(600)),
        ];
        watch_beside(&mut route, Seconds(300));
        let mut story = Story::on(route, World::new());
        story.step_to("shifting");
        story.world.measures = Some((1, comes_to));
        for _ in 0..50 {
            story.deliver();
            if let Some(pause) = story.promotion.pause()
                && told(&story, Notice::Inconclusive) > 0
            {
                resume(&mut story, pause);
                story.world.measures = None;
                continue;
            }
            match story.promotion.next_due(story.now) {
                Some(due) => story.now = due,
                None => break,
            }
        }
        story.ends(ending);
        story.keep(sample);
    }
}

fn to_analysed(story: &mut Story) {
    for _ in 0..50 {
        story.deliver();
        if story.stage() != "shifting" || story.promotion.pause().is_some() {
            return;
        }
        story.now = story.promotion.next_due(story.now).unwrap();
    }
}

#[test]
fn without_a_champion_there_is_nothing_to_watch() {
    let mut route = route();
    watch_beside(&mut route, INTERVAL);
    let mut story = Story::on(route, World::empty());
    story.step_to("live");
    story.ends("finished");
    assert!(measured(&story).is_empty());
}

#[test]
fn what_is_done_before_anything_was_measured_waits_for_a_first_success_and_not_for_ever() {
    for (resume, ending) in [(7 * 86_400, "finished"), (30, "rolled back")] {
        let mut route = route();
        route.rollout.steps = vec![Step::SetWeight(100)];
        route.deadlines.resume = Seconds(resume);
        watch_beside(&mut route, INTERVAL);
        let mut story = Story::on(route, World::new());
        story.until("awaiting approval").approve("Ada");
        story.until("shifting");
        while story.stage() == "shifting" && story.promotion.first_success_by().is_none() {
            story.deliver();
            story.now = story.promotion.next_due(story.now).unwrap();
        }
        if ending == "finished" {
            let until = story.promotion.first_success_by().unwrap();
            let left = until.duration_since(story.now).as_secs();
            assert!(left > 7 * 86_400 - 3600, "{left} s");
        }
        story.ends(ending);
    }
}
