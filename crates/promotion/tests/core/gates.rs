//! Gates: only a finite number from a named source passes; whatever is not known blocks with its reason.

use promotion::*;
use std::collections::BTreeMap;

use crate::sample::{candidate, numbers, rmse_beats_champion, rmse_below, route};
use crate::story::Story;
use crate::world::{World, champion, predecessor};

fn judged(gates: Vec<GateSpec>, world: World) -> Story {
    let mut story = Story::on(Route { gates, ..route() }, world);
    story.deliver();
    story
}

/// What each gate said, where the promotion is blocked.
fn blocked(gates: Vec<GateSpec>, world: World) -> Vec<VerdictResult> {
    let mut story = judged(gates, world);
    story.ends("blocked");
    match story.ending() {
        Ending::Blocked { verdicts } => verdicts.iter().map(|v| v.result.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

fn why(gate: GateSpec, world: World) -> Why {
    match blocked(vec![gate], world).as_slice() {
        [VerdictResult::Inconclusive(why)] => why.clone(),
        other => panic!("{other:?}"),
    }
}

fn beats() -> GateSpec {
    rmse_beats_champion(NoChampion::Fail, Source::Run)
}

fn with_run_metrics(metrics: &[(&str, Option<f64>)]) -> World {
    let mut world = World::new();
    let metrics = metrics
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value));
    world.evidence.run = RunEvidence::Proven {
        run: RunId::new("run-2"),
        metrics: metrics.collect(),
    };
    world
}

#[test]
fn a_value_out_of_bounds_fails_with_all_that_people_need() {
    let mut story = judged(vec![rmse_below(50.0), beats()], World::new());
    story.ends("blocked");
    assert_eq!(story.world.notices, [Notice::Blocked]);
    assert_eq!(
        story.planned(),
        ["observe-candidate", "observe-target", "notify"]
    );
    let Ending::Blocked { verdicts } = story.ending() else {
        panic!()
    };
    assert_eq!(verdicts[0].result, VerdictResult::Failed);
    assert_eq!(verdicts[0].threshold, Some(50.0));
    assert!((verdicts[1].champion.as_ref().unwrap().value - 58.0).abs() < f64::EPSILON);
    story.keep("blocked");
}

#[test]
fn a_missing_metric_is_inconclusive() {
    let missing = why(rmse_below(60.0), with_run_metrics(&[("mae", Some(1.0))]));
    assert!(matches!(
        missing,
        Why::MetricMissing {
            source: MetricSource::Run { .. }
        }
    ));
}

#[test]
fn neither_nan_nor_infinity_is_evidence() {
    assert_eq!(
        why(rmse_below(60.0), with_run_metrics(&[("rmse", None)])),
        Why::NotFinite
    );
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut world = World::new();
        world.evidence.tags = numbers(&[("rmse", value)]);
        world.champion_mut().tags = numbers(&[("rmse", value)]);
        let gate = rmse_beats_champion(NoChampion::Pass, Source::Tags);
        assert_eq!(why(gate, world), Why::NotFinite);
        let mut world = World::new();
        world.champion_mut().run_metrics = numbers(&[("rmse", value)]);
        assert_eq!(why(beats(), world), Why::NotFinite);
    }
}

#[test]
fn what_is_no_number_is_remembered_as_it_was() {
    let mut world = World::new();
    world.evidence.tags = numbers(&[("a", f64::NAN), ("b", f64::INFINITY), ("c", 0.1 + 0.2)]);
    world.champion_mut().run_metrics = numbers(&[("rmse", f64::NEG_INFINITY), ("d", 1e300)]);
    let mut story = judged(vec![rmse_below(f64::INFINITY), beats()], world);
    story.ends("blocked");
    story.keep("blocked-by-no-number");
}

#[test]
fn a_bound_that_is_no_number_passes_nothing() {
    assert_eq!(why(rmse_below(f64::NAN), World::new()), Why::NotFinite);
    let gate = GateSpec::Champion {
        metric: "rmse".to_owned(),
        greater_is_better: true,
        min_relative_change: f64::NEG_INFINITY,
        when_no_champion: NoChampion::Pass,
        source: Source::Run,
    };
    assert_eq!(why(gate, World::new()), Why::NotFinite);
}

