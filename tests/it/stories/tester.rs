//! The tester: a cloud, the app on its host, and what people do with them.

use std::path::Path;

use cloud_sim::{Cloud, ModelKind};
use functions_host::{AccessTokens, Host, HostOptions, IdTokens, LogLine, LogSink};
use promotion::{ModelName, ModelVersion, PromotionId, RouteName, WorkspaceId};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use url::Url;

use super::people::Who;
use crate::setting::{HANDLER, app_settings, browserless, cloud_options, example, free_port};

/// How the world of a story differs from the example's.
pub(super) struct Setup {
    /// `liftlock.yaml`.
    config: String,
    /// `endpoints/diabetes.yml`.
    endpoint: String,
    /// What `endpoints/custom-deployment.yml` says behind its machines; absent: what the example's does.
    deployment: Option<&'static str>,
    /// Who holds the approvers' role beside the approvers.
    approver: Option<Who>,
    receives: Receives,
    /// Settings beside the usual ones.
    settings: Vec<(&'static str, &'static str)>,
}

/// How the host receives wake-ups.
#[derive(Debug, Clone, Copy)]
enum Receives {
    /// As `function-definitions` and `host.json` say.
    Sessions,
    /// From the queue without sessions, so many at once.
    SingleMessages(usize),
}

/// One story's world.
pub(super) struct Tester {
    pub(super) cloud: Cloud,
    pub(super) host: Host,
    pub(super) http: reqwest::Client,
    pub(super) lines: Arc<Mutex<Vec<String>>>,
    /// Where Event Grid delivers to.
    pub(super) webhook: String,
    /// The folder that it is deployed from.
    pub(super) app: TempDir,
    /// The queue of the wake-ups.
    pub(super) queue: &'static str,
}

/// A story in the example's world.
pub(super) async fn story(tell: impl AsyncFnOnce(&Tester)) {
    Setup::default().story(tell).await;
}

impl Default for Setup {
    fn default() -> Self {
        let read = |path: &str| std::fs::read_to_string(example().join(path)).unwrap();
        Self {
            config: read("liftlock.yaml"),
            endpoint: read("endpoints/diabetes.yml"),
            deployment: None,
            approver: None,
            receives: Receives::Sessions,
            settings: vec![],
        }
    }
}

impl Setup {
    /// With another of the example's configurations.
    pub(super) fn configured(file: &str) -> Self {
        Self {
            config: std::fs::read_to_string(example().join(file)).unwrap(),
            ..Self::default()
        }
    }

    /// With this text of the configuration replaced.
    pub(super) fn with(mut self, old: &str, new: &str) -> Self {
        assert!(
            self.config.contains(old),
            "the example says no more {old:?}"
        );
        self.config = self.config.replace(old, new);
        self
    }

    /// Onto an endpoint of this name, which is not there.
    pub(super) fn onto_new_endpoint(mut self, name: &str) -> Self {
        let new = format!("name: {name}");
        self.endpoint = self.endpoint.replace("name: diabetes", &new);
        self
    }

    /// Onto an endpoint that its file places on the attached Kubernetes cluster.
    pub(super) fn on_kubernetes(mut self) -> Self {
        self.endpoint.push_str("compute: azureml:aks-prod\n");
        self.with(
            "endpoints/deployment.yml",
            "endpoints/kubernetes-deployment.yml",
        )
    }

    /// With these lines as the deployment's code and environment.
    pub(super) fn with_deployment(mut self, lines: &'static str) -> Self {
        self.deployment = Some(lines);
        self
    }

    /// Without the comparison with the champion, and with bounds that anything keeps.
    pub(super) fn with_lenient_gates(self) -> Self {
        self.with("max: 60", "max: 600")
            .with("minRelativeChange: 0.01", "minRelativeChange: -10")
    }

    /// With one more approver.
    pub(super) fn with_approver(mut self, who: Who) -> Self {
        self.approver = Some(who);
        self
    }

    /// With wake-ups that any worker takes at any time, so many at once.
    pub(super) fn without_sessions(mut self, workers: usize) -> Self {
        self.receives = Receives::SingleMessages(workers);
        self
    }

