//! Votes that must not count, or must count once (attacks 9 to 13).

use cloud_sim::{Cloud, Fault};
use jiff::SignedDuration;
use promotion::{Effect, Fact, PromotionId};
use serde_json::{Value, json};

use crate::stories::clicks::refused;
use crate::stories::people::Shown;
use crate::stories::{Setup, Tester, Who};

use super::forms::bound_to_something_else;

/// The separation of duties, to whoever did both.
const OWN_WORK: &str =
    "You trained, registered, changed or asked for this model, so somebody else has to judge it.";

const CHANGED: &str =
    "This approval is superseded: what it asked about has changed since. Open the newest card.";

const TWICE: &str =
    "You have already voted on this approval; more approvals have to come from other people.";

/// Two people have to agree.
pub(super) fn two() -> Setup {
    Setup::default().with("minApprovals: 1", "minApprovals: 2")
}

impl Tester {
    /// An answer by a program, to exactly what is asked.
    pub(in crate::stories) async fn says_as(
        &self,
        who: Who,
        id: &PromotionId,
        decision: &str,
        comment: &str,
    ) -> Shown {
        let digest = self.question(id).await["digest"].clone();
        let answer = json!({ "decision": decision, "digest": digest, "comment": comment });
        self.decide_as(who, id, &answer).await
    }

    /// Who has answered, as the journal has it now.
    pub(super) fn voters(&self, id: &PromotionId) -> Vec<String> {
        let promotion = self.promotion(id);
        let votes = promotion.stage().votes().iter();
        votes.map(|vote| vote.person.name.clone()).collect()
    }

    /// How often something like this was recorded.
    pub(in crate::stories) fn recorded(
        &self,
        id: &PromotionId,
        like: impl Fn(&Fact) -> bool,
    ) -> usize {
        let records = self.records(id);
        records.iter().filter(|line| like(&line.fact)).count()
    }

    /// How often the copy was ordered, or traffic, or whatever else is of this kind.
    pub(super) fn planned(&self, id: &PromotionId, like: impl Fn(&Effect) -> bool) -> usize {
        self.recorded(
            id,
            |fact| matches!(fact, Fact::Planned { effect, .. } if like(effect)),
        )
    }
}

impl Tester {
    /// How often something of this kind was done that was ordered.
    pub(super) fn performed(&self, id: &PromotionId, like: impl Fn(&Effect) -> bool) -> usize {
        let records = self.records(id);
        let ordered = records.iter().filter_map(|line| match &line.fact {
            Fact::Planned { key, effect } if like(effect) => Some(key),
            _ => None,
        });
        let ordered: Vec<_> = ordered.collect();
        self.recorded(
            id,
            |fact| matches!(fact, Fact::Done { key, .. } if ordered.contains(&key)),
        )
    }
}

pub(super) fn is_vote(fact: &Fact) -> bool {
    matches!(fact, Fact::Voted { .. })
}

pub(super) fn copies(effect: &Effect) -> bool {
    matches!(effect, Effect::CopyFiles { .. })
}

/// Whoever trained it holds the approvers' role here, and comes by every door.
#[tokio::test]
async fn attack_09_nobody_approves_their_own_model() {
    let setup = Setup::default().with_approver(Who::Tina);
    setup
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let traces = t.traces().await;
            let mine = t
                .press_as(Who::Tina, &post, "Approve", "I trust myself")
                .await;
            refused(&mine, 403, OWN_WORK);
            // The same object id in capitals, and under another name: it is the account that counts.
            let mut alias = t.approval_of(Who::Tina, &post);
            alias["from"]["aadObjectId"] = json!(Who::Tina.object_id().to_uppercase());
            alias["from"]["name"] = json!("Bettina Other");
            refused(&t.deliver_to_bot(&alias).await, 403, OWN_WORK);
            let people = t.cloud.directory();
            people.change(&Who::Tina.object_id(), |tina| {
                tina.name = "Bettina".to_owned();
            });
            for says in ["approve", "reject"] {
                let own = t.says_as(Who::Tina, &id, says, "mine").await;
                own.refused(403, OWN_WORK);
            }
            let page = t.approve_as(Who::Tina, &id).await;
            page.offers_no_form(OWN_WORK);
            let tried = [
                ("teams", "approve", 403, OWN_WORK),
                ("teams", "approve", 403, OWN_WORK),
                ("api", "approve", 403, OWN_WORK),
                ("api", "reject", 403, OWN_WORK),
            ];
            t.told_the_auditor(&Who::Tina.object_id(), &tried).await;
            // The request is not used up.
            t.denied(&traces, &id, 2).await;
            t.nobody_counts(&id).await;
            t.press_as(Who::Ada, &post, "Approve", "").await;
            t.wait_until(&id, "live").await;
        })
        .await;
}

