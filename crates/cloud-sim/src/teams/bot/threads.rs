//! Threads of the channels: posts, their versions, and what single people see instead.
//!
//! Invariant: a post's versions only grow; what one person sees instead ends with the next version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use super::members::{self, Member};

/// A post of the bot.
#[derive(Debug, Clone)]
pub struct Post {
    /// Its id, the milliseconds of its time: `1795403515510`.
    pub id: String,
    /// The thread's id: `19:…@thread.tacv2;messageid=1795403515510`.
    pub thread: String,
    /// The channel's id: `19:…@thread.tacv2`.
    pub channel: String,
    /// The post that it answers; none where it begins the thread.
    pub answers: Option<String>,
    /// As it was posted, and as it was changed since.
    pub versions: Vec<Version>,
    /// What single people see instead, by object id.
    pub personal: BTreeMap<String, Value>,
    /// Somebody has deleted it.
    pub gone: bool,
}

/// What a post said from some time on.
#[derive(Debug, Clone)]
pub struct Version {
    /// Since when.
    pub at: Timestamp,
    /// A card, if it is one.
    pub card: Option<Value>,
    /// Text, if it is that.
    pub text: Option<String>,
    /// Who has looked at it or clicked in it, by object id.
    pub seen_by: BTreeSet<String>,
}

impl Post {
    /// What everybody sees, who sees nothing else.
    pub fn newest(&self) -> &Version {
        self.versions.last().expect("a post begins with a version")
    }

    /// The card that everybody sees.
    pub fn card(&self) -> Option<&Value> {
        self.newest().card.as_ref()
    }

    /// The card that this person sees.
    pub fn card_for(&self, person: &str) -> Option<&Value> {
        self.personal.get(person).or_else(|| self.card())
    }
}

/// Why the bot may not do what it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It was uninstalled or blocked.
    WritesBlocked,
    /// Another tenant's channel.
    NotInRoster,
    /// No such channel or thread.
    NoConversation,
    /// No such message in the thread.
    NoActivity,
}

/// Where the bot listens.
#[derive(Debug, Clone)]
pub(super) struct Installed {
    pub(super) endpoint: String,
}

#[derive(Debug)]
struct State {
    channels: BTreeSet<String>,
    members: Vec<Member>,
    posts: Vec<Post>,
    bot: Option<Installed>,
    blocked: bool,
    last_id: i64,
    /// Times of what was sent to each thread, for whoever counts.
    sends: BTreeMap<String, Vec<Timestamp>>,
    /// What people were told beside their cards: who, what.
    toasts: Vec<(String, String)>,
}

/// The channels of the team and what the bot has posted there.
#[derive(Debug)]
pub(crate) struct Threads {
    state: Mutex<State>,
}

impl Default for Threads {
    fn default() -> Self {
        let channels = [Threads::CHANNEL, Threads::SECOND_CHANNEL].map(str::to_owned);
        Self {
            state: Mutex::new(State {
                channels: channels.into(),
                members: members::seeded(),
                posts: Vec::new(),
                bot: None,
                blocked: false,
                last_id: 0,
                sends: BTreeMap::new(),
                toasts: Vec::new(),
            }),
        }
    }
}

impl Threads {
    /// The channel that the page shows.
    pub(crate) const CHANNEL: &str = "19:promotions@thread.tacv2";
    /// Another one, for what was not answered in the first.
    pub(crate) const SECOND_CHANNEL: &str = "19:escalations@thread.tacv2";

    pub(crate) fn install(&self, endpoint: &str) {
        let mut state = self.lock();
        state.blocked = false;
        state.bot = Some(Installed {
            endpoint: endpoint.to_owned(),
        });
    }

    pub(crate) fn uninstall(&self) {
        let mut state = self.lock();
        state.blocked = true;
        state.bot = None;
    }

    pub(super) fn bot(&self) -> Option<Installed> {
        self.lock().bot.clone()
    }

    pub(crate) fn members(&self) -> Vec<Member> {
        self.lock().members.clone()
    }

    pub(super) fn member(&self, object_id: &str) -> Option<Member> {
        let state = self.lock();
        let mut members = state.members.iter();
        members.find(|one| one.object_id == object_id).cloned()
    }

    /// Somebody joins, or is known by another name from now on.
    pub(super) fn join(&self, member: Member) {
        let members = &mut self.lock().members;
        members.retain(|known| known.object_id != member.object_id);
        members.push(member);
    }

