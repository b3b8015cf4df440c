//! `approve`, `reject`, `revoke`, `override` and `review`: shown first, then answered.
//!
//! The invariant: the digest that is sent is that of what was shown, or of what a script says that it has seen.

use serde_json::{Value, json};

use super::client::Client;
use super::command::{Approve, Reject, Shown};
use super::outcome::{NotDone, Outcome};
use super::reading::{about, line};
use super::run::{Ask, Done, Reply};
use super::table::{fields, indented, text, texts};

/// Fewer digits than these could be another question's.
const SHORTEST_DIGEST: usize = 12;

pub(super) async fn approve(
    client: &Client,
    asked: &Approve,
    ask: &mut Ask<'_>,
) -> Result<Done, NotDone> {
    let answer = Answer {
        promotion: &asked.promotion,
        decision: Decision::Approve,
        comment: &asked.comment,
        shown: &asked.shown,
    };
    answer.give(client, ask).await
}

/// What needs a comment.
pub(super) async fn say(
    client: &Client,
    decision: Decision,
    asked: &Reject,
    ask: &mut Ask<'_>,
) -> Result<Done, NotDone> {
    let answer = Answer {
        promotion: &asked.promotion,
        decision,
        comment: &asked.comment,
        shown: &asked.shown,
    };
    answer.give(client, ask).await
}

/// What is said to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Approve,
    Reject,
    Revoke,
    Override,
    Review,
}

impl Decision {
    /// As the API calls it.
    fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Revoke => "revoke",
            Self::Override => "override",
            Self::Review => "review",
        }
    }

    /// As somebody is asked for it.
    fn asked(self) -> &'static str {
        match self {
            Self::Approve => "Approve this?",
            Self::Reject => "Reject this?",
            Self::Revoke => "Take your word on this back?",
            Self::Override => "OVERRIDE the quorum of this?",
            Self::Review => "Record your review of this override?",
        }
    }

    /// Whether it is an answer to a question that is still open; the others may come while what was agreed to waits.
    fn answers(self) -> bool {
        match self {
            Self::Approve | Self::Reject => true,
            Self::Revoke | Self::Override | Self::Review => false,
        }
    }
}

/// What an answer says of the attempt that is asked about now, besides which and what its digest is.
const OF_ONE_ATTEMPT: [&str; 12] = [
    "serves",
    "trainedBy",
    "wayBack",
    "gates",
    "steps",
    "answers",
    "overrides",
    "review",
    "again",
    "held",
    "stopped",
    "needs",
];

struct Answer<'a> {
    promotion: &'a str,
    decision: Decision,
    comment: &'a str,
    shown: &'a Shown,
}

impl Answer<'_> {
    async fn give(&self, client: &Client, ask: &mut Ask<'_>) -> Result<Done, NotDone> {
        let path = ["promotions", self.promotion, "decisions"];
        let mut question = client.get(&path, &[]).await?;
        if self.decision == Decision::Review {
            self.to_review(&mut question);
        }
        self.settle(&question, ask)?;
        let body = json!({
            "decision": self.decision.word(),
            "digest": question["digest"],
            "attempt": question["attempt"],
            "comment": self.comment,
        });
        let json = client.post(&path, &[], &body).await?;
        let text = about(&json);
        Ok(Done { json, text })
    }

    /// Reviewed is what somebody says that they have seen, else the oldest override that waits for it. Of an earlier attempt
    /// nothing is shown that belongs to today's.
    fn to_review(&self, question: &mut Value) {
        let waiting = question["toReview"].as_array().cloned().unwrap_or_default();
        let seen = self.shown.digest.as_deref().map(str::trim);
        let is_meant = |one: &Value| {
            let digest = one["digest"].as_str().unwrap_or_default();
            seen.is_none_or(|seen| digest.starts_with(seen))
        };
        let meant = match waiting.into_iter().find(|one| is_meant(one)) {
            Some(one) => one,
            // Reviewed already, or never overridden: the app knows which.
            None if seen.is_some() && !is_meant(question) => {
                json!({ "digest": seen, "says": "No override with this digest waits for a review." })
            }
            None => return,
        };
        if meant["attempt"] != question["attempt"] {
            for of_today in OF_ONE_ATTEMPT {
                question[of_today] = Value::Null;
            }
        }
        for field in ["attempt", "digest", "says", "page"] {
            question[field] = meant[field].clone();
        }
    }

    /// Whether exactly this is to be answered.
    fn settle(&self, question: &Value, ask: &mut Ask<'_>) -> Result<(), NotDone> {
        let digest = question["digest"]
            .as_str()
            .filter(|digest| !digest.is_empty());
        let Some(digest) = digest.filter(|_| question["open"] == true || !self.decision.answers())
        else {
            return Err(NotDone::new(Outcome::Changed, text(&question["says"])));
        };
        if let Some(seen) = &self.shown.digest {
            self.compare(seen.trim(), digest)?;
            if self.shown.yes {
                return Ok(());
            }
        }
        let asked = format!("{}\n{} [y/N] ", shown(question), self.decision.asked());
        match (ask(&asked), &self.shown.digest) {
            (Reply::Yes, _) | (Reply::Nobody, Some(_)) => Ok(()),
            (Reply::No, _) => Err(NotDone::new(
                Outcome::Refused,
                "Nothing was answered: you did not say yes.",
            )),
            (Reply::Nobody, None) => Err(NotDone::could_not_run(format!(
                "There is no terminal to show you what is asked on, so say by --digest what you have seen; \
                 `liftlock status {}` shows the digest.",
                text(&question["id"])
            ))),
        }
    }

    fn compare(&self, seen: &str, digest: &str) -> Result<(), NotDone> {
        let hex = seen.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !hex || seen.len() < SHORTEST_DIGEST {
            return Err(NotDone::could_not_run(format!(
                "--digest is the decision digest that you were shown, or its first {SHORTEST_DIGEST} digits or more, in \
                 lower case."
            )));
        }
        if digest.starts_with(seen) {
            return Ok(());
        }
        Err(NotDone::new(
            Outcome::Changed,
            format!(
                "What is asked has changed: its digest is {digest} now. Nothing was answered; look at it again with \
                 `liftlock {} {}`.",
                self.decision.word(),
                self.promotion
            ),
        ))
    }
}

