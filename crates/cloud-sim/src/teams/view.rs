//! The channel as one person sees it: what came by the webhook and what the bot has posted, in the order of its time.

use jiff::Timestamp;
use serde_json::Value;

use super::bot::{Member, Post};
use super::channel::{Content, Message};

/// The channel in one person's Teams.
pub(super) struct View<'a> {
    pub(super) members: &'a [Member],
    /// Whose Teams it is.
    pub(super) viewer: Option<&'a Member>,
    pub(super) entries: Vec<Entry<'a>>,
}

/// What stands in the channel, with its answers.
pub(super) struct Entry<'a> {
    /// Unique on the page; changes with what is shown, so that the page knows what to draw again.
    pub(super) key: String,
    pub(super) version: String,
    /// Which version everybody sees.
    pub(super) shared: usize,
    pub(super) via: &'static str,
    pub(super) at: Timestamp,
    pub(super) shows: Shows<'a>,
    pub(super) note: Option<&'static str>,
    /// The post that a click is about.
    pub(super) post: Option<&'a str>,
    pub(super) answers: Vec<Entry<'a>>,
}

pub(super) enum Shows<'a> {
    Cards(&'a [Value]),
    Card(&'a Value),
    Text(&'a str),
    Failed(&'a str),
    Deleted,
}

impl<'a> View<'a> {
    pub(super) fn new(
        messages: &'a [Message],
        posts: &'a [Post],
        members: &'a [Member],
        viewer: Option<&str>,
    ) -> Self {
        let viewer = members
            .iter()
            .find(|one| viewer == Some(one.object_id.as_str()))
            .or(members.first());
        let person = viewer.map_or("", |one| one.object_id.as_str());
        let roots = posts.iter().filter(|post| post.answers.is_none());
        let mut entries: Vec<Entry<'a>> = messages
            .iter()
            .map(of_message)
            .chain(roots.map(|root| {
                let answers = posts
                    .iter()
                    .filter(|post| post.answers.as_ref() == Some(&root.id));
                let answers = answers.map(|post| of_post(post, person, Vec::new()));
                of_post(root, person, answers.collect())
            }))
            .collect();
        entries.sort_by_key(|entry| entry.at);
        Self {
            members,
            viewer,
            entries,
        }
    }
}

fn of_message(message: &Message) -> Entry<'_> {
    let shows = match &message.content {
        Content::Cards(cards) => Shows::Cards(cards),
        Content::FlowFailed(why) => Shows::Failed(why),
    };
    Entry {
        key: format!("w{}", message.id),
        version: "1".to_owned(),
        shared: 1,
        via: "via Workflows",
        at: message.at,
        shows,
        note: None,
        post: None,
        answers: Vec::new(),
    }
}

fn of_post<'a>(post: &'a Post, person: &str, answers: Vec<Entry<'a>>) -> Entry<'a> {
    let personal = post.personal.get(person);
    let newest = post.newest();
    let shows = match (post.gone, post.card_for(person), &newest.text) {
        (true, _, _) => Shows::Deleted,
        (false, Some(card), _) => Shows::Card(card),
        (false, None, Some(text)) => Shows::Text(text),
        (false, None, None) => Shows::Text(""),
    };
    let note = match (personal.is_some(), post.versions.len()) {
        (true, _) => Some("only you see this"),
        (false, 1) => None,
        (false, _) => Some("edited"),
    };
    // The answers are drawn with it, so whatever changes there changes this.
    let below: Vec<&str> = answers.iter().map(|one| one.version.as_str()).collect();
    let version = format!(
        "{}{}{}({})",
        post.versions.len(),
        personal.map_or(String::new(), |card| format!("p{}", card.to_string().len())),
        if post.gone { "d" } else { "" },
        below.join(",")
    );
    Entry {
        key: format!("b{}", post.id),
        version,
        shared: post.versions.len(),
        via: "bot",
        at: post.versions[0].at,
        shows,
        note,
        post: Some(&post.id),
        answers,
    }
}
