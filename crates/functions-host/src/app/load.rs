//! Reading the folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::function_json::FunctionJson;
use super::{CustomHandler, Function, HostConfig, Trigger};
use crate::error::HostError;

/// An app folder, understood.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: HostConfig,
    /// At least one, by name.
    pub(crate) functions: Vec<Function>,
}

impl App {
    pub(crate) fn read(
        app_root: &Path,
        settings: &BTreeMap<String, String>,
    ) -> Result<Self, HostError> {
        let config = HostConfig::read(app_root, settings)?;
        let functions = function_names(app_root)?
            .into_iter()
            .filter_map(|name| {
                read_function(app_root, &name, settings, &config.handler).transpose()
            })
            .collect::<Result<Vec<_>, _>>()?;
        if functions.is_empty() {
            // The real host would run and not even start the handler: of no use on a laptop.
            return Err(HostError::invalid(format!(
                "{} has no functions",
                app_root.display()
            )));
        }
        Ok(Self { config, functions })
    }
}

fn function_names(app_root: &Path) -> Result<Vec<String>, HostError> {
    let unreadable = |source| HostError::Read {
        path: app_root.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(app_root).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.path().join("function.json").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// None for a disabled function: its route answers 404, its listener does not start.
fn read_function(
    app_root: &Path,
    name: &str,
    settings: &BTreeMap<String, String>,
    handler: &CustomHandler,
) -> Result<Option<Function>, HostError> {
    let function_json: FunctionJson = read_json(&app_root.join(name).join("function.json"))?;
    if function_json.disabled {
        return Ok(None);
    }
    let function = function_json.into_function(name, settings)?;
    if matches!(function.trigger, Trigger::Http(_)) && !handler.enable_proxying_http_request {
        return Err(HostError::not_built(
            "E19",
            format!("{name}: HTTP without enableProxyingHttpRequest"),
        ));
    }
    Ok(Some(function))
}

pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, HostError> {
    let text = fs::read(path).map_err(|source| HostError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|source| HostError::Parse {
        path: path.to_owned(),
        source,
    })
}