/// The question as the approval page shows it.
fn shown(question: &Value) -> String {
    let heading = format!(
        "{} {}, {} → {}, by route {}, attempt {}\n",
        text(&question["model"]),
        text(&question["version"]),
        text(&question["from"]),
        text(&question["to"]),
        text(&question["route"]),
        text(&question["attempt"])
    );
    let about = fields(&[
        ("Serves now", text(&question["serves"])),
        ("Trained by", text(&question["trainedBy"])),
        ("Way back", text(&question["wayBack"])),
        ("Digest", text(&question["digest"])),
        ("Page", text(&question["page"])),
    ]);
    let gates = question["gates"].as_array().into_iter().flatten();
    let said = |title: &str, said: Vec<String>| match indented(said) {
        nothing if nothing.is_empty() => nothing,
        said => format!("{title}\n{said}"),
    };
    let gates = gates.map(|gate| {
        let (name, result) = (text(&gate["gate"]), text(&gate["result"]));
        format!("{result}: {name}: {}", text(&gate["says"]))
    });
    let gates = said("Gates", gates.collect());
    let steps = texts(&question["steps"]).into_iter().enumerate();
    let steps = steps.map(|(at, step)| format!("{}. {step}", at + 1));
    let steps = said("Steps", steps.collect());
    let answers = said("Answers", texts(&question["answers"]));
    let overrides = said("Override", texts(&question["overrides"]));
    let review = question["review"].as_str().map(str::to_owned);
    let review = said("Review", review.into_iter().collect());
    // Last, so that it stands right above what is asked.
    let against = line(&question["held"]) + &line(&question["stopped"]);
    let again = line(&question["again"]);
    format!(
        "{heading}{again}{}\n{about}{gates}{steps}{answers}{overrides}{review}{against}",
        text(&question["says"])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn question() -> Value {
        json!({
            "id": "diabetes-2.to-prod-0123456789",
            "open": true,
            "digest": DIGEST,
            "attempt": 1,
            "says": "It needs 1 approval with role Model.Approver.",
            "model": "diabetes",
            "version": "2\u{1b}[1A",
            "from": "dev",
            "to": "prod",
            "route": "to-prod",
            "serves": "diabetes 1, deployment champion-v1",
            "trainedBy": "Tina Trainer (a)",
            "gates": [{ "gate": "rmse", "result": "passed", "says": "51.2 is at most 60" }],
            "steps": ["10 % to the candidate", "pause for 10 minutes"],
            "wayBack": "100 % to champion-v1",
            "answers": [],
            "page": "https://liftlock.example/api/approvals/x",
        })
    }

    /// What is shown, and how it ends.
    fn settled(
        digest: Option<&str>,
        yes: bool,
        reply: Reply,
        question: &Value,
    ) -> (String, Option<(u8, String)>) {
        let shown = Shown {
            digest: digest.map(str::to_owned),
            yes,
        };
        let answer = Answer {
            promotion: "diabetes-2.to-prod-0123456789",
            decision: Decision::Approve,
            comment: "",
            shown: &shown,
        };
        let mut seen = String::new();
        let settled = answer.settle(question, &mut |text: &str| {
            text.clone_into(&mut seen);
            reply
        });
        let why = settled.err();
        (seen, why.map(|why| (why.outcome.exit_code(), why.sentence)))
    }

    #[test]
    fn a_person_is_shown_what_they_answer() {
        let (seen, why) = settled(None, false, Reply::Yes, &question());
        assert_eq!(why, None);
        insta::assert_snapshot!(seen.trim_end(), @"
        diabetes 2 [1A, dev → prod, by route to-prod, attempt 1
        It needs 1 approval with role Model.Approver.
        Serves now  diabetes 1, deployment champion-v1
        Trained by  Tina Trainer (a)
        Way back    100 % to champion-v1
        Digest      0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        Page        https://liftlock.example/api/approvals/x
        Gates
          passed: rmse: 51.2 is at most 60
        Steps
          1. 10 % to the candidate
          2. pause for 10 minutes

        Approve this? [y/N]
        ");
        let (_, why) = settled(None, false, Reply::No, &question());
        assert_eq!(why.map(|(code, _)| code), Some(1));
    }

    #[test]
    fn of_an_earlier_attempt_nothing_is_shown_that_belongs_to_todays() {
        let mut asked = question();
        asked["toReview"] = json!([{
            "attempt": 1,
            "digest": "fedcba9876543210",
            "says": "Attempt 1 was OVERRIDDEN by Ada Approver and Ben Approver.",
            "page": "https://liftlock.example/api/approvals/y",
        }]);
        asked["attempt"] = json!(2);
        let to_review = |digest: Option<&str>| {
            let shown = Shown {
                digest: digest.map(str::to_owned),
                yes: true,
            };
            let answer = Answer {
                promotion: "diabetes-2.to-prod-0123456789",
                decision: Decision::Review,
                comment: "",
                shown: &shown,
            };
            let mut question = asked.clone();
            answer.to_review(&mut question);
            question
        };
        insta::assert_snapshot!(super::shown(&to_review(None)).trim_end(), @"
        diabetes 2 [1A, dev → prod, by route to-prod, attempt 1
        Attempt 1 was OVERRIDDEN by Ada Approver and Ben Approver.
        Digest  fedcba9876543210
        Page    https://liftlock.example/api/approvals/y
        ");
        // What waits no more is asked of the app, which knows what became of it.
        let unknown = to_review(Some("aaaaaaaaaaaa"));
        assert_eq!(unknown["digest"], "aaaaaaaaaaaa");
        assert_eq!(unknown["attempt"], Value::Null);
        assert_eq!(to_review(Some(DIGEST)), asked);
    }

    #[test]
    fn what_stands_against_it_is_said_right_above_the_question() {
        let mut frozen = question();
        frozen["stopped"] = json!("Nothing starts now: stage prod is frozen.");
        let (seen, _) = settled(None, false, Reply::No, &frozen);
        let end = "\nNothing starts now: stage prod is frozen.\n\nApprove this? [y/N] ";
        assert!(seen.ends_with(end), "{seen}");
    }

    #[test]
    fn each_answer_is_asked_for_in_words_of_its_own() {
        let all = [Decision::Revoke, Decision::Override].map(Decision::asked);
        insta::assert_snapshot!(all.join("\n"), @"
        Take your word on this back?
        OVERRIDE the quorum of this?
        ");
    }

    #[test]
    fn a_script_says_what_it_has_seen() {
        let rows = [
            (None, Reply::Nobody, Some(2)),
            (Some(DIGEST), Reply::Nobody, None),
            (Some(&DIGEST[..12]), Reply::Nobody, None),
            (Some(&DIGEST[..11]), Reply::Yes, Some(2)),
            (Some("0123456789abcdee"), Reply::Yes, Some(4)),
            (Some("0123456789ABCDEF"), Reply::Yes, Some(2)),
            (Some(""), Reply::Yes, Some(2)),
            (Some(DIGEST), Reply::No, Some(1)),
        ];
        for (digest, reply, expected) in rows {
            let (_, why) = settled(digest, false, reply, &question());
            assert_eq!(why.map(|(code, _)| code), expected, "{digest:?} {reply:?}");
        }
        let (seen, why) = settled(Some(DIGEST), true, Reply::No, &question());
        assert_eq!((seen.as_str(), why), ("", None), "--yes asks nobody");
    }

    #[test]
    fn what_is_not_asked_is_not_answered() {
        for (field, value) in [
            ("open", json!(false)),
            ("open", json!("true")),
            ("digest", json!(null)),
            ("digest", json!("")),
        ] {
            let mut closed = question();
            closed[field] = value;
            let (seen, why) = settled(Some(DIGEST), true, Reply::Yes, &closed);
            assert_eq!(why.map(|(code, _)| code), Some(4), "{field}");
            assert_eq!(seen, "");
        }
    }
}
