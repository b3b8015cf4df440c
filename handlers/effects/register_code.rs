//! `register-code`: the files of a deployment's code, and the version that names their folder.
//!
//! The folder is named after its content and no file in it is ever written over, so a repetition finds what is there and
//! goes on behind it. The version comes last: where it is, all of its files are.

use azure_api::Error;
use azure_api::blob::{Condition, Container};
use azure_api::ml::{CodeVersion, NewCodeVersion};
use bytes::Bytes;
use promotion::{BlobPlace, CodeFile, CodeSpec, Digest, Effect, Failure, Outcome, Report};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::assets::Wanted;
use super::perform::{Effects, workspace};
use super::policy::{or_report, report, settle};
use crate::config::CodeFolder;

/// How long one delivery uploads before it lets others have their turn.
const BUDGET: Duration = Duration::from_mins(1);

impl Effects {
    pub(super) async fn register_code(&self, effect: &Effect) -> Report {
        settle(self.code(effect).await)
    }

    async fn code(&self, effect: &Effect) -> Result<Report, Report> {
        let Effect::RegisterCode {
            workspace: id,
            place,
            code,
            promotion,
        } = effect
        else {
            unreachable!("only register-code is sent here");
        };
        let at = workspace(id)?;
        let wanted = Wanted {
            what: "code",
            asset: &code.asset,
            digest: &code.digest,
            workspace: id,
            promotion,
        };
        let (name, version) = (code.asset.name.as_str(), code.asset.version.as_str());
        let read = || self.ml.code_version(&at, name, version);
        let judge = |found: CodeVersion| {
            let registration = wanted.judge(&found.properties)?;
            Ok(Report::Done(Outcome::CodeRegistered { registration }))
        };
        if let Some(found) = or_report(read().await)? {
            return judge(found);
        }
        let folder = self.folder_of(code)?;
        if self.upload(place, code, folder).await? == Uploaded::InPart {
            return Ok(Report::StillRunning);
        }
        let new = NewCodeVersion {
            code_uri: self.folder_url(place)?,
            properties: wanted.properties(),
        };
        or_report(self.ml.put_code_version(&at, name, version, &new).await)?;
        match or_report(read().await)? {
            Some(found) => judge(found),
            None => Err(wanted.not_there_yet()),
        }
    }

    /// What the release that is running has of it.
    fn folder_of(&self, code: &CodeSpec) -> Result<&CodeFolder, Report> {
        let found = self.code.iter().find(|has| has.digest == code.digest);
        found.ok_or_else(|| changed(code))
    }

    async fn upload(
        &self,
        place: &BlobPlace,
        code: &CodeSpec,
        folder: &CodeFolder,
    ) -> Result<Uploaded, Report> {
        let container = self.container(place)?;
        let started = Instant::now();
        for file in &code.files {
            if started.elapsed() > BUDGET {
                return Ok(Uploaded::InPart);
            }
            let bytes = folder.files.get(&file.path);
            let bytes = bytes.filter(|bytes| is(file, bytes));
            let bytes = bytes.ok_or_else(|| changed(code))?.clone();
            put(&container, place, file, bytes).await?;
        }
        Ok(Uploaded::Wholly)
    }

    /// The folder as a URL, which is how Azure knows code. The account's own permission is nobody else's.
    fn folder_url(&self, place: &BlobPlace) -> Result<String, Report> {
        let unknown = |why: String| Report::Failed(Failure::new("StorageAccountUnknown", why));
        let mut url = self
            .settings
            .blob_service(&place.account)
            .map_err(|error| unknown(format!("{error:#}")))?;
        url.set_query(None);
        url.path_segments_mut()
            .map_err(|()| unknown("the storage account's URL takes no path".to_owned()))?
            .pop_if_empty()
            .push(&place.container)
            .extend(place.prefix.split('/'));
        Ok(url.into())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Uploaded {
    Wholly,
    InPart,
}

/// What is there by that name is there whole, for a file is one write; that it is the same is proven.
async fn put(
    container: &Container,
    place: &BlobPlace,
    file: &CodeFile,
    bytes: Bytes,
) -> Result<(), Report> {
    let blob = container.blob(&format!("{}/{}", place.prefix, file.path));
    match blob
        .put(bytes, Condition::IfNoneMatchAny, &BTreeMap::new())
        .await
    {
        Ok(_) => Ok(()),
        Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => {
            match blob.get(None, file.size).await {
                Ok(Some(there)) if is(file, &there.bytes) => Ok(()),
                Ok(Some(_)) | Err(Error::Malformed { .. }) => Err(other_bytes(place, file)),
                Ok(None) => {
                    let message = format!("`{}` was there and is gone", file.path);
                    Err(Report::Retry(Failure::new("NotThereYet", message)))
                }
                Err(error) => Err(report(&error)),
            }
        }
        Err(error) => Err(report(&error)),
    }
}

fn is(file: &CodeFile, bytes: &Bytes) -> bool {
    bytes.len() as u64 == file.size && Digest::of(bytes) == file.sha256
}

fn changed(code: &CodeSpec) -> Report {
    let message = format!(
        "the code that was agreed to (`{}` in `{}`) is not what this release of the app has: its files have changed since; \
         deploy those again and replay, or reopen the promotion, which pins what is there now",
        code.scoring_script, code.asset
    );
    Report::Failed(Failure::new("CodeChanged", message))
}

fn other_bytes(place: &BlobPlace, file: &CodeFile) -> Report {
    let message = format!(
        "`{}` lies under `{}` in container `{}` with other bytes than its folder's name says; remove it and replay",
        file.path, place.prefix, place.container
    );
    Report::Failed(Failure::new("CodeChanged", message))
}
