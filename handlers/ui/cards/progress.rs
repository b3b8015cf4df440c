//! A bot's card between two notices: how far the promotion is, for everybody who looks at the channel.

use promotion::{Promotion, Stage};
use serde_json::Value;

use super::buttons::{decide, with};
use super::design::Tone;
use super::notices::{About, asking};
use super::overriding::wanted;
use crate::ui::links::Links;
use crate::ui::messages::{approved_by, served_by, stage_name, stuck, way_back};
use crate::ui::text::sentence;

/// How far it is; nothing, where the last notice says so, or somebody is asked something else on it.
///
/// Made of the promotion alone, so that the same progress is the same card.
pub fn progress_card(promotion: &Promotion, links: &Links) -> Option<Value> {
    let about = About::now(promotion, links);
    match promotion.stage() {
        Stage::AwaitingApproval {
            pinned,
            votes,
            question,
        } if !votes.is_empty() => {
            let card = if question.overrides.is_empty() {
                asking(&about, Tone::Accent, &approved_by(pinned, votes))
            } else {
                wanted(&about)
            };
            Some(with(card, decide(promotion, links)))
        }
        // One of two wants it overridden: everybody sees that before anything happens.
        Stage::Copying(_) if wants_override(promotion) => None,
        Stage::Copying(_)
        | Stage::Registering { .. }
        | Stage::WaitingForTarget(_)
        | Stage::Deploying(_)
        | Stage::Testing(_) => {
            let card = about.begin(Tone::Accent, stage_name(promotion));
            Some(about.end(about.answers(card)))
        }
        // Whoever is asked to resume it answers on the notice that says so.
        Stage::Shifting { .. } if promotion.answer_by().is_some() => None,
        Stage::Shifting { rollout, .. } => {
            let write = rollout.traffic.as_ref().filter(|write| write.settled)?;
            let share = write.traffic.of(&rollout.permit.pinned().plan.deployment);
            let card = about.begin(Tone::Accent, &format!("{share} % of the traffic"));
            Some(
                about.end(
                    about
                        .answers(card)
                        .facts(&[("Traffic", served_by(rollout, &write.traffic))]),
                ),
            )
        }
        Stage::RollingBack { .. } if stuck(promotion).is_some() => None,
        Stage::RollingBack { cause, .. } => {
            let card = about.begin(Tone::Attention, "rolling back");
            Some(about.end(card.text(&format!("{}.", sentence(&way_back(cause))))))
        }
        Stage::Proposed
        | Stage::Gating(_)
        | Stage::AwaitingApproval { .. }
        | Stage::Live { .. }
        | Stage::Finishing { .. }
        | Stage::Closed { .. } => None,
    }
}

fn wants_override(promotion: &Promotion) -> bool {
    let question = promotion.stage().question();
    let wanted = question.is_some_and(|question| !question.overrides.is_empty());
    wanted && !promotion.is_overridden()
}
