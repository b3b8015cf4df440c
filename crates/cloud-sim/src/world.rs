//! Everything that the planes share: one value behind one `Arc`, built by [`Cloud::start`](crate::Cloud::start).

use crate::admission::Calls;
use crate::graph::Directory;
use crate::inside::Inside;
use crate::ml::Ml;
use crate::recording::Recorder;
use crate::{BlobStore, Faults, Identity, Queues, SimClock};

/// The state of the simulated cloud.
pub(crate) struct World {
    /// `http://127.0.0.1:<port>`, known once the listener is bound.
    pub(crate) base_url: String,
    pub(crate) clock: SimClock,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) recorder: Recorder,
    pub(crate) blobs: BlobStore,
    pub(crate) queues: Queues,
    pub(crate) identity: Identity,
    /// The people of the tenant.
    pub(crate) directory: Directory,
    pub(crate) ml: Ml,
    /// For the calls that a cloud makes itself: copy sources, Event Grid deliveries.
    pub(crate) http: reqwest::Client,
    /// Its own routes, where it is asked in process.
    pub(crate) inside: Inside,
}
