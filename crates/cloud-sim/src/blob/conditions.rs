//! If-Match and If-None-Match as the blob service reads them.
//!
//! Invariant: a write under `If-None-Match: *` answers 409 `BlobAlreadyExists` where something stands, anything else that
//! is not met answers 412, and a read under an unmet If-None-Match answers 304.

use super::entry::{Blob, ETag};
use super::error::BlobError;

/// The conditions of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<Tags>,
    pub(crate) if_none_match: Option<Tags>,
}

/// What a condition compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags {
    Any,
    One(String),
}

impl Tags {
    pub(crate) fn parse(header: &str) -> Self {
        match header.trim() {
            "*" => Self::Any,
            tag => Self::One(tag.trim_matches('"').to_owned()),
        }
    }

    fn name(&self, etag: &ETag) -> bool {
        match self {
            Self::Any => true,
            Self::One(tag) => tag == etag.bare(),
        }
    }
}

impl Conditions {
    /// For operations that create or replace a blob.
    pub(crate) fn allow_replacing(&self, current: Option<&Blob>) -> Result<(), BlobError> {
        match (current, &self.if_match, &self.if_none_match) {
            (None, Some(_), _) => Err(BlobError::ConditionNotMet),
            (Some(_), _, Some(Tags::Any)) => Err(BlobError::BlobAlreadyExists),
            (Some(blob), _, _) => self.allow_changing(blob),
            (None, None, _) => Ok(()),
        }
    }

    /// For operations that change or delete the blob that stands there.
    pub(crate) fn allow_changing(&self, current: &Blob) -> Result<(), BlobError> {
        if self.excludes(current) || !self.matches(current) {
            return Err(BlobError::ConditionNotMet);
        }
        Ok(())
    }

    pub(crate) fn allow_reading(&self, current: &Blob) -> Result<(), BlobError> {
        if !self.matches(current) {
            return Err(BlobError::ConditionNotMet);
        }
        if self.if_none_match == Some(Tags::Any) {
            return Err(BlobError::UnsatisfiableCondition);
        }
        if self.excludes(current) {
            return Err(BlobError::NotModified);
        }
        Ok(())
    }

    fn matches(&self, current: &Blob) -> bool {
        self.if_match
            .as_ref()
            .is_none_or(|tags| tags.name(&current.etag))
    }

    fn excludes(&self, current: &Blob) -> bool {
        self.if_none_match
            .as_ref()
            .is_some_and(|tags| tags.name(&current.etag))
    }
}
