//! The handler's process: start, environment, crashes, the end.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use functions_host::{ExitZero, Level, StopReason};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::{Running, TestApp};

fn is_running(pid: u32) -> bool {
    // A killed process that nobody waited for yet is a zombie, not running.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

async fn ends(pid: u32) {
    let ended = async {
        while is_running(pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(3), ended)
        .await
        .unwrap();
}

/// Asks the handler to exit; its event fails.
async fn exit(host: &Running, code: u32) {
    assert_eq!(
        host.deliver_command(&format!("exit {code}")).await.status,
        500
    );
}

#[tokio::test]
async fn e25_a_handler_that_does_not_get_ready_in_time_counts_as_an_error() {
    let app = TestApp::new()
        .event_grid()
        .env("PROBE_START_DELAY", "60000");
    let host = app
        .host_json("/customHandler/initializationTimeout", json!("00:00:00.1"))
        .start()
        .await;
    let reason = host.stopped().await;
    assert_eq!(
        reason,
        StopReason::RestartsExceeded("Initializing HttpWorker timed out.".to_owned())
    );
    assert_eq!(host.restarts(), 2);
}

#[tokio::test]
async fn e25_any_answer_is_ready() {
    let host = TestApp::new()
        .event_grid()
        .env("PROBE_ROOT_MISSING", "1")
        .start()
        .await;
    assert_eq!(host.deliver_command("succeed").await.status, 202);
}

#[tokio::test]
async fn e26_folder_arguments_and_environment() {
    let app = TestApp::new()
        .http("any", "{*path}", &[])
        .env("WHO", "me")
        .env("SETTING", "value");
    let arguments = json!(["--who", "%WHO%", "%NOT_SET_ANYWHERE%", "two words"]);
    let host = app
        .host_json("/customHandler/description/arguments", arguments)
        .start()
        .await;
    let process = host.get("/api/process").await.json();
    assert_eq!(process["arguments"], json!(["--who", "me", "two", "words"]));
    let root = host.folder.path().to_str().unwrap();
    assert_eq!(process["folder"], root);
    let environment = &process["environment"];
    assert_eq!(environment["FUNCTIONS_APP_ROOT_PATH"], root);
    assert_eq!(environment["SETTING"], "value");
    assert_eq!(
        environment["FUNCTIONS_CUSTOMHANDLER_PORT"],
        environment["FUNCTIONS_HTTPWORKER_PORT"]
    );
    assert_eq!(
        environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"],
        environment["FUNCTIONS_HTTPWORKER_ID"]
    );
    assert!(
        environment["PATH"].is_string(),
        "the host's own environment is passed on"
    );
}

#[tokio::test]
async fn e26_the_port_stays_the_same_after_a_restart() {
    let host = TestApp::new().http("any", "{*path}", &[]).start().await;
    let before = host.get("/api/process").await.json();
    assert_eq!(
        Some(before["pid"].as_u64().unwrap()),
        host.worker_pid().map(u64::from)
    );
    host.kill_worker();
    ends(host.worker_pid().unwrap()).await;
    let after = host.get("/api/process").await.json();
    let port = "/environment/FUNCTIONS_CUSTOMHANDLER_PORT";
    assert_eq!(before.pointer(port), after.pointer(port));
    assert_ne!(before["pid"], after["pid"]);
}

#[tokio::test]
async fn e27_two_crashes_restart_and_the_third_stops_the_host() {
    let host = TestApp::new().event_grid().start().await;
    exit(&host, 7).await;
    assert_eq!(host.deliver_command("succeed").await.status, 202);
    exit(&host, 7).await;
    assert_eq!(host.deliver_command("succeed").await.status, 202);
    assert_eq!(host.restarts(), 2);
    host.kill_worker();
    let reason = host.stopped().await;
    assert_eq!(
        reason,
        StopReason::RestartsExceeded("the handler exited with code 137".to_owned())
    );
    assert_eq!(host.worker_pid(), None);

    let port = host.port();
    let next = TestApp::new()
        .event_grid()
        .with(|options| options.port = port)
        .start()
        .await;
    assert_eq!(next.deliver_command("succeed").await.status, 202);
    let taken = TestApp::new()
        .event_grid()
        .with(|options| options.port = port)
        .refusal()
        .await;
    assert_eq!(taken, format!("cannot listen on 127.0.0.1:{port}"));
}

#[tokio::test]
async fn e27_exit_200_is_not_counted() {
    let host = TestApp::new().event_grid().start().await;
    for _ in 0..4 {
        exit(&host, 200).await;
        assert_eq!(host.deliver_command("succeed").await.status, 202);
    }
    assert_eq!(host.restarts(), 4);
}

#[tokio::test]
async fn e27_exit_0_restarts_or_leaves_a_dead_worker() {
    let newer = TestApp::new().event_grid().start().await;
    exit(&newer, 0).await;
    assert_eq!(newer.deliver_command("succeed").await.status, 202);

    let older = TestApp::new()
        .event_grid()
        .with(|options| options.exit_zero = ExitZero::LeavesDeadWorker)
        .start()
        .await;
    exit(&older, 0).await;
    assert_eq!(older.deliver_command("succeed").await.status, 500);
    assert_eq!(older.restarts(), 0);
    older.host.stop().await;
}

#[tokio::test]
async fn e27_the_last_lines_of_stderr_are_in_the_error() {
    let host = TestApp::new()
        .event_grid()
        .env("PROBE_EXIT", "3")
        .start()
        .await;
    let reason = host.stopped().await;
    let error =
        "the handler exited with code 3\nwarning: about to exit\nexiting on request".to_owned();
    assert_eq!(reason, StopReason::RestartsExceeded(error));
}

#[tokio::test]
async fn e28_a_dropped_host_takes_its_handler_along() {
    let host = TestApp::new().event_grid().start().await;
    assert_eq!(host.deliver_command("succeed").await.status, 202);
    let pid = host.worker_pid().unwrap();
    drop(host);
    ends(pid).await;
}

#[tokio::test]
async fn e28_a_killed_host_takes_its_handler_along() {
    let app = TestApp::new().event_grid();
    let (first, folder) = app.try_start().await.unwrap();
    let mut host = Command::new(env!("CARGO_BIN_EXE_probe-worker"))
        .args([Path::new("host"), folder.path()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let pid = line.strip_prefix("worker ").unwrap().parse().unwrap();
    assert!(is_running(pid));
    host.kill().await.unwrap();
    ends(pid).await;
    first.stop().await;
}

#[tokio::test]
async fn e29_what_comes_before_the_handler_is_ready_is_queued() {
    let app = TestApp::new()
        .event_grid()
        .http("any", "{*path}", &[])
        .env("PROBE_START_DELAY", "800");
    let begun = Instant::now();
    let host = app.start().await;
    assert!(
        begun.elapsed() < Duration::from_millis(600),
        "starting does not wait"
    );
    let (event, page) = tokio::join!(host.deliver_command("succeed"), host.get("/api/echo"));
    assert_eq!((event.status, page.status), (202, 200));
    assert!(begun.elapsed() >= Duration::from_millis(800));
}

#[tokio::test]
async fn e30_stdout_is_information_and_stderr_an_error_or_a_warning() {
    let host = TestApp::new()
        .event_grid()
        .env("PROBE_EXIT", "3")
        .start()
        .await;
    host.stopped().await;
    for (part, level) in [
        ("about to exit", Level::Warning),
        ("exiting on request", Level::Error),
    ] {
        let line = host.lines.line(part).await;
        assert_eq!(
            (line.level, line.category.as_str()),
            (level, "Host.Function.Console")
        );
    }
    let host = TestApp::new().event_grid().start().await;
    host.deliver_command("succeed").await;
    assert_eq!(host.lines.line("call {").await.level, Level::Information);
}
