//! Registered models: a container for each name, versions in the order of their creation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::ids::key;
use super::{Actor, AssetUri, Created, Refusal, Stamp, Workspace};

/// Free-form string pairs: tags and properties.
pub(crate) type Pairs = BTreeMap<String, Option<String>>;

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: Pairs,
    pub(crate) properties: Pairs,
    pub(crate) is_archived: bool,
    /// Oldest first.
    pub(crate) versions: Vec<Version>,
    pub(crate) stamp: Stamp,
}

/// What whoever registers a version says of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct VersionSpec {
    pub(crate) uri: String,
    pub(crate) model_type: Option<String>,
    pub(crate) job: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) stage: Option<String>,
    pub(crate) tags: Pairs,
    pub(crate) properties: Pairs,
    pub(crate) is_archived: bool,
    pub(crate) is_anonymous: bool,
    /// As the service reads them from the folder's `MLmodel`.
    pub(crate) flavors: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct Version {
    /// The version's number; ARM calls it the resource's name.
    pub(crate) number: String,
    pub(crate) uri: AssetUri,
    pub(crate) spec: VersionSpec,
    pub(crate) stamp: Stamp,
}

impl Model {
    fn new(name: &str, stamp: Stamp) -> Self {
        let (tags, properties) = (Pairs::new(), Pairs::new());
        Self {
            name: name.into(),
            description: None,
            tags,
            properties,
            is_archived: false,
            versions: Vec::new(),
            stamp,
        }
    }

    pub(crate) fn version(&self, version: &str) -> Option<&Version> {
        self.versions.iter().find(|v| v.number == version)
    }

    /// The version created last.
    pub(crate) fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// One more than the greatest number in use.
    pub(crate) fn next_version(&self) -> u64 {
        self.versions
            .iter()
            .filter_map(|v| v.number.parse::<u64>().ok())
            .max()
            .unwrap_or(0)
            + 1
    }
}

impl Workspace {
    pub(crate) fn version(&self, model: &str, version: &str) -> Result<&Version, Refusal> {
        let found = self
            .models
            .get(&key(model))
            .and_then(|m| m.version(version));
        found.ok_or_else(|| Refusal::not_found("model version", &format!("{model}:{version}")))
    }

    /// Creates the container or changes what may be changed of it.
    pub(crate) fn put_model(
        &mut self,
        name: &str,
        now: Timestamp,
        by: &Actor,
    ) -> (&mut Model, Created) {
        let created = if self.models.contains_key(&key(name)) {
            Created::No
        } else {
            Created::Yes
        };
        let model = self
            .models
            .entry(key(name))
            .or_insert_with(|| Model::new(name, Stamp::new(now, by)));
        model.stamp.touch(now, by);
        (model, created)
    }

    /// Creates a version or changes its tags, properties, description, stage and archival. Its path never changes.
    pub(crate) fn put_version(
        &mut self,
        model: &str,
        version: &str,
        spec: VersionSpec,
        now: Timestamp,
        by: &Actor,
    ) -> Result<Created, Refusal> {
        let uri = AssetUri::parse(&spec.uri, self)?;
        self.locate(&uri)?;
        let (container, _) = self.put_model(model, now, by);
        match container.versions.iter_mut().find(|v| v.number == version) {
            None => {
                let stamp = Stamp::new(now, by);
                container.versions.push(Version {
                    number: version.into(),
                    uri,
                    spec,
                    stamp,
                });
                Ok(Created::Yes)
            }
            Some(existing) => existing.change(&uri, spec, now, by).map(|()| Created::No),
        }
    }
}

impl Version {
    fn change(
        &mut self,
        uri: &AssetUri,
        spec: VersionSpec,
        now: Timestamp,
        by: &Actor,
    ) -> Result<(), Refusal> {
        let (old, new) = (self.uri.to_string(), uri.to_string());
        if !old
            .trim_end_matches('/')
            .eq_ignore_ascii_case(new.trim_end_matches('/'))
        {
            return Err(Refusal::Invalid {
                code: "UserError",
                message: format!(
                    "A model version with this name and version already exists with another path: the asset path is immutable ({old} is not {new})."
                ),
            });
        }
        let kept = &self.spec;
        self.spec = VersionSpec {
            model_type: kept.model_type.clone(),
            job: kept.job.clone(),
            flavors: kept.flavors.clone(),
            ..spec
        };
        self.stamp.touch(now, by);
        Ok(())
    }
}
