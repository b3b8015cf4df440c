//! `?dryRun=true`: what would happen, without anything happening.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::answer::error;

/// Whether something is to be done, or only to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Done.
    Real,
    /// Told.
    DryRun,
}

/// The query of what can be asked for without being done.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HowToRun {
    #[serde(rename = "dryRun")]
    dry_run: Option<String>,
}

/// Whoever meant to ask must not find it done.
pub(super) fn no_dry_run() -> Response {
    error(
        StatusCode::BAD_REQUEST,
        "NoDryRun",
        "Only `replay` takes `dryRun`.",
    )
}

impl HowToRun {
    /// Anything else than `true` or `false` is refused: whoever meant to ask must not find it done.
    pub(super) fn mode(&self) -> Result<Mode, Response> {
        match self.dry_run.as_deref() {
            None | Some("false") => Ok(Mode::Real),
            Some("true") => Ok(Mode::DryRun),
            Some(_) => Err(error(
                StatusCode::BAD_REQUEST,
                "BadDryRun",
                "`dryRun` is `true` or `false`.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_clear_is_not_done() {
        let mode = |text: Option<&str>| {
            let dry_run = text.map(str::to_owned);
            HowToRun { dry_run }.mode().ok()
        };
        assert_eq!(mode(None), Some(Mode::Real));
        assert_eq!(mode(Some("false")), Some(Mode::Real));
        assert_eq!(mode(Some("true")), Some(Mode::DryRun));
        assert_eq!((mode(Some("")), mode(Some("1"))), (None, None));
    }
}
