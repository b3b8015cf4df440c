//! The command line against a running app: the real program, over HTTP, signed in as a person's own tools would, with tokens
//! of the simulated Entra that the app checks by itself.

mod deciding;
mod signing_in;
mod starting;
mod steering;
mod terminal;
