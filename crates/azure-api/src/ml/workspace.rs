//! A workspace: its name in ARM, and what it says about itself.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    ml::arm::{MachineLearning, Resource},
};

/// A workspace's ARM id. ARM compares ids without regard to case, and so does this.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkspaceRef {
    subscription: String,
    resource_group: String,
    name: String,
}

/// The text is no workspace id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not /subscriptions/…/resourceGroups/…/providers/Microsoft.MachineLearningServices/workspaces/…"
)]
pub struct NotAWorkspace(String);

impl WorkspaceRef {
    /// The subscription's id.
    pub fn subscription(&self) -> &str {
        &self.subscription
    }

    /// The resource group's name.
    pub fn resource_group(&self) -> &str {
        &self.resource_group
    }

    /// The workspace's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id in lower case, for names and comparisons.
    pub fn key(&self) -> String {
        self.to_string().to_ascii_lowercase()
    }

    pub(crate) fn segments(&self) -> [&str; 8] {
        [
            "subscriptions",
            &self.subscription,
            "resourceGroups",
            &self.resource_group,
            "providers",
            "Microsoft.MachineLearningServices",
            "workspaces",
            &self.name,
        ]
    }

    fn parts(&self) -> [&str; 3] {
        [&self.subscription, &self.resource_group, &self.name]
    }
}

impl FromStr for WorkspaceRef {
    type Err = NotAWorkspace;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let bad = || NotAWorkspace(text.chars().take(300).collect());
        let parts: Vec<&str> = text.strip_prefix('/').ok_or_else(bad)?.split('/').collect();
        let [s, subscription, r, resource_group, p, provider, w, name] = parts[..] else {
            return Err(bad());
        };
        let words = [
            (s, "subscriptions"),
            (r, "resourceGroups"),
            (p, "providers"),
            (provider, "Microsoft.MachineLearningServices"),
            (w, "workspaces"),
        ];
        let names = [subscription, resource_group, name];
        if words
            .iter()
            .any(|(found, word)| !found.eq_ignore_ascii_case(word))
            || !names.into_iter().all(is_name)
        {
            return Err(bad());
        }
        let [subscription, resource_group, name] = names.map(str::to_owned);
        Ok(WorkspaceRef {
            subscription,
            resource_group,
            name,
        })
    }
}

/// Letters, digits and what resource groups allow besides.
fn is_name(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.()".contains(c))
}

impl fmt::Display for WorkspaceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments()
            .into_iter()
            .try_for_each(|segment| write!(f, "/{segment}"))
    }
}

impl PartialEq for WorkspaceRef {
    fn eq(&self, other: &Self) -> bool {
        self.parts()
            .into_iter()
            .zip(other.parts())
            .all(|(a, b)| a.eq_ignore_ascii_case(b))
    }
}

impl Eq for WorkspaceRef {}

impl Hash for WorkspaceRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl TryFrom<String> for WorkspaceRef {
    type Error = NotAWorkspace;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WorkspaceRef> for String {
    fn from(workspace: WorkspaceRef) -> Self {
        workspace.to_string()
    }
}

/// What a workspace says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Which one.
    pub id: WorkspaceRef,
    /// Its region; deployments need it.
    pub location: String,
    /// Its GUID; the name of its default container ends in it.
    pub workspace_id: String,
    /// The ARM id of its storage account.
    pub storage_account: Option<String>,
    /// Where its region's services are named.
    pub discovery_url: Option<String>,
    /// `MLflow`'s address, scheme `azureml`.
    pub mlflow_tracking_uri: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    workspace_id: String,
    storage_account: Option<String>,
    discovery_url: Option<String>,
    #[serde(rename = "mlFlowTrackingUri")]
    mlflow_tracking_uri: Option<String>,
}

impl MachineLearning {
    /// The workspace; its absence is [`crate::Error::NotFound`].
    pub async fn workspace(&self, workspace: &WorkspaceRef) -> Result<Workspace> {
        let operation = "workspaces.get";
        let url = self.url(operation, workspace, &[], &[])?;
        let found: Resource<Details> = self.arm_get(operation, url).await?.json()?;
        let properties = found.properties;
        Ok(Workspace {
            id: workspace.clone(),
            location: found.location,
            workspace_id: properties.workspace_id,
            storage_account: properties.storage_account,
            discovery_url: properties.discovery_url,
            mlflow_tracking_uri: properties.mlflow_tracking_uri,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "/subscriptions/s-1/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/ml-dev";

    #[test]
    fn an_id_reads_in_any_case_and_compares_without() {
        let plain: WorkspaceRef = ID.parse().unwrap();
        let lower: WorkspaceRef = ID.to_ascii_lowercase().parse().unwrap();
        assert_eq!(plain, lower);
        assert_eq!(plain.to_string(), ID);
        assert_eq!(
            lower.to_string(),
            ID,
            "ids of one workspace are written alike"
        );
        assert_eq!(plain.key(), ID.to_ascii_lowercase());
    }

    #[test]
    fn what_is_no_workspace_is_refused() {
        let bad = [
            "",
            "ml-dev",
            &ID[1..],
            &ID.replace("rg-ml", ".."),
            &ID.replace("rg-ml", "a?b"),
            &ID.replace("ml-dev", ""),
            &format!("{ID}/models/a"),
            &ID.replace("MachineLearning", "Other"),
        ];
        assert!(bad.iter().all(|text| text.parse::<WorkspaceRef>().is_err()));
    }
}
