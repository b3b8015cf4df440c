//! Whether a version is there to be promoted: asked while a person waits for the answer.

use promotion::{Candidate, Failure};
use std::time::Duration;

use super::runtime::Engine;
pub use crate::effects::Registered;

/// How long a workspace has to say so.
const PATIENCE: Duration = Duration::from_secs(10);

impl Engine {
    /// Whether the candidate is registered in its workspace; why that could not be seen.
    pub async fn is_registered(&self, candidate: &Candidate) -> Result<Registered, Failure> {
        let looked = self.effects.is_registered(candidate);
        tokio::time::timeout(PATIENCE, looked)
            .await
            .unwrap_or_else(|_| {
                let message = format!("no answer in {} s", PATIENCE.as_secs());
                Err(Failure::new("Timeout", message))
            })
    }
}
