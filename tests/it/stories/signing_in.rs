//! Who somebody is, from the sign-in to the vote: what expires, what is lost, and what nobody can say at the moment.

use cloud_sim::{Fault, Kind};
use jiff::SignedDuration;
use reqwest::StatusCode;

use super::people::{BOARD, OpenForm, Shown, page_of};
use super::{Tester, Who, story};

impl Tester {
    /// Whoever signs in from now on has a token that expired an hour ago; or a good one again.
    fn tokens_are_old(&self, old: bool) {
        let long_ago = liftlock::clock::wall_now() - SignedDuration::from_hours(1);
        let keys = self.cloud.identity().key_sets();
        keys.users_until(old.then_some(long_ago));
    }
}

#[tokio::test]
async fn an_expired_sign_in_keeps_what_was_typed_and_the_form_counts_after_the_next() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let form = t.open_form(Who::Ada, &question).await.ok().unwrap();
        let fields = [("decision", "approve"), ("comment", "typed for long & <b>")];
        t.tokens_are_old(true);
        let old = OpenForm {
            cookie: t.sign_in(Who::Ada).await,
            token: form.token.clone(),
        };
        let records = t.journal(&id);
        let shown = Shown::to(t.fill_in(&old, &question, &fields)).await;
        shown.refused(401, "The sign-in has expired; sign in again");
        assert!(
            shown
                .text
                .contains("typed for long &amp; &lt;b&gt;</textarea>"),
            "{}",
            shown.text
        );
        assert!(shown.text.contains("target=\"_blank\""), "{}", shown.text);
        assert_eq!(shown.token(), Some(form.token.as_str()));
        assert_eq!(t.journal(&id), records);
        // Looking at the board leads to the sign-in, and the question says where that is.
        assert_eq!(t.see(Who::Ada, BOARD).await.status, StatusCode::FOUND);
        assert!(
            t.see(Who::Ada, &question)
                .await
                .text
                .contains("/.auth/login/aad")
        );
        t.tokens_are_old(false);
        let again = OpenForm {
            cookie: t.sign_in(Who::Ada).await,
            token: form.token,
        };
        Shown::to(t.fill_in(&again, &question, &fields))
            .await
            .taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn somebody_elses_form_does_not_count_after_an_expired_sign_in() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let form = t.open_form(Who::Ada, &question).await.ok().unwrap();
        let by_ben = OpenForm {
            cookie: t.sign_in(Who::Ben).await,
            token: form.token,
        };
        let fields = [("decision", "approve"), ("comment", "")];
        let shown = Shown::to(t.fill_in(&by_ben, &question, &fields)).await;
        shown.refused(403, "shown to somebody else");
        t.approve_as(Who::Ben, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn a_role_that_was_lost_is_missed_at_the_next_sign_in_and_a_guest_at_once() {
    story(async |t| {
        let id = t.asked().await;
        let people = t.cloud.directory();
        people.change(&Who::Ada.object_id(), |ada| ada.roles.clear());
        t.approve_as(Who::Ada, &id)
            .await
            .offers_no_form("Model.Approver");
        people.change(&Who::Ben.object_id(), |ben| ben.kind = Kind::Guest);
        let shown = t.approve_as(Who::Ben, &id).await;
        shown.refused(403, "guests decide nothing here");
        people.change(&Who::Ben.object_id(), |ben| ben.kind = Kind::Member);
        t.approve_as(Who::Ben, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn whom_neither_the_token_nor_the_directory_names_does_not_answer() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let form = t.open_form(Who::Ada, &question).await.ok().unwrap();
        t.cloud.identity().key_sets().users_nameless(true);
        let down = Fault::Status {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "Down".to_owned(),
        };
        t.cloud.faults().add("graph.user", down, 100);
        let nameless = OpenForm {
            cookie: t.sign_in(Who::Ada).await,
            token: form.token,
        };
        let fields = [("decision", "approve"), ("comment", "")];
        let shown = Shown::to(t.fill_in(&nameless, &question, &fields)).await;
        shown.refused(401, "its scope is");
        assert!(t.promotion(&id).stage().votes().is_empty());
        t.cloud.faults().clear();
        Shown::to(t.fill_in(&nameless, &question, &fields))
            .await
            .taken();
        let promotion = t.promotion(&id);
        assert_eq!(promotion.stage().votes()[0].person.name, "Ada Approver");
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn a_guest_whose_account_is_the_tenants_own_is_known_by_the_directory_where_no_token_says_so()
{
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let form = t.open_form(Who::Ben, &question).await.ok().unwrap();
        t.cloud.identity().key_sets().users_without_account(true);
        let people = t.cloud.directory();
        people.change(&Who::Ben.object_id(), |ben| ben.kind = Kind::InternalGuest);
        let claims = t.cloud.user_claims(&Who::Ben.object_id()).unwrap();
        assert!(
            claims["acct"].is_null() && claims["idp"].is_null(),
            "{claims}"
        );
        let ben = OpenForm {
            cookie: t.sign_in(Who::Ben).await,
            token: form.token,
        };
        let fields = [("decision", "approve"), ("comment", "")];
        let sent = Shown::to(t.fill_in(&ben, &question, &fields)).await;
        sent.refused(403, "guests decide nothing here");
        let path = format!("/api/v1/promotions/{id}/decisions");
        let program = t.see(Who::Ben, &path).await;
        program.refused(403, "guests decide nothing here");
        // Of members it is asked once for a while, and without its word nobody is taken for one.
        let asked = || t.cloud.calls().get("graph.user").copied().unwrap_or(0);
        let before = asked();
        for _ in 0..3 {
            assert_eq!(t.see(Who::Ada, &question).await.status, StatusCode::OK);
        }
        assert_eq!(asked(), before + 1);
        let down = Fault::Status {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "Down".to_owned(),
        };
        t.cloud.faults().add("graph.user", down, 100);
        let tina = t.see(Who::Tina, &question).await;
        tina.refused(503, "cannot be verified at the moment who you are");
        assert!(t.promotion(&id).stage().votes().is_empty());
        // A token that says it needs no directory.
        t.cloud.identity().key_sets().users_without_account(false);
        assert_eq!(t.see(Who::Tina, &question).await.status, StatusCode::OK);
        t.cloud.faults().clear();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn a_form_that_nobody_sends_says_what_it_would_do() {
    story(async |t| {
        let id = t.asked().await;
        let forms = [
            (
                page_of(&id),
                format!("/api/v1/promotions/{id}/abort"),
                "Abort diabetes 2",
            ),
            (
                BOARD.to_owned(),
                "/api/v1/freezes".to_owned(),
                "Freeze stage prod",
            ),
        ];
        for (page, action, what) in forms {
            let mut form = t.open_form(Who::Ada, &page).await.unwrap();
            form.cookie = String::new();
            let mut fields = vec![("reason", "the fair")];
            fields.extend(
                what.starts_with("Freeze")
                    .then_some(("scope", "stage:prod")),
            );
            let shown = Shown::to(t.fill_in(&form, &action, &fields)).await;
            assert_eq!(shown.status, 401, "{shown:?}");
            for words in [what, "Send it again", "the fair"] {
                assert!(shown.text.contains(words), "{words}: {shown:?}");
            }
        }
        assert_eq!(t.stage(&id), "awaiting approval");
    })
    .await;
}
