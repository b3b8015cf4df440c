//! Which keys are published, and which of them signs. A test rolls them while everything runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::keys::KeyName;

/// A key of the Bot Connector's set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotKey {
    /// The key.
    pub key: KeyName,
    /// The id that it is published under.
    pub kid: String,
    /// The channels that it may sign for; none: the set says nothing about that.
    pub endorsements: Option<Vec<String>>,
}

impl BotKey {
    /// As the connector publishes it: under its own id, good for Teams.
    pub fn for_teams(key: KeyName) -> Self {
        Self {
            key,
            kid: key.kid().to_owned(),
            endorsements: Some(vec!["msteams".to_owned(), "webchat".to_owned()]),
        }
    }
}

/// What is published now.
#[derive(Debug)]
pub struct KeySets {
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    entra: Vec<KeyName>,
    signs: KeyName,
    until: Option<Timestamp>,
    nameless: bool,
    no_account: bool,
    bot: Vec<BotKey>,
}

impl Default for KeySets {
    fn default() -> Self {
        let held = Held {
            entra: vec![KeyName::Current],
            signs: KeyName::Current,
            until: None,
            nameless: false,
            no_account: false,
            bot: vec![BotKey::for_teams(KeyName::Current)],
        };
        Self {
            held: Mutex::new(held),
        }
    }
}

impl KeySets {
    /// Entra publishes these and signs with `signs`, published or not.
    pub fn roll_entra(&self, published: &[KeyName], signs: KeyName) {
        let mut held = self.held();
        held.entra = published.to_vec();
        held.signs = signs;
    }

    /// People's tokens expire then, as if they had been issued an hour before; none: in an hour.
    pub fn users_until(&self, until: Option<Timestamp>) {
        self.held().until = until;
    }

    pub(super) fn until(&self) -> Option<Timestamp> {
        self.held().until
    }

    /// People's tokens say no name, as those of a program that does not ask for the scope `profile`; or they do again.
    pub fn users_nameless(&self, nameless: bool) {
        self.held().nameless = nameless;
    }

    pub(super) fn nameless(&self) -> bool {
        self.held().nameless
    }

    /// People's tokens do not say whether somebody is a guest, as where the registration does not ask for the optional claim
    /// `acct`; or they do again.
    pub fn users_without_account(&self, without: bool) {
        self.held().no_account = without;
    }

    pub(super) fn says_no_account(&self) -> bool {
        self.held().no_account
    }

    /// The Bot Connector publishes these.
    pub fn publish_bot(&self, published: Vec<BotKey>) {
        self.held().bot = published;
    }

    /// Whose key signs users' tokens now.
    pub(crate) fn signs(&self) -> KeyName {
        self.held().signs
    }

    /// The claims of a token that one of Entra's published keys has signed.
    pub(super) fn open(&self, token: &str) -> Option<Value> {
        let published = self.held().entra.clone();
        published.into_iter().find_map(|key| key.open(token))
    }

    pub(super) fn entra(&self) -> Value {
        let keys: Vec<Value> = self
            .held()
            .entra
            .iter()
            .map(|key| key.jwk(key.kid()))
            .collect();
        json!({ "keys": keys })
    }

    pub(super) fn bot(&self) -> Value {
        let shown = |key: &BotKey| {
            let mut jwk = key.key.jwk(&key.kid);
            if let Some(endorsements) = &key.endorsements {
                jwk["endorsements"] = json!(endorsements);
            }
            jwk
        };
        let keys: Vec<Value> = self.held().bot.iter().map(shown).collect();
        json!({ "keys": keys })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
