//! Code and environment that a deployment brings along.

use promotion::{BlobPlace, CodeSpec, DeploymentSpec, EnvironmentSpec, Registration, WorkspaceId};

use super::effects::folder;
use crate::ui::figures::{counted, size};
use crate::ui::text::{SENTENCE, capped, name};

/// As an instruction.
pub(super) fn register_code(workspace: &WorkspaceId, code: &CodeSpec) -> String {
    format!(
        "Register {} of code in {} as {}",
        files(code),
        name(workspace.name()),
        name(&code.asset.to_string())
    )
}

/// As an instruction.
pub(super) fn register_environment(workspace: &WorkspaceId, from: &EnvironmentSpec) -> String {
    let verb = match from {
        EnvironmentSpec::Registered { .. } | EnvironmentSpec::Registry { .. } => "Look up",
        EnvironmentSpec::Defined { .. } => "Register",
    };
    format!("{verb} {} in {}", environment(from), name(workspace.name()))
}

/// Call by call.
pub(super) fn put_code(workspace: &WorkspaceId, place: &BlobPlace, code: &CodeSpec) -> String {
    format!(
        "PUT {} into {}, and code version {} in {}, unless they are there",
        files(code),
        folder(place),
        name(&code.asset.to_string()),
        name(workspace.name())
    )
}

/// Call by call.
pub(super) fn put_environment(workspace: &WorkspaceId, from: &EnvironmentSpec) -> String {
    let workspace = name(workspace.name());
    match from {
        EnvironmentSpec::Registered { .. } | EnvironmentSpec::Registry { .. } => {
            format!("GET {} in {workspace}", environment(from))
        }
        EnvironmentSpec::Defined { definition, .. } => format!(
            "PUT {} in {workspace}, unless it is there: image {}{}",
            environment(from),
            capped(&definition.image, SENTENCE),
            match definition.conda {
                Some(_) => " with a conda file",
                None => "",
            }
        ),
    }
}

/// What came of either.
pub(super) fn registration(registration: Registration) -> &'static str {
    match registration {
        Registration::Made => "registered",
        Registration::Reused => "it was there, and is reused",
    }
}

/// What a deployment brings along, behind what it runs on; nothing where the model brings it.
pub(crate) fn brought(spec: &DeploymentSpec) -> String {
    let code = spec.code.as_ref().map(|code| {
        let asset = name(&code.asset.to_string());
        format!(", {} of code {asset}", name(&code.scoring_script))
    });
    let from = spec.environment.as_ref();
    let from = from.map(|from| format!(", {}", environment(from)));
    format!("{}{}", code.unwrap_or_default(), from.unwrap_or_default())
}

fn environment(from: &EnvironmentSpec) -> String {
    match from {
        EnvironmentSpec::Registered { asset } | EnvironmentSpec::Defined { asset, .. } => {
            format!("environment {}", name(&asset.to_string()))
        }
        EnvironmentSpec::Registry { uri } => format!("environment {}", capped(uri, SENTENCE)),
    }
}

fn files(code: &CodeSpec) -> String {
    format!(
        "{} ({})",
        counted(code.files.len() as u64, "file"),
        size(code.total_size())
    )
}
