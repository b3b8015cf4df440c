//! Cards go the way that is configured: by a bot, or to a workflow of another kind.

use cloud_sim::{Cloud, Fault, Identity};
use jiff::SignedDuration;
use reqwest::StatusCode;

use super::{Setup, Tester, Who, story};

const WORKFLOW: &str = "workflow: ${TEAMS_WORKFLOW_URL}";

impl Tester {
    /// The bot's channel is where cards go from now on.
    pub(super) async fn with_bot(&self) {
        let bot = format!(
            "bot:\n    channel: {}\n    escalationChannel: {}\n    appId: {}\n    tenant: {}\n    serviceUrl: {}",
            Cloud::TEAMS_CHANNEL,
            Cloud::SECOND_TEAMS_CHANNEL,
            Identity::BOT_APP_ID,
            Identity::TENANT_ID,
            self.cloud.connector_url(),
        );
        self.configure(WORKFLOW, &bot).await;
    }

    /// What the bot has posted, oldest first.
    fn posted(&self) -> Vec<String> {
        let posts = self.cloud.posts();
        posts
            .iter()
            .filter_map(|post| post.card().map(ToString::to_string))
            .collect()
    }
}

#[tokio::test]
async fn a_bot_posts_what_the_workflow_would() {
    story(async |t| {
        t.with_bot().await;
        let id = t.register_model(cloud_sim::ModelKind::Challenger).await;
        t.wait_until(&id, "awaiting approval").await;
        t.until("the bot asks", async || !t.posted().is_empty())
            .await;
        assert!(t.posted()[0].contains("approval needed"));
        assert!(
            t.cloud.messages().is_empty(),
            "nothing went by the workflow"
        );
        assert_eq!(t.cloud.posts()[0].channel, Cloud::TEAMS_CHANNEL);
        t.reject_as(Who::Ada, &id, "no").await.taken();
        t.until("it is told", async || t.posted()[0].contains("rejected"))
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_bot_that_is_told_to_wait_posts_later() {
    story(async |t| {
        t.with_bot().await;
        let fault = Fault::Status {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "RateLimited".to_owned(),
        };
        t.cloud.faults().add("teams.conversations.post", fault, 1);
        let id = t.register_model(cloud_sim::ModelKind::Challenger).await;
        t.wait_until(&id, "awaiting approval").await;
        t.until("the bot asks", async || !t.posted().is_empty())
            .await;
        assert_eq!(t.posted().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn another_channel_is_told_of_what_nobody_answers() {
    let escalates =
        "expiresAfter: 72h\n      escalateAfter: 1h\n      escalateTo: [{ role: Head.Of.ML }]";
    let setup = Setup::default().with("expiresAfter: 72h", escalates);
    setup
        .story(async |t| {
            t.with_bot().await;
            let id = t.register_model(cloud_sim::ModelKind::Challenger).await;
            t.wait_until(&id, "awaiting approval").await;
            let people = t.cloud.directory();
            people.change(&Who::Sam.object_id(), |sam| {
                sam.roles = vec!["Head.Of.ML".to_owned()];
            });
            let elsewhere = || {
                let posts = t.cloud.posts().into_iter();
                let there = posts.filter(|post| post.channel == Cloud::SECOND_TEAMS_CHANNEL);
                there
                    .filter_map(|post| post.card().map(ToString::to_string))
                    .collect::<Vec<_>>()
            };
            t.until("the bot asks", async || !t.posted().is_empty())
                .await;
            assert!(elsewhere().is_empty());
            t.advance_clock(SignedDuration::from_mins(61)).await;
            t.until("the others are told", async || !elsewhere().is_empty())
                .await;
            let told = elsewhere();
            assert_eq!(told.len(), 1);
            assert!(
                told[0].contains("escalated: nobody has answered"),
                "{}",
                told[0]
            );
            assert!(told[0].contains("Review and decide") && !told[0].contains("approval.approve"));
            t.approve_as(Who::Sam, &id).await.taken();
            t.wait_until(&id, "live").await;
            assert_eq!(elsewhere(), told);
        })
        .await;
}

#[tokio::test]
async fn a_workflow_gets_a_token_and_the_bare_card_where_it_asks_for_that() {
    story(async |t| {
        let url = format!("{}/teams/workflows/promotions-bare", t.cloud.url());
        let workflow = format!("workflow: {url}\n  envelope: bare\n  workflowAuth: entra");
        t.configure(WORKFLOW, &workflow).await;
        t.asked().await;
        assert!(t.cards()[0].contains("approval needed"));
    })
    .await;
}
