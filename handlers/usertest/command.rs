//! What is asked on the command line: which tests, how they are told, and how the program ends.

use anyhow::Context as _;
use clap::Args;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::report::{Report, Tested};
use super::{opening, story, timeline, verdict};
use crate::config::{Config, Problems, UserTest, check, read_test};
use crate::ui;

const ENDING: &str = ".test.yaml";
const CONFIG: &str = "liftlock.yaml";
/// So far above a test its configuration may lie.
const LEVELS: usize = 32;
/// What a variable holds that nobody has set: fit for the one that every configuration has, the channel's secret.
const UNSET: &str = "https://unset.example/";

/// Run tests of a configuration: what happens in them is made up, what is decided is not. Needs no Azure and no time.
///
/// Exits with 0 if every decision is the expected one, with 1 if one is not, with 2 if something cannot be read.
#[derive(Debug, Args)]
pub struct Test {
    /// A folder with `*.test.yaml` in it or in its folder `tests`, or one such file.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Answer in JSON, with each test's timeline.
    #[arg(long)]
    pub json: bool,
    /// Tell the timeline of every test, also of those that are as expected.
    #[arg(long)]
    pub verbose: bool,
}

/// What the program says, and how it ends.
#[derive(Debug)]
pub struct Answer {
    /// For stdout.
    pub text: String,
    /// For stderr: what could not be read.
    pub problems: Vec<String>,
    /// How it went.
    pub outcome: Outcome,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every decision is the expected one.
    AsExpected,
    /// One is not.
    Otherwise,
    /// Something could not be read.
    Unread,
}

impl Outcome {
    /// As the process ends.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::Otherwise => 1,
            Self::Unread => 2,
        }
    }
}

/// Runs them, file by file in the order of names.
pub fn test(asked: &Test, env: &dyn Fn(&str) -> Option<String>) -> Answer {
    let files = match files(&asked.path) {
        Ok(files) => files,
        Err(error) => {
            return Answer {
                text: String::new(),
                problems: vec![format!("liftlock: {error:#}")],
                outcome: Outcome::Unread,
            };
        }
    };
    let mut tested = Vec::new();
    let mut problems = Problem::default();
    for file in files {
        match run(&file, env) {
            Ok(one) => tested.push(one),
            Err(unread) => problems.add(unread),
        }
    }
    let report = Report {
        tested,
        unread: problems.files,
    };
    let outcome = match (report.unread, report.failed()) {
        (0, 0) => Outcome::AsExpected,
        (0, _) => Outcome::Otherwise,
        _ => Outcome::Unread,
    };
    Answer {
        text: if asked.json {
            format!("{:#}\n", report.json())
        } else {
            report.text(asked.verbose)
        },
        problems: problems.texts,
        outcome,
    }
}

/// What could not be read: of how many tests, and each problem once, though several tests have it.
#[derive(Default)]
struct Problem {
    files: usize,
    told: BTreeSet<String>,
    texts: Vec<String>,
}

impl Problem {
    fn add(&mut self, text: String) {
        self.files += 1;
        if self.told.insert(text.clone()) {
            self.texts.push(text);
        }
    }
}

/// One file, from its reading to the comparison.
fn run(file: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Tested, String> {
    let test = read_test(file).map_err(|problems| problems.to_string())?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let config = config(&test, file, env)?;
    let opened = opening::open(&test, &config, folder)
        .map_err(|error| format!("{}: {error:#}", file.display()))?;
    let told = story::tell(&test, opened);
    Ok(Tested {
        file: file.display().to_string(),
        name: test.name.clone(),
        because: told.reason(),
        otherwise: verdict::compare(&test.expect, &told),
        timeline: timeline::of(&told),
        troubles: told.troubles,
    })
}

fn config(
    test: &UserTest,
    file: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, String> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let path = match &test.config {
        Some(named) => Some(folder.join(named)).filter(|path| path.is_file()),
        None => above(folder),
    };
    let path = path.ok_or_else(|| ui::no_configuration(file, test.config.as_deref()))?;
    let value = |name: &str| {
        let own = test.environment.get(name).cloned();
        own.or_else(|| env(name)).or_else(|| Some(UNSET.to_owned()))
    };
    check(&path, &value).map_err(|problems: Problems| problems.to_string())
}

/// The nearest configuration, there or above.
fn above(folder: &Path) -> Option<PathBuf> {
    let mut folder = folder.to_owned();
    for _ in 0..LEVELS {
        let path = folder.join(CONFIG);
        if path.is_file() {
            return Some(path);
        }
        folder.push("..");
    }
    None
}

fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let here = tests_in(path)?;
    let below = path.join("tests");
    let found = if here.is_empty() && below.is_dir() {
        tests_in(&below)?
    } else {
        here
    };
    anyhow::ensure!(!found.is_empty(), ui::no_tests(path));
    Ok(found)
}

fn tests_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("folder `{}` cannot be read", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
