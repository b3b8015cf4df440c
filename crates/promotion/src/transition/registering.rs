//! Registering: the copied files become a version of the same number, with its lineage in its properties; then the code and
//! the environment that its deployment brings along, each under its content.

use std::collections::BTreeMap;

use super::once;
use crate::effect::Effect;
use crate::permit::Permit;
use crate::plan::Plan;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::stage::Registered;

pub(super) fn next(p: &Promotion, permit: &Permit, registered: Registered) -> Vec<Fact> {
    let plan = &permit.pinned().plan;
    let wanted = if registered.model {
        code(p, plan, registered).or_else(|| environment(p, plan, registered))
    } else {
        Some(model(p, permit))
    };
    match wanted {
        Some(effect) => once(p, effect),
        None => vec![Fact::Entered {
            phase: Phase::WaitingForTarget,
        }],
    }
}

fn code(p: &Promotion, plan: &Plan, registered: Registered) -> Option<Effect> {
    let code = plan.deployment_spec.code.as_ref()?;
    (!registered.code).then(|| Effect::RegisterCode {
        workspace: p.route.target.workspace.clone(),
        place: plan.place_of(code),
        code: code.clone(),
        promotion: p.id.clone(),
    })
}

fn environment(p: &Promotion, plan: &Plan, registered: Registered) -> Option<Effect> {
    let environment = plan.deployment_spec.environment.as_ref()?;
    environment
        .in_workspace()
        .filter(|_| !registered.environment)?;
    Some(Effect::RegisterEnvironment {
        workspace: p.route.target.workspace.clone(),
        environment: environment.clone(),
        promotion: p.id.clone(),
    })
}

fn model(p: &Promotion, permit: &Permit) -> Effect {
    let pinned = permit.pinned();
    let digest = pinned.manifest.digest();
    Effect::RegisterModel {
        workspace: p.route.target.workspace.clone(),
        model: p.candidate.model.clone(),
        version: p.candidate.version.clone(),
        model_type: pinned.source.model_type.clone(),
        uri: pinned.plan.model_uri.clone(),
        properties: lineage(p, permit),
        manifest: digest,
    }
}

fn lineage(p: &Promotion, permit: &Permit) -> BTreeMap<String, String> {
    let pinned = permit.pinned();
    let mut properties = BTreeMap::from([
        ("liftlock.promotion".to_owned(), p.id.as_str().to_owned()),
        (
            "liftlock.manifest".to_owned(),
            pinned.manifest.digest().as_str().to_owned(),
        ),
        (
            "liftlock.source.workspace".to_owned(),
            p.candidate.workspace.as_str().to_owned(),
        ),
    ]);
    if let Some(run) = &pinned.source.lineage.run {
        properties.insert("liftlock.source.run".to_owned(), run.as_str().to_owned());
    }
    properties
}
