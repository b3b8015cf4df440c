//! The three moments at which a process may die, as seen from one of its calls.

use crate::carrier::Fate;

/// When the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Moment {
    /// Before the call is sent.
    Before,
    /// Once it is done, before anything is heard of it.
    Between,
    /// Once it is heard of, before anything else is done.
    After,
}

impl Moment {
    pub(crate) const ALL: [Self; 3] = [Self::Before, Self::Between, Self::After];

    pub(crate) fn fate(self) -> Fate {
        match self {
            Self::Before => Fate::DieBefore,
            Self::Between => Fate::DieBetween,
            Self::After => Fate::DieAfter,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Between => "between",
            Self::After => "after",
        }
    }
}
