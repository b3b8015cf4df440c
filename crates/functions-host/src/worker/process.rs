//! One process of the handler: its output is read line by line, its end is waited for.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::task::JoinHandle;

use super::command::WorkerCommand;
use super::leash::Leash;
use crate::error::HostError;
use crate::log::{Level, LogSink};

const CONSOLE: &str = "Host.Function.Console";
/// As many last lines of stderr the real host puts into its error.
const STDERR_TAIL: usize = 3;

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pid: u32,
    stderr: JoinHandle<VecDeque<String>>,
    _leash: Option<Leash>,
}

/// How a process ended: its exit code (128 + signal for a killed one) and the last it said on stderr.
#[derive(Debug)]
pub(super) struct Exit {
    pub(super) code: i32,
    pub(super) stderr: String,
}

impl Process {
    pub(super) fn spawn(command: &WorkerCommand, log: &LogSink) -> Result<Self, HostError> {
        let failed = |source| HostError::Spawn {
            executable: command.executable().to_owned(),
            source,
        };
        let mut child = command.build().spawn().map_err(failed)?;
        let pid = child
            .id()
            .expect("a process that nobody waited for has an id");
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(forward(stdout, log.clone(), |_| Level::Information));
        }
        let stderr = child.stderr.take().expect("stderr is piped");
        let stderr = tokio::spawn(forward(stderr, log.clone(), stderr_level));
        log.host(
            Level::Information,
            format!(
                "started the handler {}, pid {pid}",
                command.executable().display()
            ),
        );
        Ok(Self {
            child,
            pid,
            stderr,
            _leash: Leash::tie(pid),
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) async fn exited(&mut self) -> Exit {
        let code = self.child.wait().await.map_or(-1, exit_code);
        // A grandchild may still hold the pipe: what it says is not worth waiting for.
        let tail = tokio::time::timeout(Duration::from_millis(200), &mut self.stderr).await;
        let tail = tail.ok().and_then(Result::ok).unwrap_or_default();
        Exit {
            code,
            stderr: Vec::from(tail).join("\n"),
        }
    }

    pub(super) fn start_kill(&mut self) {
        // Fails only for a process that has ended already.
        let _ = self.child.start_kill();
    }

    /// SIGKILL: the real host sends nothing before it. Waits a second for the end.
    pub(super) async fn kill(&mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.child.kill()).await;
    }
}

fn exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(-1)
}

fn stderr_level(line: &str) -> Level {
    if line.to_ascii_lowercase().contains("warn") {
        Level::Warning
    } else {
        Level::Error
    }
}

/// Logs each line and returns the last ones.
async fn forward(
    output: impl AsyncRead + Unpin,
    log: LogSink,
    level: fn(&str) -> Level,
) -> VecDeque<String> {
    let mut output = BufReader::new(output);
    let mut tail = VecDeque::new();
    let mut line = Vec::new();
    while output
        .read_until(b'\n', &mut line)
        .await
        .is_ok_and(|read| read > 0)
    {
        let text = String::from_utf8_lossy(&line)
            .trim_end_matches(['\r', '\n'])
            .to_owned();
        line.clear();
        log.line(level(&text), CONSOLE, text.as_str());
        if tail.len() == STDERR_TAIL {
            tail.pop_front();
        }
        tail.push_back(text);
    }
    tail
}
