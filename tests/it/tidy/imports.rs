//! Who may import whom: the directions that docs/ARCHITECTURE.md draws.

use std::collections::BTreeSet;

use super::{none, read, rust};

/// What each module of the shell may use of the others.
const SHELL: [(&str, &[&str]); 23] = [
    ("main", &["app", "router", "settings", "telemetry"]),
    (
        "cli",
        &[
            "app",
            "audit",
            "config",
            "install_tls",
            "plan",
            "remote",
            "repair",
            "settings",
            "ui",
            "usertest",
        ],
    ),
    ("audit", &["causes", "secrets", "settings", "state", "ui"]),
    ("plan", &["secrets", "state", "ui"]),
    // It asks the app over HTTP like anybody else: no state, no engine. A length of time reads as in liftlock.yaml.
    ("remote", &["causes", "config", "ui"]),
    // An event goes the way of `ml_event`, and what is measured is judged by the effects: nothing is judged twice in two ways.
    ("usertest", &["config", "effects", "triggers", "ui"]),
    ("repair", &["causes", "engine", "state", "triggers", "ui"]),
    (
        "app",
        &[
            "clock", "config", "effects", "engine", "identity", "settings", "state", "ui",
        ],
    ),
    ("router", &["app", "triggers"]),
    (
        "triggers",
        &[
            "app",
            "causes",
            "clock",
            "config",
            "engine",
            "identity",
            "invocation",
            "plan",
            "secrets",
            "state",
            "ui",
        ],
    ),
    (
        "engine",
        &["causes", "clock", "config", "effects", "state", "ui"],
    ),
    (
        "effects",
        &["causes", "config", "identity", "settings", "state", "ui"],
    ),
    ("state", &["clock", "settings"]),
    ("identity", &["causes", "clock", "settings", "ui"]),
    ("invocation", &[]),
    ("config", &[]),
    ("ui", &[]),
    ("causes", &[]),
    ("clock", &[]),
    ("secrets", &[]),
    ("settings", &[]),
    ("telemetry", &[]),
    ("lib", &[]),
];

/// What each crate must not depend on, beside a word that it stands for.
const CRATES: [(&str, &[&str]); 4] = [
    (
        "promotion",
        &[
            "azure",
            "axum",
            "bytes",
            "cloud-sim",
            "functions-host",
            "http",
            "liftlock",
            "opentelemetry",
            "reqwest",
            "tokio",
            "tracing",
        ],
    ),
    (
        "azure-api",
        &["cloud-sim", "functions-host", "liftlock", "promotion"],
    ),
    (
        "cloud-sim",
        &[
            "azure-api",
            "azure_",
            "functions-host",
            "liftlock",
            "promotion",
        ],
    ),
    (
        "functions-host",
        &["azure", "cloud-sim", "liftlock", "promotion", "reqwest"],
    ),
];

#[test]
fn the_shell_imports_in_one_direction() {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for (path, text) in rust() {
        let Some(module) = path.strip_prefix("handlers/").and_then(module) else {
            continue;
        };
        met.insert(module.to_owned());
        let may = SHELL.iter().find(|(name, _)| *name == module);
        for used in uses(&text) {
            let fits = may.is_some_and(|(_, may)| may.contains(&used.as_str()));
            let fits = fits || used == module;
            if !fits {
                wrong.push(format!("{path} uses {used}"));
            }
        }
    }
    none(
        &wrong,
        "what it needs belongs elsewhere, or comes in as a value",
    );
    for (module, _) in SHELL {
        assert!(
            met.contains(module),
            "there is no handlers/{module} any more"
        );
    }
}

/// `triggers/api/read.rs` → `triggers`, `clock.rs` → `clock`.
fn module(path: &str) -> Option<&str> {
    let first = path.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// The modules of the shell that a file names.
fn uses(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut used = BTreeSet::new();
    for line in code {
        for start in ["crate::", "liftlock::"] {
            for (at, _) in line.match_indices(start) {
                let rest = &line[at + start.len()..];
                let word = |c: char| c.is_ascii_lowercase() || c == '_';
                let name: String = rest.chars().take_while(|c| word(*c)).collect();
                used.insert(name);
            }
        }
    }
    used.remove("");
    used
}

#[test]
fn the_pages_know_the_core_and_nothing_of_azure() {
    let foreign = ["azure_api", "axum", "tokio", "reqwest", "azure_core"];
    let mut wrong = Vec::new();
    for (path, text) in rust() {
        if path.starts_with("handlers/ui/") {
            let names = foreign
                .iter()
                .filter(|name| text.contains(&format!("{name}::")));
            wrong.extend(names.map(|name| format!("{path} uses {name}")));
        }
    }
    none(&wrong, "a page is text made from values");
}

#[test]
fn no_crate_depends_on_what_it_must_not_know() {
    let mut wrong = Vec::new();
    for (name, banned) in CRATES {
        for dependency in dependencies(&format!("crates/{name}/Cargo.toml")) {
            if banned.iter().any(|banned| dependency.starts_with(banned)) {
                wrong.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    none(
        &wrong,
        "give it a value, or put the code where that crate is known",
    );
}

fn dependencies(manifest: &str) -> Vec<String> {
    let text = read(manifest).unwrap_or_else(|| panic!("there is no {manifest}"));
    let (_, rest) = text.split_once("\n[dependencies]\n").unwrap();
    let own = rest.split("\n[").next().unwrap_or_default();
    let name = |line: &str| {
        line.split(['.', ' ', '='])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    own.lines()
        .map(name)
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn only_the_engine_decides() {
    // The pages ask what would be refused, and drop the facts.
    let asks = [
        "handlers/ui/pages/approval.rs",
        "handlers/ui/pages/other_answers.rs",
        "handlers/ui/pages/verbs.rs",
        // A test's promotion has no journal to append to: what is decided is compared, and forgotten.
        "handlers/usertest/story.rs",
    ];
    let deciders = rust().into_iter().filter(|(path, text)| {
        let ours = path.starts_with("handlers/") && !path.contains("/tests/");
        ours && text.contains(".decide(") && !asks.contains(&path.as_str())
    });
    let wrong = deciders
        .map(|(path, _)| path)
        .filter(|path| !path.starts_with("handlers/engine/"));
    none(&wrong.collect::<Vec<_>>(), "tell the engine the event");
}

#[test]
fn one_file_reads_the_clock_and_draws_ids() {
    let calls = [
        "SystemTime::now",
        "Timestamp::now",
        "Zoned::now",
        "Uuid::new_v4",
        "OffsetDateTime::now",
    ];
    let may = ["handlers/clock.rs", "crates/azure-api/src/real_time.rs"];
    let mut wrong = Vec::new();
    for (path, text) in rust() {
        let held = [
            "handlers/",
            "crates/promotion/src/",
            "crates/azure-api/src/",
        ];
        let bound = !path.contains("/tests/") && held.iter().any(|folder| path.starts_with(folder));
        if bound && !may.contains(&path.as_str()) {
            let found = calls.iter().filter(|call| text.contains(*call));
            wrong.extend(found.map(|call| format!("{path}: {call}")));
        }
    }
    none(&wrong, "take the time and ids as values");
}
