//! What the directory says of people, and what follows where it says nothing (attack 21).

use cloud_sim::Fault;
use promotion::PromotionId;
use reqwest::StatusCode;
use serde_json::json;

use super::super::clicks::refused;
use super::super::people::Shown;
use super::super::{Setup, Tester, Who};
use super::traces::ANSWER_REFUSED;

/// The group that approves in this story.
const RISK: &str = "0760b6cf-170e-4a14-91b3-4b78e0739963";

const UNVERIFIABLE: &str =
    "Liftlock cannot verify you now, so nothing was recorded. Try again in a minute.";

const MEMBERS: &str = "graph.checkMemberGroups";

fn by_group() -> Setup {
    Setup::default().with(
        "{ role: Model.Approver }",
        &format!("{{ group: {RISK}, name: Model risk }}"),
    )
}

impl Tester {
    /// Ada is in so many groups that her token names none, and in the approvers' or not.
    fn ada_is_in_many_groups(&self, approves: bool) {
        let many = (0..210).map(|number| format!("11111111-0000-4000-8000-{number:012}"));
        let groups = many.chain(approves.then(|| RISK.to_owned())).collect();
        let people = self.cloud.directory();
        people.change(&Who::Ada.object_id(), |ada| ada.groups = groups);
    }

    /// From now on Graph answers so, whatever of it is asked.
    fn graph_says(&self, operation: &str, status: u16, code: &str) {
        let fault = Fault::Status {
            status: StatusCode::from_u16(status).unwrap(),
            code: code.to_owned(),
        };
        self.cloud.faults().clear();
        self.cloud.faults().add(operation, fault, 10_000);
    }

    fn asked_for_members(&self) -> u64 {
        self.cloud.calls().get(MEMBERS).copied().unwrap_or(0)
    }

    /// Ada tries every door, and each says that nobody can tell who she is. Nothing is recorded, a denial neither.
    async fn nobody_can_tell(&self, id: &PromotionId, post: &str) {
        let traces = self.traces().await;
        let told = self.logged(ANSWER_REFUSED).len();
        let question = self.newest_question(id);
        for title in ["Approve", "Reject"] {
            let click = self.press_as(Who::Ada, post, title, "a reason").await;
            refused(&click, 503, UNVERIFIABLE);
        }
        let page = self.see(Who::Ada, &question).await;
        page.refused(503, "cannot be verified at the moment who you are");
        let path = format!("{}/decisions", Tester::api_of(id));
        let body = json!({ "decision": "approve", "digest": "0".repeat(64) });
        let program = self.post_json(Who::Ada, &path, &body).await;
        program.refused(503, "cannot be verified at the moment who you are");
        self.untouched(&traces).await;
        // Nor does the auditor read of a denial: both clicks and the program are put off.
        self.logged_times(ANSWER_REFUSED, told + 3).await;
        for line in &self.logged(ANSWER_REFUSED)[told..] {
            let why = line["why"].as_str().unwrap();
            assert_eq!(line["status"], 503, "{line}");
            assert!(
                why == UNVERIFIABLE || why.contains("cannot be verified at the moment"),
                "{line}"
            );
        }
        self.cloud.faults().clear();
        self.nobody_counts(id).await;
    }
}

