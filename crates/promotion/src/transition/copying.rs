//! Copying: the source is looked at once more, its files are copied, and what has landed is looked at.

use super::asking_after::{self, Before};
use super::{finish, once};
use crate::effect::Effect;
use crate::ending::{Ending, FailedAt};
use crate::ledger::Failure;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::stage::Copy;

pub(super) fn next(p: &Promotion, copy: &Copy) -> Vec<Fact> {
    let pinned = copy.permit.pinned();
    match asking_after::before(p, &copy.permit, copy.voters.as_ref()) {
        None => {}
        Some(Before::Asking(facts)) => return facts,
        Some(Before::Lost(detail)) => return finish(p, Ending::Voided { detail }),
    }
    let Some(seen) = &copy.source_seen else {
        return once(
            p,
            Effect::ObserveManifest {
                place: pinned.source.place.clone(),
            },
        );
    };
    if *seen != pinned.manifest {
        let path = pinned.manifest.first_difference(seen).unwrap_or("a file");
        return finish(
            p,
            Ending::Voided {
                detail: format!("`{path}` of the candidate changed after the gates had judged it"),
            },
        );
    }
    if !copy.copied {
        let (from, to) = (pinned.source.place.clone(), pinned.plan.destination.clone());
        return once(
            p,
            Effect::CopyFiles {
                from,
                to,
                manifest: pinned.manifest.clone(),
            },
        );
    }
    match &copy.landed {
        None => once(
            p,
            Effect::ObserveManifest {
                place: pinned.plan.destination.clone(),
            },
        ),
        Some(landed) if landed.same_files(&pinned.manifest) => vec![Fact::Entered {
            phase: Phase::Registering,
        }],
        Some(_) => {
            let message = format!(
                "the files under `{}` are not those of the candidate",
                pinned.plan.destination.prefix
            );
            finish(
                p,
                Ending::Failed {
                    at: FailedAt::Copying,
                    failure: Failure::new("CopyIncomplete", message),
                },
            )
        }
    }
}
