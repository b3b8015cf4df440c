//! Who clicks in the channel, or answers on the page, without the right to (attacks 7 and 8).

use std::cell::Cell;

use cloud_sim::{Answered, Kind};
use promotion::PromotionId;
use serde_json::{Value, json};

use super::super::clicks::refused;
use super::super::people::{OpenForm, Shown};
use super::super::{Tester, Who, story};
use super::traces::ANSWER_REFUSED;

const ROLE: &str = "This needs the role Model.Approver; your roles: none.";
const FOREIGN: &str = "00000000-0000-4000-8000-0000000000ee";

/// A question in the channel, and what everybody sees of it.
struct Asked {
    id: PromotionId,
    post: String,
    shown: Vec<Value>,
    refusals: Cell<usize>,
}

impl Tester {
    async fn asked_in_view(&self) -> Asked {
        let (id, post) = self.asked_in_channel().await;
        let shown = self.shared(&post);
        Asked {
            id,
            post,
            shown,
            refusals: Cell::new(0),
        }
    }

    /// Whoever clicked reads why, nobody else sees anything, nothing is kept but the line for the auditor.
    async fn turned_away(&self, asked: &Asked, answered: &Answered, words: &str, line: [&str; 3]) {
        refused(answered, 403, words);
        assert!(answered.card().is_none(), "{answered:?}");
        assert_eq!(self.shared(&asked.post), asked.shown);
        let posts = self.cloud.posts();
        let post = posts.iter().find(|one| one.id == asked.post).unwrap();
        assert!(post.personal.is_empty(), "{:?}", post.personal);
        self.audited(asked, line, words).await;
    }

    /// The log says who wanted what of which promotion, and why it was refused.
    async fn audited(&self, asked: &Asked, [door, person, verb]: [&str; 3], words: &str) {
        asked.refusals.set(asked.refusals.get() + 1);
        let line = self
            .logged_times(ANSWER_REFUSED, asked.refusals.get())
            .await;
        let says = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let told = ["level", "door", "promotion", "person", "verb"].map(says);
        assert_eq!(told, ["WARN", door, asked.id.as_str(), person, verb]);
        assert_eq!(line["status"], 403, "{line}");
        assert!(says("why").contains(words), "{line}");
    }
}

#[tokio::test]
async fn attack_07_other_tenants_and_guests_are_not_authorised() {
    story(async |t| {
        let asked = t.asked_in_view().await;
        let approval = t.approval_of(Who::Ada, &asked.post);
        let traces = t.traces().await;
        let ada = Who::Ada.object_id();
        let tenant = "You are not authorised: this is another tenant's conversation.";
        let account = "You are not authorised: nobody in this tenant has your account.";
        for (place, value, person, why) in [
            (
                "/channelData/tenant/id",
                json!(FOREIGN),
                ada.as_str(),
                tenant,
            ),
            ("/channelData/tenant/id", Value::Null, &ada, tenant),
            ("/conversation/tenantId", json!(FOREIGN), &ada, tenant),
            ("/conversation/tenantId", Value::Null, &ada, tenant),
            ("/from/aadObjectId", json!(FOREIGN), FOREIGN, account),
            ("/from/aadObjectId", json!("../users"), "../users", account),
            ("/from/aadObjectId", Value::Null, "", account),
        ] {
            let mut changed = approval.clone();
            *changed.pointer_mut(place).unwrap() = value;
            let answered = t.deliver_to_bot(&changed).await;
            let line = ["teams", person, "approve"];
            t.turned_away(&asked, &answered, why, line).await;
        }
        // In this tenant, but not of it; and of it, but no more.
        let people = t.cloud.directory();
        people.change(&ada, |ada| ada.kind = Kind::Guest);
        let answered = t.deliver_to_bot(&approval).await;
        let line = ["teams", ada.as_str(), "approve"];
        t.turned_away(
            &asked,
            &answered,
            "is a guest in this tenant; guests decide nothing here",
            line,
        )
        .await;
        people.change(&ada, |ada| {
            ada.kind = Kind::Member;
            ada.enabled = false;
        });
        let answered = t.deliver_to_bot(&approval).await;
        t.turned_away(&asked, &answered, "is disabled", line).await;
        t.denied(&traces, &asked.id, 2).await;
        t.nobody_counts(&asked.id).await;
        people.change(&ada, |ada| ada.enabled = true);
        t.deliver_to_bot(&approval).await;
        t.wait_until(&asked.id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn attack_08_a_member_without_the_role_is_told_so_and_nobody_else_sees_it() {
    story(async |t| {
        let asked = t.asked_in_view().await;
        let traces = t.traces().await;
        let sam = Who::Sam.object_id();
        let yes = t.press_as(Who::Sam, &asked.post, "Approve", "").await;
        let line = ["teams", sam.as_str(), "approve"];
        t.turned_away(&asked, &yes, ROLE, line).await;
        let no = t
            .press_as(Who::Sam, &asked.post, "Reject", "I say so")
            .await;
        let line = ["teams", sam.as_str(), "reject"];
        t.turned_away(&asked, &no, ROLE, line).await;
        // Visible to them only: one toast each, and both theirs.
        let told = t.cloud.toasts();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|(person, _)| *person == sam), "{told:?}");
        // The page shows them no form, so that they could only make one up; a program is told the same.
        let page = t.approve_as(Who::Sam, &asked.id).await;
        page.offers_no_form("Model.Approver");
        t.denied(&traces, &asked.id, 2).await;
        let made_up = OpenForm {
            token: "AAAA.99999999999.AAAA".to_owned(),
            cookie: t.sign_in(Who::Sam).await,
        };
        let question = t.newest_question(&asked.id);
        let approve = [("decision", "approve"), ("comment", "")];
        let sent = Shown::to(t.fill_in(&made_up, &question, &approve)).await;
        sent.refused(403, "shown to somebody else");
        let fresh = t.open_form(Who::Ada, &question).await.ok().unwrap();
        let line = ["page", sam.as_str(), "approve"];
        t.audited(&asked, line, "shown to somebody else").await;
        let path = format!("{}/decisions", Tester::api_of(&asked.id));
        let answered_by = question;
        let question = t.see(Who::Sam, &path).await.json();
        let body = json!({ "decision": "reject", "digest": question["digest"] });
        let api = t.post_json(Who::Sam, &path, &body).await;
        api.refused(403, ROLE);
        t.audited(&asked, ["api", &sam, "reject"], ROLE).await;
        // Nor does a form that somebody else was shown.
        let borrowed = OpenForm {
            token: fresh.token.clone(),
            cookie: made_up.cookie,
        };
        let sent = Shown::to(t.fill_in(&borrowed, &answered_by, &approve)).await;
        sent.refused(403, "shown to somebody else");
        let line = ["page", sam.as_str(), "approve"];
        t.audited(&asked, line, "shown to somebody else").await;
        t.denied(&traces, &asked.id, 2).await;
        t.nobody_counts(&asked.id).await;
        t.press_as(Who::Ada, &asked.post, "Approve", "").await;
        t.wait_until(&asked.id, "live").await;
    })
    .await;
}
