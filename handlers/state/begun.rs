//! What a marker proves of its journal: it is written ahead of one only while that is opened.

use super::journals::JournalName;
use super::markers::{Found, Summary};

/// What a marker says that is written ahead of its journal.
const BEING_OPENED: &str = "it is being opened";

impl Summary {
    /// Of a journal that is about to be begun.
    pub fn being_opened() -> Self {
        Self {
            stage: "opening".to_owned(),
            waits_for: BEING_OPENED.to_owned(),
            ..Self::default()
        }
    }

    fn shows_a_journal(&self, name: &JournalName) -> bool {
        match self.stage.as_str() {
            "" | "proposed" | "reading" => false,
            // An intake is called so at its end as well.
            "opening" => name.is_intake() && self.waits_for != BEING_OPENED,
            _ => true,
        }
    }
}

impl Found {
    /// Whether it shows what only a journal can have come to: where there is none it is lost, not yet to be begun.
    pub fn shows_a_journal(&self) -> bool {
        self.marker.summary.shows_a_journal(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_tells_what_was_begun_from_what_was_only_to_be() {
        let (promotion, intake) = ("m-1.r-0123456789", "intake/w/run.m-0123456789");
        for (name, stage, waits_for, beyond) in [
            (promotion, "", "", false),
            (promotion, "opening", BEING_OPENED, false),
            (promotion, "proposed", "", false),
            (promotion, "gating", "", true),
            (promotion, "live", "", true),
            (promotion, "unreadable", "", true),
            (intake, "opening", BEING_OPENED, false),
            (intake, "reading", "", false),
            (intake, "registering", "", true),
            (intake, "opening", "promotions of version 3", true),
        ] {
            let summary = Summary {
                stage: stage.to_owned(),
                waits_for: waits_for.to_owned(),
                ..Summary::default()
            };
            let name = JournalName::parse(name).unwrap();
            let found = summary.shows_a_journal(&name);
            assert_eq!(found, beyond, "{name} {stage} {waits_for}");
        }
    }
}
