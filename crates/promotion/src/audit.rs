//! The audit: what a journal's bytes prove, or the first record that does not fit and why.
//!
//! Pure: bytes in, an answer out. The invariant: nothing is believed of a journal but what follows from its own bytes; whose
//! it is, is derived from its first record and must be what its chain begins with. What the file alone cannot tell: whether
//! an open journal goes on, and whether one that was reopened was cut right behind an earlier closing record. Start at
//! [`verify`].

mod misfit;
mod subject;

pub use misfit::Misfit;
pub use subject::Subject;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::chain::{self, Chain, Line, Read};
use crate::corrupt::CorruptJournal;
use crate::digest::Digest;
use crate::record::Fact;
use subject::Audited;

/// What a journal proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The journal's name, derived from its first record; its chain begins with it.
    pub journal: String,
    /// What its records come to.
    pub subject: Subject,
    /// How many there are.
    pub records: u64,
    /// What identifies the last one.
    pub head: Digest,
    /// How it ends.
    pub tail: Tail,
}

/// How a journal ends, and what that proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// With a closing record that carries the count and its own checksum: nothing of it was cut off.
    Closed,
    /// With a closing record of format 1: its count fits, its own time is not proven.
    ClosedWithoutChecksum,
    /// Without one: it goes on, or what stood behind was cut off.
    Open,
}

/// Whose journal it is known to be.
#[derive(Debug, Clone, Copy)]
pub enum Named<'n> {
    /// Nobody has said.
    Freely,
    /// It lies under this name.
    Exactly(&'n str),
    /// It lies in a file of this name, without ending and folder.
    File(&'n str),
}

/// What is known of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing: it may go on.
    Anything,
    /// That it has ended: without its closing record it was cut.
    Ended,
}

/// One record as it is given.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'e> {
    /// The line, without its line break.
    Line(&'e [u8]),
    /// Its JSON with secrets taken out and its hash kept: it proves its place, not what it says.
    Hidden(&'e str),
}

/// An audit under way: fed with records, in order. After an error it is over.
#[derive(Debug, Clone)]
pub struct Audit<'n> {
    named: Named<'n>,
    begun: Option<(Chain, Subject)>,
}

/// Audits a whole journal.
pub fn verify(bytes: &[u8], named: Named<'_>, wanted: Wanted) -> Result<Proof, Misfit> {
    let mut audit = Audit::of(named);
    audit.read(bytes)?;
    audit.end(wanted)
}

/// What identifies the record that this line is.
pub fn hash(line: &[u8], seq: u64) -> Result<Digest, CorruptJournal> {
    Entry::Line(line)
        .read::<IgnoredAny>(seq)
        .map(|read| read.unlinked().hash)
}

impl<'n> Audit<'n> {
    /// Of a journal that is known so.
    pub fn of(named: Named<'n>) -> Self {
        Self { named, begun: None }
    }

    /// Checks the next records: whole lines, each with its line break.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), Misfit> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let line = chain::first_line(rest, self.records())?;
            self.take(Entry::Line(line))?;
            rest = &rest[line.len() + 1..];
        }
        Ok(())
    }

    /// Checks the next record.
    pub fn take(&mut self, entry: Entry<'_>) -> Result<(), Misfit> {
        match &mut self.begun {
            None => self.begun = Some(begin(entry, self.named)?),
            Some((chain, Subject::Promotion(promotion))) => {
                go_on(chain, promotion.as_mut(), entry)?;
            }
            Some((chain, Subject::Intake(intake))) => go_on(chain, intake.as_mut(), entry)?,
        }
        Ok(())
    }

    /// How many records there are so far.
    pub fn records(&self) -> u64 {
        self.begun.as_ref().map_or(0, |(chain, _)| chain.len())
    }

    /// Whether the last record so far closes.
    pub fn is_closed(&self) -> bool {
        self.begun
            .as_ref()
            .is_some_and(|(_, subject)| subject.is_closed())
    }

    /// That was all of it.
    pub fn end(self, wanted: Wanted) -> Result<Proof, Misfit> {
        let Some((chain, subject)) = self.begun else {
            return Err(CorruptJournal::Empty.into());
        };
        let tail = match (subject.is_closed(), chain.is_sealed()) {
            (true, true) => Tail::Closed,
            (true, false) => Tail::ClosedWithoutChecksum,
            (false, _) => Tail::Open,
        };
        if tail == Tail::Open && wanted == Wanted::Ended {
            return Err(Misfit::Missing {
                record: chain.len(),
                stage: subject.stage(),
            });
        }
        Ok(Proof {
            journal: subject.journal(),
            records: chain.len(),
            head: chain.head().clone(),
            subject,
            tail,
        })
    }
}

impl Named<'_> {
    fn check(self, journal: &str) -> Result<(), Misfit> {
        let called = journal.rsplit('/').next().unwrap_or_default();
        match self {
            Self::Exactly(name) if journal != name => Err(Misfit::OtherName {
                found: journal.to_owned(),
                wanted: name.to_owned(),
            }),
            Self::File(name) if called != name => Err(Misfit::OtherFile {
                found: journal.to_owned(),
                file: name.to_owned(),
                called: called.to_owned(),
            }),
            Self::Freely | Self::Exactly(_) | Self::File(_) => Ok(()),
        }
    }
}

impl Entry<'_> {
    /// What a promotion's record says. That it stands where it may is for the audit to say.
    pub fn line(self, seq: u64) -> Result<Line<Fact>, CorruptJournal> {
        self.read(seq).map(Read::unlinked)
    }

    fn read<F: DeserializeOwned>(self, seq: u64) -> Result<Read<F>, CorruptJournal> {
        match self {
            Self::Line(line) => chain::read(line, seq),
            Self::Hidden(text) => chain::read_hidden(text, seq),
        }
    }
}

/// The first record says whose journal it is: an intake's has a job.
fn begin(entry: Entry<'_>, named: Named<'_>) -> Result<(Chain, Subject), Misfit> {
    #[derive(Deserialize)]
    struct Kind {
        job: Option<IgnoredAny>,
    }
    let kind: Read<Kind> = entry.read(0)?;
    if kind.wire.fact.job.is_some() {
        let (chain, intake) = open(entry, named)?;
        Ok((chain, Subject::Intake(Box::new(intake))))
    } else {
        let (chain, promotion) = open(entry, named)?;
        Ok((chain, Subject::Promotion(Box::new(promotion))))
    }
}

fn open<A: Audited>(entry: Entry<'_>, named: Named<'_>) -> Result<(Chain, A), Misfit> {
    let read: Read<A::Fact> = entry.read(0)?;
    let first = read.clone().unlinked();
    if first.seq != 0 {
        return Err(CorruptJournal::BrokenChain { seq: 0 }.into());
    }
    let subject = A::open(&first)?;
    let journal = subject.journal();
    named.check(&journal)?;
    let mut chain = Chain::begin(&journal);
    chain.link(read)?;
    Ok((chain, subject))
}

fn go_on<A: Audited>(chain: &mut Chain, subject: &mut A, entry: Entry<'_>) -> Result<(), Misfit> {
    let before = chain.last_at();
    let line = chain.link(entry.read::<A::Fact>(chain.len())?)?;
    if let Some(before) = before.filter(|before| line.at < *before) {
        return Err(Misfit::Backwards {
            record: line.seq,
            at: line.at,
            before,
        });
    }
    if subject.is_closed() && !A::opens_again(&line.fact) {
        return Err(line.misplaced().into());
    }
    subject.apply(&line)?;
    Ok(())
}
