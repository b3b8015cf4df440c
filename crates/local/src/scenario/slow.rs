//! `slow`: the candidate answers well, and takes twice as long.

use super::run::Run;
use super::watched;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    watched::comes_back(run, watched::twice_as_slow()).await
}
