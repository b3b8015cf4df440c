//! The manifest: the exact files that make a model, by what the storage service says of each.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The files of a model version, sorted by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest(Vec<FileEntry>);

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileEntry {
    /// Below the model's folder, with `/`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// The source blob's entity tag: any write changes it.
    pub etag: String,
    /// Base64, where the service has one.
    pub md5: Option<String>,
}

/// A folder in a storage account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlobPlace {
    /// The storage account.
    pub account: String,
    /// The container.
    pub container: String,
    /// The folder, without a slash at either end.
    pub prefix: String,
}

impl Manifest {
    /// Sorts the files.
    pub fn new(mut files: Vec<FileEntry>) -> Self {
        files.sort();
        Self(files)
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[FileEntry] {
        &self.0
    }

    /// All bytes together.
    pub fn total_size(&self) -> u64 {
        self.0.iter().map(|file| file.size).sum()
    }

    /// Over everything that is known of every file.
    pub fn digest(&self) -> Digest {
        Digest::of_json(self)
    }

    /// Whether both have the same paths with the same sizes: what a copy must keep (entity tags are the copy's own).
    pub fn same_files(&self, other: &Self) -> bool {
        let shape = |m: &Self| {
            m.0.iter()
                .map(|f| (f.path.clone(), f.size))
                .collect::<Vec<_>>()
        };
        shape(self) == shape(other)
    }

    /// The first path in a copy of it that is not its own: another file, or one of another size.
    pub fn stranger_in<'a>(&self, copy: &'a Self) -> Option<&'a str> {
        let known = |file: &FileEntry| {
            let same = |own: &FileEntry| (&own.path, own.size) == (&file.path, file.size);
            self.0.iter().any(same)
        };
        let stranger = copy.0.iter().find(|file| !known(file));
        stranger.map(|file| file.path.as_str())
    }

    /// The first path that differs, for a person to look at.
    pub fn first_difference<'a>(&'a self, other: &'a Self) -> Option<&'a str> {
        let differs = |file: &&FileEntry, there: &Self| !there.0.contains(file);
        let changed = self.0.iter().find(|file| differs(file, other));
        changed
            .or_else(|| other.0.iter().find(|file| differs(file, self)))
            .map(|file| file.path.as_str())
    }
}
