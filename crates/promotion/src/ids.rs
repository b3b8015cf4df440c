//! Names of things, each its own type, made once at the edge.
//!
//! A promotion is named after what it moves, so that any number of deliveries about one model version meet in one journal.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::digest::Digest;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A registered model's name within its workspace.
    ModelName
);
text_id!(
    /// A model version as text: Azure ML's versions are usually numbers, but need not be.
    ModelVersion
);

impl ModelVersion {
    /// What Azure Machine Learning takes as a version: up to 60 letters, digits, `.`, `_` and `-`, not beginning with `.`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let fits = (1..=60).contains(&text.len()) && text.chars().all(plain);
        (fits && !text.starts_with('.')).then(|| Self::new(text))
    }
}

text_id!(
    /// A route of `liftlock.yaml`.
    RouteName
);
text_id!(
    /// A stage of `liftlock.yaml`: dev, test, prod.
    StageName
);
text_id!(
    /// A job's name, which is also its `MLflow` run id.
    RunId
);
text_id!(
    /// An online endpoint's name within its workspace.
    EndpointName
);
text_id!(
    /// An attached Kubernetes compute: `{workspace}/computes/{name}`.
    ComputeId
);

impl ComputeId {
    /// The compute of that name in a workspace.
    pub fn of(workspace: &WorkspaceId, name: &str) -> Self {
        let workspace = workspace.as_str().trim_end_matches('/');
        Self(format!("{workspace}/computes/{name}"))
    }

    /// Its name within the workspace.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether an id names this compute: Azure does not keep their case.
    pub fn is(&self, id: &str) -> bool {
        self.0.eq_ignore_ascii_case(id.trim_end_matches('/'))
    }
}

text_id!(
    /// A deployment's name within its endpoint: 3 to 32 characters, lower case, starting with a letter.
    DeploymentName
);
text_id!(
    /// One promotion, for ever: `<model>-<version>.<route>-<hash>`.
    PromotionId
);
text_id!(
    /// One completed job's way to a registered version: `<workspace>/<run>.<model>-<hash>`.
    IntakeId
);
text_id!(
    /// What a lease protects: a hash of workspace and endpoint, safe as a blob name.
    TargetId
);

/// A person's object id in Entra ID, in the one form in which people are compared: object ids are GUIDs, and sources
/// differ in how they write them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct PersonId(String);

