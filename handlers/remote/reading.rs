//! `status` and `why`: what is on its way, and how one of them stands.

use serde_json::{Value, json};

use super::client::Client;
use super::command::{One, Status};
use super::freezes::frozen;
use super::outcome::NotDone;
use super::run::Done;
use super::table::{fields, table, text};
use super::targets::held;

/// How much of a timeline is shown.
const LATEST: usize = 5;

/// More pages than any month has; a service that leads in circles is left.
const PAGES: usize = 1000;

pub(super) async fn status(client: &Client, asked: &Status) -> Result<Done, NotDone> {
    match &asked.promotion {
        Some(id) => one(client, id).await,
        None => all(client, asked).await,
    }
}

pub(super) async fn why(client: &Client, asked: &One) -> Result<Done, NotDone> {
    let json = client
        .get(&["promotions", &asked.promotion, "why"], &[])
        .await?;
    Ok(Done {
        text: format!("{}\n", text(&json["why"])),
        json,
    })
}

async fn one(client: &Client, id: &str) -> Result<Done, NotDone> {
    let json = client.get(&["promotions", id], &[]).await?;
    let timeline = json["timeline"].as_array().map_or(&[][..], Vec::as_slice);
    let latest = &timeline[timeline.len().saturating_sub(LATEST)..];
    let latest = latest.iter().map(|entry| {
        let (at, says) = (text(&entry["at"]), text(&entry["says"]));
        format!("  {at}  {says}\n")
    });
    Ok(Done {
        text: format!("{}Latest\n{}", about(&json), latest.collect::<String>()),
        json,
    })
}

/// One promotion in a few lines.
pub(super) fn about(json: &Value) -> String {
    let stage = format!(
        "{}, attempt {}",
        text(&json["stage"]),
        text(&json["attempt"])
    );
    let heading = format!(
        "{} {}, {} → {}, by route {}\n",
        text(&json["model"]),
        text(&json["version"]),
        text(&json["from"]),
        text(&json["to"]),
        text(&json["route"])
    );
    let digest = if json["stage"] == "awaiting approval" {
        text(&json["pinned"]["digest"])
    } else {
        text(&Value::Null)
    };
    heading
        + &fields(&[
            ("Id", text(&json["id"])),
            ("Stage", stage),
            ("Why", text(&json["why"])),
            ("Pause", text(&json["pause"])),
            ("Digest", digest),
            ("Page", text(&json["page"])),
        ])
}

async fn all(client: &Client, asked: &Status) -> Result<Done, NotDone> {
    let rows = listed(client, asked.closed.as_deref()).await?;
    let fits = |row: &&Value, name: &str, wanted: &Option<String>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| row[name].as_str() == Some(wanted))
    };
    let chosen: Vec<Value> = rows
        .iter()
        .filter(|row| fits(row, "to", &asked.to) && fits(row, "model", &asked.model))
        .cloned()
        .collect();
    let stopped = if asked.closed.is_none() {
        frozen(&client.get(&["freezes"], &[]).await?) + &held(&client.get(&["targets"], &[]).await?)
    } else {
        String::new()
    };
    let shown: Vec<_> = chosen.iter().map(row).collect();
    let promotions = if shown.is_empty() {
        "Nothing is on its way.\n".to_owned()
    } else {
        let heading = ["MODEL", "WAY", "STAGE", "WAITS FOR", "SINCE", "ID"];
        table(heading, &shown)
    };
    let promotions = match (&asked.closed, shown.is_empty()) {
        (Some(month), true) => format!("Nothing that began in {month} has ended.\n"),
        (Some(_) | None, _) => promotions,
    };
    Ok(Done {
        text: promotions + &stopped,
        json: json!({ "value": chosen, "next": null }),
    })
}

/// Every page.
async fn listed(client: &Client, closed: Option<&str>) -> Result<Vec<Value>, NotDone> {
    let mut rows = Vec::new();
    let mut from: Option<String> = None;
    for _ in 0..PAGES {
        let mut query = Vec::new();
        query.extend(closed.map(|month| ("closed", month)));
        query.extend(from.as_deref().map(|from| ("from", from)));
        let page = client.get(&["promotions"], &query).await?;
        rows.extend(page["value"].as_array().into_iter().flatten().cloned());
        match page["next"].as_str() {
            Some(next) if from.as_deref() != Some(next) => from = Some(next.to_owned()),
            Some(_) | None => return Ok(rows),
        }
    }
    Err(NotDone::could_not_run(format!(
        "The list does not end after {PAGES} pages; ask for less of it."
    )))
}

fn row(row: &Value) -> [String; 6] {
    let since = text(&row["since"]);
    [
        format!("{} {}", text(&row["model"]), text(&row["version"])),
        format!("{} → {}", text(&row["from"]), text(&row["to"])),
        text(&row["stage"]),
        text(&row["waitsFor"]),
        minute(&since),
        text(&row["id"]),
    ]
}

/// `2026-11-23 07:00` of `2026-11-23T07:00:12Z`.
pub(super) fn minute(timestamp: &str) -> String {
    match timestamp.get(..16) {
        Some(minute) if timestamp.ends_with('Z') => minute.replace('T', " "),
        Some(_) | None => timestamp.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_to_the_minute() {
        assert_eq!(minute("2026-11-23T07:00:12.5Z"), "2026-11-23 07:00");
        for other in ["", "–", "2026-11-23T07:00:12+01:00", "äöüäöüäöüäöüäöüä"] {
            assert_eq!(minute(other), other);
        }
    }
}
