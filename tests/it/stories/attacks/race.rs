//! Very many people answer at once: one outcome, and everybody hears which.

use cloud_sim::{Answered, Member, Person};
use futures::future::join_all;
use promotion::{Effect, PromotionId};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::votes::is_vote;
use crate::stories::people::Shown;
use crate::stories::{Setup, Tester};

/// As many say yes as say no.
const EACH: usize = 100;

/// One of the crowd.
#[derive(Debug, Clone)]
struct One {
    id: String,
    name: String,
    approves: bool,
    /// In the channel; the others by program.
    clicks: bool,
}

/// What one of them heard.
#[derive(Debug)]
struct Heard {
    status: u64,
    says: String,
}

fn crowd() -> Vec<One> {
    let one = |number: usize| One {
        id: format!("00000000-0000-4000-8000-{:012x}", 0xc_0000 + number),
        name: format!("Voter {number}"),
        approves: number.is_multiple_of(2),
        clicks: number.is_multiple_of(5),
    };
    (0..2 * EACH).map(one).collect()
}

impl Tester {
    /// They have accounts, the approvers' role and the channel.
    fn welcome(&self, crowd: &[One]) {
        for one in crowd {
            let user = format!("{}@liftlock.example", one.id);
            let account = Person::member(&one.id, &one.name, &user);
            self.cloud
                .directory()
                .put(account.with_role("Model.Approver"));
            self.cloud.join_channel(Member::new(&one.id, &one.name));
        }
    }

    async fn heard(&self, one: &One, id: &PromotionId, post: &str, question: &Value) -> Heard {
        let (verb, comment) = if one.approves {
            ("approve", "")
        } else {
            ("reject", "not yet")
        };
        if one.clicks {
            let data = json!({
                "promotion": id, "attempt": 1, "digest": question["digest"], "comment": comment,
            });
            let verb = format!("approval.{verb}");
            let activity = self.cloud.activity_of(&one.id, post, &verb, &data);
            return Heard::of_click(&self.deliver_to_bot(&activity.unwrap()).await);
        }
        let body = json!({ "decision": verb, "digest": question["digest"], "comment": comment });
        let path = format!("/api/v1/promotions/{id}/decisions");
        let token = self.cloud.id_token(&one.id).unwrap();
        let request = self.http.post(self.url(&path)).bearer_auth(token);
        let request = request.header("content-type", "application/json");
        let shown = Shown::to(request.body(body.to_string())).await;
        Heard {
            status: shown.status.as_u16().into(),
            says: shown.text,
        }
    }
}

impl Heard {
    fn of_click(answered: &Answered) -> Self {
        assert_eq!(answered.status, 200, "{answered:?}");
        Self {
            status: answered.body["statusCode"].as_u64().unwrap(),
            says: answered.body["value"].to_string(),
        }
    }

    fn counted(&self) -> bool {
        self.status == u64::from(StatusCode::OK.as_u16())
            || self.status == u64::from(StatusCode::ACCEPTED.as_u16())
    }
}

/// How often each status was answered.
fn tally(heard: &[Heard]) -> BTreeMap<u64, usize> {
    let mut statuses = BTreeMap::new();
    for one in heard {
        *statuses.entry(one.status).or_default() += 1;
    }
    statuses
}

/// Each of the quorum has to be written behind the one before, and each of the others is told.
#[tokio::test]
async fn attack_race_a_large_quorum_at_once_counts_each_of_its_people_once() {
    const QUORUM: usize = 20;
    let wanted = format!("minApprovals: {QUORUM}");
    let setup = Setup::default().with("minApprovals: 1", &wanted);
    setup
        .story(async |t| {
            let crowd = crowd().into_iter().filter(|one| one.approves);
            let crowd: Vec<_> = crowd.take(2 * QUORUM).collect();
            t.welcome(&crowd);
            let (id, post) = t.asked_in_channel().await;
            let question = t.question(&id).await;
            let answers = crowd.iter().map(|one| t.heard(one, &id, &post, &question));
            let heard = join_all(answers).await;
            let counted = heard.iter().filter(|one| one.counted()).count();
            let tally = tally(&heard);
            assert_eq!(counted, QUORUM, "{tally:?}");
            let odd = heard
                .iter()
                .find(|one| !one.counted() && !one.says.contains("already decided"));
            assert!(odd.is_none(), "{tally:?} {odd:?}");
            assert_eq!(t.recorded(&id, is_vote), QUORUM);
            t.wait_until(&id, "live").await;
            let mut voters = t.voters(&id);
            voters.sort();
            voters.dedup();
            assert_eq!(voters.len(), QUORUM);
            t.advance_clock(jiff::SignedDuration::from_mins(7)).await;
            assert_eq!(
                t.planned(&id, |effect| matches!(effect, Effect::CopyFiles { .. })),
                1
            );
        })
        .await;
}

#[tokio::test]
async fn attack_race_two_hundred_answers_at_once_are_one_decision() {
    Setup::default()
        .story(async |t| {
            let crowd = crowd();
            t.welcome(&crowd);
            let (id, post) = t.asked_in_channel().await;
            let question = t.question(&id).await;
            let answers = crowd.iter().map(|one| t.heard(one, &id, &post, &question));
            let heard = join_all(answers).await;
            let statuses = tally(&heard);
            let odd = heard.iter().find(|one| !one.counted() && one.status != 409);
            assert!(odd.is_none(), "{statuses:?} {odd:?}");
            let winners: Vec<_> = crowd
                .iter()
                .zip(&heard)
                .filter(|(_, heard)| heard.counted())
                .collect();
            let [(winner, _)] = winners[..] else {
                panic!("{winners:?}");
            };
            assert_eq!((t.recorded(&id, is_vote), heard.len()), (1, 2 * EACH));
            // Everybody else reads who was faster and what they said.
            let (did, end) = if winner.approves {
                ("approved", "live")
            } else {
                ("rejected", "rejected")
            };
            let says = format!("{} {did} it", winner.name);
            let lost = heard.iter().filter(|heard| !heard.counted());
            for heard in lost {
                assert!(
                    heard.says.contains("already decided") && heard.says.contains(&says),
                    "{heard:?} {says}"
                );
            }
            t.wait_until(&id, end).await;
            t.advance_clock(jiff::SignedDuration::from_mins(7)).await;
            let copies = t.planned(&id, |effect| matches!(effect, Effect::CopyFiles { .. }));
            assert_eq!(copies, usize::from(winner.approves));
        })
        .await;
}
