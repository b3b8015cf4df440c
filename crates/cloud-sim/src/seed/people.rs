//! Who trains here.

use crate::arm::{Actor, ActorKind, Person};
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
