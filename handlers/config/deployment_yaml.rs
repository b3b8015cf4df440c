//! The deployment's own file, as `az ml online-deployment create --file` reads it, without what Liftlock sets.

use promotion::{CodeSpec, ComputeType, DeploymentSpec, EnvironmentSpec, RequestSettings};
use std::path::Path;

use super::context::Source;
use super::diagnostics::{Complaint, Read, Reported};
use super::field::Field;
use super::node::{Node, Value};
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};
use super::{code_configuration, deployment_environment, files};

pub(super) const OURS: &str = "Liftlock sets this for each promotion";
const UNDER_CODE: &str = "`az ml` has it under `code_configuration`";
pub(super) const NOT_YET: &str = "Liftlock does not carry it over to the deployment yet";
const NO_NETWORK: &str = "a Kubernetes online deployment has none: its network is the cluster's";
const CODE: &str = "code_configuration";
const ENVIRONMENT: &str = "environment";
const INSTANCE_TYPE: &str = "the virtual machine's size, like Standard_DS3_v2";

/// Keys that no kind of deployment takes here.
static REFUSED: [RefusedKey; 13] = [
    ("name", OURS),
    ("endpoint_name", OURS),
    ("model", OURS),
    ("model_mount_path", NOT_YET),
    ("scoring_script", UNDER_CODE),
    ("code_path", UNDER_CODE),
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

static KEYS: [Key; 11] = [
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
    Key::optional(
        CODE,
        Holds::Mapping(&code_configuration::CODE),
        "the code that answers requests; an MLflow model brings its own",
    ),
    Key::optional(
        ENVIRONMENT,
        Holds::Mapping(&deployment_environment::ENVIRONMENT),
        "what the code runs in: described here, or the reference of a version",
    ),
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
    deployment(&root, &file.source, &file.folder)
}

/// `beside` is the folder of the file, from that of `liftlock.yaml`.
pub(super) fn deployment(root: &Node, source: &Source<'_>, beside: &Path) -> Read<DeploymentSpec> {
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
    let code = reader.optional(CODE, |field| {
        field.mapping(|reader| code_configuration::read(reader, beside))
    });
    let environment = reader.optional(ENVIRONMENT, |field| {
        deployment_environment::read(field, beside)
    });
    let (code, environment) = (code?, environment?);
    answers(&reader, code.as_ref(), environment.as_ref())?;
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
        code,
        environment,
    })
}

/// Code needs something to run in. What has no code answers by itself, which only a description says how to; of a version
/// that is there already nobody knows here.
fn answers(
    reader: &Reader<'_>,
    code: Option<&CodeSpec>,
    environment: Option<&EnvironmentSpec>,
) -> Read<()> {
    match (code, environment) {
        (Some(_), None) => {
            let help = "add `environment` too: an image, or the reference of a version";
            Err(reader.complain(CODE, Complaint::new("has nothing to run in", help)))
        }
        (None, Some(EnvironmentSpec::Defined { definition, .. }))
            if definition.inference.is_none() =>
        {
            let help = "add `code_configuration`, or `inference_config` for an image with a server of its own; an MLflow \
                        model needs neither this nor them";
            Err(reader.complain(
                ENVIRONMENT,
                Complaint::new("has nothing that answers", help),
            ))
        }
        (None | Some(_), Some(_)) | (None, None) => Ok(()),
    }
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
