//! The deployment's own file, as `az ml online-deployment create --file` reads it, without what Liftlock sets.

use promotion::{DeploymentSpec, RequestSettings};

use super::context::Source;
use super::diagnostics::Read;
use super::field::Field;
use super::files;
use super::node::Node;
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

const OURS: &str = "Liftlock sets this for each promotion";
const MLFLOW: &str = "only MLflow models so far, which need none";
const NOT_YET: &str = "Liftlock does not carry it over to the deployment yet";

static REFUSED: [RefusedKey; 19] = [
    ("name", OURS),
    ("endpoint_name", OURS),
    ("model", OURS),
    ("model_mount_path", MLFLOW),
    ("environment", MLFLOW),
    ("code_configuration", MLFLOW),
    ("scoring_script", MLFLOW),
    ("code_path", MLFLOW),
    ("type", "only managed deployments so far, which need none"),
    (
        "resources",
        "only managed deployments so far, which have none",
    ),
    ("data_collector", NOT_YET),
    ("egress_public_network_access", NOT_YET),
    ("liveness_probe", NOT_YET),
    ("local", NOT_YET),
    ("private_network_connection", NOT_YET),
    ("properties", NOT_YET),
    ("readiness_probe", NOT_YET),
    ("scale_settings", NOT_YET),
    ("startup_probe", NOT_YET),
];

pub(super) static DEPLOYMENT: Shape = Shape::new(
    "a managed online deployment of `az ml`",
    &[
        Key::optional("$schema", Holds::Text, "the editor's schema; not sent"),
        Key::required(
            "instance_type",
            Holds::Text,
            "the virtual machine's size, like Standard_DS3_v2",
        ),
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
    ],
)
.refusing(&REFUSED);

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
    let reader = Reader::open(root, &DEPLOYMENT, String::new(), source)?;
    let schema = reader.optional("$schema", Field::text);
    let instance_type = reader.required("instance_type", Field::text);
    let instance_count = reader.required("instance_count", Field::integer);
    let description = reader.optional("description", Field::text);
    let app_insights_enabled = reader.required("app_insights_enabled", Field::flag);
    let environment_variables = reader.optional("environment_variables", Field::texts);
    let request_settings =
        reader.optional("request_settings", |field| field.mapping(request_settings));
    let tags = reader.optional("tags", Field::texts);
    schema?;
    Ok(DeploymentSpec {
        instance_type: instance_type?,
        instance_count: instance_count?,
        description: description?,
        app_insights_enabled: app_insights_enabled?,
        environment_variables: environment_variables?.unwrap_or_default(),
        request_settings: request_settings?,
        tags: tags?.unwrap_or_default(),
    })
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