impl PersonId {
    /// Trims the text and takes its case away.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_ascii_lowercase())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for PersonId {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<PersonId> for String {
    fn from(id: PersonId) -> Self {
        id.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A group's object id in the directory, compared as people's are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct GroupId(String);

impl GroupId {
    /// Trims the text and takes its case away.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_ascii_lowercase())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for GroupId {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<GroupId> for String {
    fn from(id: GroupId) -> Self {
        id.0
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An Azure ML workspace's resource id. Resource ids keep their case on the wire and are compared without it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkspaceId(String);

impl WorkspaceId {
    /// Takes a resource id as it is written.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id in the form that is compared and hashed.
    pub fn key(&self) -> String {
        self.0.trim_end_matches('/').to_ascii_lowercase()
    }

    /// The workspace's own name, the last segment.
    pub fn name(&self) -> &str {
        self.0
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(&self.0)
    }
}

impl PartialEq for WorkspaceId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for WorkspaceId {}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which try of a promotion this is, from 1; `reopen` starts the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempt(pub(crate) u32);

impl Attempt {
    /// The first attempt.
    pub const FIRST: Self = Self(1);

    /// Attempt `number`, as it stands in an approval's link.
    pub fn new(number: u32) -> Self {
        Self(number)
    }

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Its number.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl PromotionId {
    /// Takes an id from an address, a tag or a listing; refuses what cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        const LONGEST: usize = 200;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = (1..=LONGEST).contains(&text.len())
            && !text.starts_with('.')
            && text.chars().all(plain);
        fits.then(|| Self(text.to_owned()))
    }

    /// The id of the promotion of `model` `version` out of `workspace` along `route`.
    ///
    /// The hash is over the exact texts (the workspace's without case), so the id is unique and stays so where case is
    /// lost, in file names and in people's mail.
    pub fn of(
        route: &RouteName,
        workspace: &WorkspaceId,
        model: &ModelName,
        version: &ModelVersion,
    ) -> Self {
        let hash = Digest::of_parts(&[
            route.as_str(),
            &workspace.key(),
            model.as_str(),
            version.as_str(),
        ]);
        Self(format!(
            "{}-{}.{}-{}",
            readable(model.as_str(), 60),
            readable(version.as_str(), 20),
            readable(route.as_str(), 40),
            hash.short(10)
        ))
    }
}

impl IntakeId {
    /// The name of its journal: what the chain begins with.
    pub fn journal(&self) -> String {
        format!("intake/{self}")
    }

    /// The id of the intake of `run`'s output as `model`, whatever the routes.
    pub fn of(workspace: &WorkspaceId, run: &RunId, model: &ModelName) -> Self {
        let hash = Digest::of_parts(&[&workspace.key(), run.as_str(), model.as_str()]);
        Self(format!(
            "{}/{}.{}-{}",
            readable(workspace.name(), 40),
            readable(run.as_str(), 60),
            readable(model.as_str(), 60),
            hash.short(10)
        ))
    }
}

impl TargetId {
    /// The id of `endpoint` in `workspace`.
    pub fn of(workspace: &WorkspaceId, endpoint: &EndpointName) -> Self {
        Self::of_parts(&[&workspace.key(), &endpoint.as_str().to_ascii_lowercase()])
    }

    /// A batch endpoint's: an online one of the same name is another target.
    pub fn of_batch(workspace: &WorkspaceId, endpoint: &EndpointName) -> Self {
        let name = endpoint.as_str().to_ascii_lowercase();
        Self::of_parts(&[&workspace.key(), &name, "batch"])
    }

    fn of_parts(parts: &[&str]) -> Self {
        Self(Digest::of_parts(parts).short(24).to_owned())
    }
}

/// The part of a text that is safe in a blob name, a URL and a terminal, cut to `most` characters.
fn readable(text: &str, most: usize) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let kept: String = text.chars().take(most).map(safe).collect();
    if kept.is_empty() {
        "x".to_owned()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(workspace: &str, model: &str, version: &str) -> PromotionId {
        PromotionId::of(
            &RouteName::new("to-prod"),
            &WorkspaceId::new(workspace),
            &ModelName::new(model),
            &ModelVersion::new(version),
        )
    }

    #[test]
    fn a_promotion_is_named_after_what_it_moves() {
        let name = id("/subscriptions/S/workspaces/ml-dev", "diabetes", "2");
        assert!(name.as_str().starts_with("diabetes-2.to-prod-"), "{name}");
    }

    #[test]
    fn the_case_of_a_resource_id_makes_no_other_promotion_and_that_of_a_model_does() {
        assert_eq!(
            id("/subscriptions/S/workspaces/ml-dev", "m", "1"),
            id("/Subscriptions/s/workspaces/ML-dev/", "m", "1")
        );
        assert_ne!(id("/s", "Model", "1"), id("/s", "model", "1"));
        assert_ne!(id("/s", "m", "1"), id("/s", "m", "01"));
    }

    #[test]
    fn one_person_has_one_id_however_it_is_written() {
        let written = PersonId::new(" 00000000-0000-4000-8000-00000000000A ");
        let read: PersonId =
            serde_json::from_str("\"00000000-0000-4000-8000-00000000000A\"").unwrap();
        assert_eq!(
            (written.as_str(), &written),
            ("00000000-0000-4000-8000-00000000000a", &read)
        );
    }

    #[test]
    fn what_is_foreign_is_parsed_before_it_is_an_id() {
        let own = id("/s", "m", "1");
        assert_eq!(PromotionId::parse(own.as_str()), Some(own));
        let long = "m".repeat(201);
        for bad in [
            "",
            "intake/ml-dev/run-1.m-0",
            "../m",
            ".m",
            "m m",
            "m\n",
            "m%2fx",
            "m~1",
            &long,
        ] {
            assert_eq!(PromotionId::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn no_name_can_leave_its_folder() {
        let name = id("/s", "../../etc/passwd", "1/..\u{202e}\n");
        assert!(!name.as_str().contains("..-"), "{name}");
        assert!(
            name.as_str()
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)),
            "{name}"
        );
    }
}
