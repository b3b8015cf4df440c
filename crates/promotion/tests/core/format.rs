//! Kept journals of every format replay, for ever.

use promotion::*;

use crate::samples::{FORMATS, Sample, TODAY, chain_name, of, todays};

fn promotion(sample: &Sample) -> (Promotion, Vec<Line<Fact>>, Chain) {
    let (lines, chain) = Chain::read(&chain_name(&sample.bytes), &sample.bytes)
        .unwrap_or_else(|error| panic!("{}/{}: {error}", sample.format, sample.name));
    (Promotion::replay(&lines).unwrap(), lines, chain)
}

fn promotions(format: &'static str) -> impl Iterator<Item = Sample> {
    of(format).into_iter().filter(|sample| !sample.is_intake())
}

#[test]
fn a_journal_of_every_ending_replays() {
    for sample in FORMATS.into_iter().flat_map(promotions) {
        let (promotion, lines, chain) = promotion(&sample);
        let (name, ending) = (&sample.name, promotion.stage().name().replace(' ', "-"));
        assert!(name.starts_with(&ending), "{name} is {ending}");
        let last = lines.last().unwrap();
        let counted = matches!(last.fact, Fact::Closed { records } if records == last.seq);
        assert!(counted, "{name}");
        assert_eq!(chain.is_sealed(), sample.format != "format-1", "{name}");
    }
}

#[test]
fn an_intake_of_every_ending_replays() {
    let intakes = FORMATS.into_iter().flat_map(of).filter(Sample::is_intake);
    for sample in intakes {
        let name = chain_name(&sample.bytes);
        let (lines, _) = Chain::read::<IntakeFact>(&name, &sample.bytes).unwrap();
        let intake = Intake::replay(&lines).unwrap();
        assert_eq!(sample.name, format!("intake-{}", intake.stage().name()));
        assert!(intake.is_closed());
    }
}

/// Nothing writes these formats any more: one that is lost is lost for ever.
#[test]
fn no_journal_of_an_older_format_is_lost() {
    let names = |format| {
        let names: Vec<String> = of(format).into_iter().map(|sample| sample.name).collect();
        names.join(" ")
    };
    assert_eq!(
        names("format-1"),
        "aborted blocked blocked-by-no-number expired failed finished finished-after-replay finished-by-a-newer-one \
         intake-failed intake-ignored intake-opened rejected rolled-back voided"
    );
    assert_eq!(
        names("format-2"),
        "aborted blocked blocked-by-no-number expired failed finished finished-after-a-mirror \
         finished-after-pauses finished-after-replay finished-by-a-newer-one finished-in-attempt-3 \
         finished-unsure finished-watched finished-without-a-way-back intake-failed intake-ignored \
         intake-opened refused refused-by-a-hold rejected rolled-back rolled-back-and-held \
         rolled-back-by-analysis superseded voided"
    );
}

#[test]
fn every_beginning_of_a_journal_is_a_journal() {
    for sample in promotions(TODAY) {
        let (_, lines, _) = promotion(&sample);
        for end in 1..=lines.len() {
            Promotion::replay(&lines[..end]).unwrap();
        }
    }
}

/// A release that reads an older format and writes today's goes on, after any record.
#[test]
fn a_journal_of_the_older_format_goes_on_in_todays_after_any_record() {
    for format in ["format-1", "format-2"] {
        let finished = promotions(format).find(|sample| sample.name == "finished");
        goes_on_in_todays(&finished.unwrap());
    }
}

fn goes_on_in_todays(finished: &Sample) {
    let (promotion, lines, _) = promotion(finished);
    let ends: Vec<usize> = (0..finished.bytes.len())
        .filter(|at| finished.bytes[*at] == b'\n')
        .map(|at| at + 1)
        .collect();
    for (end, behind) in ends.iter().zip(1..) {
        let name = promotion.id().as_str();
        let mut bytes = finished.bytes[..*end].to_vec();
        let (_, mut chain) = Chain::read::<Fact>(name, &bytes).unwrap();
        for line in &lines[behind..] {
            bytes.extend(
                chain
                    .extend(std::slice::from_ref(&line.fact), line.at, "n")
                    .0,
            );
        }
        let (read, again) = Chain::read::<Fact>(name, &bytes).unwrap();
        assert_eq!(again, chain);
        assert_eq!(Promotion::replay(&read).unwrap().stage().name(), "finished");
        assert_eq!(
            again.is_sealed(),
            finished.format != "format-1" || behind < lines.len()
        );
    }
}

/// Journals of releases before turns: where such a one stands, it takes its turn before the lease, and never behind it.
#[test]
fn one_begun_before_turns_were_taken_takes_its_turn_before_the_lease() {
    let finished = promotions("format-1").find(|sample| sample.name == "finished");
    let (_, lines, _) = promotion(&finished.unwrap());
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
fn a_whole_journal_of_a_newer_format_is_refused_by_name() {
    let bytes = todays("rejected");
    let text = String::from_utf8(bytes.clone()).unwrap();
    let newer = text.replace("{\"format\":4,", "{\"format\":5,");
    let error = Chain::read::<Fact>(&chain_name(&bytes), newer.as_bytes()).unwrap_err();
    insta::assert_snapshot!(error, @"record 0 has format 5, and this release reads up to 4; update Liftlock");
}

/// What was journaled before there was anything else reads as managed, and a managed one is still written so.
#[test]
fn only_what_is_on_kubernetes_says_what_it_runs_on() {
    let managed = crate::sample::route().rollout;
    let written = serde_json::to_value(&managed).unwrap();
    let says = |part: &serde_json::Value, key: &str| part.get(key).is_some();
    assert!(!says(&written["endpoint"], "compute"), "{written}");
    assert!(!says(&written["deployment"], "computeType"), "{written}");
    let read: RolloutSpec = serde_json::from_value(written).unwrap();
    assert_eq!(read, managed);

    let mut on_kubernetes = managed;
    let workspace = crate::sample::workspace("ml-prod");
    on_kubernetes.endpoint.compute = Some(ComputeId::of(&workspace, "aks-prod"));
    on_kubernetes.deployment.compute_type = ComputeType::Kubernetes;
    on_kubernetes.deployment.instance_type = None;
    let written = serde_json::to_value(&on_kubernetes).unwrap();
    assert_eq!(written["deployment"]["computeType"], "kubernetes");
    let read: RolloutSpec = serde_json::from_value(written).unwrap();
    assert_eq!(read, on_kubernetes);
}

/// What people have agreed to keeps its digest: a key that a release adds is not written where it says nothing new.
#[test]
fn what_was_pinned_comes_to_the_digest_that_was_journaled() {
    let mut compared = 0;
    for sample in promotions(TODAY) {
        let (_, lines, _) = promotion(&sample);
        for line in &lines {
            let Fact::Pinned { pinned } = &line.fact else {
                continue;
            };
            let content = (
                &pinned.source,
                &pinned.manifest,
                &pinned.evidence,
                &pinned.verdicts,
                &pinned.champion,
                &pinned.plan,
                &pinned.quorum,
                &pinned.expires_at,
            );
            assert_eq!(Digest::of_json(&content), pinned.digest, "{}", sample.name);
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
}
