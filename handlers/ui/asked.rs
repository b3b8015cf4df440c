//! Whether an approval's address still asks something.

use jiff::Timestamp;
use promotion::{Attempt, Ending, Promotion, Stage};

/// What an approval's address asks now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Exactly what is asked now.
    Current,
    /// Something that is not asked any more: another attempt, or other evidence.
    Superseded,
    /// What was asked, and its time is over.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// What was asked, and it is answered.
    Decided,
}

impl Asked {
    /// Judges an address (see [`super::parse_approval_id`]) against its promotion.
    pub fn of(promotion: &Promotion, attempt: Attempt, digest: &str, now: Timestamp) -> Self {
        let stage = promotion.stage();
        let Some(pinned) = stage.pinned() else {
            return Self::Superseded;
        };
        if attempt != promotion.attempt()
            || digest.is_empty()
            || !pinned.digest.as_str().starts_with(digest)
        {
            return Self::Superseded;
        }
        let at = pinned.expires_at;
        match (stage, stage.ending()) {
            (Stage::AwaitingApproval { .. }, _) if now < at => Self::Current,
            (Stage::AwaitingApproval { .. }, _) | (_, Some(Ending::Expired)) => {
                Self::Expired { at }
            }
            _ => Self::Decided,
        }
    }
}