/// By the channel the second answer is the card as it is; by page and program it is said to be a second one.
#[tokio::test]
async fn attack_10_one_person_counts_once_by_whichever_door() {
    two()
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let again = t.approval_of(Who::Ada, &post);
            let form = t
                .open_form(Who::Ada, &t.newest_question(&id))
                .await
                .ok()
                .unwrap();
            let first = t.press_as(Who::Ada, &post, "Approve", "Better").await;
            assert!(first.card().is_some(), "{first:?}");
            let traces = t.traces().await;
            // Another click of hers, with an id of its own; then the page that stood open; then a program.
            let second = t.deliver_to_bot(&again).await;
            assert_eq!(second.body["statusCode"], 200, "{second:?}");
            let card = second.card().expect("she sees how things are").to_string();
            assert!(
                card.contains("Ada Approver") && card.contains("Better"),
                "{card}"
            );
            let fields = [("decision", "approve")];
            let open = t.fill_in(&form, &t.newest_question(&id), &fields);
            Shown::to(open).await.refused(409, TWICE);
            let program = t
                .says_as(Who::Ada, &id, "reject", "on second thought")
                .await;
            program.refused(409, "take your approval back first");
            assert_eq!(t.voters(&id), ["Ada Approver"]);
            t.untouched(&traces).await;
            assert_eq!(t.stage(&id), "awaiting approval");
            assert_eq!(t.recorded(&id, is_vote), 1);
            t.press_as(Who::Ben, &post, "Approve", "").await;
            t.wait_until(&id, "live").await;
            assert_eq!(t.recorded(&id, is_vote), 2);
        })
        .await;
}

/// One wins, the other reads what has become of it; a no beats whatever is not complete.
#[tokio::test]
async fn attack_11_a_yes_that_races_a_no_ends_in_one_of_them() {
    for _ in 0..3 {
        Setup::default()
            .story(async |t| {
                let (id, post) = t.asked_in_channel().await;
                let (yes, no) = tokio::join!(
                    t.press_as(Who::Ada, &post, "Approve", ""),
                    t.press_as(Who::Ben, &post, "Reject", "worse for some"),
                );
                let answers = [&yes, &no].map(|answer| answer.body["statusCode"].as_u64());
                match answers {
                    [Some(200), Some(409)] => {
                        refused(&no, 409, "already decided: Ada Approver approved it");
                    }
                    [Some(409), Some(200)] => {
                        refused(&yes, 409, "already decided: Ben Approver rejected it");
                    }
                    _ => panic!("{yes:?} {no:?}"),
                }
                assert_eq!(t.recorded(&id, is_vote), 1, "one decided");
                let end = if no.card().is_some() {
                    "rejected"
                } else {
                    "live"
                };
                t.wait_until(&id, end).await;
                // Whoever lost has made it due, and may have been slow: that is kept in mind for five minutes.
                t.advance_clock(SignedDuration::from_mins(7)).await;
                let (copied, serves) = match end {
                    "live" => (1, "diabetes:2 100"),
                    _ => (0, "diabetes:1 100"),
                };
                assert_eq!(t.planned(&id, copies), copied, "{end}");
                assert_eq!(t.versions_in_prod(), 1 + copied, "{end}");
                assert_eq!(t.serving(), [serves]);
                assert_eq!(t.recorded(&id, is_vote), 1, "one decided");
            })
            .await;
    }
    Setup::default()
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let (first, second) = tokio::join!(
                t.press_as(Who::Ada, &post, "Approve", ""),
                t.press_as(Who::Ben, &post, "Approve", ""),
            );
            let (late, winner) = if first.card().is_some() {
                (&second, "Ada Approver")
            } else {
                (&first, "Ben Approver")
            };
            let told = format!("already decided: {winner} approved it");
            refused(late, 409, &told);
            assert_eq!(t.voters(&id), [winner]);
            t.wait_until(&id, "live").await;
            t.advance_clock(SignedDuration::from_mins(7)).await;
            assert_eq!((t.recorded(&id, is_vote), t.planned(&id, copies)), (1, 1));
        })
        .await;
    two()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.reject_as(Who::Ben, &id, "not on a Friday").await.taken();
            t.wait_until(&id, "rejected").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
            assert_eq!((t.planned(&id, copies), t.versions_in_prod()), (0, 1));
        })
        .await;
}

