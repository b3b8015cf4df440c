//! Four calls of Graph v1.0: a service principal by its app's id, a user, their app roles, their groups.
//!
//! The shapes are Graph's from memory of Microsoft's pages, not verified.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::directory::{Kind, Person};
use crate::admission::Plane;
use crate::identity::{Identity, Refusal};
use crate::world::World;

pub(crate) const PLANE: Plane = Plane { operation, refusal };

const AUDIENCES: [&str; 1] = ["https://graph.microsoft.com"];

/// Assignments a page: far fewer than Graph gives, so that there are pages.
const PAGE: usize = 2;

/// Graph takes no more ids in one question.
const MOST_GROUPS: usize = 20;

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "$select")]
    select: Option<String>,
    #[serde(rename = "$filter")]
    filter: Option<String>,
    #[serde(rename = "$skiptoken")]
    skip: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    group_ids: Vec<String>,
}

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/v1.0/{resource}", get(service_principal))
        .route("/v1.0/users/{id}", get(user))
        .route("/v1.0/users/{id}/appRoleAssignments", get(assignments))
        .route("/v1.0/users/{id}/checkMemberGroups", post(member_groups))
}

fn operation(parts: &Parts) -> Cow<'static, str> {
    let path = parts.uri.path();
    if path.ends_with("/appRoleAssignments") {
        "graph.appRoleAssignments"
    } else if path.ends_with("/checkMemberGroups") {
        "graph.checkMemberGroups"
    } else if path.starts_with("/v1.0/users/") {
        "graph.user"
    } else {
        "graph.servicePrincipal"
    }
    .into()
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"error": {"code": code, "message": message, "innerError": {}}});
    (status, Json(body)).into_response()
}

fn not_found(id: &str) -> Response {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    refusal(StatusCode::NOT_FOUND, "Request_ResourceNotFound", &message)
}

fn bad(message: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
}

/// Why somebody learns nothing.
enum Refused {
    Token(Refusal),
    Nobody(String),
}

impl Refused {
    fn answer(self) -> Response {
        match self {
            Self::Token(why) => refusal(
                StatusCode::UNAUTHORIZED,
                "InvalidAuthenticationToken",
                &why.to_string(),
            ),
            Self::Nobody(id) => not_found(&id),
        }
    }
}

fn admitted(world: &World, headers: &HeaderMap) -> Result<(), Refused> {
    let checked = world.identity.check(headers, &AUDIENCES);
    checked.map(|_| ()).map_err(Refused::Token)
}

/// The person, for a caller who may ask.
fn person(world: &World, headers: &HeaderMap, id: &str) -> Result<Person, Refused> {
    admitted(world, headers)?;
    let found = world.directory.person(id);
    found.ok_or_else(|| Refused::Nobody(id.to_owned()))
}

async fn service_principal(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path(resource): Path<String>,
) -> Response {
    if let Err(refused) = admitted(&world, &headers) {
        return refused.answer();
    }
    let ours = format!("servicePrincipals(appId='{}')", Identity::APP_CLIENT_ID);
    if resource != ours {
        return not_found(&resource);
    }
    let roles: Vec<Value> = world
        .directory
        .roles()
        .iter()
        .map(|role| {
            json!({"id": role_id(role), "value": role, "displayName": role, "isEnabled": true,
            "allowedMemberTypes": ["User"]})
        })
        .collect();
    Json(json!({"id": Identity::SERVICE_PRINCIPAL_ID, "appRoles": roles})).into_response()
}

async fn user(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let person = match person(&world, &headers, &id) {
        Ok(person) => person,
        Err(refused) => return refused.answer(),
    };
    let all = json!({
        "id": person.object_id,
        "displayName": person.name,
        "userPrincipalName": person.user_name,
        "userType": match person.kind {
            Kind::Member => "Member",
            Kind::Guest | Kind::InternalGuest => "Guest",
        },
        "accountEnabled": person.enabled,
    });
    // Graph gives `userType` and `accountEnabled` to whoever selects them only.
    let select = asked
        .select
        .as_deref()
        .unwrap_or("id,displayName,userPrincipalName");
    let chosen: Map<String, Value> = select
        .split(',')
        .filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())))
        .collect();
    Json(chosen).into_response()
}

async fn assignments(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let person = match person(&world, &headers, &id) {
        Ok(person) => person,
        Err(refused) => return refused.answer(),
    };
    let ours = format!("resourceId eq {}", Identity::SERVICE_PRINCIPAL_ID);
    match asked.filter.as_deref() {
        None => {}
        Some(filter) if filter == ours => {}
        Some(filter) => return bad(&format!("the filter {filter:?} is not served here")),
    }
    let from = asked.skip.unwrap_or(0);
    let page: Vec<Value> = person
        .roles
        .iter()
        .skip(from)
        .take(PAGE)
        .map(|role| {
            json!({
                "id": format!("assignment-{}-{}", person.object_id, role_id(role)),
                "appRoleId": role_id(role),
                "principalId": person.object_id,
                "principalType": "User",
                "resourceId": Identity::SERVICE_PRINCIPAL_ID,
            })
        })
        .collect();
    let mut body = json!({ "value": page });
    if from + PAGE < person.roles.len() {
        let filter = asked
            .filter
            .map(|_| "&$filter=resourceId%20eq%20".to_owned() + Identity::SERVICE_PRINCIPAL_ID);
        body["@odata.nextLink"] = json!(format!(
            "{}/graph/v1.0/users/{id}/appRoleAssignments?$skiptoken={}{}",
            world.base_url,
            from + PAGE,
            filter.unwrap_or_default(),
        ));
    }
    Json(body).into_response()
}

async fn member_groups(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(asked): Json<Groups>,
) -> Response {
    let person = match person(&world, &headers, &id) {
        Ok(person) => person,
        Err(refused) => return refused.answer(),
    };
    if asked.group_ids.is_empty() || asked.group_ids.len() > MOST_GROUPS {
        return bad("groupIds takes 1 to 20 ids");
    }
    let member: Vec<&String> = asked
        .group_ids
        .iter()
        .filter(|id| person.groups.contains(id))
        .collect();
    Json(json!({ "value": member })).into_response()
}

/// A role's id follows from its value, so that it stays the same whoever holds it.
fn role_id(role: &str) -> String {
    uuid::Builder::from_slice(&md5_of(role))
        .map(|builder| builder.into_uuid().to_string())
        .unwrap_or_default()
}

fn md5_of(text: &str) -> [u8; 16] {
    use md5::{Digest as _, Md5};
    Md5::digest(text.as_bytes()).into()
}
