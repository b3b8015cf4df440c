//! Who is who: managed identity as App Service gives it, Entra's sign-in, and the documents by which anybody checks the
//! tokens of Entra and of the Bot Connector.
//!
//! Invariant: a token opens only the audience that it was asked for. State in `tokens`, `key_sets` and `people`, wire in
//! `routes` and `documents`. The three RSA keys in `keys/` are published with this repository: they open nothing but the
//! simulated cloud.

mod documents;
mod key_sets;
mod keys;
mod people;
mod routes;
mod tokens;

pub(crate) use documents::{BOT_PLANE, LOGIN_PLANE, bot_routes, login_routes};
pub use key_sets::{BotKey, KeySets};
pub use keys::{KeyName, Signature, jws, jws_of_text};
pub use people::SignIns;
pub(crate) use people::connector_token;
pub(crate) use routes::{PLANE, routes};
pub use tokens::{Caller, Identity, Refusal};
