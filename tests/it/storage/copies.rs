//! The copy from account to account: pinned, resumable, never over anything.

use azure_api::Error;
use azure_api::blob::{Blob, Condition, ETag, Metadata};
use azure_api::copy::{Arrival, CopyJob, CopyProgress, SourceAuth, copy_file};
use bytes::Bytes;
use std::time::Duration;

use super::Service;
use super::service::BUDGET;

const BLOCK: usize = 1024;

/// A file at the source, and where it goes.
struct File {
    source: Blob,
    landing: Blob,
    bytes: Bytes,
    etag: ETag,
    metadata: Metadata,
}

impl File {
    async fn of(service: &Service, case: &str, size: usize) -> File {
        let path = format!("{case}/with space/größe.bin");
        let source = service.source.blob(&path);
        let bytes: Bytes = (0..=250u8).cycle().take(size).collect();
        let etag = replace(&source, bytes.clone()).await;
        File {
            source,
            landing: service.landing.blob(&path),
            bytes,
            etag,
            metadata: [("manifest".to_owned(), "d1".to_owned())].into(),
        }
    }

    async fn copy(&self, budget: Duration) -> azure_api::Result<CopyProgress> {
        self.copy_by(SourceAuth::Bearer, budget).await
    }

    async fn copy_by(&self, auth: SourceAuth, budget: Duration) -> azure_api::Result<CopyProgress> {
        let job = CopyJob {
            source: &self.source,
            source_etag: &self.etag,
            size: self.bytes.len() as u64,
            auth,
            destination: &self.landing,
            metadata: &self.metadata,
            block_bytes: BLOCK as u64,
        };
        copy_file(&job, budget).await
    }

    async fn arrives(&self, wanted: Arrival) {
        let done = self.copy(BUDGET).await.unwrap();
        assert!(
            matches!(&done, CopyProgress::Done { how, .. } if *how == wanted),
            "{done:?}"
        );
        let landed = self.landing.get(None, 1 << 20).await.unwrap().unwrap();
        assert_eq!(landed.bytes, self.bytes);
        assert_eq!(landed.metadata, self.metadata);
    }

    async fn staged(&self) -> usize {
        self.landing.uncommitted_blocks().await.unwrap().len()
    }
}

async fn replace(blob: &Blob, bytes: Bytes) -> ETag {
    let put = blob.put(bytes, Condition::None, &Metadata::new()).await;
    put.unwrap()
}

pub(super) async fn a_small_file_is_copied_with_its_metadata(service: &Service) {
    let file = File::of(service, "small", 100).await;
    file.arrives(Arrival::Committed).await;
}

pub(super) async fn a_file_of_many_blocks_is_copied_whole(service: &Service) {
    let file = File::of(service, "many", 9 * BLOCK + 1).await;
    file.arrives(Arrival::Committed).await;
}

pub(super) async fn an_empty_file_is_copied(service: &Service) {
    File::of(service, "empty", 0)
        .await
        .arrives(Arrival::Committed)
        .await;
}

pub(super) async fn a_changed_source_is_refused(service: &Service) {
    let file = File::of(service, "changed", 3 * BLOCK).await;
    let other = Bytes::from(vec![7; 3 * BLOCK]);
    replace(&file.source, other).await;
    let error = file.copy(BUDGET).await.unwrap_err();
    assert!(matches!(error, Error::PreconditionFailed(_)), "{error}");
    assert!(file.landing.head().await.unwrap().is_none());
}

pub(super) async fn an_interrupted_copy_goes_on_where_it_was(service: &Service) {
    let file = File::of(service, "interrupted", 3 * BLOCK).await;
    let progress = file.copy(Duration::ZERO).await.unwrap();
    let first = BLOCK as u64;
    assert_eq!(progress, CopyProgress::More { bytes: first });
    assert_eq!(file.staged().await, 1);
    let progress = file.copy(Duration::ZERO).await.unwrap();
    assert_eq!(progress, CopyProgress::More { bytes: 2 * first });
    file.arrives(Arrival::Committed).await;
    assert_eq!(file.staged().await, 0);
}

pub(super) async fn blocks_that_wait_are_no_file_yet(service: &Service) {
    let file = File::of(service, "waiting", 2 * BLOCK).await;
    file.copy(Duration::ZERO).await.unwrap();
    assert!(file.landing.head().await.unwrap().is_none());
    let listed = service.landing.list("waiting/").await.unwrap();
    assert!(listed.is_empty(), "{listed:?}");
}

pub(super) async fn a_copy_never_overwrites(service: &Service) {
    let file = File::of(service, "taken", 2 * BLOCK).await;
    // Somebody's file comes there while ours is under way.
    file.copy(Duration::ZERO).await.unwrap();
    let theirs = Bytes::from_static(b"somebody's");
    replace(&file.landing, theirs.clone()).await;
    let error = file.copy(BUDGET).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    assert_eq!(error.code(), Some("AnotherFileIsThere"));
    let left = file.landing.get(None, 1 << 20).await.unwrap().unwrap();
    assert_eq!(left.bytes, theirs);
}

pub(super) async fn a_copy_that_is_there_is_adopted(service: &Service) {
    let file = File::of(service, "adopted", 2 * BLOCK).await;
    file.arrives(Arrival::Committed).await;
    file.arrives(Arrival::Adopted).await;
}

/// Azurite's accounts are opened by an account's signature here, with which nobody can delegate.
pub(super) async fn a_delegated_signature_opens_the_source(service: &Service) {
    let file = File::of(service, "delegated", 3 * BLOCK + 7).await;
    let done = file.copy_by(SourceAuth::UserDelegationSas, BUDGET).await;
    assert!(matches!(done, Ok(CopyProgress::Done { .. })), "{done:?}");
    let landed = file.landing.get(None, 1 << 20).await.unwrap().unwrap();
    assert_eq!(landed.bytes, file.bytes);
}
