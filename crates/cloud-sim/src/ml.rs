//! What the machine-learning planes share, and how they reach it: always settled, always under one lock.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::arm::Estate;
use crate::control::ControlHook;
use crate::eventgrid::Grid;
use crate::seed::Example;
use crate::teams::{Channel, Threads};
use crate::world::World;

/// The machine-learning half of the world.
pub(crate) struct Ml {
    pub(crate) estate: Mutex<Estate>,
    pub(crate) events: Arc<Grid>,
    pub(crate) channel: Channel,
    /// What the bot has posted.
    pub(crate) threads: Threads,
    /// The project whose models the buttons register; absent in a cloud that was not seeded.
    pub(crate) example: Option<Example>,
    /// A `node_modules` folder with the official card renderer.
    pub(crate) npm: Option<PathBuf>,
    pub(crate) kill_handler: Option<ControlHook>,
}

impl World {
    /// The estate as it is now: operations whose time has come are done.
    pub(crate) fn estate(&self) -> MutexGuard<'_, Estate> {
        let mut estate = self
            .ml
            .estate
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        estate.settle(self.clock.now(), &|account, container, blob| {
            self.read_blob(account, container, blob)
        });
        for (place, bytes) in estate.settle_jobs(self.clock.now()) {
            self.blobs
                .put(&place.account, &place.container, &place.prefix, bytes);
        }
        estate
    }

    pub(crate) fn read_blob(&self, account: &str, container: &str, blob: &str) -> Option<Bytes> {
        self.blobs.get(account, container, blob)
    }

    #[expect(
        clippy::unused_self,
        reason = "ids are the world's to give, like its time"
    )]
    pub(crate) fn new_id(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }
}
