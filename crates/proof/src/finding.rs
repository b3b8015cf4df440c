//! What is there when all is over: two runs that found the same went the same way, whatever happened in between.

use std::collections::{BTreeMap, BTreeSet};

use promotion::{
    Aggregate as _, Effect, Fact, IntakeEnd, IntakeStage, Line, Notice, PromotionId, VoteKind,
};

use crate::world::World;

/// The final state, without times and chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// By promotion.
    pub(crate) promotions: BTreeMap<String, Ended>,
    /// How each intake ended.
    pub(crate) intakes: BTreeSet<String>,
    /// Registered versions by workspace, of models, code and environments, with the promotion that registered them.
    pub(crate) versions: BTreeSet<String>,
    /// Deployments with model, state and weight.
    pub(crate) serving: BTreeSet<String>,
    /// Who holds a target.
    pub(crate) leases: Vec<PromotionId>,
    /// Open markers, closed markers.
    pub(crate) markers: (BTreeSet<String>, BTreeSet<String>),
    /// Headings of cards, each once: a webhook card may come twice. One that somebody's answer overtook counts as told, whether
    /// it still came or not.
    pub(crate) cards: BTreeSet<String>,
}

/// How a promotion ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) stage: &'static str,
    pub(crate) attempt: u32,
    /// How often people were asked.
    pub(crate) questions: usize,
    /// Who answered what, in order.
    pub(crate) votes: Vec<String>,
}

impl Finding {
    /// What is there now.
    pub(crate) fn of(world: &World) -> Self {
        let view = world.cloud.view();
        let mut versions = BTreeSet::new();
        let mut serving = BTreeSet::new();
        for workspace in &view.workspaces {
            for model in &workspace.models {
                for version in &model.versions {
                    let by = version
                        .properties
                        .get("liftlock.promotion")
                        .cloned()
                        .flatten();
                    versions.insert(format!(
                        "{} {}:{} {}",
                        workspace.name,
                        model.name,
                        version.version,
                        by.unwrap_or_default()
                    ));
                }
            }
            for asset in workspace.code.iter().chain(&workspace.environments) {
                let by = asset.properties.get("liftlock.promotion").cloned();
                versions.insert(format!(
                    "{} {}:{} {}",
                    workspace.name,
                    asset.name,
                    asset.version,
                    by.flatten().unwrap_or_default()
                ));
            }
            for endpoint in &workspace.endpoints {
                for deployment in &endpoint.deployments {
                    serving.insert(format!(
                        "{}/{} {} {} {} %",
                        endpoint.name,
                        deployment.name,
                        deployment.model,
                        deployment.state,
                        deployment.weight
                    ));
                }
            }
        }
        let names = |prefix: &str| {
            world
                .state(prefix)
                .into_iter()
                .map(|blob| blob.name)
                .collect()
        };
        Self {
            promotions: promotions(world),
            intakes: intakes(world),
            versions,
            serving,
            leases: world.lease_holders(),
            markers: (names("open/"), names("closed/")),
            cards: world
                .cloud
                .messages()
                .iter()
                .map(|message| heading(&message["card"]))
                .chain(overtaken(world))
                .collect(),
        }
    }

    /// What must hold at every end, whatever the way: traffic, dead letters, a marker for all that has ended. Empty: all does.
    pub(crate) fn faults(world: &World) -> Vec<String> {
        let mut faults = Vec::new();
        for workspace in world.cloud.view().workspaces {
            for endpoint in workspace.endpoints {
                let sum: u32 = endpoint.deployments.iter().map(|d| d.weight).sum();
                if sum != 0 && sum != 100 {
                    faults.push(format!("{} serves {sum} %", endpoint.name));
                }
            }
        }
        if world.dead_letters > 0 {
            faults.push(format!("{} messages were put aside", world.dead_letters));
        }
        let closed = world.state("closed/");
        let unmarked = |name: &String| !closed.iter().any(|marker| marker.name.ends_with(name));
        let lost = world.ended_journals().into_iter().filter(unmarked);
        faults.extend(lost.map(|name| format!("{name} has ended and no marker says so")));
        faults
    }
}

