//! What every ARM resource has, and the calls that all of them share.

use std::time::Duration;

use azure_core::http::Method;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

use crate::{
    azure::Azure,
    call::{Auth, Call, Kind},
    error::{Answer, Error, Result},
    json::or_default,
    ml::workspace::WorkspaceRef,
    origin,
    reply::Reply,
    tokens::ARM_SCOPE,
};

/// The api-version of every ARM call.
pub const API_VERSION: &str = "2024-04-01";
/// A list of more pages than this is a loop.
const MOST_PAGES: usize = 1000;

/// The client.
#[derive(Debug, Clone)]
pub struct MachineLearning {
    pub(super) azure: Azure,
    pub(super) base: Url,
}

/// Who made and who changed a resource. `created_by` is a display name, never an object id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SystemData {
    /// A name for people to read.
    pub created_by: Option<String>,
    /// `User`, `Application`, `ManagedIdentity`, `Key`.
    pub created_by_type: Option<String>,
    /// When.
    pub created_at: Option<Timestamp>,
    /// Who changed it last, a name too.
    pub last_modified_by: Option<String>,
    /// When.
    pub last_modified_at: Option<Timestamp>,
}

/// Where a resource is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub enum ProvisioningState {
    /// First operation running.
    Creating,
    /// Changing.
    Updating,
    /// Changing its number of instances.
    Scaling,
    /// Going away.
    Deleting,
    /// Usable.
    Succeeded,
    /// Not usable, and nothing runs.
    Failed,
    /// Stopped before it was done.
    Canceled,
    /// A word that this version of the API does not list.
    Other(String),
}

impl ProvisioningState {
    /// Whether no operation is running.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Canceled => true,
            Self::Creating | Self::Updating | Self::Scaling | Self::Deleting | Self::Other(_) => {
                false
            }
        }
    }
}

impl From<String> for ProvisioningState {
    fn from(text: String) -> Self {
        match text.as_str() {
            "Creating" => Self::Creating,
            "Updating" => Self::Updating,
            "Scaling" => Self::Scaling,
            "Deleting" => Self::Deleting,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            "Canceled" => Self::Canceled,
            _ => Self::Other(text),
        }
    }
}

impl From<ProvisioningState> for String {
    fn from(state: ProvisioningState) -> Self {
        let text = match state {
            ProvisioningState::Creating => "Creating",
            ProvisioningState::Updating => "Updating",
            ProvisioningState::Scaling => "Scaling",
            ProvisioningState::Deleting => "Deleting",
            ProvisioningState::Succeeded => "Succeeded",
            ProvisioningState::Failed => "Failed",
            ProvisioningState::Canceled => "Canceled",
            ProvisioningState::Other(text) => return text,
        };
        text.to_owned()
    }
}

/// A resource as ARM sends it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resource<P> {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) location: String,
    pub(super) properties: P,
    #[serde(default)]
    pub(super) system_data: Option<SystemData>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    value: Vec<Value>,
    #[serde(default)]
    next_link: Option<String>,
}

impl MachineLearning {
    pub(crate) fn new(azure: Azure, base: Url) -> MachineLearning {
        MachineLearning { azure, base }
    }

    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> MachineLearning {
        MachineLearning {
            azure: self.azure.within(deadline),
            base: self.base.clone(),
        }
    }

    /// The URL of something in a workspace.
    pub(super) fn url(
        &self,
        operation: &'static str,
        workspace: &WorkspaceRef,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Url> {
        let mut segments = workspace.segments().to_vec();
        segments.extend_from_slice(path);
        let mut all = vec![("api-version", API_VERSION)];
        all.extend_from_slice(query);
        origin::under(operation, &self.base, &segments, &all)
    }

    pub(super) async fn arm_get(&self, operation: &'static str, url: Url) -> Result<Reply> {
        self.azure
            .call(Call::get(operation, url, Auth::Scope(ARM_SCOPE)))
            .await
    }

    /// A resource, or `None` where ARM knows none of that name. The absence of its workspace is an error.
    pub(super) async fn find<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        workspace: &WorkspaceRef,
        path: &[&str],
    ) -> Result<Option<T>> {
        let url = self.url(operation, workspace, path, &[])?;
        absent_as_none(workspace, self.arm_get(operation, url).await)?
            .map(|reply| reply.json())
            .transpose()
    }

