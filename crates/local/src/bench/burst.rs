//! A burst of events, a fifth of them twice: none lost, none doubled.

use anyhow::ensure;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::bare::{Bare, event};
use super::{Sizes, title};
use crate::App;
use crate::moments::Moments;
use crate::state::{ACCOUNT, State};

/// Connections that a burst comes over.
const AT_ONCE: usize = 200;

/// One event in so many is the second delivery of another one.
const TWICE: usize = 5;

/// The same order in each run.
const SEED: u64 = 7;

pub(super) async fn measure(app: &App, sizes: &Sizes) -> anyhow::Result<()> {
    title("burst");
    let bare = Bare::start(app).await?;
    let twice = sizes.burst / TWICE;
    let distinct = sizes.burst - twice;
    let mut versions: Vec<_> = (1..=distinct).chain(1..=twice).collect();
    shuffle(&mut versions);
    let (began, again) = (Instant::now(), AtomicUsize::new(0));
    stream::iter(versions)
        .map(|version| delivered(&bare, version, &again))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    let took = began.elapsed();
    // And the one that came before.
    count(&bare, distinct + 1)?;
    println!(
        "{} events ({distinct} versions, {twice} of them twice, shuffled), {AT_ONCE} at once: {:.2} s, {} delivered again",
        sizes.burst,
        took.as_secs_f64(),
        again.into_inner()
    );
    println!(
        "kept: {distinct} events, {distinct} journals, {distinct} markers, {distinct} promotions: none lost, none doubled"
    );
    println!("memory: {}", bare.memory()?);
    Ok(())
}

/// As Event Grid does: again until it is taken.
async fn delivered(bare: &Bare, version: usize, again: &AtomicUsize) -> anyhow::Result<()> {
    while bare
        .call("ml_event", &event("diabetes", version))
        .await?
        .is_err()
    {
        again.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

fn count(bare: &Bare, distinct: usize) -> anyhow::Result<()> {
    let names = |prefix: &str| {
        let listed = bare.cloud.blobs().list(ACCOUNT, "state", prefix);
        listed
            .into_iter()
            .filter_map(|blob| Some(blob.name.strip_prefix(prefix)?.to_owned()))
            .collect::<BTreeSet<_>>()
    };
    let state = State::of(&bare.cloud);
    let (events, markers) = (names("events/").len(), names("open/"));
    let promotions: BTreeSet<_> = state.promotions().into_iter().collect();
    ensure!(
        events == distinct,
        "{events} events were kept of {distinct}"
    );
    ensure!(
        promotions.len() == distinct,
        "{} promotions were opened by {distinct} versions",
        promotions.len()
    );
    ensure!(markers == promotions, "markers and journals differ");
    // Replays each, and so finds a first record that is there twice.
    let records = state.audit()?;
    ensure!(
        records == distinct,
        "{records} records where {distinct} were opened"
    );
    Ok(())
}

fn shuffle(versions: &mut [usize]) {
    let mut moments = Moments::of(SEED, 0);
    for end in (1..versions.len()).rev() {
        versions.swap(end, moments.below(end + 1));
    }
}