#[tokio::test]
async fn attack_21_where_the_directory_cannot_say_nobody_is_let_in_or_denied() {
    by_group()
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            // Too many groups for a token: Graph is asked, and says no, then yes.
            t.ada_is_in_many_groups(false);
            let before = t.asked_for_members();
            let page = t.approve_as(Who::Ada, &id).await;
            page.offers_no_form("Model risk");
            assert!(t.asked_for_members() > before, "Graph was not asked");
            t.ada_is_in_many_groups(true);
            // It is down, too busy, broken, or may not be asked (the app's permission, or a group that hides its members).
            for (operation, status, code) in [
                (MEMBERS, 503, "ServiceUnavailable"),
                (MEMBERS, 429, "TooManyRequests"),
                (MEMBERS, 500, "InternalServerError"),
                (MEMBERS, 403, "Authorization_RequestDenied"),
            ] {
                t.graph_says(operation, status, code);
                t.nobody_can_tell(&id, &post).await;
            }
            let cut = |fault| t.cloud.faults().add(MEMBERS, fault, 10_000);
            cut(Fault::Reset);
            t.nobody_can_tell(&id, &post).await;
            // A click needs the account as well.
            t.graph_says("graph.user", 502, "BadGateway");
            let click = t.press_as(Who::Ada, &post, "Approve", "").await;
            refused(&click, 503, UNVERIFIABLE);
            t.cloud.faults().clear();
            t.nobody_counts(&id).await;
            // A group that does not show its members has none, as far as anybody can see.
            let no = t.press_as(Who::Ben, &post, "Approve", "").await;
            refused(
                &no,
                403,
                "This needs the group Model risk; your roles: none.",
            );
            let no = t.approve_as(Who::Ben, &id).await;
            no.offers_no_form("Model risk");
            t.press_as(Who::Ada, &post, "Approve", "").await;
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn a_question_counts_the_groups_that_it_was_asked_of_whatever_is_configured_since() {
    by_group()
        .story(async |t| {
            let (id, _) = t.asked_in_channel().await;
            let group = format!("{{ group: {RISK}, name: Model risk }}");
            t.configure(&group, "{ role: Model.Approver }").await;
            t.ada_is_in_many_groups(true);
            let question = t.newest_question(&id);
            // Where nobody can say, nobody is denied either: by the page that was open, and by a program.
            let form = t.open_form(Who::Ada, &question).await.ok().unwrap();
            t.graph_says(MEMBERS, 503, "ServiceUnavailable");
            let unsure = "cannot be verified at the moment who you are";
            let fields = [("decision", "approve"), ("comment", "")];
            let sent = Shown::to(t.fill_in(&form, &question, &fields)).await;
            sent.refused(503, unsure);
            let page = t.see(Who::Ada, &question).await;
            assert!(page.text.contains(unsure), "{}", page.text);
            t.cloud.faults().clear();
            let nobody = |fact: &promotion::Fact| matches!(fact, promotion::Fact::Denied { .. });
            assert_eq!(t.recorded(&id, nobody), 0);
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

/// The approvers of another route, or of this one from now on.
const OTHERS: &str = "5c0e8d7a-6f0b-4f57-9d6c-0f1f2a3b4c5d";

#[tokio::test]
async fn whoever_may_stop_a_promotion_still_may_when_another_group_is_configured() {
    by_group()
        .story(async |t| {
            let (id, _) = t.asked_in_channel().await;
            t.configure(RISK, OTHERS).await;
            let people = t.cloud.directory();
            let ada = Who::Ada.object_id();
            people.change(&ada, |ada| ada.groups = vec![RISK.to_owned()]);
            people.change(&Who::Ben.object_id(), |ben| {
                ben.groups = vec![OTHERS.to_owned()];
            });
            let page = format!("/api/board/promotions/{id}");
            let what_if = format!("/api/v1/promotions/{id}/replay?dryRun=true");
            // Where nobody can say, nobody is refused: by the page, by its form, and by a program.
            let form = t.open_form(Who::Ada, &page).await.ok().unwrap();
            t.graph_says(MEMBERS, 503, "ServiceUnavailable");
            let unsure = "cannot be verified at the moment who you are";
            let abort = format!("/api/v1/promotions/{id}/abort");
            let sent = Shown::to(t.fill_in(&form, &abort, &[("reason", "it smells")])).await;
            sent.refused(503, unsure);
            t.say_as(Who::Ada, &id, "abort", "it smells")
                .await
                .refused(503, unsure);
            t.post_json(Who::Ada, &what_if, &json!({}))
                .await
                .refused(503, unsure);
            let shown = t.see(Who::Ada, &page).await;
            shown.taken();
            assert!(shown.text.contains(unsure), "{}", shown.text);
            t.cloud.faults().clear();
            // Who operates the route from now on was asked about nothing here.
            t.say_as(Who::Ben, &id, "abort", "it smells")
                .await
                .refused(403, "Model risk");
            t.post_json(Who::Ada, &what_if, &json!({})).await.taken();
            t.tell_as(Who::Ada, &id, "abort", "it smells").await.taken();
            t.wait_until(&id, "aborted").await;
        })
        .await;
}
