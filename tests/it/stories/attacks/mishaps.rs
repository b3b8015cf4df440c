//! What goes wrong by itself: answers that are lost, a channel that does not answer (attacks 23 and 24).

use std::time::{Duration, Instant};

use cloud_sim::{Fault, Post};
use jiff::SignedDuration;
use promotion::PromotionId;
use reqwest::StatusCode;

use super::super::clicks::refused;
use super::super::people::page_of;
use super::super::{Setup, Tester, Who, story};
use super::votes::{copies, is_vote};

/// What a click takes at most, whatever else is slow; Teams itself waits 15 s.
const AT_ONCE: Duration = Duration::from_secs(1);

fn status(status: u16, code: &str) -> Fault {
    Fault::Status {
        status: StatusCode::from_u16(status).unwrap(),
        code: code.to_owned(),
    }
}

impl Tester {
    /// Nobody learns what became of the click: the journal has it, but before its answer comes the handler dies.
    async fn click_is_cut_off(&self, id: &PromotionId, post: &str) {
        let delay = Duration::from_secs(30);
        let faults = self.cloud.faults();
        faults.add("blob.append", Fault::LateAnswer { delay }, 1);
        let before = self.records(id).len();
        let dies = async {
            while self.records(id).len() == before {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            self.kill_handler();
        };
        let (answered, ()) = tokio::join!(self.press_as(Who::Ada, post, "Approve", "yes"), dies);
        assert_ne!(answered.status, 200, "{answered:?}");
        let toast = answered.toast.as_deref().unwrap_or_default();
        assert!(toast.contains("Unable to reach app"), "{answered:?}");
        faults.clear();
        self.until("the handler is back", async || {
            let health = self.http.get(self.url("/api/health")).send().await;
            health.is_ok_and(|health| health.status().is_success())
        })
        .await;
    }

    /// Threads that the bot has begun, oldest first.
    fn threads(&self) -> Vec<Post> {
        let posts = self.cloud.posts().into_iter();
        posts.filter(|post| post.answers.is_none()).collect()
    }

    /// Ada clicks, and it stands whatever becomes of the card.
    async fn decided(&self, id: &PromotionId, post: &str) {
        let yes = self.press_as(Who::Ada, post, "Approve", "").await;
        assert!(yes.card().is_some(), "{yes:?}");
        self.wait_until(id, "live").await;
        assert_eq!(self.serving(), ["diabetes:2 100"]);
    }

    /// The operator reads in the log which promotion's card was not posted, and what Teams said.
    async fn alerted(&self, id: &PromotionId, message: &str, code: &str) {
        let so = || {
            let lines = self.lines.lock().unwrap();
            let mut told = lines.iter().filter(|line| line.contains(message));
            told.any(|line| {
                [id.as_str(), "notify\"", code]
                    .iter()
                    .all(|part| line.contains(part))
                    && line.contains("\"level\":\"WARN\"")
            })
        };
        self.until("an alert", async || so()).await;
    }
}

#[tokio::test]
async fn attack_23_a_lost_answer_is_a_click_that_counts_and_is_told_by_the_next() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let approval = t.approval_of(Who::Ada, &post);
        t.click_is_cut_off(&id, &post).await;
        // It was committed; the second click of the same person shows so, and adds nothing.
        t.until("everybody reads of it", async || {
            let shown = t.shared(&post).pop().unwrap().to_string();
            shown.contains("Ada Approver") && shown.contains("yes")
        })
        .await;
        let traces = t.traces().await;
        let again = t.deliver_to_bot(&approval).await;
        assert_eq!(again.body["statusCode"], 200, "{again:?}");
        let card = again.card().expect("how things are").to_string();
        assert!(card.contains("Ada Approver"), "{card}");
        assert!(!card.contains("approval.approve"), "{card}");
        assert_eq!(t.voters(&id), ["Ada Approver"]);
        t.untouched(&traces).await;

