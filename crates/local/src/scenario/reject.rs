//! `reject`: somebody says no.

use anyhow::ensure;

use super::asks;
use super::run::Run;
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "reject").await?;
    run.until_stage(&asked.id, "rejected").await?;
    ensure!(
        run.versions("ml-prod").len() == 1,
        "something was registered in production"
    );
    run.target_clean().await
}
