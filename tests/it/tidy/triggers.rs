//! One name for a trigger: its folder, file, route, heading and tests.

use super::{kept, none, read, root, rust};

fn folders() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("function-definitions")).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_trigger_has_its_folder_file_and_heading() {
    let (kept, journeys) = (kept(), read("docs/ARCHITECTURE.md").unwrap());
    let mut missing = Vec::new();
    for name in folders() {
        let file = [
            format!("handlers/triggers/{name}.rs"),
            format!("handlers/triggers/{name}/mod.rs"),
        ];
        if !kept.iter().any(|path| file.contains(path)) {
            missing.push(format!("{name}: no {}", file[0]));
        }
        if !kept.contains(&format!("function-definitions/{name}/function.json")) {
            missing.push(format!("{name}: no function.json"));
        }
        if !journeys.lines().any(|line| line == format!("### `{name}`")) {
            missing.push(format!("{name}: no heading in docs/ARCHITECTURE.md"));
        }
    }
    none(&missing, "a trigger is one word everywhere");
}

#[test]
fn every_trigger_has_its_route() {
    let router = read("handlers/router.rs").unwrap();
    let missing = folders().into_iter().filter(|name| {
        let path = route(name).unwrap_or_else(|| format!("/{name}"));
        !router.contains(&format!("\"{path}"))
    });
    none(
        &missing.collect::<Vec<_>>(),
        "name it in handlers/router.rs",
    );
}

/// The path of an HTTP function, up to what varies; none for an enveloped one.
fn route(name: &str) -> Option<String> {
    let text = read(&format!("function-definitions/{name}/function.json"))?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    let route = json["bindings"][0]["route"].as_str()?;
    let fixed = route.split('{').next().unwrap_or_default();
    Some(format!("/api/{}", fixed.trim_end_matches('/')))
}

#[test]
fn every_trigger_is_named_by_a_test() {
    let tests: Vec<_> = rust()
        .into_iter()
        .filter(|(path, _)| path.starts_with("tests/it/") && !path.contains("/tidy/"))
        .collect();
    let missing = folders().into_iter().filter(|name| {
        let asked = [format!("/{name}"), format!("\"{name}\"")];
        let path = route(name).unwrap_or_else(|| format!("/{name}"));
        !tests
            .iter()
            .any(|(_, text)| text.contains(&path) || asked.iter().any(|asked| text.contains(asked)))
    });
    none(&missing.collect::<Vec<_>>(), "ask it in tests/it");
}
