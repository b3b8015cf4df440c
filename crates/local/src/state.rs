//! What the app has written into its storage account, read as an auditor would: from the blobs, checking every chain.

use anyhow::Context as _;
use cloud_sim::Cloud;
use promotion::{Aggregate as _, Chain, Fact, Intake, IntakeFact, Line, Promotion};
use serde::Deserialize;

pub(crate) const ACCOUNT: &str = "stliftlock";
const JOURNALS: &str = "journals";

/// The app's storage account.
pub(crate) struct State<'c> {
    cloud: &'c Cloud,
}

#[derive(Deserialize)]
struct Target {
    holder: Option<Holder>,
}

#[derive(Deserialize)]
struct Holder {
    promotion: String,
}

impl<'c> State<'c> {
    pub(crate) fn of(cloud: &'c Cloud) -> Self {
        Self { cloud }
    }

    /// Every promotion that was ever opened, by name.
    pub(crate) fn promotions(&self) -> Vec<String> {
        self.journals("")
            .into_iter()
            .filter(|(name, size)| *size > 0 && !name.starts_with("intake/"))
            .map(|(name, _)| name)
            .collect()
    }

    /// Every intake that was ever opened, by name.
    pub(crate) fn intakes(&self) -> Vec<String> {
        self.journals("intake/")
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    /// The length of all journals together: it grows with every append.
    pub(crate) fn journaled_bytes(&self) -> u64 {
        self.journals("").iter().map(|(_, size)| size).sum()
    }

    /// Who may change a target at the moment.
    pub(crate) fn lease_holders(&self) -> anyhow::Result<Vec<String>> {
        let blobs = self.cloud.blobs();
        let mut holders = Vec::new();
        for blob in blobs.list(ACCOUNT, "state", "targets/") {
            let bytes = blobs
                .get(ACCOUNT, "state", &blob.name)
                .with_context(|| format!("{} has vanished", blob.name))?;
            let target: Target = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is no target", blob.name))?;
            holders.extend(target.holder.map(|holder| holder.promotion));
        }
        Ok(holders)
    }

    /// Checks that every journal is an unbroken chain that replays; answers how many records there are.
    pub(crate) fn audit(&self) -> anyhow::Result<usize> {
        let mut records = 0;
        for id in self.promotions() {
            let lines = self.lines::<Fact>(&id)?;
            Promotion::replay(&lines).with_context(|| format!("{id} does not replay"))?;
            records += lines.len();
        }
        for name in self.intakes() {
            let lines = self.lines::<IntakeFact>(&name)?;
            Intake::replay(&lines).with_context(|| format!("{name} does not replay"))?;
            records += lines.len();
        }
        Ok(records)
    }

    fn lines<F: serde::de::DeserializeOwned>(&self, name: &str) -> anyhow::Result<Vec<Line<F>>> {
        let bytes = self
            .cloud
            .blobs()
            .get(ACCOUNT, JOURNALS, &format!("{name}.jsonl"))
            .with_context(|| format!("there is no journal {name}"))?;
        let (lines, _) =
            Chain::read(name, &bytes).with_context(|| format!("the journal {name} is broken"))?;
        Ok(lines)
    }

    /// Names without their ending, and lengths.
    fn journals(&self, prefix: &str) -> Vec<(String, u64)> {
        let blobs = self.cloud.blobs().list(ACCOUNT, JOURNALS, prefix);
        blobs
            .into_iter()
            .filter_map(|blob| {
                let name = blob.name.strip_suffix(".jsonl")?;
                Some((name.to_owned(), blob.size))
            })
            .collect()
    }
}
