//! The verbs and views on a running [`Cloud`], for tests and the local launcher.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::Cloud;
use crate::arm::{JobFate, JobFault, OperationKind, ProvisioningState, Timings, WorkspaceId};
use crate::eventgrid::{DeliveryReport, EventSchema, Order};
use crate::monitor::ServingFault;
use crate::seed::{self, ModelKind};

use super::collecting::{self, Kept};
use super::{CloudView, NotPossible, Registered, Trained, verbs, view};

/// Something that a button of the cloud's page does outside the cloud.
#[derive(Clone)]
pub struct ControlHook(Arc<dyn Fn() + Send + Sync>);

impl ControlHook {
    /// `action` must not block.
    pub fn new(action: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(action))
    }

    pub(crate) fn call(&self) {
        (self.0)();
    }
}

impl fmt::Debug for ControlHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ControlHook")
    }
}

impl Cloud {
    /// Trains one of the example's models in dev and registers it: one `ModelRegistered`.
    pub fn register(&self, kind: ModelKind) -> Result<Registered, NotPossible> {
        verbs::register(self.world(), kind, BTreeMap::new())
    }

    /// The same, registered as a custom model.
    pub fn register_custom(&self, kind: ModelKind) -> Result<Registered, NotPossible> {
        verbs::register_custom(self.world(), kind)
    }

    /// The job of a run logs one more metric, under whatever name it likes.
    pub fn log_metric(&self, job: &str, name: &str, value: f64) -> Result<(), NotPossible> {
        verbs::log_metric(self.world(), job, name, value)
    }

    /// Completes a training job with the output `best_model`: one `RunCompleted`, and with `registers` also the
    /// `ModelRegistered` of a version that the job registered itself.
    pub fn complete_job(&self, kind: ModelKind, registers: bool) -> Result<Trained, NotPossible> {
        verbs::complete_job(self.world(), kind, registers)
    }

    /// Ends a training job with the output `best_model` in this way: one `RunCompleted`.
    pub fn end_job(&self, kind: ModelKind, fate: JobFate) -> Result<Trained, NotPossible> {
        verbs::end_job(self.world(), kind, fate)
    }

    /// Somebody of the directory puts a tag on a training job of dev's, as anybody with access to the workspace can.
    pub fn tag_job(&self, job: &str, by: &str, tag: (&str, &str)) -> Result<(), NotPossible> {
        verbs::tag_job(self.world(), job, by, tag)
    }

    /// Sends the event published last again, `times` times. Its id, if there was one.
    pub fn resend_last_event(&self, times: usize) -> Option<String> {
        self.world()
            .ml
            .events
            .resend_last(times)
            .map(|event| event.id)
    }

    /// From now on events wait until [`release_events`](Self::release_events).
    pub fn hold_events(&self) {
        self.world().ml.events.hold();
    }

    /// Sends what was held, `copies` of each event, the last one first if `reversed`. How many events were held.
    pub fn release_events(&self, reversed: bool, copies: usize) -> usize {
        let order = if reversed {
            Order::Reversed
        } else {
            Order::AsPublished
        };
        self.world().ml.events.release(order, copies)
    }

    /// Takes the events that are held, oldest first, each as a webhook would get it; from now on the taker delivers them.
    pub fn take_held_events(&self, schema: EventSchema) -> Vec<Value> {
        let taken = self.world().ml.events.take_held();
        taken.iter().map(|event| event.body(schema)).collect()
    }

    /// Changes a digit in the coefficients of dev's newest version.
    pub fn tamper_candidate(&self) -> Result<String, NotPossible> {
        verbs::tamper(self.world())
    }

    /// Somebody gives a production endpoint this traffic in Azure's portal: percent by deployment. What was mirrored is not any
    /// more.
    pub fn move_traffic(&self, endpoint: &str, shares: &[(&str, i64)]) -> Result<(), NotPossible> {
        let shares = shares
            .iter()
            .map(|(name, percent)| ((*name).to_owned(), *percent));
        verbs::move_traffic(self.world(), endpoint, &shares.collect())
    }

    /// Somebody begins to change a production endpoint in Azure's portal, and nobody else can until they let it be.
    pub fn keep_busy(&self, endpoint: &str) -> Result<(), NotPossible> {
        verbs::set_state(self.world(), endpoint, ProvisioningState::Updating)
    }

