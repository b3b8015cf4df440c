//! What the predictions of a job look like: how many rows, what is in each column, how many lack a prediction.
//!
//! Azure appends a line for each row, its values apart by a comma or a space, without a header (from memory of
//! Microsoft's pages on batch endpoints, not verified); a scoring script of one's own may write a line of JSON for each.

use serde_json::Value;

use crate::ui::capped;

/// The journal keeps what each column is.
const MOST_COLUMNS: usize = 200;
/// And its name, up to so many letters.
const LONGEST_NAME: usize = 60;

/// What a result looks like.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) rows: u32,
    /// `number` or `text`, with its name where it has one.
    pub(super) columns: Vec<String>,
    pub(super) errors: u32,
}

/// One value of a row: its column's name, and what it is.
type Cell = (Option<String>, Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Missing,
    Number,
    Text,
}

/// Reads a result, or says why it cannot be read.
pub(super) fn read(bytes: &[u8]) -> Result<Summary, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let rows: Vec<Vec<Cell>> = lines.map(cells).collect();
    let Some(first) = rows.iter().find(|row| is_whole(row)).or(rows.first()) else {
        return Ok(Summary::default());
    };
    if first.len() > MOST_COLUMNS {
        return Err(format!(
            "a row has {} values, more than {MOST_COLUMNS}",
            first.len()
        ));
    }
    let alike = |row: &Vec<Cell>| {
        row.len() == first.len() && row.iter().zip(first).all(|(one, other)| one.0 == other.0)
    };
    let mut kinds = vec!["number"; first.len()];
    for row in rows.iter().filter(|row| alike(row)) {
        for (kind, (_, found)) in kinds.iter_mut().zip(row) {
            if *found == Kind::Text {
                *kind = "text";
            }
        }
    }
    let columns = first.iter().zip(kinds).map(|((name, _), kind)| match name {
        Some(name) => format!("{}: {kind}", capped(name, LONGEST_NAME)),
        None => kind.to_owned(),
    });
    let columns = columns.collect();
    let lacking = |row: &&Vec<Cell>| !alike(row) || !is_whole(row);
    let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
    Ok(Summary {
        errors: count(rows.iter().filter(lacking).count()),
        rows: count(rows.len()),
        columns,
    })
}

fn is_whole(row: &[Cell]) -> bool {
    row.iter().all(|(_, kind)| *kind != Kind::Missing)
}

fn cells(line: &str) -> Vec<Cell> {
    match serde_json::from_str(line) {
        Ok(Value::Object(row)) => {
            let mut cells: Vec<Cell> = row
                .into_iter()
                .map(|(name, value)| (Some(name), of_json(&value)))
                .collect();
            cells.sort_by(|one, other| one.0.cmp(&other.0));
            cells
        }
        Ok(Value::Array(row)) => row.iter().map(|value| (None, of_json(value))).collect(),
        Ok(_) | Err(_) => {
            let values = split(line);
            values.iter().map(|value| (None, of_text(value))).collect()
        }
    }
}

fn of_json(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Missing,
        Value::Number(_) => Kind::Number,
        Value::String(text) => of_text(text),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Kind::Text,
    }
}

fn of_text(value: &str) -> Kind {
    let value = value.trim();
    if matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "nan" | "null" | "none" | "inf" | "-inf"
    ) {
        return Kind::Missing;
    }
    match value.parse::<f64>() {
        Ok(_) => Kind::Number,
        Err(_) => Kind::Text,
    }
}

/// At commas outside of quotes; where there are none, at blanks.
fn split(line: &str) -> Vec<String> {
    let at_commas = divide(line, |c| c == ',', Empty::Kept);
    if at_commas.len() > 1 {
        return at_commas;
    }
    divide(line, char::is_whitespace, Empty::LeftOut)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    Kept,
    LeftOut,
}

fn divide(line: &str, divides: impl Fn(char) -> bool, empty: Empty) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        if c == '"' {
            quoted = !quoted;
        } else if !quoted && divides(c) {
            values.push(String::new());
        } else if let Some(value) = values.last_mut() {
            value.push(c);
        }
    }
    values.retain(|value| empty == Empty::Kept || !value.is_empty());
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let Summary {
            rows,
            columns,
            errors,
        } = read(text.as_bytes()).unwrap();
        format!("{rows} rows, {} without; {}", errors, columns.join(", "))
    }

    #[test]
    fn lines_of_values_are_read_whatever_stands_between_them() {
        for text in [
            "0 151.5 a.csv\n1 98.0 a.csv\n",
            "0,151.5,a.csv\n1,98.0,a.csv\n",
        ] {
            assert_eq!(told(text), "2 rows, 0 without; number, number, text");
        }
        assert_eq!(told("0,\"a, b\"\n"), "1 rows, 0 without; number, text");
        assert_eq!(told("151.5\n98\n\n"), "2 rows, 0 without; number");
    }

    #[test]
    fn lines_of_json_are_read_with_their_names() {
        let named = "{\"score\": 1.5, \"file\": \"a\"}\n{\"file\": \"a\", \"score\": null}\n";
        assert_eq!(told(named), "2 rows, 1 without; file: text, score: number");
        assert_eq!(
            told("[1, \"a\"]\n[2, \"b\"]"),
            "2 rows, 0 without; number, text"
        );
    }

    #[test]
    fn a_row_without_a_prediction_is_counted_and_decides_no_column() {
        assert_eq!(
            told("0 nan\n1 98.0\n2 \n"),
            "3 rows, 2 without; number, number"
        );
        assert_eq!(told("0,\n1,98.0\n"), "2 rows, 1 without; number, number");
    }

    #[test]
    fn nothing_is_no_row_and_bytes_are_refused() {
        assert_eq!(told(""), "0 rows, 0 without; ");
        assert_eq!(read(&[0xff, 0xfe]), Err("it is not UTF-8".to_owned()));
    }
}
