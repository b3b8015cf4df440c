//! What the engine works with.

use std::sync::Arc;

use super::tellers::Tellers;
use crate::clock::Clock;
use crate::config::Config;
use crate::effects::Effects;
use crate::state::{Store, StoreError};

/// Everything that moves a promotion.
pub struct Engine {
    /// What is remembered.
    pub store: Store,
    /// What is done outside.
    pub effects: Effects,
    /// What is configured.
    pub config: Arc<Config>,
    /// What time it is.
    pub clock: Arc<Clock>,
    /// Who tells something at the moment.
    pub tellers: Tellers,
}

/// Why the engine could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// State could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such journal.
    #[error("there is no `{0}`")]
    Unknown(String),
    /// Others wrote each time.
    #[error("`{0}` was changed by others each time it was to be written; try again")]
    Contended(String),
}
