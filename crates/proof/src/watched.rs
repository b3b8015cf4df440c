//! The watch: in a rollout of hours a candidate becomes worse at a random moment: in a pause, while a person is waited for, in
//! the bake. The champion has its traffic back within one interval of the measurement that shows it.

use cloud_sim::ServingFault;
use jiff::{SignedDuration, Timestamp};
use promotion::analysis::Measured;
use promotion::{Effect, Fact, Outcome, Promotion, Stage};

use crate::chance::Chance;
use crate::mishap::Mishap;
use crate::part::{Part, Told};
use crate::people::Who;
use crate::play::Play;
use crate::pool::Verdict;
use crate::reference::Reference;
use crate::setting::Changes;
use crate::story::{APPROVE, Act, REGISTER, Story, What, When, act};

/// Between two measurements, as configured.
const INTERVAL: SignedDuration = SignedDuration::from_mins(1);

/// How many minutes people let the rollout wait for them.
const PEOPLE: i64 = 40;

/// Faults begin within so many seconds of the first traffic: with what Azure Monitor needs to show one they are measured before the
/// candidate is live, after an hour and three quarters.
const FAULTS: u32 = 90 * 60;

const LONG: Changes = &[
    (
        "liftlock.yaml",
        "        - pause: { duration: 10m }
        - setWeight: 100
",
        "        - pause: { duration: 20m }
        - setWeight: 50
        - pause: {}
        - setWeight: 100
        - bake: { duration: 45m }
      analysis: { templates: [error-rate, latency] }
",
    ),
    (
        "liftlock.yaml",
        "    deadlines: { deployment: 45m, copy: 2h }",
        "    deadlines: { deployment: 45m, copy: 2h, resume: 1d }",
    ),
    (
        "liftlock.yaml",
        "teams:
",
        "analysisTemplates:
  - name: error-rate
    provider: { azureMonitor: { metric: RequestsPerMinute, ratioOf: { statusCodeClass: 5xx } } }
    successCondition: result < 0.01
    interval: 60s
    minSamples: 100
  - name: latency
    provider: { azureMonitor: { metric: RequestLatency_P95 } }
    successCondition: result < 80
    interval: 60s
    minSamples: 100
teams:
",
    ),
];

const ACTS: &[Act] = &[
    act(When::Now, What::Callers(600)),
    REGISTER,
    APPROVE,
    act(When::Paused(PEOPLE), What::Resume(Who::Ada)),
];

pub(crate) static STORY: Story = Story {
    name: "watched-for-hours",
    changes: LONG,
    acts: ACTS,
    ending: Some("finished"),
};

/// How many cases, and which.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Watched {
    /// How many planted faults.
    #[arg(long, default_value_t = 100)]
    cases: u64,
    /// The seed of the first.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Part for Watched {
    type Case = u64;

    const NAME: &'static str = "watched";

    fn needs(&self) -> Vec<Mishap> {
        vec![Mishap::BackInTime]
    }

    fn cases(&self, _: &Reference) -> Result<Vec<u64>, String> {
        Ok((0..self.cases).map(|n| self.seed + n).collect())
    }

    fn told(seed: &u64) -> Told {
        Told {
            words: format!("seed {seed}"),
            options: format!("--cases 1 --seed {seed}"),
        }
    }

    async fn play(_: &Reference, seed: &u64, play: &mut Play<'_>) -> Verdict {
        let mut chance = Chance::of(*seed);
        play.forgives();
        while traffic_since(play).is_none() {
            if !play.step().await? {
                return Err(format!("it never had traffic: {}", play.account()));
            }
        }
        let delay = SignedDuration::from_secs(i64::from(chance.below(FAULTS)));
        let since = play.world.now() + delay;
        play.world.cloud.plant(fault(&mut chance, since));
        play.finish().await?;
        came_back(play, since)
    }
}

/// Errors, or twice the latency, from `since` on.
fn fault(chance: &mut Chance, since: Timestamp) -> ServingFault {
    let fault = if chance.below(2) == 0 {
        ServingFault::errors("diabetes", "2", 0.02 + f64::from(chance.below(50)) / 100.0)
    } else {
        ServingFault::slow("diabetes", "2", 2.0)
    };
    ServingFault {
        from_weight: 1,
        since: Some(since),
        ..fault
    }
}

/// Since when the newest promotion's candidate is measured.
fn traffic_since(play: &Play<'_>) -> Option<Timestamp> {
    let promotion: Promotion = play.world.promotion(&play.newest()?)?;
    match promotion.stage() {
        Stage::Shifting { rollout, .. } => rollout.beside.as_ref().map(|watch| watch.began),
        _ => None,
    }
}

/// Whether the first measurement that has failed was followed by the champion's traffic within one interval.
fn came_back(play: &Play<'_>, since: Timestamp) -> Verdict {
    if play.stage() != Some("rolled back") {
        return Err(format!("worse since {since}, and {}", play.account()));
    }
    let id = play.newest().ok_or("there is no promotion")?;
    let lines = play.world.records(&id).ok_or("it has no journal")?;
    let failed = lines
        .iter()
        .position(|line| failed_at(&line.fact).is_some());
    let failed = failed.ok_or("no measurement has failed")?;
    let measured = failed_at(&lines[failed].fact).ok_or("no measurement has failed")?;
    if measured < since {
        return Err(format!(
            "measured as worse at {measured}, before it was, at {since}"
        ));
    }
    let mut set = Vec::new();
    let restored = lines[failed..].iter().find_map(|line| match &line.fact {
        Fact::Planned { key, effect } if matches!(**effect, Effect::SetTraffic { .. }) => {
            set.push(key.clone());
            None
        }
        Fact::Done { key, .. } if set.contains(key) => Some(line.at),
        _ => None,
    });
    let restored = restored.ok_or("the traffic was never restored")?;
    let took = restored.duration_since(measured);
    if took > INTERVAL {
        return Err(format!("it took {took:#}, more than one interval"));
    }
    play.world.carrier.happened(Mishap::BackInTime);
    Ok(())
}

/// When it was measured that it is worse.
fn failed_at(fact: &Fact) -> Option<Timestamp> {
    let Fact::Done { outcome, .. } = fact else {
        return None;
    };
    let Outcome::Measured { taken, .. } = &**outcome else {
        return None;
    };
    let failed = |came_to| came_to == Measured::Failed;
    let mut taken = taken.iter().map(|one| &one.measurement);
    taken.find(|one| failed(one.came_to)).map(|one| one.at)
}
