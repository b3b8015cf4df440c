//! YAML as a tree whose every key and value knows its line.
//!
//! serde stops at the first value that does not fit and forgets where the others were; this tree is what lets all
//! problems be told at once. It is built from the events of the YAML parser inside `serde-saphyr`.

use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput};
use std::collections::HashMap;

use super::context::Source;
use super::diagnostics::{Read, Reported};
use super::environment;

/// More nodes than any configuration has: aliases of aliases grow without bound.
const MOST_NODES: usize = 20_000;
/// Deeper than any configuration is.
const MOST_LEVELS: usize = 32;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Text without quotes, which may mean a number, a truth value or nothing.
    Plain(String),
    /// Text in quotes or a block, which is nothing but text.
    Quoted(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the file's order, each key once.
    Map(Vec<Entry>),
}

/// One key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: u32,
    pub(super) node: Node,
}

impl Node {
    /// The only document in `text`; syntax errors are reported to `source`.
    pub(super) fn parse(text: &str, source: &Source<'_>) -> Read<Self> {
        let parser = Parser::new_from_str(text);
        Builder {
            text,
            parser,
            source,
            anchors: HashMap::new(),
            nodes: 0,
        }
        .document()
    }

    /// What this mapping holds under `name`.
    pub(super) fn under(&self, name: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == name)?;
        Some(&entry.node)
    }

    /// What it holds, for a sentence.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Plain(text) => match text.as_str() {
                "" | "~" | "null" | "Null" | "NULL" => "nothing",
                "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => "a truth value",
                text if is_number(text) => "a number",
                _ => "a text",
            },
            Value::Quoted(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    fn size(&self) -> usize {
        1 + match &self.value {
            Value::Plain(_) | Value::Quoted(_) => 0,
            Value::List(items) => items.iter().map(Self::size).sum(),
            Value::Map(entries) => entries.iter().map(|entry| entry.node.size()).sum(),
        }
    }
}

struct Builder<'t, 's> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    source: &'s Source<'s>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'t> Builder<'t, '_> {
    fn document(mut self) -> Read<Node> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::StreamEnd, _) => {
                    let help = "write at least `version: 1`, `stages`, `teams` and `routes`";
                    return Err(self.source.report(1, "the file is empty", help));
                }
                (event, line) => {
                    let root = self.node(event, line, 0)?;
                    self.end()?;
                    return Ok(root);
                }
            }
        }
    }

    fn end(&mut self) -> Read<()> {
        loop {
            match self.next()? {
                (Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => return Ok(()),
                (_, line) => {
                    let what = "a second document begins here";
                    return Err(self
                        .source
                        .report(line, what, "keep one document in this file"));
                }
            }
        }
    }

    /// The next event that is not a comment, and its line.
    fn next(&mut self) -> Read<(Event<'t>, u32)> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok((event, line_of(span.start))),
                Some(Err(error)) => return Err(self.syntax(&error)),
                None => return Ok((Event::StreamEnd, 1)),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, line: u32, level: usize) -> Read<Node> {
        self.nodes += 1;
        if level > MOST_LEVELS || self.nodes > MOST_NODES {
            let help = "a configuration needs no such depth or size: are aliases nested?";
            return Err(self
                .source
                .report(line, "too deep or too large to read", help));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, ScalarStyle::Plain, anchor, None) => {
                (Value::Plain(text.into_owned()), anchor)
            }
            Event::Scalar(text, _, anchor, None) => (Value::Quoted(text.into_owned()), anchor),
            Event::SequenceStart(_, anchor, None) => (self.list(level)?, anchor),
            Event::MappingStart(_, anchor, None) => (self.map(level)?, anchor),
            Event::Alias(anchor) => return self.alias(anchor, line),
            _ => {
                let what = "a tag (`!…`) stands before this value";
                return Err(self.source.report(line, what, "remove the tag"));
            }
        };
        let node = Node { line, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, level: usize) -> Read<Value> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (event, line) => items.push(self.node(event, line, level + 1)?),
            }
        }
    }

    fn map(&mut self, level: usize) -> Read<Value> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Map(entries)),
                (Event::Scalar(text, ..), line) => (text.into_owned(), line),
                (_, line) => {
                    let what = "a key that is no text";
                    return Err(self.source.report(line, what, "keys are plain words"));
                }
            };
            let (event, value_line) = self.next()?;
            let node = self.node(event, value_line.max(line), level + 1)?;
            self.add(&mut entries, Entry { key, line, node });
        }
    }

    /// Keeps the first of two equal keys and reports the second.
    fn add(&self, entries: &mut Vec<Entry>, entry: Entry) {
        if let Some(first) = entries.iter().find(|known| known.key == entry.key) {
            let what = format!("key `{}` stands here twice", entry.key);
            let help = format!("remove one of them; the first is in line {}", first.line);
            self.source.report(entry.line, what, help);
        } else {
            entries.push(entry);
        }
    }

    fn alias(&mut self, anchor: usize, line: u32) -> Read<Node> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let what = "an alias that stands inside of what it names";
            return Err(self.source.report(line, what, "write the value out"));
        };
        self.nodes += node.size();
        Ok(node)
    }

    fn syntax(&self, error: &ScanError) -> Reported {
        let line = line_of(*error.marker());
        let what = format!("this is not YAML: {}", error.info());
        let written = self.text.lines().nth(line as usize - 1).unwrap_or_default();
        let help = if environment::mentions(written) {
            "inside of `{ … }` a variable goes in quotes: \"${NAME}\""
        } else {
            "check indentation, quotes and colons here and in the line above"
        };
        self.source.report(line, what, help)
    }
}

/// Numbers as YAML's core schema writes them, without its infinities.
fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-', '.']);
    digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

fn line_of(mark: Marker) -> u32 {
    u32::try_from(mark.line().max(1)).unwrap_or(u32::MAX)
}