/// What was sent once comes again: at once, after its word was taken back, and after the end.
#[tokio::test]
async fn attack_12_a_captured_click_or_form_counts_once_for_ever() {
    two()
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let question = t.newest_question(&id);
            let click = t.approval_of(Who::Ada, &post);
            let form = t.open_form(Who::Ben, &question).await.ok().unwrap();
            let fields = [("decision", "approve"), ("comment", "fine with me")];
            let send_form = async || Shown::to(t.fill_in(&form, &question, &fields)).await;
            assert!(t.deliver_to_bot(&click).await.card().is_some());
            t.says_as(Who::Ada, &id, "revoke", "looked again")
                .await
                .taken();
            send_form().await.taken();
            t.says_as(Who::Ben, &id, "revoke", "so did I").await.taken();
            let traces = t.traces().await;
            let replayed = t.deliver_to_bot(&click).await;
            let card = replayed.card().expect("the state as it is").to_string();
            assert!(
                card.contains("awaiting approval") && !card.contains("Ada Approver"),
                "{card}"
            );
            send_form()
                .await
                .refused(409, "taken your word back since you were shown this");
            t.untouched(&traces).await;
            assert_eq!(t.voters(&id), [""; 0]);
            assert_eq!(t.recorded(&id, is_vote), 2);
            // Both agree once more, by new clicks.
            t.press_as(Who::Ada, &post, "Approve", "now").await;
            t.press_as(Who::Ben, &post, "Approve", "now").await;
            t.wait_until(&id, "live").await;
            let traces = t.traces().await;
            let replayed = t.deliver_to_bot(&click).await;
            assert!(replayed.card().unwrap().to_string().contains("live"));
            let mut new = click.clone();
            new["id"] = json!("f:another");
            let decided = "already decided: Ada Approver and Ben Approver approved it";
            refused(&t.deliver_to_bot(&new).await, 409, decided);
            send_form().await.refused(409, decided);
            let link = t.see(Who::Ada, &question).await;
            assert!(
                link.token().is_none() && link.sentence().contains("decided"),
                "{}",
                link.sentence()
            );
            t.untouched(&traces).await;
            assert_eq!(t.planned(&id, copies), 1);
        })
        .await;
}

/// With a token of the connector's that is good for another hour anybody can be named. What is left to hold it against: our
/// tenant, the channel, the card's own post, the digest, what the directory says of the account, and the click's id. (That
/// nobody reads a token on the way: the connector's addresses are https everywhere but on this machine.)
#[tokio::test]
async fn attack_13_a_changed_click_with_a_good_token_gains_nothing() {
    two()
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let click = t.approval_of(Who::Ada, &post);
            let foreign = "00000000-0000-4000-8000-0000000000ee";
            let channel = Cloud::TEAMS_CHANNEL;
            let elsewhere = format!("{};messageid=1", Cloud::SECOND_TEAMS_CHANNEL);
            let thread = format!("{channel};messageid=1");
            let traces = t.traces().await;
            let tenant = "You are not authorised: this is another tenant's conversation.";
            let place_of = "You are not authorised: Liftlock asks nothing in this conversation.";
            let account = "You are not authorised: nobody in this tenant has your account.";
            let role = "This needs the role Model.Approver; your roles: none.";
            let copy = "This card has been replaced, so nothing was recorded.";
            for (place, value, status, words) in [
                ("/channelData/tenant/id", json!(foreign), 403, tenant),
                ("/conversation/tenantId", json!(foreign), 403, tenant),
                ("/conversation/id", json!(elsewhere), 403, place_of),
                ("/conversation/id", json!(thread), 409, copy),
                ("/replyToId", json!("1700000000000"), 409, copy),
                ("/replyToId", Value::Null, 409, copy),
                ("/from/aadObjectId", json!(foreign), 403, account),
                ("/from/aadObjectId", json!(Who::Sam.object_id()), 403, role),
                (
                    "/value/action/data/digest",
                    json!("0".repeat(64)),
                    409,
                    CHANGED,
                ),
            ] {
                let mut changed = click.clone();
                *changed.pointer_mut(place).unwrap() = value;
                refused(&t.deliver_to_bot(&changed).await, status, words);
            }
            for without in [Value::Null, json!("x".repeat(300))] {
                let mut changed = click.clone();
                changed["id"] = without;
                t.not_understood(&changed, "it has no id of its own").await;
            }
            t.denied(&traces, &id, 3).await;
            t.nobody_counts(&id).await;
            // Heard once it names nobody else any more.
            assert!(t.deliver_to_bot(&click).await.card().is_some());
            let traces = t.traces().await;
            let mut as_ben = click.clone();
            as_ben["from"]["aadObjectId"] = json!(Who::Ben.object_id());
            assert!(t.deliver_to_bot(&as_ben).await.card().is_some());
            assert_eq!(t.voters(&id), ["Ada Approver"]);
            t.untouched(&traces).await;
            t.press_as(Who::Ben, &post, "Approve", "").await;
            t.wait_until(&id, "live").await;
            let lines = t.lines.lock().unwrap().join("\n");
            assert!(!lines.contains("eyJ"), "no token is logged");
        })
        .await;
    // A post of which nobody heard that it was made is a copy from then on. It decides nothing, and keeps nobody from deciding.
    Setup::default()
        .story(async |t| {
            t.cloud
                .faults()
                .add("teams.conversations.post", Fault::LostAnswer, 1);
            let (id, copy) = t.asked_in_channel().await;
            t.until("it is posted again", async || t.cloud.posts().len() == 2)
                .await;
            t.quiet().await;
            let kept = t.cloud.posts()[1].id.clone();
            assert_ne!(kept, copy);
            let traces = t.traces().await;
            let on_copy = t.press_as(Who::Ada, &copy, "Approve", "").await;
            refused(&on_copy, 409, "This card has been replaced");
            refused(&on_copy, 409, &format!("/api/board/promotions/{id}"));
            t.untouched(&traces).await;
            t.nobody_counts(&id).await;
            t.press_as(Who::Ada, &kept, "Approve", "").await;
            t.wait_until(&id, "live").await;
        })
        .await;
    // Where it is not known which post is the card, each counts.
    Setup::default()
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            t.remove("state", &format!("cards/{id}.json"));
            t.press_as(Who::Ada, &post, "Approve", "").await;
            t.wait_until(&id, "live").await;
        })
        .await;
}

