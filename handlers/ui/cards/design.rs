//! What a card is made of. Every text is escaped here, so nothing in a name is markdown or a link.

use serde_json::{Value, json};

use crate::ui::links::safe;
use crate::ui::messages::VerdictText;
use crate::ui::text::{NAME, SENTENCE, markdown};

/// What a Workflows webhook takes for certain is 28 KB with its envelope; failures were seen from 21 KB on.
pub(super) const BUDGET: usize = 20_000;
/// Gates shown on a card; the page shows all.
const GATES: usize = 10;

/// Bytes for what people have answered, of which the page shows all: the question has to fit beside it.
const ANSWERS: usize = BUDGET / 4;

/// How a card looks before it is read.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    /// Somebody has to act.
    Accent,
    /// As hoped.
    Good,
    /// Look at it when you can.
    Warning,
    /// Look at it.
    Attention,
}

impl Tone {
    fn style(self) -> &'static str {
        match self {
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Attention => "attention",
        }
    }
}

/// A card in the making.
pub(super) struct Card {
    fallback: String,
    body: Vec<Value>,
    actions: Vec<Value>,
}

impl Card {
    /// Begins with a headline and what it is about.
    pub(super) fn new(tone: Tone, title: &str, subtitle: &str) -> Self {
        let headline = json!({
            "type": "Container", "style": tone.style(), "bleed": true,
            "items": [
                { "type": "TextBlock", "size": "Large", "weight": "Bolder", "wrap": true,
                  "text": markdown(title, 2 * NAME) },
                { "type": "TextBlock", "spacing": "None", "wrap": true, "text": markdown(subtitle, SENTENCE) },
            ],
        });
        Self {
            fallback: markdown(title, 2 * NAME),
            body: vec![headline],
            actions: vec![],
        }
    }

    /// A paragraph.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.body.push(paragraph(text));
        self
    }

    /// A paragraph for each of these, oldest first; where they are too long together, for the newest of them.
    pub(super) fn newest(self, texts: &[String]) -> Self {
        let mut left = ANSWERS;
        let fits = |text: &&String| {
            let bytes = paragraph(text).to_string().len();
            left = left.saturating_sub(bytes);
            left > 0
        };
        let shown = texts.iter().rev().take_while(fits).count();
        let (older, newest) = texts.split_at(texts.len() - shown);
        let card = newest.iter().fold(self, |card, text| card.text(text));
        if older.is_empty() {
            return card;
        }
        card.text(&format!("And {} more on the page.", older.len()))
    }

    /// Names and values.
    pub(super) fn facts(mut self, facts: &[(&str, String)]) -> Self {
        let facts: Vec<Value> = facts
            .iter()
            .map(|(title, value)| json!({ "title": title, "value": markdown(value, SENTENCE) }))
            .collect();
        self.body.push(json!({ "type": "FactSet", "facts": facts }));
        self
    }

    /// One row a gate: what it asks, value, threshold, the champion's value; below it the source.
    pub(super) fn gates(mut self, verdicts: &[VerdictText]) -> Self {
        if verdicts.is_empty() {
            return self;
        }
        let shown = &verdicts[..verdicts.len().min(GATES)];
        self.body.push(row(
            true,
            ["Gate", "Value", "Threshold", "Champion"].map(|text| cell(text, "Bolder", true)),
        ));
        self.body.extend(shown.iter().map(gate));
        if verdicts.len() > GATES {
            let more = format!("And {} more on the page.", verdicts.len() - GATES);
            self = self.text(&more);
        }
        self
    }

    /// Small print.
    pub(super) fn small(mut self, text: &str) -> Self {
        self.body.push(json!({
            "type": "TextBlock", "wrap": true, "size": "Small", "isSubtle": true, "separator": true,
            "text": markdown(text, SENTENCE),
        }));
        self
    }

    /// A button that opens a page; none, where the address is not one to send people to.
    pub(super) fn link(mut self, title: &str, url: &str) -> Self {
        self.actions.extend(
            safe(url).map(|url| json!({ "type": "Action.OpenUrl", "title": title, "url": url })),
        );
        self
    }

    /// The card, within its budget: what does not fit is left to the page, from the end on.
    pub(super) fn finish(mut self) -> Value {
        let mut card = self.assemble();
        while self.body.len() > 1 && card.to_string().len() > BUDGET {
            self.body.pop();
            card = self.assemble();
        }
        card
    }

    fn assemble(&self) -> Value {
        json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "fallbackText": self.fallback,
            "msteams": { "width": "Full" },
            "body": self.body,
            "actions": self.actions,
        })
    }
}

fn paragraph(text: &str) -> Value {
    json!({ "type": "TextBlock", "wrap": true, "text": markdown(text, 2 * SENTENCE) })
}

fn gate(verdict: &VerdictText) -> Value {
    let (mark, color) = match verdict.result {
        "passed" => ("✓", "Default"),
        "failed" => ("✗", "Attention"),
        _ => ("?", "Warning"),
    };
    let mut name = cell(&format!("{mark} {}", verdict.name), "Default", false);
    name["color"] = color.into();
    let result = cell(verdict.result, "Default", true);
    let mut first = column(3, &[name, small(result)]);
    first["verticalContentAlignment"] = "Top".into();
    let source = small(cell(&verdict.source, "Default", true));
    json!({
        "type": "ColumnSet", "spacing": "Small", "separator": true,
        "columns": [
            first,
            column(2, &[cell(&verdict.value, "Bolder", false), source]),
            column(2, &[cell(&verdict.threshold, "Default", false)]),
            column(2, &[cell(&verdict.champion, "Default", false)]),
        ],
    })
}

fn row(separator: bool, cells: [Value; 4]) -> Value {
    let widths = [3, 2, 2, 2];
    let columns: Vec<Value> = cells
        .into_iter()
        .zip(widths)
        .map(|(cell, width)| column(width, &[cell]))
        .collect();
    json!({ "type": "ColumnSet", "separator": separator, "columns": columns })
}

fn column(width: u8, items: &[Value]) -> Value {
    json!({ "type": "Column", "width": width, "items": items })
}

fn cell(text: &str, weight: &str, subtle: bool) -> Value {
    json!({
        "type": "TextBlock", "wrap": true, "spacing": "None", "weight": weight, "isSubtle": subtle,
        "text": markdown(text, 2 * NAME),
    })
}

fn small(mut cell: Value) -> Value {
    cell["size"] = "Small".into();
    cell
}
