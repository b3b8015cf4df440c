//! Drift: what somebody else has changed on a target while a rollout was under way.
//!
//! Whoever acts on the endpoint, writing or measuring, says first what it is expected to show and reports what it shows
//! instead. The invariant: a late call of our own is never taken for somebody's will; what was found is set right at once.
//! What follows from the rest is in `transition/drifting.rs`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{DeploymentName, ModelName, ModelVersion};
use crate::stage::{NO_CALL_LANDS_AFTER, Rollout};
use crate::traffic::{FoundInstead, Mirror, Traffic, TrafficWrite};

/// What becomes of a rollout whose target somebody else has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDrift {
    /// It waits, and a person decides.
    #[default]
    Pause,
    /// The traffic is set again as it was.
    Restore,
    /// The champion gets its traffic back.
    Abort,
}

impl OnDrift {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(crate) fn is_pause(&self) -> bool {
        *self == Self::Pause
    }
}

/// What an endpoint shows as long as nobody else has changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expected {
    /// Its traffic.
    pub traffic: Traffic,
    /// What is copied to the candidate; absent: it is nobody's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Mirror>,
    /// Deployments that are there, and what each serves.
    pub deployments: Vec<Serves>,
}

/// A deployment and the model that it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Serves {
    /// Which.
    pub deployment: DeploymentName,
    /// The model.
    pub model: ModelName,
    /// In which version.
    pub version: ModelVersion,
}

/// What an endpoint shows instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// What it was to show.
    pub expected: Expected,
    /// Its traffic.
    pub traffic: Traffic,
    /// Copied requests by deployment, in percent of the endpoint's.
    #[serde(default, skip_serializing_if = "Traffic::is_empty")]
    pub copied: Traffic,
    /// Deployments that are gone, or that serve something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deployments: Vec<ChangedDeployment>,
    /// Who changed the endpoint last, as far as Azure tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<LastChange>,
}

/// Who changed an endpoint last, and when, as Azure tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastChange {
    /// A display name, which proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What a look at the endpoint beside something else came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Look {
    /// Nobody looked, or could.
    #[default]
    NotTaken,
    /// It shows what was expected.
    AsExpected,
    /// It does not.
    Drifted(Box<Drift>),
}

impl Look {
    pub(crate) fn is_not_taken(&self) -> bool {
        *self == Self::NotTaken
    }
}

/// A deployment that somebody else has deleted or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedDeployment {
    /// Which.
    pub deployment: DeploymentName,
    /// What it serves now, as its endpoint names it; absent: it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<String>,
}

impl Drift {
    /// Whether only copied requests are not as they were: no caller's answer has changed.
    pub fn only_copies(&self) -> bool {
        self.traffic == self.expected.traffic && self.deployments.is_empty()
    }

    /// Whether whoever knows this does not know the other: traffic goes elsewhere by now, or more was changed.
    fn shows_less_than(&self, other: &Self) -> bool {
        let mut changed = other.deployments.iter();
        self.traffic != other.traffic || changed.any(|one| !self.deployments.contains(one))
    }

    /// Whether the endpoint shows what this write of ours made of it.
    fn shows(&self, write: &TrafficWrite) -> bool {
        let copied = write
            .mirror
            .as_ref()
            .is_none_or(|mirror| self.copied.of(&mirror.deployment) == mirror.percent);
        self.deployments.is_empty() && self.traffic == write.traffic && copied
    }
}

/// What the last look at an endpoint has found.
pub(crate) struct Found<'a> {
    pub(crate) traffic: &'a Traffic,
    pub(crate) copied: &'a Traffic,
    pub(crate) changed: &'a [ChangedDeployment],
    pub(crate) last_change: Option<&'a LastChange>,
}

/// A drift that the rollout has to do with.
#[derive(Debug, Clone, PartialEq)]
pub struct Drifted {
    /// What was found.
    pub drift: Drift,
    /// Which one of this attempt, from 1.
    pub number: u32,
    /// Whether a late call of our own has made it.
    pub(crate) ours: bool,
    /// When people were told of it.
    pub(crate) asked: Option<Timestamp>,
    /// Since when they are asked, also about what it was before: however often it changes, nobody's answer is waited for for ever.
    /// Where it was put back in between, it is another question with a time of its own.
    pub(crate) asked_first: Option<Timestamp>,
    /// Whether a person has said to go on: the traffic is set again.
    pub(crate) went_on: bool,
}

impl Drifted {
    /// Since when people are asked about it; nothing, where nobody was told of it yet, or somebody has said to go on.
    pub(crate) fn asks_since(&self) -> Option<Timestamp> {
        self.asked.filter(|_| !self.went_on).and(self.asked_first)
    }
}

impl Rollout {
    /// Whether the candidate has traffic, as it was read back.
    pub(crate) fn candidate_serves(&self) -> bool {
        let ours = &self.permit.pinned().plan.deployment;
        let write = self.traffic.as_ref();
        write.is_some_and(|write| write.settled && write.traffic.of(ours) > 0)
    }

