//! `routes[].approval` and `routes[].operators`: who must agree, and who may act.

use promotion::{ApprovalRule, Group, GroupId, Party, Role};

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

pub(super) static APPROVAL: Shape = Shape::new(
    "who must agree",
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
        Key::required(
            "approvers",
            Holds::List(PARTIES),
            "roles and groups, each of which may approve",
        ),
        Key::default(
            "preventSelfReview",
            Holds::Flag,
            "true",
            "whoever trained the model may not approve it",
        ),
        Key::default(
            "expiresAfter",
            Holds::Duration { least: 1 },
            "72h",
            "how long after the question the answer counts",
        ),
    ],
);

/// Whose word counts.
pub(super) static PARTIES: &[&Shape] = &[&ROLE, &GROUP];

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
    let min_approvals = reader.required("minApprovals", Field::integer);
    let approvers = reader.required("approvers", parties);
    let prevent_self_review = reader.required("preventSelfReview", Field::flag);
    let expires_after = reader.required("expiresAfter", Field::duration);
    Ok(ApprovalRule {
        min_approvals: min_approvals?,
        approvers: approvers?,
        prevent_self_review: prevent_self_review?,
        expires_after: expires_after?,
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
