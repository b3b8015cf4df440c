//! Shapes: which keys a mapping takes, what each holds, its default and its meaning.
//!
//! The one table that the reader asks, the JSON Schema is written from and the reference is held to: a key that is in
//! none of them cannot be in one.

/// A mapping's keys.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) about: &'static str,
    pub(super) keys: &'static [Key],
    /// Keys that exist elsewhere and are refused here with a sentence of their own.
    pub(super) refused: &'static [&'static [RefusedKey]],
}

/// A key that is refused by name: the key, and why or what to do.
pub(super) type RefusedKey = (&'static str, &'static str);

/// One key of a mapping.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) holds: Holds,
    pub(super) about: &'static str,
}

/// Whether a key has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
    /// Absent, it is as if this had been written.
    Default(&'static str),
}

/// What a key holds.
#[derive(Debug)]
pub(super) enum Holds {
    /// Text, in which `${NAME}` is the environment's value.
    Text,
    /// Text that is never shown: it must come from the environment.
    Secret,
    /// The name of a file beside `liftlock.yaml`.
    File,
    /// `10s`, `10m`, `1h`, `2d`, with its unit, which only a nought can do without. At least so many seconds.
    Duration { least: u32 },
    /// A duration in which a bare number is seconds, as in Argo Rollouts. At least so many.
    Seconds { least: u32 },
    /// A whole number between two, both included.
    Integer { least: u32, most: u32 },
    /// A whole number from 0 to `most`, or -1 for none.
    Limit { most: u32 },
    /// A finite number.
    Number,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Texts in order, at least one.
    Names,
    /// Texts under names of the user's choice.
    Texts,
    /// What code of its own reads; this is its JSON Schema.
    Own(&'static str),
    /// One mapping.
    Mapping(&'static Shape),
    /// One mapping, or in its place the only word that one of its keys needs.
    Short(&'static Short),
    /// Mappings under names of the user's choice, at least one.
    Named(&'static Shape),
    /// Mappings in order, at least one, each of one of these shapes: told apart by the shape's first key.
    List(&'static [&'static Shape]),
}

/// A mapping that a word may stand for.
#[derive(Debug)]
pub(super) struct Short {
    /// The whole.
    pub(super) shape: &'static Shape,
    /// The key that the word belongs to.
    pub(super) key: &'static str,
    /// The word.
    pub(super) word: &'static str,
}

impl Shape {
    pub(super) const fn new(about: &'static str, keys: &'static [Key]) -> Self {
        Self {
            about,
            keys,
            refused: &[],
        }
    }

    pub(super) const fn refusing(self, refused: &'static [&'static [RefusedKey]]) -> Self {
        Self {
            about: self.about,
            keys: self.keys,
            refused,
        }
    }

    /// The key of that name, which the code that reads this shape takes for granted.
    pub(super) fn key(&self, name: &str) -> &'static Key {
        self.find(name)
            .unwrap_or_else(|| panic!("the shape of {} has no key {name}", self.about))
    }

    pub(super) fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }

    /// The key by which a list tells this shape from the others.
    pub(super) fn mark(&self) -> &'static str {
        self.keys
            .first()
            .expect("a shape of a list has a first key")
            .name
    }
}

impl Key {
    pub(super) const fn required(name: &'static str, holds: Holds, about: &'static str) -> Self {
        Self {
            name,
            need: Need::Required,
            holds,
            about,
        }
    }

    pub(super) const fn optional(name: &'static str, holds: Holds, about: &'static str) -> Self {
        Self {
            name,
            need: Need::Optional,
            holds,
            about,
        }
    }

    pub(super) const fn default(
        name: &'static str,
        holds: Holds,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            need: Need::Default(default),
            holds,
            about,
        }
    }
}
