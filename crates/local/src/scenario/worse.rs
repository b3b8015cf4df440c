//! `worse`: a worse model is blocked, and everybody can see by which numbers.

use anyhow::{Context as _, ensure};
use cloud_sim::ModelKind;
use serde_json::Value;

use super::run::Run;
use crate::person::{Persona, text};

/// How many digits of a metric people must be shown.
const DIGITS: usize = 2;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let registered = run.world.cloud.register(ModelKind::Worse)?;
    run.say(&format!(
        "registered in dev: {} {}, worse than the champion",
        registered.model, registered.version
    ));
    let id = run.promotion().await?;
    run.until_stage(&id, "blocked").await?;
    let numbers = numbers(run)?;
    let page = run
        .signed_in(Persona::Sam)
        .await?
        .get(&format!("/api/board/promotions/{id}"))
        .await?;
    let card = run.card("blocked").await?;
    for (what, number) in &numbers {
        ensure!(
            page.body.contains(number),
            "the board does not show the {what} {number}: {}",
            text(&page.body)
        );
        ensure!(
            card.contains(number),
            "the card does not show the {what} {number}: {card}"
        );
    }
    let shown: Vec<_> = numbers
        .iter()
        .map(|(what, number)| format!("{what} {number}"))
        .collect();
    run.say(&format!("board and card show: {}", shown.join(", ")));
    ensure!(
        run.versions("ml-prod").len() == 1,
        "something was registered in production"
    );
    run.target_clean().await
}

/// Value, threshold and the champion's value, as they must be read.
fn numbers(run: &Run<'_>) -> anyhow::Result<[(&'static str, String); 3]> {
    let metrics = run.world.example().join("metrics.json");
    let metrics: Value = serde_json::from_slice(&std::fs::read(metrics)?)?;
    let rmse = |model: &str| {
        let value = metrics[model]["rmse"]
            .as_f64()
            .with_context(|| format!("{model} has no rmse"))?;
        let text = value.to_string();
        let end = text.find('.').map_or(text.len(), |point| point + DIGITS);
        anyhow::Ok(text.get(..end).unwrap_or(&text).to_owned())
    };
    Ok([
        ("value", rmse("worse")?),
        ("threshold", "60".to_owned()),
        ("champion's value", rmse("champion")?),
    ])
}
