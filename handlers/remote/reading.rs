//! `status` and `why`: what is on its way, and how one of them stands.

use serde_json::{Value, json};

use super::client::Client;
use super::command::{One, Status};
use super::freezes::frozen;
use super::known::Named;
use super::outcome::NotDone;
use super::run::Done;
use super::table::{fields, table, text};
use super::targets::held;
use crate::ui::utc;

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
    let said = ["override", "why", "stopped", "held"].map(|name| line(&json[name]));
    Ok(Done {
        text: said.concat(),
        json,
    })
}

/// A sentence on a line of its own; nothing, where there is none.
pub(super) fn line(sentence: &Value) -> String {
    let said = sentence.as_str().map(|_| text(sentence));
    said.map_or_else(String::new, |said| said + "\n")
}

async fn one(client: &Client, id: &str) -> Result<Done, NotDone> {
    let json = client.get(&["promotions", id], &[]).await?;
    let timeline = json["timeline"].as_array().map_or(&[][..], Vec::as_slice);
    let latest = &timeline[timeline.len().saturating_sub(LATEST)..];
    let latest = latest.iter().map(|entry| {
        let (at, says) = (moment(&entry["at"]), text(&entry["says"]));
        format!("  {at}  {says}\n")
    });
    Ok(Done {
        text: format!("{}Latest\n{}", about(&json), latest.collect::<String>()),
        json,
    })
}

/// A moment as sentences have it.
fn moment(json: &Value) -> String {
    let at = json.as_str().and_then(|at| at.parse().ok());
    at.map_or_else(|| text(json), utc)
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
    // It stays what people agreed to for as long as they may take that back.
    let asked = json["ending"].is_null().then(|| &json["pinned"]["digest"]);
    heading
        + &fields(&[
            ("Id", text(&json["id"])),
            ("Stage", stage),
            ("Override", text(&json["override"])),
            ("Why", text(&json["why"])),
            ("Stopped", text(&json["stopped"])),
            ("Held", text(&json["held"])),
            ("Pause", text(&json["pause"])),
            ("Digest", text(asked.unwrap_or(&Value::Null))),
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
    let targets = client.get(&["targets"], &[]).await?;
    let named = Named {
        stage: asked.to.as_deref(),
        model: asked.model.as_deref(),
    };
    if let Some(why) = named.unknown(&targets).filter(|_| chosen.is_empty()) {
        return Err(why);
    }
    let stopped = if asked.closed.is_none() {
        frozen(&client.get(&["freezes"], &[]).await?) + &held(&targets)
    } else {
        String::new()
    };
    let shown: Vec<_> = chosen.iter().map(row).collect();
    let promotions = if shown.is_empty() {
        none(named, asked.closed.as_deref())
    } else {
        let how = if asked.closed.is_some() {
            "HOW IT ENDED"
        } else {
            "WAITS FOR"
        };
        let heading = ["MODEL", "WAY", "STAGE", how, "SINCE", "ID"];
        table(heading, &shown)
    };
    Ok(Done {
        text: promotions + &stopped,
        json: json!({ "value": chosen, "next": null }),
    })
}

/// That there is none, of what was asked for.
fn none(named: Named<'_>, closed: Option<&str>) -> String {
    let (nothing, to) = (named.nothing(), named.to_where());
    match closed {
        None => format!("{nothing} is on its way{to}.\n"),
        Some(month) if to.is_empty() => {
            format!("{nothing} that began in {month} has ended.\n")
        }
        Some(month) => format!("{nothing} that began in {month} on its way{to} has ended.\n"),
    }
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
        text(&row["stage"]) + overridden(row),
        text(&row["waitsFor"]),
        minute(&since),
        text(&row["id"]),
    ]
}

/// What stands behind a stage that was reached past its quorum, or where an earlier attempt was and nobody has looked at that.
fn overridden(row: &Value) -> &'static str {
    let is = |field: &str| row[field] == true;
    match (is("overridden"), is("reviewed"), is("toReview")) {
        (true, false, _) => ", OVERRIDDEN, not reviewed",
        (true, true, false) => ", OVERRIDDEN, reviewed",
        (true, true, true) => ", OVERRIDDEN, reviewed; an earlier OVERRIDE is not",
        (false, _, true) => ", earlier OVERRIDE not reviewed",
        (false, _, false) => "",
    }
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
    fn that_there_is_none_names_what_was_asked_for() {
        let named = |stage, model| Named { stage, model };
        let said = [
            none(named(None, None), None),
            none(named(Some("prod"), None), None),
            none(named(Some("prod"), Some("diabetes")), None),
            none(named(None, None), Some("2026-11")),
            none(named(Some("prod"), Some("diabetes")), Some("2026-11")),
        ];
        insta::assert_snapshot!(said.concat().trim_end(), @"
        Nothing is on its way.
        Nothing is on its way to prod.
        No version of diabetes is on its way to prod.
        Nothing that began in 2026-11 has ended.
        No version of diabetes that began in 2026-11 on its way to prod has ended.
        ");
    }

    #[test]
    fn the_digest_is_shown_as_long_as_an_answer_may_name_it() {
        let shown = |stage: &str, ending: Value| {
            let pinned = json!({ "digest": "0123456789abcdef" });
            about(&json!({ "stage": stage, "ending": ending, "pinned": pinned }))
        };
        for stage in ["awaiting approval", "copying"] {
            let shown = shown(stage, Value::Null);
            assert!(shown.contains("Digest  0123456789abcdef\n"), "{shown}");
        }
        assert!(!shown("closed", json!("live")).contains("Digest"));
    }

    #[test]
    fn a_list_says_what_is_overridden_and_whether_that_is_reviewed() {
        let stage = |overridden: bool, reviewed: bool, to_review: bool| {
            let listed = json!({
                "stage": "live",
                "overridden": overridden,
                "reviewed": reviewed,
                "toReview": to_review,
            });
            row(&listed)[2].clone()
        };
        assert_eq!(stage(false, false, false), "live");
        assert_eq!(stage(true, false, true), "live, OVERRIDDEN, not reviewed");
        assert_eq!(stage(true, true, false), "live, OVERRIDDEN, reviewed");
        assert_eq!(
            stage(true, true, true),
            "live, OVERRIDDEN, reviewed; an earlier OVERRIDE is not"
        );
        assert_eq!(
            stage(false, false, true),
            "live, earlier OVERRIDE not reviewed"
        );
    }

    #[test]
    fn a_time_is_shown_to_the_minute() {
        assert_eq!(minute("2026-11-23T07:00:12.5Z"), "2026-11-23 07:00");
        for other in ["", "–", "2026-11-23T07:00:12+01:00", "äöüäöüäöüäöüäöüä"] {
            assert_eq!(minute(other), other);
        }
    }
}
