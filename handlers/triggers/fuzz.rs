//! Hundreds of thousands of inputs that nobody would send, against whatever reads a vote, a verb or a freeze: none makes a
//! parser panic, and nothing that lacks a promotion, an attempt or a digest as its door asks for them is read as a vote.
//!
//! Each door's inputs and what has to hold of them are in a `fuzz.rs` beside its parser; the inputs follow from the seeds there.
//! What is read is judged by a second reading, and is read the same once it has been written down again. Tokens and headers have
//! as many inputs of their own, in `tests/it/identity/mutations.rs`.

pub(super) mod inputs;

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use inputs::Chance;

/// What a parser made of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// Nothing: it was refused.
    Nothing,
    /// Something that is no vote.
    Something,
    /// A vote.
    Vote,
}

/// How a door's inputs were read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) inputs: u32,
    pub(super) something: u32,
    pub(super) votes: u32,
}

/// Lets `reads` read as many inputs of `make`; where it panics, says what made it.
pub(super) fn drive<I: Debug>(
    seed: u64,
    inputs: u32,
    make: impl Fn(&mut Chance) -> I,
    reads: impl Fn(&I) -> Read,
) -> Tally {
    let mut chance = Chance::new(seed);
    let mut tally = Tally::default();
    for number in 0..inputs {
        let input = make(&mut chance);
        let read = catch_unwind(AssertUnwindSafe(|| reads(&input))).unwrap_or_else(|panic| {
            println!("input {number} of seed {seed}: {input:?}");
            resume_unwind(panic)
        });
        tally.inputs += 1;
        match read {
            Read::Nothing => {}
            Read::Something => tally.something += 1,
            Read::Vote => tally.votes += 1,
        }
    }
    tally
}

/// A door by its name, and what reads its inputs.
type Door = (&'static str, fn() -> Tally);

/// What is fuzzed, by the name it has in the line that is printed.
const DOORS: [Door; 6] = [
    ("invoke", || super::teams::fuzz::invoke(200_000)),
    ("card data", || super::teams::fuzz::card_data(200_000)),
    ("rendered cards", || super::teams::fuzz::rendered(2_000)),
    ("question forms", || super::approval::fuzz::forms(120_000)),
    ("verb and freeze forms", || super::api::fuzz::wishes(60_000)),
    ("API decisions", || super::api::fuzz::decisions(60_000)),
];

#[test]
fn no_input_makes_a_parser_panic_and_nothing_incomplete_is_a_vote() {
    let told: Vec<(&str, Tally)> = thread::scope(|scope| {
        let started = DOORS.map(|(name, door)| (name, scope.spawn(door)));
        let ended = started.map(|(name, door)| (name, door.join()));
        ended
            .into_iter()
            .map(|(name, tally)| (name, tally.unwrap_or_else(|panic| resume_unwind(panic))))
            .collect()
    });
    let all: u32 = told.iter().map(|(_, tally)| tally.inputs).sum();
    let parts: Vec<String> = told
        .iter()
        .map(|(name, tally)| format!("{name} {}", thousands(tally.inputs)))
        .collect();
    let votes: u32 = told.iter().map(|(_, tally)| tally.votes).sum();
    println!(
        "parsers: {} inputs ({}), {} read as whole votes, 0 panics",
        thousands(all),
        parts.join(", "),
        thousands(votes)
    );
    for (name, tally) in &told {
        // Who refuses everything proves nothing.
        let read = tally.something + tally.votes;
        assert!(read > tally.inputs / 100, "{name}: {tally:?}");
        assert!(read <= tally.inputs, "{name}: {tally:?}");
    }
    assert!(all >= 600_000, "{all} inputs");
}

/// `1,640,000`.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
