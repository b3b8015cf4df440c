//! `routes[].approval` and `routes[].operators`: who must agree, and who may act.

use promotion::{
    ApprovalRule, Consent, Escalation, Group, GroupId, Party, Requirement, Role, Seconds,
};

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape, Short};

pub(super) static APPROVAL: Short = Short {
    shape: &WHO,
    key: "mode",
    word: "automatic",
};

static WHO: Shape = Shape::new(
    "who must agree; or only the word `automatic`",
    &[
        Key::default(
            "minApprovals",
            Holds::Integer {
                least: 1,
                most: 100,
            },
            "1",
            "how many distinct people must approve",
        ),
        Key::optional(
            "approvers",
            Holds::List(PARTIES),
            "roles and groups, each of which may approve; required unless the mode is `automatic`",
        ),
        Key::optional(
            "required",
            Holds::List(&[&REQUIRED_ROLE, &REQUIRED_GROUP]),
            "who must be among those who approve, each place filled by a person of its own",
        ),
        Key::default(
            "preventSelfReview",
            Holds::Flag,
            "true",
            "whoever trained (submitted the job), registered, changed or asked for the model may not approve it, nor whoever changed its run's record last; where nobody can tell who trained it, or only by a name, two people have to, nobody of that name among them",
        ),
        Key::default(
            "expiresAfter",
            Holds::Duration { least: 1 },
            "72h",
            "how long after the question the answer counts",
        ),
        Key::optional(
            "remindEvery",
            Holds::Duration { least: 600 },
            "how often the channel is reminded of an open question; absent: every 24 hours",
        ),
        Key::optional(
            "escalateAfter",
            Holds::Duration { least: 60 },
            "how long after the question others may answer as well",
        ),
        Key::optional("escalateTo", Holds::List(PARTIES), "those others"),
        Key::optional(
            "override",
            Holds::List(PARTIES),
            "who may go past the quorum, windows and the freezes that stand when the first of them says so, two people together with a reason each; absent: nobody",
        ),
        Key::default(
            "mode",
            Holds::Word(&["people", "automatic"]),
            "people",
            "`automatic`: nobody is asked; the route's gates have to pass, and that is recorded as such",
        ),
    ],
);

/// Whose word counts.
pub(super) static PARTIES: &[&Shape] = &[&ROLE, &GROUP];

static REQUIRED_ROLE: Shape = Shape::new(
    "a role that must be among them",
    &[
        Key::required("role", Holds::Text, "the value of an app role in Entra ID"),
        PLACES,
    ],
);

static REQUIRED_GROUP: Shape = Shape::new(
    "a group that must be among them",
    &[
        Key::required("group", Holds::Text, "the object id of a group in Entra ID"),
        Key::optional("name", Holds::Text, "what people read instead of the id"),
        PLACES,
    ],
);

const PLACES: Key = Key::default(
    "approvals",
    Holds::Integer { least: 1, most: 10 },
    "1",
    "how many of them",
);

static GROUP: Shape = Shape::new(
    "a group",
    &[
        Key::required("group", Holds::Text, "the object id of a group in Entra ID"),
        Key::optional("name", Holds::Text, "what people read instead of the id"),
    ],
);

static ROLE: Shape = Shape::new(
    "an app role",
    &[Key::required(
        "role",
        Holds::Text,
        "the value of an app role in Entra ID",
    )],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<ApprovalRule> {
    let consent = reader.required("mode", |field| field.word(consent));
    let min_approvals = reader.required("minApprovals", Field::integer);
    let approvers = match consent {
        Ok(Consent::Automatic) => reader.optional("approvers", parties),
        Ok(Consent::People) | Err(_) => reader.required("approvers", parties).map(Some),
    };
    let required = reader.optional("required", |field| {
        field.list(&[("role", &required_role), ("group", &required_group)])
    });
    let prevent_self_review = reader.required("preventSelfReview", Field::flag);
    let expires_after = reader.required("expiresAfter", Field::duration);
    let remind_every = reader.optional("remindEvery", Field::duration);
    let escalation = escalation(reader);
    let overriders = reader.optional("override", parties);
    Ok(ApprovalRule {
        min_approvals: min_approvals?,
        approvers: approvers?.unwrap_or_default(),
        prevent_self_review: prevent_self_review?,
        expires_after: expires_after?,
        required: required?.unwrap_or_default(),
        remind_every: Some(remind_every?.unwrap_or(A_DAY)),
        escalation: escalation?,
        overriders: overriders?.unwrap_or_default(),
        consent: consent?,
    })
}

const A_DAY: Seconds = Seconds(24 * 60 * 60);

fn consent(word: &str) -> Option<Consent> {
    match word {
        "people" => Some(Consent::People),
        "automatic" => Some(Consent::Automatic),
        _ => None,
    }
}

/// Both or neither: when, and to whom.
fn escalation(reader: &Reader<'_>) -> Read<Option<Escalation>> {
    let after = reader.optional("escalateAfter", Field::duration);
    let approvers = reader.optional("escalateTo", parties);
    match (after?, approvers?) {
        (Some(after), Some(approvers)) => Ok(Some(Escalation {
            after,
            approvers,
            // Which channels there are is said elsewhere in the file.
            elsewhere: false,
        })),
        (None, None) => Ok(None),
        (Some(_), None) => reader.required("escalateTo", parties).map(|_| None),
        (None, Some(_)) => reader
            .required("escalateAfter", Field::duration)
            .map(|_| None),
    }
}

fn required_role(reader: &Reader<'_>) -> Read<Requirement> {
    required(reader, role)
}

fn required_group(reader: &Reader<'_>) -> Read<Requirement> {
    required(reader, group)
}

fn required(
    reader: &Reader<'_>,
    party: impl FnOnce(&Reader<'_>) -> Read<Party>,
) -> Read<Requirement> {
    let party = party(reader);
    let approvals = reader.required("approvals", Field::integer);
    Ok(Requirement {
        party: party?,
        approvals: approvals?,
    })
}

/// A list of roles and groups.
pub(super) fn parties(field: &Field<'_>) -> Read<Vec<Party>> {
    field.list(&[("role", &role), ("group", &group)])
}

fn role(reader: &Reader<'_>) -> Read<Party> {
    let role = reader.required("role", Field::text)?;
    Ok(Party::Role(Role(role)))
}

fn group(reader: &Reader<'_>) -> Read<Party> {
    let id = reader.required("group", |field| field.parse(group_id));
    let name = reader.optional("name", Field::text);
    Ok(Party::Group(Group {
        id: id?,
        name: name?,
    }))
}

/// Entra's groups are told apart by their object ids: names can be given twice.
fn group_id(text: &str) -> Result<GroupId, Complaint> {
    uuid::Uuid::try_parse(text)
        .map(|id| GroupId::new(id.to_string()))
        .map_err(|_| {
            Complaint::new(
                "is no group's object id",
                "copy it from the group in Entra ID, like `0760b6cf-170e-4a14-91b3-4b78e0739963`; `name` beside it is what people read",
            )
        })
}