    /// All items of a list, page by page, until there are enough of them.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        first: Url,
        at_most: usize,
    ) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut next = Some(first);
        for _ in 0..MOST_PAGES {
            let Some(url) = next.take() else { break };
            let (page, behind) = self.page(operation, url).await?;
            items.extend(page);
            if items.len() >= at_most {
                items.truncate(at_most);
                break;
            }
            next = behind;
        }
        Ok(items)
    }

    /// The same; a parent that is not there has no items.
    pub(super) async fn list_or_none<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        workspace: &WorkspaceRef,
        first: Url,
        at_most: usize,
    ) -> Result<Vec<T>> {
        let listed = self.list(operation, first, at_most).await;
        Ok(absent_as_none(workspace, listed)?.unwrap_or_default())
    }

    /// One page of a list, and where the next one is; a parent that is not there has no items.
    pub(super) async fn list_page<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        workspace: &WorkspaceRef,
        at: Url,
    ) -> Result<(Vec<T>, Option<Url>)> {
        let page = self.page(operation, at).await;
        Ok(absent_as_none(workspace, page)?.unwrap_or_default())
    }

    async fn page<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        at: Url,
    ) -> Result<(Vec<T>, Option<Url>)> {
        let page: Page = self.arm_get(operation, at).await?.json()?;
        let read = |value| {
            serde_json::from_value(value).map_err(|error| Error::malformed(operation, error))
        };
        let items = page.value.into_iter().map(read).collect::<Result<_>>()?;
        Ok((items, self.next_link(operation, page.next_link)?))
    }

    fn next_link(&self, operation: &'static str, link: Option<String>) -> Result<Option<Url>> {
        let Some(link) = link.filter(|link| !link.is_empty()) else {
            return Ok(None);
        };
        let url = origin::parse(operation, &link)?;
        origin::require_same(operation, &self.base, &url)?;
        Ok(Some(url))
    }

    pub(super) async fn arm_put(
        &self,
        operation: &'static str,
        url: Url,
        body: &Value,
    ) -> Result<Reply> {
        let body = Bytes::from(body.to_string());
        self.azure
            .call(Call::write(
                operation,
                Method::Put,
                url,
                Auth::Scope(ARM_SCOPE),
                body,
            ))
            .await
    }

    /// A POST that only reads: keys, tokens.
    pub(super) async fn arm_ask(&self, operation: &'static str, url: Url) -> Result<Value> {
        let mut call = Call::write(
            operation,
            Method::Post,
            url,
            Auth::Scope(ARM_SCOPE),
            Bytes::new(),
        );
        call.kind = Kind::Read;
        // As a `Value` first: an error of typed reading would quote what it met, and that is a secret here.
        self.azure.call(call).await?.json()
    }
}

/// 404 as `None`, but not where the workspace itself (or its resource group or subscription) is what is missing.
pub(super) fn absent_as_none<T>(workspace: &WorkspaceRef, found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(answer)) if !lacks_workspace(workspace, &answer) => Ok(None),
        Err(error) => Err(error),
    }
}

/// ARM says `The Resource 'Microsoft.MachineLearningServices/workspaces/<name>' under resource group … was not found`.
fn lacks_workspace(workspace: &WorkspaceRef, answer: &Answer) -> bool {
    let named = format!(
        "microsoft.machinelearningservices/workspaces/{}'",
        workspace.name().to_ascii_lowercase()
    );
    matches!(
        answer.code.as_str(),
        "ResourceGroupNotFound" | "SubscriptionNotFound" | "InvalidSubscriptionId"
    ) || answer.message.to_ascii_lowercase().contains(&named)
}
