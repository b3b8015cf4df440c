//! The value of one key, read as what its shape says that it holds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use promotion::Seconds;

use super::context::{Source, Variables};
use super::diagnostics::{Complaint, Read, Reported};
use super::duration::{self, Bare};
use super::environment;
use super::node::{Entry, Node, Value};
use super::reader::{Reader, mapping_help};
use super::shape::{Holds, Key, Need, Shape, Short};
use super::suggestion;

/// The value of one key.
pub(super) struct Field<'c> {
    pub(super) source: &'c Source<'c>,
    pub(super) key: &'static Key,
    /// `routes[0].approval.minApprovals`.
    pub(super) path: String,
    pub(super) node: Cow<'c, Node>,
}

/// How an entry of a list is read, by the key that tells its shape.
pub(super) type Variant<'v, T> = (&'static str, &'v dyn Fn(&Reader<'_>) -> Read<T>);

impl Field<'_> {
    /// Text that is not empty, with the environment's values in it.
    pub(super) fn text(&self) -> Read<String> {
        let written = self.written_text()?;
        let text = match self.source.variables {
            Variables::Literal => written.to_owned(),
            Variables::Replaced => {
                let spot = self.source.spot(self.node.line);
                environment::replace(written, &self.path, &spot, self.source.context)?
            }
        };
        if text.trim().is_empty() {
            return Err(self.complain(Complaint::new("is empty", self.about())));
        }
        Ok(text)
    }

    /// Text that `parse` makes something of.
    pub(super) fn parse<T>(&self, parse: impl FnOnce(&str) -> Result<T, Complaint>) -> Read<T> {
        parse(&self.text()?).map_err(|complaint| self.complain(complaint))
    }

    /// A length of time.
    pub(super) fn duration(&self) -> Read<Seconds> {
        let (least, bare) = match self.key.holds {
            Holds::Duration { least } => (Seconds(least), Bare::Refused),
            Holds::Seconds { least } => (Seconds(least), Bare::Seconds),
            _ => panic!("{} is no duration", self.path),
        };
        self.parse(|text| duration::parse(text, bare, least))
    }

    /// A whole number within the shape's bounds.
    pub(super) fn integer(&self) -> Read<u32> {
        let Holds::Integer { least, most } = self.key.holds else {
            panic!("{} is no integer", self.path)
        };
        let help = if least == most {
            format!("write {least}")
        } else {
            format!("write a whole number from {least} to {most}")
        };
        match self.plain().map(str::parse::<u32>) {
            Some(Ok(number)) if (least..=most).contains(&number) => Ok(number),
            Some(Ok(number)) if number < least => {
                Err(self.complain(Complaint::new(format!("is less than {least}"), help)))
            }
            Some(Ok(_)) => Err(self.complain(Complaint::new(format!("is more than {most}"), help))),
            Some(Err(_)) | None => Err(self.complain(Complaint::new("is no whole number", help))),
        }
    }

    /// A limit within the shape's bound; nothing, where -1 lifts it.
    pub(super) fn limit(&self) -> Read<Option<u32>> {
        let Holds::Limit { most } = self.key.holds else {
            panic!("{} is no limit", self.path)
        };
        if self.plain() == Some("-1") {
            return Ok(None);
        }
        match self.plain().map(str::parse::<u32>) {
            Some(Ok(number)) if number <= most => Ok(Some(number)),
            Some(Ok(_) | Err(_)) | None => {
                let help = format!("write a whole number from 0 to {most}, or -1 for no limit");
                Err(self.complain(Complaint::new("is no limit", help)))
            }
        }
    }

    /// A finite number.
    pub(super) fn number(&self) -> Read<f64> {
        match self
            .plain()
            .filter(|_| self.node.kind() == "a number")
            .map(str::parse::<f64>)
        {
            Some(Ok(number)) if number.is_finite() => Ok(number),
            Some(_) | None => {
                let help = "write a number like 0.85 or 60, without quotes";
                Err(self.complain(Complaint::new("is no number", help)))
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&self) -> Read<bool> {
        match self.plain() {
            Some("true" | "True" | "TRUE") => Ok(true),
            Some("false" | "False" | "FALSE") => Ok(false),
            Some(_) | None => {
                let complaint =
                    Complaint::new("is neither true nor false", "write `true` or `false`");
                Err(self.complain(complaint))
            }
        }
    }

    /// One of the shape's words, each of which `meaning` knows.
    pub(super) fn word<T>(&self, meaning: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        let Holds::Word(words) = self.key.holds else {
            panic!("{} is no word", self.path)
        };
        let one_of = || format!("write one of {}", suggestion::listed(words.iter().copied()));
        let written = match self.scalar() {
            Some(written) if self.node.kind() != "nothing" => written,
            Some(_) | None => {
                let what = format!("is {}, not a word", self.node.kind());
                return Err(self.complain(Complaint::new(what, one_of())));
            }
        };
        let known = words.contains(&written).then(|| meaning(written)).flatten();
        known.ok_or_else(|| {
            let help = match suggestion::nearest(written, words.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => one_of(),
            };
            self.complain(Complaint::new("is not known here", help))
        })
    }

    /// Texts under names of the user's choice; numbers and truth values count as they are written.
    pub(super) fn texts(&self) -> Read<BTreeMap<String, String>> {
        let Value::Map(entries) = &self.node.value else {
            return Err(self.complain(Complaint::new("is no mapping", "write `name: text` lines")));
        };
        let mut texts = BTreeMap::new();
        for entry in entries {
            match &entry.node.value {
                Value::Quoted(text) => drop(texts.insert(entry.key.clone(), text.clone())),
                Value::Plain(text) if entry.node.kind() != "nothing" => {
                    drop(texts.insert(entry.key.clone(), text.clone()));
                }
                Value::Plain(_) | Value::List(_) | Value::Map(_) => {
                    let what = format!(
                        "{}.{} is {}, not a text",
                        self.path,
                        entry.key,
                        entry.node.kind()
                    );
                    return Err(self.source.report(entry.line, what, "write a text"));
                }
            }
        }
        Ok(texts)
    }

    /// One mapping.
    pub(super) fn mapping<T>(&self, read: impl FnOnce(&Reader<'_>) -> Read<T>) -> Read<T> {
        let shape = match self.key.holds {
            Holds::Mapping(shape) => shape,
            Holds::Short(short) => return self.short(short, read),
            _ => panic!("{} is no mapping", self.path),
        };
        if self.node.kind() == "nothing" && self.key.need != Need::Required {
            let help = format!("{}, or remove the line", mapping_help(shape));
            return Err(self.complain(Complaint::new("is nothing, not a mapping", help)));
        }
        read(&Reader::open(
            &self.node,
            shape,
            self.path.clone(),
            self.source,
        )?)
    }

    /// One mapping, or the word that stands for one.
    fn short<T>(&self, short: &Short, read: impl FnOnce(&Reader<'_>) -> Read<T>) -> Read<T> {
        let open = |node: &Node| {
            let reader = Reader::open(node, short.shape, self.path.clone(), self.source)?;
            read(&reader)
        };
        match self.scalar() {
            Some(written) if written == short.word => {
                let line = self.node.line;
                let entry = Entry {
                    key: short.key.to_owned(),
                    line,
                    node: self.node.clone().into_owned(),
                };
                let value = Value::Map(vec![entry]);
                open(&Node { line, value })
            }
            Some(_) => {
                let what = format!(
                    "is {}, neither a mapping nor `{}`",
                    self.node.kind(),
                    short.word
                );
                let help = format!(
                    "write `{}`, or a mapping: {}",
                    short.word,
                    mapping_help(short.shape)
                );
                Err(self.complain(Complaint::new(what, help)))
            }
            None => open(&self.node),
        }
    }

    /// Mappings under names of the user's choice, in the file's order.
    pub(super) fn named<T>(&self, read: impl Fn(&str, &Reader<'_>) -> Read<T>) -> Read<Vec<T>> {
        let Holds::Named(shape) = self.key.holds else {
            panic!("{} has no names", self.path)
        };
        if self.entries().is_empty() {
            return Err(self.complain(Complaint::new("names nothing", self.about())));
        }
        let read_one = |entry: &Entry| {
            let path = format!("{}.{}", self.path, entry.key);
            read(
                &entry.key,
                &Reader::open(&entry.node, shape, path, self.source)?,
            )
        };
        all(self.entries().iter().map(read_one))
    }

    /// Mappings in order, each of one of the shape's variants.
    pub(super) fn list<T>(&self, variants: &[Variant<'_, T>]) -> Read<Vec<T>> {
        let Holds::List(shapes) = self.key.holds else {
            panic!("{} is no list", self.path)
        };
        let items = self.items()?;
        let read_one = |(index, item)| {
            let path = format!("{}[{index}]", self.path);
            self.item(item, path, shapes, variants)
        };
        all(items.iter().enumerate().map(read_one))
    }

    /// Texts in order, each as a field of its own, so that what is wrong with it is told where it stands.
    pub(super) fn names<T>(&self, read: impl Fn(&Field<'_>) -> Read<T>) -> Read<Vec<T>> {
        let read_one = |(index, item)| {
            read(&Field {
                source: self.source,
                key: self.key,
                path: format!("{}[{index}]", self.path),
                node: Cow::Borrowed(item),
            })
        };
        all(self.items()?.iter().enumerate().map(read_one))
    }

    /// Reports what is wrong with this value, quoting it as it is written: never what the environment holds.
    pub(super) fn complain(&self, complaint: Complaint) -> Reported {
        let quoted = match (&self.key.holds, self.scalar()) {
            (Holds::Secret, _) | (_, None | Some("")) => String::new(),
            (_, Some(_)) if self.node.kind() == "nothing" => String::new(),
            (_, Some(written)) => format!(" `{written}`"),
        };
        let what = format!("{}:{quoted} {}", self.path, complaint.what);
        self.source.report(self.node.line, what, complaint.help)
    }

    /// Reports what is wrong with one entry of this list.
    pub(super) fn complain_at(&self, index: usize, complaint: Complaint) -> Reported {
        let line = match &self.node.value {
            Value::List(items) => items.get(index).map_or(self.node.line, |item| item.line),
            Value::Map(_) | Value::Plain(_) | Value::Quoted(_) => self.node.line,
        };
        let what = format!("{}[{index}]: {}", self.path, complaint.what);
        self.source.report(line, what, complaint.help)
    }

    /// The line of `name` in this mapping, or where the mapping begins.
    pub(super) fn line_under(&self, name: &str) -> u32 {
        self.entries()
            .iter()
            .find(|entry| entry.key == name)
            .map_or(self.node.line, |entry| entry.line)
    }

    /// The keys of this mapping, as far as it is one.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.node.value {
            Value::Map(entries) => entries,
            Value::Plain(_) | Value::Quoted(_) | Value::List(_) => &[],
        }
    }

    /// The text as it stands in the file, variables and all.
    pub(super) fn written_text(&self) -> Read<&str> {
        let (is_text, wanted) = match &self.key.holds {
            Holds::Duration { .. } | Holds::Seconds { .. } => (
                matches!(self.node.kind(), "a text" | "a number"),
                "a length of time",
            ),
            _ => (self.node.kind() == "a text", "a text"),
        };
        match self.scalar() {
            Some(text) if is_text => Ok(text),
            Some(_) | None => {
                let help = match self.node.kind() {
                    "a number" | "a truth value" if wanted == "a text" => {
                        "put it in quotes".to_owned()
                    }
                    _ => self.about(),
                };
                let what = format!("is {}, not {wanted}", self.node.kind());
                Err(self.complain(Complaint::new(what, help)))
            }
        }
    }

    /// The entries of this list, which has some.
    fn items(&self) -> Read<&[Node]> {
        match &self.node.value {
            Value::List(items) if !items.is_empty() => Ok(items),
            Value::List(_) => Err(self.complain(Complaint::new("is an empty list", self.about()))),
            Value::Map(_) | Value::Plain(_) | Value::Quoted(_) => {
                let help = "write a list: lines that begin with `- `";
                Err(self.complain(Complaint::new("is no list", help)))
            }
        }
    }

    fn item<T>(
        &self,
        item: &Node,
        path: String,
        shapes: &'static [&'static Shape],
        variants: &[Variant<'_, T>],
    ) -> Read<T> {
        let shape = self.shape_of(item, &path, shapes)?;
        let (_, read) = variants
            .iter()
            .find(|(mark, _)| *mark == shape.mark())
            .expect("every shape of a list is read by one of its variants");
        read(&Reader::open(item, shape, path, self.source)?)
    }

    fn shape_of(
        &self,
        item: &Node,
        path: &str,
        shapes: &'static [&'static Shape],
    ) -> Read<&'static Shape> {
        if let [only] = shapes {
            return Ok(only);
        }
        let marks = || shapes.iter().map(|shape| shape.mark());
        let Value::Map(entries) = &item.value else {
            let help = format!(
                "write one of {} with its value",
                suggestion::listed(marks())
            );
            let what = format!("{path}: is {}, not a mapping", item.kind());
            return Err(self.source.report(item.line, what, help));
        };
        let has = |mark: &str| entries.iter().any(|entry| entry.key == mark);
        let present: Vec<_> = shapes.iter().filter(|shape| has(shape.mark())).collect();
        match present.as_slice() {
            [shape] => Ok(shape),
            [] => Err(self.unmarked(item.line, entries, path, shapes)),
            several => {
                let both = suggestion::listed(several.iter().map(|shape| shape.mark()));
                let what = format!("{path}: holds {both} at once");
                Err(self
                    .source
                    .report(item.line, what, "make an entry of its own of each"))
            }
        }
    }

    /// No key tells what the entry is: a slip in that key, or it is missing.
    fn unmarked(
        &self,
        line: u32,
        entries: &[Entry],
        path: &str,
        shapes: &'static [&'static Shape],
    ) -> Reported {
        let marks = || shapes.iter().map(|shape| shape.mark());
        for entry in entries {
            if let Some(near) = suggestion::nearest(&entry.key, marks()) {
                let what = format!("{path}: unknown key `{}`", entry.key);
                return self
                    .source
                    .report(entry.line, what, format!("did you mean `{near}`?"));
            }
        }
        let known = |entry: &Entry| shapes.iter().any(|shape| shape.find(&entry.key).is_some());
        let what = match entries.iter().find(|entry| !known(entry)) {
            Some(entry) => format!("{path}: unknown key `{}`", entry.key),
            None => format!("{path}: nothing says what it is"),
        };
        let help = format!("write one of {}", suggestion::listed(marks()));
        self.source.report(line, what, help)
    }

    /// What to write, by what the key means: only a length of time needs to be told what it looks like.
    fn about(&self) -> String {
        let about = self.key.about;
        match (&self.key.holds, self.key.need) {
            (Holds::Duration { .. } | Holds::Seconds { .. }, need) => {
                let example = match need {
                    Need::Default(text) => text,
                    Need::Required | Need::Optional => "10m",
                };
                format!("write a length of time like `{example}`; it is: {about}")
            }
            _ => format!("write {about}"),
        }
    }

    fn scalar(&self) -> Option<&str> {
        match &self.node.value {
            Value::Plain(text) | Value::Quoted(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    fn plain(&self) -> Option<&str> {
        match &self.node.value {
            Value::Plain(text) => Some(text),
            Value::Quoted(_) | Value::List(_) | Value::Map(_) => None,
        }
    }
}

/// Reads to the end, whatever is wrong on the way.
fn all<T>(reads: impl Iterator<Item = Read<T>>) -> Read<Vec<T>> {
    let read: Vec<Read<T>> = reads.collect();
    read.into_iter().collect()
}