    /// Whether the candidate has answered callers.
    pub(crate) fn has_served(&self) -> bool {
        self.served_since.is_some()
    }

    /// Time has passed, or somebody else has been at the endpoint: until the candidate serves, voters and files are looked at
    /// again before it gets anything.
    pub(crate) fn look_again(&mut self) {
        if !self.has_served() {
            self.voters = None;
            self.landed_seen = None;
        }
    }

    /// What the endpoint shows where the last write is to set it right.
    pub(crate) fn shows_instead(&self) -> Option<&FoundInstead> {
        let write = self.traffic.as_ref().filter(|write| !write.settled)?;
        write.instead_of.as_ref()
    }

    /// What was found on the endpoint that nobody has put right yet; not where a late call of our own has made it.
    pub(crate) fn found_instead(&self) -> Option<FoundInstead> {
        let ours = &self.permit.pinned().plan.deployment;
        match (&self.drifted, &self.verified) {
            (Some(drifted), _) => (!drifted.ours).then(|| FoundInstead {
                traffic: drifted.drift.traffic.clone(),
                copied: drifted.drift.copied.of(ours),
            }),
            (None, found) => found.clone().map(|traffic| FoundInstead {
                traffic,
                copied: self.copied,
            }),
        }
    }

    /// What somebody else has changed and nobody has dealt with yet.
    pub fn drifted(&self) -> Option<&Drifted> {
        self.drifted.as_deref().filter(|drifted| !drifted.ours)
    }

    /// What the endpoint shows unless somebody else changes it. Nothing, where nobody serves beside the candidate.
    pub(crate) fn expected(&self, candidate: (&ModelName, &ModelVersion)) -> Option<Expected> {
        let pinned = self.permit.pinned();
        let champion = pinned.champion.serving()?;
        let serves =
            |deployment: &DeploymentName, model: &ModelName, version: &ModelVersion| Serves {
                deployment: deployment.clone(),
                model: model.clone(),
                version: version.clone(),
            };
        let both = [
            serves(&pinned.plan.deployment, candidate.0, candidate.1),
            serves(&champion.deployment, &champion.model, &champion.version),
        ];
        let (traffic, mirror) = self.shown()?;
        Some(Expected {
            traffic,
            mirror,
            deployments: both
                .into_iter()
                .filter(|serves| !self.accepted_changes.contains(&serves.deployment))
                .collect(),
        })
    }

    /// Whether the last write was withdrawn: as far as anybody knows it was not sent.
    pub fn has_withdrawn(&self) -> bool {
        self.traffic.as_ref().is_some_and(|write| write.withdrawn)
    }

    /// The last write that is wanted: not one that was withdrawn.
    pub fn standing_write(&self) -> Option<&TrafficWrite> {
        let last = self.traffic.as_ref()?;
        if last.withdrawn {
            last.before.as_deref()
        } else {
            Some(last)
        }
    }

    /// Its traffic and what is copied to the candidate unless somebody else changes it, as far as that is known: not while a write
    /// of ours is under way.
    fn shown(&self) -> Option<(Traffic, Option<Mirror>)> {
        // Whoever has found it may have been a write, which counts as one that may land: what is wanted is known all the same.
        if let Some(drifted) = &self.drifted {
            let wanted = &drifted.drift.expected;
            return Some((wanted.traffic.clone(), wanted.mirror.clone()));
        }
        let plan = &self.permit.pinned().plan;
        match self.standing_write() {
            Some(write) => write
                .settled
                .then(|| (write.traffic.clone(), write.mirror.clone())),
            None => Some((plan.way_back.clone(), plan.mirrored(0))),
        }
    }

    /// Takes in what whoever measured has found, unless we have written something else meanwhile.
    pub(crate) fn measured_beside(&mut self, expected: &Expected, look: &Look, at: Timestamp) {
        if self.shown() != Some((expected.traffic.clone(), expected.mirror.clone())) {
            return;
        }
        match look {
            Look::Drifted(drift) => self.drifts(drift, at),
            // Whoever has changed it has put it back.
            Look::AsExpected => {
                if self.drifted.take().is_some() {
                    self.is_put_back(expected, at);
                }
            }
            Look::NotTaken => {}
        }
    }

    /// The endpoint shows again what it was to show: that is read back, and nobody has to set it.
    fn is_put_back(&mut self, expected: &Expected, at: Timestamp) {
        let shows = |write: &&mut TrafficWrite| {
            !write.withdrawn && write.traffic == expected.traffic && write.mirror == expected.mirror
        };
        if let Some(write) = self.traffic.as_mut().filter(shows) {
            write.settled = true;
        }
        self.put_back_at = Some(at);
        self.ask_again_for_as_long(at);
        self.look_again();
    }

