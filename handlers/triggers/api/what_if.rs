//! `promotions/{id}/replay?dryRun=true`: what would happen today, without anything happening.

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use promotion::{GoesOn, Judgement, Operator, Pinned, PromotionId, Verdict};
use serde_json::{Value, json};

use super::answer::{engine, not_heard, refused};
use crate::app::App;
use crate::engine::Foreseen;
use crate::identity::Sender;
use crate::secrets::without_secrets;
use crate::triggers::verb::{NotHeard, Wish, heard, lacks_role, with_operators_groups};
use crate::ui;

/// Whoever may ask for the replay may ask what it would come to.
pub(super) async fn what_if(
    app: &App,
    headers: &HeaderMap,
    id: &PromotionId,
    wish: &Wish,
) -> Response {
    let (viewer, shown) = match heard(app, headers, Sender::Json, id, wish).await {
        Ok(heard) => heard,
        Err(why) => return not_heard(&why),
    };
    let (promotion, _) = match app.engine.load_promotion(id).await {
        Ok(found) => found,
        Err(why) => return engine(&why),
    };
    let viewer = match with_operators_groups(app, &viewer, &promotion).await {
        Ok(viewer) => viewer,
        Err(why) => return not_heard(&NotHeard::from(why)),
    };
    if let Some(why) = lacks_role(&promotion.route().operators, &viewer) {
        return refused(&why);
    }
    let by = Operator {
        person: viewer.person,
        held: viewer.held,
    };
    // The real one needs a reason; that there is none yet is no answer to what would happen.
    let reason = "to see what would happen".to_owned();
    match app.engine.foresee(id, by, reason, shown).await {
        Ok(foreseen) => Json(answer(&foreseen)).into_response(),
        Err(why) => engine(&why),
    }
}

fn answer(foreseen: &Foreseen) -> Value {
    let promotion = &foreseen.promotion;
    let replay = match &foreseen.replay {
        Ok(()) => json!({ "legal": true }),
        Err(why) => json!({ "legal": false, "why": ui::refusal(why) }),
    };
    let (today, asked_again, differences) = match &foreseen.today {
        Ok(what_if) => {
            let judged = judged(&what_if.judgement);
            let (today, asked_again) = match (&foreseen.replay, &what_if.goes_on) {
                (Ok(()), Some(goes_on)) => (going_on(goes_on), Some(judged)),
                (Ok(()), None) | (Err(_), _) => (judged, None),
            };
            (today, asked_again, differences(&what_if.differences))
        }
        Err(why) => (
            json!({ "would": "unknown", "says": ui::unforeseen(why) }),
            None,
            vec![],
        ),
    };
    let turn = foreseen.turn.as_ref().and_then(|(other, meeting)| {
        let (would, says) = ui::turn_foreseen(other, *meeting)?;
        Some(json!({ "would": would, "other": other, "says": says }))
    });
    json!({
        "id": promotion.id(),
        "stage": ui::stage_name(promotion),
        "attempt": promotion.attempt(),
        "dryRun": true,
        "at": foreseen.at,
        "replay": replay,
        "then": promotion.stage().pinned().map(pinned),
        "today": today,
        "ifAskedAgain": asked_again,
        "turn": turn,
        "differences": differences,
    })
}

/// What people have agreed to goes on where it stopped.
fn going_on(goes_on: &GoesOn) -> Value {
    let voided_by = &goes_on.voided_by;
    let would = if voided_by.is_empty() {
        "go on"
    } else {
        "be voided"
    };
    json!({
        "would": would,
        "says": ui::goes_on(goes_on),
        "voidedBy": differences(voided_by),
        "until": goes_on.until,
    })
}

fn judged(judgement: &Judgement) -> Value {
    let (would, asked) = match judgement {
        Judgement::Blocked { .. } => ("be blocked", None),
        Judgement::Voided { .. } => ("be voided", None),
        Judgement::Asked { pinned: found } => ("ask", Some(pinned(found))),
    };
    json!({
        "would": would,
        "says": ui::foreseen(judgement),
        "gates": gates(judgement.verdicts()),
        "asked": asked,
    })
}

fn pinned(pinned: &Pinned) -> Value {
    json!({
        "gates": gates(&pinned.verdicts),
        "champion": pinned.champion,
        "plan": without_secrets(json!(pinned.plan)),
        "quorum": pinned.quorum,
        "manifest": pinned.manifest.digest(),
        "expiresAt": pinned.expires_at,
    })
}

fn gates(verdicts: &[Verdict]) -> Vec<Value> {
    let row = |verdict: &Verdict| {
        let text = ui::verdict(verdict);
        json!({
            "gate": text.name,
            "result": text.result,
            "value": verdict.value,
            "threshold": verdict.threshold,
            "champion": verdict.champion,
            "says": text.sentence,
        })
    };
    verdicts.iter().map(row).collect()
}

fn differences(differences: &[promotion::Difference]) -> Vec<Value> {
    let row = |difference| {
        let text = ui::difference(difference);
        json!({ "what": text.what, "then": text.then, "today": text.today, "says": text.sentence })
    };
    differences.iter().map(row).collect()
}
