//! The pure core of Liftlock: what may happen to a promotion, decided without IO, clock or async.
//!
//! [`Promotion::replay`] folds a journal; [`Promotion::decide`] answers an [`Event`] with facts to append, among them the
//! effects to perform; nothing here performs one. The invariant: whatever was decided once is read from the journal and
//! never decided again, so a crash, a duplicate or a new release changes no past.
//!
//! Start in `stage.rs` for the states, `transition/` for what moves between them, `effect.rs` for what is wanted of the
//! outside world.

mod absorb;
mod act;
pub mod analysis;
mod answering;
mod approval_rule;
mod asset;
pub mod audit;
mod batch;
mod candidate;
mod chain;
mod champion;
mod click;
mod corrupt;
mod digest;
mod drift;
mod effect;
mod effect_rules;
mod ending;
mod entering;
mod event;
mod evidence;
mod fold;
mod gate;
mod hold;
mod ids;
mod intake;
mod ledger;
mod load_test;
mod manifest;
mod notice;
mod noting;
mod number;
mod pause;
mod people;
mod permit;
mod plan;
mod planned_calls;
mod promotion;
mod question;
mod quorum;
mod record;
mod refused;
mod report;
mod requests;
mod route;
mod seal;
mod stage;
mod target_kind;
mod traffic;
mod transition;
mod turn;
mod voters;
mod watch;
mod way_back;
mod what_if;

pub use act::{CLEARANCE_UNKNOWN, ENDPOINT_BUSY, FROZEN, OUTSIDE_WINDOW, SOURCE_CHANGED};
pub use approval_rule::{ApprovalRule, Consent, Escalation, Requirement};
pub use asset::{
    AssetVersion, CodeFile, CodeSpec, EnvironmentDefinition, EnvironmentSpec, InferenceConfig,
    InferenceRoute, Registration,
};
pub use batch::{
    BatchSettings, BatchTest, JobReply, PlannedBatchTest, Serving, Shortfall, TestedBy,
};
pub use candidate::{Author, Candidate, Lineage, SourceModel};
pub use chain::{Chain, Line};
pub use champion::{Champion, ServingModel};
pub use click::ClickId;
pub use corrupt::CorruptJournal;
pub use digest::Digest;
pub use drift::{ChangedDeployment, Drift, Drifted, Expected, LastChange, Look, OnDrift, Serves};
pub use effect::{Effect, EffectKey};
pub use effect_rules::EffectClass;
pub use ending::{Ending, FailedAt, WayBackCause};
pub use event::Event;
pub use evidence::{CandidateEvidence, Evidence, MetricSource, RunEvidence};
pub use gate::{GateSpec, NoChampion, Source, Verdict, VerdictResult, Why};
pub use ids::{
    Attempt, ComputeId, DeploymentName, EndpointName, GroupId, IntakeId, ModelName, ModelVersion,
    PersonId, PromotionId, RouteName, RunId, StageName, TargetId, WorkspaceId,
};
pub use intake::{
    Ignored, Intake, IntakeEnd, IntakeEvent, IntakeFact, IntakeStage, JobOutput, JobOutputOf,
    JobSeen, RegisteredOutput,
};
pub use ledger::{EffectState, Entry, Failure, Ledger};
pub use load_test::{LoadReply, LoadTest};
pub use manifest::{BlobPlace, FileEntry, Manifest};
pub use notice::Notice;
pub use pause::PauseId;
pub use people::{Group, Held, Operator, Party, Person, Role, Voter};
pub use permit::{Basis, Permit, Pinned, Vote, VoteKind};
pub use plan::{Plan, PlannedStep, deployment_name};
pub use planned_calls::{PlannedCall, PlannedCalls, Progress, Wait};
pub use promotion::{Aggregate, Decision, EarlierOverride, Opening, Promotion, Reopening};
pub use question::{Denial, Override, Question, Review, TakenBack, Tried, Withdrawal};
pub use quorum::Quorum;
pub use record::{Cause, Fact, Phase, RunAgain};
pub use refused::Refused;
pub use report::{Landing, Outcome, Report, SmokeReply, WayBackProof};
pub use requests::{Collected, CollectedFrom, Requests};
pub use route::{
    AuthMode, ComputeType, Concurrency, Deadlines, DeploymentSpec, EndpointSpec, RequestSettings,
    RolloutSpec, Route, Seconds, SmokeTest, SourceStage, Step, TargetStage,
};
pub use stage::{Deployed, Lease, Previous, Registered, Rollout, Stage, StageKind};
pub use target_kind::TargetKind;
pub use traffic::{Mirror, Traffic, TrafficWrite};
pub use turn::{Claim, Meeting, meet};
pub use voters::{Freeze, Relied};
pub use watch::Watch;
pub use what_if::{Difference, GoesOn, Judgement, PlanPart, Seen, WhatIf, what_if};
