//! The app under load: the example's route as often as asked for, each onto an endpoint of its own, so that no promotion
//! waits for another.

use anyhow::Context as _;
use std::fs;
use std::path::Path;

use crate::App;

const ROUTE: &str = "diabetes-to-prod";
const ENDPOINT: &str = "endpoints/diabetes.yml";

/// Azure's time runs fast here and the machine is busy: nothing may fail only because it came late.
const DEADLINES: (&str, &str) = ("deployment: 45m, copy: 2h", "deployment: 12h, copy: 12h");

/// Stages an app of so many routes with this handler.
pub(super) fn stage(handler: &Path, routes: usize) -> anyhow::Result<App> {
    let project = tempfile::Builder::new()
        .prefix("liftlock-bench-")
        .tempdir()
        .context("no temporary folder can be made for the bench")?;
    let example = xtask::repository()?.join("examples/diabetes");
    write(&example, project.path(), routes)?;
    App::stage_project(handler, project.path())
}

fn write(example: &Path, project: &Path, routes: usize) -> anyhow::Result<()> {
    for folder in ["endpoints", "requests"] {
        fs::create_dir(project.join(folder))?;
    }
    for file in ["endpoints/deployment.yml", "requests/diabetes.json"] {
        fs::copy(example.join(file), project.join(file))?;
    }
    let configuration = fs::read_to_string(example.join("liftlock.yaml"))?;
    let endpoint = fs::read_to_string(example.join(ENDPOINT))?;
    let (head, route) = configuration
        .split_once("routes:\n")
        .context("the example has no routes")?;
    let mut text = format!("{head}routes:\n");
    for number in 0..routes {
        let file = format!("endpoints/bench-{number}.yml");
        let name = format!("name: bench-{number}");
        fs::write(
            project.join(&file),
            endpoint.replace("name: diabetes", &name),
        )?;
        text += &route
            .replace(ROUTE, &format!("bench-{number}"))
            .replace(ENDPOINT, &file)
            .replace(DEADLINES.0, DEADLINES.1);
    }
    fs::write(project.join("liftlock.yaml"), text)?;
    Ok(())
}
