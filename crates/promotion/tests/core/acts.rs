//! What may happen to a promotion, at random.

use promotion::VoteKind;
use promotion::analysis::Measured;
use proptest::prelude::*;

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Due,
    Wait(i64),
    Perform {
        pick: usize,
        answer: Answer,
    },
    Late {
        pick: usize,
    },
    Vote {
        who: usize,
        kind: VoteKind,
    },
    /// Somebody takes their word back.
    Revoke {
        who: usize,
    },
    /// Somebody wants it overridden.
    Override {
        who: usize,
    },
    /// Somebody looks at an override afterwards.
    Review {
        who: usize,
    },
    /// Somebody has tried to answer who may not.
    Denied {
        who: usize,
    },
    Abort,
    RollBack,
    Resume,
    Reopen,
    Replay,
    Overtaken,
    Displaced,
    Superseded,
    SomebodyHasTheTurn,
    NobodyHasTheTurn,
    SomebodyAtTheTarget,
    NobodyAtTheTarget,
    /// From now on a candidate that is measured comes to this.
    Measures(Measured),
    /// Another model has all the traffic, past the lease.
    Meddling,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Done,
    /// Done, but the answer was lost.
    LostThenRetry,
    Submitted,
    StillRunning,
    Waiting,
    Retry,
    RetryInAnHour,
    Failed,
    /// Something else than expected is found.
    Changed,
    /// It is frozen, where that could hold it up.
    Frozen,
    /// Nobody can tell whether it may begin, where it has to be asked.
    Unknown,
    /// It may begin after all.
    Cleared,
    /// Of those on whose word it rests one holds nothing any more.
    OneHasLeft,
    /// An outcome that belongs to another effect.
    Misfit,
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let answer = prop_oneof![
        40 => Just(Answer::Done),
        2 => Just(Answer::LostThenRetry),
        2 => Just(Answer::Submitted),
        3 => Just(Answer::StillRunning),
        2 => Just(Answer::Waiting),
        2 => Just(Answer::Retry),
        1 => Just(Answer::RetryInAnHour),
        1 => Just(Answer::Failed),
        1 => Just(Answer::Changed),
        1 => Just(Answer::Misfit),
        3 => Just(Answer::Frozen),
        1 => Just(Answer::Unknown),
        2 => Just(Answer::Cleared),
        2 => Just(Answer::OneHasLeft),
    ];
    let wait = prop_oneof![
        20 => 0..20i64,
        20 => 100..700i64,
        4 => Just(3600i64),
        1 => Just(26 * 3600i64),
        1 => Just(80 * 3600i64),
    ];
    let kind = prop_oneof![12 => Just(VoteKind::Approve), 1 => Just(VoteKind::Reject)];
    let measured = prop_oneof![
        3 => Just(Measured::Successful),
        1 => Just(Measured::Failed),
        2 => Just(Measured::Inconclusive),
        1 => Just(Measured::Error),
    ];
    let act = prop_oneof![
        6 => Just(Act::Due),
        6 => wait.prop_map(Act::Wait),
        40 => (0..4usize, answer).prop_map(|(pick, answer)| Act::Perform { pick, answer }),
        2 => (0..64usize).prop_map(|pick| Act::Late { pick }),
        10 => (0..4usize, kind).prop_map(|(who, kind)| Act::Vote { who, kind }),
        2 => (0..4usize).prop_map(|who| Act::Revoke { who }),
        5 => (0..4usize).prop_map(|who| Act::Override { who }),
        4 => (0..4usize).prop_map(|who| Act::Review { who }),
        1 => (0..4usize).prop_map(|who| Act::Denied { who }),
        1 => Just(Act::Abort),
        3 => Just(Act::RollBack),
        3 => Just(Act::Resume),
        2 => Just(Act::Reopen),
        1 => Just(Act::Replay),
        1 => Just(Act::Overtaken),
        1 => Just(Act::Displaced),
        1 => Just(Act::Superseded),
        1 => Just(Act::SomebodyHasTheTurn),
        2 => Just(Act::NobodyHasTheTurn),
        1 => Just(Act::SomebodyAtTheTarget),
        2 => Just(Act::NobodyAtTheTarget),
        1 => Just(Act::Meddling),
        2 => measured.prop_map(Act::Measures),
    ];
    prop::collection::vec(act, 5..60)
}
