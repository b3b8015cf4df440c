//! `control/freezes.json`: what must not start, for whom, why and until when; and what was lifted or has ended.
//!
//! The invariant: a freeze stands until its time is over or a person lifts it, and the blob changes only by a conditional
//! write over what was read. A blob that cannot be read is an error, never "no freeze".

use azure_api::Error;
use azure_api::blob::{Condition, Container, ETag};
use bytes::Bytes;
use jiff::Timestamp;
use promotion::{ModelName, Person, StageName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::StoreError;

const PATH: &str = "control/freezes.json";

/// How many may stand at once: far more than anybody can keep an eye on.
const MOST: usize = 100;

/// How many of those that stand no more are kept for whoever asks.
const PAST: usize = 50;

/// Where freezes lie.
#[derive(Clone)]
pub struct FreezeStore {
    container: Container,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Freezes {
    /// Those that nobody has lifted, oldest first; the time of some may be over.
    #[serde(default)]
    pub set: Vec<Freeze>,
    /// Those that stand no more, newest last.
    #[serde(default)]
    pub past: Vec<PastFreeze>,
}

/// One freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Freeze {
    /// What it is called in addresses.
    pub id: String,
    /// What must not start.
    pub scope: Scope,
    /// Who set it.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// From when on it counts no more; absent: until somebody lifts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When it was last made to last longer: whoever overrode it before knew of less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longer_since: Option<Timestamp>,
}

/// What a freeze is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Scope {
    /// Every promotion.
    Everything,
    /// Those into this stage.
    Stage {
        /// Which.
        stage: StageName,
    },
    /// Those of this model.
    Model {
        /// Which.
        model: ModelName,
    },
}

/// A freeze that stands no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PastFreeze {
    /// What stood.
    pub freeze: Freeze,
    /// Who lifted it; absent: its time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Lifting>,
}

/// How a freeze was lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifting {
    /// By whom.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What came of setting a freeze in what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frozen {
    /// It is to be written.
    Set(Freeze),
    /// It stood already, and is to be written with another end.
    EndMoved {
        /// As it stands from now on.
        freeze: Freeze,
        /// Until when it was to stand; absent: until somebody lifted it.
        before: Option<Timestamp>,
    },
    /// It stands already, just so.
    Already(Freeze),
    /// So many stand that no more are taken.
    TooMany(usize),
}

/// What came of lifting one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thawed {
    /// It is to be written.
    Lifted(PastFreeze),
    /// It stands no more, for this reason.
    Already(PastFreeze),
    /// There is none of that id, or none that is still known.
    Unknown,
}

impl FreezeStore {
    pub(super) fn new(container: Container) -> Self {
        Self { container }
    }

    /// What stands and stood, with what a conditional write needs.
    pub async fn read(&self) -> Result<(Freezes, Option<ETag>), StoreError> {
        let found = self.container.blob(PATH).get(None, 4 * 1024 * 1024).await;
        let Some(content) = found.map_err(StoreError::service(PATH))? else {
            return Ok((Freezes::default(), None));
        };
        let freezes = serde_json::from_slice(&content.bytes);
        let freezes = freezes.map_err(|source| StoreError::Unreadable {
            what: PATH.to_owned(),
            source,
        })?;
        Ok((freezes, Some(content.etag)))
    }

    /// Writes over what was read; `false`, where somebody else was faster.
    pub async fn put(&self, changed: &Freezes, read: Option<&ETag>) -> Result<bool, StoreError> {
        let body = serde_json::to_vec(changed).expect("freezes serialize");
        let condition = read.map_or(Condition::IfNoneMatchAny, Condition::IfMatch);
        let blob = self.container.blob(PATH);
        match blob
            .put(Bytes::from(body), condition, &BTreeMap::new())
            .await
        {
            Ok(_) => Ok(true),
            Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => Ok(false),
            Err(error) => Err(StoreError::service(PATH)(error)),
        }
    }
}

impl Freezes {
    /// Those that count now, oldest first.
    pub fn standing(&self, now: Timestamp) -> impl Iterator<Item = &Freeze> {
        self.set.iter().filter(move |freeze| freeze.stands(now))
    }

    /// Those that count no more, newest last: lifted, or over and not yet tidied away.
    pub fn gone(&self, now: Timestamp) -> Vec<PastFreeze> {
        let mut gone = self.past.clone();
        let over = self.set.iter().filter(|freeze| !freeze.stands(now));
        gone.extend(over.map(|freeze| freeze.clone().over()));
        gone
    }

