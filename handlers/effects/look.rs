//! Candidate and target as they are now, for whoever asks what would happen: the effects that only read, without a journal
//! that planned them.

use jiff::Timestamp;
use promotion::{Effect, EffectClass, Entry, Failure, Outcome, Promotion, Report};

use super::perform::{Effects, Performed, Subject};
use super::policy::not_done;

impl Effects {
    /// Performs an effect that only reads, once; refuses every other.
    pub async fn look(
        &self,
        promotion: &Promotion,
        effect: Effect,
        now: Timestamp,
    ) -> Result<Outcome, Failure> {
        if effect.class() != EffectClass::Observe {
            let message = format!("`{}` does more than read", effect.kind());
            return Err(Failure::new("NotReading", message));
        }
        let entry = Entry::unplanned(effect, now);
        match self
            .perform(Subject::Promotion(promotion), &entry, now)
            .await
        {
            Performed::Tried(Report::Done(outcome)) => Ok(outcome),
            Performed::Tried(other) => Err(not_done(other)),
            Performed::Ours => Err(Failure::new("NotReading", "it reads our own state")),
        }
    }
}
