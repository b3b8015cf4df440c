//! `routes[].approval` and `routes[].operators`: who must agree, and who may act.

use promotion::{ApprovalRule, Role};

use super::diagnostics::Read;
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
            Holds::List(&[&ROLE]),
            "roles, each of which may approve",
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

pub(super) static ROLE: Shape = Shape::new(
    "an app role",
    &[Key::required(
        "role",
        Holds::Text,
        "the value of an app role in Entra ID",
    )],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<ApprovalRule> {
    let min_approvals = reader.required("minApprovals", Field::integer);
    let approvers = reader.required("approvers", roles);
    let prevent_self_review = reader.required("preventSelfReview", Field::flag);
    let expires_after = reader.required("expiresAfter", Field::duration);
    Ok(ApprovalRule {
        min_approvals: min_approvals?,
        approvers: approvers?,
        prevent_self_review: prevent_self_review?,
        expires_after: expires_after?,
    })
}

/// A list of roles.
pub(super) fn roles(field: &Field<'_>) -> Read<Vec<Role>> {
    field.list(&[("role", &role)])
}

fn role(reader: &Reader<'_>) -> Read<Role> {
    reader.required("role", Field::text).map(Role)
}
