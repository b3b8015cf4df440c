//! What the data collector of a deployment keeps of what callers send.
//!
//! Where it lies and what a line looks like is from memory of Microsoft's page on collecting production data, not verified.

use serde_json::{Map, Value, json};

use crate::seed;
use crate::world::World;

use super::NotPossible;

/// Under which name a data collector keeps requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// `request`: bodies as they came.
    Payloads,
    /// `model_inputs`: the tables in them, as records.
    Inputs,
}

pub(crate) fn collect(
    world: &World,
    endpoint: &str,
    kept: Kept,
    bodies: &[Value],
) -> Result<String, NotPossible> {
    let now = world.clock.now();
    let estate = world.estate();
    let mut workspaces = estate.workspaces.iter();
    let workspace = workspaces
        .find(|workspace| workspace.id == seed::prod())
        .ok_or(NotPossible::Nothing("no production workspace"))?;
    let account = workspace.account.clone();
    let store = workspace.datastores.iter().find(|store| store.is_default);
    let container = store
        .map(|store| store.container.clone())
        .ok_or(NotPossible::Nothing("no default datastore"))?;
    let traffic = &workspace.endpoint(endpoint)?.spec.traffic;
    let most = traffic.iter().max_by_key(|(_, weight)| **weight);
    let (deployment, _) = most.ok_or(NotPossible::Nothing("nobody serves"))?;
    let deployment = deployment.clone();
    drop(estate);
    let (collection, kind) = match kept {
        Kept::Payloads => ("request", "azureml.inference.request"),
        Kept::Inputs => ("model_inputs", "azureml.inference.model_inputs"),
    };
    let lines: Vec<String> = bodies
        .iter()
        .map(|body| {
            let data = match kept {
                Kept::Payloads => Some(body.clone()),
                Kept::Inputs => records(body),
            };
            let line = json!({
                "specversion": "1.0",
                "id": world.new_id(),
                "source": format!("/endpoints/{endpoint}/deployments/{deployment}"),
                "type": kind,
                "datacontenttype": "application/json",
                "time": now,
                "data": data.ok_or(NotPossible::Nothing("no table in a body"))?,
            });
            Ok(format!("{line}\n"))
        })
        .collect::<Result<_, NotPossible>>()?;
    let hour = now.strftime("%Y/%m/%d/%H");
    let path = format!(
        "modelDataCollector/{endpoint}/{deployment}/{collection}/{hour}/{}.jsonl",
        world.new_id()
    );
    world.blobs.put(&account, &container, &path, lines.concat());
    Ok(path)
}

/// The rows of a split table, each by its columns.
fn records(body: &Value) -> Option<Value> {
    let input = &body["input_data"];
    let columns = input["columns"].as_array()?;
    let rows = input["data"].as_array()?.iter();
    let record = |row: &Value| {
        let cells = columns.iter().zip(row.as_array()?);
        let named: Option<Map<String, Value>> = cells
            .map(|(column, cell)| Some((column.as_str()?.to_owned(), cell.clone())))
            .collect();
        named.map(Value::Object)
    };
    rows.map(record)
        .collect::<Option<Vec<Value>>>()
        .map(Value::Array)
}
