//! `approve` and `reject`: shown first, then answered.
//!
//! The invariant: the digest that is sent is that of what was shown, or of what a script says that it has seen.

use serde_json::{Value, json};

use super::client::Client;
use super::command::{Approve, Reject, Shown};
use super::outcome::{NotDone, Outcome};
use super::reading::about;
use super::run::{Ask, Done, Reply};
use super::table::{fields, text, texts};

/// Fewer digits than these could be another question's.
const SHORTEST_DIGEST: usize = 12;

pub(super) async fn approve(
    client: &Client,
    asked: &Approve,
    ask: &mut Ask<'_>,
) -> Result<Done, NotDone> {
    let answer = Answer {
        promotion: &asked.promotion,
        decision: "approve",
        comment: &asked.comment,
        shown: &asked.shown,
    };
    answer.give(client, ask).await
}

pub(super) async fn reject(
    client: &Client,
    asked: &Reject,
    ask: &mut Ask<'_>,
) -> Result<Done, NotDone> {
    let answer = Answer {
        promotion: &asked.promotion,
        decision: "reject",
        comment: &asked.comment,
        shown: &asked.shown,
    };
    answer.give(client, ask).await
}

struct Answer<'a> {
    promotion: &'a str,
    decision: &'static str,
    comment: &'a str,
    shown: &'a Shown,
}

impl Answer<'_> {
    async fn give(&self, client: &Client, ask: &mut Ask<'_>) -> Result<Done, NotDone> {
        let path = ["promotions", self.promotion, "decisions"];
        let question = client.get(&path, &[]).await?;
        self.settle(&question, ask)?;
        let body = json!({
            "decision": self.decision,
            "digest": question["digest"],
            "attempt": question["attempt"],
            "comment": self.comment,
        });
        let json = client.post(&path, &[], &body).await?;
        let text = about(&json);
        Ok(Done { json, text })
    }

    /// Whether exactly this is to be answered.
    fn settle(&self, question: &Value, ask: &mut Ask<'_>) -> Result<(), NotDone> {
        let digest = question["digest"]
            .as_str()
            .filter(|digest| !digest.is_empty());
        let Some(digest) = digest.filter(|_| question["open"] == true) else {
            return Err(NotDone::new(Outcome::Changed, text(&question["says"])));
        };
        if let Some(seen) = &self.shown.digest {
            self.compare(seen.trim(), digest)?;
            if self.shown.yes {
                return Ok(());
            }
        }
        let asked = format!("{}\n{} this? [y/N] ", shown(question), verb(self.decision));
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
                self.decision, self.promotion
            ),
        ))
    }
}

fn verb(decision: &str) -> &'static str {
    match decision {
        "approve" => "Approve",
        _ => "Reject",
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
    let gates: String = gates
        .map(|gate| {
            let (name, result) = (text(&gate["gate"]), text(&gate["result"]));
            format!("  {result}: {name}: {}\n", text(&gate["says"]))
        })
        .collect();
    let steps = texts(&question["steps"]).into_iter().enumerate();
    let steps: String = steps
        .map(|(at, step)| format!("  {}. {step}\n", at + 1))
        .collect();
    let answers = texts(&question["answers"]);
    let answers: String = answers
        .iter()
        .map(|answer| format!("  {answer}\n"))
        .collect();
    let answers = if answers.is_empty() {
        answers
    } else {
        format!("Answers\n{answers}")
    };
    format!(
        "{heading}{}\n{about}Gates\n{gates}Steps\n{steps}{answers}",
        text(&question["says"])
    )
}
