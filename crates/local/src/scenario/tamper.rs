//! `tamper`: a byte of the candidate is changed between approval and copy.

use anyhow::ensure;
use cloud_sim::Disturbance;

use super::asks;
use super::run::Run;
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    // The approval's wake-up is lost, so that the sweep finds it, and the change comes in between.
    run.world
        .cloud
        .queues()
        .disturb_next_send(Disturbance::Lose);
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    let changed = run.world.cloud.tamper_candidate()?;
    run.say(&format!("a byte was changed after the approval: {changed}"));
    run.until_stage(&asked.id, "voided").await?;
    let versions = run.versions("ml-prod").len();
    ensure!(
        versions == 1,
        "{versions} versions in production where the champion's alone was expected"
    );
    let copied = run.copied();
    ensure!(copied == 0, "{copied} files were copied to production");
    run.say("nothing was copied to production or registered there");
    run.target_clean().await
}
