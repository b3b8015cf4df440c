//! Clicks: the activity goes to the bot's endpoint with the connector's token, the answer to whoever clicked.
//!
//! Teams waits no longer than 15 s and shows "Unable to reach app" for everything but an answer it can read, also where
//! the bot has long done what it was asked to.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::invoke::{self, Deed, Trigger};
use super::threads::Post;
use crate::identity::connector_token;
use crate::world::World;

/// What Teams waits for an answer, in real time.
const PATIENCE: Duration = Duration::from_secs(15);
const UNREACHABLE: &str = "Unable to reach app. Please try again.";

const CARD: &str = "application/vnd.microsoft.card.adaptive";
const MESSAGE: &str = "application/vnd.microsoft.activity.message";
const ERROR: &str = "application/vnd.microsoft.error";

/// What a person does in a card.
pub(crate) struct Click<'a> {
    /// Their object id.
    pub(crate) person: &'a str,
    /// The post's id.
    pub(crate) post: &'a str,
    pub(crate) title: &'a str,
    pub(crate) verb: &'a str,
    /// The action's data, inputs included.
    pub(crate) data: Value,
}

/// How the bot's endpoint has answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// HTTP's status; 0 where there was no answer in time.
    pub status: u16,
    /// The answer's JSON; null where it was none.
    pub body: Value,
    /// What the person was shown beside the card, if anything.
    pub toast: Option<String>,
}

impl Answered {
    pub(super) fn of(status: u16, body: Value) -> Self {
        let toast = toast_of(status, &body);
        Self {
            status,
            body,
            toast,
        }
    }

    /// The card that the person sees now instead of everybody's, if the answer was one.
    pub fn card(&self) -> Option<&Value> {
        let is_card = self.status == 200 && self.body["statusCode"] == 200;
        (is_card && self.body["type"] == CARD).then(|| &self.body["value"])
    }
}

/// Somebody clicks.
pub(crate) async fn click(world: &World, click: Click<'_>) -> anyhow::Result<Answered> {
    let activity = activity_of(world, &click, Trigger::Manual)?;
    let token = connector_token(&service_url(world));
    let answered = deliver(world, &activity, Some(&token)).await?;
    Ok(taken(world, click.person, click.post, answered))
}

/// Somebody's Teams shows a card, and asks the bot for their own view where the card says so.
pub(crate) async fn look(world: &World, person: &str, id: &str) -> anyhow::Result<Option<Value>> {
    let threads = &world.ml.threads;
    let post = threads.post(id).with_context(|| format!("no post {id}"))?;
    let member = threads
        .member(person)
        .with_context(|| format!("{person} is not in the channel"))?;
    let refresh = post.card().map(|card| &card["refresh"]);
    let listed = |ids: &Value| {
        let mut ids = ids.as_array().into_iter().flatten();
        ids.any(|id| id.as_str() == Some(member.teams_id().as_str()))
    };
    // Below 60 members everybody's card refreshes itself, above only those of listed people.
    let refresh = refresh
        .filter(|refresh| refresh["action"].is_object())
        .filter(|refresh| threads.members().len() < 60 || listed(&refresh["userIds"]));
    if let (Some(refresh), Some(_)) = (refresh, threads.bot()) {
        let action = &refresh["action"];
        let click = Click {
            person,
            post: id,
            title: action["title"].as_str().unwrap_or_default(),
            verb: action["verb"].as_str().unwrap_or_default(),
            data: action["data"].clone(),
        };
        let activity = activity_of(world, &click, Trigger::Automatic)?;
        let token = connector_token(&service_url(world));
        let answered = deliver(world, &activity, Some(&token)).await?;
        if let Some(card) = answered.card() {
            threads.show_to(person, id, card.clone());
        }
    }
    Ok(threads.seen(person, id))
}

/// The activity of a click, ready to be sent.
pub(super) fn activity_of(
    world: &World,
    click: &Click<'_>,
    trigger: Trigger,
) -> anyhow::Result<Value> {
    let threads = &world.ml.threads;
    let member = threads
        .member(click.person)
        .with_context(|| format!("{} is not in the channel", click.person))?;
    let post: Post = threads
        .post(click.post)
        .with_context(|| format!("no post {}", click.post))?;
    if post.gone {
        bail!("post {} was deleted", click.post);
    }
    let deed = Deed {
        title: click.title,
        verb: click.verb,
        data: click.data.clone(),
        trigger,
    };
    let now = world.clock.now();
    let (service_url, id) = (service_url(world), world.new_id());
    Ok(invoke::activity(
        &service_url,
        &member,
        &post,
        &deed,
        &id,
        now,
    ))
}

/// Sends an activity to the bot's endpoint as whoever the token says, and waits as long as Teams does.
pub(super) async fn deliver(
    world: &World,
    activity: &Value,
    token: Option<&str>,
) -> anyhow::Result<Answered> {
    let bot = world.ml.threads.bot().context("no bot is installed")?;
    let mut request = world.http.post(&bot.endpoint).timeout(PATIENCE);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let request = request
        .header(
            http::header::CONTENT_TYPE,
            "application/json; charset=utf-8",
        )
        .body(activity.to_string());
    let Ok(answer) = request.send().await else {
        return Ok(Answered::of(0, Value::Null));
    };
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap_or_default();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(Answered::of(status, body))
}

/// Passes on what was not signed yet, with a token for the `serviceUrl` that it names.
pub(crate) async fn pass_on(world: &World, activity: &Value) -> anyhow::Result<Answered> {
    let service_url = activity["serviceUrl"].as_str().unwrap_or_default();
    deliver(world, activity, Some(&connector_token(service_url))).await
}

/// What Teams makes of an answer for the person.
pub(super) fn taken(world: &World, person: &str, post: &str, answered: Answered) -> Answered {
    let threads = &world.ml.threads;
    threads.seen(person, post);
    if let Some(card) = answered.card() {
        threads.show_to(person, post, card.clone());
    }
    if let Some(toast) = &answered.toast {
        threads.tell(person, toast);
    }
    answered
}

fn toast_of(status: u16, body: &Value) -> Option<String> {
    let value = &body["value"];
    let kind = body["type"].as_str().unwrap_or_default();
    if status != 200 {
        return Some(UNREACHABLE.to_owned());
    }
    match kind {
        CARD if body["statusCode"] == 200 => None,
        MESSAGE if body["statusCode"] == 200 => Some(value.as_str().unwrap_or_default().to_owned()),
        ERROR => Some(value["message"].as_str().unwrap_or(UNREACHABLE).to_owned()),
        _ => Some(UNREACHABLE.to_owned()),
    }
}

/// Where a bot of this cloud posts to, as activities say it.
pub(super) fn service_url(world: &World) -> String {
    format!("{}/teams/connector/", world.base_url)
}