    pub(crate) fn posts(&self) -> Vec<Post> {
        self.lock().posts.clone()
    }

    pub(super) fn post(&self, id: &str) -> Option<Post> {
        let state = self.lock();
        state.posts.iter().find(|post| post.id == id).cloned()
    }

    pub(super) fn toasts(&self) -> Vec<(String, String)> {
        self.lock().toasts.clone()
    }

    pub(super) fn tell(&self, person: &str, text: &str) {
        self.lock()
            .toasts
            .push((person.to_owned(), text.to_owned()));
    }

    pub(super) fn sends(&self, thread: &str) -> Vec<Timestamp> {
        self.lock().sends.get(thread).cloned().unwrap_or_default()
    }

    /// Whether there is such a channel, or thread of one.
    pub(super) fn knows(&self, conversation: &str) -> bool {
        let channel = conversation.split(';').next().unwrap_or_default();
        self.lock().channels.contains(channel)
    }

    /// Begins a thread.
    pub(super) fn begin(&self, channel: &str, version: Version) -> Result<Post, Trouble> {
        let mut state = self.writing()?;
        if !state.channels.contains(channel) {
            return Err(Trouble::NoConversation);
        }
        let id = state.next_id(version.at);
        let thread = format!("{channel};messageid={id}");
        let post = Post {
            thread: thread.clone(),
            channel: channel.to_owned(),
            answers: None,
            versions: vec![version],
            personal: BTreeMap::new(),
            gone: false,
            id,
        };
        state.keep(post.clone());
        Ok(post)
    }

    /// Answers in a thread.
    pub(super) fn answer(&self, thread: &str, to: &str, version: Version) -> Result<Post, Trouble> {
        let mut state = self.writing()?;
        let root = state.find(thread, to)?.clone();
        let id = state.next_id(version.at);
        let post = Post {
            answers: Some(root.id),
            versions: vec![version],
            personal: BTreeMap::new(),
            gone: false,
            thread: root.thread,
            channel: root.channel,
            id,
        };
        state.keep(post.clone());
        Ok(post)
    }

    /// Changes a post for everybody.
    pub(super) fn update(&self, thread: &str, id: &str, version: Version) -> Result<(), Trouble> {
        let mut state = self.writing()?;
        let at = version.at;
        let post = state.find(thread, id)?;
        post.personal.clear();
        post.versions.push(version);
        let thread = post.thread.clone();
        state.sends.entry(thread).or_default().push(at);
        Ok(())
    }

    /// One person sees this instead, until the post is changed for everybody.
    pub(super) fn show_to(&self, person: &str, id: &str, card: Value) {
        let mut state = self.lock();
        if let Some(post) = state.posts.iter_mut().find(|post| post.id == id) {
            post.personal.insert(person.to_owned(), card);
        }
    }

    /// One person has looked at a post. The card that they see.
    pub(super) fn seen(&self, person: &str, id: &str) -> Option<Value> {
        let mut state = self.lock();
        let post = state.posts.iter_mut().find(|post| post.id == id)?;
        if let Some(version) = post.versions.last_mut() {
            version.seen_by.insert(person.to_owned());
        }
        post.card_for(person).cloned()
    }

    /// Somebody deletes a post.
    pub(super) fn delete(&self, id: &str) {
        let mut state = self.lock();
        if let Some(post) = state.posts.iter_mut().find(|post| post.id == id) {
            post.gone = true;
        }
    }

    fn writing(&self) -> Result<MutexGuard<'_, State>, Trouble> {
        let state = self.lock();
        if state.blocked {
            return Err(Trouble::WritesBlocked);
        }
        Ok(state)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Milliseconds, as Teams numbers its messages, and never the same twice.
    fn next_id(&mut self, at: Timestamp) -> String {
        self.last_id = at.as_millisecond().max(self.last_id + 1);
        self.last_id.to_string()
    }

    fn keep(&mut self, post: Post) {
        let at = post.newest().at;
        let sends = self.sends.entry(post.thread.clone()).or_default();
        sends.push(at);
        self.posts.push(post);
    }

    fn find(&mut self, thread: &str, id: &str) -> Result<&mut Post, Trouble> {
        if !self.posts.iter().any(|post| post.thread == thread) {
            return Err(Trouble::NoConversation);
        }
        let mut posts = self.posts.iter_mut();
        posts
            .find(|post| post.thread == thread && post.id == id && !post.gone)
            .ok_or(Trouble::NoActivity)
    }
}
