//! A signer's public keys, as it publishes them: fetched when first needed, and again for a key that is not known.
//!
//! The invariant: no key is used that was read more than a day ago, and none takes the place of a good one that comes from no
//! set of this signer's. Of many who need them at once one fetches; an unknown key makes nobody fetch more often than once a
//! minute; and whoever names a known key waits for nobody, but where it is old a second, once a minute one of them.

use azure_api::openid::{OpenId, SigningKey};
use azure_api::{Azure, Error, Url};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::causes::chain;
use crate::ui::capped;

/// Keys older than this sign nobody in.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);
/// Keys older than this are fetched again while they still count, so that a key that was withdrawn goes.
const REFRESH: SignedDuration = SignedDuration::from_hours(12);
/// While there are keys, nobody fetches sooner after the last time.
const INTERVAL: SignedDuration = SignedDuration::from_secs(60);
/// How long a fetch may take, both documents together.
const FETCH: Duration = Duration::from_secs(5);
/// How long it may take where whoever waits for it has a key that still counts.
const REFETCH: Duration = Duration::from_secs(1);
/// As much of a foreign issuer as the log shows.
const SHOWN: usize = 200;

/// A key, and whose tokens it signs.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) key: SigningKey,
    pub(super) issuer: String,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The signer publishes none of this name.
    Unknown,
    /// The signer cannot be asked.
    Unavailable,
}

/// What a signer publishes.
#[derive(Debug)]
pub(super) struct KeySet {
    pub(super) issuer: String,
    pub(super) keys: Vec<SigningKey>,
}

/// Why what was fetched is not kept.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error(transparent)]
    Unread(#[from] Error),
    #[error(
        "the metadata is of the issuer `{}`, not of `{expected}`",
        capped(named, SHOWN)
    )]
    Issuer { named: String, expected: String },
    #[error("no key is published that signs")]
    NoKeys,
}

/// The keys of one signer.
#[derive(Debug)]
pub(super) struct KeyCache {
    openid: OpenId,
    metadata: Url,
    /// As whom it signs.
    issuer: String,
    held: Mutex<Held>,
    /// Held by whoever fetches.
    gate: tokio::sync::Mutex<()>,
    /// Fetches that have ended, well or not.
    ended: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    set: Option<Fetched>,
    /// When the last fetch ended.
    tried: Option<Timestamp>,
}

#[derive(Debug)]
struct Fetched {
    set: Arc<KeySet>,
    at: Timestamp,
}

impl KeyCache {
    /// Of the signer of this name, whose metadata is at this address. Fetches nothing yet.
    pub(super) fn new(azure: &Azure, metadata: Url, issuer: String) -> Self {
        Self {
            openid: azure.within(FETCH).openid(),
            metadata,
            issuer,
            held: Mutex::default(),
            gate: tokio::sync::Mutex::default(),
            ended: AtomicU64::new(0),
        }
    }

    /// The key of this id.
    pub(super) async fn key(&self, kid: &str, now: Timestamp) -> Result<Signed, NoKey> {
        let ended = self.ended.load(Ordering::SeqCst);
        match self.known(kid, now) {
            Known::Fresh(signed) => return Ok(signed),
            // Whoever gets the gate fetches; everybody else goes on with what there is.
            Known::Aging(signed) => {
                if let Ok(_gate) = self.gate.try_lock()
                    && self.may_fetch(now)
                {
                    self.fetch(now, REFETCH).await;
                    return self.after_fetch(kid, now);
                }
                return Ok(signed);
            }
            Known::Not => {}
        }
        let _gate = self.gate.lock().await;
        // Somebody may have fetched while this one waited, and that answer is this one's as well.
        if self.ended.load(Ordering::SeqCst) == ended && self.may_fetch(now) {
            self.fetch(now, FETCH).await;
        }
        self.after_fetch(kid, now)
    }

    fn after_fetch(&self, kid: &str, now: Timestamp) -> Result<Signed, NoKey> {
        match self.known(kid, now) {
            Known::Fresh(signed) | Known::Aging(signed) => Ok(signed),
            Known::Not if self.usable(now).is_some() => Err(NoKey::Unknown),
            Known::Not => Err(NoKey::Unavailable),
        }
    }

