//! Other hands on the target, and an Azure that takes its time: traffic that somebody moves, an endpoint or a deployment that
//! somebody deletes, operations that are slow, fail, or never end. Every promotion ends, with a clean target and a sentence that
//! says why.

use bytes::Bytes;
use cloud_sim::{Cloud, OperationKind, Timings};
use http::Request;
use jiff::SignedDuration;
use liftlock::ui;
use serde_json::json;

use crate::mishap::Mishap;
use crate::part::{Part, Told};
use crate::play::Play;
use crate::pool::Verdict;
use crate::reference::Reference;
use crate::visible::{CHAMPION, ended_visibly};
use crate::world::World;

/// How long operations go on failing: longer than any deadline of the example. A way back is never given up, so it ends only
/// once they do not.
const FAILING: SignedDuration = SignedDuration::from_hours(6);

/// Steps within which a promotion says what it waits for.
const SIGHT: usize = 500;
/// Steps after which nothing will come of it any more.
const MOST_STEPS: usize = 10_000;

/// Only this trouble; absent: all.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Others {
    /// Its name.
    #[arg(long)]
    trouble: Option<String>,
    /// Only before this step of the story.
    #[arg(long)]
    step: Option<usize>,
}

/// What somebody or Azure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Somebody gives another deployment all the traffic, before this step.
    Traffic,
    /// Somebody deletes the endpoint, before this step.
    EndpointGone,
    /// Somebody deletes what served before, before this step, if Azure lets them: never while it has traffic.
    ChampionGone,
    /// Every operation of this kind from this step on ends in failure, for hours.
    Fails(OperationKind),
    /// Operations take nearly as long as they may.
    Slow,
    /// Operations of this kind never end.
    Endless(OperationKind),
}

impl Trouble {
    fn name(self) -> String {
        match self {
            Self::Traffic => "traffic-moved".to_owned(),
            Self::EndpointGone => "endpoint-deleted".to_owned(),
            Self::ChampionGone => "champion-deleted".to_owned(),
            Self::Fails(kind) => format!("{kind:?}-fails").to_lowercase(),
            Self::Slow => "slow".to_owned(),
            Self::Endless(kind) => format!("{kind:?}-never-ends").to_lowercase(),
        }
    }
}

const KINDS: [OperationKind; 4] = [
    OperationKind::Endpoint,
    OperationKind::Traffic,
    OperationKind::Deployment,
    OperationKind::Delete,
];

pub(crate) struct Case {
    trouble: Trouble,
    step: usize,
}

impl Part for Others {
    type Case = Case;

    const NAME: &'static str = "others";

    fn needs(&self) -> Vec<Mishap> {
        vec![Mishap::Trouble]
    }

    fn cases(&self, reference: &Reference) -> Result<Vec<Case>, String> {
        let steps = reference.steps()?;
        let named = |trouble: &Trouble| {
            let only = self.trouble.as_ref();
            only.is_none_or(|name| *name == trouble.name())
        };
        let hands = [
            Trouble::Traffic,
            Trouble::EndpointGone,
            Trouble::ChampionGone,
        ];
        let troubles = hands
            .into_iter()
            .chain([Trouble::Slow])
            .chain(KINDS.into_iter().map(Trouble::Fails))
            .chain(KINDS.into_iter().map(Trouble::Endless));
        Ok(troubles
            .filter(named)
            .flat_map(|trouble| {
                let begins = match trouble {
                    Trouble::Traffic | Trouble::EndpointGone | Trouble::ChampionGone => {
                        (0..steps.len()).collect()
                    }
                    Trouble::Fails(_) => before_each_write(reference, &steps),
                    Trouble::Slow | Trouble::Endless(_) => vec![0],
                };
                begins.into_iter().map(move |step| Case { trouble, step })
            })
            .filter(|case| self.step.is_none_or(|step| step == case.step))
            .collect())
    }

    fn told(Case { trouble, step }: &Case) -> Told {
        let name = trouble.name();
        Told {
            words: format!("{name} before step {step}"),
            options: format!("--trouble {name} --step {step}"),
        }
    }

    async fn play(reference: &Reference, case: &Case, play: &mut Play<'_>) -> Verdict {
        play.forgives();
        time_operations(&play.world.cloud, case.trouble);
        let mut step = 0;
        let mut until = None;
        loop {
            if step == case.step {
                begin(reference, &play.world, case.trouble).await?;
                until = Some(play.world.now() + FAILING);
            }
            let fails = until.is_some_and(|until| play.world.now() < until);
            if let (true, Trouble::Fails(kind)) = (fails, case.trouble) {
                play.world.cloud.fail_next(
                    kind,
                    "InternalServerError",
                    "it failed, as was asked for",
                );
            }
            step += 1;
            if step > case.step + MOST_STEPS {
                play.world.carrier.happened(Mishap::Trouble);
                return goes_back_in_sight(play, case.trouble).await;
            }
            if !play.step().await? {
                break;
            }
        }
        count_effects(reference, play);
        play.settle().await?;
        ended_visibly(reference, &play.world)
    }
}

