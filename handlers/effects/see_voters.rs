//! `see-voters`: whether those still hold what their word rests on, whom the next act relies on.
//!
//! Reading changes nothing, so a repetition is harmless. Whoever left, is a guest now or was disabled holds nothing; where the
//! directory does not answer nobody can tell, and it is asked again.

use promotion::{Failure, Held, Outcome, Relied, Report};

use super::perform::Effects;
use crate::causes::chain;

impl Effects {
    pub(super) async fn see_voters(&self, relied: &[Relied]) -> Report {
        let mut still = Vec::with_capacity(relied.len());
        for one in relied {
            let Held { roles, groups, .. } = Held::all(&one.standing);
            let asked = self.directory.held_now(&one.person.id, &roles, &groups);
            let held = match asked.await {
                Ok(account) => account.held,
                Err(why) if why.is_certain() => {
                    tracing::warn!("somebody who agreed counts no more: {why}");
                    Held::default()
                }
                Err(why) => {
                    return Report::Retry(Failure::new("DirectoryUnavailable", chain(&why)));
                }
            };
            still.push(Relied {
                person: one.person.clone(),
                standing: one.still(&held),
            });
        }
        Report::Done(Outcome::VotersSeen { relied: still })
    }
}
