//! Whose journal it is.

use crate::chain::Line;
use crate::corrupt::CorruptJournal;
use crate::intake::{Intake, IntakeFact};
use crate::promotion::{Aggregate, Promotion};
use crate::record::Fact;

/// Whose journal it is, and what its records come to.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// A promotion's.
    Promotion(Box<Promotion>),
    /// An intake's.
    Intake(Box<Intake>),
}

/// What is folded record by record, so that the first one that does not fit is known.
pub(super) trait Audited: Aggregate {
    fn open(line: &Line<Self::Fact>) -> Result<Self, CorruptJournal>;
    fn apply(&mut self, line: &Line<Self::Fact>) -> Result<(), CorruptJournal>;
    /// The journal's name.
    fn journal(&self) -> String;
    /// Whether this fact may follow a closing record. The fold lets others pass that change nothing; nobody writes them.
    fn opens_again(fact: &Self::Fact) -> bool;
}

impl Audited for Promotion {
    fn open(line: &Line<Fact>) -> Result<Self, CorruptJournal> {
        Self::open(line)
    }

    fn apply(&mut self, line: &Line<Fact>) -> Result<(), CorruptJournal> {
        self.apply(line)
    }

    fn journal(&self) -> String {
        self.id().to_string()
    }

    fn opens_again(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Reopened { .. }
                | Fact::Replayed { .. }
                | Fact::Reviewed { .. }
                | Fact::Denied { .. }
                | Fact::Revoked { .. }
        )
    }
}

impl Audited for Intake {
    fn open(line: &Line<IntakeFact>) -> Result<Self, CorruptJournal> {
        Self::open(line)
    }

    fn apply(&mut self, line: &Line<IntakeFact>) -> Result<(), CorruptJournal> {
        self.apply(line)
    }

    fn journal(&self) -> String {
        self.id().journal()
    }

    fn opens_again(_: &IntakeFact) -> bool {
        false
    }
}

impl Subject {
    /// The journal's name.
    pub fn journal(&self) -> String {
        match self {
            Self::Promotion(promotion) => promotion.journal(),
            Self::Intake(intake) => intake.journal(),
        }
    }

    /// Where it is; one that has ended has the name of its end.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Promotion(promotion) => promotion.stage().name(),
            Self::Intake(intake) => intake.stage().name(),
        }
    }

    /// How many attempts it tells of.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Promotion(promotion) => promotion.attempt().number(),
            Self::Intake(_) => 1,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Promotion(promotion) => promotion.is_closed(),
            Self::Intake(intake) => intake.is_closed(),
        }
    }
}
