//! MLflow's input: `{"input_data": {"columns": […], "index": […], "data": [[…]]}}` or `{"input_data": [[…]]}`.

use serde::Deserialize;
use serde_json::Value;

use super::Row;

#[derive(Deserialize)]
struct Split {
    columns: Vec<String>,
    data: Vec<Vec<f64>>,
}

/// The rows of a request, or what is wrong with it. Rows without column names are in the model's order.
pub(super) fn rows(body: &[u8], features: &[String]) -> Result<Vec<Row>, String> {
    let mut body: Value =
        serde_json::from_slice(body).map_err(|e| format!("The input is not JSON: {e}."))?;
    let input = body
        .get_mut("input_data")
        .map(Value::take)
        .ok_or("The input lacks 'input_data'.")?;
    let split = match input {
        Value::Array(_) => {
            let data = serde_json::from_value(input)
                .map_err(|e| format!("'input_data' is not a table: {e}."))?;
            Split {
                columns: features.to_vec(),
                data,
            }
        }
        other => serde_json::from_value(other)
            .map_err(|e| format!("'input_data' is not a split table: {e}."))?,
    };
    split
        .data
        .iter()
        .map(|values| row(&split.columns, values))
        .collect()
}

fn row(columns: &[String], values: &[f64]) -> Result<Row, String> {
    if columns.len() != values.len() {
        return Err(format!(
            "{} columns given, {} values in a row.",
            columns.len(),
            values.len()
        ));
    }
    Ok(columns
        .iter()
        .cloned()
        .zip(values.iter().copied())
        .collect())
}
