//! What time it is, and who says so (attacks 17 and 18).

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use promotion::{Fact, PromotionId};
use serde_json::json;

use super::votes::{copies, is_vote};
use crate::stories::clicks::refused;
use crate::stories::people::{Shown, page_of};
use crate::stories::stopped::now;
use crate::stories::{Setup, Tester, Who, story};

impl Tester {
    /// The server's clock shows this, and nobody has done anything since.
    fn set_clock(&self, to: Timestamp) {
        let left = SignedDuration::try_from(to - self.cloud.clock().now()).unwrap();
        self.cloud.clock().advance(left.unsigned_abs());
    }

    fn expiry(&self, id: &PromotionId) -> Timestamp {
        self.promotion(id).stage().pinned().unwrap().expires_at
    }
}

/// The moment that is stored decides, by the server's clock, whether or not the sweep has come.
#[tokio::test]
async fn attack_17_an_expired_question_takes_no_answer() {
    // Before anybody was woken: the click comes first.
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let click = t.approval_of(Who::Ada, &post);
        let question = t.newest_question(&id);
        let form = t.open_form(Who::Ben, &question).await.ok().unwrap();
        let at = t.expiry(&id);
        let says = format!("expired at {}", at.strftime("%Y-%m-%d %H:%M:%S UTC"));
        t.set_clock(at);
        let late = t.deliver_to_bot(&click).await;
        refused(&late, 410, &says);
        refused(&late, 410, "Reopen the promotion to ask again");
        let open = t.fill_in(&form, &question, &[("decision", "approve")]);
        let page = Shown::to(open).await;
        page.refused(410, &says);
        page.refused(410, "Reopen the promotion");
        let digest = t.question(&id).await["digest"].clone();
        let program = json!({ "decision": "approve", "digest": digest });
        t.decide_as(Who::Ada, &id, &program)
            .await
            .refused(410, &says);
        t.wait_until(&id, "expired").await;
        t.quiet().await;
        // And behind the sweep: the same answers, and a card that says so.
        let traces = t.traces().await;
        refused(&t.deliver_to_bot(&click).await, 410, &says);
        t.decide_as(Who::Ada, &id, &program)
            .await
            .refused(410, &says);
        let card = t.cloud.posts()[0].card().unwrap().to_string();
        assert!(
            card.contains("expired") && card.contains("Reopen the promotion"),
            "{card}"
        );
        t.untouched(&traces).await;
        assert_eq!((t.recorded(&id, is_vote), t.planned(&id, copies)), (0, 0));
        // Whoever wants it asked again finds the button.
        let page = t.see(Who::Ben, &page_of(&id)).await.text;
        assert!(
            page.contains(&format!("/api/v1/promotions/{id}/reopen\"")),
            "{page}"
        );
        // Asked for again, it is a new question.
        t.say_as(Who::Ben, &id, "reopen", "we were away")
            .await
            .taken();
        t.wait_until(&id, "awaiting approval").await;
        assert!(t.expiry(&id) > at);
        t.post_that_says("approval needed").await;
        t.quiet().await;
        refused(
            &t.deliver_to_bot(&click).await,
            409,
            "This card has been replaced",
        );
        t.nobody_counts(&id).await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
    // In the last second, with the sweep at its heels: it counts.
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let click = t.approval_of(Who::Ada, &post);
        t.quiet().await;
        t.set_clock(t.expiry(&id) - SignedDuration::from_secs(1));
        assert!(t.deliver_to_bot(&click).await.card().is_some());
        t.cloud.clock().advance(std::time::Duration::from_secs(2));
        t.wait_until(&id, "live").await;
    })
    .await;
}

/// The next day on which Berlin's clocks are moved.
fn changing_day() -> jiff::civil::Date {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let change = berlin.following(now()).next().unwrap();
    change.timestamp().to_zoned(berlin).date()
}

/// What a client says of the time is not read, a token's five minutes are none of a decision's, and a window's hours are those of
/// its zone, also on the day on which that moves its clocks.
#[tokio::test]
async fn attack_18_only_the_servers_clock_counts() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let mut click = t.approval_of(Who::Ada, &post);
        let at = t.expiry(&id);
        t.set_clock(at + SignedDuration::from_secs(1));
        let says = format!("expired at {}", at.strftime("%Y-%m-%d %H:%M:%S UTC"));
        for skewed in ["1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "yesterday"] {
            click["timestamp"] = json!(skewed);
            click["localTimestamp"] = json!(skewed);
            click["localTimezone"] = json!("Pacific/Kiritimati");
            refused(&t.deliver_to_bot(&click).await, 410, &says);
        }
        t.wait_until(&id, "expired").await;
        assert_eq!((t.recorded(&id, is_vote), t.planned(&id, copies)), (0, 0));
        t.say_as(Who::Ben, &id, "reopen", "once more").await.taken();
        t.wait_until(&id, "awaiting approval").await;
        t.quiet().await;
        let second = t.post_that_says("approval needed").await;
        let mut click = t.approval_of(Who::Ada, &second);
        click["timestamp"] = json!("2999-01-01T00:00:00Z");
        click["localTimestamp"] = json!("2999-01-01T14:00:00+14:00");
        let before = t.cloud.clock().now();
        assert!(t.deliver_to_bot(&click).await.card().is_some());
        let records = t.records(&id);
        let voted = records.iter().find_map(|line| match &line.fact {
            Fact::Voted { vote } => Some(vote.at),
            _ => None,
        });
        let voted = voted.unwrap();
        assert!(before <= voted && voted <= t.cloud.clock().now(), "{voted}");
        t.wait_until(&id, "live").await;
    })
    .await;
    let windows =
        "    windows: [{ allow: { from: '12:00', to: '14:00', timeZone: Europe/Berlin } }]\n";
    let deadlines = "    deadlines: { deployment: 45m, copy: 2h }\n";
    let setup = Setup::default().with(deadlines, &format!("{deadlines}{windows}"));
    setup
        .story(async |t| {
            let (berlin, day) = (TimeZone::get("Europe/Berlin").unwrap(), changing_day());
            let moment = |date: jiff::civil::Date, hour| {
                let time = Time::constant(hour, 0, 0, 0);
                date.to_datetime(time)
                    .to_zoned(berlin.clone())
                    .unwrap()
                    .timestamp()
            };
            // The evening before; a day later by the clock on the wall it is not 24 hours later.
            let evening = moment(day.checked_sub(1.day()).unwrap(), 12);
            let opens = moment(day, 12);
            assert_ne!(opens.duration_since(evening).as_hours(), 24);
            t.set_clock(evening + SignedDuration::from_hours(3));
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            let says = format!("opens at {}", opens.strftime("%Y-%m-%d %H:%M"));
            t.until_stopped(&id, &says).await;
            t.set_clock(opens - SignedDuration::from_secs(60));
            t.quiet().await;
            t.until_stopped(&id, &says).await;
            assert_eq!(t.versions_in_prod(), 1);
            t.set_clock(opens + SignedDuration::from_secs(1));
            t.wait_until(&id, "live").await;
        })
        .await;
}
