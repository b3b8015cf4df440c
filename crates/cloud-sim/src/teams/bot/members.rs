//! Who is in the channel.

use serde_json::{Value, json};

use crate::identity::Identity;

/// Somebody whom Teams knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// As Entra knows them.
    pub object_id: String,
    /// As everybody reads it.
    pub name: String,
    /// As they sign in.
    pub upn: String,
    /// Their home; another than the cloud's own for somebody from outside.
    pub tenant_id: String,
}

impl Member {
    /// Somebody of the cloud's own tenant.
    pub fn new(object_id: &str, name: &str) -> Self {
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        Self {
            object_id: object_id.to_owned(),
            name: name.to_owned(),
            upn: format!("{first}@liftlock.example"),
            tenant_id: Identity::TENANT_ID.to_owned(),
        }
    }

    /// The id under which a bot knows them.
    pub fn teams_id(&self) -> String {
        format!("29:{}", self.object_id)
    }

    pub(super) fn to_json(&self) -> Value {
        let (given, family) = self.name.split_once(' ').unwrap_or((&self.name, ""));
        json!({
            "id": self.teams_id(),
            "name": self.name,
            "objectId": self.object_id,
            "givenName": given,
            "surname": family,
            "email": self.upn,
            "userPrincipalName": self.upn,
            "tenantId": self.tenant_id,
            "userRole": "user",
        })
    }
}

/// Everybody of the example: who trains, who may approve, and somebody who only reads along.
pub(super) fn seeded() -> Vec<Member> {
    [
        ("00000000-0000-4000-8000-00000000000a", "Tina Trainer"),
        ("00000000-0000-4000-8000-00000000000b", "Ada Approver"),
        ("00000000-0000-4000-8000-00000000000c", "Ben Approver"),
        ("00000000-0000-4000-8000-000000000009", "Cleo Reviewer"),
        ("00000000-0000-4000-8000-00000000000d", "Sam Stranger"),
    ]
    .map(|(object_id, name)| Member::new(object_id, name))
    .into()
}
