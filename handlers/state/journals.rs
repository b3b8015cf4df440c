//! Journals: append blobs, written only at the length that was read.
//!
//! The invariant: of two writers that read the same length one appends and the other learns that it is stale. A crash
//! before the append leaves nothing; after it, everything: one append is one block.

use azure_api::blob::{Blob, Container};
use azure_api::{Azure, Error, Identity, Settings as AzureSettings};
use bytes::Bytes;
use jiff::Timestamp;
use promotion::{Chain, IntakeId, Line, PromotionId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use super::StoreError;
use crate::clock;
use crate::settings::StorageSettings;

/// Where they lie in the storage account.
pub(super) const CONTAINER: &str = "journals";

/// Longer than any promotion gets; a journal beyond it is not read into memory.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A journal's name: what its hash chain begins with, its blob's name without the ending, its marker's, its session's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JournalName(String);

impl JournalName {
    /// The journal of a promotion. No id leads into another folder, not even one that was never parsed.
    pub fn promotion(id: &PromotionId) -> Self {
        Self(id.as_str().replace('/', "~"))
    }

    /// The promotion whose journal it is; none for an intake's.
    pub fn as_promotion(&self) -> Option<PromotionId> {
        PromotionId::parse(&self.0)
    }

    /// The journal of an intake.
    pub fn intake(id: &IntakeId) -> Self {
        Self(id.journal())
    }

    /// Takes a name from a message or a listing; refuses what cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let parts: Vec<&str> = text.split('/').collect();
        let fits = matches!(parts.as_slice(), [_] | ["intake", _, _]);
        let clean = parts
            .iter()
            .all(|part| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain));
        (fits && clean && text.len() <= 300).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is an intake's.
    pub fn is_intake(&self) -> bool {
        self.0.starts_with("intake/")
    }
}

impl std::fmt::Display for JournalName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// All journals.
#[derive(Clone)]
pub struct Journals {
    container: Container,
}

/// A journal as it was read.
pub struct Journal<F> {
    /// Its records, checked.
    pub lines: Vec<Line<F>>,
    name: JournalName,
    chain: Chain,
    length: u64,
}

/// What came of creating a journal.
pub enum Created<F> {
    /// It is ours to begin.
    New(Journal<F>),
    /// Somebody has made it before, and may or may not have begun it.
    There,
}

/// What came of an append.
#[derive(Debug, PartialEq, Eq)]
pub enum Append {
    /// The facts are in the journal.
    Written,
    /// Somebody else has written since it was read: load it and decide again.
    Stale,
}

impl Journals {
    pub(super) fn new(container: Container) -> Self {
        Self { container }
    }

    /// Those that a command reads: in the app's storage account, as whoever runs the command.
    pub fn for_commands(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let settings = StorageSettings::read(env)?;
        let azure = Azure::new(AzureSettings {
            identity: Identity::Environment {
                client_id: settings.client_id,
            },
            ..AzureSettings::public_cloud()
        });
        let account = azure.blobs(settings.storage_url);
        Ok(Self::new(account.container(CONTAINER)))
    }

    /// Makes the journal unless it is there; an unconditional create would empty it.
    pub async fn create<F>(&self, name: &JournalName) -> Result<Created<F>, StoreError> {
        match self.blob(name).create_append(&BTreeMap::new()).await {
            Ok(_) => Ok(Created::New(Journal {
                lines: vec![],
                chain: Chain::begin(name.as_str()),
                name: name.clone(),
                length: 0,
            })),
            Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => Ok(Created::There),
            Err(error) => Err(StoreError::service(name.as_str())(error)),
        }
    }

    /// Reads a journal and checks its chain; `None`: there is none.
    pub async fn load<F: DeserializeOwned>(
        &self,
        name: &JournalName,
    ) -> Result<Option<Journal<F>>, StoreError> {
        let Some(bytes) = self.bytes(name).await? else {
            return Ok(None);
        };
        let (lines, chain) =
            Chain::read(name.as_str(), &bytes).map_err(|source| StoreError::Corrupt {
                name: name.to_string(),
                source,
            })?;
        Ok(Some(Journal {
            lines,
            chain,
            name: name.clone(),
            length: bytes.len() as u64,
        }))
    }

