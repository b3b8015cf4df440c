//! Deployments with code and environment of their own: registered once, reused, and never other than what was agreed to.

use axum::http::StatusCode;
use cloud_sim::{AssetView, Cloud, Fault, ModelKind, WorkspaceView};
use futures::{StreamExt as _, stream};
use promotion::{Aggregate as _, CodeSpec, EnvironmentSpec, PromotionId};
use serde_json::{Value, json};

use super::{Setup, Tester, Who, story};

const CONTAINER: &str = "azureml-blobstore-7c8d1f20-0000-4000-8000-0000000000e1";

fn custom() -> Setup {
    Setup::configured("custom.yaml")
}

fn down() -> Fault {
    Fault::Status {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "ServerBusy".to_owned(),
    }
}

impl Tester {
    /// A better model, registered as a custom one.
    async fn custom_model(&self) -> PromotionId {
        let registered = self.cloud.register_custom(ModelKind::Challenger).unwrap();
        self.opened(&registered.version).await
    }

    /// The same, on its way to the question.
    async fn custom_asked(&self) -> PromotionId {
        let id = self.custom_model().await;
        self.wait_until(&id, "awaiting approval").await;
        self.until("a card asks", async || !self.questions(&id).is_empty())
            .await;
        id
    }

    /// The same, approved, while this call does not succeed.
    async fn custom_held_up(&self, call: &str) -> PromotionId {
        let id = self.custom_asked().await;
        self.cloud.faults().add(call, down(), 1000);
        self.approve_as(Who::Ada, &id).await.taken();
        self.wait_until(&id, "registering").await;
        self.until(&format!("{call} is tried"), async || {
            self.promotion(&id)
                .ledger()
                .undone()
                .iter()
                .any(|entry| entry.failures > 0)
        })
        .await;
        id
    }

    fn prod(&self) -> WorkspaceView {
        let mut workspaces = self.cloud.view().workspaces.into_iter();
        workspaces.find(|found| found.name == "ml-prod").unwrap()
    }

    /// What was agreed to.
    fn agreed_code(&self, id: &PromotionId) -> CodeSpec {
        let promotion = self.promotion(id);
        let plan = &promotion.stage().pinned().unwrap().plan;
        plan.deployment_spec.code.clone().unwrap()
    }

    /// Somebody registers something in production by hand.
    async fn put_by_hand(&self, path: &str, properties: Value) {
        let path = format!("{}/{path}?api-version=2024-04-01", Cloud::prod().arm_id());
        let url = format!("{}/arm{path}", self.cloud.url());
        let (token, _) = self.cloud.identity().token("https://management.azure.com");
        let body = json!({ "properties": properties });
        let put = self.http.put(&url).bearer_auth(&token).json(&body);
        let put = put.send().await.unwrap();
        assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    }

    async fn fails_saying(&self, id: &PromotionId, words: &[&str]) {
        self.wait_until(id, "failed").await;
        let why = self.why(id);
        for word in words {
            assert!(why.contains(word), "{word}: {why}");
        }
        assert_eq!(self.deployments(), [("diabetes:1".to_owned(), 100)]);
    }
}

fn only(assets: &[AssetView]) -> String {
    let [one] = assets else { panic!("{assets:?}") };
    format!("{}:{}", one.name, one.version)
}

#[tokio::test]
async fn people_read_what_is_registered_before_they_agree() {
    custom()
        .story(async |t| {
            let id = t.custom_asked().await;
            let question = t.see(Who::Ada, &t.newest_question(&id)).await;
            let code = t.agreed_code(&id).asset.to_string();
            for words in [
                format!("and code version {code} in ml-prod, unless they are there"),
                format!("score.py of code {code}, environment liftlock-"),
                "image mcr.microsoft.com/azureml/".to_owned(),
            ] {
                assert!(question.text.contains(&words), "{words}: {}", question.text);
            }
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
            assert_eq!(t.serving(), ["diabetes:2 100"]);
            assert_eq!(only(&t.prod().code), code);
        })
        .await;
}

#[tokio::test]
async fn the_next_one_uses_what_the_first_has_registered() {
    custom()
        .story(async |t| {
            for version in 2..=3 {
                let id = t.custom_asked().await;
                t.approve_as(Who::Ada, &id).await.taken();
                t.wait_until(&id, "live").await;
                assert_eq!(t.serving(), [format!("diabetes:{version} 100")]);
            }
            let (prod, calls) = (t.prod(), t.cloud.calls());
            assert_eq!(calls["arm.codes.put"] + calls["arm.environments.put"], 2);
            let all = prod.endpoints.iter().flat_map(|found| &found.deployments);
            for ours in all.filter(|found| found.name.starts_with("ll-")) {
                assert_eq!(ours.code, Some(only(&prod.code)));
                assert_eq!(ours.environment, Some(only(&prod.environments)));
            }
        })
        .await;
}

