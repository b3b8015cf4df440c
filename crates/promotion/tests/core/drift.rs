//! Somebody else changes the endpoint while traffic moves; and the way back is proven before it does.

use promotion::analysis::Measured;
use promotion::*;

use crate::sample::{operator, route};
use crate::story::Story;
use crate::watching::watch_beside;
use crate::world::{World, champion};

impl World {
    /// What the endpoint shows instead of what was expected.
    pub(crate) fn drift(&self, expected: &Expected) -> Option<Drift> {
        let copied = self.mirror.iter();
        let copied = Traffic::new(copied.map(|to| (to.deployment.clone(), to.percent)));
        let mirrored = |mirror: &Mirror| copied.of(&mirror.deployment) == mirror.percent;
        let deployments = self.changed(&expected.deployments);
        let as_expected = self.traffic == expected.traffic
            && expected.mirror.as_ref().is_none_or(mirrored)
            && deployments.is_empty();
        (!as_expected).then(|| Drift {
            expected: expected.clone(),
            traffic: self.traffic.clone(),
            copied,
            deployments,
            last_change: Some(LastChange {
                by: Some("Olaf Ops".to_owned()),
                at: Some(self.now),
            }),
        })
    }

    /// Deployments that are not there as expected.
    pub(crate) fn changed(&self, expected: &[Serves]) -> Vec<ChangedDeployment> {
        let changed = expected.iter().filter_map(|serves| {
            let now = self.deployments.get(&serves.deployment);
            let same = now.is_some_and(|now| now.version == serves.version);
            (!same).then(|| ChangedDeployment {
                deployment: serves.deployment.clone(),
                serves: now.map(|now| format!("{}:{}", now.model, now.version)),
            })
        });
        changed.collect()
    }

    pub(crate) fn prove(&self, back: &Traffic) -> Outcome {
        let (deployment, _) = back.shares().next().expect("somebody serves");
        let there = self.deployments.contains_key(deployment);
        Outcome::WayBackSeen(WayBackProof {
            deployment: deployment.clone(),
            status: there.then_some(200),
            problem: (!there).then(|| "it is gone".to_owned()),
        })
    }
}

fn on(policy: OnDrift) -> Story {
    let mut route = route();
    route.rollout.on_drift = policy;
    Story::on(route, World::new())
}

/// Ten percent are the candidate's, and somebody gives it thirty.
fn meddled(policy: OnDrift) -> Story {
    let mut story = on(policy);
    story.until("awaiting approval").approve("Ada");
    until_weight(&mut story, 10);
    let ours = story.deployment();
    story.world.traffic = Traffic::new([(ours, 30), (champion(), 70)]);
    story
}

fn until_weight(story: &mut Story, percent: u8) {
    for _ in 0..200 {
        story.deliver();
        if story.world.traffic.of(&story.deployment()) == percent {
            return;
        }
        story.now = story.promotion.next_due(story.now).unwrap();
    }
    panic!("never {percent} %");
}

/// Goes on until people are asked about it.
fn until_asked(story: &mut Story) -> PauseId {
    for _ in 0..200 {
        story.deliver();
        let pause = story.promotion.pause();
        if let Some(pause) = pause.filter(|pause| pause.to_string().contains("drift")) {
            return pause;
        }
        story.now = story.promotion.next_due(story.now).unwrap();
    }
    panic!("nobody was asked");
}

fn resume(story: &mut Story, pause: PauseId) -> Result<usize, Refused> {
    story.tell(Event::Resume {
        by: operator(),
        reason: "it was me, by mistake".to_owned(),
        pause,
        attempt: None,
    })
}

fn told(story: &Story) -> usize {
    let told = story.world.notices.iter();
    told.filter(|notice| **notice == Notice::Drifted).count()
}

fn writes(story: &Story) -> Vec<u8> {
    let ours = story.deployment();
    let facts = story.facts();
    let of_ours = |fact: &Fact| match fact {
        Fact::Planned { effect, .. } => match &**effect {
            Effect::SetTraffic { traffic, .. } => Some(traffic.of(&ours)),
            _ => None,
        },
        _ => None,
    };
    facts.filter_map(of_ours).collect()
}

#[test]
fn people_are_asked_once_and_going_on_sets_it_again() {
    let mut story = meddled(OnDrift::Pause);
    let pause = until_asked(&mut story);
    assert_eq!(pause.to_string(), "1.drift-1");
    assert_eq!(
        story.world.traffic.of(&story.deployment()),
        30,
        "not touched"
    );
    let stage = story.promotion.stage().rollout().unwrap();
    let drifted = stage.drifted().unwrap();
    assert_eq!(drifted.drift.traffic.of(&story.deployment()), 30);
    assert!(drifted.drift.last_change.is_some());

    resume(&mut story, pause).unwrap();
    assert!(resume(&mut story, pause).is_err(), "answered once");
    story.ends("finished");
    assert_eq!(told(&story), 1);
    assert_eq!(writes(&story), [10, 100, 10, 100]);
    story.keep("finished-after-drift");
}

