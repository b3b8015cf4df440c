//! Strangers: blobs in our folders that are called like nothing of ours.
//!
//! The invariant: whatever Liftlock has written is none, also where what a marker says cannot be read any more. So who
//! lists what is ours leaves strangers out, and who deletes one loses nothing.

use azure_api::blob::BlobItem;

use super::store::Store;
use super::{JournalName, StoreError, events, markers, targets};

/// How a storage account with folders marks one of these in its lists.
const FOLDER: &str = "hdi_isfolder";

impl Store {
    /// Those of a page of all that is kept but journals, and where the next page begins.
    pub async fn strangers(
        &self,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<String>, Option<String>), StoreError> {
        let page = self.state().list_page("", from, at_most).await;
        let page = page.map_err(StoreError::service("state"))?;
        let strange = page.items.into_iter().filter(is_stranger);
        Ok((strange.map(|item| item.name).collect(), page.next))
    }
}

fn is_stranger(item: &BlobItem) -> bool {
    let Some((folder, name)) = item.name.split_once('/') else {
        return false;
    };
    let ours = match folder {
        "open" => markers::is_marker(item, name),
        "closed" => name
            .split_once('/')
            .is_some_and(|(_, name)| markers::is_marker(item, name)),
        "events" => events::key_of(&item.name).is_some(),
        "targets" => targets::id_of(&item.name).is_some(),
        _ => true,
    };
    !ours && !item.metadata.contains_key(FOLDER)
}

impl JournalName {
    /// Whether it is made as all are: it ends with a hash.
    pub(super) fn is_made_by_us(&self) -> bool {
        let hash = self.as_str().rsplit_once('-').map(|(_, hash)| hash);
        hash.is_some_and(|hash| is_hex(hash, 10))
    }
}

/// Whether a text is a hash, cut to so many characters.
pub(super) fn is_hex(text: &str, length: usize) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == length && text.bytes().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use promotion::{
        EndpointName, IntakeId, ModelName, ModelVersion, PromotionId, RouteName, RunId, TargetId,
        WorkspaceId,
    };

    /// Were it otherwise, nobody would list it.
    #[test]
    fn nothing_of_ours_is_a_stranger() {
        let (workspace, model) = (WorkspaceId::new("/w/ml-dev"), ModelName::new("größe"));
        let version = ModelVersion::new("3");
        let promotion = PromotionId::of(&RouteName::new("to-prod"), &workspace, &model, &version);
        let intake = IntakeId::of(&workspace, &RunId::new("run 1"), &model);
        let names = [
            JournalName::promotion(&promotion),
            JournalName::intake(&intake),
        ];
        for name in names {
            assert!(name.is_made_by_us(), "{name}");
            assert_eq!(JournalName::parse(name.as_str()), Some(name));
        }
        let target = TargetId::of(&workspace, &EndpointName::new("scores"));
        let path = format!("targets/{target}.json");
        assert_eq!(targets::id_of(&path), Some(target));
    }
}
