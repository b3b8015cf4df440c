//! `hold` and `unhold`: targets by the names that people know them by.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::client::Client;
use super::command::OnTarget;
use super::outcome::{NotDone, Outcome};
use super::reading::minute;
use super::run::Done;
use super::table::text;
use crate::ui::clean;

pub(super) async fn hold(client: &Client, asked: &OnTarget) -> Result<Done, NotDone> {
    let target = found(client, &asked.target).await?;
    let body = json!({ "reason": asked.reason });
    let json = said(client, &target, "hold", &body).await?;
    let mut text = held(&json!({ "value": [json] }));
    let holds = json["holds"].as_array().into_iter().flatten();
    let mut reasons = holds.filter_map(|hold| hold["reason"].as_str());
    if !reasons.any(|reason| reason == clean(&asked.reason)) {
        text.push_str("You have held it already, so that reason stays; the new one is not kept.\n");
    }
    Ok(Done { json, text })
}

/// Lifts what stood when it was looked, and nothing that was set since: where nothing stood, there is nothing to lift.
pub(super) async fn unhold(client: &Client, asked: &OnTarget) -> Result<Done, NotDone> {
    let target = found(client, &asked.target).await?;
    let holds = target["holds"].as_array().map_or(&[][..], Vec::as_slice);
    if holds.is_empty() {
        return Ok(Done {
            text: format!("{} is not held.\n", name(&target)),
            json: target,
        });
    }
    let since = holds.iter().filter_map(|hold| hold["since"].as_str());
    let newest = since.filter_map(|since| since.parse::<Timestamp>().ok());
    let newest = newest.max().ok_or_else(|| {
        NotDone::could_not_run(format!(
            "The app does not say since when {} is held, so nothing was lifted; is this the program of an older release?",
            name(&target)
        ))
    })?;
    let body = json!({ "reason": asked.reason, "seen": newest });
    let json = said(client, &target, "unhold", &body).await?;
    let name = name(&json);
    Ok(Done {
        text: format!("{name} is not held any more.\n"),
        json,
    })
}

async fn said(client: &Client, target: &Value, verb: &str, body: &Value) -> Result<Value, NotDone> {
    let id = target["id"].as_str().unwrap_or_default();
    client.post(&["targets", id, verb], &[], body).await
}

/// By id, by endpoint, or by stage and endpoint; what is not clear is not guessed.
async fn found(client: &Client, wanted: &str) -> Result<Value, NotDone> {
    let all = client.get(&["targets"], &[]).await?;
    let all = all["value"].as_array().cloned().unwrap_or_default();
    let is = |target: &&Value| {
        let endpoint = target["endpoint"].as_str().unwrap_or_default();
        let stage = target["stage"].as_str().unwrap_or_default();
        target["id"].as_str() == Some(wanted)
            || endpoint == wanted
            || wanted
                .split_once('/')
                .is_some_and(|parts| parts == (stage, endpoint))
    };
    let found: Vec<&Value> = all.iter().filter(is).collect();
    let names = |targets: &[&Value]| {
        let names: Vec<_> = targets.iter().map(|target| name(target)).collect();
        names.join(", ")
    };
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(NotDone::new(
            Outcome::NotFound,
            format!(
                "There is no target “{}”; there are {}.",
                clean(wanted),
                names(&all.iter().collect::<Vec<_>>())
            ),
        )),
        several => Err(NotDone::could_not_run(format!(
            "“{}” could be {}; say which.",
            clean(wanted),
            names(several)
        ))),
    }
}

/// `prod/diabetes`.
fn name(target: &Value) -> String {
    format!("{}/{}", text(&target["stage"]), text(&target["endpoint"]))
}

/// A line for each hold.
pub(super) fn held(targets: &Value) -> String {
    let targets = targets["value"].as_array().into_iter().flatten();
    let lines = targets.flat_map(|target| {
        let holds = target["holds"].as_array().into_iter().flatten();
        holds.map(move |hold| {
            let by = match hold["by"]["person"]["name"].as_str() {
                Some(_) => format!(" by {}", text(&hold["by"]["person"]["name"])),
                None => String::new(),
            };
            format!(
                "Held: {} since {}{by}: {}\n",
                name(target),
                minute(&text(&hold["since"])),
                text(&hold["reason"])
            )
        })
    });
    lines.collect()
}
