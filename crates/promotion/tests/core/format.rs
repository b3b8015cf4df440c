//! Journals of today's format, one of each ending: they must be read for ever. They are only read here; a story writes
//! one that is missing (`Story::keep`), and nothing ever rewrites one.

use promotion::*;

use crate::story::journals;

fn read(name: &str) -> Vec<u8> {
    let path = journals().join(format!("{name}.jsonl"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first record's fact, which says whose journal it is.
fn first<F: serde::de::DeserializeOwned>(bytes: &[u8]) -> F {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap();
    let wire: serde_json::Value = serde_json::from_slice(line).unwrap();
    serde_json::from_value(wire["fact"].clone()).unwrap()
}

fn replayed(name: &str) -> (Promotion, Vec<Line<Fact>>) {
    let bytes = read(name);
    let Fact::Opened {
        candidate,
        route,
        cause,
    } = first(&bytes)
    else {
        panic!("{name} does not open");
    };
    let opening = Opening {
        candidate,
        route: *route,
        cause,
    };
    let (lines, _) = Chain::read(opening.id().as_str(), &bytes).unwrap();
    (Promotion::replay(&lines).unwrap(), lines)
}

#[test]
fn a_journal_of_every_ending_replays() {
    for (name, ending) in [
        ("blocked", "blocked"),
        ("rejected", "rejected"),
        ("expired", "expired"),
        ("superseded", "superseded"),
        ("refused", "refused"),
        ("voided", "voided"),
        ("aborted", "aborted"),
        ("failed", "failed"),
        ("rolled-back", "rolled back"),
        ("finished", "finished"),
        ("finished-after-replay", "finished"),
        ("finished-by-a-newer-one", "finished"),
        ("blocked-by-no-number", "blocked"),
    ] {
        let (promotion, lines) = replayed(name);
        assert_eq!(promotion.stage().name(), ending);
        let last = lines.last().unwrap();
        assert!(
            matches!(last.fact, Fact::Closed { records } if records == last.seq),
            "{name}"
        );
    }
}

#[test]
fn every_beginning_of_a_journal_is_a_journal() {
    let (_, lines) = replayed("finished");
    for end in 1..=lines.len() {
        Promotion::replay(&lines[..end]).unwrap();
    }
}

/// Journals of releases before turns: where such a one stands, it takes its turn before the lease, and never behind it.
#[test]
fn one_begun_before_turns_were_taken_takes_its_turn_before_the_lease() {
    let (_, lines) = replayed("finished");
    let registered = |line: &Line<Fact>| matches!(&line.fact, Fact::Entered { phase } if *phase == Phase::WaitingForTarget);
    let at = lines.iter().position(registered).unwrap();
    let wanted = |end: usize| {
        let promotion = Promotion::replay(&lines[..end]).unwrap();
        let due = promotion.due(promotion.last_at());
        due.effects().map(Effect::kind).collect::<Vec<_>>()
    };
    assert_eq!(wanted(at + 1), ["take-turn"]);
    assert_eq!(planned(&lines[at + 1]), Some("take-lease"));
    assert!(wanted(at + 2).is_empty());
}

fn planned(line: &Line<Fact>) -> Option<&'static str> {
    match &line.fact {
        Fact::Planned { effect, .. } => Some(effect.kind()),
        _ => None,
    }
}

#[test]
fn a_record_left_out_or_swapped_is_found() {
    let bytes = read("finished");
    let (promotion, _) = replayed("finished");
    let name = promotion.id().as_str();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 0..lines.len() - 1 {
        let mut without = lines.clone();
        without.remove(at);
        assert!(
            Chain::read::<Fact>(name, &without.concat()).is_err(),
            "without {at}"
        );
        let mut swapped = lines.clone();
        swapped.swap(at, at + 1);
        assert!(
            Chain::read::<Fact>(name, &swapped.concat()).is_err(),
            "{at} swapped"
        );
    }
}

#[test]
fn an_intake_of_every_ending_replays() {
    for name in ["intake-opened", "intake-ignored", "intake-failed"] {
        let bytes = read(name);
        let IntakeFact::Opened { job, .. } = first(&bytes) else {
            panic!("{name} does not open");
        };
        let (lines, _) = Chain::read::<IntakeFact>(job.id().as_str(), &bytes).unwrap();
        let intake = Intake::replay(&lines).unwrap();
        let IntakeStage::Closed(end) = intake.stage() else {
            panic!("{name} is not closed");
        };
        let kind = match end {
            IntakeEnd::Opened { .. } => "intake-opened",
            IntakeEnd::Ignored { .. } => "intake-ignored",
            IntakeEnd::Failed { .. } => "intake-failed",
        };
        assert_eq!(kind, name);
    }
}
