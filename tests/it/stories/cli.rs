//! The command line against a running app: the real program, over HTTP, as each of the people.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use cloud_sim::ModelKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{Tester, Who, story};
use crate::setting::{HANDLER, browserless};

/// A terminal's worth of what a command said.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// The platform's sign-in as programs meet it: it takes a token, and tells the app whose it is.
struct Gateway {
    url: String,
    serving: JoinHandle<()>,
}

struct Behind {
    app: String,
    cookies: BTreeMap<String, String>,
    http: reqwest::Client,
}

impl Gateway {
    async fn before(t: &Tester) -> Self {
        let mut cookies = BTreeMap::new();
        for who in Who::ALL {
            cookies.insert(format!("Bearer {}", token(who)), t.sign_in(who).await);
        }
        let behind = Arc::new(Behind {
            app: t.origin(),
            cookies,
            http: browserless(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(behind);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, serving }
    }

    async fn liftlock(&self, who: Who, arguments: &[&str]) -> Ran {
        self.liftlock_with(&token(who), arguments).await
    }

    async fn liftlock_with(&self, token: &str, arguments: &[&str]) -> Ran {
        let env = [
            ("LIFTLOCK_APP_URL", self.url.as_str()),
            ("LIFTLOCK_TOKEN", token),
        ];
        liftlock(&env, arguments).await
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Ran {
    #[track_caller]
    fn done(&self) -> &str {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        &self.out
    }

    #[track_caller]
    fn ended(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.err.contains(words), "{self:?}");
    }

    /// When the first promotion on the board began.
    fn since(&self) -> String {
        let line = self.out.lines().nth(1).unwrap();
        let (before, _) = line.rsplit_once("  ").unwrap();
        before[before.len() - 16..].to_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

fn token(who: Who) -> String {
    format!("token-of-{who:?}")
}

async fn pass(
    State(behind): State<Arc<Behind>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let bearer = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let Some(cookie) = bearer.and_then(|bearer| behind.cookies.get(bearer)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let mut request = behind
        .http
        .request(method, format!("{}{uri}", behind.app))
        .header("cookie", cookie)
        .body(body);
    if let Some(kind) = headers.get("content-type") {
        request = request.header("content-type", kind);
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.bytes().await.unwrap()).into_response()
}

/// Runs the program with nothing else around it: no terminal, no other setting.
async fn liftlock(env: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = tokio::process::Command::new(HANDLER);
    command
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied());
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

#[tokio::test]
async fn what_asks_is_shown_and_approved_by_what_was_seen() {
    story(async |t| {
        let (id, gate) = (t.asked().await, Gateway::before(t).await);
        let board = gate.liftlock(Who::Sam, &["status", "--to", "prod"]).await;
        let since = board.since();
        insta::assert_snapshot!(board.done().replace(&since, "[since]"), @"
        MODEL       WAY         STAGE              WAITS FOR                            SINCE             ID
        diabetes 2  dev → prod  awaiting approval  1 approval with role Model.Approver  [since]  diabetes-2.diabetes-to-prod-fa8004c2a5
        ");
        let one = gate.liftlock(Who::Ada, &["status", id.as_str()]).await;
        assert!(
            one.done().contains("awaiting approval, attempt 1"),
            "{one:?}"
        );
        let why = gate.liftlock(Who::Ada, &["why", id.as_str()]).await;
        assert!(why.done().contains("Model.Approver"), "{why:?}");

        let asked = gate
            .liftlock(Who::Ada, &["status", id.as_str(), "--json"])
            .await;
        let digest = asked.json()["pinned"]["digest"]
            .as_str()
            .unwrap()
            .to_owned();
        let approve = ["approve", id.as_str(), "--comment", "fine", "--digest"];
        let approve = |digest| [&approve[..], &[digest]].concat();
        gate.liftlock(Who::Ada, &["approve", id.as_str()])
            .await
            .ended(2, "--digest");
        gate.liftlock(Who::Ada, &approve("0123456789abcdef"))
            .await
            .ended(4, "has changed");
        gate.liftlock(Who::Ada, &approve(&digest[..8]))
            .await
            .ended(2, "first 12 digits");
        gate.liftlock(Who::Sam, &approve(&digest))
            .await
            .ended(1, "Model.Approver");
        assert_eq!(t.stage(&id), "awaiting approval");
        gate.liftlock(Who::Ada, &approve(&digest[..12]))
            .await
            .done();
        t.wait_until(&id, "live").await;
        gate.liftlock(Who::Ben, &approve(&digest))
            .await
            .ended(4, "already decided");
    })
    .await;
}

#[tokio::test]
async fn a_rejection_is_said_why_and_ends_it() {
    story(async |t| {
        let (id, gate) = (t.asked().await, Gateway::before(t).await);
        let digest = t.digest(&id).await;
        let reject = ["reject", id.as_str(), "--digest", digest.as_str()];
        gate.liftlock(Who::Ben, &reject).await.ended(2, "--comment");
        let told = [&reject[..], &["--comment", "worse on one group"]].concat();
        gate.liftlock(Who::Ben, &told).await.done();
        t.wait_until(&id, "rejected").await;
        let again = gate
            .liftlock(Who::Ada, &[&told[..], &["--json"]].concat())
            .await;
        again.ended(4, "rejected");
    })
    .await;
}

#[tokio::test]
async fn verbs_are_said_as_on_the_board() {
    story(async |t| {
        let (id, gate) = (t.asked().await, Gateway::before(t).await);
        let verb = |verb: &'static str| [verb, id.as_str(), "--reason", "as agreed"];
        gate.liftlock(Who::Sam, &verb("abort"))
            .await
            .ended(1, "Model.Approver");
        gate.liftlock(Who::Ada, &verb("replay"))
            .await
            .ended(4, "not possible");
        gate.liftlock(Who::Ada, &verb("resume"))
            .await
            .ended(4, "does not wait");
        gate.liftlock(Who::Ada, &verb("abort")).await.done();
        t.wait_until(&id, "aborted").await;
        let refused = gate
            .liftlock(Who::Ada, &["abort", id.as_str(), "--reason", " ", "--json"])
            .await;
        assert!(
            refused.json()["error"]["message"].is_string(),
            "{refused:?}"
        );
        gate.liftlock(Who::Ada, &verb("reopen")).await.done();
        t.wait_until(&id, "awaiting approval").await;
        let foreseen = gate
            .liftlock(Who::Ada, &["replay", id.as_str(), "--dry-run"])
            .await;
        assert!(foreseen.done().contains("Replay: "), "{foreseen:?}");
        gate.liftlock(
            Who::Ada,
            &["abort", "nothing-1.x-0000000000", "--reason", "x"],
        )
        .await
        .ended(3, "There is no promotion");
        gate.liftlock(Who::Ada, &["why", ".."]).await.ended(3, "..");
    })
    .await;
}

#[tokio::test]
async fn a_version_is_started_and_a_target_held_by_name() {
    story(async |t| {
        let gate = Gateway::before(t).await;
        let reason = ["--reason", "a freeze for the fair"];
        let on = |verb, name| [&[verb, name][..], &reason].concat();
        gate.liftlock(Who::Ada, &on("hold", "nowhere"))
            .await
            .ended(3, "prod/diabetes");
        gate.liftlock(Who::Sam, &on("hold", "diabetes"))
            .await
            .ended(1, "Model.Approver");
        let held = gate.liftlock(Who::Ada, &on("hold", "prod/diabetes")).await;
        assert!(
            held.done()
                .contains("by Ada Approver: a freeze for the fair"),
            "{held:?}"
        );
        let board = gate.liftlock(Who::Sam, &["status"]).await;
        assert!(board.done().contains("Held: prod/diabetes"), "{board:?}");
        gate.liftlock(Who::Ben, &on("unhold", "diabetes"))
            .await
            .done();

        t.cloud.hold_events();
        t.cloud.register(ModelKind::Challenger).unwrap();
        let start = |route| [&["start", "--route", route, "--version", "2"][..], &reason].concat();
        gate.liftlock(Who::Ada, &start("nowhere"))
            .await
            .ended(3, "diabetes-to-prod");
        let begun = gate.liftlock(Who::Ada, &start("diabetes-to-prod")).await;
        assert!(begun.done().contains("is begun"), "{begun:?}");
        let id = super::tester::promotion_of("2");
        t.wait_until(&id, "awaiting approval").await;
        t.cloud.release_events(false, 1);
        t.quiet().await;
    })
    .await;
}

#[tokio::test]
async fn who_cannot_be_told_or_reached_is_said_to_be_so() {
    story(async |t| {
        let gate = Gateway::before(t).await;
        gate.liftlock_with("token-of-nobody", &["status"])
            .await
            .ended(2, "did not take the token");
        // Without the gateway the app itself has not been told whose token it is.
        let app = t.origin();
        let direct = [
            ("LIFTLOCK_APP_URL", app.as_str()),
            ("LIFTLOCK_TOKEN", "not.a.token"),
        ];
        let told = liftlock(&direct, &["status"]).await;
        told.ended(2, "--audience");
        assert!(!told.err.contains("not.a.token"), "{told:?}");
        let closed = [
            ("LIFTLOCK_APP_URL", "http://127.0.0.1:1"),
            ("LIFTLOCK_TOKEN", "x"),
        ];
        liftlock(&closed, &["status"])
            .await
            .ended(2, "cannot be reached");
        liftlock(&[], &["status"])
            .await
            .ended(2, "LIFTLOCK_APP_URL");
        liftlock(&[("LIFTLOCK_APP_URL", &app)], &["status"])
            .await
            .ended(2, "LIFTLOCK_APP_CLIENT_ID");
        liftlock(&direct, &["approve", "x", "--yes"])
            .await
            .ended(2, "--digest");
    })
    .await;
}

#[tokio::test]
async fn the_line_is_stopped_and_let_go_on() {
    story(async |t| {
        let gate = Gateway::before(t).await;
        let freeze = |who, scope: &'static [&'static str]| {
            let arguments = [&["freeze"], scope, &["--reason", "the fair", "--for", "4h"]].concat();
            let gate = &gate;
            async move { gate.liftlock(who, &arguments).await }
        };
        freeze(Who::Sam, &["--stage", "prod"])
            .await
            .ended(1, "Model.Approver");
        freeze(Who::Ada, &["--stage", "moon"])
            .await
            .ended(3, "prod");
        freeze(Who::Ada, &[]).await.ended(2, "--everything");
        freeze(Who::Ada, &["--everything", "--stage", "prod"])
            .await
            .ended(2, "cannot be used");
        freeze(Who::Ada, &["--stage", "prod"]).await.done();
        let board = gate.liftlock(Who::Sam, &["status"]).await;
        assert!(
            board.done().contains("Frozen: stage prod since "),
            "{board:?}"
        );
        assert!(board.out.contains("by Ada Approver: the fair"), "{board:?}");
        let lift =
            |scope: &[&'static str]| [&["unfreeze"], scope, &["--reason", "it is over"]].concat();
        gate.liftlock(Who::Ben, &lift(&["--model", "diabetes"]))
            .await
            .ended(3, "no freeze of model diabetes");
        let lifted = gate.liftlock(Who::Ben, &lift(&["--stage", "prod"])).await;
        assert_eq!(lifted.done(), "The freeze of stage prod is lifted.\n");
        assert!(t.frozen().await.is_empty());
    })
    .await;
}

/// The developer's own sign-in: `az`, as the SDK calls it.
#[tokio::test]
async fn whoever_is_signed_in_with_az_asks() {
    use std::os::unix::fs::PermissionsExt as _;

    story(async |t| {
        let gate = Gateway::before(t).await;
        let folder = tempfile::tempdir().unwrap();
        let az = folder.path().join("az");
        let token = json!({ "accessToken": token(Who::Ada), "expires_on": 4_102_444_800_i64, "tokenType": "Bearer" });
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in *' api://11111111-liftlock/.default'*) echo '{token}';; *) exit 1;; esac\n"
        );
        std::fs::write(&az, script).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        let env = [("LIFTLOCK_APP_URL", gate.url.as_str()), ("PATH", path.as_str())];
        let status = |audience| ["status", "--audience", audience];
        liftlock(&env, &status("11111111-liftlock")).await.done();
        let told = liftlock(&env, &status("another")).await;
        told.ended(2, "az login");
    })
    .await;
}

#[tokio::test]
async fn shells_complete_every_command() {
    for (shell, check) in [
        ("bash", true),
        ("zsh", false),
        ("fish", false),
        ("powershell", false),
    ] {
        let script = liftlock(&[], &["completion", shell]).await;
        assert!(script.done().contains("approve"), "{shell}");
        if check {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("liftlock.bash");
            std::fs::write(&file, &script.out).unwrap();
            let checked = std::process::Command::new("bash")
                .arg("-n")
                .arg(&file)
                .status();
            assert!(checked.unwrap().success());
        }
    }
}

impl Tester {
    /// The digest of what a promotion asks, as a program finds it.
    async fn digest(&self, id: &promotion::PromotionId) -> String {
        let path = format!("/api/v1/promotions/{id}/decisions");
        let asked = self.see(Who::Sam, &path).await.json();
        asked["digest"].as_str().unwrap().to_owned()
    }
}
