//! `bake`: the candidate fails only once it has all the traffic.

use super::run::Run;
use super::watched;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    watched::comes_back(run, watched::errors_from(100)).await
}
