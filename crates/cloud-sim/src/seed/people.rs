//! Who trains and decides here.

use crate::arm::{Actor, ActorKind, Person};
use crate::graph;
use crate::identity::Identity;

/// Tina ran the training jobs: run history knows her by object id, ARM by display name.
pub(crate) fn trainer() -> Person {
    Person {
        object_id: "00000000-0000-4000-8000-00000000000a".into(),
        tenant_id: Identity::TENANT_ID.into(),
        name: "Tina Trainer".into(),
        upn: "tina@liftlock.example".into(),
    }
}

/// Olaf works on endpoints in Azure's portal.
pub(crate) fn operator() -> Person {
    Person {
        object_id: "00000000-0000-4000-8000-00000000000f".into(),
        tenant_id: Identity::TENANT_ID.into(),
        name: "Olaf Ops".into(),
        upn: "olaf@liftlock.example".into(),
    }
}

/// The person as ARM shows them.
pub(crate) fn actor(person: &Person) -> Actor {
    Actor {
        name: person.name.clone(),
        kind: ActorKind::User,
    }
}

/// Everybody who can sign in: the trainer, two approvers, a third who reviews what they override, and somebody without a role.
pub(crate) fn everybody() -> [graph::Person; 5] {
    let member = |last: char, name: &str, user: &str| {
        let object_id = format!("00000000-0000-4000-8000-00000000000{last}");
        graph::Person::member(&object_id, name, &format!("{user}@liftlock.example"))
    };
    [
        member('a', "Tina Trainer", "tina").with_role("Model.Approver"),
        member('b', "Ada Approver", "ada").with_role("Model.Approver"),
        member('c', "Ben Approver", "ben").with_role("Model.Approver"),
        member('9', "Cleo Reviewer", "cleo").with_role("Model.Approver"),
        member('d', "Sam Stranger", "sam"),
    ]
}
