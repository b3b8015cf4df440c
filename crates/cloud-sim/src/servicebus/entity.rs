//! A queue of either kind, and what one kind refuses that the other takes.

use super::backlog::{Backlog, Counts, DeadLetter, NextChange, Now, Outgoing};
use super::plain::PlainQueue;
use super::sessions::SessionQueue;

/// A queue; whether it has sessions is decided when it is made, as in Azure.
#[derive(Debug)]
pub(super) enum Entity {
    Sessions(SessionQueue),
    Plain(PlainQueue),
}

/// Why a queue cannot be used so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("The messaging entity could not be found.")]
    NoSuchQueue,
    #[error(
        "It is not possible for an entity that requires sessions to create a non-sessionful message receiver."
    )]
    RequiresSessions,
    #[error(
        "A sessionful message receiver cannot be created on an entity that does not require sessions. Ensure RequiresSession is set to true when creating a Queue or Subscription to enable sessionful behavior."
    )]
    HasNoSessions,
}

impl Entity {
    pub(super) fn sessions(&mut self) -> Result<&mut SessionQueue, Unusable> {
        match self {
            Self::Sessions(queue) => Ok(queue),
            Self::Plain(_) => Err(Unusable::HasNoSessions),
        }
    }

    pub(super) fn plain(&mut self) -> Result<&mut PlainQueue, Unusable> {
        match self {
            Self::Plain(queue) => Ok(queue),
            Self::Sessions(_) => Err(Unusable::RequiresSessions),
        }
    }

    pub(super) fn backlog(&mut self) -> &mut Backlog {
        match self {
            Self::Sessions(queue) => &mut queue.backlog,
            Self::Plain(queue) => &mut queue.backlog,
        }
    }

    pub(super) fn send(&mut self, message: Outgoing, now: Now) {
        self.backlog().send(message, now);
    }

    /// The next moment at which the passing of time alone changes what can be received.
    pub(super) fn next_change(&self, now: Now) -> NextChange {
        match self {
            Self::Sessions(queue) => queue.next_change(now),
            Self::Plain(queue) => queue.next_change(now),
        }
    }

    pub(super) fn counts(&mut self, now: Now) -> Counts {
        match self {
            Self::Sessions(queue) => queue.counts(now),
            Self::Plain(queue) => queue.counts(now),
        }
    }

    pub(super) fn dead_letters(&self) -> &[DeadLetter] {
        match self {
            Self::Sessions(queue) => queue.backlog.dead_letters(),
            Self::Plain(queue) => queue.backlog.dead_letters(),
        }
    }
}