    /// Takes in what was found instead of what was expected. Found again while people are asked, it is the same question; where it is
    /// something else by then, it is another one, for nobody has answered that.
    pub(crate) fn drifts(&mut self, drift: &Drift, at: Timestamp) {
        let late = |write: &&TrafficWrite| NO_CALL_LANDS_AFTER.after(write.at) > at;
        let withdrawn = self.traffic.iter().filter(|write| write.withdrawn);
        let ours = self
            .earlier_writes
            .iter()
            .chain(withdrawn)
            .filter(late)
            .any(|write| drift.shows(write));
        if let Some(known) = &mut self.drifted {
            let is_news = known.drift.shows_less_than(drift);
            let was_told = known.asked.is_some() || known.went_on;
            known.drift = drift.clone();
            if known.went_on && is_news {
                known.asked_first = None;
            }
            if known.ours && !ours || is_news && was_told {
                self.drifts += 1;
                known.number = self.drifts;
                known.ours = ours;
                known.asked = None;
                known.went_on = false;
            }
            return;
        }
        self.drifts += u32::from(!ours);
        // Before it is put right, voters are asked after; not before it is taken back.
        if !ours && !self.has_served() {
            self.voters = None;
        }
        self.drifted = Some(Box::new(Drifted {
            drift: drift.clone(),
            number: self.drifts.max(1),
            ours,
            asked: None,
            asked_first: None,
            went_on: false,
        }));
    }

    /// Takes in traffic that did not stay as we set it, after it was set right once: by then no late call of ours has made it. And
    /// deployments that somebody has changed.
    pub(crate) fn does_not_stay(&mut self, found: &Found<'_>, at: Timestamp) {
        let Some((traffic, mirror)) = self.shown() else {
            return;
        };
        if traffic == *found.traffic && found.changed.is_empty() {
            return;
        }
        let drift = Drift {
            expected: Expected {
                traffic,
                mirror,
                deployments: vec![],
            },
            traffic: found.traffic.clone(),
            copied: found.copied.clone(),
            deployments: found.changed.to_vec(),
            last_change: found.last_change.cloned(),
        };
        self.drifts(&drift, at);
    }

    /// What a write has found, beside what the endpoint is to show: one that sets it right expects what was found before, which
    /// nobody wants.
    pub(crate) fn beside_what_is_wanted(&self, drift: &Drift) -> Drift {
        let sets_right = |write: &&TrafficWrite| !write.settled && write.instead_of.is_some();
        let mut beside = drift.clone();
        if let Some(write) = self.traffic.as_ref().filter(sets_right) {
            beside.expected.traffic = write.traffic.clone();
            beside.expected.mirror.clone_from(&write.mirror);
        }
        beside
    }

    /// A write that was planned and found something else than it expected: whether it was sent before, and lost, nobody can tell, so
    /// it counts as one that may land. Before the first percent the way back is proven anew.
    pub(crate) fn write_has_found(&mut self, drift: &Drift, at: Timestamp) {
        if !self.candidate_serves() {
            self.way_back_proof = None;
        }
        self.look_again();
        if let Some(write) = self.traffic.take() {
            self.earlier_writes.push(TrafficWrite { at, ..write });
        }
        self.traffic = Some(TrafficWrite {
            traffic: drift.expected.traffic.clone(),
            mirror: drift.expected.mirror.clone(),
            at,
            settled: false,
            withdrawn: false,
            instead_of: None,
            before: None,
        });
    }

    /// A person goes on: what cannot be put back stays as it is.
    pub(crate) fn accept_drift(&mut self, at: Timestamp) {
        if let Some(drifted) = &mut self.drifted {
            drifted.went_on = true;
            let changed = drifted.drift.deployments.iter();
            self.accepted_changes
                .extend(changed.map(|changed| changed.deployment.clone()));
        }
        self.ask_again_for_as_long(at);
    }

    /// Nobody could answer what else is asked while this was: people have all the time for it from now on.
    fn ask_again_for_as_long(&mut self, at: Timestamp) {
        if let Some((_, asked)) = &mut self.asked_to_resume {
            *asked = at;
        }
        if let Some(asked) = self
            .unsure
            .as_mut()
            .and_then(|unsure| unsure.asked.as_mut())
        {
            *asked = at;
        }
    }

    /// The last write was planned, and is to be planned anew: the endpoint shows what it showed before, unless somebody else has
    /// changed it. The write is kept in mind: whoever had tried it may have died after it was sent, so the way back reads the traffic.
    pub(crate) fn withdraw_write(&mut self) {
        if let Some(write) = &mut self.traffic {
            write.withdrawn = true;
        }
    }

    /// A new write is planned: what was written before it may land for a while.
    pub(crate) fn note_write(&mut self, write: TrafficWrite) {
        let now = write.at;
        let last = self.traffic.take().map(|mut last| {
            let before = last.before.take();
            (last, before)
        });
        let before = match &last {
            Some((last, before)) if last.withdrawn => before.clone(),
            Some((last, _)) => Some(Box::new(last.clone())),
            None => None,
        };
        self.traffic = Some(TrafficWrite { before, ..write });
        self.earlier_writes.extend(last.map(|(last, _)| last));
        self.earlier_writes
            .retain(|write| NO_CALL_LANDS_AFTER.after(write.at) > now);
    }
}
