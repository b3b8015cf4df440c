//! The top of `liftlock.yaml`.

use promotion::Seconds;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::analysis_templates::Templates;
use super::code_configuration::CodeFolder;
use super::context::{Context, Environment, Source, Unset, Variables};
use super::diagnostics::{Problems, Read};
use super::field::Field;
use super::node::Node;
use super::reader::Reader;
use super::resolved::{Config, ConfiguredRoute, Stage, TeamsChannel};
use super::shape::{Holds, Key, Shape};
use super::stages::{STAGE, Stages};
use super::{analysis_templates, routes, rules, teams};

pub(super) static DOCUMENT: Shape = Shape::new(
    "liftlock.yaml",
    &[
        Key::required(
            "version",
            Holds::Integer { least: 1, most: 1 },
            "the version of this format: 1",
        ),
        Key::required(
            "stages",
            Holds::Named(&STAGE),
            "workspaces under short names: dev, test, prod",
        ),
        Key::required(
            "teams",
            Holds::Mapping(&teams::TEAMS),
            "the Teams channel where cards go",
        ),
        Key::required(
            "routes",
            Holds::List(&[&routes::ROUTE]),
            "from one stage to the next",
        ),
        Key::default(
            "reconcileEvery",
            Holds::Duration { least: 60 },
            "15m",
            "how often workspaces are asked for versions that no event told of",
        ),
        Key::optional(
            "analysisTemplates",
            Holds::List(&[&analysis_templates::TEMPLATE]),
            "metrics that analyses of rollouts name",
        ),
    ],
);

/// What reading a configuration found.
pub(super) struct Findings {
    /// The routes that are sound in themselves.
    pub(super) routes: Vec<ConfiguredRoute>,
    /// How often lost events are looked for, where that is sound.
    pub(super) reconcile_every: Option<Seconds>,
    /// The whole, if all of it is.
    pub(super) config: Option<Config>,
    pub(super) problems: Problems,
}

/// What the file says, part by part.
pub(super) struct Document {
    stages: Read<Vec<Stage>>,
    teams: Read<TeamsChannel>,
    routes: Vec<ConfiguredRoute>,
    reconcile_every: Read<Seconds>,
}

/// Reads `path` and the files that it names.
pub(super) fn read(path: &Path, environment: Environment<'_>, unset: Unset) -> Findings {
    let folder = path.parent().unwrap_or(Path::new(""));
    let context = Context::new(folder, environment, unset);
    let file = Arc::from(path.display().to_string());
    let source = Source {
        context: &context,
        file,
        variables: Variables::Replaced,
    };
    let document = text(path, &source)
        .and_then(|text| Node::parse(&text, &source))
        .and_then(|root| document(&root, &source));
    drop(source);
    let code = context.take_code();
    let (problems, files) = context.into_findings();
    findings(document, problems, Named { files, code })
}

/// What the document names.
struct Named {
    files: Vec<PathBuf>,
    code: Vec<CodeFolder>,
}

fn findings(document: Read<Document>, problems: Problems, named: Named) -> Findings {
    let Ok(Document {
        stages,
        teams,
        routes,
        reconcile_every,
    }) = document
    else {
        return Findings {
            routes: Vec::new(),
            reconcile_every: None,
            config: None,
            problems,
        };
    };
    let every = reconcile_every.as_ref().ok().copied();
    let config = match (stages, teams, reconcile_every, problems.iter().count()) {
        (Ok(stages), Ok(teams), Ok(reconcile_every), 0) => Some(Config {
            stages,
            teams,
            routes: routes.clone(),
            reconcile_every,
            files: named.files,
            code: named.code,
        }),
        _ => None,
    };
    Findings {
        routes,
        reconcile_every: every,
        config,
        problems,
    }
}

fn text(path: &Path, source: &Source<'_>) -> Read<String> {
    std::fs::read_to_string(path).map_err(|error| {
        let what = match error.kind() {
            ErrorKind::NotFound => "is not there".to_owned(),
            _ => format!("cannot be read: {error}"),
        };
        source.report(1, what, "name a file that is: `liftlock check <file>`")
    })
}

/// Reads the whole tree, whatever is wrong in it.
pub(super) fn document(root: &Node, source: &Source<'_>) -> Read<Document> {
    let reader = Reader::open(root, &DOCUMENT, String::new(), source)?;
    let version = reader.required("version", Field::integer);
    let stages = reader.required("stages", |field| Ok(Stages::read(field)));
    let teams = reader.required("teams", |field| field.mapping(teams::read));
    let templates = Templates::read(&reader);
    let drafts = reader.required("routes", |field| {
        routes::read(field, stages.as_ref().ok(), &templates)
    });
    let reconcile_every = reader.required("reconcileEvery", Field::duration);
    let drafts = drafts.inspect(|drafts| rules::check(drafts, source.context));
    version?;
    let stages = stages?;
    let mut routes: Vec<ConfiguredRoute> = drafts?
        .into_iter()
        .filter_map(|draft| routes::resolve(draft, &stages))
        .collect();
    if teams.as_ref().is_ok_and(TeamsChannel::escalates) {
        let rules = routes.iter_mut().map(|route| &mut route.route.approval);
        for escalation in rules.filter_map(|rule| rule.escalation.as_mut()) {
            escalation.elsewhere = true;
        }
    }
    Ok(Document {
        stages: stages.resolved,
        teams,
        routes,
        reconcile_every,
    })
}
