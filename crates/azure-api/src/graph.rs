//! Microsoft Graph: who somebody is in the tenant, which app roles they hold, which groups they are in.
//!
//! Needs the application permissions `User.Read.All`, `GroupMember.Read.All` and `Application.Read.All`. (From memory of
//! Microsoft's pages, not verified; that `checkMemberGroups` is transitive and takes 20 ids is theirs.)

use azure_core::http::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::{
    azure::Azure,
    call::{Auth, Call, Kind},
    error::{Error, Result},
    origin,
    tokens::GRAPH_SCOPE,
};

/// Graph takes no more ids in one question.
pub const MOST_GROUPS: usize = 20;

/// Pages of assignments that are read: hundreds of assignments of one person at one app are a mistake somewhere.
const MOST_PAGES: usize = 20;

/// Microsoft Graph.
#[derive(Debug, Clone)]
pub struct Graph {
    azure: Azure,
    base: Url,
}

/// Somebody's account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The object id.
    pub id: String,
    /// The display name.
    pub display_name: Option<String>,
    /// What they sign in with.
    pub user_principal_name: Option<String>,
    /// `Member` or `Guest`; Graph says `null` of accounts older than the word.
    pub user_type: Option<String>,
    /// Whether it may be used.
    pub account_enabled: Option<bool>,
}

/// An app in the tenant, at which roles are assigned.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePrincipal {
    /// The object id.
    pub id: String,
    /// The roles of the app.
    pub app_roles: Vec<AppRole>,
}

/// A role of an app.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRole {
    /// Its id, which assignments name.
    pub id: String,
    /// Its value, which tokens name: `Model.Approver`.
    pub value: Option<String>,
    /// A role that was switched off is in no token.
    pub is_enabled: bool,
}

#[derive(Deserialize)]
struct Assignments {
    value: Vec<Assignment>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    app_role_id: String,
    resource_id: String,
}

#[derive(Deserialize)]
struct Groups {
    value: Vec<String>,
}

impl Graph {
    pub(crate) fn new(azure: Azure, base: Url) -> Graph {
        Graph { azure, base }
    }

    /// Somebody's account.
    pub async fn user(&self, object_id: &str) -> Result<User> {
        let select = [(
            "$select",
            "id,displayName,userPrincipalName,userType,accountEnabled",
        )];
        self.read("graph.user", &["users", object_id], &select)
            .await
    }

    /// The app of this client id in the tenant.
    pub async fn service_principal(&self, client_id: &str) -> Result<ServicePrincipal> {
        let name = format!("servicePrincipals(appId='{client_id}')");
        let select = [("$select", "id,appRoles")];
        self.read("graph.servicePrincipal", &[&name], &select).await
    }

    /// The ids of the roles that somebody holds at an app, also by a group that they are in directly.
    pub async fn app_roles(&self, object_id: &str, resource_id: &str) -> Result<Vec<String>> {
        let operation = "graph.appRoleAssignments";
        let path = ["v1.0", "users", object_id, "appRoleAssignments"];
        let filter = format!("resourceId eq {resource_id}");
        let mut url = origin::under(operation, &self.base, &path, &[("$filter", &filter)])?;
        let mut roles = Vec::new();
        for _ in 0..MOST_PAGES {
            let call = Call::get(operation, url, Auth::Scope(GRAPH_SCOPE));
            let page: Assignments = self.azure.call(call).await?.json()?;
            let ours = page.value.into_iter();
            let ours = ours.filter(|assignment| assignment.resource_id == resource_id);
            roles.extend(ours.map(|assignment| assignment.app_role_id));
            let Some(next) = page.next else {
                return Ok(roles);
            };
            url = origin::parse(operation, &next)?;
            origin::require_same(operation, &self.base, &url)?;
        }
        Err(Error::malformed(operation, "the pages do not end"))
    }

    /// Which of these groups somebody is in, also by another group; at most [`MOST_GROUPS`] ids.
    pub async fn member_groups(&self, object_id: &str, ids: &[&str]) -> Result<Vec<String>> {
        let operation = "graph.checkMemberGroups";
        let path = ["v1.0", "users", object_id, "checkMemberGroups"];
        let url = origin::under(operation, &self.base, &path, &[])?;
        let body = json!({ "groupIds": ids }).to_string();
        let auth = Auth::Scope(GRAPH_SCOPE);
        let mut call = Call::write(operation, Method::Post, url, auth, body.into());
        // It asks by POST, and changes nothing.
        call.kind = Kind::Read;
        let groups: Groups = self.azure.call(call).await?.json()?;
        Ok(groups.value)
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T> {
        let path = [&["v1.0"], path].concat();
        let url = origin::under(operation, &self.base, &path, query)?;
        let call = Call::get(operation, url, Auth::Scope(GRAPH_SCOPE));
        self.azure.call(call).await?.json()
    }
}
