//! The audit, held against every change of every kept journal: each is found, and located.

use promotion::audit::{Audit, Entry, Misfit, Named, Proof, Subject, Tail, Wanted, verify};
use promotion::*;

use crate::mutation::Journal;
use crate::samples::{TODAY, chain_name, of, todays};
use crate::story::Story;

fn journals() -> Vec<Journal> {
    of(TODAY).into_iter().map(Journal::of).collect()
}

fn proof(name: &str) -> Proof {
    verify(&todays(name), Named::Freely, Wanted::Anything).unwrap()
}

fn error(result: Result<Proof, Misfit>) -> String {
    let error = result.unwrap_err();
    let source = std::error::Error::source(&error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

#[test]
fn a_journal_says_whose_it_is_and_how_it_ends() {
    let told: Vec<String> = of(TODAY)
        .iter()
        .map(|sample| {
            let proof = verify(&sample.bytes, Named::Freely, Wanted::Ended).unwrap();
            assert_eq!(proof.tail, Tail::Closed);
            assert_eq!(proof.journal, chain_name(&sample.bytes));
            let kind = match proof.subject {
                Subject::Promotion(_) => "promotion",
                Subject::Intake(_) => "intake",
            };
            let (records, attempts) = (proof.records, proof.subject.attempts());
            format!(
                "{kind} {records} records, attempts {attempts}: {}",
                proof.subject.stage()
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    promotion 30 records, attempts 1: aborted
    promotion 10 records, attempts 1: blocked
    promotion 10 records, attempts 1: blocked
    promotion 16 records, attempts 1: expired
    promotion 27 records, attempts 1: failed
    promotion 69 records, attempts 1: finished
    promotion 72 records, attempts 1: finished
    promotion 72 records, attempts 1: finished
    promotion 83 records, attempts 1: finished
    promotion 87 records, attempts 1: finished
    promotion 71 records, attempts 1: finished
    promotion 78 records, attempts 1: finished
    promotion 85 records, attempts 1: finished
    promotion 73 records, attempts 1: finished
    promotion 73 records, attempts 1: finished
    promotion 77 records, attempts 1: finished
    promotion 82 records, attempts 1: finished
    promotion 63 records, attempts 1: finished
    promotion 74 records, attempts 1: finished
    promotion 83 records, attempts 1: finished
    promotion 82 records, attempts 1: finished
    promotion 149 records, attempts 3: finished
    promotion 68 records, attempts 1: finished
    promotion 72 records, attempts 1: finished
    promotion 73 records, attempts 1: finished
    promotion 74 records, attempts 1: finished
    promotion 76 records, attempts 1: finished
    promotion 81 records, attempts 1: finished
    promotion 78 records, attempts 1: finished
    promotion 71 records, attempts 1: finished
    promotion 73 records, attempts 1: finished
    promotion 122 records, attempts 1: finished
    promotion 75 records, attempts 1: finished
    intake 6 records, attempts 1: failed
    intake 4 records, attempts 1: ignored
    intake 13 records, attempts 1: opened
    promotion 12 records, attempts 1: refused
    promotion 12 records, attempts 1: refused
    promotion 17 records, attempts 1: rejected
    promotion 179 records, attempts 3: rejected
    promotion 47 records, attempts 1: rolled back
    promotion 77 records, attempts 1: rolled back
    promotion 55 records, attempts 1: rolled back
    promotion 67 records, attempts 1: rolled back
    promotion 65 records, attempts 1: rolled back
    promotion 52 records, attempts 1: rolled back
    promotion 55 records, attempts 1: rolled back
    promotion 15 records, attempts 1: superseded
    promotion 37 records, attempts 1: voided
    ");
}

#[test]
fn an_older_journal_says_what_it_does_not_prove() {
    for sample in of("format-1")
        .into_iter()
        .filter(|sample| !sample.is_intake())
    {
        let proof = verify(&sample.bytes, Named::Freely, Wanted::Ended).unwrap();
        assert_eq!(proof.tail, Tail::ClosedWithoutChecksum);
    }
}

#[test]
fn an_open_journal_is_fine_unless_it_is_known_to_have_ended() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    let proof = verify(story.bytes(), Named::Freely, Wanted::Anything).unwrap();
    assert_eq!(
        (proof.tail, proof.subject.stage()),
        (Tail::Open, "awaiting approval")
    );
    insta::assert_snapshot!(error(verify(story.bytes(), Named::Freely, Wanted::Ended)), @"record 11 is missing: the journal ends while awaiting approval");
}

#[test]
fn a_journal_under_another_name_is_found() {
    let bytes = todays("rejected");
    let name = chain_name(&bytes);
    for named in [Named::Exactly(&name), Named::File(&name)] {
        verify(&bytes, named, Wanted::Ended).unwrap();
    }
    insta::assert_snapshot!(error(verify(&bytes, Named::File("diabetes-3"), Wanted::Ended)), @"the file is called `diabetes-3.jsonl`, and record 0 begins the journal `diabetes-2.diabetes-to-prod-dfb5e0c3f7`, whose file is called `diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl`");
    let intake = chain_name(&todays("intake-opened"));
    let file = intake.rsplit('/').next().unwrap();
    verify(&todays("intake-opened"), Named::File(file), Wanted::Ended).unwrap();
    assert!(
        verify(
            &todays("intake-opened"),
            Named::Exactly(file),
            Wanted::Ended
        )
        .is_err()
    );
}

#[test]
fn an_empty_journal_proves_nothing() {
    insta::assert_snapshot!(error(verify(b"", Named::Freely, Wanted::Anything)), @"the journal is empty");
}

#[test]
fn time_that_runs_backwards_is_found() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    let name = story.promotion.id().to_string();
    let (lines, mut chain) = Chain::read::<Fact>(&name, story.bytes()).unwrap();
    let earlier = lines.last().unwrap().at - jiff::SignedDuration::from_secs(1);
    let fact = Fact::StepDone { step: 0 };
    let bytes = [story.bytes(), &chain.extend(&[fact], earlier, "n").0].concat();
    insta::assert_snapshot!(error(verify(&bytes, Named::Freely, Wanted::Anything)), @"record 11 is dated 2026-11-23T06:59:59Z, and one before it 2026-11-23T07:00:00Z");
}

/// A record that stands in several journals, behind the same records, is changed once.
#[test]
fn every_changed_byte_is_found_in_its_record() {
    let journals = journals();
    let mut met = std::collections::BTreeSet::new();
    let mut found = 0;
    for journal in &journals {
        for record in (0..journal.len()).filter(|record| met.insert(journal.line(*record))) {
            found += journal.flip_every_byte_of(record);
        }
    }
    println!(
        "audit: {found} changed bytes in {} records of {} journals, {found} found and located",
        met.len(),
        journals.len()
    );
}

#[test]
fn every_record_that_is_dropped_doubled_swapped_or_slipped_in_is_found_where_it_shows() {
    let journals = journals();
    let mut other = Story::on(other_route(), crate::world::World::new());
    other.until("awaiting approval");
    let mut found = 0;
    for journal in &journals {
        for (what, expected, bytes) in journal.records_changed(other.bytes()) {
            let misfit = verify(&bytes, Named::Exactly(&journal.id), Wanted::Ended);
            let misfit = misfit.expect_err(&what);
            assert_eq!(
                misfit.record(),
                expected,
                "{}: {what}: {misfit}",
                journal.name
            );
            found += 1;
        }
    }
    println!(
        "audit: {found} mutations of {} journals, {found} found and located",
        journals.len()
    );
}

#[test]
fn every_cut_of_an_ended_journal_is_found_at_the_first_record_that_is_missing() {
    let journals = journals();
    let mut found = 0;
    for journal in &journals {
        for record in 0..journal.len() {
            let mut audit = journal.audited_before(record);
            for end in 1..journal.line(record).len() {
                let misfit = audit.read(&journal.line(record)[..end]).expect_err("a cut");
                assert_eq!(misfit.record(), record, "{}: {misfit}", journal.name);
                found += 1;
            }
            // Behind an earlier closing record: the next test.
            if !audit.is_closed() {
                let misfit = audit.end(Wanted::Ended).expect_err("a cut");
                assert_eq!(misfit.record(), record, "{}: {misfit}", journal.name);
                found += 1;
            }
        }
    }
    println!(
        "audit: {found} cuts of {} journals, {found} found and located",
        journals.len()
    );
}

#[test]
fn a_cut_right_behind_an_earlier_closing_record_cannot_be_found_from_the_file_alone() {
    let bytes = todays("finished-in-attempt-3");
    let journal = Journal::of(of(TODAY).into_iter().find(|s| s.bytes == bytes).unwrap());
    let shorter: Vec<String> = (1..=journal.len())
        .filter(|record| journal.audited_before(*record).is_closed())
        .map(|record| {
            let cut = verify(
                journal.until(record),
                Named::Exactly(&journal.id),
                Wanted::Ended,
            );
            let proof = cut.unwrap();
            assert_eq!((proof.tail, proof.records), (Tail::Closed, record));
            format!(
                "{record} records, attempt {}: {}",
                proof.subject.attempts(),
                proof.subject.stage()
            )
        })
        .collect();
    insta::assert_snapshot!(shorter.join("\n"), @"
    16 records, attempt 1: rejected
    80 records, attempt 2: rolled back
    149 records, attempt 3: finished
    ");
}

/// Checksums are no signatures: whoever may write the file can write another last record.
#[test]
fn a_last_record_with_a_new_checksum_cannot_be_found_from_the_file_alone() {
    for journal in journals() {
        let last = journal.len() - 1;
        verify(
            &journal.resealed(last),
            Named::Exactly(&journal.id),
            Wanted::Ended,
        )
        .unwrap();
    }
}

/// Of format 1 the change shows in the record itself or in the one behind it; that of the last one does not show at all.
#[test]
fn an_older_beginning_is_still_found_out_by_the_record_behind_it() {
    let older = of("format-1")
        .into_iter()
        .find(|s| s.name == "rejected")
        .unwrap();
    let name = chain_name(&older.bytes);
    let (lines, _) = Chain::read::<Fact>(&name, &older.bytes).unwrap();
    let begun: usize = older
        .bytes
        .split_inclusive(|b| *b == b'\n')
        .take(6)
        .map(<[u8]>::len)
        .sum();
    let mut bytes = older.bytes[..begun].to_vec();
    let (_, mut chain) = Chain::read::<Fact>(&name, &bytes).unwrap();
    for line in &lines[6..] {
        bytes.extend(
            chain
                .extend(std::slice::from_ref(&line.fact), line.at, "n")
                .0,
        );
    }
    assert_eq!(
        verify(&bytes, Named::Freely, Wanted::Ended).unwrap().tail,
        Tail::Closed
    );
    let mut record = 0;
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let misfit = verify(&bad, Named::Exactly(&name), Wanted::Ended).unwrap_err();
        let (found, behind) = (misfit.record(), u64::from(at < begun));
        assert!(
            (record..=record + behind).contains(&found),
            "byte {at}: {misfit}"
        );
        record += u64::from(bytes[at] == b'\n');
    }
}

#[test]
fn a_record_shown_without_its_secrets_proves_its_place_only() {
    let bytes = todays("rejected");
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let shown = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut audit = Audit::of(Named::Freely);
        audit.read(&lines[..2].concat()).unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(lines[2]).unwrap();
        change(&mut json);
        audit.take(Entry::Hidden(&json.to_string()))?;
        audit.read(&lines[3..].concat())?;
        audit.end(Wanted::Ended)
    };
    let whole = proof("rejected");
    assert_eq!(shown(&|_| {}).unwrap(), whole);
    assert!(shown(&|json| json["append"] = "other".into()).is_ok());
    for field in ["seq", "prev", "hash", "format"] {
        let misfit = shown(&|json| json[field] = "x".into()).unwrap_err();
        assert_eq!(misfit.record(), 2, "{field}: {misfit}");
    }
    let other = Digest::of(b"other").to_string();
    assert_eq!(
        shown(&|json| json["hash"] = other.clone().into())
            .unwrap_err()
            .record(),
        3
    );
}

fn other_route() -> Route {
    Route {
        name: RouteName::new("another-way"),
        ..crate::sample::route()
    }
}