/// What a card or a link carries says which question is meant, never what is in it: both are looked up.
#[tokio::test]
async fn attack_14_a_made_up_question_is_none() {
    Setup::default()
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let click = t.approval_of(Who::Ada, &post);
            let digest = t.question(&id).await["digest"].as_str().unwrap().to_owned();
            let other = |at: usize| {
                let mut bytes = digest.clone().into_bytes();
                bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
                String::from_utf8(bytes).unwrap()
            };
            let traces = t.traces().await;
            let unknown = "There is no such promotion.";
            for (key, value, status, words) in [
                ("digest", json!(other(0)), 409, CHANGED),
                ("digest", json!(other(63)), 409, CHANGED),
                ("attempt", json!(2), 409, CHANGED),
                ("promotion", json!("none-1.r-0123456789"), 404, unknown),
            ] {
                let mut forged = click.clone();
                forged["value"]["action"]["data"][key] = value;
                refused(&t.deliver_to_bot(&forged).await, status, words);
            }
            let not_whole = "it names no whole digest";
            for (key, value, why) in [
                ("digest", json!(&digest[..63]), not_whole),
                ("digest", json!(digest.to_uppercase()), not_whole),
                ("digest", json!("g".repeat(64)), not_whole),
                ("digest", json!(""), not_whole),
                ("digest", json!([digest]), not_whole),
                ("attempt", json!("1"), "it names no attempt"),
                (
                    "promotion",
                    json!("../../state/targets"),
                    "it names no promotion",
                ),
            ] {
                let mut forged = click.clone();
                forged["value"]["action"]["data"][key] = value;
                t.not_understood(&forged, why).await;
            }
            for wrong in [other(0), other(63), other(11)[..12].to_owned()] {
                let answer = json!({ "decision": "approve", "digest": wrong });
                let sent = t.decide_as(Who::Ada, &id, &answer).await;
                sent.refused(409, CHANGED);
            }
            // A link with another digest shows no form, and a form of the right one is none for it.
            let right = t.newest_question(&id);
            let wrong = right.replace(&digest[..16], &other(0)[..16]);
            let shown = t.see(Who::Ada, &wrong).await;
            assert!(
                shown.token().is_none() && shown.sentence().contains("superseded"),
                "{}",
                shown.sentence()
            );
            let form = t.open_form(Who::Ada, &right).await.ok().unwrap();
            let sent = t.fill_in(&form, &wrong, &[("decision", "approve")]);
            let sent = Shown::to(sent).await;
            sent.refused(403, "was shown to somebody else");
            sent.refused(403, "Look at it again");
            t.untouched(&traces).await;
            t.nobody_counts(&id).await;
            // The form is in time and its key counts: where it belongs, it would be taken, as the click is.
            bound_to_something_else(&form, &t.open_form(Who::Ben, &right).await.ok().unwrap());
            t.deliver_to_bot(&click).await;
            t.wait_until(&id, "live").await;
        })
        .await;
}
