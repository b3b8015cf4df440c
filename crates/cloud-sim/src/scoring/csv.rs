//! A batch job's input: a line of column names, then a line of numbers for each row.

use super::Row;

/// The rows of a file, or what is wrong with it.
pub(crate) fn csv_rows(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the input is not UTF-8".to_owned())?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let row = |line: &str| {
        let values: Vec<f64> = line
            .split(',')
            .map(|value| value.trim().parse::<f64>())
            .collect::<Result<_, _>>()
            .map_err(|error| format!("a value is no number: {error}"))?;
        if values.len() != columns.len() {
            return Err(format!(
                "{} columns given, {} values in a row",
                columns.len(),
                values.len()
            ));
        }
        let names = columns.iter().map(|name| name.trim().to_owned());
        Ok(names.zip(values).collect())
    };
    lines.map(row).collect()
}
