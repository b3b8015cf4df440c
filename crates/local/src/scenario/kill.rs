//! `kill`: SIGKILL of the handler after each append to a journal; the host stops itself at every third crash.

use anyhow::ensure;
use cloud_sim::Fault;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::run::Run;
use super::{asks, customer};
use crate::World;

/// Each append is held up so long, so that the one before it is noticed first and no kill stands for two.
const BETWEEN_APPENDS: Duration = Duration::from_millis(8);

/// A written record is noticed within this.
const LOOK: Duration = Duration::from_millis(1);

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    run.world.cloud.faults().add(
        "blob.append",
        Fault::Delay {
            delay: BETWEEN_APPENDS,
        },
        u32::MAX,
    );
    run.say("from now on the handler is killed whenever it has written records");
    let appends = AtomicU32::new(0);
    tokio::select! {
        live = asks::live(run) => live.map(drop)?,
        () = kill_after_each_append(run.world, &appends) => {}
    }
    let (platform, appends) = (&run.world.platform, appends.into_inner());
    run.say(&format!(
        "{} kills after {appends} appends: the host restarted the handler {} times and stopped itself {} times, and each time the platform started a new one",
        platform.kills(),
        platform.restarts(),
        platform.new_hosts()
    ));
    // An append may fall in the moment between an order to kill and the death: that death then followed both.
    ensure!(
        platform.kills() * 10 >= appends * 8,
        "the handler outlived too many of its appends"
    );
    ensure!(platform.new_hosts() > 0, "the host never stopped itself");
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}

/// Never ends by itself.
async fn kill_after_each_append(world: &World, appends: &AtomicU32) {
    let mut seen = world.state().journaled_bytes();
    loop {
        let bytes = world.state().journaled_bytes();
        if bytes > seen {
            seen = bytes;
            world.platform.kill_handler();
            appends.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(LOOK).await;
    }
}
