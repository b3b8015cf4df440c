//! Copying: the source is looked at once more, its files are copied, and what has landed is looked at.

use super::asking_after::{self, Before};
use super::{finish, once};
use crate::effect::Effect;
use crate::ending::{Ending, FailedAt};
use crate::ledger::Failure;
use crate::manifest::Manifest;
use crate::permit::Pinned;
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
        Some(landed) => finish(p, not_all_of_it(pinned, landed)),
    }
}

/// What has landed instead of the candidate: a part of it, which is made whole by whoever has it go on, or something that nobody
/// has judged.
fn not_all_of_it(pinned: &Pinned, landed: &Manifest) -> Ending {
    let place = &pinned.plan.destination.prefix;
    match pinned.manifest.stranger_in(landed) {
        Some(path) => Ending::Voided {
            detail: format!("`{path}` under `{place}` is not as the gates had judged it"),
        },
        None => Ending::Failed {
            at: FailedAt::Copying,
            failure: Failure::new(
                "CopyIncomplete",
                format!("not all of the candidate's files are under `{place}`"),
            ),
        },
    }
}