fn promotions(world: &World) -> BTreeMap<String, Ended> {
    let mut ended = BTreeMap::new();
    for promotion in world.promotions() {
        let lines = world.records(promotion.id()).unwrap_or_default();
        let facts = || lines.iter().map(|line| &line.fact);
        let votes = facts().filter_map(|fact| match fact {
            Fact::Voted { vote } => Some(format!(
                "{} {}",
                vote.person.name,
                match vote.kind {
                    VoteKind::Approve => "approves",
                    VoteKind::Reject => "rejects",
                }
            )),
            _ => None,
        });
        let questions = facts().filter(|fact| matches!(fact, Fact::Pinned { .. }));
        ended.insert(
            promotion.id().to_string(),
            Ended {
                stage: promotion.stage().name(),
                attempt: promotion.attempt().number(),
                questions: questions.count(),
                votes: votes.collect(),
            },
        );
    }
    ended
}

/// Headings of the cards that were overtaken before they could be told: somebody answered, took their word back, or ended it.
fn overtaken(world: &World) -> Vec<String> {
    let mut headings = Vec::new();
    for promotion in world.promotions() {
        let lines = world.records(promotion.id()).unwrap_or_default();
        for (at, line) in lines.iter().enumerate() {
            let Fact::Planned { key, effect } = &line.fact else {
                continue;
            };
            let Effect::Notify { notice } = effect.as_ref() else {
                continue;
            };
            let words = match notice {
                Notice::ApprovalAsked => "approval needed",
                Notice::Revoked => "approval taken back",
                Notice::OverrideWanted => "OVERRIDE wanted",
                Notice::Approved => "approved",
                _ => continue,
            };
            let settles = |line: &&Line<Fact>| matches!(&line.fact, Fact::Done { key: done, .. } | Fact::Dropped { key: done } if done == key);
            let mut until = lines[at..].iter().take_while(|line| !settles(line));
            let overtakes = |line: &Line<Fact>| {
                matches!(
                    line.fact,
                    Fact::Voted { .. }
                        | Fact::Overrode { .. }
                        | Fact::Revoked { .. }
                        | Fact::Entered { .. }
                )
            };
            if until.any(overtakes) {
                let (what, to) = (promotion.candidate(), &promotion.route().target.stage);
                headings.push(format!("{} {} → {to}: {words}", what.model, what.version));
            }
        }
    }
    headings
}

fn intakes(world: &World) -> BTreeSet<String> {
    let end = |intake: &promotion::Intake| match intake.stage() {
        IntakeStage::Closed(IntakeEnd::Opened {
            version,
            promotions,
        }) => {
            format!("opened {version}: {promotions:?}")
        }
        IntakeStage::Closed(IntakeEnd::Ignored { reason }) => format!("ignored: {reason:?}"),
        IntakeStage::Closed(IntakeEnd::Failed { failure }) => format!("failed: {}", failure.code),
        _ => format!("open: {}", intake.is_closed()),
    };
    world.intakes().iter().map(end).collect()
}

/// The first text of a card.
fn heading(card: &serde_json::Value) -> String {
    match card {
        serde_json::Value::Object(fields) => fields
            .get("text")
            .and_then(|text| text.as_str())
            .map(str::to_owned)
            .or_else(|| {
                let parts = ["body", "items", "columns"];
                parts
                    .iter()
                    .filter_map(|part| fields.get(*part))
                    .map(heading)
                    .find(|text| !text.is_empty())
            })
            .unwrap_or_default(),
        serde_json::Value::Array(items) => items
            .iter()
            .map(heading)
            .find(|text| !text.is_empty())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

impl Finding {
    /// What is otherwise than in `wanted`, in words.
    pub(crate) fn differences(&self, wanted: &Self) -> Vec<String> {
        let mut said = Vec::new();
        let mut compare = |what: &str, found: String, expected: String| {
            if found != expected {
                said.push(format!("{what}: {found}, not {expected}"));
            }
        };
        compare(
            "promotions",
            format!("{:?}", self.promotions),
            format!("{:?}", wanted.promotions),
        );
        compare(
            "intakes",
            format!("{:?}", self.intakes),
            format!("{:?}", wanted.intakes),
        );
        compare(
            "versions",
            format!("{:?}", self.versions),
            format!("{:?}", wanted.versions),
        );
        compare(
            "serving",
            format!("{:?}", self.serving),
            format!("{:?}", wanted.serving),
        );
        compare(
            "leases",
            format!("{:?}", self.leases),
            format!("{:?}", wanted.leases),
        );
        compare(
            "markers",
            format!("{:?}", self.markers),
            format!("{:?}", wanted.markers),
        );
        compare(
            "cards",
            format!("{:?}", self.cards),
            format!("{:?}", wanted.cards),
        );
        said
    }
}
