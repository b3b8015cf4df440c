//! `kill-at-random`: SIGKILL of the handler at 50 moments that nobody chose, spread over promotions from event to live.
//!
//! First a promotion goes its way undisturbed: that is how long one takes on this machine. Then others go, several at once
//! and each in a cloud of its own; each is killed several times within that time, until there were enough kills.

use anyhow::{Context as _, ensure};
use futures::future::try_join_all;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::run::{CHAMPION, Run, approval_links};
use super::{asks, customer};
use crate::moments::{self, Moments};
use crate::print::Printer;
use crate::{App, World, WorldOptions};

const KILLS: u32 = 50;

/// Kills of one promotion.
const EACH: u32 = 7;

/// Promotions on their way at the same time.
const AT_ONCE: usize = 4;

/// How long one of them may take, kills and new hosts included.
const LIMIT: Duration = Duration::from_secs(75);

/// What is still to be killed, and what was.
struct Plan {
    seed: u64,
    undisturbed: Duration,
    begun: AtomicU32,
    left: AtomicU32,
    new_hosts: AtomicU32,
}

pub(super) async fn play(run: &Run<'_>, app: &App, options: &WorldOptions) -> anyhow::Result<()> {
    let seed = moments::seed()?;
    let began = Instant::now();
    asks::live(run).await?;
    let undisturbed = began.elapsed();
    run.lease_free().await?;
    run.say(&format!(
        "from event to live in {:.1} s without a kill; now with {KILLS} at random moments (SEED={seed} chooses the same)",
        undisturbed.as_secs_f64()
    ));
    let plan = Plan {
        seed,
        undisturbed,
        begun: AtomicU32::new(0),
        left: AtomicU32::new(KILLS),
        new_hosts: AtomicU32::new(0),
    };
    let lanes = (0..AT_ONCE).map(|_| plan.promote_and_kill(run, app, options));
    try_join_all(lanes)
        .await
        .with_context(|| format!("SEED={seed}"))?;
    run.say(&format!(
        "{KILLS} kills, {} promotions: each live, with one version, one deployment, one question and a verified chain; the hosts stopped themselves {} times",
        plan.begun.into_inner(),
        plan.new_hosts.into_inner()
    ));
    Ok(())
}

impl Plan {
    /// One promotion after the other, while kills are left.
    async fn promote_and_kill(
        &self,
        run: &Run<'_>,
        app: &App,
        options: &WorldOptions,
    ) -> anyhow::Result<()> {
        while let Some(wanted) = self.take() {
            let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
            let killed = self
                .promotion(run, app, options, number, wanted)
                .await
                .with_context(|| format!("promotion {number}"))?;
            self.left.fetch_add(wanted - killed, Ordering::Relaxed);
        }
        Ok(())
    }

    fn take(&self) -> Option<u32> {
        let take = |left: u32| (left > 0).then(|| left.saturating_sub(EACH));
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        left.ok().map(|left| left.min(EACH))
    }

    /// A promotion in a cloud of its own; answers how often its handler was killed.
    async fn promotion(
        &self,
        told: &Run<'_>,
        app: &App,
        options: &WorldOptions,
        number: u32,
        wanted: u32,
    ) -> anyhow::Result<u32> {
        let world = World::start(app, options).await?;
        let (printer, began) = (Printer::silent(), Instant::now());
        let run = Run::new(&world, &printer);
        let outcome = tokio::time::timeout(LIMIT, self.way(&run, number, wanted)).await;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(_) => Err(run.overdue(LIMIT).await),
        };
        let (kills, hosts) = (world.platform.kills(), world.platform.new_hosts());
        self.new_hosts.fetch_add(hosts, Ordering::Relaxed);
        match &outcome {
            Ok(at) => told.say(&format!(
                "promotion {number}: live in {:.1} s, killed {kills} times: {}",
                began.elapsed().as_secs_f64(),
                at.join(", ")
            )),
            Err(_) => {
                for line in world.log.complaints(12) {
                    told.say(&format!("promotion {number}: the app said: {line}"));
                }
            }
        }
        world.stop().await;
        outcome.map(|_| kills)
    }

    /// From the event to live, killed meanwhile; answers when.
    async fn way(&self, run: &Run<'_>, number: u32, wanted: u32) -> anyhow::Result<Vec<String>> {
        let mut at = Vec::new();
        tokio::select! {
            live = asks::live(run) => live.map(drop)?,
            () = self.kill(run, number, wanted, &mut at) => {}
        }
        run.lease_free().await?;
        customer::production_predicts_as(run, "challenger").await?;
        once(run)?;
        run.audit(1)?;
        Ok(at)
    }

    /// Never ends by itself. A moment at which the app is away is replaced by a later one.
    async fn kill(&self, run: &Run<'_>, number: u32, wanted: u32, at: &mut Vec<String>) {
        let (began, mut moments) = (Instant::now(), Moments::of(self.seed, number));
        for share in moments.shares(wanted) {
            let moment = began + self.undisturbed.mul_f64(share);
            tokio::time::sleep_until(moment.into()).await;
            while !run.world.platform.kill_running().await {
                let later = self.undisturbed.mul_f64(moments.share() / f64::from(EACH));
                tokio::time::sleep(later).await;
            }
            at.push(format!("{:.2} s", began.elapsed().as_secs_f64()));
        }
        std::future::pending::<()>().await;
    }
}

/// Nothing that a crash could have doubled is there twice.
fn once(run: &Run<'_>) -> anyhow::Result<()> {
    let versions = run.versions("ml-prod").len();
    ensure!(
        versions == 2,
        "{versions} versions in production where champion and candidate were expected"
    );
    let deployments = run.deployments();
    let ours = deployments.iter().filter(|found| found.name != CHAMPION);
    let ours: Vec<_> = ours
        .map(|found| format!("{} {} %", found.name, found.weight))
        .collect();
    ensure!(
        matches!(ours.as_slice(), [one] if one.ends_with(" 100 %")),
        "one deployment with all the traffic was expected: {}",
        ours.join(", ")
    );
    // A card that was sent again asks the same question.
    let questions: BTreeSet<_> = approval_links(&run.world.cloud.messages())
        .into_iter()
        .collect();
    ensure!(
        questions.len() == 1,
        "{} questions were asked where one was expected",
        questions.len()
    );
    Ok(())
}
