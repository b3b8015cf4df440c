//! `copy-files`: account to account, without the bytes passing through here.
//!
//! The destination's uncommitted blocks are the progress, so a crash costs the block under way. Every read of the source
//! is bound to its pinned entity tag, and every commit refuses to replace anything.

use azure_api::Error;
use azure_api::blob::{Container, ETag};
use azure_api::copy::{self, CopyJob, CopyProgress, DEFAULT_BLOCK_BYTES, SourceAuth};
use promotion::{BlobPlace, Failure, FileEntry, Manifest, Outcome, Report, SOURCE_CHANGED};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::perform::Effects;
use super::policy::{failure, report, settle};

/// How long one delivery copies before it lets others have their turn.
const BUDGET: Duration = Duration::from_mins(1);

impl Effects {
    pub(super) async fn copy_files(
        &self,
        from: &BlobPlace,
        to: &BlobPlace,
        manifest: &Manifest,
    ) -> Report {
        settle(self.copy_all(from, to, manifest).await)
    }

    async fn copy_all(
        &self,
        from: &BlobPlace,
        to: &BlobPlace,
        manifest: &Manifest,
    ) -> Result<Report, Report> {
        let (source, destination) = (self.container(from)?, self.container(to)?);
        let started = Instant::now();
        for file in manifest.files() {
            let left = BUDGET.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(Report::StillRunning);
            }
            let job = File {
                source: &source,
                destination: &destination,
                from,
                to,
                entry: file,
            };
            match job
                .copy(left)
                .await
                .map_err(|error| refused(&error, file))?
            {
                CopyProgress::Done { .. } => {}
                CopyProgress::More { .. } => return Ok(Report::StillRunning),
            }
        }
        Ok(Report::Done(Outcome::Copied))
    }
}

struct File<'a> {
    source: &'a Container,
    destination: &'a Container,
    from: &'a BlobPlace,
    to: &'a BlobPlace,
    entry: &'a FileEntry,
}

impl File<'_> {
    /// With a bearer token; with a delegated signature where the service takes no token for a source.
    async fn copy(&self, budget: Duration) -> azure_api::Result<CopyProgress> {
        match self.copy_with(SourceAuth::Bearer, budget).await {
            Err(error) if copy::source_refuses_bearer(&error) => {
                self.copy_with(SourceAuth::UserDelegationSas, budget).await
            }
            other => other,
        }
    }

    async fn copy_with(
        &self,
        auth: SourceAuth,
        budget: Duration,
    ) -> azure_api::Result<CopyProgress> {
        let blob = |container: &Container, place: &BlobPlace| {
            container.blob(&format!("{}/{}", place.prefix, self.entry.path))
        };
        let etag = ETag::new(self.entry.etag.clone());
        let metadata = BTreeMap::from([(
            "liftlock_source_etag".to_owned(),
            self.entry.etag.replace('"', ""),
        )]);
        let job = CopyJob {
            source: &blob(self.source, self.from),
            source_etag: &etag,
            size: self.entry.size,
            auth,
            destination: &blob(self.destination, self.to),
            metadata: &metadata,
            block_bytes: DEFAULT_BLOCK_BYTES,
        };
        copy::copy_file(&job, budget).await
    }
}

/// A source that has changed, and a destination that holds something else, do not mend by waiting.
fn refused(error: &Error, file: &FileEntry) -> Report {
    match error {
        Error::PreconditionFailed(_) if error.code() == Some("SourceConditionNotMet") => {
            let message = format!(
                "`{}` of the candidate changed while it was copied, after the gates had judged it",
                file.path
            );
            Report::Failed(Failure::new(SOURCE_CHANGED, message))
        }
        Error::PreconditionFailed(_) | Error::Conflict(_) => {
            let said = failure(error);
            let message = format!(
                "`{}` could not be copied as it was judged: {}",
                file.path, said.message
            );
            Report::Failed(Failure { message, ..said })
        }
        other => report(other),
    }
}
