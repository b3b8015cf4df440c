//! Events a second, through the handler and by the store alone.

use anyhow::{bail, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::bare::{Bare, event};
use super::store_alone::StoreAlone;
use super::{Sizes, number, title};
use crate::App;

const AT_ONCE: [usize; 3] = [1, 8, 32];

pub(super) async fn measure(app: &App, sizes: &Sizes) -> anyhow::Result<()> {
    title("events accepted (ModelRegistered of one route, each another version)");
    println!(
        "{:>9}{:>16}{:>18}{:>24}",
        "at once", "handler", "store alone", "handler / store alone"
    );
    let bare = Bare::start(app).await?;
    let mut writes = BTreeMap::new();
    for (round, at_once) in AT_ONCE.into_iter().enumerate() {
        let first = 1 + round * sizes.events;
        let before = bare.cloud.calls();
        let took = all(sizes, at_once, async |n| accepted(&bare, first + n).await).await?;
        writes = bare.calls_since(&before);
        let before = bare.cloud.calls();
        let store = StoreAlone::of(&bare.cloud, &bare.http)?;
        let alone = all(sizes, at_once, async |n| store.writes(first + n).await).await?;
        let by_store = bare.calls_since(&before);
        ensure!(
            writes == by_store,
            "the store alone was asked for {by_store:?} where the handler asks for {writes:?}"
        );
        let rate = |took: Duration| number(sizes.events) / took.as_secs_f64();
        println!(
            "{at_once:>9}{:>14.0}/s{:>16.0}/s{:>24.2}",
            rate(took),
            rate(alone),
            rate(took) / rate(alone)
        );
    }
    let each = writes
        .iter()
        .map(|(kind, times)| format!("{kind} {}", times / sizes.events as u64));
    println!(
        "calls of one event: {}",
        each.collect::<Vec<_>>().join(", ")
    );
    println!(
        "memory: start {:.1} MB; after these {}",
        bare.at_start.now,
        bare.memory()?
    );
    Ok(())
}

/// How long all of them take, so many at once.
async fn all(
    sizes: &Sizes,
    at_once: usize,
    one: impl AsyncFn(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    stream::iter(0..sizes.events)
        .map(|n| one(n))
        .buffer_unordered(at_once)
        .try_collect::<()>()
        .await?;
    Ok(began.elapsed())
}

async fn accepted(bare: &Bare, version: usize) -> anyhow::Result<()> {
    match bare.call("ml_event", &event("diabetes", version)).await? {
        Ok(()) => Ok(()),
        Err(refused) => bail!("version {version} was not taken: {}", refused.0),
    }
}
