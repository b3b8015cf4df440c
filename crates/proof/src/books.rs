//! What the app has written, read as an auditor would: journals with their chains, markers, leases.

use cloud_sim::BlobView;
use jiff::Timestamp;
use liftlock::state::{Freeze, Freezes};
use percent_encoding::percent_decode_str;
use promotion::{Aggregate as _, Chain, Fact, Intake, IntakeFact, Line, Promotion, PromotionId};

use crate::world::World;

pub(crate) const ACCOUNT: &str = "stliftlock";

impl World {
    /// Names of journals that are begun; an intake's starts with `intake/`.
    pub(crate) fn journal_names(&self) -> Vec<String> {
        let blobs = self.cloud.blobs();
        let all = blobs.list(ACCOUNT, "journals", "");
        let names = all.into_iter().map(|blob| blob.name.replace(".jsonl", ""));
        names.filter(|name| self.journal(name).is_some()).collect()
    }

    pub(crate) fn journal(&self, name: &str) -> Option<bytes::Bytes> {
        let path = format!("{name}.jsonl");
        let bytes = self.cloud.blobs().get(ACCOUNT, "journals", &path);
        bytes.filter(|bytes| !bytes.is_empty())
    }

    /// A promotion's records, their chain checked.
    pub(crate) fn records(&self, id: &PromotionId) -> Option<Vec<Line<Fact>>> {
        let bytes = self.journal(id.as_str())?;
        Some(Chain::read(id.as_str(), &bytes).expect("the chain holds").0)
    }

    /// A promotion as its journal tells it.
    pub(crate) fn promotion(&self, id: &PromotionId) -> Option<Promotion> {
        Some(Promotion::replay(&self.records(id)?).expect("the journal replays"))
    }

    /// Every promotion.
    pub(crate) fn promotions(&self) -> Vec<Promotion> {
        let names = self.journal_names();
        let own = names.iter().filter(|name| !name.starts_with("intake/"));
        own.filter_map(|name| self.promotion(&PromotionId::parse(name)?))
            .collect()
    }

    /// Every intake.
    pub(crate) fn intakes(&self) -> Vec<Intake> {
        let names = self.journal_names();
        let own = names.iter().filter(|name| name.starts_with("intake/"));
        own.map(|name| {
            let bytes = self.journal(name).expect("it was just listed");
            let (lines, _) = Chain::read::<IntakeFact>(name, &bytes).expect("the chain holds");
            Intake::replay(&lines).expect("the journal replays")
        })
        .collect()
    }

    /// Names of journals that say that they have ended.
    pub(crate) fn ended_journals(&self) -> Vec<String> {
        let promotions = self.promotions().into_iter();
        let promotions = promotions.filter(Promotion::is_closed);
        let intakes = self.intakes().into_iter().filter(Intake::is_closed);
        promotions
            .map(|promotion| promotion.id().to_string())
            .chain(intakes.map(|intake| intake.id().journal()))
            .collect()
    }

    /// Names of blobs of the container `state`.
    pub(crate) fn state(&self, prefix: &str) -> Vec<BlobView> {
        self.cloud.blobs().list(ACCOUNT, "state", prefix)
    }

    /// The freezes that nobody has lifted.
    pub(crate) fn freezes(&self) -> Result<Vec<Freeze>, String> {
        let blobs = self.cloud.blobs();
        let Some(bytes) = blobs.get(ACCOUNT, "state", "control/freezes.json") else {
            return Ok(Vec::new());
        };
        let read = serde_json::from_slice(&bytes);
        let freezes: Freezes =
            read.map_err(|error| format!("the freezes are unreadable: {error}"))?;
        Ok(freezes.set)
    }

    /// Which open journals are due by then.
    pub(crate) fn due_by(&self, now: Timestamp) -> Vec<String> {
        let due = |blob: &BlobView| due(blob).is_some_and(|at| at <= now);
        let open = self.state("open/").into_iter().filter(due);
        open.map(|blob| blob.name.replacen("open/", "", 1))
            .collect()
    }

    /// When open journals are due.
    pub(crate) fn dues(&self) -> Vec<Timestamp> {
        self.state("open/").iter().filter_map(due).collect()
    }

    /// Who may change a target, as the target's blob says.
    pub(crate) fn lease_holders(&self) -> Vec<PromotionId> {
        let targets = self.state("targets/");
        let holder = |blob: BlobView| {
            let bytes = self.cloud.blobs().get(ACCOUNT, "state", &blob.name)?;
            let json: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
            PromotionId::parse(json["holder"]["promotion"].as_str()?)
        };
        targets.into_iter().filter_map(holder).collect()
    }

    /// Whether a promotion's own journal says that it changes nothing any more.
    pub(crate) fn has_ended(&self, id: &PromotionId) -> bool {
        self.promotion(id)
            .is_none_or(|promotion| promotion.is_closed())
    }
}

/// When a marker says that its journal is due.
fn due(marker: &BlobView) -> Option<Timestamp> {
    let text = marker.metadata.get("due")?;
    let text = percent_decode_str(text).decode_utf8().ok()?;
    text.parse().ok()
}
