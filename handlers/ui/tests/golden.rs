//! Cards for the tools that know Adaptive Cards better than we do. With `LIFTLOCK_CARDS` every card that a test reads is
//! written to that folder, named after its heading and its content.

use std::path::Path;

use promotion::Digest;
use serde_json::Value;

/// Writes the card, where a folder is named.
pub(super) fn keep(card: &Value) {
    if let Some(folder) = std::env::var_os("LIFTLOCK_CARDS") {
        write(card, Path::new(&folder));
    }
}

fn write(card: &Value, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let text = serde_json::to_string_pretty(card).unwrap();
    let digest = Digest::of(text.as_bytes()).to_string();
    let name = format!("{}-{}.json", slug(heading(card)), &digest[..8]);
    std::fs::write(folder.join(name), text).unwrap();
}

fn heading(card: &Value) -> &str {
    ["/body/0/items/0/text", "/body/0/text"]
        .into_iter()
        .find_map(|place| card.pointer(place).and_then(Value::as_str))
        .unwrap_or("card")
}

/// Lower-case words joined by `-`, at most 60 bytes of them.
fn slug(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase);
    let mut slug = words.collect::<Vec<_>>().join("-");
    slug.truncate(60);
    if slug.is_empty() {
        slug.push_str("card");
    }
    slug
}

#[test]
fn a_card_is_named_after_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let card = serde_json::json!({ "body": [{ "text": "diabetes 2 → prod: approved" }] });
    write(&card, folder.path());
    write(&card, folder.path());
    let mut files = std::fs::read_dir(folder.path()).unwrap();
    let name = files.next().unwrap().unwrap().file_name();
    assert!(files.next().is_none(), "the same card is one file");
    let name = name.into_string().unwrap();
    assert!(name.starts_with("diabetes-2-prod-approved-"), "{name}");
}
