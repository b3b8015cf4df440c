//! A batch deployment's own file, as `az ml batch-deployment create --file` reads it, without what Liftlock sets.
//!
//! Which key stands under `settings` is from memory of Microsoft's page on the YAML of model deployments, not verified.

use std::collections::BTreeMap;

use promotion::{BatchSettings, ComputeId, ComputeType, DeploymentSpec, Seconds, WorkspaceId};

use super::context::Source;
use super::deployment_yaml::{NOT_YET, OURS};
use super::diagnostics::{Complaint, Read};
use super::endpoint_yaml::compute;
use super::field::Field;
use super::files;
use super::node::Node;
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

const UNDER_SETTINGS: &str = "it belongs under `settings`";

const MLFLOW: &str = "at a batch endpoint only MLflow models so far, which need none";

static REFUSED: [RefusedKey; 16] = [
    ("name", OURS),
    ("endpoint_name", OURS),
    ("model", OURS),
    ("environment", MLFLOW),
    ("code_configuration", MLFLOW),
    (
        "component",
        "Liftlock rolls out models, no pipeline components",
    ),
    (
        "job_definition",
        "Liftlock rolls out models, no pipeline components",
    ),
    ("properties", NOT_YET),
    ("mini_batch_size", UNDER_SETTINGS),
    ("max_concurrency_per_instance", UNDER_SETTINGS),
    ("error_threshold", UNDER_SETTINGS),
    ("logging_level", UNDER_SETTINGS),
    ("output_action", UNDER_SETTINGS),
    ("output_file_name", UNDER_SETTINGS),
    ("retry_settings", UNDER_SETTINGS),
    ("environment_variables", UNDER_SETTINGS),
];

pub(super) static BATCH_DEPLOYMENT: Shape = Shape::new(
    "a batch deployment of `az ml`",
    &[
        Key::optional("$schema", Holds::Text, "the editor's schema; not sent"),
        Key::default(
            "type",
            Holds::Word(&["model"]),
            "model",
            "what is deployed: a model",
        ),
        Key::optional("description", Holds::Text, "free text"),
        Key::optional("tags", Holds::Texts, "tags of the deployment"),
        Key::required(
            "compute",
            Holds::Text,
            "`azureml:<name>` of a compute cluster of the target's workspace, or its resource id",
        ),
        Key::default(
            "resources",
            Holds::Mapping(&RESOURCES),
            "{}",
            "what a job takes of the cluster",
        ),
        Key::default(
            "settings",
            Holds::Mapping(&SETTINGS),
            "{}",
            "how a job scores",
        ),
    ],
)
.refusing(&[&REFUSED]);

static REFUSED_RESOURCES: [RefusedKey; 2] = [
    ("instance_type", "the cluster's machines are taken"),
    ("properties", NOT_YET),
];

static RESOURCES: Shape = Shape::new(
    "what a job takes of the cluster",
    &[Key::default(
        "instance_count",
        Holds::Integer {
            least: 1,
            most: 1000,
        },
        "1",
        "how many of the cluster's machines",
    )],
)
.refusing(&[&REFUSED_RESOURCES]);

static SETTINGS: Shape = Shape::new(
    "how a job scores",
    &[
        Key::optional(
            "mini_batch_size",
            Holds::Integer {
                least: 1,
                most: u32::MAX,
            },
            "files, or bytes of rows, that one call of the model takes",
        ),
        Key::optional(
            "max_concurrency_per_instance",
            Holds::Integer {
                least: 1,
                most: 1000,
            },
            "processes at once on one machine",
        ),
        Key::default(
            "error_threshold",
            Holds::Limit {
                most: i32::MAX as u32,
            },
            "-1",
            "failures that a job bears before it fails; -1 for any number",
        ),
        Key::optional(
            "logging_level",
            Holds::Word(&["debug", "info", "warning"]),
            "what a job logs",
        ),
        Key::default(
            "output_action",
            Holds::Word(&["append_row"]),
            "append_row",
            "what a job does with predictions; the test of a candidate reads the file that they are appended to",
        ),
        Key::default(
            "output_file_name",
            Holds::Text,
            "predictions.csv",
            "that file's name",
        ),
        Key::optional(
            "retry_settings",
            Holds::Mapping(&RETRY_SETTINGS),
            "how a mini batch that failed is tried again",
        ),
        Key::optional(
            "environment_variables",
            Holds::Texts,
            "what the scoring process finds in the environment",
        ),
    ],
);

