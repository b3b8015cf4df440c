//! Who asks, and whether their browser was tricked into it.
//!
//! The invariant: without the platform's own marker nobody is signed in, whatever the headers say; a form counts only from
//! the page that showed it to the same person.

mod csrf;
mod origin;
mod principal;

pub use csrf::FormToken;
pub use origin::{CrossSite, same_origin};
pub(crate) use origin::{Sender, check as check_origin};
pub use principal::{NotSignedIn, signed_in};
