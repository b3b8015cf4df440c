//! `teams`: what the Bot Connector sends. Clicks on the bot's cards become the events that page and API make.
//!
//! The invariant: nothing of a message is believed before its token is, and its token says nothing about who clicked. What
//! somebody may is asked of the directory, about the object id that Teams names; the core judges the rest. Start in
//! `click.rs`.

mod activity;
mod answer;
mod click;
#[cfg(test)]
pub(super) mod fuzz;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

use crate::app::App;
use crate::config::TeamsChannel;
use crate::identity::BotTokenRefused;
use activity::{Activity, Envelope};

/// Something comes from Teams.
pub async fn handle(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let (Some(tokens), TeamsChannel::Bot(bot)) = (app.identity.bots(), &app.engine.config.teams)
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let envelope = Envelope::read(&body);
    let verified = tokens.verify(&headers, &envelope.service_url, &envelope.channel_id);
    let verified = verified.await.and_then(|()| {
        let ours = bot.service_url.admits(&envelope.service_url);
        ours.then_some(()).ok_or(BotTokenRefused::Connector)
    });
    if let Err(why) = verified {
        let status = not_taken(why);
        // Counted by its fields: docs/operations.md says how. Nothing of the request stands in it.
        tracing::warn!(
            status = status.as_u16(),
            why = %why,
            "a message for the bot was refused"
        );
        return status.into_response();
    }
    match Activity::read(&body) {
        Activity::Unreadable => StatusCode::BAD_REQUEST.into_response(),
        // That it was installed, that somebody wrote to it: nothing follows from it.
        Activity::Told => StatusCode::OK.into_response(),
        Activity::Clicked(clicked) => click::taken(&app, bot, &clicked).await.into_response(),
        Activity::Unclear(why) => {
            tracing::warn!("a click cannot be understood: {why}");
            answer::Answer::unclear().into_response()
        }
    }
}

/// Nobody without a token learns what is wrong with it.
fn not_taken(why: BotTokenRefused) -> StatusCode {
    match why {
        BotTokenRefused::Channel | BotTokenRefused::Endorsement => StatusCode::FORBIDDEN,
        passing if passing.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
        BotTokenRefused::Missing
        | BotTokenRefused::Token(_)
        | BotTokenRefused::ServiceUrl
        | BotTokenRefused::Connector => StatusCode::UNAUTHORIZED,
    }
}