/// The first step, and each one behind a write to Azure: from which of the steps between two writes on they fail is one.
fn before_each_write(reference: &Reference, steps: &[usize]) -> Vec<usize> {
    let writes = |calls: usize| {
        let made = reference.calls[..calls].iter();
        made.filter(|call| call.is_write() && call.operation.starts_with("arm."))
            .count()
    };
    let later = (1..steps.len()).filter(|step| writes(steps[*step]) > writes(steps[*step - 1]));
    std::iter::once(0).chain(later).collect()
}

/// What had no effect took the calls and came to the end of the undisturbed story.
fn count_effects(reference: &Reference, play: &Play<'_>) {
    let carrier = &play.world.carrier;
    let otherwise = reference.check(play).is_err();
    if otherwise {
        carrier.happened(Mishap::OtherEnd);
    }
    if otherwise || carrier.count() != reference.calls.len() {
        carrier.happened(Mishap::Trouble);
    }
}

/// What Azure never ends a way back waits for, for it must not give up; and says so, again and again.
async fn goes_back_in_sight(play: &mut Play<'_>, trouble: Trouble) -> Verdict {
    let endless = trouble == Trouble::Endless(OperationKind::Traffic);
    for _ in 0..SIGHT {
        let promotion = play.newest().and_then(|id| play.world.promotion(&id));
        let told = promotion.map(|promotion| ui::why(&promotion, play.world.now()));
        if endless && told.is_some_and(|told| told.contains("Azure has been working on")) {
            return Ok(());
        }
        play.step().await?;
    }
    Err(format!("it comes to no end: {}", play.account()))
}

fn time_operations(cloud: &Cloud, trouble: Trouble) {
    let minutes = SignedDuration::from_mins;
    let quick = SignedDuration::from_secs(2);
    let never = SignedDuration::from_hours(24 * 365);
    let of = |kind, otherwise| match trouble {
        Trouble::Slow => minutes(40),
        Trouble::Endless(endless) if endless == kind => never,
        _ => otherwise,
    };
    cloud.set_timings(Timings {
        endpoint: of(OperationKind::Endpoint, quick),
        traffic: of(OperationKind::Traffic, quick),
        deployment: of(OperationKind::Deployment, SignedDuration::from_secs(5)),
        delete: of(OperationKind::Delete, quick),
    });
}

/// Somebody does it with the portal's own calls; where there is nothing that it could be done to yet, nothing.
async fn begin(reference: &Reference, world: &World, trouble: Trouble) -> Verdict {
    let at = format!(
        "/arm{}/onlineEndpoints/{}",
        Cloud::prod().arm_id(),
        reference.endpoint()
    );
    let endpoint = format!("{at}?api-version=2024-04-01");
    let Some(found) = ask(world, "GET", &endpoint, None).await else {
        return Ok(());
    };
    let done = match trouble {
        // Where nothing served before there is nothing that the traffic could be moved to.
        Trouble::Traffic if !found_in(world, CHAMPION, reference.endpoint()) => Some(Bytes::new()),
        Trouble::Traffic => {
            let mut body: serde_json::Value = serde_json::from_slice(&found).unwrap_or_default();
            body["properties"]["traffic"] = json!({CHAMPION: 100});
            ask(world, "PUT", &endpoint, Some(body)).await
        }
        Trouble::EndpointGone => ask(world, "DELETE", &endpoint, None).await,
        Trouble::ChampionGone => {
            let champion = format!("{at}/deployments/{CHAMPION}?api-version=2024-04-01");
            let gone = ask(world, "DELETE", &champion, None).await;
            // Refused while it serves: then nothing has happened.
            Some(gone.unwrap_or_default())
        }
        Trouble::Fails(_) | Trouble::Slow | Trouble::Endless(_) => Some(Bytes::new()),
    };
    // Azure changes an endpoint one operation at a time: then somebody came too late.
    let busy = done.is_none()
        && world
            .cloud
            .view()
            .operations
            .iter()
            .any(|o| o.resource.contains(reference.endpoint()));
    if done.is_some() || busy {
        return Ok(());
    }
    Err(format!("{} could not even be done", trouble.name()))
}

fn found_in(world: &World, deployment: &str, on: &str) -> bool {
    let workspaces = world.cloud.view().workspaces;
    let mut endpoints = workspaces.iter().flat_map(|workspace| &workspace.endpoints);
    endpoints.any(|endpoint| {
        endpoint
            .deployments
            .iter()
            .any(|d| d.name == deployment && endpoint.name == on)
    })
}

async fn ask(
    world: &World,
    method: &str,
    path: &str,
    body: Option<serde_json::Value>,
) -> Option<Bytes> {
    let (token, _) = world.cloud.identity().token("https://management.azure.com");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())))
        .ok()?;
    let answer = world.cloud.ask(request).await?;
    answer.status().is_success().then(|| answer.into_body())
}
