//! Verbs: said in the app's own words, with a reason.

use serde_json::{Value, json};

use super::client::Client;
use super::command::{Replay, Resume, Start, Verb};
use super::outcome::{NotDone, Outcome};
use super::reading::about;
use super::run::Done;
use super::table::text;

pub(super) async fn verb(client: &Client, verb: &str, asked: &Verb) -> Result<Done, NotDone> {
    let id = asked.promotion.as_str();
    let attempt = attempt(client, id, asked.attempt).await?;
    let body = json!({ "reason": asked.reason, "attempt": attempt });
    let path = ["promotions", id, verb];
    let json = client.post(&path, &[], &body).await?;
    let text = about(&json);
    Ok(Done { json, text })
}

/// Whoever names no attempt means the one that is on at this moment, and none that is asked for after.
async fn attempt(client: &Client, id: &str, named: Option<u32>) -> Result<Value, NotDone> {
    if let Some(named) = named {
        return Ok(json!(named));
    }
    let found = client.get(&["promotions", id], &[]).await?;
    Ok(found["attempt"].clone())
}

/// Whoever names no pause ends the one that it waits in at this moment, and no later one.
pub(super) async fn resume(client: &Client, asked: &Resume) -> Result<Done, NotDone> {
    let id = asked.promotion.as_str();
    let pause = if let Some(pause) = &asked.pause {
        pause.clone()
    } else {
        let found = client.get(&["promotions", id], &[]).await?;
        let pause = found["pause"].as_str().map(str::to_owned);
        pause.ok_or_else(|| {
            let (id, why) = (text(&found["id"]), text(&found["why"]));
            NotDone::new(
                Outcome::Changed,
                format!("{id} does not wait for somebody to resume it. {why}"),
            )
        })?
    };
    let body = json!({ "reason": asked.reason, "pause": pause });
    let json = client
        .post(&["promotions", id, "resume"], &[], &body)
        .await?;
    let text = about(&json);
    Ok(Done { json, text })
}

pub(super) async fn replay(client: &Client, asked: &Replay) -> Result<Done, NotDone> {
    let id = asked.promotion.as_str();
    let path = ["promotions", id, "replay"];
    if !asked.dry_run {
        let attempt = attempt(client, id, asked.attempt).await?;
        let body = json!({ "reason": asked.reason, "attempt": attempt });
        let json = client.post(&path, &[], &body).await?;
        let text = about(&json);
        return Ok(Done { json, text });
    }
    let body = asked
        .attempt
        .map_or_else(|| json!({}), |attempt| json!({ "attempt": attempt }));
    let json = client.post(&path, &[("dryRun", "true")], &body).await?;
    let mut lines = vec![text(&json["today"]["says"])];
    if json["replay"]["legal"] == false {
        lines.push(format!("Replay: {}", text(&json["replay"]["why"])));
    }
    lines.extend(
        json["differences"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|difference| format!("Differs: {}", text(&difference["says"]))),
    );
    // A script that asks before it replays is not told to go on by what nobody could see.
    if json["today"]["would"] == "unknown" {
        return Err(NotDone {
            body: Some(json),
            ..NotDone::could_not_run(lines.join("\n"))
        });
    }
    Ok(Done {
        text: format!("{}\n", lines.join("\n")),
        json,
    })
}

pub(super) async fn start(client: &Client, asked: &Start) -> Result<Done, NotDone> {
    let mut body = json!({ "version": asked.version, "reason": asked.reason });
    // What is not named is left out: an app of an older release knows no model here.
    for (name, value) in [("route", &asked.route), ("model", &asked.model)] {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    let json = client.post(&["promotions"], &[], &body).await?;
    let done = if json["already"].is_string() {
        "is open already"
    } else {
        "is begun"
    };
    Ok(Done {
        text: format!("{} {done}: {}\n", text(&json["id"]), text(&json["page"])),
        json,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::client::tests::{client, serve};
    use crate::remote::command::Connection;
    use axum::Router;
    use axum::routing::{get, post};
    use std::sync::{Arc, Mutex};

    /// What is sent, where the app's promotion is in its third attempt.
    async fn sent(named: Option<u32>) -> Value {
        let heard = Arc::new(Mutex::new(Value::Null));
        let kept = heard.clone();
        let abort = post(async move |body: axum::Json<Value>| {
            *kept.lock().unwrap() = body.0;
            axum::Json(json!({}))
        });
        let app = Router::new()
            .route(
                "/api/v1/promotions/m-1.r-0",
                get(axum::Json(json!({ "attempt": 3 }))),
            )
            .route("/api/v1/promotions/m-1.r-0/abort", abort);
        let asked = Verb {
            promotion: "m-1.r-0".to_owned(),
            reason: "it smells".to_owned(),
            attempt: named,
            at: Connection {
                app: None,
                audience: None,
                json: false,
            },
        };
        let client = client(&serve(app).await);
        verb(&client, "abort", &asked).await.unwrap();
        heard.lock().unwrap().take()
    }

    #[tokio::test]
    async fn a_verb_is_said_of_the_attempt_that_was_read_or_named() {
        for (named, attempt) in [(None, 3), (Some(1), 1)] {
            let said = json!({ "reason": "it smells", "attempt": attempt });
            assert_eq!(sent(named).await, said);
        }
    }
}
