//! Forms that were open while somebody lost the right to send them: the server judges what is sent, whatever the page showed.

use promotion::{Denial, Fact, PromotionId, Tried};

use super::people::{BOARD, OpenForm, Shown, page_of};
use super::{Setup, Tester, Who, story};

const ROLE: &str = "This needs the role Model.Approver; your roles: none.";
const OWN_WORK: &str = "somebody else has to judge it";
const REFUSED: &str = "an answer was refused";

impl Tester {
    /// Who tried what of a promotion and may not, and why.
    fn denials(&self, id: &PromotionId) -> Vec<(Who, Tried, Denial)> {
        let who = |by: &promotion::Person| {
            let mut all = Who::ALL.into_iter();
            all.find(|who| who.object_id() == by.id.as_str())
        };
        let denied = |fact: &Fact| match fact {
            Fact::Denied { by, tried, why } => Some((who(by).unwrap(), *tried, *why)),
            _ => None,
        };
        let records = self.records(id);
        records
            .iter()
            .filter_map(|line| denied(&line.fact))
            .collect()
    }

    async fn window(&self, who: Who, page: &str) -> OpenForm {
        let opened = self.open_form(who, page).await;
        opened.unwrap_or_else(|shown| panic!("{who:?} is shown no form: {}", shown.sentence()))
    }

    /// Sends a form that was opened before, as somebody who is signed in as the directory has them now.
    async fn send_from(
        &self,
        who: Who,
        window: &OpenForm,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Shown {
        let again = OpenForm {
            token: window.token.clone(),
            cookie: self.sign_in(who).await,
        };
        Shown::to(self.fill_in(&again, action, fields)).await
    }

    fn loses_the_role(&self, who: Who) {
        let people = self.cloud.directory();
        people.change(&who.object_id(), |person| person.roles.clear());
    }

    /// The newest line for the auditor, of so many.
    async fn told_of(&self, who: Who, verb: &str, times: usize) {
        let line = self.logged_times(REFUSED, times).await;
        assert_eq!(line["person"], who.object_id(), "{line}");
        assert_eq!(line["door"], "page", "{line}");
        assert_eq!(
            (&line["verb"], &line["status"]),
            (&verb.into(), &403.into())
        );
    }
}

#[tokio::test]
async fn who_has_lost_the_role_since_the_form_was_opened_does_not_answer_by_it() {
    let setup = Setup::default().with(
        "minApprovals: 1",
        "minApprovals: 2\n      override: [{ role: Model.Approver }]",
    );
    setup
        .story(async |t| {
            let id = t.asked().await;
            let question = t.newest_question(&id);
            let window = t.window(Who::Ada, &question).await;
            t.loses_the_role(Who::Ada);
            let tried = [
                ("approve", Tried::Approve),
                ("reject", Tried::Reject),
                ("override", Tried::Override),
            ];
            for (at, (decision, _)) in tried.into_iter().enumerate() {
                let fields = [("decision", decision), ("comment", "I may still")];
                let sent = t.send_from(Who::Ada, &window, &question, &fields).await;
                sent.refused(403, ROLE);
                t.told_of(Who::Ada, decision, at + 1).await;
            }
            let denials = tried.map(|(_, tried)| (Who::Ada, tried, Denial::RoleMissing));
            assert_eq!(t.denials(&id), denials);
            assert!(t.promotion(&id).stage().votes().is_empty());
            assert_eq!(t.stage(&id), "awaiting approval");
        })
        .await;
}

#[tokio::test]
async fn who_has_become_its_author_since_the_form_was_opened_does_not_answer_by_it() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let window = t.window(Who::Ada, &question).await;
        // Who registered it is known by name alone, and that is what Ada is called from now on.
        let people = t.cloud.directory();
        people.change(&Who::Ada.object_id(), |ada| {
            ada.name = "Tina Trainer".to_owned();
        });
        for decision in ["approve", "reject"] {
            let fields = [("decision", decision), ("comment", "mine")];
            let sent = t.send_from(Who::Ada, &window, &question, &fields).await;
            sent.refused(403, OWN_WORK);
        }
        t.told_of(Who::Ada, "reject", 2).await;
        let denials = [Tried::Approve, Tried::Reject];
        let denials = denials.map(|tried| (Who::Ada, tried, Denial::OwnWork));
        assert_eq!(t.denials(&id), denials);
        assert!(t.promotion(&id).stage().votes().is_empty());
        t.approve_as(Who::Ben, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn who_has_lost_the_role_since_the_form_was_opened_orders_nothing_by_it() {
    story(async |t| {
        let id = t.asked().await;
        let (page, board) = (page_of(&id), BOARD);
        let windows = [
            t.window(Who::Ada, &page).await,
            t.window(Who::Ada, board).await,
        ];
        t.loses_the_role(Who::Ada);
        let reason = [("reason", "I may still")];
        let abort = format!("/api/v1/promotions/{id}/abort");
        let sent = t.send_from(Who::Ada, &windows[0], &abort, &reason).await;
        sent.refused(403, "Model.Approver");
        let freeze = [
            ("scope", "stage:prod"),
            ("reason", "I may still"),
            ("for", ""),
        ];
        let sent = t
            .send_from(Who::Ada, &windows[1], "/api/v1/freezes", &freeze)
            .await;
        sent.refused(403, "Model.Approver");
        assert!(t.frozen().await.is_empty());
        assert_eq!(t.stage(&id), "awaiting approval");
    })
    .await;
}
