//! The endpoint's own file, as `az ml online-endpoint create --file` reads it.
//!
//! A field that is not carried over is refused by name and line: silently dropped, it would make another endpoint than
//! the one that its author tried out.

use promotion::{AuthMode, EndpointName, EndpointSpec};

use super::context::Source;
use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::files;
use super::node::Node;
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

const NOT_YET: &str = "Liftlock does not carry it over to the endpoint yet";

static REFUSED: [RefusedKey; 7] = [
    ("traffic", "Liftlock sets this, step by step"),
    ("mirror_traffic", "Liftlock sets this"),
    ("location", "the workspace's is taken"),
    ("compute", "only managed endpoints so far, which need none"),
    ("identity", NOT_YET),
    ("properties", NOT_YET),
    ("allowed_ip_addresses", NOT_YET),
];

pub(super) static ENDPOINT: Shape = Shape::new(
    "an online endpoint of `az ml`",
    &[
        Key::optional("$schema", Holds::Text, "the editor's schema; not sent"),
        Key::required(
            "name",
            Holds::Text,
            "3 to 32 lower-case letters, digits and hyphens, a letter first",
        ),
        Key::default(
            "auth_mode",
            Holds::Word(&["key", "aml_token", "aad_token"]),
            "key",
            "how callers prove themselves",
        ),
        Key::optional("description", Holds::Text, "free text"),
        Key::optional("tags", Holds::Texts, "tags of the endpoint"),
        Key::optional(
            "public_network_access",
            Holds::Word(&["enabled", "disabled"]),
            "whether it is reachable from the internet",
        ),
    ],
)
.refusing(&REFUSED);

pub(super) fn read(field: &Field<'_>) -> Read<EndpointSpec> {
    let file = files::open(field)?;
    let root = Node::parse(&file.text, &file.source)?;
    endpoint(&root, &file.source)
}

pub(super) fn endpoint(root: &Node, source: &Source<'_>) -> Read<EndpointSpec> {
    let reader = Reader::open(root, &ENDPOINT, String::new(), source)?;
    let schema = reader.optional("$schema", Field::text);
    let name = reader.required("name", |field| field.parse(endpoint_name));
    let auth_mode = reader.required("auth_mode", |field| field.word(auth_mode));
    let description = reader.optional("description", Field::text);
    let tags = reader.optional("tags", Field::texts);
    let access = reader.optional("public_network_access", |field| field.word(access));
    schema?;
    Ok(EndpointSpec {
        name: name?,
        auth_mode: auth_mode?,
        description: description?,
        public_network_access: access?,
        tags: tags?.unwrap_or_default(),
    })
}

fn endpoint_name(text: &str) -> Result<EndpointName, Complaint> {
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
