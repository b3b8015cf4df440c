//! Whose token is believed: attacks on the two checks (people's tokens, the Bot Connector's), the directory, and the keys.
//!
//! Everything is asked as the app's own triggers ask it, against the simulated cloud's documents; nothing is switched off.

mod attacks;
mod bot_oracle;
mod connector;
mod directory;
mod mutations;
mod oracle_cases;
mod people;
mod world;
