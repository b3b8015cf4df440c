//! `me`: who somebody is here, as the app has understood their sign-in.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use promotion::Group;
use serde_json::{Value, json};
use std::sync::Arc;

use super::address::Parameters;
use super::answer::not_heard;
use crate::app::App;
use crate::identity::SignedIn;
use crate::triggers::verb::NotHeard;
use crate::ui::clean;

/// Whoever asks. Changes nothing.
pub async fn me(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let signed_in = match app.identity.signed_in(&headers).await {
        Ok(signed_in) => signed_in,
        Err(why) => return not_heard(&NotHeard::from(why)),
    };
    if let Err(response) = Parameters::read(query.as_deref(), &[]) {
        return response;
    }
    let groups = app.engine.config.named_groups();
    let body = Json(told(&signed_in, &groups));
    body.into_response()
}

/// Of groups those alone that routes name: about others nobody was asked.
fn told(signed_in: &SignedIn, named: &[Group]) -> Value {
    let SignedIn {
        viewer,
        tenant,
        until,
    } = signed_in;
    let held = &viewer.held;
    let groups = named.iter().filter(|group| held.groups.contains(&group.id));
    json!({
        "id": viewer.person.id,
        "name": viewer.person.name,
        "tenant": tenant,
        "roles": held.roles.iter().map(|role| clean(&role.0)).collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "signedInUntil": until,
    })
}
