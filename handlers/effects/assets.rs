//! What a deployment brings along, in the target's workspace: named after its content, so that what is there by that name
//! with our digest is what is wanted, whoever registered it.

use promotion::{AssetVersion, Digest, Failure, PromotionId, Registration, Report, WorkspaceId};
use std::collections::BTreeMap;

const DIGEST: &str = "liftlock.digest";
const PROMOTION: &str = "liftlock.promotion";

/// Something that is to be in a workspace under its content.
pub(super) struct Wanted<'a> {
    /// `code` or `environment`.
    pub(super) what: &'static str,
    pub(super) asset: &'a AssetVersion,
    pub(super) digest: &'a Digest,
    pub(super) workspace: &'a WorkspaceId,
    /// Who asks.
    pub(super) promotion: &'a PromotionId,
}

impl Wanted<'_> {
    /// What it is registered with.
    pub(super) fn properties(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (DIGEST.to_owned(), self.digest.as_str().to_owned()),
            (PROMOTION.to_owned(), self.promotion.as_str().to_owned()),
        ])
    }

    /// Whose registration was found, by its properties; one with other content is nobody's to change.
    pub(super) fn judge(&self, found: &BTreeMap<String, String>) -> Result<Registration, Report> {
        match found.get(DIGEST) {
            Some(theirs) if theirs == self.digest.as_str() => {
                let ours = found.get(PROMOTION).map(String::as_str);
                Ok(if ours == Some(self.promotion.as_str()) {
                    Registration::Made
                } else {
                    Registration::Reused
                })
            }
            theirs => Err(self.taken(theirs)),
        }
    }

    fn taken(&self, theirs: Option<&String>) -> Report {
        let short = |digest: &str| digest.chars().take(12).collect::<String>();
        let theirs = theirs.map_or_else(
            || "none of Liftlock's".to_owned(),
            |digest| format!("{}…", short(digest)),
        );
        let message = format!(
            "{} `{}` is in `{}` already with other content (digest {theirs}, the plan's is {}…)",
            self.what,
            self.asset,
            self.workspace.name(),
            short(self.digest.as_str())
        );
        Report::Failed(Failure::new("VersionTaken", message))
    }

    /// It was written and does not show.
    pub(super) fn not_there_yet(&self) -> Report {
        let message = format!(
            "{} `{}` was registered and cannot be read yet",
            self.what, self.asset
        );
        Report::Retry(Failure::new("NotThereYet", message))
    }
}
