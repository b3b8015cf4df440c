//! One plan as JSON and as text.

use promotion::{Effect, Fact, Line, PlannedCall, PlannedCalls, Progress, Promotion, Wait};
use serde_json::{Value, json};

use crate::secrets::without_secrets;
use crate::ui;

/// A promotion with what its plan comes to.
#[derive(Debug)]
pub struct Planned<'a> {
    promotion: &'a Promotion,
    calls: PlannedCalls,
    progress: Vec<Progress>,
}

impl<'a> Planned<'a> {
    /// Of a promotion and all of its records; else a sentence that says why there is no plan.
    pub fn of(promotion: &'a Promotion, lines: &[Line<Fact>]) -> Result<Self, String> {
        let calls = promotion.planned_calls();
        let calls = calls.ok_or_else(|| ui::no_plan(promotion))?;
        Ok(Self {
            progress: calls.progress(lines),
            promotion,
            calls,
        })
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let forward = self.calls.forward.iter().zip(&self.progress);
        let forward = forward.map(|(call, progress)| {
            let mut call = entry(call);
            call["progress"] = json!(ui::progress(*progress));
            call
        });
        json!({
            "promotion": self.promotion.id(),
            "attempt": self.promotion.attempt(),
            "stage": ui::stage_name(self.promotion),
            "pinned": true,
            "says": ui::plan_heading(self.promotion),
            "calls": forward.collect::<Vec<_>>(),
            "wayBack": self.calls.way_back.iter().map(entry).collect::<Vec<_>>(),
        })
    }

    /// For people: numbered lists.
    pub fn text(&self) -> String {
        let forward = self.calls.forward.iter().zip(&self.progress);
        let forward = forward.map(|(call, progress)| ui::call_so_far(call, *progress));
        let back = self.calls.way_back.iter().map(ui::planned_call);
        format!(
            "{}, attempt {}, {}. {}\n\n{}\n\n{}\n\n{}\n",
            self.promotion.id(),
            self.promotion.attempt(),
            ui::stage_name(self.promotion),
            ui::plan_heading(self.promotion),
            numbered(forward),
            ui::WAY_BACK_HEADING,
            numbered(back)
        )
    }
}

fn numbered(lines: impl Iterator<Item = String>) -> String {
    let numbered = lines.enumerate();
    let numbered = numbered.map(|(at, line)| format!("{:>3}. {line}", at + 1));
    numbered.collect::<Vec<_>>().join("\n")
}

fn entry(call: &PlannedCall) -> Value {
    let says = ui::planned_call(call);
    match call {
        PlannedCall::Perform(effect) => {
            json!({ "effect": effect.kind(), "call": says, "details": details(effect) })
        }
        PlannedCall::Wait(wait) => {
            let (kind, seconds) = match wait {
                Wait::Pause(length) => ("pause", length),
                Wait::Bake(length) => ("bake", length),
                Wait::UntilResumed { within } => ("untilResumed", within),
                Wait::NoCallLands(left) => ("noCallLands", left),
                Wait::KeepPrevious(keep) => ("keepPrevious", keep),
            };
            json!({ "wait": kind, "call": says, "seconds": seconds })
        }
        PlannedCall::Watch { metrics, .. } => {
            json!({ "watch": metrics, "call": says })
        }
    }
}

/// As the journal will have it, but for when it is due and why it was taken back: nobody knows that yet, and the wait before
/// it says how long.
fn details(effect: &Effect) -> Value {
    let mut details = without_secrets(json!(effect));
    if let Some(fields) = details.as_object_mut() {
        fields.remove("notBefore");
        fields.remove("hold");
    }
    details
}
