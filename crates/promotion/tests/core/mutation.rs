//! A kept journal, record by record, and every way to change its records.

use promotion::audit::{Audit, Named, Wanted, verify};
use promotion::*;

use crate::samples::{Sample, chain_name};

/// What a byte is changed by: one bit of each kind, the case of a letter, format 2 into 1, every bit.
const MASKS: [u8; 6] = [0x01, 0x02, 0x03, 0x20, 0x80, 0xff];

/// A kept journal.
pub(crate) struct Journal {
    pub(crate) name: String,
    /// What its chain begins with.
    pub(crate) id: String,
    bytes: Vec<u8>,
    /// Where its records begin, and where the last one ends.
    starts: Vec<usize>,
    intake: bool,
}

impl Journal {
    pub(crate) fn of(sample: Sample) -> Self {
        let ends = (1..=sample.bytes.len()).filter(|end| sample.bytes[end - 1] == b'\n');
        Self {
            id: chain_name(&sample.bytes),
            intake: sample.is_intake(),
            starts: std::iter::once(0).chain(ends).collect(),
            name: sample.name,
            bytes: sample.bytes,
        }
    }

    /// How many records it has.
    pub(crate) fn len(&self) -> u64 {
        self.starts.len() as u64 - 1
    }

    /// A record with its line break.
    pub(crate) fn line(&self, record: u64) -> &[u8] {
        &self.bytes[self.start(record)..self.start(record + 1)]
    }

    /// This record and all behind it.
    pub(crate) fn from(&self, record: u64) -> &[u8] {
        &self.bytes[self.start(record)..]
    }

    /// All records before this one.
    pub(crate) fn until(&self, record: u64) -> &[u8] {
        &self.bytes[..self.start(record)]
    }

    fn start(&self, record: u64) -> usize {
        self.starts[usize::try_from(record).unwrap()]
    }

    /// An audit that has come to this record.
    pub(crate) fn audited_before(&self, record: u64) -> Audit<'_> {
        let mut audit = Audit::of(Named::Exactly(&self.id));
        audit.read(self.until(record)).unwrap();
        audit
    }

    /// Changes every byte of this record in each way, and how many that were. The audit goes on from the record, for what
    /// it says of those before it does not depend on this one; a few are audited from the beginning all the same.
    pub(crate) fn flip_every_byte_of(&self, record: u64) -> usize {
        // A record that is refused changes nothing, so one audit serves all changes of it.
        let mut audit = self.audited_before(record);
        let mut rest = self.from(record).to_vec();
        let ways = (0..self.line(record).len()).flat_map(|at| MASKS.map(|mask| (at, mask)));
        let mut found = 0;
        for (at, mask) in ways {
            rest[at] ^= mask;
            let misfit = audit.read(&rest).expect_err("a changed byte");
            assert_eq!(misfit.record(), record, "{}: byte {at} ^ {mask}", self.name);
            if found % 4001 == 0 {
                let whole = [self.until(record), &rest].concat();
                let again = verify(&whole, Named::Exactly(&self.id), Wanted::Anything);
                assert_eq!(again.unwrap_err().to_string(), misfit.to_string());
            }
            rest[at] ^= mask;
            found += 1;
        }
        found
    }

    /// With another record in the place of this one, whose own checksum fits.
    pub(crate) fn resealed(&self, record: u64) -> Vec<u8> {
        let line = String::from_utf8(self.line(record).to_vec()).unwrap();
        let (body, _) = line.rsplit_once(",\"hash\":\"").unwrap();
        let body = body.replacen("\"append\":\"n\"", "\"append\":\"m\"", 1);
        let forged = format!("{body},\"hash\":\"{}\"}}\n", Digest::of(body.as_bytes()));
        assert_ne!(forged, line);
        self.with(record, forged.as_bytes(), record + 1)
    }

    /// Each change of whole records, with the record that must be named.
    pub(crate) fn records_changed(&self, other: &[u8]) -> Vec<(String, u64, Vec<u8>)> {
        let mut all = Vec::new();
        let others: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
        for record in 0..self.len() {
            // Where one is missing the next stands in its place; behind the last one the closing record is missing.
            let dropped = self.with(record, b"", record + 1);
            // A journal cut right behind an earlier closing record is a journal; no drop of one record makes one.
            all.push((format!("{record} dropped"), record, dropped));
            let doubled = self.with(record + 1, self.line(record), record + 1);
            all.push((format!("{record} doubled"), record + 1, doubled));
            if record + 1 < self.len() {
                let two = [self.line(record + 1), self.line(record)].concat();
                let swapped = self.with(record, &two, record + 2);
                all.push((format!("{record} swapped"), record, swapped));
                all.push((
                    format!("{record} resealed"),
                    record + 1,
                    self.resealed(record),
                ));
            }
        }
        for place in 0..=self.len() {
            let foreign = others[usize::try_from(place).unwrap() % others.len()];
            let slipped = self.with(place, foreign, place);
            all.push((format!("another's at {place}"), place, slipped));
            // One whose place, link and checksum fit is found by the record behind it, unless it may not stand there.
            let closed = place > 0 && self.audited_before(place).is_closed();
            let shows = if place == 0 || closed {
                place
            } else {
                place + 1
            };
            let forged = self.with(place, &self.forged(place), place);
            all.push((format!("a forged one at {place}"), shows, forged));
        }
        all
    }

    /// A record that follows from those before it and that the fold lets pass anywhere.
    fn forged(&self, place: u64) -> Vec<u8> {
        let key: EffectKey = serde_json::from_value("9.99.forged".into()).unwrap();
        if self.intake {
            let outcome = Box::new(Outcome::Copied);
            return self.follows(place, IntakeFact::Done { key, outcome });
        }
        self.follows(place, Fact::Dropped { key })
    }

    fn follows<F: serde::Serialize + serde::de::DeserializeOwned + Clone>(
        &self,
        place: u64,
        fact: F,
    ) -> Vec<u8> {
        let (lines, mut chain) = Chain::read::<F>(&self.id, self.until(place)).unwrap();
        let at = lines
            .last()
            .map_or(jiff::Timestamp::UNIX_EPOCH, |line| line.at);
        chain.extend(&[fact], at, "n").0
    }

    /// The journal with these bytes where records `from` to `until` stood.
    fn with(&self, from: u64, these: &[u8], until: u64) -> Vec<u8> {
        [self.until(from), these, self.from(until)].concat()
    }
}
