//! What people do in the cloud outside Liftlock: train, register, and whatever goes wrong.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::arm::{
    Created, Failure, JobFate, OperationKind, Person, ProvisioningState, Refusal, VersionSpec,
};
use crate::eventgrid::{Event, model_registered, run_completed};
use crate::identity::Identity;
use crate::scoring;
use crate::seed::{
    self, DEV, Example, MODEL, ModelKind, Output, PROD, actor, operator, train, trainer,
};
use crate::world::World;

const MLFLOW: &str = "mlflow_model";
const CUSTOM: &str = "custom_model";

/// Why a verb cannot be done in this cloud.
#[derive(Debug, thiserror::Error)]
pub enum NotPossible {
    #[error("this cloud was started without the example's models")]
    NoExample,
    #[error("there is nothing to do that to: {0}")]
    Nothing(&'static str),
    #[error("the cloud refuses: {0}")]
    Refused(String),
}

impl From<Refusal> for NotPossible {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

/// A version that was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    pub model: String,
    pub version: String,
    /// The job that trained it.
    pub job: String,
}

/// A job that has completed, and the version that it registered itself, if it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trained {
    pub job: String,
    pub experiment: String,
    pub registered: Option<Registered>,
}

/// Somebody changes a job's record.
pub(crate) fn tag_job(
    world: &World,
    job: &str,
    by: &str,
    (tag, value): (&str, &str),
) -> Result<(), NotPossible> {
    let account = world.directory.person(by);
    let account = account.ok_or(NotPossible::Nothing("nobody has this object id"))?;
    let by = Person {
        object_id: account.object_id,
        tenant_id: Identity::TENANT_ID.to_owned(),
        name: account.name,
        upn: account.user_name,
    };
    let now = world.clock.now();
    let mut estate = world.estate();
    let found = estate.workspaces[DEV].jobs.get_mut(job);
    let found = found.ok_or(NotPossible::Nothing("there is no such job"))?;
    found.tags.insert(tag.to_owned(), value.to_owned());
    found.stamp.touch(now, &actor(&by));
    found.changed_by = by;
    Ok(())
}

/// Trains a model in dev and registers it, as its next version: one `ModelRegistered`.
pub(crate) fn register(
    world: &World,
    kind: ModelKind,
    tags: BTreeMap<String, String>,
) -> Result<Registered, NotPossible> {
    register_as(world, kind, MLFLOW, tags)
}

fn register_as(
    world: &World,
    kind: ModelKind,
    model_type: &str,
    tags: BTreeMap<String, String>,
) -> Result<Registered, NotPossible> {
    let example = example(world)?;
    let now = world.clock.now();
    let mut estate = world.estate();
    let workspace = &mut estate.workspaces[DEV];
    let (job, uri) = train(
        workspace,
        &world.blobs,
        example.model(kind),
        Output::Artifact,
        &trainer(),
        now,
    );
    drop(estate);
    add_version(world, kind, model_type, job, uri, tags)
}

/// The same as a custom model: for Azure ML its files are files, and nothing in them says how they are served.
pub(crate) fn register_custom(world: &World, kind: ModelKind) -> Result<Registered, NotPossible> {
    register_as(world, kind, CUSTOM, BTreeMap::new())
}

/// The job of a run logs one more metric.
pub(crate) fn log_metric(
    world: &World,
    job: &str,
    name: &str,
    value: f64,
) -> Result<(), NotPossible> {
    let mut estate = world.estate();
    let job = estate.workspaces[DEV].jobs.get_mut(job);
    let job = job.ok_or(NotPossible::Nothing("no such job"))?;
    job.metrics.insert(name.to_owned(), value);
    Ok(())
}

/// Lets the seeded champion serve on the attached cluster too.
pub(crate) fn serve_on_kubernetes(world: &World) -> Result<(), NotPossible> {
    example(world)?;
    Ok(seed::serve_on_kubernetes(world)?)
}

/// Lets the seeded champion do jobs too, and puts the sample data there.
pub(crate) fn serve_in_batch(world: &World) -> Result<(), NotPossible> {
    let example = example(world)?;
    Ok(seed::serve_in_batch(world, example)?)
}

/// Completes a training job with the output `best_model`: one `RunCompleted`. With `registers` the job also registers
/// the version itself, as a training script may.
pub(crate) fn complete_job(
    world: &World,
    kind: ModelKind,
    registers: bool,
) -> Result<Trained, NotPossible> {
    let (job, uri, event) = run_job(world, kind, JobFate::Completed)?;
    let registered = if registers {
        let version = add_version(world, kind, MLFLOW, job.clone(), uri, BTreeMap::new());
        Some(version?)
    } else {
        None
    };
    world.ml.events.publish(event);
    trained(world, job, registered)
}

