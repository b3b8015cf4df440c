//! `duplicate`: the events of one model come five times each, in the wrong order, and count once.

use anyhow::ensure;
use cloud_sim::{DeliveryState, ModelKind};

use super::run::{Run, approval_links};

const COPIES: usize = 5;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let cloud = &run.world.cloud;
    let before = run.versions("ml-dev").len();
    cloud.hold_events();
    let trained = cloud.complete_job(ModelKind::Challenger, true)?;
    let events = cloud.release_events(true, COPIES);
    run.say(&format!(
        "job {} completed and registered its model itself: {events} events, {COPIES} times each, the last one first",
        trained.job
    ));
    run.until("every delivery to be taken", async || {
        let deliveries = cloud.deliveries();
        let taken = deliveries
            .iter()
            .filter(|delivery| delivery.state == DeliveryState::Delivered)
            .count();
        Ok((taken == events * COPIES).then_some(()))
    })
    .await?;
    run.asked(1).await?;
    quiet(run).await?;
    let promotions = run.world.state().promotions().len();
    let versions = run.versions("ml-dev").len() - before;
    let asked = approval_links(&cloud.messages()).len();
    run.say(&format!(
        "{} deliveries: {promotions} promotion, {versions} version, {asked} vote asked",
        events * COPIES
    ));
    ensure!(
        (promotions, versions, asked) == (1, 1, 1),
        "each should have been one"
    );
    Ok(())
}

/// Nothing is in the queue but what is scheduled for later.
async fn quiet(run: &Run<'_>) -> anyhow::Result<()> {
    run.until("the queue to be empty", async || {
        let queue = run.world.cloud.queues().view("promotions");
        Ok(queue
            .filter(|queue| queue.active == 0 && queue.locked == 0)
            .map(drop))
    })
    .await
}