    /// A journal's bytes as they lie there, unchecked; `None`: there is none.
    pub async fn bytes(&self, name: &JournalName) -> Result<Option<Bytes>, StoreError> {
        let content = self.blob(name).get(None, LARGEST).await;
        let content = content.map_err(StoreError::service(name.as_str()))?;
        Ok(content.map(|content| content.bytes))
    }

    /// Whether the journal has a record, without reading it.
    pub async fn is_begun(&self, name: &JournalName) -> Result<bool, StoreError> {
        let found = self.blob(name).head().await;
        let found = found.map_err(StoreError::service(name.as_str()))?;
        Ok(found.is_some_and(|found| found.size > 0))
    }

    /// A page of the journals that are begun, by name, and where the next page begins.
    pub async fn list(
        &self,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<JournalName>, Option<String>), StoreError> {
        let page = self.container.list_page("", from, at_most).await;
        let page = page.map_err(StoreError::service("journals"))?;
        let begun = page.items.iter().filter(|item| item.size > 0);
        let names = begun.filter_map(|item| JournalName::parse(item.name.strip_suffix(".jsonl")?));
        Ok((names.collect(), page.next))
    }

    /// Appends facts behind what was read, all or none.
    ///
    /// After an answer that was lost, or a 412, what stands behind the read length tells: our own bytes mean success.
    pub async fn append<F: Serialize + Clone>(
        &self,
        journal: &mut Journal<F>,
        facts: &[F],
        at: Timestamp,
    ) -> Result<Append, StoreError> {
        let mut chain = journal.chain.clone();
        let (bytes, lines) = chain.extend(facts, at, &clock::unique());
        let bytes = Bytes::from(bytes);
        let blob = self.blob(&journal.name);
        if let Err(error) = blob.append(bytes.clone(), journal.length).await {
            let unsure = error.is_transient() || matches!(error, Error::PreconditionFailed(_));
            if !unsure {
                return Err(StoreError::service(journal.name.as_str())(error));
            }
            match self.written_behind(&blob, journal.length, &bytes).await? {
                Some(true) => {}
                Some(false) => return Ok(Append::Stale),
                None => return Err(StoreError::service(journal.name.as_str())(error)),
            }
        }
        journal.length += bytes.len() as u64;
        journal.chain = chain;
        journal.lines.extend(lines);
        Ok(Append::Written)
    }

    /// Whether our bytes stand behind `length`; `None`: nothing does.
    async fn written_behind(
        &self,
        blob: &Blob,
        length: u64,
        ours: &Bytes,
    ) -> Result<Option<bool>, StoreError> {
        let tail = blob
            .get_from(length, LARGEST)
            .await
            .map_err(StoreError::service(blob.name()))?;
        Ok(tail
            .filter(|tail| !tail.bytes.is_empty())
            .map(|tail| tail.bytes.starts_with(ours)))
    }

    fn blob(&self, name: &JournalName) -> Blob {
        self.container.blob(&format!("{name}.jsonl"))
    }
}

impl<F> Journal<F> {
    /// Its name.
    pub fn name(&self) -> &JournalName {
        &self.name
    }

    /// How many records it has.
    pub fn records(&self) -> u64 {
        self.chain.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_cannot_leave_its_folder() {
        for bad in [
            "",
            "../x",
            "a/b",
            "intake/../x",
            "intake/a/b/c",
            "a b",
            "a\n",
            ".hidden",
        ] {
            assert_eq!(JournalName::parse(bad), None, "{bad:?}");
        }
        for good in [
            "diabetes-2.to-prod-0123456789",
            "intake/ml-dev/run-1.diabetes-0123456789",
        ] {
            assert!(JournalName::parse(good).is_some(), "{good}");
        }
    }

    #[test]
    fn no_promotion_is_called_like_an_intake() {
        let intake = "intake/ml-dev/run-1.diabetes-0123456789";
        assert!(!JournalName::promotion(&PromotionId::new(intake)).is_intake());
        assert_eq!(
            JournalName::parse(intake).and_then(|name| name.as_promotion()),
            None
        );
    }
}
