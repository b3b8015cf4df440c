//! Registering: the copied files become a version of the same number, with its lineage in its properties.

use std::collections::BTreeMap;

use super::once;
use crate::effect::Effect;
use crate::permit::Permit;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};

pub(super) fn next(p: &Promotion, permit: &Permit, registered: bool) -> Vec<Fact> {
    if registered {
        return vec![Fact::Entered {
            phase: Phase::WaitingForTarget,
        }];
    }
    let pinned = permit.pinned();
    let digest = pinned.manifest.digest();
    once(
        p,
        Effect::RegisterModel {
            workspace: p.route.target.workspace.clone(),
            model: p.candidate.model.clone(),
            version: p.candidate.version.clone(),
            model_type: pinned.source.model_type.clone(),
            uri: pinned.plan.model_uri.clone(),
            properties: lineage(p, permit),
            manifest: digest,
        },
    )
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
