//! Stories: what people and the cloud do to a promotion, and how it must end.

use cloud_sim::ModelKind;

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