    fn known(&self, kid: &str, now: Timestamp) -> Known {
        let Some((set, age)) = self.usable(now) else {
            return Known::Not;
        };
        let Some(key) = set.keys.iter().find(|key| key.kid == kid) else {
            return Known::Not;
        };
        let signed = Signed {
            key: key.clone(),
            issuer: set.issuer.clone(),
        };
        if age > REFRESH {
            Known::Aging(signed)
        } else {
            Known::Fresh(signed)
        }
    }

    /// What was fetched and still counts, with its age.
    fn usable(&self, now: Timestamp) -> Option<(Arc<KeySet>, SignedDuration)> {
        let held = self.held();
        let fetched = held.set.as_ref()?;
        let age = now.duration_since(fetched.at);
        (age <= OLDEST).then(|| (fetched.set.clone(), age))
    }

    /// Without keys nobody can be told from anybody else, so every try is worth it; they come one after the other.
    fn may_fetch(&self, now: Timestamp) -> bool {
        self.usable(now).is_none()
            || self
                .held()
                .tried
                .is_none_or(|tried| now.duration_since(tried).abs() >= INTERVAL)
    }

    async fn fetch(&self, now: Timestamp, patience: Duration) {
        let answer = tokio::time::timeout(patience, self.ask()).await;
        let mut held = self.held();
        held.tried = Some(now);
        match answer {
            Ok(Ok(set)) => {
                held.set = Some(Fetched {
                    set: Arc::new(set),
                    at: now,
                });
            }
            Ok(Err(error)) => tracing::warn!(
                "keys of {} cannot be read: {}",
                self.metadata,
                chain(&error)
            ),
            Err(_) => tracing::warn!("keys of {}: no answer within {patience:?}", self.metadata),
        }
        drop(held);
        self.ended.fetch_add(1, Ordering::SeqCst);
    }