#[tokio::test]
async fn each_call_may_fail_once_and_its_answer_may_be_lost() {
    let calls = [
        "codes.get",
        "codes.put",
        "environments.get",
        "environments.put",
    ];
    let stories = [down(), Fault::Reset, Fault::LostAnswer].map(async |fault| {
        custom()
            .story(async |t| {
                let id = t.custom_asked().await;
                for call in calls {
                    t.cloud
                        .faults()
                        .add(&format!("arm.{call}"), fault.clone(), 1);
                }
                t.approve_as(Who::Ada, &id).await.taken();
                t.wait_until(&id, "live").await;
                let unmet = t.cloud.faults().pending();
                assert!(unmet.is_empty(), "never called: {unmet:?}");
                let prod = t.prod();
                only(&prod.code);
                only(&prod.environments);
            })
            .await;
    });
    stream::iter(stories)
        .buffer_unordered(2)
        .collect::<()>()
        .await;
}

#[tokio::test]
async fn a_crash_behind_the_upload_goes_on_with_what_is_there() {
    custom()
        .story(async |t| {
            let id = t.custom_held_up("arm.codes.put").await;
            let files = || t.cloud.blobs().list("stprod", CONTAINER, "liftlock/code/");
            let before = files();
            assert_eq!(before.len(), 1);
            t.kill_handler();
            t.cloud.faults().clear();
            t.wait_until(&id, "live").await;
            assert_eq!(files()[0].etag, before[0].etag, "it was written once");
        })
        .await;
}

#[tokio::test]
async fn code_that_has_changed_since_is_not_registered_and_may_be_asked_about_anew() {
    custom()
        .story(async |t| {
            let id = t.custom_held_up("arm.codes.get").await;
            let agreed = t.agreed_code(&id);
            t.deploy("code/score.py", "One number a row.", "A number a row.")
                .await;
            t.cloud.faults().clear();
            let words = ["its files have changed since", "reopen the promotion"];
            t.fails_saying(&id, &words).await;
            assert!(t.prod().code.is_empty());
            t.tell_as(Who::Ben, &id, "reopen", "with the new code")
                .await
                .taken();
            t.wait_until(&id, "awaiting approval").await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
            assert_ne!(t.agreed_code(&id), agreed);
            assert_eq!(only(&t.prod().code), t.agreed_code(&id).asset.to_string());
        })
        .await;
}

#[tokio::test]
async fn what_lies_under_their_names_with_other_content_is_left_alone() {
    let theirs = json!({"liftlock.digest": "0123456789abcdef"});
    let stories = ["codes", "environments"].map(async |kind| {
        custom()
            .story(async |t| {
                let id = t.custom_asked().await;
                let promotion = t.promotion(&id);
                let plan = &promotion.stage().pinned().unwrap().plan;
                let environment = plan.deployment_spec.environment.clone();
                let Some(EnvironmentSpec::Defined { asset, .. }) = environment else {
                    panic!("{environment:?}")
                };
                let folder = format!("{}/blob/stprod/{CONTAINER}/x", t.cloud.url());
                let (name, properties) = if kind == "codes" {
                    let code = t.agreed_code(&id).asset.name;
                    (code, json!({"codeUri": folder, "properties": theirs}))
                } else {
                    (asset.name, json!({"image": "theirs", "properties": theirs}))
                };
                let path = format!("{kind}/{name}/versions/1");
                t.put_by_hand(&path, properties).await;
                t.approve_as(Who::Ada, &id).await.taken();
                let words = ["already with other content", "digest 0123456789ab…"];
                t.fails_saying(&id, &words).await;
            })
            .await;
    });
    stream::iter(stories)
        .buffer_unordered(2)
        .collect::<()>()
        .await;
}

#[tokio::test]
async fn a_file_that_lies_there_with_other_bytes_is_not_built_upon() {
    custom()
        .story(async |t| {
            let id = t.custom_asked().await;
            let digest = t.agreed_code(&id).digest;
            let path = format!("liftlock/code/{digest}/score.py");
            t.cloud.blobs().put("stprod", CONTAINER, &path, "print()");
            t.approve_as(Who::Ada, &id).await.taken();
            t.fails_saying(&id, &["with other bytes"]).await;
            assert!(t.prod().code.is_empty());
        })
        .await;
}

#[tokio::test]
async fn an_environment_that_is_only_named_has_to_be_there() {
    let setup = custom().with_deployment(
        "code_configuration: { code: ../code, scoring_script: score.py }\nenvironment: azureml:sklearn:7\n",
    );
    setup
        .story(async |t| {
            let id = t.custom_asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            let words = ["environment “sklearn:7”", "is not in “ml-prod”"];
            t.fails_saying(&id, &words).await;
            t.put_by_hand("environments/sklearn/versions/7", json!({"image": "i"}))
                .await;
            t.tell_as(Who::Ben, &id, "replay", "it is there now")
                .await
                .taken();
            t.wait_until(&id, "live").await;
            let prod = t.prod();
            let mut all = prod.endpoints.iter().flat_map(|found| &found.deployments);
            let serving = all.find(|found| found.weight > 0).unwrap();
            assert_eq!(serving.environment.as_deref(), Some("sklearn:7"));
        })
        .await;
}

#[tokio::test]
async fn nobody_is_asked_about_a_custom_model_that_nothing_answers_for() {
    story(async |t| {
        let id = t.custom_model().await;
        t.wait_until(&id, "voided").await;
        let why = t.why(&id);
        assert!(why.contains("nothing says how it answers"), "{why}");
        assert!(t.questions(&id).is_empty());
    })
    .await;
}
