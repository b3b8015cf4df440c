//! The real binary, started as the host starts it. The names of tests are those of the facts about custom handlers that
//! they hold (A1 to A14): what a handler must do so that the Functions host neither hangs nor loses anything.

mod addresses;
mod answers;
mod envelopes;
mod identity;
mod life;
mod process;
mod races;
mod secrets;
mod start;

use process::{Answer, Handler};
