//! `freeze` and `unfreeze`: the line stopped for a stage, a model or everything, and let go on.

use serde_json::{Value, json};

use super::client::Client;
use super::command::{Freeze, Scope, Unfreeze};
use super::known::Named;
use super::outcome::{NotDone, Outcome};
use super::reading::minute;
use super::run::Done;
use super::table::text;

pub(super) async fn freeze(client: &Client, asked: &Freeze) -> Result<Done, NotDone> {
    let mut body = json!({ "scope": scope(&asked.scope), "reason": asked.reason });
    if let Some(lasting) = &asked.lasting {
        body["for"] = lasting.as_str().into();
    }
    if let Some(until) = &asked.until {
        body["until"] = json!(until);
    }
    let json = client.post(&["freezes"], &[], &body).await?;
    Ok(Done {
        text: frozen(&json!({ "value": [json] })),
        json,
    })
}

/// Lifts the one freeze that is meant; what is not clear is not guessed.
pub(super) async fn unfreeze(client: &Client, asked: &Unfreeze) -> Result<Done, NotDone> {
    let id = match &asked.freeze {
        Some(id) => id.clone(),
        None => standing(client, &asked.scope).await?,
    };
    let body = json!({ "reason": asked.reason });
    let json = client.post(&["freezes", &id, "lift"], &[], &body).await?;
    Ok(Done {
        text: format!("The freeze of {} is lifted.\n", covered(&json["scope"])),
        json,
    })
}

async fn standing(client: &Client, wanted: &Scope) -> Result<String, NotDone> {
    let wanted = scope(wanted);
    let all = client.get(&["freezes"], &[]).await?;
    let standing = all["value"].as_array().into_iter().flatten();
    let meant: Vec<&Value> = standing
        .filter(|freeze| freeze["scope"] == wanted)
        .collect();
    match meant.as_slice() {
        [one] => Ok(one["id"].as_str().unwrap_or_default().to_owned()),
        [] => {
            let named = Named {
                stage: wanted["stage"].as_str(),
                model: wanted["model"].as_str(),
            };
            let none = || {
                let covered = covered(&wanted);
                let sentence = format!(
                    "There is no freeze of {covered}; `liftlock status` shows those that stand."
                );
                NotDone::new(Outcome::NotFound, sentence)
            };
            let targets = client.get(&["targets"], &[]).await?;
            Err(named.unknown(&targets).unwrap_or_else(none))
        }
        several => {
            let ids: Vec<_> = several.iter().map(|freeze| text(&freeze["id"])).collect();
            let sentence = format!(
                "There are several freezes of {}: {}; name one by its id.",
                covered(&wanted),
                ids.join(", ")
            );
            Err(NotDone::could_not_run(sentence))
        }
    }
}

/// As the API has it: clap sees to it that one of them is named.
fn scope(scope: &Scope) -> Value {
    match (&scope.stage, &scope.model) {
        (Some(stage), _) => json!({ "stage": stage }),
        (None, Some(model)) => json!({ "model": model }),
        (None, None) => json!({}),
    }
}

fn covered(scope: &Value) -> String {
    match (scope["stage"].as_str(), scope["model"].as_str()) {
        (Some(_), _) => format!("stage {}", text(&scope["stage"])),
        (None, Some(_)) => format!("model {}", text(&scope["model"])),
        (None, None) => "everything".to_owned(),
    }
}

/// A line for each freeze.
pub(super) fn frozen(freezes: &Value) -> String {
    let mut lines = String::new();
    for freeze in freezes["value"].as_array().into_iter().flatten() {
        let until = match freeze["until"].as_str() {
            Some(_) => format!(" until {}", minute(&text(&freeze["until"]))),
            None => " until somebody lifts it".to_owned(),
        };
        let line = format!(
            "Frozen: {} since {}{until}, by {}: {} (freeze {})\n",
            covered(&freeze["scope"]),
            minute(&text(&freeze["since"])),
            text(&freeze["by"]["name"]),
            text(&freeze["reason"]),
            text(&freeze["id"])
        );
        lines.push_str(&line);
    }
    lines
}