/// Ends a training job in this way: one `RunCompleted`, as some services send it whatever the end was.
pub(crate) fn end_job(
    world: &World,
    kind: ModelKind,
    fate: JobFate,
) -> Result<Trained, NotPossible> {
    let (job, _, event) = run_job(world, kind, fate)?;
    world.ml.events.publish(event);
    trained(world, job, None)
}

fn trained(
    world: &World,
    job: String,
    registered: Option<Registered>,
) -> Result<Trained, NotPossible> {
    let experiment = world.estate().workspaces[DEV].job(&job)?.experiment.clone();
    Ok(Trained {
        job,
        experiment,
        registered,
    })
}

/// Runs a job to its end: its name, where its model lies, the event to publish.
fn run_job(
    world: &World,
    kind: ModelKind,
    fate: JobFate,
) -> Result<(String, String, Event), NotPossible> {
    let example = example(world)?;
    let now = world.clock.now();
    let mut estate = world.estate();
    let workspace = &mut estate.workspaces[DEV];
    let (job, uri) = train(
        workspace,
        &world.blobs,
        example.model(kind),
        Output::BestModel,
        &trainer(),
        now,
    );
    if let Some(record) = workspace.jobs.get_mut(&job) {
        record.fate = fate;
    }
    let record = workspace.job(&job)?;
    let event = run_completed(workspace, record, world.new_id(), now);
    Ok((job, uri, event))
}

fn add_version(
    world: &World,
    kind: ModelKind,
    model_type: &str,
    job: String,
    uri: String,
    tags: BTreeMap<String, String>,
) -> Result<Registered, NotPossible> {
    let now = world.clock.now();
    let files = &example(world)?.model(kind).files;
    let mut estate = world.estate();
    let workspace = &mut estate.workspaces[DEV];
    let version = workspace
        .model(MODEL)
        .map_or(1, crate::arm::Model::next_version)
        .to_string();
    let spec = VersionSpec {
        uri,
        model_type: Some(model_type.into()),
        job: Some(job.clone()),
        tags: tags
            .into_iter()
            .map(|(key, value)| (key, Some(value)))
            .collect(),
        flavors: scoring::flavors(files.get("MLmodel")),
        ..VersionSpec::default()
    };
    if workspace.put_version(MODEL, &version, spec, now, &actor(&trainer()))? == Created::Yes {
        world.ml.events.publish(model_registered(
            workspace,
            MODEL,
            &version,
            world.new_id(),
            now,
        ));
    }
    Ok(Registered {
        model: MODEL.into(),
        version,
        job,
    })
}

/// Changes a digit in the coefficients of dev's newest version: the file still loads, but predicts otherwise.
pub(crate) fn tamper(world: &World) -> Result<String, NotPossible> {
    let estate = world.estate();
    let workspace = &estate.workspaces[DEV];
    let newest = workspace
        .model(MODEL)?
        .latest()
        .ok_or(NotPossible::Nothing("no version"))?;
    let folder = workspace.locate(&newest.uri)?;
    let file = folder.blob("data/coefficients.json");
    let bytes = world
        .read_blob(&folder.account, &folder.container, &file)
        .ok_or(NotPossible::Nothing("no coefficients"))?;
    let mut bytes = bytes.to_vec();
    let point = bytes
        .iter()
        .position(|b| *b == b'.')
        .ok_or(NotPossible::Nothing("no fraction to change"))?;
    let digit = &mut bytes[point + 1];
    *digit = if *digit == b'9' { b'0' } else { *digit + 1 };
    world
        .blobs
        .overwrite(&folder.account, &folder.container, &file, bytes);
    Ok(format!("{MODEL}:{} {file}", newest.number))
}

/// Somebody gives a production endpoint this traffic in Azure's portal, and so drops what is mirrored.
pub(crate) fn move_traffic(
    world: &World,
    endpoint: &str,
    shares: &BTreeMap<String, i64>,
) -> Result<(), NotPossible> {
    let now = world.clock.now();
    let mut estate = world.estate();
    let endpoint = estate.workspaces[PROD].endpoint_mut(endpoint)?;
    endpoint.spec.traffic = endpoint.check_traffic(shares)?;
    endpoint.spec.mirror.clear();
    endpoint.stamp.touch(now, &actor(&operator()));
    endpoint.note_traffic(now);
    Ok(())
}

pub(crate) fn set_state(
    world: &World,
    endpoint: &str,
    state: ProvisioningState,
) -> Result<(), NotPossible> {
    let mut estate = world.estate();
    estate.workspaces[PROD].endpoint_mut(endpoint)?.state = state;
    Ok(())
}

/// The next operation of the kind ends `Failed`.
pub(crate) fn fail_next(world: &World, kind: OperationKind, code: &str, message: &str) {
    world.estate().arm(kind, Failure::new(code, message));
}

fn example(world: &World) -> Result<&Example, NotPossible> {
    world.ml.example.as_ref().ok_or(NotPossible::NoExample)
}
