//! What must hold at every end, also where trouble has led elsewhere than the undisturbed story: all has ended, the target is
//! clean, nothing was done twice, and whoever looks is told what is where and what to do next.

use std::collections::BTreeMap;

use promotion::{Aggregate as _, Ending, Fact, Outcome, Promotion, deployment_name};

use crate::finding::Finding;
use crate::pool::Verdict;
use crate::reference::Reference;
use crate::world::World;

/// The deployment that serves in a fresh world.
pub(crate) const CHAMPION: &str = "champion-v1";

/// Whether everything has ended as it may.
pub(crate) fn ended_visibly(reference: &Reference, world: &World) -> Verdict {
    let finding = Finding::of(world);
    nothing_lost(reference, &finding)?;
    still_serves(reference, world)?;
    let faults = Finding::faults(world);
    if !faults.is_empty() || !finding.leases.is_empty() || !finding.markers.0.is_empty() {
        return Err(format!("left behind: {faults:?}, {finding:?}"));
    }
    let promotions = world.promotions();
    for promotion in &promotions {
        if !promotion.is_closed() {
            return Err(format!("{} stands still", promotion.id()));
        }
        says_why(promotion, world)?;
    }
    once_only(world, &finding, &promotions)
}

/// Every promotion and every intake that the undisturbed story has is there.
fn nothing_lost(reference: &Reference, finding: &Finding) -> Verdict {
    let wanted = &reference.finding;
    let lost = wanted
        .promotions
        .keys()
        .find(|id| !finding.promotions.contains_key(*id));
    // An intake that failed has opened none, and says so.
    let failed = finding.intakes.iter().any(|end| end.starts_with("failed"));
    match lost {
        Some(id) if !failed => Err(format!("{id} was never opened")),
        _ if finding.intakes.len() < wanted.intakes.len() => Err("a job was lost".to_owned()),
        _ => Ok(()),
    }
}

/// Where what served before is there all traffic goes somewhere; and nowhere does it add up to a part.
fn still_serves(reference: &Reference, world: &World) -> Verdict {
    let name = reference.endpoint();
    for workspace in world.cloud.view().workspaces {
        for endpoint in workspace
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.name == name)
        {
            let sum: u32 = endpoint.deployments.iter().map(|d| d.weight).sum();
            let served = endpoint.deployments.iter().any(|d| d.name == CHAMPION);
            if sum != 100 && (served || sum > 0) {
                return Err(format!("{name} serves {sum} %"));
            }
        }
    }
    Ok(())
}

/// One version, one question an attempt, and deployments only of what serves.
fn once_only(world: &World, finding: &Finding, promotions: &[Promotion]) -> Verdict {
    let mut registered: BTreeMap<String, u32> = BTreeMap::new();
    for workspace in world.cloud.view().workspaces {
        for version in workspace.models.iter().flat_map(|model| &model.versions) {
            let by = version
                .properties
                .get("liftlock.promotion")
                .cloned()
                .flatten();
            *registered.entry(by.unwrap_or_default()).or_default() += 1;
        }
        for endpoint in &workspace.endpoints {
            for deployment in endpoint
                .deployments
                .iter()
                .filter(|d| d.name.starts_with("ll-"))
            {
                deployed(world, &deployment.name, deployment.weight, promotions)?;
            }
        }
    }
    for promotion in promotions {
        let id = promotion.id().as_str();
        if registered.get(id).is_some_and(|versions| *versions > 1) {
            return Err(format!("{id} has registered more than one version"));
        }
        let asked = finding.promotions[id].questions;
        if asked > promotion.attempt().number() as usize {
            return Err(format!(
                "{id} asked {asked} times in {} attempts",
                promotion.attempt()
            ));
        }
    }
    Ok(())
}

/// A deployment of ours that is left: of the attempt that serves, or one that Azure would not delete.
fn deployed(world: &World, name: &str, weight: u32, promotions: &[Promotion]) -> Verdict {
    let owner = promotions
        .iter()
        .find(|promotion| deployment_name(promotion.id(), promotion.attempt()).as_str() == name);
    let Some(owner) = owner else {
        return Err(format!(
            "deployment {name} is of no attempt that ended last"
        ));
    };
    let finished = matches!(owner.stage().ending(), Some(Ending::Finished { .. }));
    if finished || weight == 0 && was_left_alone(world, owner) {
        return Ok(());
    }
    Err(format!(
        "deployment {name} is left with {weight} % of one that is {}",
        owner.stage().name()
    ))
}

/// Whether its journal says that its deployment could not be deleted.
fn was_left_alone(world: &World, owner: &Promotion) -> bool {
    let lines = world.records(owner.id()).unwrap_or_default();
    lines.iter().any(|line| match &line.fact {
        Fact::Done { outcome, .. } => matches!(**outcome, Outcome::LeftAlone { .. }),
        _ => false,
    })
}

/// What people are told names an end that has a reason, and what to do next where something is to be done.
fn says_why(promotion: &Promotion, world: &World) -> Verdict {
    let told = liftlock::ui::why(promotion, world.now());
    let remedy = match promotion.stage().ending() {
        Some(Ending::Failed { .. }) => ["replay", "reopen"].iter().any(|verb| told.contains(verb)),
        Some(
            Ending::RolledBack { .. }
            | Ending::Voided { .. }
            | Ending::Blocked { .. }
            | Ending::Expired,
        ) => told.to_lowercase().contains("reopen"),
        _ => true,
    };
    if remedy {
        return Ok(());
    }
    Err(format!(
        "{} does not say what to do next: {told}",
        promotion.id()
    ))
}
