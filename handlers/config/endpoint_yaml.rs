//! The endpoint's own file, as `az ml online-endpoint create --file` reads it.
//!
//! A field that is not carried over is refused by name and line: silently dropped, it would make another endpoint than
//! the one that its author tried out.

use promotion::{AuthMode, ComputeId, EndpointName, EndpointSpec, Serving, WorkspaceId};

use super::context::Source;
use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::files;
use super::node::Node;
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

const COMPUTE: &str = "compute";
/// What it names on Kubernetes.
const CLUSTER: &str = "an attached Kubernetes cluster";
pub(super) const NOT_YET: &str = "Liftlock does not carry it over to the endpoint yet";

/// Keys that no kind of endpoint takes here.
static REFUSED: [RefusedKey; 6] = [
    ("traffic", "Liftlock sets this, step by step"),
    ("mirror_traffic", "Liftlock sets this"),
    ("location", "the workspace's is taken"),
    ("identity", NOT_YET),
    ("properties", NOT_YET),
    ("allowed_ip_addresses", NOT_YET),
];

static REFUSED_ON_KUBERNETES: [RefusedKey; 1] = [(
    "public_network_access",
    "a Kubernetes online endpoint has none: it is as reachable as its cluster",
)];

pub(super) const SCHEMA: Key =
    Key::optional("$schema", Holds::Text, "the editor's schema; not sent");
pub(super) const NAME: Key = Key::required(
    "name",
    Holds::Text,
    "3 to 32 lower-case letters, digits and hyphens, a letter first",
);
const AUTH_MODE: Key = Key::default(
    "auth_mode",
    Holds::Word(&["key", "aml_token", "aad_token"]),
    "key",
    "how callers prove themselves",
);
pub(super) const DESCRIPTION: Key = Key::optional("description", Holds::Text, "free text");
pub(super) const TAGS: Key = Key::optional("tags", Holds::Texts, "tags of the endpoint");

pub(super) static ENDPOINT: Shape = Shape::new(
    "an online endpoint of `az ml`",
    &[
        SCHEMA,
        NAME,
        AUTH_MODE,
        DESCRIPTION,
        TAGS,
        Key::optional(
            "public_network_access",
            Holds::Word(&["enabled", "disabled"]),
            "whether it is reachable from the internet",
        ),
    ],
)
.refusing(&[&REFUSED]);

/// What `compute` makes of it, as in `az ml`.
pub(super) static ON_KUBERNETES: Shape = Shape::new(
    "a Kubernetes online endpoint of `az ml`",
    &[
        SCHEMA,
        NAME,
        AUTH_MODE,
        DESCRIPTION,
        TAGS,
        Key::optional(
            COMPUTE,
            Holds::Text,
            "`azureml:<name>` of a Kubernetes cluster that is attached to the target's workspace, or its resource id",
        ),
    ],
)
.refusing(&[&REFUSED, &REFUSED_ON_KUBERNETES]);

/// `target` is the workspace that the endpoint is in, where that is known.
pub(super) fn read(field: &Field<'_>, target: Option<&WorkspaceId>) -> Read<EndpointSpec> {
    let file = files::open(field)?;
    let root = Node::parse(&file.text, &file.source)?;
    endpoint(&root, &file.source, target)
}

pub(super) fn endpoint(
    root: &Node,
    source: &Source<'_>,
    target: Option<&WorkspaceId>,
) -> Read<EndpointSpec> {
    if root.under(COMPUTE).is_some() {
        let reader = Reader::open(root, &ON_KUBERNETES, String::new(), source)?;
        let spec = common(&reader);
        let compute = reader.optional(COMPUTE, |field| {
            field.parse(|text| compute(text, target, CLUSTER))
        });
        return Ok(EndpointSpec {
            compute: compute?,
            ..spec?
        });
    }
    let reader = Reader::open(root, &ENDPOINT, String::new(), source)?;
    let spec = common(&reader);
    let access = reader.optional("public_network_access", |field| field.word(access));
    Ok(EndpointSpec {
        public_network_access: access?,
        ..spec?
    })
}

/// What both kinds have.
fn common(reader: &Reader<'_>) -> Read<EndpointSpec> {
    let schema = reader.optional("$schema", Field::text);
    let name = reader.required("name", |field| field.parse(endpoint_name));
    let auth_mode = reader.required("auth_mode", |field| field.word(auth_mode));
    let description = reader.optional("description", Field::text);
    let tags = reader.optional("tags", Field::texts);
    schema?;
    Ok(EndpointSpec {
        name: name?,
        auth_mode: auth_mode?,
        description: description?,
        public_network_access: None,
        tags: tags?.unwrap_or_default(),
        compute: None,
        serving: Serving::Online,
    })
}

/// A compute of the target's workspace, in either of the forms that `az ml` takes. Where that workspace is not known,
/// which is a problem of its own, it is taken as it is written.
pub(super) fn compute(
    text: &str,
    target: Option<&WorkspaceId>,
    what: &'static str,
) -> Result<ComputeId, Complaint> {
    let written = text.strip_prefix("azureml:").unwrap_or(text);
    let Some(target) = target else {
        return Ok(ComputeId::new(written));
    };
    let name = match written.rsplit_once('/') {
        None if written != text => written,
        Some((_, name)) if ComputeId::of(target, name).is(written) => name,
        Some((parent, _)) if parent.to_ascii_lowercase().ends_with("/computes") => {
            let help = "write `azureml:<name>` of one that is attached to the target's workspace";
            return Err(Complaint::new(
                "is a compute of another workspace than the endpoint's",
                help,
            ));
        }
        None | Some(_) => return Err(no_compute(what)),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(no_compute(what));
    }
    Ok(ComputeId::of(target, name))
}

fn no_compute(what: &str) -> Complaint {
    let help = format!("write `azureml:<name>` of {what}, or its resource id");
    Complaint::new("is no reference to a compute", help)
}

pub(super) fn endpoint_name(text: &str) -> Result<EndpointName, Complaint> {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let letter_first = text.starts_with(|c: char| c.is_ascii_lowercase());
    if letter_first && (3..=32).contains(&text.len()) && text.chars().all(rest) {
        Ok(EndpointName::new(text))
    } else {
        let help = "3 to 32 lower-case letters, digits and hyphens, a letter first";
        Err(Complaint::new("is no name for an endpoint", help))
    }
}

fn auth_mode(word: &str) -> Option<AuthMode> {
    match word {
        "key" => Some(AuthMode::Key),
        "aml_token" => Some(AuthMode::AmlToken),
        "aad_token" => Some(AuthMode::AadToken),
        _ => None,
    }
}

fn access(word: &str) -> Option<bool> {
    match word {
        "enabled" => Some(true),
        "disabled" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azures_rules_for_names_hold() {
        for good in ["abc", "diabetes-2", &"a".repeat(32)] {
            assert!(endpoint_name(good).is_ok(), "{good}");
        }
        for bad in [
            "ab",
            "2abc",
            "-abc",
            "Diabetes",
            "dia_betes",
            "diabétes",
            &"a".repeat(33),
        ] {
            assert!(endpoint_name(bad).is_err(), "{bad}");
        }
    }
}
