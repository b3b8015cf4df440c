//! What the app has written, read from its storage account as an auditor would.

use liftlock::state::{Holder, Target};
use promotion::audit::{self, Named, Wanted};
use promotion::{
    Aggregate as _, Chain, Effect, EffectKey, Fact, Intake, IntakeFact, Line, Promotion,
    PromotionId,
};

use super::Tester;

pub(super) const ACCOUNT: &str = "stliftlock";

impl Tester {
    /// A journal's bytes; none where it is not begun.
    pub(super) fn journal(&self, id: &PromotionId) -> Option<bytes::Bytes> {
        let bytes = self
            .cloud
            .blobs()
            .get(ACCOUNT, "journals", &format!("{id}.jsonl"));
        bytes.filter(|bytes| !bytes.is_empty())
    }

    /// A promotion's records, their chain checked.
    pub(super) fn records(&self, id: &PromotionId) -> Vec<Line<Fact>> {
        let bytes = self
            .journal(id)
            .unwrap_or_else(|| panic!("{id} is not begun"));
        Chain::read(id.as_str(), &bytes).unwrap().0
    }

    /// A promotion as its journal tells it.
    pub(super) fn promotion(&self, id: &PromotionId) -> Promotion {
        Promotion::replay(&self.records(id)).unwrap()
    }

    /// The stage's name; an ended promotion's is that of its end.
    pub(super) fn stage(&self, id: &PromotionId) -> &'static str {
        self.promotion(id).stage().name()
    }

    /// Why it is where it is, in the words that people read.
    pub(super) fn why(&self, id: &PromotionId) -> String {
        liftlock::ui::why(&self.promotion(id), self.cloud.clock().now())
    }

    /// Every promotion, its chain checked and replayed.
    pub(super) fn promotions(&self) -> Vec<Promotion> {
        let names = self.journal_names("");
        let own = names
            .into_iter()
            .filter(|name| !name.starts_with("intake/"));
        own.map(|name| self.promotion(&PromotionId::new(name)))
            .collect()
    }

    /// Every intake, its chain checked and replayed.
    pub(super) fn intakes(&self) -> Vec<Intake> {
        let names = self.journal_names("intake/").into_iter();
        let read = |name: String| Intake::replay(&self.intake_records(&name)).unwrap();
        names.map(read).collect()
    }

    fn intake_records(&self, name: &str) -> Vec<Line<IntakeFact>> {
        let blob = format!("{name}.jsonl");
        let bytes = self.cloud.blobs().get(ACCOUNT, "journals", &blob).unwrap();
        Chain::read(name, &bytes).unwrap().0
    }

    /// What each journal, of promotions and of intakes, has planned so far.
    pub(super) fn effects(&self) -> Vec<(String, Vec<(EffectKey, Effect)>)> {
        let planned_by_intake = |name: &str| {
            let lines = self.intake_records(name).into_iter();
            let planned = lines.filter_map(|line| match line.fact {
                IntakeFact::Planned { key, effect } => Some((key, *effect)),
                _ => None,
            });
            planned.collect()
        };
        let planned = |name: &str| {
            if name.starts_with("intake/") {
                return planned_by_intake(name);
            }
            let lines = self.records(&PromotionId::new(name)).into_iter();
            let planned = lines.filter_map(|line| match line.fact {
                Fact::Planned { key, effect } => Some((key, *effect)),
                _ => None,
            });
            planned.collect()
        };
        let names = self.journal_names("").into_iter();
        names.map(|name| (name.clone(), planned(&name))).collect()
    }

    /// Every journal proves what it says, under the name that it lies under.
    pub(super) fn check_audit(&self) {
        for name in self.journal_names("") {
            let blob = format!("{name}.jsonl");
            let bytes = self.cloud.blobs().get(ACCOUNT, "journals", &blob).unwrap();
            audit::verify(&bytes, Named::Exactly(&name), Wanted::Anything)
                .unwrap_or_else(|misfit| panic!("{name}: {misfit}"));
        }
    }

    /// Names of blobs in the container `state`.
    pub(super) fn state(&self, prefix: &str) -> Vec<String> {
        let listed = self.cloud.blobs().list(ACCOUNT, "state", prefix);
        listed.into_iter().map(|blob| blob.name).collect()
    }

    /// When the open journals are due.
    pub(super) fn dues(&self) -> Vec<jiff::Timestamp> {
        let markers = self.cloud.blobs().list(ACCOUNT, "state", "open/");
        let due = |blob: cloud_sim::BlobView| {
            let text = blob
                .metadata
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("due"))?
                .1
                .clone();
            percent_encoding::percent_decode_str(&text)
                .decode_utf8()
                .ok()?
                .parse()
                .ok()
        };
        markers.into_iter().filter_map(due).collect()
    }

    /// Who may change a target at the moment.
    pub(super) fn lease_holders(&self) -> Vec<PromotionId> {
        self.of_targets(|target| target.holder)
    }

    /// Whose turn it is, or was last, at each target.
    pub(super) fn turns(&self) -> Vec<PromotionId> {
        self.of_targets(|target| target.turn)
    }

    fn of_targets(&self, which: fn(Target) -> Option<Holder>) -> Vec<PromotionId> {
        let blobs = self.cloud.blobs();
        let read = |name: String| {
            let bytes = blobs.get(ACCOUNT, "state", &name).unwrap();
            which(serde_json::from_slice(&bytes).unwrap())
        };
        let found = self.state("targets/").into_iter().filter_map(read);
        found.map(|holder| holder.promotion).collect()
    }

    fn journal_names(&self, prefix: &str) -> Vec<String> {
        let listed = self
            .cloud
            .blobs()
            .list(ACCOUNT, "journals", prefix)
            .into_iter();
        let begun = listed.filter(|blob| blob.size > 0);
        begun
            .filter_map(|blob| blob.name.strip_suffix(".jsonl").map(str::to_owned))
            .collect()
    }
}