    /// What the signer publishes now; nothing that would shut everybody out or let others in.
    async fn ask(&self) -> Result<KeySet, Unfit> {
        let metadata = self.openid.metadata(&self.metadata).await?;
        if metadata.issuer != self.issuer {
            return Err(Unfit::Issuer {
                named: metadata.issuer,
                expected: self.issuer.clone(),
            });
        }
        let keys = self.openid.keys(&metadata.keys).await?;
        if keys.is_empty() {
            return Err(Unfit::NoKeys);
        }
        Ok(KeySet {
            issuer: metadata.issuer,
            keys,
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Known {
    Fresh(Signed),
    Aging(Signed),
    Not,
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_api::{Identity as Signer, Settings, Transport};
    use cloud_sim::{Cloud, CloudOptions, Fault, Identity, KeyName};
    use jiff::ToSpan as _;

    const CURRENT: &str = "sim-key-current";
    const NEXT: &str = "sim-key-next";

    struct World {
        cloud: Cloud,
        cache: KeyCache,
        start: Timestamp,
    }

    impl World {
        async fn new() -> Self {
            drop(rustls::crypto::ring::default_provider().install_default());
            let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
            let azure = Azure::new(Settings {
                arm_url: cloud.url().parse().unwrap(),
                identity: Signer::Environment { client_id: None },
                deadline: FETCH,
                transport: Transport::Http,
            });
            let tenant = Identity::TENANT_ID;
            let issuer = format!("{}/login/{tenant}/v2.0", cloud.url());
            let metadata = format!("{issuer}/.well-known/openid-configuration");
            Self {
                cache: KeyCache::new(&azure, metadata.parse().unwrap(), issuer),
                cloud,
                start: "2026-11-23T07:00:00Z".parse().unwrap(),
            }
        }

        /// Whether there is a key of this id so many minutes after the start.
        async fn asked(&self, kid: &str, minutes: i64) -> Result<(), NoKey> {
            let now = self.start + minutes.minutes();
            self.cache.key(kid, now).await.map(drop)
        }

        fn fetches(&self) -> u64 {
            let calls = self.cloud.calls();
            calls.get("login.metadata").copied().unwrap_or(0)
        }

        fn down(&self) {
            self.cloud.faults().add("login.keys", Fault::Reset, 1000);
        }
    }

    #[tokio::test]
    async fn keys_are_fetched_once_and_an_unknown_one_fetches_once_a_minute() {
        let world = World::new().await;
        assert_eq!(world.fetches(), 0);
        for minute in 0..5 {
            assert_eq!(world.asked(CURRENT, minute).await, Ok(()));
        }
        assert_eq!(world.fetches(), 1);
        let keys = world.cloud.identity().key_sets();
        keys.roll_entra(&[KeyName::Current, KeyName::Next], KeyName::Next);
        assert_eq!(world.asked(NEXT, 0).await, Err(NoKey::Unknown));
        assert_eq!(world.fetches(), 1);
        assert_eq!(world.asked(NEXT, 1).await, Ok(()));
        for kid in ["a", "b", "c"] {
            assert_eq!(world.asked(kid, 1).await, Err(NoKey::Unknown));
        }
        assert_eq!(world.fetches(), 2);
    }

    #[tokio::test]
    async fn the_last_good_set_serves_for_a_day_and_not_longer() {
        let world = World::new().await;
        assert_eq!(world.asked(CURRENT, 0).await, Ok(()));
        world.down();
        assert_eq!(world.asked(CURRENT, 13 * 60).await, Ok(()));
        assert_eq!(world.asked("other", 13 * 60 + 2).await, Err(NoKey::Unknown));
        assert_eq!(world.asked(CURRENT, 24 * 60).await, Ok(()));
        let late = 24 * 60 + 1;
        assert_eq!(world.asked(CURRENT, late).await, Err(NoKey::Unavailable));
        world.cloud.faults().clear();
        assert_eq!(world.asked(CURRENT, late).await, Ok(()));
    }

    #[tokio::test]
    async fn a_key_that_was_withdrawn_goes_within_half_a_day() {
        let world = World::new().await;
        assert_eq!(world.asked(CURRENT, 0).await, Ok(()));
        let keys = world.cloud.identity().key_sets();
        keys.roll_entra(&[KeyName::Next], KeyName::Next);
        assert_eq!(world.asked(CURRENT, 11 * 60).await, Ok(()));
        assert_eq!(world.asked(CURRENT, 13 * 60).await, Err(NoKey::Unknown));
    }

    #[tokio::test]
    async fn a_set_without_keys_or_of_another_signer_takes_the_place_of_none() {
        let mut world = World::new().await;
        assert_eq!(world.asked(CURRENT, 0).await, Ok(()));
        let keys = world.cloud.identity().key_sets();
        keys.roll_entra(&[], KeyName::Current);
        assert_eq!(world.asked(CURRENT, 13 * 60).await, Ok(()));
        keys.roll_entra(&[KeyName::Next], KeyName::Next);
        world.cache.issuer = "https://login.example/v2.0".to_owned();
        let later = 13 * 60 + 2;
        assert_eq!(world.asked(NEXT, later).await, Err(NoKey::Unknown));
        assert_eq!(world.asked(CURRENT, later + 2).await, Ok(()));
        assert_eq!(world.fetches(), 4, "each of them was looked at");
    }

    #[tokio::test]
    async fn whoever_names_an_old_key_waits_for_a_second_at_most() {
        let world = World::new().await;
        assert_eq!(world.asked(CURRENT, 0).await, Ok(()));
        let delay = FETCH;
        let faults = world.cloud.faults();
        faults.add("login.keys", Fault::Delay { delay }, 1000);
        let started = std::time::Instant::now();
        assert_eq!(world.asked(CURRENT, 13 * 60).await, Ok(()));
        assert!(started.elapsed() < 2 * REFETCH, "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn of_many_one_fetches_and_all_learn_what_came_of_it() {
        let world = World::new().await;
        let all = |count: usize| {
            let asked = (0..count).map(|_| world.asked(CURRENT, 0));
            futures::future::join_all(asked)
        };
        world.down();
        let refused = all(50).await;
        assert!(refused.iter().all(|told| *told == Err(NoKey::Unavailable)));
        assert_eq!(world.fetches(), 1);
        world.cloud.faults().clear();
        assert!(all(50).await.iter().all(Result::is_ok));
        assert_eq!(world.fetches(), 2);
    }
}
