//! The zip holds what the Functions host needs, as it needs it.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use zip::ZipArchive;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn packaged() -> (tempfile::TempDir, ZipArchive<File>) {
    let folder = tempfile::tempdir().unwrap();
    let handler = folder.path().join("built");
    fs::write(&handler, b"#!/bin/sh\n").unwrap();
    let project = repository().join("examples/diabetes");
    let staged = xtask::stage(
        &repository(),
        &handler,
        &project,
        &folder.path().join("app"),
    )
    .unwrap();
    let zip = folder.path().join("liftlock.zip");
    xtask::archive(&staged, &zip).unwrap();
    (folder, ZipArchive::new(File::open(zip).unwrap()).unwrap())
}

#[test]
fn every_path_is_at_the_root() {
    let (_folder, zip) = packaged();
    let mut names: Vec<_> = zip.file_names().map(Result::unwrap).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "advance/function.json",
            "api/function.json",
            "approval/function.json",
            "board/function.json",
            "endpoints/deployment.yml",
            "endpoints/diabetes.yml",
            "health/function.json",
            "host.json",
            "liftlock",
            "liftlock.yaml",
            "ml_event/function.json",
            "requests/diabetes.json",
            "sweep/function.json",
            "teams/function.json",
        ]
    );
}

/// As a project that has it as its `liftlock.yaml`.
fn project_of(configuration: &str) -> tempfile::TempDir {
    let (project, example) = (
        tempfile::tempdir().unwrap(),
        repository().join("examples/diabetes"),
    );
    for part in ["endpoints", "requests", "code", "environment"] {
        std::os::unix::fs::symlink(example.join(part), project.path().join(part)).unwrap();
    }
    let file = project.path().join("liftlock.yaml");
    fs::copy(example.join(configuration), file).unwrap();
    project
}

#[test]
fn the_code_of_a_deployment_travels_along_and_is_the_same_there() {
    let project = project_of("custom.yaml");
    let app = tempfile::tempdir().unwrap();
    let staged = xtask::stage(
        &repository(),
        Path::new("/bin/sh"),
        project.path(),
        app.path(),
    )
    .unwrap();
    for file in ["code/score.py", "environment/conda.yml"] {
        assert!(staged.files.contains(&PathBuf::from(file)), "{file}");
    }
    let code = |folder: &Path| {
        let env = |_: &str| Some("https://unset.invalid/".to_owned());
        let config = liftlock::config::check(&folder.join("liftlock.yaml"), &env).unwrap();
        config.code
    };
    assert_eq!(code(app.path()), code(project.path()));
}

#[test]
fn only_the_handler_is_executable_and_json_is_json() {
    let (_folder, mut zip) = packaged();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let expected = if name == "liftlock" { 0o755 } else { 0o644 };
        assert_eq!(entry.unix_mode().unwrap() & 0o777, expected, "{name}");
        if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            serde_json::from_str::<serde_json::Value>(&text)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("diary.txt"), "mine").unwrap();
    let project = repository().join("examples/diabetes");
    let error =
        xtask::stage(&repository(), Path::new("/bin/sh"), &project, folder.path()).unwrap_err();
    assert!(error.to_string().contains("something else"), "{error}");
    assert!(folder.path().join("diary.txt").exists());
}
