//! Puts an app folder together.

use anyhow::{Context as _, ensure};
use std::fs;
use std::path::{Path, PathBuf};

const HANDLER: &str = "liftlock";
const CONFIGURATION: &str = "liftlock.yaml";

/// Stands in for a variable of the app's environment, which is set where it runs and not where it is packaged.
const UNSET: &str = "https://unset.invalid/";

/// An app folder.
#[derive(Debug)]
pub struct Staged {
    /// Where it is.
    pub folder: PathBuf,
    /// What is in it, relative to it, in a stable order.
    pub files: Vec<PathBuf>,
}

/// Stages the app of `project` (a folder with a `liftlock.yaml`) in `folder`, anew.
///
/// A folder that holds something else than an app is left alone with an error.
pub fn stage(
    repository: &Path,
    handler: &Path,
    project: &Path,
    folder: &Path,
) -> anyhow::Result<Staged> {
    empty(folder)?;
    let mut staging = Staging {
        folder,
        files: Vec::new(),
    };
    staging.copy(&repository.join("host.json"), Path::new("host.json"))?;
    staging.copy(handler, Path::new(HANDLER))?;
    for function in functions(&repository.join("function-definitions"))? {
        let name = function.file_name().context("a function without a name")?;
        staging.copy(
            &function.join("function.json"),
            &Path::new(name).join("function.json"),
        )?;
    }
    for file in named_files(project)? {
        staging.copy(&project.join(&file), &file)?;
    }
    staging.files.sort();
    Ok(Staged {
        folder: folder.to_path_buf(),
        files: staging.files,
    })
}

struct Staging<'a> {
    folder: &'a Path,
    files: Vec<PathBuf>,
}

impl Staging<'_> {
    /// Copies a file, its mode included: the handler stays executable.
    fn copy(&mut self, from: &Path, to: &Path) -> anyhow::Result<()> {
        let target = self.folder.join(to);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("{} cannot be made", parent.display()))?;
        }
        fs::copy(from, &target).with_context(|| {
            format!(
                "{} cannot be copied to {}",
                from.display(),
                target.display()
            )
        })?;
        self.files.push(to.to_path_buf());
        Ok(())
    }
}

/// The configuration, and the files that it names.
fn named_files(project: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let env = |name: &str| Some(std::env::var(name).unwrap_or_else(|_| UNSET.to_owned()));
    let configuration = project.join(CONFIGURATION);
    let config = liftlock::config::check(&configuration, &env)
        .with_context(|| format!("{} cannot be used", configuration.display()))?;
    let mut files = config.files;
    files.push(CONFIGURATION.into());
    files.sort();
    files.dedup();
    for file in &files {
        let inside = file
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        ensure!(
            inside,
            "{} names {}, which lies outside its folder and cannot be deployed with it",
            configuration.display(),
            file.display()
        );
    }
    Ok(files)
}

/// The folders that hold a `function.json`, by name.
fn functions(definitions: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(definitions)
        .with_context(|| format!("{} cannot be read", definitions.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.join("function.json").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    ensure!(
        !folders.is_empty(),
        "{} holds no function",
        definitions.display()
    );
    Ok(folders)
}

/// Removes an app that was staged here before.
fn empty(folder: &Path) -> anyhow::Result<()> {
    if folder.is_dir() {
        let is_app = folder.join("host.json").is_file();
        let is_empty = fs::read_dir(folder)?.next().is_none();
        ensure!(
            is_app || is_empty,
            "{} holds something else than a staged app; name another folder",
            folder.display()
        );
        fs::remove_dir_all(folder)
            .with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
}