    /// With one more setting of the app.
    pub(super) fn with_setting(mut self, name: &'static str, value: &'static str) -> Self {
        self.settings.push((name, value));
        self
    }

    /// The story, and what must hold after every one.
    pub(super) async fn story(self, tell: impl AsyncFnOnce(&Tester)) {
        let tester = Tester::start(self).await;
        tell(&tester).await;
        tester.check_afterwards().await;
        tester.host.stop().await;
        tester.cloud.stop().await;
    }

    /// A folder as it would be deployed.
    fn app(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::copy(root.join("host.json"), folder.path().join("host.json")).unwrap();
        for part in ["endpoints", "requests", "code", "environment"] {
            copy_folder(&example().join(part), &folder.path().join(part));
        }
        for entry in std::fs::read_dir(root.join("function-definitions")).unwrap() {
            let entry = entry.unwrap();
            copy_folder(&entry.path(), &folder.path().join(entry.file_name()));
        }
        std::fs::write(folder.path().join("liftlock.yaml"), &self.config).unwrap();
        std::fs::write(folder.path().join("endpoints/diabetes.yml"), &self.endpoint).unwrap();
        if let Some(lines) = self.deployment {
            let text = format!("instance_type: Standard_DS3_v2\ninstance_count: 1\n{lines}");
            let file = folder.path().join("endpoints/custom-deployment.yml");
            std::fs::write(file, text).unwrap();
        }
        for other in ["second", "third"] {
            let name = format!("name: diabetes-{other}");
            let endpoint = self.endpoint.replace("name: diabetes", &name);
            let file = format!("endpoints/{other}.yml");
            std::fs::write(folder.path().join(file), endpoint).unwrap();
        }
        if let Receives::SingleMessages(workers) = self.receives {
            let advance = "/bindings/0/isSessionsEnabled";
            set(
                &folder.path().join("advance/function.json"),
                advance,
                json!(false),
            );
            let at_once = "/extensions/serviceBus/maxConcurrentCalls";
            set(&folder.path().join("host.json"), at_once, json!(workers));
        }
        std::os::unix::fs::symlink(HANDLER, folder.path().join("liftlock")).unwrap();
        folder
    }
}

