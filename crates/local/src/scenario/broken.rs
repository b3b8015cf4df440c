//! `broken`: the deployment does not answer the smoke test as it should.

use cloud_sim::Fault;
use reqwest::StatusCode;

use super::run::Run;
use super::{asks, customer};
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    let fault = Fault::Status {
        status: StatusCode::FAILED_DEPENDENCY,
        code: "ModelError".to_owned(),
    };
    run.world.cloud.faults().add("scoring.scoreNamed", fault, 1);
    run.say("the smoke test will meet a model that fails");
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    run.until_stage(&asked.id, "rolled back").await?;
    customer::production_predicts_as(run, "champion").await?;
    run.target_clean().await
}
