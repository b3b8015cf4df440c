//! Stories: what people and the cloud do to a promotion, and how it must end.

use cloud_sim::ModelKind;

use crate::batch::IN_BATCH;
use crate::loaded::LOADED;
use crate::measured::{BESIDE, RESTORED, SHADOWED, WATCHED};
use crate::people::Who;
use crate::setting::Changes;

/// What happens in a world.
pub(crate) struct Story {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// How its configuration differs from the example's.
    pub(crate) changes: Changes,
    /// What is done, one after the other, each once its time has come.
    pub(crate) acts: &'static [Act],
    /// How the newest promotion ends; absent: there is none.
    pub(crate) ending: Option<&'static str>,
}

/// One thing that is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Act {
    /// When.
    pub(crate) when: When,
    /// What.
    pub(crate) what: What,
}

/// When something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// At once.
    Now,
    /// When the newest promotion is in this stage.
    Stage(&'static str),
    /// When it is rolled out, however far.
    RollingOut,
    /// When the newest promotion asks, and so many promotions are there.
    Asked(usize),
    /// When it has waited so many minutes for a person to resume it.
    Paused(i64),
    /// When people are asked whether it goes on, for nobody can tell.
    Unsure,
    /// When what it wants to do next waits for a freeze to be lifted.
    Frozen,
    /// When it is live and others may change the target again.
    LetGo,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What {
    /// Somebody registers a model: one event.
    Register(ModelKind),
    /// The timer fires, as it does every minute.
    Tick,
    /// Somebody registers a model, and its event is lost.
    RegisterUnheard(ModelKind),
    /// Somebody registers a model, and its event is stored, but nothing follows from it.
    RegisterHalfHeard(ModelKind),
    /// Somebody has the event run again that came last.
    ReplayEvent(Who),
    /// All markers are gone.
    LoseMarkers,
    /// Somebody repairs from a terminal.
    Repair,
    /// A job completes: one event.
    Job(ModelKind),
    /// A job completes that has registered its model itself: two events.
    JobThatRegisters(ModelKind),
    /// A job fails: one event.
    JobThatFails(ModelKind),
    /// A person answers the newest question.
    Approve(Who),
    /// A person answers the newest question.
    Reject(Who),
    /// A person takes their approval of the newest question back.
    Revoke(Who),
    /// A person wants the newest question's quorum overridden.
    Override(Who),
    /// A person freezes production.
    Freeze(Who),
    /// A person lifts every freeze that stands.
    Lift(Who),
    /// A person says a verb.
    Say(Who, &'static str),
    /// A person ends what the newest promotion waits for.
    Resume(Who),
    /// From now on so many requests a minute reach production.
    Callers(u32),
    /// So many of a hundred answers of the candidate are errors, as soon as it has traffic.
    Errors(u32),
    /// The champion does jobs at a batch endpoint too.
    ServeInBatch,
    /// Somebody gives the champion all of the traffic in Azure's portal.
    MoveTraffic,
    /// A byte of the candidate changes.
    Tamper,
    /// Azure will fail the next deployment.
    FailDeployment,
    /// Somebody else's file lies where the candidate's is to be copied.
    Obstruct,
    /// That file goes.
    Clear,
}

impl What {
    /// Whether a person does it at a page or by a command, and might do it twice.
    pub(crate) fn is_a_click(self) -> bool {
        match self {
            Self::Approve(_)
            | Self::Reject(_)
            | Self::Revoke(_)
            | Self::Override(_)
            | Self::Freeze(_)
            | Self::Lift(_)
            | Self::Say(..)
            | Self::Resume(_)
            | Self::ReplayEvent(_)
            | Self::Repair => true,
            Self::Tick
            | Self::Register(_)
            | Self::RegisterUnheard(_)
            | Self::RegisterHalfHeard(_)
            | Self::LoseMarkers
            | Self::Job(_)
            | Self::JobThatRegisters(_)
            | Self::JobThatFails(_)
            | Self::Callers(_)
            | Self::Errors(_)
            | Self::ServeInBatch
            | Self::MoveTraffic
            | Self::Tamper
            | Self::FailDeployment
            | Self::Obstruct
            | Self::Clear => false,
        }
    }
}

pub(crate) const fn act(when: When, what: What) -> Act {
    Act { when, what }
}

pub(crate) const REGISTER: Act = act(When::Now, What::Register(ModelKind::Challenger));
pub(crate) const APPROVE: Act = act(When::Stage("awaiting approval"), What::Approve(Who::Ada));

/// Every story.
pub(crate) const STORIES: &[Story] = &[
    Story {
        name: "promote",
        changes: &[],
        acts: &[REGISTER, APPROVE],
        ending: Some("finished"),
    },
    Story {
        name: "first",
        changes: &[(
            "endpoints/diabetes.yml",
            "name: diabetes",
            "name: diabetes-first",
        )],
        acts: &[REGISTER, APPROVE],
        ending: Some("finished"),
    },
    Story {
        name: "worse",
        changes: &[],
        acts: &[act(When::Now, What::Register(ModelKind::Worse))],
        ending: Some("blocked"),
    },
    Story {
        name: "unknown",
        changes: &[("liftlock.yaml", "metric: rmse", "metric: auc")],
        acts: &[REGISTER],
        ending: Some("blocked"),
    },
    Story {
        name: "reject",
        changes: &[],
        acts: &[
            REGISTER,
            act(When::Stage("awaiting approval"), What::Reject(Who::Ada)),
        ],
        ending: Some("rejected"),
    },
    Story {
        name: "quorum",
        changes: &[("liftlock.yaml", "minApprovals: 1", "minApprovals: 2")],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::Stage("awaiting approval"), What::Approve(Who::Ben)),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "revoke",
        changes: &[("liftlock.yaml", "minApprovals: 1", "minApprovals: 2")],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::Stage("awaiting approval"), What::Revoke(Who::Ada)),
            act(When::Stage("awaiting approval"), What::Approve(Who::Ben)),
            APPROVE,
        ],
        ending: Some("finished"),
    },
    Story {
        name: "override",
        changes: &[(
            "liftlock.yaml",
            "minApprovals: 1",
            "minApprovals: 2\n      override: [{ role: Model.Approver }]",
        )],
        acts: &[
            REGISTER,
            act(When::Stage("awaiting approval"), What::Override(Who::Ada)),
            act(When::Stage("awaiting approval"), What::Override(Who::Ben)),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "expire",
        changes: &[],
        acts: &[REGISTER],
        ending: Some("expired"),
    },
    Story {
        name: "abort-asked",
        changes: &[],
        acts: &[
            REGISTER,
            act(
                When::Stage("awaiting approval"),
                What::Say(Who::Ada, "abort"),
            ),
        ],
        ending: Some("aborted"),
    },
    Story {
        name: "abort-deploying",
        changes: &[],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::RollingOut, What::Say(Who::Ada, "abort")),
        ],
        ending: Some("aborted"),
    },
    Story {
        name: "abort-shifting",
        changes: &[],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::Stage("shifting"), What::Say(Who::Ada, "abort")),
        ],
        ending: Some("aborted"),
    },
    Story {
        name: "deployment-fails",
        changes: &[],
        acts: &[
            REGISTER,
            act(When::Stage("awaiting approval"), What::FailDeployment),
            APPROVE,
        ],
        ending: Some("rolled back"),
    },
    Story {
        name: "smoke-test-fails",
        changes: &[("liftlock.yaml", "size(result) == 2", "size(result) == 3")],
        acts: &[REGISTER, APPROVE],
        ending: Some("rolled back"),
    },
    Story {
        name: "roll-back-shifting",
        changes: &[],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::Stage("shifting"), What::Say(Who::Ada, "roll-back")),
        ],
        ending: Some("rolled back"),
    },
    Story {
        name: "roll-back-live",
        changes: &[],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::LetGo, What::Say(Who::Ada, "roll-back")),
        ],
        ending: Some("rolled back"),
    },
    Story {
        name: "tampered",
        changes: &[],
        acts: &[
            REGISTER,
            act(When::Stage("awaiting approval"), What::Tamper),
            APPROVE,
        ],
        ending: Some("voided"),
    },
    Story {
        name: "reopen",
        changes: &[],
        acts: &[
            REGISTER,
            act(When::Stage("awaiting approval"), What::Reject(Who::Ada)),
            act(When::Stage("rejected"), What::Say(Who::Ben, "reopen")),
            APPROVE,
        ],
        ending: Some("finished"),
    },
    Story {
        name: "replay",
        changes: &[],
        acts: &[
            REGISTER,
            act(When::Stage("awaiting approval"), What::Obstruct),
            APPROVE,
            act(When::Stage("failed"), What::Clear),
            act(When::Stage("failed"), What::Say(Who::Ada, "replay")),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "supersede",
        changes: &[],
        acts: &[
            REGISTER,
            act(
                When::Stage("awaiting approval"),
                What::Register(ModelKind::Challenger),
            ),
            act(When::Asked(2), What::Approve(Who::Ada)),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "queue",
        changes: &[
            ("liftlock.yaml", "max: 60", "max: 600"),
            (
                "liftlock.yaml",
                "minRelativeChange: 0.01",
                "minRelativeChange: -10",
            ),
            // Whoever waits looks twice a minute.
            ("liftlock.yaml", "duration: 10m", "duration: 1m"),
        ],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::Stage("shifting"), What::Register(ModelKind::Worse)),
            act(When::Asked(2), What::Approve(Who::Ada)),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "watched",
        changes: WATCHED,
        acts: &[act(When::Now, What::Callers(600)), REGISTER, APPROVE],
        ending: Some("finished"),
    },
    Story {
        name: "shadowed",
        changes: SHADOWED,
        acts: &[REGISTER, APPROVE],
        ending: Some("finished"),
    },
    Story {
        name: "loaded",
        changes: LOADED,
        acts: &[REGISTER, APPROVE],
        ending: Some("finished"),
    },
    Story {
        name: "regression",
        changes: WATCHED,
        acts: &[
            act(When::Now, What::Callers(600)),
            act(When::Now, What::Errors(5)),
            REGISTER,
            APPROVE,
        ],
        ending: Some("rolled back"),
    },
    Story {
        name: "unsure",
        changes: BESIDE,
        acts: &[
            act(When::Now, What::Callers(1)),
            REGISTER,
            APPROVE,
            act(When::Unsure, What::Callers(600)),
            act(When::Unsure, What::Resume(Who::Ada)),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "drifted",
        changes: RESTORED,
        acts: &[
            REGISTER,
            APPROVE,
            // Every late call of ours has landed by then.
            act(When::Paused(5), What::MoveTraffic),
            act(When::Paused(5), What::Resume(Who::Ada)),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "batch",
        changes: IN_BATCH,
        acts: &[act(When::Now, What::ServeInBatch), REGISTER, APPROVE],
        ending: Some("finished"),
    },
    Story {
        name: "missed",
        changes: &[],
        acts: &[
            act(When::Now, What::Tick),
            act(When::Now, What::RegisterUnheard(ModelKind::Challenger)),
            APPROVE,
        ],
        ending: Some("finished"),
    },
    Story {
        name: "event-replay",
        changes: &[],
        acts: &[
            act(When::Now, What::RegisterHalfHeard(ModelKind::Challenger)),
            act(When::Now, What::ReplayEvent(Who::Ben)),
            APPROVE,
        ],
        ending: Some("finished"),
    },
    Story {
        name: "repair",
        changes: &[],
        acts: &[
            // An intake and a promotion that have ended, a promotion that asks.
            act(When::Now, What::Job(ModelKind::Challenger)),
            act(When::Stage("awaiting approval"), What::Reject(Who::Ada)),
            act(
                When::Stage("rejected"),
                What::Register(ModelKind::Challenger),
            ),
            act(When::Asked(2), What::LoseMarkers),
            act(When::Asked(2), What::Repair),
            act(When::Asked(2), What::Approve(Who::Ada)),
        ],
        ending: Some("finished"),
    },
    Story {
        name: "repair-opens",
        changes: &[],
        acts: &[
            act(When::Now, What::RegisterHalfHeard(ModelKind::Challenger)),
            act(When::Now, What::Repair),
            APPROVE,
        ],
        ending: Some("finished"),
    },
    Story {
        name: "job",
        changes: &[],
        acts: &[act(When::Now, What::Job(ModelKind::Challenger)), APPROVE],
        ending: Some("finished"),
    },
    Story {
        name: "job-that-registers",
        changes: &[],
        acts: &[
            act(When::Now, What::JobThatRegisters(ModelKind::Challenger)),
            act(When::Stage("awaiting approval"), What::Reject(Who::Ada)),
        ],
        ending: Some("rejected"),
    },
    Story {
        name: "job-that-fails",
        changes: &[],
        acts: &[act(When::Now, What::JobThatFails(ModelKind::Challenger))],
        ending: None,
    },
    Story {
        name: "frozen",
        changes: &[],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::Now, What::Freeze(Who::Ada)),
            act(When::Frozen, What::Lift(Who::Ben)),
            act(When::Stage("shifting"), What::Freeze(Who::Ben)),
            act(When::Frozen, What::Lift(Who::Ada)),
        ],
        ending: Some("finished"),
    },
    crate::custom_code::STORY,
];