#[test]
fn where_nobody_answers_it_goes_back() {
    let mut story = meddled(OnDrift::Pause);
    until_asked(&mut story);
    story.ends("rolled back");
    assert_eq!(told(&story), 1);
}

/// The same while it is measured once a minute beside its steps.
fn meddled_and_measured() -> Story {
    let mut route = route();
    watch_beside(&mut route, Seconds(60));
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    until_weight(&mut story, 10);
    let ours = story.deployment();
    story.world.traffic = Traffic::new([(ours, 30), (champion(), 70)]);
    story
}

#[test]
fn whoever_measures_notices_it_within_an_interval() {
    let mut story = meddled_and_measured();
    let began = story.now;
    until_asked(&mut story);
    let took = story.now.duration_since(began).as_secs();
    assert!(took <= 360 + 60, "{took} s after the warm-up");
    assert_eq!(writes(&story), [10], "no step had to end before");
}

#[test]
fn what_is_put_back_before_anyone_answers_is_a_question_no_more() {
    let mut story = meddled_and_measured();
    let pause = until_asked(&mut story);
    story.world.traffic = Traffic::new([(story.deployment(), 10), (champion(), 90)]);
    story.wait(60).deliver();
    assert_ne!(story.promotion.pause(), Some(pause));
    assert!(resume(&mut story, pause).is_err());
    story.ends("finished");
    assert_eq!(told(&story), 1);
    assert_eq!(writes(&story), [10, 100]);
    story.keep("finished-after-drift-that-was-put-back");
}

#[test]
fn it_is_measured_on_while_people_are_asked_about_drift() {
    let mut story = meddled_and_measured();
    until_asked(&mut story);
    story.world.measures = Some((1, Measured::Failed));
    story.ends("rolled back");
    assert!(matches!(
        story.ending(),
        Ending::RolledBack {
            cause: WayBackCause::AnalysisFailed { .. }
        }
    ));
}

#[test]
fn it_is_set_right_where_the_route_says_so_three_times_and_then_people_are_asked() {
    let mut route = route();
    route.rollout.on_drift = OnDrift::Restore;
    let weights = [10, 20, 30, 40, 100];
    let pause = Step::Pause(Seconds(600));
    let steps = weights.map(|weight| [Step::SetWeight(weight), pause.clone()]);
    route.rollout.steps = steps.into_iter().flatten().collect();
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    for weight in [10, 20, 30, 40] {
        assert_eq!(told(&story), 0, "before {weight} %");
        until_weight(&mut story, weight);
        story.world.traffic = Traffic::all_to(&champion());
    }
    let pause = until_asked(&mut story);
    assert_eq!(pause.to_string(), "1.drift-4");
    assert_eq!(
        writes(&story),
        [10, 20, 10, 20, 30, 20, 30, 40, 30, 40, 100]
    );
}

#[test]
fn it_goes_back_at_once_where_the_route_says_so() {
    let mut story = meddled(OnDrift::Abort);
    story.ends("rolled back");
    assert!(matches!(
        story.ending(),
        Ending::RolledBack {
            cause: WayBackCause::Drifted { .. }
        }
    ));
    assert_eq!(told(&story), 0);
    story.keep("rolled-back-by-drift");
}

