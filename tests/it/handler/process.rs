//! A handler's process, as the host would have it: its port told by the environment, its lines read, killed at the end.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cloud_sim::Cloud;
use futures::stream;
use reqwest::{Body, Client, RequestBuilder, StatusCode};
use serde_json::Value;

use crate::setting::{HANDLER, app_settings, browserless, cloud_options, example, free_port};

/// How long any of this may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running handler and the cloud that it works in.
pub(super) struct Handler {
    pub(super) cloud: Arc<Cloud>,
    pub(super) port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    child: Child,
    http: Client,
}

/// What it answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) kind: String,
    pub(super) text: String,
}

/// How a process ended that was not to run.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) said: String,
}

impl Handler {
    pub(super) async fn start() -> Handler {
        Handler::start_with(&[]).await
    }

    /// With these settings beside the usual ones.
    pub(super) async fn start_with(settings: &[(&str, &str)]) -> Handler {
        let cloud = Arc::new(Cloud::start(cloud_options()).await.unwrap());
        Handler::start_in(cloud, free_port(), settings).await
    }

    pub(super) async fn start_in(
        cloud: Arc<Cloud>,
        port: u16,
        settings: &[(&str, &str)],
    ) -> Handler {
        let mut environment = environment(&cloud, port);
        environment.extend(
            settings
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        );
        let mut child = command(&environment).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        gather(child.stdout.take().unwrap(), &lines);
        gather(child.stderr.take().unwrap(), &lines);
        let handler = Handler {
            cloud,
            port,
            lines,
            child,
            http: browserless(),
        };
        handler.ready().await;
        handler
    }

    /// As the host does: again every 25 ms until anything comes back.
    async fn ready(&self) {
        let started = Instant::now();
        while self.http.get(self.url("/")).send().await.is_err() {
            assert!(started.elapsed() < PATIENCE, "{:?}", self.lines());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path))
    }

    /// An invocation with the host's headers, its body in chunks of no stated length.
    pub(super) async fn invoke(&self, function: &str, body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        let chunks: Vec<_> = body
            .chunks(body.len() / 3 + 1)
            .map(<[u8]>::to_vec)
            .map(Ok::<_, std::io::Error>)
            .collect();
        let request = self
            .post(&format!("/{function}"))
            .header("user-agent", "Azure-Functions-Host/4.1037.0.0")
            .header("x-azure-functions-hostversion", "4.1037.0.0")
            .header(
                "x-azure-functions-invocationid",
                "11111111-2222-4333-8444-555555555555",
            )
            .header("content-type", "application/json; charset=utf-8")
            .body(Body::wrap_stream(stream::iter(chunks)));
        Answer::to(request).await
    }

    /// What is in the app's own storage account below a prefix of the container `state` or `journals`.
    pub(super) fn blobs(&self, container: &str, prefix: &str) -> Vec<String> {
        let listed = self.cloud.blobs().list("stliftlock", container, prefix);
        listed.into_iter().map(|blob| blob.name).collect()
    }

    /// Every line that it wrote, to stdout and stderr.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// SIGKILL, the only way in which the host ends a handler.
    pub(super) fn kill(mut self) -> (Arc<Cloud>, u16) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        (self.cloud.clone(), self.port)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Answer {
    pub(super) async fn to(request: RequestBuilder) -> Answer {
        let response = tokio::time::timeout(PATIENCE, request.send())
            .await
            .unwrap()
            .unwrap();
        let kind = response.headers().get("content-type");
        Answer {
            status: response.status(),
            kind: kind.map_or_else(String::new, |kind| kind.to_str().unwrap().to_owned()),
            text: response.text().await.unwrap(),
        }
    }

    /// A JSON object under its content type: the host waits for ever on an empty answer.
    pub(super) fn object(&self) -> Value {
        assert!(self.kind.starts_with("application/json"), "{self:?}");
        let value: Value = serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"));
        assert!(value.is_object(), "{self:?}");
        value
    }
}

/// Runs the binary where it must refuse to: its end and what it said.
pub(super) async fn refusal(environment: &BTreeMap<String, String>) -> Ended {
    let child = command(environment).spawn().unwrap();
    let waited = tokio::task::spawn_blocking(move || child.wait_with_output());
    let output = tokio::time::timeout(PATIENCE, waited)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    Ended {
        status: output.status,
        said: String::from_utf8([output.stderr, output.stdout].concat()).unwrap(),
    }
}

/// The settings of a handler in this cloud.
pub(super) fn environment(cloud: &Cloud, port: u16) -> BTreeMap<String, String> {
    let mut settings = app_settings(cloud, port);
    settings.insert("FUNCTIONS_CUSTOMHANDLER_PORT".to_owned(), port.to_string());
    let config = example().join("liftlock.yaml").display().to_string();
    settings.insert("LIFTLOCK_CONFIG".to_owned(), config);
    settings
}

fn command(environment: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(HANDLER);
    command
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn gather(from: impl Read + Send + 'static, into: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let into = into.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            into.lock().unwrap().push(line);
        }
    })
}
