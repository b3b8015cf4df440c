//! Registered code and environments, and what a deployment that refers to them needs.

use serde_json::{Map, Value};

use jiff::Timestamp;

use super::ids::key;
use super::{
    Actor, Created, DeploymentSpec, Location, Pairs, Refusal, Stamp, Workspace, WorkspaceId,
};

/// Of what kind something is that a workspace keeps by name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssetKind {
    Code,
    Environment,
}

impl AssetKind {
    /// As it stands in ids.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Code => "codes",
            Self::Environment => "environments",
        }
    }
}

/// One version.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) kind: AssetKind,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) spec: AssetSpec,
    pub(crate) stamp: Stamp,
}

/// What whoever registers it says of it.
#[derive(Debug, Clone)]
pub(crate) struct AssetSpec {
    pub(crate) content: AssetContent,
    pub(crate) description: Option<String>,
    pub(crate) tags: Pairs,
    pub(crate) properties: Pairs,
    pub(crate) is_anonymous: bool,
}

/// What cannot be changed any more.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AssetContent {
    /// The URL of a folder.
    Code { uri: String },
    /// ARM's properties of an image and what goes into it.
    Environment { definition: Map<String, Value> },
}

impl AssetContent {
    fn kind(&self) -> AssetKind {
        match self {
            Self::Code { .. } => AssetKind::Code,
            Self::Environment { .. } => AssetKind::Environment,
        }
    }
}

impl Workspace {
    pub(crate) fn asset(
        &self,
        kind: AssetKind,
        name: &str,
        version: &str,
    ) -> Result<&Asset, Refusal> {
        let found = self.versions_of(kind, name).find(|a| a.version == version);
        let what = match kind {
            AssetKind::Code => "code version",
            AssetKind::Environment => "environment version",
        };
        found.ok_or_else(|| Refusal::not_found(what, &format!("{name}:{version}")))
    }

    /// Oldest first.
    pub(crate) fn versions_of(&self, kind: AssetKind, name: &str) -> impl Iterator<Item = &Asset> {
        let name = key(name);
        let is = move |asset: &&Asset| asset.kind == kind && key(&asset.name) == name;
        self.assets.iter().filter(is)
    }

    /// Creates a version or changes what may be changed of it.
    pub(crate) fn put_asset(
        &mut self,
        (name, version): (&str, &str),
        spec: AssetSpec,
        now: Timestamp,
        by: &Actor,
    ) -> Result<Created, Refusal> {
        let kind = spec.content.kind();
        if let AssetContent::Code { uri } = &spec.content {
            self.code_folder(uri)?;
        }
        let is = |asset: &&mut Asset| {
            asset.kind == kind && key(&asset.name) == key(name) && asset.version == version
        };
        let Some(asset) = self.assets.iter_mut().find(is) else {
            self.assets.push(Asset {
                kind,
                name: name.into(),
                version: version.into(),
                spec,
                stamp: Stamp::new(now, by),
            });
            return Ok(Created::Yes);
        };
        if asset.spec.content != spec.content {
            return Err(Refusal::Invalid {
                code: "UserError",
                message: format!(
                    "A version {version} of '{name}' already exists with another content, which is immutable."
                ),
            });
        }
        asset.spec = spec;
        asset.stamp.touch(now, by);
        Ok(Created::No)
    }

    /// A deployment is refused whose code or environment is not there, and a custom model that nothing answers for.
    pub(super) fn check_brought(&self, spec: &DeploymentSpec) -> Result<(), Refusal> {
        let missing = |id: &str| {
            Refusal::invalid(format!(
                "The deployment refers to '{id}', which could not be found in workspace '{}'.",
                self.id.name
            ))
        };
        let (code, environment) = (spec.code(), spec.environment());
        if let Some(id) = code {
            self.referred(AssetKind::Code, id)
                .ok_or_else(|| missing(id))?;
        }
        match environment {
            Some(id) if !id.starts_with("azureml://registries/") => {
                self.referred(AssetKind::Environment, id)
                    .ok_or_else(|| missing(id))?;
            }
            None if code.is_some() => {
                return Err(bad_argument("A scoring script needs an environment."));
            }
            None if spec.serves_custom_model(self) => {
                return Err(bad_argument(
                    "A custom model needs an environment and a scoring script to be deployed.",
                ));
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    /// What an ARM id names, where it is of this workspace.
    pub(super) fn referred(&self, kind: AssetKind, id: &str) -> Option<&Asset> {
        let (owner, rest) = WorkspaceId::split(id.trim_start_matches("azureml:"))?;
        let [kinds, name, versions, version] = rest.as_slice() else {
            return None;
        };
        let fits = owner.same(&self.id)
            && kinds.eq_ignore_ascii_case(kind.word())
            && versions.eq_ignore_ascii_case("versions");
        self.asset(kind, name, version).ok().filter(|_| fits)
    }

    /// The folder that a URL names: `https://<account>.blob.…/<container>/<path>`, or as this cloud has its accounts,
    /// `http://…/blob/<account>/<container>/<path>`.
    pub(crate) fn code_folder(&self, uri: &str) -> Result<Location, Refusal> {
        let parsed = url::Url::parse(uri).ok();
        let found = parsed.as_ref().and_then(|url| {
            let segments: Vec<&str> = url.path_segments()?.collect();
            let (account, rest) = match segments.as_slice() {
                ["blob", account, rest @ ..] => (*account, rest),
                rest => (url.host_str()?.split('.').next()?, rest),
            };
            let [container, path @ ..] = rest else {
                return None;
            };
            (account == self.account && !path.is_empty()).then(|| Location {
                account: account.into(),
                container: (*container).into(),
                prefix: path.join("/").trim_end_matches('/').into(),
            })
        });
        found.ok_or_else(|| {
            Refusal::invalid(format!(
                "The code path '{uri}' is no folder in the storage account of workspace '{}'.",
                self.id.name
            ))
        })
    }
}

fn bad_argument(message: &str) -> Refusal {
    Refusal::Invalid {
        code: "BadArgument",
        message: message.into(),
    }
}
