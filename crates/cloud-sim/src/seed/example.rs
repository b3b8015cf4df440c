//! The example project on disk: its three trained models, their metrics and a few rows to predict.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// One of the example's trained models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ModelKind {
    Champion,
    Challenger,
    Worse,
}

impl ModelKind {
    const ALL: [Self; 3] = [Self::Champion, Self::Challenger, Self::Worse];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Challenger => "challenger",
            Self::Worse => "worse",
        }
    }
}

/// A few rows of the test data.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Sample {
    pub(crate) columns: Vec<String>,
    pub(crate) data: Vec<Vec<f64>>,
}

#[derive(Debug)]
pub(crate) struct Example {
    models: BTreeMap<ModelKind, Trained>,
    pub(crate) sample: Sample,
    /// The same rows as a batch job reads them.
    pub(crate) sample_file: Bytes,
}

/// A model's files by relative path, and what its training measured.
#[derive(Debug, Clone)]
pub(crate) struct Trained {
    pub(crate) files: BTreeMap<String, Bytes>,
    pub(crate) metrics: BTreeMap<String, f64>,
}

impl Example {
    /// Reads `models/<kind>/`, `metrics.json`, `sample.json` and `sample.csv` of the folder.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut metrics: BTreeMap<ModelKind, BTreeMap<String, f64>> =
            read_json(&folder.join("metrics.json"))?;
        let mut models = BTreeMap::new();
        for kind in ModelKind::ALL {
            let files = read_folder(&folder.join("models").join(kind.word()))?;
            models.insert(
                kind,
                Trained {
                    files,
                    metrics: metrics.remove(&kind).unwrap_or_default(),
                },
            );
        }
        Ok(Self {
            models,
            sample: read_json(&folder.join("sample.json"))?,
            sample_file: read_file(&folder.join("sample.csv"))?,
        })
    }

    pub(crate) fn model(&self, kind: ModelKind) -> &Trained {
        &self.models[&kind]
    }
}

fn read_file(file: &Path) -> anyhow::Result<Bytes> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(bytes.into())
}

fn read_json<T: serde::de::DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot parse {}", file.display()))
}

fn read_folder(folder: &Path) -> anyhow::Result<BTreeMap<String, Bytes>> {
    let mut files = BTreeMap::new();
    collect(folder, "", &mut files)?;
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, Bytes>) -> anyhow::Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            // Python leaves its cache beside the loader when somebody has tried it.
            if name != "__pycache__" {
                collect(&entry.path(), &format!("{prefix}{name}/"), into)?;
            }
        } else {
            into.insert(
                format!("{prefix}{name}"),
                std::fs::read(entry.path())?.into(),
            );
        }
    }
    Ok(())
}
