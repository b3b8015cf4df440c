//! The people of the tenant. A test changes them while everything runs.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A member's.
    Member,
    /// A guest's, of another tenant.
    Guest,
    /// A guest's, of this tenant: what it signs in with is kept here.
    InternalGuest,
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub object_id: String,
    pub name: String,
    pub user_name: String,
    /// Member or guest.
    pub kind: Kind,
    /// Whether the account may be used.
    pub enabled: bool,
    /// App roles at Liftlock, by value: `Model.Approver`.
    pub roles: Vec<String>,
    /// Object ids of groups, also of those that another group brings.
    pub groups: Vec<String>,
}

impl Person {
    /// A member without roles and groups.
    pub fn member(object_id: &str, name: &str, user_name: &str) -> Self {
        Self {
            object_id: object_id.to_owned(),
            name: name.to_owned(),
            user_name: user_name.to_owned(),
            kind: Kind::Member,
            enabled: true,
            roles: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// With this app role.
    #[must_use]
    pub fn with_role(mut self, role: &str) -> Self {
        self.roles.push(role.to_owned());
        self
    }
}

/// Everybody, by object id.
#[derive(Debug, Default)]
pub struct Directory {
    people: Mutex<BTreeMap<String, Person>>,
}

impl Directory {
    pub(crate) fn of(people: impl IntoIterator<Item = Person>) -> Self {
        let directory = Self::default();
        people.into_iter().for_each(|person| directory.put(person));
        directory
    }

    /// Adds a person, or replaces who has this object id.
    pub fn put(&self, person: Person) {
        self.people().insert(person.object_id.clone(), person);
    }

    /// Deletes an account.
    pub fn remove(&self, object_id: &str) {
        self.people().remove(object_id);
    }

    /// Changes somebody; nothing happens to an unknown id.
    pub fn change(&self, object_id: &str, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people().get_mut(object_id) {
            change(person);
        }
    }

    /// Who has this object id.
    pub fn person(&self, object_id: &str) -> Option<Person> {
        self.people().get(&object_id.to_ascii_lowercase()).cloned()
    }

    /// Who has this first name, in small letters.
    pub(crate) fn first_named(&self, name: &str) -> Option<Person> {
        let first = |person: &&Person| first_name(person).as_deref() == Some(name);
        self.people().values().find(first).cloned()
    }

    /// Everybody's.
    pub(crate) fn first_names(&self) -> Vec<String> {
        self.people().values().filter_map(first_name).collect()
    }

    /// Every app role that somebody holds, in a fixed order; a role's place is its id.
    pub(super) fn roles(&self) -> Vec<String> {
        let mut roles: Vec<String> = self
            .people()
            .values()
            .flat_map(|person| person.roles.iter().cloned())
            .collect();
        roles.sort();
        roles.dedup();
        roles
    }

    fn people(&self) -> MutexGuard<'_, BTreeMap<String, Person>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first_name(person: &Person) -> Option<String> {
    let word = person.name.split_whitespace().next();
    word.map(str::to_lowercase)
}
