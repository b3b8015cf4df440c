//! Reader, schema and reference know the same keys.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::sample::{
    BATCH_DEPLOYMENT as BATCH_DEPLOYMENT_FILE, BATCH_ENDPOINT as BATCH_ENDPOINT_FILE,
    DEPLOYMENT as DEPLOYMENT_FILE, ENDPOINT as ENDPOINT_FILE,
    KUBERNETES_ENDPOINT as KUBERNETES_FILE, Sample, environment, with_bot, with_every_key,
};
use crate::config::batch_deployment_yaml::BATCH_DEPLOYMENT;
use crate::config::batch_endpoint_yaml::BATCH_ENDPOINT;
use crate::config::context::{Context, Source, Unset, Variables};
use crate::config::deployment_yaml::DEPLOYMENT;
use crate::config::document::DOCUMENT;
use crate::config::endpoint_yaml::{ENDPOINT, ON_KUBERNETES as KUBERNETES_ENDPOINT};
use crate::config::node::{Node, Value};
use crate::config::shape::{Holds, Key, Need, Shape};
use crate::config::user_test::{USER_TEST, case};
use crate::config::{
    batch_deployment_yaml, batch_endpoint_yaml, deployment_yaml, document, endpoint_yaml, schema,
    test_schema,
};

/// Every key under `shape`, with its path: `routes[].gates[].metric`, `stages.<name>.workspace`.
fn keys(shape: &'static Shape, path: &str) -> Vec<(String, &'static Key)> {
    let at = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    let mut found = Vec::new();
    for key in shape.keys {
        let here = at(key.name);
        found.push((here.clone(), key));
        match &key.holds {
            Holds::Mapping(inner) => found.extend(keys(inner, &here)),
            Holds::Short(short) => found.extend(keys(short.shape, &here)),
            Holds::Named(inner) => found.extend(keys(inner, &format!("{here}.<name>"))),
            Holds::List(inner) => {
                found.extend(
                    inner
                        .iter()
                        .flat_map(|shape| keys(shape, &format!("{here}[]"))),
                );
            }
            Holds::Text
            | Holds::Secret
            | Holds::File
            | Holds::Duration { .. }
            | Holds::Seconds { .. }
            | Holds::Integer { .. }
            | Holds::Limit { .. }
            | Holds::Number
            | Holds::Flag
            | Holds::Word(_)
            | Holds::Names
            | Holds::Own(_)
            | Holds::Texts => {}
        }
    }
    found
}

fn paths(shape: &'static Shape) -> BTreeSet<String> {
    keys(shape, "").into_iter().map(|(path, _)| path).collect()
}

/// Calls `each` with the path and the value of every key in `node`.
fn visit(
    node: &mut Node,
    shape: &'static Shape,
    path: &str,
    each: &mut dyn FnMut(&str, &mut Node),
) {
    let Value::Map(entries) = &mut node.value else {
        return;
    };
    for entry in entries {
        let Some(key) = shape.find(&entry.key) else {
            continue;
        };
        let here = if path.is_empty() {
            key.name.to_owned()
        } else {
            format!("{path}.{}", key.name)
        };
        match (&key.holds, &mut entry.node.value) {
            (Holds::Mapping(inner), _) => visit(&mut entry.node, inner, &here, each),
            (Holds::Short(short), _) => visit(&mut entry.node, short.shape, &here, each),
            (Holds::Named(inner), Value::Map(named)) => {
                for one in named {
                    visit(&mut one.node, inner, &format!("{here}.<name>"), each);
                }
            }
            (Holds::List(shapes), Value::List(items)) => {
                for item in items {
                    shapes
                        .iter()
                        .for_each(|shape| visit(item, shape, &format!("{here}[]"), each));
                }
            }
            _ => {}
        }
        each(&here, &mut entry.node);
    }
}

fn tree(text: &str) -> Node {
    let context = Context::new(Path::new(""), &environment, Unset::Refused);
    let source = Source {
        context: &context,
        file: Arc::from("file"),
        variables: Variables::Replaced,
    };
    Node::parse(text, &source).unwrap()
}

