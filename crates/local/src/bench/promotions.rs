//! Many promotions at once to the end of their way: one version on as many routes, each onto an endpoint of its own, so that
//! none waits for another; every one is asked about, approved and live.

use anyhow::{Context as _, bail, ensure};
use cloud_sim::{ModelKind, Timings};
use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::memory::computed;
use super::{Memory, Sizes, number, title};
use crate::person::{Browser, Persona};
use crate::scenario::approval_links;
use crate::state::ACCOUNT;
use crate::{App, Ports, Sent, World, WorldOptions};

/// Seconds of the cloud's time a second.
const RATE: f64 = 60.0;
const LOOK: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(150);

/// Forms that are sent at once.
const PEOPLE: usize = 8;

pub(super) async fn measure(app: &App, sizes: &Sizes) -> anyhow::Result<()> {
    let many = sizes.promotions;
    title("promotions at once, from event to live");
    let options = WorldOptions {
        ports: Ports::Free,
        rate: RATE,
        timings: Timings {
            deployment: SignedDuration::from_mins(2),
            ..Timings::default()
        },
    };
    let world = World::start(app, &options).await?;
    let pid = world
        .platform
        .handler_pid()
        .await
        .context("no handler runs")?;
    let at_start = Memory::of(pid)?;
    let calls = total(&world);
    let began = Instant::now();
    world.cloud.register(ModelKind::Challenger)?;
    let outcome = tokio::time::timeout(LIMIT, all_live(&world, many)).await;
    let Ok(asked) = outcome else {
        bail!(
            "{} of {many} promotions were live after {} s: {}",
            live(&world),
            LIMIT.as_secs(),
            world.log.complaints(5).join(" | ")
        );
    };
    let (asked, took) = (asked?, began.elapsed());
    let calls = total(&world) - calls;
    let records = check(&world, many)?;
    let own: Duration = world
        .log
        .invocations()
        .values()
        .map(|(_, took)| *took)
        .sum();
    println!(
        "{many} promotions (one version, {many} routes, {many} endpoints; approved by a person each): {:.1} s, the last card after {:.1} s",
        took.as_secs_f64(),
        asked.as_secs_f64()
    );
    println!(
        "each on average: {:.0} ms of invocations (answers of the simulated cloud and waiting for a core included), {:.0} ms computed by the handler, {:.0} calls, {:.0} records",
        own.as_secs_f64() * 1000.0 / number(many),
        computed(pid)?.as_secs_f64() * 1000.0 / number(many),
        number(calls) / number(many),
        number(records) / number(many),
    );
    println!(
        "{many} live, {many} deployments with all the traffic of their endpoint, every chain verified: none lost, none doubled"
    );
    println!(
        "memory: start {:.1} MB; after these {}",
        at_start.now,
        Memory::of(pid)?
    );
    world.stop().await;
    Ok(())
}

/// Approves whatever asks, until all are live; answers when the last one asked.
async fn all_live(world: &World, many: usize) -> anyhow::Result<Duration> {
    let (ada, began) = (world.signed_in(Persona::Ada).await?, Instant::now());
    let (mut answered, mut asked) = (BTreeSet::new(), Duration::ZERO);
    while live(world) < many {
        let links: BTreeSet<_> = approval_links(&world.cloud.messages())
            .into_iter()
            .collect();
        let new: Vec<_> = links.difference(&answered).cloned().collect();
        if !new.is_empty() {
            asked = began.elapsed();
        }
        let votes = new.into_iter().map(|link| vote(&ada, link));
        let taken: Vec<_> = stream::iter(votes).buffer_unordered(PEOPLE).collect().await;
        for link in taken {
            answered.insert(link?);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(asked)
}

async fn vote(ada: &Browser, link: String) -> anyhow::Result<String> {
    match ada
        .answer(&link, "approve", "Looked at the gates and the plan.")
        .await
    {
        Sent::Taken => Ok(link),
        other => bail!("a vote was not taken: {other:?}"),
    }
}

/// How many markers say so.
fn live(world: &World) -> usize {
    let open = world.cloud.blobs().list(ACCOUNT, "state", "open/");
    let is_live = |stage: &String| stage == "live";
    open.iter()
        .filter(|marker| marker.metadata.get("stage").is_some_and(is_live))
        .count()
}

/// Nothing lost, nothing doubled; answers how many records there are.
fn check(world: &World, many: usize) -> anyhow::Result<usize> {
    let promotions = world.state().promotions().len();
    ensure!(
        promotions == many,
        "{promotions} promotions where {many} were expected"
    );
    let view = world.cloud.view();
    let endpoints = view
        .workspaces
        .iter()
        .flat_map(|workspace| &workspace.endpoints);
    let served: Vec<_> = endpoints
        .filter(|endpoint| endpoint.name.starts_with("bench-"))
        .map(|endpoint| {
            let weights = endpoint.deployments.iter().map(|found| found.weight);
            weights.collect::<Vec<_>>()
        })
        .collect();
    ensure!(
        served.len() == many && served.iter().all(|weights| weights == &[100]),
        "not every endpoint has one deployment with all the traffic: {served:?}"
    );
    world.state().audit()
}

fn total(world: &World) -> usize {
    let calls = world.cloud.calls();
    let ours = calls
        .iter()
        .filter(|(kind, _)| !kind.starts_with("servicebus.receiver"));
    ours.map(|(_, times)| usize::try_from(*times).unwrap_or(usize::MAX))
        .sum()
}
