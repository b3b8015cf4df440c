//! `?dryRun=true`: what would happen, without anything happening.

use axum::http::StatusCode;
use axum::response::Response;

use super::address::Parameters;
use super::answer::error;

/// Whether something is to be done, or only to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Done.
    Real,
    /// Told.
    DryRun,
}

/// Whoever meant to ask must not find it done.
pub(super) fn no_dry_run() -> Response {
    error(
        StatusCode::BAD_REQUEST,
        "NoDryRun",
        "Only `replay` takes `dryRun`.",
    )
}

impl Mode {
    /// Anything else than `true` or `false` is refused: whoever meant to ask must not find it done.
    pub(super) fn read(query: Option<&str>) -> Result<Self, Response> {
        match Parameters::read(query, &["dryRun"])?.get("dryRun") {
            None | Some("false") => Ok(Self::Real),
            Some("true") => Ok(Self::DryRun),
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
        let mode = |query| Mode::read(Some(query)).ok();
        assert_eq!(Mode::read(None).ok(), Some(Mode::Real));
        assert_eq!(mode("dryRun=false"), Some(Mode::Real));
        assert_eq!(mode("dryRun=true"), Some(Mode::DryRun));
        for unclear in [
            "dryRun",
            "dryRun=1",
            "dryrun=true",
            "dryRun=true&dryRun=false",
        ] {
            assert_eq!(mode(unclear), None, "{unclear}");
        }
    }
}
