//! Cards and pages as the text that a person reads.

use serde_json::Value;

/// A card's texts, from top to bottom; links as `[title] url`.
pub(super) fn card(card: &Value) -> String {
    super::golden::keep(card);
    let mut lines = Vec::new();
    items(&card["body"], &mut lines);
    for action in card["actions"].as_array().unwrap() {
        assert_eq!(action["type"], "Action.OpenUrl");
        lines.push(format!(
            "[{}] {}",
            text(&action["title"]),
            text(&action["url"])
        ));
    }
    lines.join("\n")
}

fn items(items: &Value, lines: &mut Vec<String>) {
    for item in items.as_array().unwrap() {
        match text(&item["type"]) {
            "Container" => self::items(&item["items"], lines),
            "TextBlock" => lines.push(text(&item["text"]).to_owned()),
            "FactSet" => lines.extend(
                item["facts"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|fact| format!("{}: {}", text(&fact["title"]), text(&fact["value"]))),
            ),
            "ColumnSet" => lines.push(columns(item)),
            "Input.Text" => lines.push(format!("({}: …)", text(&item["label"]))),
            "ActionSet" => lines.extend(item["actions"].as_array().unwrap().iter().map(button)),
            other => panic!("{other} is not read yet"),
        }
    }
}

/// `[Approve] approval.approve {…}, else [Approve on the page] url`.
fn button(action: &Value) -> String {
    assert_eq!(action["type"], "Action.Execute");
    let (title, verb, data) = (
        text(&action["title"]),
        text(&action["verb"]),
        &action["data"],
    );
    let fallback = &action["fallback"];
    assert_eq!(fallback["type"], "Action.OpenUrl");
    let (page, url) = (text(&fallback["title"]), text(&fallback["url"]));
    format!("[{title}] {verb} {data}, else [{page}] {url}")
}

fn columns(set: &Value) -> String {
    let columns = set["columns"].as_array().unwrap().iter().map(|column| {
        let mut lines = Vec::new();
        items(&column["items"], &mut lines);
        lines.join(", ")
    });
    columns.collect::<Vec<_>>().join(" | ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What stands in a page's `<main>`, a line a block, without its digests.
pub(super) fn page(html: &str) -> String {
    let (_, main) = html.split_once("<main").expect("a page has a main part");
    let (main, _) = main.split_once("</main>").expect("and it ends");
    let (_, main) = main.split_once('>').unwrap();
    let mut text = String::new();
    for part in main.split('<') {
        let (tag, rest) = part.split_once('>').unwrap_or(("", part));
        let name = tag
            .trim_start_matches('/')
            .split([' ', '>'])
            .next()
            .unwrap_or("");
        text.push_str(match name {
            "span" | "strong" | "code" | "a" | "time" | "svg" | "rect" | "path" => "",
            "td" | "th" | "dd" | "button" => " | ",
            _ => "\n",
        });
        text.push_str(&rest.replace('\n', " "));
    }
    let unescaped = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let lines = unescaped.lines().map(|line| {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        words
            .replace("| |", "|")
            .trim_matches(['|', ' '])
            .to_owned()
    });
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The part of a text that begins with one line and ends before another.
pub(super) fn between<'a>(text: &'a str, from: &str, until: &str) -> &'a str {
    let start = text
        .find(from)
        .unwrap_or_else(|| panic!("no {from:?} in {text}"));
    let length = text[start..].find(until).unwrap_or(text.len() - start);
    text[start..start + length].trim_end()
}
