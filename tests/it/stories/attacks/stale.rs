//! What was agreed to and is not so any more (attacks 15 and 16).

use jiff::SignedDuration;
use promotion::Effect;
use serde_json::json;

use super::votes::{copies, two};
use crate::stories::clicks::refused;
use crate::stories::people::Shown;
use crate::stories::stopped::opening_in;
use crate::stories::{Setup, Tester, Who, story};

/// Approved, with the copy waiting for its window, which opens in five hours.
async fn approved_and_waiting(tell: impl AsyncFnOnce(&Tester, &promotion::PromotionId)) {
    let (deadlines, windows) = opening_in(5);
    let setup = Setup::default().with(&deadlines, &windows);
    setup
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            t.press_as(Who::Ada, &post, "Approve", "").await;
            t.until_stopped(&id, "next window opens at").await;
            tell(t, &id).await;
        })
        .await;
}

fn moves_traffic(effect: &Effect) -> bool {
    matches!(effect, Effect::SetTraffic { .. })
}

impl Tester {
    /// Somebody writes to a file of the candidate's where it was copied to.
    fn spoil_the_copy(&self, id: &promotion::PromotionId) {
        let promotion = self.promotion(id);
        let place = promotion.stage().pinned().unwrap().plan.destination.clone();
        let blobs = self.cloud.blobs();
        let listed = blobs.list(&place.account, &place.container, &place.prefix);
        let mut files = listed.into_iter().map(|blob| blob.name);
        let file = files
            .find(|name| name.ends_with("coefficients.json"))
            .unwrap();
        let bytes = blobs.get(&place.account, &place.container, &file).unwrap();
        let more = [&bytes[..], b"\n"].concat();
        blobs.overwrite(&place.account, &place.container, &file, more);
    }

    /// Everybody reads in the card what has changed and what to do, and a new question is asked by whoever wants that.
    async fn voided(&self, id: &promotion::PromotionId, why: &str) {
        self.wait_until(id, "voided").await;
        self.quiet().await;
        let card = self.cards().join("\n");
        assert!(card.contains("voided") && card.contains(why), "{card}");
        assert!(
            card.contains("Reopen the promotion to judge and ask again"),
            "{card}"
        );
        let lines = self.cloud.posts();
        let thread = lines.iter().filter(|post| post.answers.is_some());
        let said = thread.filter_map(|post| post.newest().text.clone());
        assert!(
            said.into_iter().any(|text| text.contains("voided")),
            "the thread says so"
        );
    }
}

/// A newer version outranks the one that is asked about. (What changes of the model itself, or of who serves, while people are
/// asked is found before anything is done with it: attack 16. Gates and plan are pinned, whatever is configured since.)
#[tokio::test]
async fn attack_15_what_is_superseded_takes_no_vote_and_keeps_none() {
    two()
        .story(async |t| {
            let (first, post) = t.asked_in_channel().await;
            let (old, digest) = (
                t.newest_question(&first),
                t.question(&first).await["digest"].clone(),
            );
            let click = t.approval_of(Who::Ben, &post);
            let form = t.open_form(Who::Ben, &old).await.ok().unwrap();
            t.press_as(Who::Ada, &post, "Approve", "").await;
            let second = t.asked().await;
            t.wait_until(&first, "superseded").await;
            t.quiet().await;
            let card = t.cloud.posts()[0].card().unwrap().to_string();
            assert!(
                card.contains("superseded") && card.contains(second.as_str()),
                "{card}"
            );
            assert!(!card.contains("approval.approve"), "{card}");
            // The old card, its link, the window that stood open and a program: none decides anything.
            let traces = t.traces().await;
            let closed =
                format!("This approval is closed: {second} has taken this candidate's place.");
            refused(&t.deliver_to_bot(&click).await, 409, &closed);
            let late = t.fill_in(&form, &old, &[("decision", "approve")]);
            Shown::to(late).await.refused(409, &closed);
            let program = json!({ "decision": "approve", "digest": digest });
            t.decide_as(Who::Ben, &first, &program)
                .await
                .refused(409, &closed);
            let link = t.see(Who::Ben, &old).await;
            assert!(link.token().is_none(), "{}", link.sentence());
            let sentence = link.sentence();
            assert!(
                sentence.contains("superseded") && sentence.contains(second.as_str()),
                "{sentence}"
            );
            t.untouched(&traces).await;
            assert_eq!(t.planned(&first, copies), 0);
            // Ada's word for the first is none for the second.
            assert_ne!(t.question(&second).await["digest"], digest);
            assert_eq!(t.voters(&second), [""; 0]);
            t.approve_as(Who::Ben, &second).await.taken();
            t.quiet().await;
            assert_eq!(t.stage(&second), "awaiting approval");
            t.approve_as(Who::Ada, &second).await.taken();
            t.wait_until(&second, "live").await;
            assert_eq!(
                (t.stage(&first), t.serving()),
                ("superseded", vec!["diabetes:3 100".to_owned()])
            );
        })
        .await;
    an_old_card_is_superseded_by_the_next_attempts().await;
}

