//! Which click an answer came by, so that the same one is never heard twice.

use serde::{Deserialize, Serialize};

/// Longer than any that Teams gives.
const LONGEST: usize = 200;

/// A click's own name, as the channel gave it: whoever sends a message again sends this again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClickId(String);

impl ClickId {
    /// Reads one; `None` for nothing, and for what no channel writes.
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_is_one() {
        let long = "x".repeat(LONGEST + 1);
        for bad in ["", " ", "a b", "a\n", "ä", &long] {
            assert_eq!(ClickId::parse(bad), None, "{bad:?}");
        }
        assert!(ClickId::parse("f:660e8400-e29b-41d4-a716-446655440000").is_some());
    }
}