        // Whatever is slow is done later: while the connector takes seconds, the click is answered at once.
        let delay = Duration::from_secs(4);
        let slow = Fault::Delay { delay };
        t.cloud.faults().add("teams.*", slow, 1000);
        let mut taken = Vec::new();
        for (who, says) in [(Who::Ada, "awaiting approval"), (Who::Ben, "Ben Approver")] {
            let click = t.approval_of(who, &post);
            let started = Instant::now();
            let answered = t.deliver_to_bot(&click).await;
            taken.push(started.elapsed());
            let card = answered.card().expect("how things are").to_string();
            assert!(card.contains(says), "{says}: {card}");
        }
        assert!(taken.iter().all(|took| *took < AT_ONCE), "{taken:?}");
        assert_ne!(t.stage(&id), "awaiting approval", "it is committed");
        assert_eq!(t.recorded(&id, is_vote), 2);
        t.cloud.faults().clear();
        t.wait_until(&id, "live").await;
        assert_eq!(t.post_that_says(": live").await, post);
    })
    .await;
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let approval = t.approval_of(Who::Ada, &post);
        t.click_is_cut_off(&id, &post).await;
        // That click was the last one needed: what it came to is said, and the card follows by itself.
        let again = t.deliver_to_bot(&approval).await;
        refused(&again, 409, "already decided: Ada Approver approved it");
        t.wait_until(&id, "live").await;
        assert_eq!(t.post_that_says(": live").await, post);
        assert_eq!(t.threads().len(), 1);
        assert_eq!((t.recorded(&id, is_vote), t.planned(&id, copies)), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn attack_24_a_card_that_cannot_be_changed_changes_no_decision() {
    // What may go better later is tried until it does, on the same card.
    for (code, name) in [
        (429, "RateLimited"),
        (412, "PreconditionFailed"),
        (502, "BadGateway"),
        (504, "GatewayTimeout"),
    ] {
        story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let asked = t.shared(&post);
            t.cloud.faults().add("teams.*", status(code, name), 10_000);
            t.decided(&id, &post).await;
            assert_eq!(t.shared(&post), asked, "nobody could change it");
            let tries = t.cloud.refused();
            let tries = tries[&format!("teams.activities.put {code}")];
            assert!(tries > 1, "{code}: {tries} tries");
            t.alerted(&id, "effect failed, will be tried again", name)
                .await;
            // Stale as it is, it does no harm.
            let late = t.press_as(Who::Ben, &post, "Approve", "").await;
            refused(&late, 409, "already decided: Ada Approver approved it");
            t.cloud.faults().clear();
            assert_eq!(t.post_that_says(": live").await, post);
            // Older news that comes late does not take its place.
            t.advance_clock(SignedDuration::from_mins(20)).await;
            let shown = t.shared(&post).pop().unwrap().to_string();
            assert!(shown.contains(": live"), "{shown}");
            assert_eq!(t.threads().len(), 1);
        })
        .await;
    }
    // What never will is told by a card of its own.
    for lost in ["blocked", "deleted"] {
        story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let stale = t.approval_of(Who::Ben, &post);
            if lost == "blocked" {
                let fault = status(403, "MessageWritesBlocked");
                t.cloud.faults().add("teams.activities.put", fault, 10_000);
                t.decided(&id, &post).await;
            } else {
                t.cloud.delete_post(&post);
                t.approve_as(Who::Ada, &id).await.taken();
                t.wait_until(&id, "live").await;
            }
            assert_ne!(t.post_that_says(": live").await, post, "{lost}");
            assert!(t.threads().len() > 1, "{lost}");
            // The old one's buttons lead to the same decision.
            let late = t.deliver_to_bot(&stale).await;
            refused(&late, 409, "already decided: Ada Approver approved it");
        })
        .await;
    }
    story(async |t| {
        // Somebody uninstalls the bot: people decide on the page, and whoever operates it is told.
        let (id, post) = t.asked_in_channel().await;
        t.cloud.uninstall_bot();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        assert_eq!(t.serving(), ["diabetes:2 100"]);
        t.alerted(
            &id,
            "effect failed, will be tried again",
            "MessageWritesBlocked",
        )
        .await;
        let page = t.see(Who::Sam, &page_of(&id)).await.sentence();
        assert!(page.contains("MessageWritesBlocked"), "{page}");
        t.cloud.install_bot(&t.url("/api/messages"));
        assert_eq!(t.post_that_says(": live").await, post);
    })
    .await;
    story(async |t| {
        // The channel was archived, or is gone: nothing can be posted there, ever.
        let (id, post) = t.asked_in_channel().await;
        let gone = status(404, "ConversationNotFound");
        t.cloud.faults().add("teams.*", gone, 10_000);
        t.decided(&id, &post).await;
        t.alerted(&id, "effect failed", "ConversationNotFound")
            .await;
        let page = t.see(Who::Sam, &page_of(&id)).await.sentence();
        assert!(page.contains("ConversationNotFound"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn a_queue_that_does_not_answer_makes_no_click_wait() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        t.quiet().await;
        let delay = Duration::from_secs(30);
        let faults = t.cloud.faults();
        faults.add("servicebus.send", Fault::Delay { delay }, 1000);
        let click = async |who| {
            let started = Instant::now();
            let yes = t.press_as(who, &post, "Approve", "").await;
            assert!(yes.card().is_some(), "{yes:?}");
            started.elapsed()
        };
        let taken: [Duration; 2] = tokio::join!(click(Who::Ada), click(Who::Ben)).into();
        assert!(taken.iter().all(|took| *took < AT_ONCE), "{taken:?}");
        assert_eq!(t.recorded(&id, is_vote), 2);
        let unsent = "wake-up not sent, the sweep will: no answer within 300ms";
        t.logged_times(unsent, taken.len()).await;
        faults.clear();
        // The sweep brings what the queue has not.
        t.wait_until(&id, "live").await;
    })
    .await;
}
