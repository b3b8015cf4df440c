//! A batch endpoint's own file, as `az ml batch-endpoint create --file` reads it. A field that is not carried over is
//! refused by name and line.

use promotion::{AuthMode, EndpointSpec, Serving};

use super::context::Source;
use super::diagnostics::Read;
use super::endpoint_yaml::{DESCRIPTION, NAME, NOT_YET, SCHEMA, TAGS, endpoint_name};
use super::field::Field;
use super::files;
use super::node::Node;
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

static REFUSED: [RefusedKey; 6] = [
    (
        "defaults",
        "Liftlock sets this once the candidate is tested",
    ),
    (
        "traffic",
        "a batch endpoint has none, but a default deployment",
    ),
    (
        "public_network_access",
        "a batch endpoint has none: it is as reachable as its workspace",
    ),
    ("location", "the workspace's is taken"),
    ("identity", NOT_YET),
    ("properties", NOT_YET),
];

pub(super) static BATCH_ENDPOINT: Shape = Shape::new(
    "a batch endpoint of `az ml`",
    &[
        SCHEMA,
        NAME,
        Key::default(
            "auth_mode",
            Holds::Word(&["aad_token"]),
            "aad_token",
            "how callers prove themselves; a batch endpoint knows no other way",
        ),
        DESCRIPTION,
        TAGS,
    ],
)
.refusing(&[&REFUSED]);

pub(super) fn read(field: &Field<'_>) -> Read<EndpointSpec> {
    let file = files::open(field)?;
    let root = Node::parse(&file.text, &file.source)?;
    endpoint(&root, &file.source)
}

pub(super) fn endpoint(root: &Node, source: &Source<'_>) -> Read<EndpointSpec> {
    let reader = Reader::open(root, &BATCH_ENDPOINT, String::new(), source)?;
    let schema = reader.optional("$schema", Field::text);
    let name = reader.required("name", |field| field.parse(endpoint_name));
    let auth_mode = reader.required("auth_mode", |field| {
        field.word(|word| (word == "aad_token").then_some(AuthMode::AadToken))
    });
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
        serving: Serving::Batch,
    })
}
