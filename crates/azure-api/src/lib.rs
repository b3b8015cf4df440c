//! Typed clients for the Azure services that Liftlock calls: Azure Machine Learning (ARM, `MLflow`, run history,
//! scoring), Azure Monitor, Blob Storage, Microsoft Graph, Entra's sign-in documents, Service Bus, and Teams by a Workflows
//! webhook or a bot.
//!
//! **Invariant:** every call ends within its deadline, in its own result or in an [`Error`] that names the operation and
//! what Azure said about it; neither ever shows a token, a signature or a webhook's secret. Writes are sent once: who
//! repeats them must know what a repetition does.
//!
//! Start at [`Azure`]. The crate knows Azure's words only, nothing of what they are used for.

#![warn(missing_docs)]

mod azure;
pub mod blob;
mod bot;
mod call;
pub mod copy;
mod error;
pub mod graph;
mod json;
pub mod ml;
pub mod monitor;
pub mod openid;
mod origin;
mod real_time;
mod redact;
mod reply;
mod service_bus;
mod service_url;
mod settings;
mod sign_in;
mod teams;
#[cfg(test)]
mod tests;
mod tokens;
mod wire;

pub use azure::Azure;
pub use bot::{Connector, LARGEST_CARD, NotPosted, Posted, Said};
pub use error::{Answer, Error, Result};
pub use service_bus::{Message, Queue};
pub use service_url::{ServiceUrl, ServiceUrlRefused};
pub use settings::{DEFAULT_DEADLINE, Identity, Settings, Transport};
pub use sign_in::{BearerToken, sign_in};
pub use teams::{Envelope, FlowAudience, TeamsWebhook, Webhook, WebhookAuth, WebhookRefused};
pub use url::Url;
