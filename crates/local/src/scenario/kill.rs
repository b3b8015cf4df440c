//! `kill`: SIGKILL of the handler after each append to a journal; the host stops itself at every third crash.

use anyhow::ensure;
use std::time::Duration;

use super::run::Run;
use super::{asks, customer};
use crate::World;

/// Appends are milliseconds apart: that a record was written is noticed within one.
const LOOK: Duration = Duration::from_micros(500);

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    run.say("from now on the handler is killed whenever it has written a record");
    tokio::select! {
        live = asks::live(run) => live.map(drop)?,
        () = kill_after_each_append(run.world) => {}
    }
    let platform = &run.world.platform;
    run.say(&format!(
        "{} kills; the host restarted the handler {} times and stopped itself {} times; the platform started a new one each time",
        platform.kills(),
        platform.restarts(),
        platform.new_hosts()
    ));
    ensure!(platform.new_hosts() > 0, "the host never stopped itself");
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}

/// Never ends by itself.
async fn kill_after_each_append(world: &World) {
    let mut seen = world.state().journaled_bytes();
    loop {
        let bytes = world.state().journaled_bytes();
        if bytes > seen {
            seen = bytes;
            world.platform.kill_handler();
        }
        tokio::time::sleep(LOOK).await;
    }
}