/// Every place of a key in `text`, each with the tree in which just that value is of a kind that no key takes.
fn spoilt(text: &str, shape: &'static Shape) -> Vec<(String, Node)> {
    let root = tree(text);
    let mut places = Vec::new();
    visit(&mut root.clone(), shape, "", &mut |path, _| {
        places.push(path.to_owned());
    });
    let spoil = |wanted: usize| {
        let (mut root, mut seen) = (root.clone(), 0);
        visit(&mut root, shape, "", &mut |_, node| {
            if seen == wanted {
                node.value = Value::List(vec![Node {
                    line: 1,
                    value: Value::List(Vec::new()),
                }]);
            }
            seen += 1;
        });
        root
    };
    places
        .into_iter()
        .enumerate()
        .map(|(index, path)| (path, spoil(index)))
        .collect()
}

/// Reads a tree as a file of the full sample's folder; whether anything was wrong.
fn is_refused(root: &Node, read: fn(&Node, &Source<'_>)) -> bool {
    let sample = Sample::full();
    let folder = sample.path();
    let context = Context::new(folder.parent().unwrap(), &environment, Unset::Refused);
    let source = Source {
        context: &context,
        file: Arc::from("file"),
        variables: Variables::Replaced,
    };
    read(root, &source);
    context.into_findings().0.iter().next().is_some()
}

fn assert_all_are_read(text: &str, shape: &'static Shape, read: fn(&Node, &Source<'_>)) {
    assert_all_of_these_are_read(&[text], shape, read);
}

/// Where no one file can have every key, they have them together.
fn assert_all_of_these_are_read(
    texts: &[&str],
    shape: &'static Shape,
    read: fn(&Node, &Source<'_>),
) {
    for text in texts {
        assert!(!is_refused(&tree(text), read), "the sample is sound");
    }
    let places: Vec<(String, Node)> = texts.iter().flat_map(|text| spoilt(text, shape)).collect();
    let seen: BTreeSet<_> = places.iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(seen, paths(shape), "the sample has every key");
    for (path, root) in places {
        assert!(is_refused(&root, read), "{path} is not read");
    }
}

#[test]
fn every_key_of_the_shapes_is_read() {
    let texts = [with_every_key(), with_bot()];
    let texts = [texts[0].as_str(), texts[1].as_str()];
    assert_all_of_these_are_read(&texts, &DOCUMENT, |root, source| {
        let _ = document::document(root, source);
    });
    assert_all_are_read(ENDPOINT_FILE, &ENDPOINT, |root, source| {
        let _ = endpoint_yaml::endpoint(root, source, None);
    });
    assert_all_are_read(KUBERNETES_FILE, &KUBERNETES_ENDPOINT, |root, source| {
        let _ = endpoint_yaml::endpoint(root, source, None);
    });
    assert_all_are_read(BATCH_ENDPOINT_FILE, &BATCH_ENDPOINT, |root, source| {
        let _ = batch_endpoint_yaml::endpoint(root, source);
    });
    assert_all_are_read(BATCH_DEPLOYMENT_FILE, &BATCH_DEPLOYMENT, |root, source| {
        let _ = batch_deployment_yaml::deployment(root, source, None);
    });
    assert_all_are_read(DEPLOYMENT_FILE, &DEPLOYMENT, |root, source| {
        let _ = deployment_yaml::deployment(root, source, Path::new(""));
    });
}

/// Every key of a user's test, each in one of these: an event is told in one way only.
const USER_TESTS: [&str; 4] = [
    r"name: everything
config: ../liftlock.yaml
environment: { TEAMS_WORKFLOW_URL: https://flows.example }
event: { modelRegistered: { model: diabetes, version: 7, stage: dev } }
route: diabetes-to-prod
candidate: { metrics: { rmse: 55 }, tags: { rmse: 55 }, trainedBy: tina, registeredBy: Robo, files: [MLmodel] }
champion: { version: 6, metrics: { rmse: 58 }, tags: { rmse: 58 } }
smokeTest: { answer: [1, 2], status: 200 }
loadTest: { errorRate: 0.01, p50: 10, p95: 80, p99: 200 }
votes: [{ by: ada, roles: [Model.Approver], says: approve, comment: fine, after: 1h }]
acts:
  - { resume: quiet, at: step 2, by: ada, roles: [Model.Approver], after: 5m }
  - { abort: no, at: shifting, by: ada, roles: [Model.Approver], after: 5m }
  - { rollBack: no, at: live, by: ada, roles: [Model.Approver], after: 5m }
measurements: { error-rate: [0.1, none, error, { value: 0.2, samples: 4, fromWeight: 50 }] }
expect: { routes: [diabetes-to-prod], blockedBy: none, ends: live, because: 70, traffic: [10], cards: [live], refused: [no] }
",
    "name: a\nevent: { runCompleted: { experiment: e, run: r, version: 1, stage: dev } }\nexpect: { ends: live }\n",
    "name: a\nevent: { eventGrid: { id: 1 } }\nexpect: { ends: live }\n",
    "name: a\nevent: { file: a.json }\nexpect: { ends: live }\n",
];
/// What takes any JSON.
const FREE: [&str; 2] = ["event.eventGrid", "smokeTest.answer"];

#[test]
fn every_key_of_a_users_test_is_read() {
    let read = |root: &Node, source: &Source<'_>| {
        let _ = case(root, source);
    };
    let mut seen = BTreeSet::new();
    for text in USER_TESTS {
        assert!(!is_refused(&tree(text), read), "{text}");
        for (path, root) in spoilt(text, &USER_TEST) {
            let free = FREE.contains(&path.as_str());
            assert_eq!(is_refused(&root, read), !free, "{path}");
            seen.insert(path);
        }
    }
    assert_eq!(seen, paths(&USER_TEST));
}

#[test]
fn the_schema_has_the_keys_of_the_shapes() {
    fn collect(schema: &serde_json::Value, path: &str, found: &mut BTreeSet<String>) {
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            let here = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            collect(inner, &here, found);
            found.insert(here);
        }
        if schema["additionalProperties"].is_object() {
            collect(
                &schema["additionalProperties"],
                &format!("{path}.<name>"),
                found,
            );
        }
        for variant in schema["oneOf"].as_array().into_iter().flatten() {
            collect(variant, path, found);
        }
        if schema["items"].is_object() {
            collect(&schema["items"], &format!("{path}[]"), found);
        }
    }
    let mut found = BTreeSet::new();
    collect(&serde_json::from_str(&schema()).unwrap(), "", &mut found);
    assert_eq!(found, paths(&DOCUMENT));
}

