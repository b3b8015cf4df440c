//! People in the bot's channel: they press the buttons of its cards, and somebody sends what no card makes.

use cloud_sim::{Answered, ModelKind};
use promotion::PromotionId;
use serde_json::{Value, json};

use super::{Tester, Who};

impl Tester {
    /// The bot's channel is where cards go, and the bot hears of clicks.
    pub(super) async fn with_listening_bot(&self) {
        self.with_bot().await;
        self.cloud.install_bot(&self.url("/api/messages"));
    }

    /// The bot asks in the channel: the promotion and the asking card's post.
    pub(super) async fn asked_in_channel(&self) -> (PromotionId, String) {
        self.with_listening_bot().await;
        let id = self.register_model(ModelKind::Challenger).await;
        self.wait_until(&id, "awaiting approval").await;
        let post = self.post_that_says("approval needed").await;
        (id, post)
    }

    pub(super) async fn post_that_says(&self, words: &str) -> String {
        let found = || {
            let posts = self.cloud.posts();
            let says = |card: &Value| card.to_string().contains(words);
            let post = posts.into_iter().find(|post| post.card().is_some_and(says));
            post.map(|post| post.id)
        };
        self.until(words, async || found().is_some()).await;
        found().unwrap()
    }

    pub(super) async fn press_as(
        &self,
        who: Who,
        post: &str,
        title: &str,
        comment: &str,
    ) -> Answered {
        let inputs = json!({ "comment": comment });
        let person = who.object_id();
        let pressed = self.cloud.press(&person, post, title, &inputs);
        pressed.await.unwrap()
    }

    /// The activity of pressing Approve on the post.
    pub(super) fn approval_of(&self, who: Who, post: &str) -> Value {
        let posts = self.cloud.posts();
        let card = posts.iter().find(|one| one.id == post).unwrap().card();
        let body = card.unwrap()["body"].as_array().unwrap().clone();
        let data = &body.last().unwrap()["actions"][0]["data"];
        let verb = "approval.approve";
        let activity = self.cloud.activity_of(&who.object_id(), post, verb, data);
        activity.unwrap()
    }

    /// Sends an activity with a good token.
    pub(super) async fn deliver_to_bot(&self, activity: &Value) -> Answered {
        let token = self.cloud.connector_token(&self.cloud.connector_url());
        let delivered = self.cloud.deliver_activity(activity, Some(&token));
        delivered.await.unwrap()
    }

    /// Nobody has voted.
    pub(super) async fn nobody_counts(&self, id: &PromotionId) {
        assert_eq!(self.stage(id), "awaiting approval");
        let shown = self
            .see(Who::Ada, &format!("/api/v1/promotions/{id}"))
            .await;
        let votes = &shown.json()["votes"];
        assert!(votes.as_array().is_none_or(Vec::is_empty), "{votes}");
    }
}

/// The click was answered with this status and words that hold these.
#[track_caller]
pub(super) fn refused(answered: &Answered, status: u16, words: &str) {
    assert_eq!(answered.status, 200, "{answered:?}");
    assert_eq!(answered.body["statusCode"], status, "{answered:?}");
    let toast = answered.toast.as_deref().unwrap_or_default();
    assert!(toast.contains(words), "{toast}");
}
