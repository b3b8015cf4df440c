//! The storage account and the queue, opened once.

use azure_api::blob::Container;
use azure_api::{Azure, Error};
use promotion::CorruptJournal;
use tokio::sync::OnceCell;

use super::{
    CardStore, EventStore, FormKey, FreezeStore, Journals, Leases, Markers, WakeUps, WatermarkStore,
};
use crate::settings::Settings;

const STATE: &str = "state";

/// Everything that is remembered.
#[derive(Clone)]
pub struct Store {
    /// What was decided.
    pub journals: Journals,
    /// Whose turn is when.
    pub markers: Markers,
    /// What came in.
    pub events: EventStore,
    /// Who may change a target.
    pub leases: Leases,
    /// Who is woken.
    pub wake_ups: WakeUps,
    /// What binds a form to a person.
    pub form_key: FormKey,
    /// Up to when no version was missed.
    pub watermarks: WatermarkStore,
    /// What must not start.
    pub freezes: FreezeStore,
    /// Where a bot's cards are.
    pub cards: CardStore,
    /// Each by its name.
    containers: [(&'static str, Container); 2],
    account: String,
    ready: std::sync::Arc<OnceCell<()>>,
}

/// What can go wrong with state.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The service refused or did not answer.
    #[error("`{what}` could not be read or written")]
    Service {
        /// The blob or message.
        what: String,
        /// What was said.
        #[source]
        source: Box<azure_api::Error>,
    },
    /// A journal cannot be right.
    #[error("the journal `{name}` is corrupt")]
    Corrupt {
        /// Which.
        name: String,
        /// Where and why.
        #[source]
        source: CorruptJournal,
    },
    /// A blob of ours does not hold what it should.
    #[error("`{what}` does not hold what it should")]
    Unreadable {
        /// Which.
        what: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Nothing was ever kept there.
    #[error(
        "the storage account {account} has no container `{container}`, so this app never kept anything there; see which \
         account LIFTLOCK_STORAGE_URL names"
    )]
    NoContainer {
        /// Where.
        account: String,
        /// Which.
        container: &'static str,
    },
    /// Others were faster, again and again.
    #[error("`{what}` was changed by others each time it was to be written")]
    Contended {
        /// Which.
        what: String,
    },
    /// A key that somebody could guess.
    #[error(
        "`{what}` holds {length} bytes, and a key needs at least {least}: delete that blob, and the next instance that needs a \
         key makes one"
    )]
    KeyTooShort {
        /// Which.
        what: String,
        /// How long it is, in bytes.
        length: usize,
        /// How long it has to be.
        least: usize,
    },
}

impl StoreError {
    /// Whether the service could not make sense of what it was asked, as with a page of a list that begins nowhere.
    pub fn is_invalid(&self) -> bool {
        match self {
            Self::Service { source, .. } => matches!(**source, azure_api::Error::Invalid(_)),
            Self::Corrupt { .. }
            | Self::Unreadable { .. }
            | Self::NoContainer { .. }
            | Self::Contended { .. }
            | Self::KeyTooShort { .. } => false,
        }
    }

    pub(super) fn service(what: impl Into<String>) -> impl FnOnce(azure_api::Error) -> Self {
        let what = what.into();
        move |source| Self::Service {
            what,
            source: Box::new(source),
        }
    }
}

impl Store {
    /// Names the places; nothing is called yet.
    pub fn new(azure: &Azure, settings: &Settings) -> Self {
        let account = azure.blobs(settings.storage_url.clone());
        let (journals, state) = (
            account.container(super::journals::CONTAINER),
            account.container(STATE),
        );
        Self {
            journals: Journals::new(journals.clone()),
            markers: Markers::new(state.clone()),
            events: EventStore::new(state.clone()),
            leases: Leases::new(state.clone()),
            wake_ups: WakeUps::new(azure.queue(settings.service_bus_url.clone(), &settings.queue)),
            form_key: FormKey::new(state.clone()),
            watermarks: WatermarkStore::new(state.clone()),
            freezes: FreezeStore::new(state.clone()),
            cards: CardStore::new(state.clone()),
            containers: [(super::journals::CONTAINER, journals), (STATE, state)],
            account: settings.storage_url.to_string(),
            ready: std::sync::Arc::default(),
        }
    }

    /// Whether state can be read now: one call, whatever was found before.
    pub async fn reachable(&self) -> Result<(), StoreError> {
        self.ready().await?;
        self.form_key.is_there().await.map(|_| ())
    }

    /// Whether the containers are there, for whoever must not make them.
    pub async fn exists(&self) -> Result<(), StoreError> {
        for (name, container) in &self.containers {
            match container.list_page("", None, 1).await {
                Ok(_) => {}
                Err(Error::NotFound(_)) => {
                    return Err(StoreError::NoContainer {
                        account: self.account.clone(),
                        container: name,
                    });
                }
                Err(error) => return Err(StoreError::service(*name)(error)),
            }
        }
        Ok(())
    }

    pub(super) fn state(&self) -> &Container {
        let [_, (_, state)] = &self.containers;
        state
    }

    /// Makes the containers where they are missing, once a process.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let make = async || {
            for (_, container) in &self.containers {
                container
                    .create_if_absent()
                    .await
                    .map_err(StoreError::service("container"))?;
            }
            Ok(())
        };
        self.ready.get_or_try_init(make).await.copied()
    }
}
