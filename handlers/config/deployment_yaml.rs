//! The deployment's own file, as `az ml online-deployment create --file` reads it, without what Liftlock sets.

use promotion::{ComputeType, DeploymentSpec, RequestSettings};

use super::context::Source;
use super::diagnostics::{Read, Reported};
use super::field::Field;
use super::files;
use super::node::{Node, Value};
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

pub(super) const OURS: &str = "Liftlock sets this for each promotion";
pub(super) const MLFLOW: &str = "only MLflow models so far, which need none";
pub(super) const NOT_YET: &str = "Liftlock does not carry it over to the deployment yet";
const NO_NETWORK: &str = "a Kubernetes online deployment has none: its network is the cluster's";
const INSTANCE_TYPE: &str = "the virtual machine's size, like Standard_DS3_v2";

/// Keys that no kind of deployment takes here.
static REFUSED: [RefusedKey; 15] = [
    ("name", OURS),
    ("endpoint_name", OURS),
    ("model", OURS),
    ("model_mount_path", MLFLOW),
    ("environment", MLFLOW),
    ("code_configuration", MLFLOW),
    ("scoring_script", MLFLOW),
    ("code_path", MLFLOW),
    ("data_collector", NOT_YET),
    ("liveness_probe", NOT_YET),
    ("local", NOT_YET),
    ("properties", NOT_YET),
    ("readiness_probe", NOT_YET),
    ("scale_settings", NOT_YET),
    ("startup_probe", NOT_YET),
];

/// Keys of `az ml` that only the other kind has, and those that only this one has.
static REFUSED_IN_MANAGED: [RefusedKey; 3] = [
    ("resources", "a managed online deployment has none"),
    ("egress_public_network_access", NOT_YET),
    ("private_network_connection", NOT_YET),
];
static REFUSED_ON_KUBERNETES: [RefusedKey; 3] = [
    ("resources", NOT_YET),
    ("egress_public_network_access", NO_NETWORK),
    ("private_network_connection", NO_NETWORK),
];

static KEYS: [Key; 9] = [
    Key::optional("$schema", Holds::Text, "the editor's schema; not sent"),
    Key::default(
        "type",
        Holds::Word(&["managed", "kubernetes"]),
        "managed",
        "what it runs on: machines of Azure ML, or the cluster that the endpoint's `compute` names",
    ),
    Key::optional("instance_type", Holds::Text, INSTANCE_TYPE),
    Key::required(
        "instance_count",
        Holds::Integer {
            least: 1,
            most: 1000,
        },
        "how many of them",
    ),
    Key::optional("description", Holds::Text, "free text"),
    Key::default(
        "app_insights_enabled",
        Holds::Flag,
        "false",
        "whether Application Insights collects its logs",
    ),
    Key::optional(
        "environment_variables",
        Holds::Texts,
        "what its process finds in the environment",
    ),
    Key::optional(
        "request_settings",
        Holds::Mapping(&REQUEST_SETTINGS),
        "concurrency and time-outs of scoring",
    ),
    Key::optional("tags", Holds::Texts, "tags of the deployment"),
];

pub(super) static DEPLOYMENT: Shape = Shape::new("a managed online deployment of `az ml`", &KEYS)
    .refusing(&[&REFUSED, &REFUSED_IN_MANAGED]);

/// The same keys; others are refused.
static ON_KUBERNETES: Shape = Shape::new("a Kubernetes online deployment of `az ml`", &KEYS)
    .refusing(&[&REFUSED, &REFUSED_ON_KUBERNETES]);

pub(super) static REQUEST_SETTINGS: Shape = Shape::new(
    "concurrency and time-outs of scoring",
    &[
        Key::optional(
            "max_concurrent_requests_per_instance",
            Holds::Integer {
                least: 1,
                most: u32::MAX,
            },
            "requests at once on one instance",
        ),
        Key::optional(
            "request_timeout_ms",
            Holds::Integer {
                least: 1,
                most: u32::MAX,
            },
            "how long scoring may take, in milliseconds",
        ),
        Key::optional(
            "max_queue_wait_ms",
            Holds::Integer {
                least: 0,
                most: u32::MAX,
            },
            "how long a request may wait for its turn, in milliseconds",
        ),
    ],
);

pub(super) fn read(field: &Field<'_>) -> Read<DeploymentSpec> {
    let file = files::open(field)?;
    let root = Node::parse(&file.text, &file.source)?;
    deployment(&root, &file.source)
}

pub(super) fn deployment(root: &Node, source: &Source<'_>) -> Read<DeploymentSpec> {
    let reader = Reader::open(root, shape(root), String::new(), source)?;
    let schema = reader.optional("$schema", Field::text);
    let compute_type = reader.required("type", |field| field.word(compute_type));
    let instance_type = reader.optional("instance_type", Field::text);
    let instance_type = match (compute_type, instance_type) {
        (Ok(ComputeType::Managed), Ok(None)) => Err(instance_type_missing(&reader)),
        (Ok(_) | Err(_), read) => read,
    };
    let instance_count = reader.required("instance_count", Field::integer);
    let description = reader.optional("description", Field::text);
    let app_insights_enabled = reader.required("app_insights_enabled", Field::flag);
    let environment_variables = reader.optional("environment_variables", Field::texts);
    let request_settings =
        reader.optional("request_settings", |field| field.mapping(request_settings));
    let tags = reader.optional("tags", Field::texts);
    schema?;
    Ok(DeploymentSpec {
        compute_type: compute_type?,
        instance_type: instance_type?,
        instance_count: instance_count?,
        description: description?,
        app_insights_enabled: app_insights_enabled?,
        environment_variables: environment_variables?.unwrap_or_default(),
        request_settings: request_settings?,
        tags: tags?.unwrap_or_default(),
        batch: None,
    })
}

/// Which keys are refused hangs on what it runs on.
fn shape(root: &Node) -> &'static Shape {
    match root.under("type").map(|node| &node.value) {
        Some(Value::Plain(text) | Value::Quoted(text)) if text == "kubernetes" => &ON_KUBERNETES,
        Some(_) | None => &DEPLOYMENT,
    }
}

fn compute_type(word: &str) -> Option<ComputeType> {
    match word {
        "managed" => Some(ComputeType::Managed),
        "kubernetes" => Some(ComputeType::Kubernetes),
        _ => None,
    }
}

fn instance_type_missing(reader: &Reader<'_>) -> Reported {
    reader.source.report(
        reader.line(),
        "`instance_type` is missing",
        format!("add it: {INSTANCE_TYPE}"),
    )
}

fn request_settings(reader: &Reader<'_>) -> Read<RequestSettings> {
    let concurrent = reader.optional("max_concurrent_requests_per_instance", Field::integer);
    let timeout = reader.optional("request_timeout_ms", Field::integer);
    let wait = reader.optional("max_queue_wait_ms", Field::integer);
    Ok(RequestSettings {
        max_concurrent_requests_per_instance: concurrent?,
        request_timeout_ms: timeout?,
        max_queue_wait_ms: wait?,
    })
}