async fn an_old_card_is_superseded_by_the_next_attempts() {
    story(async |t| {
        let id = t.asked().await;
        let old = t.newest_question(&id);
        t.reject_as(Who::Ada, &id, "once more, please")
            .await
            .taken();
        t.wait_until(&id, "rejected").await;
        t.tell_as(Who::Ada, &id, "reopen", "looked again")
            .await
            .taken();
        t.wait_until(&id, "awaiting approval").await;
        t.answer_as(Who::Ada, &old, "approve", "")
            .await
            .offers_no_form("superseded");
        let digest = old.rsplit('~').next().unwrap();
        let program = json!({ "decision": "approve", "digest": digest });
        t.decide_as(Who::Ben, &id, &program)
            .await
            .refused(409, "This approval is superseded");
        t.nobody_counts(&id).await;
        assert_eq!(t.questions(&id).len(), 2);
        // Whoever asked for it again does not judge it.
        t.approve_as(Who::Ada, &id)
            .await
            .offers_no_form("asked for this model");
        t.approve_as(Who::Ben, &id).await.taken();
        t.wait_until(&id, "live").await;
        assert_eq!(t.promotion(&id).attempt().number(), 2);
    })
    .await;
}

/// The files' digest is looked at right before the copy and again before traffic, and whom the gates have compared with before
/// anything is deployed: also where the copy has waited for hours since somebody looked.
#[tokio::test]
async fn attack_16_what_changes_after_the_approval_is_not_done() {
    // The model's files, before they are copied.
    approved_and_waiting(async |t, id| {
        t.cloud.tamper_candidate().unwrap();
        t.advance_clock(SignedDuration::from_hours(5)).await;
        t.voided(id, "coefficients.json").await;
        assert_eq!((t.performed(id, copies), t.versions_in_prod()), (0, 1));
        assert_eq!(t.serving(), ["diabetes:1 100"]);
        // It is judged anew, and the gates say that nobody has measured these bytes.
        t.tell_as(Who::Ben, id, "reopen", "it was meant so")
            .await
            .taken();
        t.wait_until(id, "blocked").await;
        assert!(
            t.why(id).contains("register a new version"),
            "{}",
            t.why(id)
        );
    })
    .await;
    // Who serves, with whom the gates have compared: the evidence is not fresh any more.
    approved_and_waiting(async |t, id| {
        t.traffic_by_hand(&json!({"champion-v1": 0})).await;
        t.advance_clock(SignedDuration::from_hours(5)).await;
        t.voided(id, "nothing serves any more where a model did")
            .await;
        // Copied it may be: it was the lease that let anybody look. It has no deployment and no traffic.
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 0)]);
        assert_eq!(t.planned(id, moves_traffic), 0);
        let digest = t.question(id).await["digest"].clone();
        t.traffic_by_hand(&json!({"champion-v1": 100})).await;
        t.tell_as(Who::Ben, id, "reopen", "Olaf has put it back")
            .await
            .taken();
        t.wait_until(id, "awaiting approval").await;
        assert_ne!(t.question(id).await["digest"], digest);
        assert_eq!(t.voters(id), [""; 0]);
    })
    .await;
    // The copied files, before any traffic.
    story(async |t| {
        t.with_bot().await;
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "deploying").await;
        t.spoil_the_copy(&id);
        t.wait_until(&id, "voided").await;
        t.quiet().await;
        let card = t.cards().join("\n");
        assert!(card.contains("changed after it was copied"), "{card}");
        assert!(card.contains("Reopen the promotion"), "{card}");
        assert_eq!(
            t.deployments(),
            [("diabetes:1".to_owned(), 100)],
            "it had no traffic"
        );
        assert_eq!(t.planned(&id, moves_traffic), 0);
    })
    .await;
}
