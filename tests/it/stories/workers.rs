//! Many workers at once: the queue has no sessions, every wake-up comes twice, and whoever is first appends.

use cloud_sim::{Cloud, Disturbance, Fault, ModelKind};
use futures::future::join_all;
use promotion::{ModelName, ModelVersion, PromotionId, RouteName, WorkspaceId};
use std::collections::BTreeSet;
use std::time::Duration;

use super::{Setup, Tester, Who};

const ROUTES: [(&str, &str); 3] = [
    ("diabetes-to-prod", "endpoints/diabetes.yml"),
    ("diabetes-to-second", "endpoints/second.yml"),
    ("diabetes-to-third", "endpoints/third.yml"),
];

/// So many messages at once.
const WORKERS: usize = 16;

/// Each look at a journal and each append takes so long: what is read is old when it is written behind.
const SLOW: Duration = Duration::from_millis(4);

/// The example's route, onto three endpoints.
fn three_routes() -> Setup {
    let text = std::fs::read_to_string(crate::setting::example().join("liftlock.yaml")).unwrap();
    let (_, first) = text.split_once("routes:\n").unwrap();
    let all = ROUTES.map(|(route, endpoint)| {
        first
            .replace("diabetes-to-prod", route)
            .replace("endpoints/diabetes.yml", endpoint)
    });
    Setup::default()
        .with(first, &all.concat())
        .without_sessions(WORKERS)
}

fn promotions_of(version: &str) -> [PromotionId; 3] {
    ROUTES.map(|(route, _)| {
        PromotionId::of(
            &RouteName::new(route),
            &WorkspaceId::new(Cloud::dev().arm_id()),
            &ModelName::new("diabetes"),
            &ModelVersion::new(version),
        )
    })
}

/// Appends that found the journal longer than it was read.
fn stale_appends(t: &Tester) -> u64 {
    t.cloud
        .refused()
        .get("blob.append 412")
        .copied()
        .unwrap_or(0)
}

#[tokio::test]
async fn workers_that_meet_in_a_journal_leave_one_history() {
    three_routes()
        .story(async |t| {
            disturb(t);
            let version = t.cloud.register(ModelKind::Challenger).unwrap().version;
            let ids = promotions_of(&version);
            t.opened(&version).await;
            for id in &ids {
                t.wait_until(id, "awaiting approval").await;
                t.until("a card asks", async || !t.questions(id).is_empty())
                    .await;
            }
            let votes = ids.iter().map(|id| t.approve_as(Who::Ada, id));
            for vote in join_all(votes).await {
                vote.taken();
            }
            for id in &ids {
                t.wait_until(id, "live").await;
            }
            t.cloud.faults().clear();
            t.cloud.queues().disturb_every_send(None);
            t.quiet().await;
            each_happened_once(t, &ids);
            let (appends, stale) = (t.cloud.calls()["blob.append"], stale_appends(t));
            let workers = most_at_once(t);
            println!(
                "{stale} of {appends} appends were stale, with up to {workers} workers at once"
            );
            assert!(stale >= 10, "only {stale} of {appends} appends were raced");
            assert!(workers >= 8, "only {workers} workers were ever at once");
        })
        .await;
}

/// How many `advance` ran at the same time, by the host's log.
fn most_at_once(t: &Tester) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for line in t.lines.lock().unwrap().iter() {
        if line.starts_with("Executing 'Functions.advance'") {
            now += 1;
        } else if line.starts_with("Executed 'Functions.advance'") {
            now -= 1;
        }
        most = most.max(now);
    }
    most
}

fn disturb(t: &Tester) {
    t.cloud
        .queues()
        .disturb_every_send(Some(Disturbance::Duplicate));
    for operation in ["blob.append", "blob.get"] {
        t.cloud
            .faults()
            .add(operation, Fault::Delay { delay: SLOW }, u32::MAX);
    }
}

/// Chains, markers and leases are checked after every story; here, what only a race could have doubled.
fn each_happened_once(t: &Tester, ids: &[PromotionId]) {
    assert_eq!(t.promotions().len(), ids.len());
    for id in ids {
        let questions: BTreeSet<_> = t.questions(id).into_iter().collect();
        assert_eq!(questions.len(), 1, "{id} was asked about differently");
    }
    let view = t.cloud.view();
    let prod = view
        .workspaces
        .iter()
        .find(|w| w.name == "ml-prod")
        .unwrap();
    let versions = prod.models.iter().flat_map(|model| &model.versions);
    let versions: Vec<_> = versions.map(|version| version.version.as_str()).collect();
    assert_eq!(versions, ["2", "1"], "the candidate beside the champion");
    assert_eq!(prod.endpoints.len(), ids.len());
    for endpoint in &prod.endpoints {
        let ours = endpoint
            .deployments
            .iter()
            .filter(|deployment| deployment.name.starts_with("ll-"));
        let ours: Vec<_> = ours.map(|d| (d.model.as_str(), d.weight)).collect();
        assert_eq!(ours, [("diabetes:2", 100)], "{}", endpoint.name);
    }
}

#[tokio::test]
async fn a_handler_that_dies_under_many_workers_loses_nothing() {
    three_routes()
        .story(async |t| {
            disturb(t);
            let version = t.cloud.register(ModelKind::Challenger).unwrap().version;
            let ids = promotions_of(&version);
            t.opened(&version).await;
            t.kill_handler();
            for id in &ids {
                t.until("it is open", async || t.journal(id).is_some())
                    .await;
                t.wait_until(id, "awaiting approval").await;
                t.until("a card asks", async || !t.questions(id).is_empty())
                    .await;
                t.approve_as(Who::Ben, id).await.taken();
            }
            t.kill_handler();
            for id in &ids {
                t.wait_until(id, "live").await;
            }
            t.cloud.faults().clear();
            t.cloud.queues().disturb_every_send(None);
            t.quiet().await;
            each_happened_once(t, &ids);
            assert_eq!(t.host.restarts(), 2);
        })
        .await;
}
