//! `votes` and `acts`: who says and does what, and when.

use promotion::{Role, Seconds, StageKind, VoteKind};

use crate::config::diagnostics::{Complaint, Read};
use crate::config::field::Field;
use crate::config::reader::Reader;
use crate::config::shape::{Holds, Key, Shape};
use crate::config::suggestion;

/// An answer to the question whether to promote.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeVote {
    /// Who.
    pub by: String,
    /// The roles they hold; absent: those that the route asks for.
    pub roles: Option<Vec<Role>>,
    /// What.
    pub says: VoteKind,
    /// Why.
    pub comment: String,
    /// How long after they were asked.
    pub after: Seconds,
}

/// What a person does to the promotion.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// What.
    pub verb: Verb,
    /// Why.
    pub reason: String,
    /// When it has come to this; absent: when it next waits for a person.
    pub at: Option<At>,
    /// Who.
    pub by: String,
    /// The roles they hold; absent: those that the route asks for.
    pub roles: Option<Vec<Role>>,
    /// How long after it has come to that.
    pub after: Seconds,
}

/// What a person can do to a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// End a pause, or go on without an answer.
    Resume,
    /// Stop it.
    Abort,
    /// Take it back.
    RollBack,
}

/// How far a promotion has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// This step of the plan, from 1.
    Step(usize),
    /// This stage.
    Stage(StageKind),
}

/// The stages that are told apart from their neighbours by time, or by the people they wait for.
const STAGES: [StageKind; 9] = [
    StageKind::Gating,
    StageKind::AwaitingApproval,
    StageKind::Copying,
    StageKind::Registering,
    StageKind::WaitingForTarget,
    StageKind::Deploying,
    StageKind::Testing,
    StageKind::Shifting,
    StageKind::Live,
];

const BY: Key = Key::default(
    "by",
    Holds::Text,
    "olga",
    "who; a name stands for one person",
);
const ROLES: Key = Key::optional(
    "roles",
    Holds::Names,
    "the app roles they hold; absent: those that the route asks for",
);
const AFTER: Key = Key::default(
    "after",
    Holds::Duration { least: 0 },
    "0",
    "how long after they could",
);
const AT: &str = "`step 4`, counted as the plan counts, or a stage like `awaiting approval`; absent: when it next waits for a person";

pub(super) static VOTE: Shape = Shape::new(
    "an answer to the question whether to promote",
    &[
        Key::required("by", Holds::Text, "who; a name stands for one person"),
        ROLES,
        Key::default(
            "says",
            Holds::Word(&["approve", "reject"]),
            "approve",
            "what",
        ),
        Key::optional("comment", Holds::Text, "why, in their words"),
        AFTER,
    ],
);

pub(super) static RESUME: Shape = Shape::new(
    "a person ends a pause, or goes on where nobody can tell",
    &[
        Key::required("resume", Holds::Text, "why, in their words"),
        Key::optional("at", Holds::Text, AT),
        BY,
        ROLES,
        AFTER,
    ],
);

pub(super) static ABORT: Shape = Shape::new(
    "a person stops it",
    &[
        Key::required("abort", Holds::Text, "why, in their words"),
        Key::optional("at", Holds::Text, AT),
        BY,
        ROLES,
        AFTER,
    ],
);

pub(super) static ROLL_BACK: Shape = Shape::new(
    "a person takes it back",
    &[
        Key::required("rollBack", Holds::Text, "why, in their words"),
        Key::optional("at", Holds::Text, AT),
        BY,
        ROLES,
        AFTER,
    ],
);

pub(super) fn votes(field: &Field<'_>) -> Read<Vec<FakeVote>> {
    field.list(&[("by", &vote)])
}

pub(super) fn acts(field: &Field<'_>) -> Read<Vec<Act>> {
    field.list(&[
        ("resume", &|reader| {
            let at = reader.optional("at", at);
            act(reader, Verb::Resume, "resume", at)
        }),
        ("abort", &|reader| {
            let at = reader.optional("at", at);
            act(reader, Verb::Abort, "abort", at)
        }),
        ("rollBack", &|reader| {
            let at = reader.optional("at", at);
            act(reader, Verb::RollBack, "rollBack", at)
        }),
    ])
}

fn vote(reader: &Reader<'_>) -> Read<FakeVote> {
    let by = reader.required("by", Field::text);
    let roles = reader.optional("roles", roles);
    let says = reader.required("says", |field| {
        field.word(|word| match word {
            "approve" => Some(VoteKind::Approve),
            "reject" => Some(VoteKind::Reject),
            _ => None,
        })
    });
    let comment = reader.optional("comment", Field::text);
    let after = reader.required("after", Field::duration);
    Ok(FakeVote {
        by: by?,
        roles: roles?,
        says: says?,
        comment: comment?.unwrap_or_default(),
        after: after?,
    })
}

fn act(reader: &Reader<'_>, verb: Verb, name: &'static str, at: Read<Option<At>>) -> Read<Act> {
    let reason = reader.required(name, Field::text);
    let by = reader.required("by", Field::text);
    let roles = reader.optional("roles", roles);
    let after = reader.required("after", Field::duration);
    Ok(Act {
        verb,
        reason: reason?,
        at: at?,
        by: by?,
        roles: roles?,
        after: after?,
    })
}

fn roles(field: &Field<'_>) -> Read<Vec<Role>> {
    field.names(|name| name.text().map(Role))
}

fn at(field: &Field<'_>) -> Read<At> {
    field.parse(|text| {
        let number = text.strip_prefix("step ").map(str::parse::<usize>);
        if let Some(Ok(number)) = number
            && number > 0
        {
            return Ok(At::Step(number));
        }
        let stage = STAGES.into_iter().find(|stage| stage.name() == text);
        stage.map(At::Stage).ok_or_else(|| {
            let names = || STAGES.iter().map(|stage| stage.name());
            let help = match suggestion::nearest(text, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "write `step 4`, counted as the plan counts, or one of {}",
                    suggestion::listed(names())
                ),
            };
            Complaint::new("is no step and no stage", help)
        })
    })
}
