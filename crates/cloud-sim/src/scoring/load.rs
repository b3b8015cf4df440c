//! Loads an MLflow folder as the serving container does: `MLmodel`, the loader's code, the data.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arm::Failure;

use super::Predictor;

/// Reads a file of the model's folder by its relative path.
type ReadFile<'a> = &'a dyn Fn(&str) -> Option<Bytes>;

#[derive(Deserialize)]
struct MlModel {
    flavors: Flavors,
}

#[derive(Deserialize)]
struct Flavors {
    python_function: PythonFunction,
}

#[derive(Deserialize)]
struct PythonFunction {
    loader_module: String,
    code: Option<String>,
    data: Option<String>,
}

/// The model in the folder, or what the deployment's operation fails with.
pub(crate) fn load(read: ReadFile<'_>) -> Result<Predictor, Failure> {
    let text = required(read, "MLmodel")?;
    let model: MlModel =
        serde_saphyr::from_slice(&text).map_err(|e| broken("MLmodel", &e.to_string()))?;
    let PythonFunction {
        loader_module,
        code,
        data,
    } = model.flavors.python_function;
    if let Some(code) = code {
        required(read, &format!("{code}/{loader_module}.py"))?;
    }
    let file = data.map_or("coefficients.json".into(), |folder| {
        format!("{folder}/coefficients.json")
    });
    Predictor::parse(&required(read, &file)?).map_err(|why| broken(&file, &why))
}

/// The model that a scoring script of the example loads: the coefficients, wherever they lie in the folder.
pub(crate) fn load_with_script(
    model: ReadFile<'_>,
    script: &str,
    code: ReadFile<'_>,
) -> Result<Predictor, Failure> {
    required(code, script)?;
    let nested = "data/coefficients.json";
    let file = match model(nested) {
        Some(_) => nested,
        None => "coefficients.json",
    };
    Predictor::parse(&required(model, file)?).map_err(|why| broken(file, &why))
}

/// What ARM shows as `flavors`: an object even where the folder has no `MLmodel`, all values as strings.
pub(crate) fn flavors(mlmodel: Option<&Bytes>) -> Map<String, Value> {
    let parsed: Option<Value> = mlmodel.and_then(|text| serde_saphyr::from_slice(text).ok());
    let Some(Value::Object(found)) = parsed.as_ref().and_then(|v| v.get("flavors")) else {
        return Map::new();
    };
    found
        .iter()
        .map(|(name, data)| (name.clone(), json!({ "data": strings(data) })))
        .collect()
}

fn strings(data: &Value) -> Map<String, Value> {
    let Value::Object(entries) = data else {
        return Map::new();
    };
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    entries
        .iter()
        .map(|(name, value)| (name.clone(), json!(text(value))))
        .collect()
}

fn required(read: ReadFile<'_>, file: &str) -> Result<Bytes, Failure> {
    read(file).ok_or_else(|| {
        Failure::new(
            "ResourceNotReady",
            format!("User container has crashed or terminated: FileNotFoundError: '{file}'."),
        )
    })
}

fn broken(file: &str, why: &str) -> Failure {
    Failure::new(
        "ResourceNotReady",
        format!("User container has crashed or terminated: '{file}' cannot be loaded: {why}."),
    )
}
