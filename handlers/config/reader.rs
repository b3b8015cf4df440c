//! A mapping of the file, read by the shape that it ought to have.

use std::borrow::Cow;

use super::context::Source;
use super::diagnostics::{Complaint, Read, Reported};
use super::field::Field;
use super::node::{Entry, Node, Value};
use super::shape::{Key, Need, Shape};
use super::suggestion;

/// A mapping of the file. Unknown keys have been reported when there is one.
pub(super) struct Reader<'c> {
    pub(super) source: &'c Source<'c>,
    shape: &'static Shape,
    /// `routes[0].approval`; nothing at the top.
    path: String,
    line: u32,
    entries: &'c [Entry],
}

impl<'c> Reader<'c> {
    /// Takes `node` for a mapping of `shape` and reports every key that does not belong there.
    pub(super) fn open(
        node: &'c Node,
        shape: &'static Shape,
        path: String,
        source: &'c Source<'c>,
    ) -> Read<Self> {
        let Value::Map(entries) = &node.value else {
            let what = format!("{}is {}, not a mapping", prefix(&path), node.kind());
            return Err(source.report(node.line, what, mapping_help(shape)));
        };
        let reader = Self {
            source,
            shape,
            path,
            line: node.line,
            entries,
        };
        for entry in entries {
            reader.refuse_unknown(entry);
        }
        Ok(reader)
    }

    /// The value of a key that has to be there or has a default.
    pub(super) fn required<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Field<'c>) -> Read<T>,
    ) -> Read<T> {
        let key = self.shape.key(name);
        match (self.entry(name), key.need) {
            (Some(entry), _) => self.given(entry, key, read),
            (None, Need::Default(text)) => read(&self.default(key, text)),
            (None, Need::Required | Need::Optional) => {
                let what = format!("{}`{name}` is missing", prefix(&self.path));
                Err(self
                    .source
                    .report(self.line, what, format!("add it: {}", key.about)))
            }
        }
    }

    /// The value of a key that may be absent.
    pub(super) fn optional<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Field<'c>) -> Read<T>,
    ) -> Read<Option<T>> {
        let key = self.shape.key(name);
        self.entry(name)
            .map(|entry| self.given(entry, key, read))
            .transpose()
    }

    /// Whether `name` is given, rightly or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// Reports what is wrong with the value of `name`, or with its absence.
    pub(super) fn complain(&self, name: &str, complaint: Complaint) -> Reported {
        let line = self.entry(name).map_or(self.line, |entry| entry.line);
        let what = format!("{}: {}", self.path_of(name), complaint.what);
        self.source.report(line, what, complaint.help)
    }

    /// The line of the key `name`, or where the mapping begins.
    pub(super) fn line_of(&self, name: &str) -> u32 {
        self.entry(name).map_or(self.line, |entry| entry.line)
    }

    /// The line where the mapping begins.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// Where it stands, for the beginning of a sentence.
    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    fn entry(&self, name: &str) -> Option<&'c Entry> {
        self.entries.iter().find(|entry| entry.key == name)
    }

    fn given<T>(
        &self,
        entry: &'c Entry,
        key: &'static Key,
        read: impl FnOnce(&Field<'c>) -> Read<T>,
    ) -> Read<T> {
        let path = self.path_of(key.name);
        let field = Field {
            source: self.source,
            key,
            path,
            node: Cow::Borrowed(&entry.node),
        };
        read(&field)
    }

    fn default(&self, key: &'static Key, text: &str) -> Field<'c> {
        let value = match text {
            "{}" => Value::Map(Vec::new()),
            scalar => Value::Plain(scalar.to_owned()),
        };
        let node = Cow::Owned(Node {
            line: self.line,
            value,
        });
        Field {
            source: self.source,
            key,
            path: self.path_of(key.name),
            node,
        }
    }

    fn refuse_unknown(&self, entry: &Entry) {
        let name = entry.key.as_str();
        if self.shape.find(name).is_some() {
            return;
        }
        let at = prefix(&self.path);
        if let Some((_, why)) = self
            .shape
            .refused
            .iter()
            .copied()
            .flatten()
            .find(|(refused, _)| *refused == name)
        {
            let what = format!("{at}key `{name}`: {why}");
            self.source
                .report(entry.line, what, "remove it from this file");
        } else {
            let help = suggestion::for_key(name, self.shape.names());
            self.source
                .report(entry.line, format!("{at}unknown key `{name}`"), help);
        }
    }
}

/// A path as the beginning of a sentence; nothing at the top.
pub(super) fn prefix(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("{path}: ")
    }
}

/// What to write where a mapping of `shape` belongs.
pub(super) fn mapping_help(shape: &Shape) -> String {
    let names: Vec<String> = shape.names().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "write `{}`".to_owned()
    } else {
        format!("its keys are {}", names.join(", "))
    }
}
