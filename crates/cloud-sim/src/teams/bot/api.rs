//! The verbs of tests and launchers on a bot's channel.

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::Value;

use super::clicks::{self, Answered, Click};
use super::invoke::{self, Trigger};
use super::members::Member;
use super::threads::{Post, Threads};
use crate::Cloud;

impl Cloud {
    /// The channel that its page shows.
    pub const TEAMS_CHANNEL: &str = Threads::CHANNEL;
    /// Another channel of the same team.
    pub const SECOND_TEAMS_CHANNEL: &str = Threads::SECOND_CHANNEL;

    /// What a bot's configuration names as its connector.
    pub fn connector_url(&self) -> String {
        clicks::service_url(self.world())
    }

    /// The bot is in the team, and hears of clicks at this address. Before that it may post, but hears nothing.
    pub fn install_bot(&self, endpoint: &str) {
        self.world().ml.threads.install(endpoint);
    }

    /// Somebody removes the bot from the team: it may not write any more, nor hears of clicks.
    pub fn uninstall_bot(&self) {
        self.world().ml.threads.uninstall();
    }

    /// Somebody joins the team, or takes another name.
    pub fn join_channel(&self, member: Member) {
        self.world().ml.threads.join(member);
    }

    /// What the bot has posted, oldest first, with every version.
    pub fn posts(&self) -> Vec<Post> {
        self.world().ml.threads.posts()
    }

    /// When something was sent to a thread: posts, answers and changes.
    pub fn sends_to(&self, thread: &str) -> Vec<Timestamp> {
        self.world().ml.threads.sends(thread)
    }

    /// What people were told beside their cards, oldest first: object id and text.
    pub fn toasts(&self) -> Vec<(String, String)> {
        self.world().ml.threads.toasts()
    }

    /// Somebody deletes a post of the bot's.
    pub fn delete_post(&self, post: &str) {
        self.world().ml.threads.delete(post);
    }

    /// A person's Teams shows a post: the card that they see, made anew for them where it asks for that.
    pub async fn look_at(&self, person: &str, post: &str) -> anyhow::Result<Option<Value>> {
        clicks::look(self.world(), person, post).await
    }

    /// A person clicks what does `verb` with `data`, having typed `inputs`.
    pub async fn click(
        &self,
        person: &str,
        post: &str,
        verb: &str,
        data: &Value,
        inputs: &Value,
    ) -> anyhow::Result<Answered> {
        let click = Click {
            person,
            post,
            title: verb,
            verb,
            data: invoke::merged(data, inputs),
        };
        clicks::click(self.world(), click).await
    }

    /// A person clicks the button of this title on the card that they see.
    pub async fn press(
        &self,
        person: &str,
        post: &str,
        title: &str,
        inputs: &Value,
    ) -> anyhow::Result<Answered> {
        let seen = self.world().ml.threads.seen(person, post);
        let card = seen.with_context(|| format!("post {post} shows no card"))?;
        let action = invoke::find(&card, &|action| action["title"] == title)
            .with_context(|| format!("no button {title:?} on post {post}"))?;
        let click = Click {
            person,
            post,
            title,
            verb: action["verb"].as_str().unwrap_or_default(),
            data: invoke::merged(&action["data"], inputs),
        };
        clicks::click(self.world(), click).await
    }

    /// The activity that a click would send, for whoever delivers it himself or changes it first.
    pub fn activity_of(
        &self,
        person: &str,
        post: &str,
        verb: &str,
        data: &Value,
    ) -> anyhow::Result<Value> {
        let click = Click {
            person,
            post,
            title: verb,
            verb,
            data: data.clone(),
        };
        clicks::activity_of(self.world(), &click, Trigger::Manual)
    }

    /// What the bot's endpoint has answered to such an activity, for whoever has delivered it himself: the person sees it.
    pub fn answer_to(&self, person: &str, post: &str, status: u16, body: Value) -> Answered {
        clicks::taken(self.world(), person, post, Answered::of(status, body))
    }

    /// Sends a made-up activity with a made-up token to the bot's endpoint. Nobody's card changes.
    pub async fn deliver_activity(
        &self,
        activity: &Value,
        token: Option<&str>,
    ) -> anyhow::Result<Answered> {
        clicks::deliver(self.world(), activity, token).await
    }
}
