//! `regression`: five in a hundred answers of the candidate are errors from 10 % of the traffic on.

use super::run::Run;
use super::watched;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    watched::comes_back(run, watched::errors_from(10)).await
}
