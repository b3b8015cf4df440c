//! `observe-manifest`: the files of a folder, as the storage service lists them. Reading changes nothing.

use promotion::{BlobPlace, Failure, FileEntry, Manifest, Outcome, Report};

use super::perform::Effects;
use super::policy::{or_report, settle};

/// A model has far fewer; a manifest is kept in the journal and shown to people.
const MOST_FILES: usize = 10_000;

impl Effects {
    pub(super) async fn observe_manifest(&self, place: &BlobPlace) -> Report {
        settle(
            self.manifest(place)
                .await
                .map(|manifest| Report::Done(Outcome::ManifestSeen { manifest })),
        )
    }

    pub(super) async fn manifest(&self, place: &BlobPlace) -> Result<Manifest, Report> {
        let folder = format!("{}/", place.prefix);
        let items = or_report(self.container(place)?.list(&folder).await)?;
        let entry = |item: azure_api::blob::BlobItem| {
            let path = item.name.strip_prefix(&folder)?.to_owned();
            // A folder of a hierarchical account is listed as an empty blob; it is not a file.
            let folder_marker = item
                .metadata
                .get("hdi_isfolder")
                .is_some_and(|value| value == "true");
            (!path.is_empty() && !folder_marker).then(|| FileEntry {
                path,
                size: item.size,
                etag: item.etag.as_str().to_owned(),
                md5: item.md5,
            })
        };
        let files: Vec<_> = items.into_iter().filter_map(entry).collect();
        if files.len() > MOST_FILES {
            let message = format!(
                "more than {MOST_FILES} files lie under `{}` in container `{}`",
                place.prefix, place.container
            );
            return Err(Report::Failed(Failure::new("TooManyFiles", message)));
        }
        Ok(Manifest::new(files))
    }

    pub(super) fn container(
        &self,
        place: &BlobPlace,
    ) -> Result<azure_api::blob::Container, Report> {
        let service = self
            .settings
            .blob_service(&place.account)
            .map_err(|error| {
                Report::Failed(Failure::new("StorageAccountUnknown", format!("{error:#}")))
            })?;
        Ok(self.azure.blobs(service).container(&place.container))
    }
}
