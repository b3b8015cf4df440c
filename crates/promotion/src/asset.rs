//! Code and environment that a deployment brings along: pinned with the plan, registered in the target's workspace under
//! the digest of their content, so that what is there by that name is the same.
//!
//! The bytes are not here: who registers them has them from the release that is running, and proves them by these digests.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::digest::Digest;

/// A version of something that a workspace keeps by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetVersion {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl AssetVersion {
    /// The only version under a name that says what is in it.
    fn of(content: &Digest) -> Self {
        Self {
            name: format!("liftlock-{}", content.short(32)),
            version: "1".to_owned(),
        }
    }
}

impl fmt::Display for AssetVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.version)
    }
}

/// The code that answers requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeSpec {
    /// What it is registered as.
    pub asset: AssetVersion,
    /// The file that the server loads, below the folder.
    pub scoring_script: String,
    /// All files of the folder, sorted by path.
    pub files: Vec<CodeFile>,
    /// Over exactly these files.
    pub digest: Digest,
}

/// One file of the code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeFile {
    /// Below the folder, with `/`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Of its bytes.
    pub sha256: Digest,
}

impl CodeSpec {
    /// Sorts the files and names them after their content.
    pub fn new(scoring_script: String, mut files: Vec<CodeFile>) -> Self {
        files.sort();
        let digest = Digest::of_json(&files);
        Self {
            asset: AssetVersion::of(&digest),
            scoring_script,
            files,
            digest,
        }
    }

    /// All bytes together.
    pub fn total_size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// What the code runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "from",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum EnvironmentSpec {
    /// A version that the target's workspace has already.
    Registered {
        /// Which.
        asset: AssetVersion,
    },
    /// A version of a registry, which needs nothing in the workspace.
    Registry {
        /// `azureml://registries/…/environments/…/versions/…`.
        uri: String,
    },
    /// One that the deployment's file describes.
    Defined {
        /// What it is registered as.
        asset: AssetVersion,
        /// What it is made of.
        definition: Box<EnvironmentDefinition>,
        /// Over exactly that.
        digest: Digest,
    },
}

impl EnvironmentSpec {
    /// One that is described, named after its content.
    pub fn defined(definition: EnvironmentDefinition) -> Self {
        let digest = Digest::of_json(&definition);
        Self::Defined {
            asset: AssetVersion::of(&digest),
            definition: Box::new(definition),
            digest,
        }
    }

    /// What has to be in the workspace before a deployment can refer to it.
    pub(crate) fn in_workspace(&self) -> Option<&AssetVersion> {
        match self {
            Self::Registered { asset } | Self::Defined { asset, .. } => Some(asset),
            Self::Registry { .. } => None,
        }
    }
}

/// What an environment is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentDefinition {
    /// The container image.
    pub image: String,
    /// The text of the conda file, which Azure builds on top of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conda: Option<String>,
    /// Where a server of its own answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference: Option<InferenceConfig>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Where a container with a server of its own answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InferenceConfig {
    /// Whether it lives.
    pub liveness_route: Option<InferenceRoute>,
    /// Whether it takes requests.
    pub readiness_route: Option<InferenceRoute>,
    /// What takes them.
    pub scoring_route: Option<InferenceRoute>,
}

/// One path of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InferenceRoute {
    /// Its path.
    pub path: String,
    /// Its port.
    pub port: u32,
}

/// Whose registration it is that a promotion uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Registration {
    /// Its own.
    Made,
    /// One that was there.
    Reused,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> CodeFile {
        CodeFile {
            path: path.to_owned(),
            size: text.len() as u64,
            sha256: Digest::of(text.as_bytes()),
        }
    }

    #[test]
    fn code_is_named_after_its_files_whatever_their_order() {
        let code = |files| CodeSpec::new("score.py".to_owned(), files);
        let one = code(vec![file("score.py", "a"), file("data/x.json", "b")]);
        let same = code(vec![file("data/x.json", "b"), file("score.py", "a")]);
        let other = code(vec![file("score.py", "a!"), file("data/x.json", "b")]);
        assert_eq!(one, same);
        assert_ne!(one.asset, other.asset);
        assert_eq!(one.asset.name.len(), "liftlock-".len() + 32);
    }
}
