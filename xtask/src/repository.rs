//! Where this repository and what was built in it lie.

use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// The folder with `host.json` and `function-definitions`, above the current folder or above this program.
pub fn repository() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let program = std::env::current_exe().context("this program's path cannot be read")?;
    here.ancestors()
        .chain(program.ancestors())
        .find(|folder| is_repository(folder))
        .map(Path::to_path_buf)
        .with_context(|| {
            format!(
                "no checkout of Liftlock here: neither {} nor a folder above it holds host.json and function-definitions",
                here.display()
            )
        })
}

fn is_repository(folder: &Path) -> bool {
    folder.join("host.json").is_file() && folder.join("function-definitions").is_dir()
}

/// The handler that cargo has put into this folder.
pub fn handler(built: &Path) -> anyhow::Result<PathBuf> {
    let path = built.join(format!("liftlock{}", std::env::consts::EXE_SUFFIX));
    anyhow::ensure!(
        path.is_file(),
        "the handler {} is not built: run `cargo build --package liftlock` with the same profile, or `make demo`",
        path.display()
    );
    Ok(path)
}
