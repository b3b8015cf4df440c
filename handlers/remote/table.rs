//! Columns for a terminal. What is put into them is cleaned: a model's name moves no cursor.

use serde_json::Value;

use crate::ui::clean;

/// A text of the API's JSON, made fit for a terminal; `–` where there is none.
pub(super) fn text(json: &Value) -> String {
    let text = match json {
        Value::String(text) => clean(text),
        Value::Null => String::new(),
        other => clean(&other.to_string()),
    };
    if text.is_empty() {
        "–".to_owned()
    } else {
        text
    }
}

/// Each of an array's texts.
pub(super) fn texts(json: &Value) -> Vec<String> {
    json.as_array()
        .map(|all| all.iter().map(text).collect())
        .unwrap_or_default()
}

/// Each on a line of its own, a little to the right.
pub(super) fn indented(lines: impl IntoIterator<Item = String>) -> String {
    lines
        .into_iter()
        .fold(String::new(), |whole, line| whole + "  " + &line + "\n")
}

/// Lines with a heading, each column as wide as its widest text.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let heading = heading.map(str::to_owned);
    let all = || std::iter::once(&heading).chain(rows);
    let widths: [usize; N] = std::array::from_fn(|column| {
        let lengths = all().map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    });
    let line = |row: &[String; N]| {
        let padded = row.iter().zip(widths).map(|(text, width)| {
            let missing = width.saturating_sub(text.chars().count());
            format!("{text}{}", " ".repeat(missing))
        });
        let line = padded.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    all().map(line).collect()
}

/// Named values, one a line; those without a value are left out.
pub(super) fn fields(rows: &[(&str, String)]) -> String {
    let shown = rows.iter().filter(|(_, text)| text != "–");
    let widest = shown.clone().map(|(name, _)| name.chars().count()).max();
    let line = |(name, text): &(&str, String)| {
        let missing = widest
            .unwrap_or_default()
            .saturating_sub(name.chars().count());
        format!("{name}{}  {text}\n", " ".repeat(missing))
    };
    shown.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let rows = [
            ["diabetes 2".to_owned(), text(&json!("prod\u{1b}[2J\n"))],
            ["größe 10".to_owned(), text(&json!(null))],
        ];
        insta::assert_snapshot!(table(["MODEL", "TO"], &rows), @"
        MODEL       TO
        diabetes 2  prod [2J
        größe 10    –
        ");
        let rows = [("Stage", "live".to_owned()), ("Pause", text(&json!(null)))];
        assert_eq!(fields(&rows), "Stage  live\n");
    }
}