static RETRY_SETTINGS: Shape = Shape::new(
    "how a mini batch that failed is tried again",
    &[
        Key::optional(
            "max_retries",
            Holds::Integer {
                least: 0,
                most: 1000,
            },
            "how often",
        ),
        Key::optional(
            "timeout",
            Holds::Integer {
                least: 1,
                most: 1_000_000,
            },
            "how long one may take, in seconds",
        ),
    ],
);

/// What `settings` says.
struct Settings {
    batch: BatchSettings,
    environment_variables: BTreeMap<String, String>,
}

/// `target` is the workspace that the cluster is in, where that is known.
pub(super) fn read(field: &Field<'_>, target: Option<&WorkspaceId>) -> Read<DeploymentSpec> {
    let file = files::open(field)?;
    let root = Node::parse(&file.text, &file.source)?;
    deployment(&root, &file.source, target)
}

pub(super) fn deployment(
    root: &Node,
    source: &Source<'_>,
    target: Option<&WorkspaceId>,
) -> Read<DeploymentSpec> {
    let reader = Reader::open(root, &BATCH_DEPLOYMENT, String::new(), source)?;
    let schema = reader.optional("$schema", Field::text);
    let of_model = reader.required("type", |field| {
        field.word(|word| (word == "model").then_some(()))
    });
    let description = reader.optional("description", Field::text);
    let tags = reader.optional("tags", Field::texts);
    let cluster = reader.required("compute", |field| {
        field.parse(|text| compute(text, target, "a compute cluster"))
    });
    let instance_count = reader.required("resources", |field| {
        field.mapping(|resources| resources.required("instance_count", Field::integer))
    });
    let settings = reader.required("settings", |field| {
        field.mapping(|reader| settings(reader, cluster))
    });
    schema?;
    of_model?;
    let Settings {
        batch,
        environment_variables,
    } = settings?;
    Ok(DeploymentSpec {
        compute_type: ComputeType::Managed,
        instance_type: None,
        instance_count: instance_count?,
        description: description?,
        app_insights_enabled: false,
        environment_variables,
        request_settings: None,
        tags: tags?.unwrap_or_default(),
        batch: Some(batch),
        code: None,
        environment: None,
    })
}

/// The cluster stands elsewhere in the file.
fn settings(reader: &Reader<'_>, cluster: Read<ComputeId>) -> Read<Settings> {
    let mini_batch_size = reader.optional("mini_batch_size", Field::integer);
    let concurrency = reader.optional("max_concurrency_per_instance", Field::integer);
    let error_threshold = reader.required("error_threshold", Field::limit);
    let words = ["debug", "info", "warning"];
    let logging_level = reader.optional("logging_level", |field| {
        field.word(|word| words.contains(&word).then(|| word.to_owned()))
    });
    let appends = reader.required("output_action", |field| {
        field.word(|word| (word == "append_row").then_some(()))
    });
    let output_file_name = reader.required("output_file_name", |field| field.parse(file_name));
    let retry = reader.optional("retry_settings", |field| field.mapping(retry_settings));
    let environment_variables = reader.optional("environment_variables", Field::texts);
    appends?;
    let (max_retries, retry_timeout) = retry?.unwrap_or_default();
    Ok(Settings {
        batch: BatchSettings {
            compute: cluster?,
            mini_batch_size: mini_batch_size?,
            max_concurrency_per_instance: concurrency?,
            error_threshold: error_threshold?,
            output_file_name: output_file_name?,
            max_retries,
            retry_timeout,
            logging_level: logging_level?,
        },
        environment_variables: environment_variables?.unwrap_or_default(),
    })
}

fn retry_settings(reader: &Reader<'_>) -> Read<(Option<u32>, Option<Seconds>)> {
    let max_retries = reader.optional("max_retries", Field::integer);
    let timeout = reader.optional("timeout", Field::integer);
    Ok((max_retries?, timeout?.map(Seconds)))
}

/// A name that stays in its folder.
fn file_name(text: &str) -> Result<String, Complaint> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.starts_with('.') || !text.chars().all(allowed) {
        let help = "write a name like `predictions.csv`: letters, digits, `-`, `_` and `.`";
        return Err(Complaint::new("is no name of a file", help));
    }
    Ok(text.to_owned())
}
