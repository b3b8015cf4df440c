//! Verbs: said in the app's own words, with a reason.

use serde_json::json;

use super::client::Client;
use super::command::{Replay, Resume, Start, Verb};
use super::outcome::{NotDone, Outcome};
use super::reading::about;
use super::run::Done;
use super::table::text;

pub(super) async fn verb(client: &Client, verb: &str, asked: &Verb) -> Result<Done, NotDone> {
    let body = json!({ "reason": asked.reason });
    let path = ["promotions", asked.promotion.as_str(), verb];
    let json = client.post(&path, &[], &body).await?;
    let text = about(&json);
    Ok(Done { json, text })
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
    let path = ["promotions", asked.promotion.as_str(), "replay"];
    if !asked.dry_run {
        let body = json!({ "reason": asked.reason });
        let json = client.post(&path, &[], &body).await?;
        let text = about(&json);
        return Ok(Done { json, text });
    }
    let json = client
        .post(&path, &[("dryRun", "true")], &json!({}))
        .await?;
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
