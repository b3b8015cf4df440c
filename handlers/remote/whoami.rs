//! `whoami`: as whom the app knows whoever asks.

use serde_json::Value;

use super::client::Client;
use super::outcome::NotDone;
use super::run::Done;
use super::table::{fields, text, texts};

pub(super) async fn whoami(client: &Client) -> Result<Done, NotDone> {
    let json = client.get(&["me"], &[]).await?;
    let text = shown(&json);
    Ok(Done { json, text })
}

fn shown(json: &Value) -> String {
    let groups = json["groups"].as_array().into_iter().flatten();
    let groups = groups.map(|group| match &group["name"] {
        Value::String(_) => format!("{} ({})", text(&group["name"]), text(&group["id"])),
        _ => text(&group["id"]),
    });
    fields(&[
        ("Name", text(&json["name"])),
        ("Id", text(&json["id"])),
        ("Tenant", text(&json["tenant"])),
        ("Roles", or(&texts(&json["roles"]), "none")),
        (
            "Groups",
            or(&groups.collect::<Vec<_>>(), "none that a route names"),
        ),
        ("Signed in until", text(&json["signedInUntil"])),
    ])
}

fn or(all: &[String], none: &str) -> String {
    if all.is_empty() {
        return none.to_owned();
    }
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_somebody_is_stands_in_a_few_lines() {
        let ada = json!({
            "id": "0b", "name": "Ada \u{1b}[2JApprover", "tenant": "f0", "roles": ["Model.Approver", "Model.Reader"],
            "groups": [{ "id": "76", "name": "Model risk" }, { "id": "77" }], "signedInUntil": "2026-11-23T08:00:00Z",
        });
        insta::assert_snapshot!(shown(&ada), @"
        Name             Ada [2JApprover
        Id               0b
        Tenant           f0
        Roles            Model.Approver, Model.Reader
        Groups           Model risk (76), 77
        Signed in until  2026-11-23T08:00:00Z
        ");
        let sam = json!({ "id": "0d", "name": "Sam", "tenant": "f0", "roles": [], "groups": [] });
        insta::assert_snapshot!(shown(&sam), @"
        Name    Sam
        Id      0d
        Tenant  f0
        Roles   none
        Groups  none that a route names
        ");
    }
}
