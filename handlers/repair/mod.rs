//! `liftlock repair`: markers and targets rebuilt from journals and events, beside a running app.
//!
//! Journals are the truth; markers only say whose turn is when. The invariant: every write is conditional on what was
//! read, so that a repair beside a running app costs at most a look: what the app has written since stays, and is told as
//! overtaken. A second repair finds what the first one left. Start at [`repair`].

mod claims;
mod events;
mod freezes;
mod holds;
mod journals;
mod markers;
mod mend;
mod pages;
mod run;
mod strangers;
mod targets;
mod watermarks;

pub use run::{Mode, repair};
