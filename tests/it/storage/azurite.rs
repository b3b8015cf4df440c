//! Azurite, the storage emulator of npm: one process with two accounts, in memory.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use super::line::Line;
use super::sas::Account;

pub(super) const SOURCE: Account = Account {
    name: "devsrc",
    key: b"the key of the source account, of no worth",
};
pub(super) const TARGET: Account = Account {
    name: "proddst",
    key: b"the key of the target account, of no worth",
};

/// Ends Azurite when its input closes: so it never outlives the test, however that ends.
const LEASH: &str = r#""$@" & read -r _; kill "$!""#;

/// A running Azurite.
pub(super) struct Azurite {
    pub(super) line: Line,
    child: Child,
    leash: Option<ChildStdin>,
}

impl Azurite {
    /// Starts it, if there is one.
    pub(super) async fn start() -> Option<Azurite> {
        let program = std::env::var("LIFTLOCK_AZURITE").ok()?;
        let (child, leash, port) = tokio::task::spawn_blocking(move || launch(&program))
            .await
            .unwrap();
        Some(Azurite {
            line: Line::to(port).await,
            child,
            leash: Some(leash),
        })
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        drop(self.leash.take());
        drop(self.child.wait());
    }
}

/// What is printed where there is none; the test harness captures `println!`, but not this.
pub(super) fn say_skipped() {
    let line = "skipped: storage against Azurite, for LIFTLOCK_AZURITE names no executable\n";
    drop(std::io::stderr().write_all(line.as_bytes()));
}

fn launch(program: &str) -> (Child, ChildStdin, u16) {
    let mut child = Command::new("sh")
        .args(["-c", LEASH, "sh", program])
        .args([
            "--inMemoryPersistence",
            "--skipApiVersionCheck",
            "--disableTelemetry",
        ])
        .args(["--blobHost", "127.0.0.1", "--blobPort", "0"])
        .env(
            "AZURITE_ACCOUNTS",
            [SOURCE, TARGET].map(Account::setting).join(";"),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let leash = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| port_in(&line))
        .expect("Azurite says where it listens");
    // Its access log must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (child, leash, port)
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("successfully listens on http://127.0.0.1:")?;
    rest.trim().parse().ok()
}

/// How long any call to it may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