/// Sets one value in a file of JSON.
fn set(file: &Path, pointer: &str, value: Value) {
    let mut json: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    json.pointer_mut(parent).unwrap()[key] = value;
    std::fs::write(file, json.to_string()).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

impl Tester {
    async fn start(setup: Setup) -> Tester {
        let cloud = Cloud::start(cloud_options()).await.unwrap();
        for who in Who::ALL {
            cloud.directory().put(who.account(setup.approver));
        }
        let (app, port) = (setup.app(), free_port());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let plane = |name: &str| Url::parse(&format!("{}/{name}", cloud.url())).unwrap();
        let log = {
            let lines = lines.clone();
            LogSink::new(move |line: LogLine| lines.lock().unwrap().push(line.text))
        };
        let queue = match setup.receives {
            Receives::Sessions => "promotions",
            Receives::SingleMessages(_) => "promotions-plain",
        };
        let mut env = app_settings(&cloud, port);
        env.insert("LIFTLOCK_QUEUE".to_owned(), queue.to_owned());
        for (name, value) in &setup.settings {
            env.insert((*name).to_owned(), (*value).to_owned());
        }
        let options = HostOptions {
            env,
            port,
            service_bus_url: Some(plane("servicebus")),
            clock_url: Some(plane("clock")),
            id_tokens: {
                let sign_ins = cloud.sign_ins();
                IdTokens::new(move |persona| sign_ins.id_token(&persona.object_id))
            },
            access_tokens: {
                let sign_ins = cloud.sign_ins();
                AccessTokens::new(move |token| sign_ins.whose(token))
            },
            personas: Who::ALL.map(|who| who.persona(setup.approver)).into(),
            log,
            ..HostOptions::new(app.path())
        };
        let key = options.system_key.clone();
        let host = Host::start(options).await.unwrap();
        let webhook = format!(
            "{}runtime/webhooks/eventgrid?functionName=ml_event&code={key}",
            host.url()
        );
        cloud.subscribe_all(&webhook);
        Tester {
            cloud,
            host,
            http: browserless(),
            lines,
            webhook,
            app,
            queue,
        }
    }

    /// Somebody trains a model in dev and registers it: the promotion that follows, as far as the gates bring it.
    pub(super) async fn register_model(&self, kind: ModelKind) -> PromotionId {
        let version = self.cloud.register(kind).unwrap().version;
        self.opened(&version).await
    }

    /// The promotion of a version, once its event has come.
    pub(super) async fn opened(&self, version: &str) -> PromotionId {
        let id = promotion_of(version);
        self.until(&format!("{id} is open"), async || {
            self.journal(&id).is_some()
        })
        .await;
        id
    }

    /// A better model, on its way to the question.
    pub(super) async fn asked(&self) -> PromotionId {
        let id = self.register_model(ModelKind::Challenger).await;
        self.wait_until(&id, "awaiting approval").await;
        self.until("a card asks", async || !self.questions(&id).is_empty())
            .await;
        id
    }

    /// A better model, serving.
    pub(super) async fn live(&self) -> PromotionId {
        let id = self.asked().await;
        self.approve_as(Who::Ada, &id).await.taken();
        self.wait_until(&id, "live").await;
        id
    }

    /// Somebody has looked into a rollback, and lets others go on: by the board's button.
    pub(super) async fn lift_hold(&self) {
        let shown = self.unhold_as(Who::Ada, "it was looked into").await;
        shown.taken();
    }

    /// Deploys `liftlock.yaml` with this text replaced.
    pub(super) async fn configure(&self, old: &str, new: &str) {
        self.deploy("liftlock.yaml", old, new).await;
    }

    /// Deploys one of the files with this text replaced.
    pub(super) async fn deploy(&self, file: &str, old: &str, new: &str) {
        let path = self.app.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} says no {old:?}");
        std::fs::write(&path, text.replace(old, new)).unwrap();
        self.restart().await;
    }

    /// Another instance of the app, once it answers.
    pub(super) async fn restart(&self) {
        let before = self.host.restarts();
        self.kill_handler();
        self.until("the handler is back", async || {
            let health = self.http.get(self.url("/api/health")).send().await;
            self.host.restarts() > before && health.is_ok_and(|health| health.status().is_success())
        })
        .await;
    }

    /// SIGKILL, as if from outside.
    pub(super) fn kill_handler(&self) {
        self.host.kill_worker();
    }

    /// What production's endpoint serves, with the share of each: `diabetes:1 100`.
    pub(super) fn serving(&self) -> Vec<String> {
        self.deployments()
            .into_iter()
            .filter(|(_, weight)| *weight > 0)
            .map(|(model, weight)| format!("{model} {weight}"))
            .collect()
    }

    /// Models on production's endpoint, with their share of its traffic.
    pub(super) fn deployments(&self) -> Vec<(String, u32)> {
        let view = self.cloud.view();
        let prod = view
            .workspaces
            .iter()
            .find(|w| w.name == "ml-prod")
            .unwrap();
        let of = prod
            .endpoints
            .iter()
            .flat_map(|endpoint| &endpoint.deployments);
        of.map(|d| (d.model.clone(), d.weight)).collect()
    }

    /// The text of every card in the channel, oldest first: those of the workflow, then those of the bot.
    pub(super) fn cards(&self) -> Vec<String> {
        let (messages, posts) = (self.cloud.messages(), self.cloud.posts());
        let by_workflow = messages.iter().map(|message| message["card"].to_string());
        let by_bot = posts.iter().filter_map(cloud_sim::Post::card);
        by_workflow.chain(by_bot.map(ToString::to_string)).collect()
    }
}

/// The promotion of a version of the example's model on the example's route.
pub(super) fn promotion_of(version: &str) -> PromotionId {
    PromotionId::of(
        &RouteName::new("diabetes-to-prod"),
        &WorkspaceId::new(Cloud::dev().arm_id()),
        &ModelName::new("diabetes"),
        &ModelVersion::new(version),
    )
}
