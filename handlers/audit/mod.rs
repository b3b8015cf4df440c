//! The audit by command line: what journals prove, checked offline, and one promotion as a file for an auditor.
//!
//! The invariant: a file proves what its own bytes prove. An exported file carries its journal, and its readable part is
//! made again from it and compared. Start at [`verify`] and [`export`].

mod closed;
mod command;
mod difference;
mod export;
mod exported;
mod files;
mod verify;
mod witness;

pub use command::{Command, Export, Outcome, Said, Verify};
pub use export::export;
pub use verify::verify;
