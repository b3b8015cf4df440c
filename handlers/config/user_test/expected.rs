//! `expect`: what the test holds the decisions to. What is not named is not looked at.

use promotion::Notice;

use super::free::{self, LABEL, LABELS_OR_NONE, SHARES};
use crate::config::diagnostics::{Complaint, Read};
use crate::config::field::Field;
use crate::config::reader::Reader;
use crate::config::shape::{Holds, Key, Shape};
use crate::config::suggestion;

/// What is expected; absent: not looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expected {
    /// The routes that the event opens promotions on.
    pub routes: Option<Vec<String>>,
    /// A part of the name of each gate that does not pass.
    pub blocked_by: Option<Vec<String>>,
    /// How it ends.
    pub ends: Option<String>,
    /// A part of the sentence that says why.
    pub because: Option<String>,
    /// The candidate's shares of the traffic, in order.
    pub traffic: Option<Vec<u8>>,
    /// The cards that people get, in order.
    pub cards: Option<Vec<Notice>>,
    /// A part of the sentence that refuses a vote or an act, for each that is refused; absent: none is.
    pub refused: Option<Vec<String>>,
}

const ENDS: &[&str] = &[
    "blocked",
    "rejected",
    "expired",
    "voided",
    "aborted",
    "failed",
    "rolled back",
    "live",
    "finished",
];

const CARDS: [&str; 17] = [
    "approvalAsked",
    "blocked",
    "approved",
    "rejected",
    "expired",
    "voided",
    "aborted",
    "paused",
    "inconclusive",
    "live",
    "rolledBack",
    "noWayBack",
    "stuck",
    "failed",
    "reminder",
    "escalated",
    "approvedAutomatically",
];

pub(super) static EXPECTED: Shape = Shape::new(
    "what is expected; what is not named is not looked at",
    &[
        Key::optional(
            "routes",
            Holds::Own(LABELS_OR_NONE),
            "the routes on which the event opens promotions, in the file's order; `none`: nothing follows",
        ),
        Key::optional(
            "blockedBy",
            Holds::Own(LABELS_OR_NONE),
            "the gates that do not pass, each by a part of its name: `rmse at most 60`; `none`: all pass",
        ),
        Key::optional(
            "ends",
            Holds::Word(ENDS),
            "how it ends; `live` is `finished`: it went live, and nothing took it back while the way back was open",
        ),
        Key::optional(
            "because",
            Holds::Own(LABEL),
            "a part of the sentence that says why it ended so, or why nothing follows",
        ),
        Key::optional(
            "traffic",
            Holds::Own(SHARES),
            "the candidate's shares of the traffic, in order and in percent",
        ),
        Key::optional(
            "cards",
            Holds::Names,
            "the cards that people get, in order: `approvalAsked`, `approved`, `live`",
        ),
        Key::optional(
            "refused",
            Holds::Names,
            "for each vote or act that is refused a part of the sentence that says why; absent: none is refused",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Expected> {
    let routes = reader.optional("routes", free::labels_or_none);
    let blocked_by = reader.optional("blockedBy", free::labels_or_none);
    let ends = reader.optional("ends", |field| field.word(|word| Some(word.to_owned())));
    let because = reader.optional("because", free::label);
    let traffic = reader.optional("traffic", free::shares);
    let cards = reader.optional("cards", |field| field.names(card));
    let refused = reader.optional("refused", |field| field.names(free::text));
    let expected = Expected {
        routes: routes?,
        blocked_by: blocked_by?,
        ends: ends?,
        because: because?,
        traffic: traffic?,
        cards: cards?,
        refused: refused?,
    };
    if expected == Expected::default() {
        let complaint = Complaint::new("nothing is expected", "write at least `ends`");
        return Err(reader.complain("ends", complaint));
    }
    Ok(expected)
}

fn card(field: &Field<'_>) -> Read<Notice> {
    field.parse(|word| {
        let known = CARDS.contains(&word);
        let notice = serde_json::from_value(word.into()).ok();
        notice.filter(|_| known).ok_or_else(|| {
            let help = match suggestion::nearest(word, CARDS.into_iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", suggestion::listed(CARDS)),
            };
            Complaint::new("is no card", help)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_is_one_of_the_core() {
        for word in CARDS {
            assert!(
                serde_json::from_value::<Notice>(word.into()).is_ok(),
                "{word}"
            );
        }
    }
}
