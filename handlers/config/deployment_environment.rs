//! `environment` of a deployment's file: described in place, or a version that is there already.

use promotion::{
    AssetVersion, EnvironmentDefinition, EnvironmentSpec, InferenceConfig, InferenceRoute,
};
use std::path::Path;

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::files::{self, Most};
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

/// The text is kept in each promotion's journal.
const CONDA: Most = Most {
    bytes: 64 * 1024,
    what: "is larger than 64 KiB",
    help: "name the packages that the code needs and no more",
};

const BY_CONTENT: &str = "Liftlock names an environment after its content";
const NOT_CARRIED: &str = "Liftlock does not carry it over to the environment yet";

static REFUSED: [RefusedKey; 6] = [
    ("name", BY_CONTENT),
    ("version", BY_CONTENT),
    (
        "build",
        "Liftlock builds no images: name one that is built, in `image`",
    ),
    ("os_type", "online deployments run on Linux"),
    ("properties", NOT_CARRIED),
    ("tags", NOT_CARRIED),
];

pub(super) static ENVIRONMENT: Shape = Shape::new(
    "what the code runs in",
    &[
        Key::required("image", Holds::Text, "the container image"),
        Key::optional(
            "conda_file",
            Holds::File,
            "the conda file that is installed into it, from this file's folder",
        ),
        Key::optional(
            "inference_config",
            Holds::Mapping(&INFERENCE),
            "where an image with a server of its own answers",
        ),
        Key::optional("description", Holds::Text, "free text"),
    ],
)
.refusing(&[&REFUSED]);

static INFERENCE: Shape = Shape::new(
    "where an image with a server of its own answers",
    &[
        Key::optional("liveness_route", Holds::Mapping(&ROUTE), "whether it lives"),
        Key::optional(
            "readiness_route",
            Holds::Mapping(&ROUTE),
            "whether it takes requests",
        ),
        Key::required("scoring_route", Holds::Mapping(&ROUTE), "what takes them"),
    ],
);

static ROUTE: Shape = Shape::new(
    "a path of a server",
    &[
        Key::required("path", Holds::Text, "its path, from `/` on"),
        Key::required(
            "port",
            Holds::Integer {
                least: 1,
                most: 65_535,
            },
            "its port",
        ),
    ],
);

/// `beside` is the folder of the file that this stands in.
pub(super) fn read(field: &Field<'_>, beside: &Path) -> Read<EnvironmentSpec> {
    if field.node.kind() == "a text" {
        return field.parse(reference);
    }
    let definition = field.mapping(|reader| definition(reader, beside))?;
    Ok(EnvironmentSpec::defined(definition))
}

fn definition(reader: &Reader<'_>, beside: &Path) -> Read<EnvironmentDefinition> {
    let image = reader.required("image", Field::text);
    let conda = reader.optional("conda_file", |field| conda(field, beside));
    let inference = reader.optional("inference_config", |field| field.mapping(inference));
    let description = reader.optional("description", Field::text);
    Ok(EnvironmentDefinition {
        image: image?,
        conda: conda?,
        inference: inference?,
        description: description?,
    })
}

fn conda(field: &Field<'_>, beside: &Path) -> Read<String> {
    let name = field.parse(|text| files::within(text, beside))?;
    Ok(files::open_named(field, name, beside, &CONDA)?.text)
}

fn inference(reader: &Reader<'_>) -> Read<InferenceConfig> {
    let route = |field: &Field<'_>| field.mapping(route);
    let liveness_route = reader.optional("liveness_route", route);
    let readiness_route = reader.optional("readiness_route", route);
    let scoring_route = reader.required("scoring_route", route);
    Ok(InferenceConfig {
        liveness_route: liveness_route?,
        readiness_route: readiness_route?,
        scoring_route: Some(scoring_route?),
    })
}

fn route(reader: &Reader<'_>) -> Read<InferenceRoute> {
    let path = reader.required("path", Field::text);
    let port = reader.required("port", Field::integer);
    Ok(InferenceRoute {
        path: path?,
        port: port?,
    })
}

/// A version in one of the forms that `az ml` takes. A label is none: it would be another version tomorrow.
fn reference(text: &str) -> Result<EnvironmentSpec, Complaint> {
    let in_registry = text
        .strip_prefix("azureml://registries/")
        .map(|rest| rest.split('/').collect::<Vec<_>>());
    if let Some([registry, "environments", name, "versions", version]) = in_registry.as_deref() {
        let all = [registry, name, version].into_iter();
        if all.clone().all(|part| is_plain(part)) {
            return Ok(EnvironmentSpec::Registry {
                uri: text.to_owned(),
            });
        }
    }
    let named = text.strip_prefix("azureml:").unwrap_or_default();
    if let Some((name, version)) = named.split_once(':')
        && is_plain(name)
        && is_plain(version)
    {
        return Ok(EnvironmentSpec::Registered {
            asset: AssetVersion {
                name: name.to_owned(),
                version: version.to_owned(),
            },
        });
    }
    let help = "write `azureml:<name>:<version>` of the target's workspace, \
                `azureml://registries/<registry>/environments/<name>/versions/<version>`, or a mapping with `image`";
    Err(Complaint::new("is no version of an environment", help))
}

fn is_plain(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.chars().all(allowed)
}
