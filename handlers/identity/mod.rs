//! Who asks, and whether their browser was tricked into it.
//!
//! The invariant: whoever is believed has a token that we have checked ourselves, against the keys that its signer
//! publishes; a form counts only from the page that showed it to the same person. Start in `sign_in.rs` for people, in
//! `connector.rs` for the Bot Connector.

mod bearer;
mod connector;
mod csrf;
mod directory;
mod jwt;
mod keys;
mod names;
mod origin;
mod principal;
mod sign_in;
mod users;

pub use connector::{BotTokenRefused, BotTokens};
pub use csrf::{FormCheck, FormToken};
pub use directory::{Account, Directory, DirectoryError};
pub use jwt::Refused;
pub use origin::{CrossSite, same_origin};
pub(crate) use origin::{Sender, check as check_origin};
pub use sign_in::{Identity, NotSignedIn, SignedIn};