fn docs(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(file)
}

#[test]
fn the_published_schema_is_this_one() {
    let published = std::fs::read_to_string(docs("liftlock.schema.json")).unwrap();
    assert_eq!(
        published,
        schema(),
        "write it anew: liftlock schema > docs/liftlock.schema.json"
    );
}

#[test]
fn the_reference_has_a_row_for_each_key_with_its_default() {
    assert_rows(
        "configuration.md",
        &[
            &DOCUMENT,
            &ENDPOINT,
            &KUBERNETES_ENDPOINT,
            &DEPLOYMENT,
            &BATCH_ENDPOINT,
            &BATCH_DEPLOYMENT,
        ],
    );
    assert_rows("user-tests.md", &[&USER_TEST]);
}

#[test]
fn the_published_schema_of_tests_is_this_one() {
    let published = std::fs::read_to_string(docs("user-test.schema.json")).unwrap();
    let again = "write it anew: liftlock schema --tests > docs/user-test.schema.json";
    assert_eq!(published, test_schema(), "{again}");
}

fn assert_rows(file: &str, shapes: &[&'static Shape]) {
    let reference = std::fs::read_to_string(docs(file)).unwrap();
    for (path, key) in shapes.iter().flat_map(|shape| keys(shape, "")) {
        // A key that two kinds of file have may have a row for each.
        let rows = reference
            .lines()
            .filter(|line| line.starts_with(&format!("| `{path}` |")));
        let rows: Vec<&str> = rows.collect();
        assert!(!rows.is_empty(), "docs/{file} has no row for {path}");
        let need = match key.need {
            Need::Required => "| required |".to_owned(),
            Need::Optional => "| none |".to_owned(),
            Need::Default(text) => format!("| `{text}` |"),
        };
        assert!(rows.iter().any(|row| row.contains(&need)), "{rows:?}");
    }
}