    /// Those that stop a promotion of `model` into `stage`, oldest first. Those that stood already when people overrode them stop it
    /// no more; one that was set later is news to them.
    pub fn covering(
        &self,
        stage: &StageName,
        model: &ModelName,
        overridden_since: Option<Timestamp>,
        now: Timestamp,
    ) -> impl Iterator<Item = &Freeze> {
        let news = self
            .standing(now)
            .filter(move |freeze| freeze.is_news(overridden_since));
        news.filter(|freeze| freeze.scope.covers(stage, model))
    }

    /// The one of them that lasts longest; nothing, where none stops it.
    pub fn stopping(
        &self,
        stage: &StageName,
        model: &ModelName,
        overridden_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<&Freeze> {
        let stopping = self.covering(stage, model, overridden_since, now);
        // The first of several that end at once: the sentence that people read stays the same.
        stopping.reduce(|longest, next| {
            let later = next.end() > longest.end();
            if later { next } else { longest }
        })
    }

    /// Sets one, unless the same person has frozen the same for the same reason already: then only its end may change.
    pub fn freeze(&mut self, wanted: Freeze, now: Timestamp) -> Frozen {
        let same = |known: &&mut Freeze| {
            known.stands(now)
                && known.by == wanted.by
                && known.scope == wanted.scope
                && known.reason == wanted.reason
        };
        if let Some(known) = self.set.iter_mut().find(same) {
            if known.until == wanted.until {
                return Frozen::Already(known.clone());
            }
            let before = std::mem::replace(&mut known.until, wanted.until);
            let lasts_longer = match (before, wanted.until) {
                (Some(before), Some(until)) => until > before,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if lasts_longer {
                known.longer_since = Some(now);
            }
            let freeze = known.clone();
            return Frozen::EndMoved { freeze, before };
        }
        self.tidy(now);
        if self.set.len() >= MOST {
            return Frozen::TooMany(MOST);
        }
        self.set.push(wanted.clone());
        Frozen::Set(wanted)
    }

    /// Lifts one.
    pub fn lift(&mut self, id: &str, lifting: Lifting) -> Thawed {
        self.tidy(lifting.at);
        if let Some(at) = self.set.iter().position(|freeze| freeze.id == id) {
            let lifted = PastFreeze {
                freeze: self.set.remove(at),
                lifted: Some(lifting),
            };
            self.forget(lifted.clone());
            return Thawed::Lifted(lifted);
        }
        let past = self.past.iter().find(|past| past.freeze.id == id);
        past.cloned().map_or(Thawed::Unknown, Thawed::Already)
    }

    /// The one of that id, whether it stands or not.
    pub fn find(&self, id: &str) -> Option<&Freeze> {
        let past = self.past.iter().map(|past| &past.freeze);
        self.set.iter().chain(past).find(|freeze| freeze.id == id)
    }

    /// Puts those whose time is over with the past ones.
    fn tidy(&mut self, now: Timestamp) {
        let over: Vec<Freeze> = self
            .set
            .extract_if(.., |freeze| !freeze.stands(now))
            .collect();
        for freeze in over {
            self.forget(freeze.over());
        }
    }

    fn forget(&mut self, past: PastFreeze) {
        self.past.push(past);
        let surplus = self.past.len().saturating_sub(PAST);
        self.past.drain(..surplus);
    }
}

impl Freeze {
    /// Whether it stops what people have overridden at that moment: they knew of it as it was then, and of no more.
    fn is_news(&self, overridden_since: Option<Timestamp>) -> bool {
        let last = self.longer_since.unwrap_or(self.since);
        overridden_since.is_none_or(|at| last > at)
    }

    /// Whether it counts.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    fn end(&self) -> Timestamp {
        self.until.unwrap_or(Timestamp::MAX)
    }

    fn over(self) -> PastFreeze {
        PastFreeze {
            freeze: self,
            lifted: None,
        }
    }
}

impl Scope {
    /// Whether a promotion of `model` into `stage` is meant.
    pub fn covers(&self, stage: &StageName, model: &ModelName) -> bool {
        match self {
            Self::Everything => true,
            Self::Stage { stage: frozen } => frozen == stage,
            Self::Model { model: frozen } => frozen == model,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use promotion::PersonId;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn person(name: &str) -> Person {
        Person {
            id: PersonId::new(name),
            name: name.to_owned(),
        }
    }

    fn freeze(id: &str, by: &str, scope: Scope, until: Option<i64>) -> Freeze {
        Freeze {
            id: id.to_owned(),
            scope,
            by: person(by),
            reason: "the year ends".to_owned(),
            since: at(1),
            until: until.map(at),
            longer_since: None,
        }
    }

    fn lifting(second: i64) -> Lifting {
        Lifting {
            by: person("ben"),
            reason: "it has ended".to_owned(),
            at: at(second),
        }
    }

    fn stops(freezes: &Freezes, stage: &str, model: &str, now: i64) -> Option<String> {
        let (stage, model) = (StageName::new(stage), ModelName::new(model));
        let found = freezes.stopping(&stage, &model, None, at(now));
        found.map(|freeze| freeze.id.clone())
    }

    #[test]
    fn a_freeze_stops_what_it_is_about_until_its_time_is_over() {
        let mut all = Freezes::default();
        let prod = Scope::Stage {
            stage: StageName::new("prod"),
        };
        let heart = Scope::Model {
            model: ModelName::new("heart"),
        };
        all.freeze(freeze("p", "ada", prod, Some(100)), at(1));
        all.freeze(freeze("h", "ada", heart, None), at(1));
        assert_eq!(stops(&all, "prod", "diabetes", 99).as_deref(), Some("p"));
        assert_eq!(stops(&all, "prod", "diabetes", 100), None);
        assert_eq!(stops(&all, "test", "diabetes", 50), None);
        assert_eq!(stops(&all, "test", "heart", 500).as_deref(), Some("h"));
        // Of two, the one that lasts longer is told.
        assert_eq!(stops(&all, "prod", "heart", 50).as_deref(), Some("h"));
        all.freeze(freeze("e", "ben", Scope::Everything, None), at(1));
        assert_eq!(stops(&all, "prod", "heart", 50).as_deref(), Some("h"));
        assert_eq!(stops(&all, "test", "diabetes", 50).as_deref(), Some("e"));
    }

    #[test]
    fn the_same_said_twice_is_one_freeze_and_may_get_another_end() {
        let mut all = Freezes::default();
        let said = |id, until| freeze(id, "ada", Scope::Everything, until);
        assert!(matches!(all.freeze(said("a", None), at(1)), Frozen::Set(_)));
        let again = all.freeze(said("b", None), at(2));
        assert!(matches!(again, Frozen::Already(known) if known.id == "a"));
        let longer = all.freeze(said("c", Some(50)), at(3));
        assert!(matches!(longer, Frozen::EndMoved { freeze, before: None } if freeze.id == "a"));
        // Whoever overrode it at 10 knew of 50, and not of more.
        let of_all = |all: &Freezes| {
            let (stage, model) = (StageName::new("prod"), ModelName::new("heart"));
            all.stopping(&stage, &model, Some(at(10)), at(20)).is_some()
        };
        assert!(!of_all(&all));
        let mut later = all.clone();
        later.freeze(said("c", None), at(11));
        assert!(of_all(&later));
        // Another person's is another one, and so is a new one once the first is over.
        all.freeze(freeze("d", "ben", Scope::Everything, None), at(4));
        all.freeze(said("e", None), at(60));
        let ids = |list: &[Freeze]| list.iter().map(|f| f.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&all.set), ["d", "e"]);
        assert_eq!(all.past.len(), 1);
        assert_eq!(all.past[0].lifted, None);
    }

    #[test]
    fn each_is_lifted_once_and_the_past_is_kept_for_a_while() {
        let mut all = Freezes::default();
        assert_eq!(all.lift("a", lifting(2)), Thawed::Unknown);
        for number in 0..80 {
            let id = number.to_string();
            all.freeze(freeze(&id, "ada", Scope::Everything, None), at(number));
            assert!(matches!(all.lift(&id, lifting(number)), Thawed::Lifted(_)));
        }
        assert!(matches!(all.lift("79", lifting(99)), Thawed::Already(_)));
        assert_eq!(all.lift("0", lifting(99)), Thawed::Unknown);
        assert_eq!((all.set.len(), all.past.len()), (0, PAST));
    }

    #[test]
    fn so_many_stand_and_no_more() {
        let mut all = Freezes::default();
        for number in 0..=MOST {
            let by = number.to_string();
            all.freeze(freeze(&by, &by, Scope::Everything, Some(100)), at(1));
        }
        assert_eq!(all.set.len(), MOST);
        let more = freeze("x", "x", Scope::Everything, None);
        assert_eq!(all.freeze(more.clone(), at(99)), Frozen::TooMany(MOST));
        assert!(matches!(all.freeze(more, at(100)), Frozen::Set(_)));
    }

    #[test]
    fn an_empty_blob_is_no_freeze_and_a_strange_one_is_an_error() {
        let none: Freezes = serde_json::from_str("{}").unwrap();
        assert_eq!(none, Freezes::default());
        let strange = r#"{"set":[{"id":"a","scope":{"type":"galaxy"}}]}"#;
        assert!(serde_json::from_str::<Freezes>(strange).is_err());
    }
}
