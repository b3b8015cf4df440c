//! `freeze` and `unfreeze`: the line stopped for a scope and a reason, and let go on.

use serde_json::{Value, json};

use super::client::Client;
use super::command::{Freeze, Unfreeze};
use super::outcome::NotDone;
use super::reading::minute;
use super::run::Done;
use super::table::text;

pub(super) async fn freeze(client: &Client, asked: &Freeze) -> Result<Done, NotDone> {
    let scope = match (&asked.to, &asked.model) {
        (Some(stage), _) => json!({ "stage": stage }),
        (None, Some(model)) => json!({ "model": model }),
        (None, None) => json!({}),
    };
    let mut body = json!({ "scope": scope, "reason": asked.reason });
    if let Some(lasting) = &asked.lasting {
        body["for"] = json!(lasting);
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

pub(super) async fn unfreeze(client: &Client, asked: &Unfreeze) -> Result<Done, NotDone> {
    let body = json!({ "reason": asked.reason });
    let path = ["freezes", asked.freeze.as_str(), "lift"];
    let json = client.post(&path, &[], &body).await?;
    Ok(Done {
        text: format!(
            "{} is not frozen by {} any more.\n",
            scope(&json),
            text(&json["id"])
        ),
        json,
    })
}

/// A line for each that stands.
pub(super) fn frozen(freezes: &Value) -> String {
    let freezes = freezes["value"].as_array().into_iter().flatten();
    let line = |freeze: &Value| {
        let until = match freeze["until"].as_str() {
            Some(until) => format!("until {}", minute(&crate::ui::clean(until))),
            None => "until it is lifted".to_owned(),
        };
        format!(
            "Frozen: {} {until} by {} since {}: {} ({})\n",
            scope(freeze),
            text(&freeze["by"]["name"]),
            minute(&text(&freeze["since"])),
            text(&freeze["reason"]),
            text(&freeze["id"])
        )
    };
    freezes.map(line).collect()
}

fn scope(freeze: &Value) -> String {
    let scope = &freeze["scope"];
    match (scope["stage"].as_str(), scope["model"].as_str()) {
        (Some(_), _) => format!("stage {}", text(&scope["stage"])),
        (None, Some(_)) => format!("model {}", text(&scope["model"])),
        (None, None) => "everything".to_owned(),
    }
}