#[test]
fn a_late_call_of_our_own_is_nobodys_will() {
    let mut route = route();
    route.rollout.on_drift = OnDrift::Abort;
    route.rollout.steps = vec![
        Step::SetWeight(10),
        Step::SetWeight(50),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    story.step_to("shifting");
    let ten = Traffic::new([(story.deployment(), 10), (champion(), 90)]);
    let half = Traffic::new([(story.deployment(), 50), (champion(), 50)]);
    for _ in 0..50 {
        let ready = story.promotion.ledger().ready(story.now).next().cloned();
        if let Some(entry) = ready {
            let report = story.world.perform(&entry.effect);
            story.report(&entry.key, report);
        }
        story.due();
        if story.world.traffic == half
            && story
                .promotion
                .ledger()
                .undone()
                .iter()
                .any(|entry| entry.effect.class() == EffectClass::Overwrite)
        {
            break;
        }
    }
    // Half of it was written a moment ago, and the ten percent land once more.
    story.world.traffic = ten;
    story.ends("finished");
    assert_eq!(writes(&story), [10, 50, 100, 50, 100]);
}

#[test]
fn a_mirror_that_another_tool_drops_is_set_again_without_a_question() {
    let mut route = route();
    route.rollout.steps = vec![
        Step::Mirror(20),
        Step::Pause(Seconds(600)),
        Step::SetWeight(10),
        Step::Pause(Seconds(600)),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    while story.world.mirror.is_none() {
        story.deliver();
        story.now = story.promotion.next_due(story.now).unwrap();
    }
    story.world.mirror = None;
    story.ends("finished");
    assert_eq!(told(&story), 0);
}

#[test]
fn a_candidate_that_is_not_what_was_agreed_to_any_more_is_taken_back_whatever_the_route_says() {
    for policy in [OnDrift::Pause, OnDrift::Restore, OnDrift::Abort] {
        let mut story = on(policy);
        story.until("awaiting approval").approve("Ada");
        until_weight(&mut story, 10);
        let ours = story.deployment();
        story.world.deployments.get_mut(&ours).unwrap().version = ModelVersion::new("99");
        story.ends("rolled back");
        assert_eq!(told(&story), 0, "{policy:?}");
    }
}

#[test]
fn a_champion_that_is_another_by_now_is_asked_about_and_once_agreed_to_not_again() {
    for policy in [OnDrift::Pause, OnDrift::Restore] {
        let mut story = on(policy);
        story.until("awaiting approval").approve("Ada");
        until_weight(&mut story, 10);
        story.world.champion_mut().version = ModelVersion::new("1.1");
        let pause = until_asked(&mut story);
        resume(&mut story, pause).unwrap();
        story.ends("finished");
        assert_eq!(told(&story), 1, "{policy:?}");
    }
}

#[test]
fn before_its_first_percent_whatever_would_serve_again_is_looked_at() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    let planned = story.planned();
    let place = |wanted| planned.iter().position(|kind| *kind == wanted).unwrap();
    assert!(place("prove-way-back") < place("set-traffic"));
    assert_eq!(
        planned
            .iter()
            .filter(|kind| **kind == "prove-way-back")
            .count(),
        1
    );
}

#[test]
fn without_a_way_back_nothing_goes_live() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    let proof = WayBackProof {
        deployment: champion(),
        status: Some(500),
        problem: Some("it answered 500".to_owned()),
    };
    let seen = Report::Done(Outcome::WayBackSeen(proof));
    story.world.answer_next("prove-way-back", seen);
    story.ends("rolled back");
    assert_eq!(writes(&story), [] as [u8; 0], "it never had traffic");
    story.keep("rolled-back-without-a-way-back");
}

#[test]
fn where_nothing_serves_there_is_nothing_to_prove() {
    let mut story = Story::on(route(), World::empty());
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    assert!(!story.planned().contains(&"prove-way-back"));
}

#[test]
fn while_drift_is_asked_about_no_other_question_runs_out_or_spins() {
    let mut story = meddled_and_measured();
    story.world.traffic = Traffic::new([(story.deployment(), 10), (champion(), 90)]);
    story.world.measures = Some((1, Measured::Inconclusive));
    for _ in 0..200 {
        story.deliver();
        if story
            .promotion
            .pause()
            .is_some_and(|pause| pause.to_string() == "1.beside-1")
        {
            break;
        }
        story.now = story.promotion.next_due(story.now).unwrap();
    }
    let resume_within = i64::from(story.promotion.route().deadlines.resume.0);
    story.wait(resume_within / 2);
    story.world.traffic = Traffic::all_to(&champion());
    let drift = until_asked(&mut story);
    // The first question would be over by now; `deliver` asserts that nothing is due at once for ever.
    story.wait(resume_within * 3 / 4).deliver();
    assert_eq!(story.stage(), "shifting");
    resume(&mut story, drift).unwrap();
    story.world.measures = None;
    story.deliver();
    let beside = story.promotion.pause().unwrap();
    assert_eq!(beside.to_string(), "1.beside-1");
    resume(&mut story, beside).unwrap();
    story.ends("finished");
}

#[test]
fn what_was_found_before_the_first_percent_has_the_way_back_proven_anew() {
    let mut story = on(OnDrift::Restore);
    story.until("awaiting approval").approve("Ada");
    story.step_to("shifting");
    while !story.planned().contains(&"set-traffic") {
        let ready = story.promotion.ledger().ready(story.now).next().cloned();
        if let Some(entry) = ready {
            let report = story.world.perform(&entry.effect);
            story.report(&entry.key, report);
        }
        story.due();
    }
    let blue = DeploymentName::new("blue");
    let other = crate::world::serving(&blue, "7");
    story.world.deployments.insert(blue.clone(), other);
    story.world.traffic = Traffic::all_to(&blue);
    story.ends("finished");
    let proofs = story.planned();
    let proofs = proofs.iter().filter(|kind| **kind == "prove-way-back");
    assert_eq!(proofs.count(), 2);
    assert_eq!(writes(&story), [10, 0, 10, 100]);
}

#[test]
fn a_way_back_that_somebody_deletes_before_it_is_live_is_asked_about() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    until_weight(&mut story, 100);
    story.world.deployments.remove(&champion());
    let pause = until_asked(&mut story);
    resume(&mut story, pause).unwrap();
    story.ends("finished");
    assert_eq!(told(&story), 1);
    assert_eq!(writes(&story), [10, 100, 100]);
}
