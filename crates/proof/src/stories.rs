//! The stories that are told.

use cloud_sim::ModelKind;

use crate::batch::IN_BATCH;
use crate::loaded::LOADED;
use crate::measured::{BESIDE, RESTORED, SHADOWED, WATCHED};
use crate::people::Who;
use crate::story::{APPROVE, REGISTER, Story, What, When, act};

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
    Story {
        name: "frozen-aborted",
        changes: &[],
        acts: &[
            REGISTER,
            APPROVE,
            act(When::Stage("shifting"), What::Freeze(Who::Ben)),
            act(When::Frozen, What::Say(Who::Ada, "abort")),
        ],
        ending: Some("aborted"),
    },
    crate::custom_code::STORY,
];