    /// They are done, and have changed nothing that counts.
    pub fn let_be(&self, endpoint: &str) -> Result<(), NotPossible> {
        verbs::set_state(self.world(), endpoint, ProvisioningState::Succeeded)
    }

    /// The next deployment operation ends `Failed` with this error.
    pub fn fail_next_deployment(&self, code: &str, message: &str) {
        verbs::fail_next(self.world(), OperationKind::Deployment, code, message);
    }

    /// The next operation of this kind ends `Failed` with this error.
    pub fn fail_next(&self, kind: OperationKind, code: &str, message: &str) {
        verbs::fail_next(self.world(), kind, code, message);
    }

    /// From now on operations take so long; those that run keep their time.
    pub fn set_timings(&self, timings: Timings) {
        self.world().estate().set_timings(timings);
    }

    /// The champion serves on the attached Kubernetes cluster too, at the endpoint `diabetes-kubernetes`.
    pub fn serve_on_kubernetes(&self) -> Result<(), NotPossible> {
        verbs::serve_on_kubernetes(self.world())
    }

    /// The champion does jobs too, at the batch endpoint `diabetes-batch`, and the example's sample lies beside its models.
    pub fn serve_in_batch(&self) -> Result<(), NotPossible> {
        verbs::serve_in_batch(self.world())
    }

    /// The jobs of batch endpoints, the oldest first: `champion-v1 Completed 1`, with the number of calls that asked for it.
    pub fn batch_jobs(&self) -> Vec<String> {
        view::batch_jobs(&self.world().estate())
    }

    /// From now on batch jobs of this version of a model go wrong so.
    pub fn spoil_jobs(&self, version: &str, fault: JobFault) {
        self.world().estate().spoil_jobs(version, fault);
    }

    /// From now on every endpoint that has traffic gets so many requests in a minute, split by its traffic at that time.
    /// None call at the start; a rate that is negative or unreal counts as 0. Nothing runs for it: the metrics show them.
    pub fn set_callers(&self, requests_per_minute: f64) {
        let world = self.world();
        let now = world.clock.now();
        world.estate().load.set_callers(now, requests_per_minute);
    }

    /// From now on deployments of the fault's model version answer so: simulated callers, and real requests as well, of
    /// which every n-th fails as the errors add up. Real requests are answered without delay; only metrics show latency.
    pub fn plant(&self, fault: ServingFault) {
        let world = self.world();
        let now = world.clock.now();
        world.estate().load.plant(now, fault);
    }

    /// Ends all planted faults. What they did before stays in the metrics.
    pub fn mend(&self) {
        let world = self.world();
        let now = world.clock.now();
        let mut estate = world.estate();
        estate.load.mend(now);
        estate.mend_jobs();
    }

    /// Callers send these bodies to whatever has most of the endpoint's traffic in production, and its data collector keeps
    /// them: as they came, or as the tables that its model was given. Where it keeps them.
    pub fn collect(
        &self,
        endpoint: &str,
        kept: Kept,
        bodies: &[Value],
    ) -> Result<String, NotPossible> {
        collecting::collect(self.world(), endpoint, kept, bodies)
    }

    /// The webhook gets the events of the workspace.
    pub fn subscribe(&self, workspace: &WorkspaceId, webhook: &str, schema: EventSchema) {
        self.world()
            .ml
            .events
            .subscribe(workspace.clone(), webhook, schema);
    }

    /// The webhook gets the events of both seeded workspaces.
    pub fn subscribe_all(&self, webhook: &str) {
        for workspace in [seed::dev(), seed::prod()] {
            self.subscribe(&workspace, webhook, EventSchema::EventGrid);
        }
    }

    /// Each event on its way to each subscription, oldest first.
    pub fn deliveries(&self) -> Vec<DeliveryReport> {
        self.world().ml.events.deliveries()
    }

    /// What was posted to the Teams channel, oldest first, as `GET /teams/messages` shows it.
    pub fn messages(&self) -> Vec<Value> {
        self.world()
            .ml
            .channel
            .messages()
            .iter()
            .map(crate::teams::Message::to_json)
            .collect()
    }

    /// Everything at a glance.
    pub fn view(&self) -> CloudView {
        view::view(self.world())
    }

    /// The seeded dev workspace.
    pub fn dev() -> WorkspaceId {
        seed::dev()
    }

    /// The seeded production workspace.
    pub fn prod() -> WorkspaceId {
        seed::prod()
    }
}