#[test]
fn a_run_that_is_not_proven_is_no_source() {
    let mut world = World::new();
    let detail = "the files lie elsewhere".to_owned();
    world.evidence.run = RunEvidence::Unproven { detail };
    assert!(matches!(
        why(rmse_below(60.0), world),
        Why::NoProvenRun { .. }
    ));
}

#[test]
fn tags_count_where_the_gate_takes_them_and_are_marked() {
    let mut world = World::new();
    let detail = "registered by hand".to_owned();
    world.evidence.run = RunEvidence::Unproven { detail };
    world.evidence.tags = numbers(&[("rmse", 50.0)]);
    world.champion_mut().run_metrics = BTreeMap::new();
    world.champion_mut().tags = numbers(&[("rmse", 58.0)]);
    let gate = rmse_beats_champion(NoChampion::Fail, Source::Tags);
    let story = judged(vec![gate], world);
    assert_eq!(story.stage(), "awaiting approval");
    let verdict = &story.promotion.stage().pinned().unwrap().verdicts[0];
    assert_eq!(verdict.value.as_ref().unwrap().source, MetricSource::Tags);
    assert_eq!(
        verdict.champion.as_ref().unwrap().source,
        MetricSource::Tags
    );
}

#[test]
fn an_unclear_champion_is_inconclusive() {
    let mut world = World::new();
    let blue = DeploymentName::new("blue");
    world.traffic = Traffic::new([(champion(), 50), (blue, 50)]);
    assert!(matches!(why(beats(), world), Why::ChampionUnclear { .. }));
}

#[test]
fn an_unclear_champion_leaves_no_way_back_to_ask_about() {
    let mut world = World::new();
    let blue = DeploymentName::new("blue");
    world.traffic = Traffic::new([(champion(), 50), (blue, 50)]);
    let mut story = judged(vec![rmse_below(60.0)], world);
    story.ends("voided");
}

#[test]
fn a_champion_without_a_value_or_with_zero_is_inconclusive() {
    let mut world = World::new();
    world.champion_mut().run_metrics = BTreeMap::new();
    world.champion_mut().tags = numbers(&[("rmse", 58.0)]);
    assert_eq!(why(beats(), world), Why::ChampionValueMissing);
    let mut world = World::new();
    world.champion_mut().run_metrics = numbers(&[("rmse", 0.0)]);
    assert_eq!(why(beats(), world), Why::ChampionIsZero);
}

#[test]
fn no_champion_is_answered_as_the_gate_says() {
    assert_eq!(
        blocked(vec![beats()], World::empty()),
        [VerdictResult::Failed]
    );
    let gate = rmse_beats_champion(NoChampion::Pass, Source::Run);
    let story = judged(vec![gate], World::empty());
    assert_eq!(story.stage(), "awaiting approval");
}

#[test]
fn the_champions_own_journal_comes_before_its_run() {
    let mut world = World::new();
    world.champion_mut().promotion = Some(predecessor());
    world.recalled = numbers(&[("rmse", 40.0)]);
    let mut story = judged(vec![beats()], world);
    story.ends("blocked");
    assert!(story.planned().contains(&"recall-evidence"));
    let Ending::Blocked { verdicts } = story.ending() else {
        panic!()
    };
    let found = verdicts[0].champion.as_ref().unwrap();
    assert!((found.value - 40.0).abs() < f64::EPSILON);
    assert!(matches!(found.source, MetricSource::Journal { .. }));
}

#[test]
fn better_by_exactly_the_share_is_enough() {
    for (value, stage) in [(57.42, "awaiting approval"), (57.43, "blocked")] {
        let world = with_run_metrics(&[("rmse", Some(value))]);
        let mut story = judged(vec![beats()], world);
        story.until(stage);
    }
}

#[test]
fn a_candidate_keeps_its_name_whatever_the_gates_say() {
    let story = Story::begin();
    assert_eq!(*story.promotion.candidate(), candidate());
    assert!(
        story
            .promotion
            .id()
            .as_str()
            .starts_with("diabetes-2.diabetes-to-prod-")
    );
}
