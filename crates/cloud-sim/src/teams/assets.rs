//! The official card renderer and the Teams look, as npm's packages bring them.

use std::path::Path;

use serde_json::Value;

const SCRIPT: &str = "adaptivecards/dist/adaptivecards.min.js";
const STYLE: &str = "adaptivecards/dist/adaptivecards.css";
const LIGHT: &str = "adaptivecards-designer/lib/hostConfigs/microsoft-teams-light.json";
const DARK: &str = "adaptivecards-designer/lib/hostConfigs/microsoft-teams-dark.json";

/// The host configurations of Teams; found only together with the renderer.
pub(super) struct Renderer {
    pub(super) light: Value,
    pub(super) dark: Value,
}

impl Renderer {
    pub(super) fn find(npm: &Path) -> Option<Self> {
        let json = |file: &str| serde_json::from_slice(&std::fs::read(npm.join(file)).ok()?).ok();
        npm.join(SCRIPT).is_file().then_some(())?;
        Some(Self {
            light: json(LIGHT)?,
            dark: json(DARK)?,
        })
    }
}

/// A file that the page asks for, by its short name, with its type.
pub(super) fn read(npm: &Path, name: &str) -> Option<(&'static str, Vec<u8>)> {
    let (kind, file) = match name {
        "adaptivecards.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "adaptivecards.css" => ("text/css; charset=utf-8", STYLE),
        _ => return None,
    };
    std::fs::read(npm.join(file))
        .ok()
        .map(|bytes| (kind, bytes))
}
