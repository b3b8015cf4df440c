//! What somebody is called, by a token or by the directory.
//!
//! People are told by their ids; of some authors only a name is known, and those are kept from judging their own work by it.
//! So the invariant: whoever has no name, as far as anybody says, is nobody.

use crate::ui::capped;

/// The names of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// The one that is shown.
    pub(super) shown: String,
    /// All of them, as they were said.
    pub(super) all: Vec<String>,
}

impl Names {
    /// None without a display name: what somebody signs in with is not what they are called as an author.
    pub(super) fn of(display: Option<String>, sign_in: Option<String>) -> Option<Self> {
        let display = display?;
        let shown = capped(&display, 80);
        (!shown.is_empty()).then(|| Self {
            shown,
            all: std::iter::once(display).chain(sign_in).collect(),
        })
    }
}
