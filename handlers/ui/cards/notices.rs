//! One function for each thing that people are told.

use promotion::{
    Champion, Digest, Ending, Notice, Pinned, Promotion, Rollout, Serving, Stage, TakenBack,
    Verdict,
};
use serde_json::Value;

use super::design::{Card, Tone};
use super::overriding;
use crate::ui::figures::counted;
use crate::ui::links::Links;
use crate::ui::messages::any_of;
use crate::ui::messages::{
    VerdictText, asked_again, author, candidate, cannot_tell, cause_of, champion, deployment,
    drift_question, ending, held_from_now_on, needs, overridden, remedy, route, served_by,
    stage_with_workspace, steps, stuck, taken_back, taken_back_by, traffic, verdict, vote,
};
use crate::ui::moment::utc;
use crate::ui::text::{NAME, capped, name};

/// How much of a digest people compare by eye.
const SHORT: usize = 12;

/// The Adaptive Card for `notice`; `record` is the hash of the journal's record that planned it.
pub fn card(notice: Notice, promotion: &Promotion, record: &Digest, links: &Links) -> Value {
    let about = About {
        promotion,
        record: Some(record),
        links,
    };
    match notice {
        Notice::ApprovalAsked => approval_asked(&about),
        Notice::Blocked => blocked(&about),
        Notice::Approved => approved(&about),
        Notice::Rejected => ended(&about, Tone::Attention, "rejected"),
        Notice::Expired => ended(&about, Tone::Warning, "expired"),
        Notice::Superseded => superseded(&about),
        Notice::Refused => ended(&about, Tone::Warning, "refused"),
        Notice::Voided => ended(&about, Tone::Attention, "voided"),
        Notice::Aborted => ended(&about, Tone::Warning, "aborted"),
        Notice::Paused => paused(&about),
        Notice::Inconclusive => inconclusive(&about),
        Notice::Drifted => drifted(&about),
        Notice::Live => live(&about),
        Notice::RolledBack => rolled_back(&about),
        Notice::NoWayBack => no_way_back(&about),
        Notice::Stuck => not_in_time(&about),
        Notice::Failed => failed(&about),
        Notice::Reminder => asking(&about, Tone::Warning, "still waits for approval"),
        Notice::Escalated | Notice::EscalatedElsewhere => {
            let answered = !promotion.stage().votes().is_empty();
            let what = if answered {
                "escalated: not enough people have answered"
            } else {
                "escalated: nobody has answered"
            };
            asking(&about, Tone::Attention, what)
        }
        Notice::Revoked => {
            let question = promotion.stage().question();
            let last = question.and_then(|question| question.last_taken_back.as_ref());
            let what = last.map_or(TakenBack::Approval, |last| last.what);
            let card = about.begin(Tone::Warning, taken_back(what));
            let card = match last {
                Some(last) => card.text(&taken_back_by(last.what, &last.by, &last.reason)),
                None => card,
            };
            self::question(&about, card)
        }
        Notice::OverrideWanted => overriding::wanted(&about),
        Notice::Overridden => overriding::overridden(&about),
        Notice::ApprovedAutomatically => overriding::automatic(&about),
    }
}

/// What every card is about.
pub(super) struct About<'a> {
    pub(super) promotion: &'a Promotion,
    /// The record that planned it; none for what is looked up.
    record: Option<&'a Digest>,
    pub(super) links: &'a Links,
}

impl<'a> About<'a> {
    /// About how things are, planned by no record.
    pub(super) fn now(promotion: &'a Promotion, links: &'a Links) -> Self {
        Self {
            promotion,
            record: None,
            links,
        }
    }
}

impl About<'_> {
    /// `diabetes 2 → prod: blocked`.
    pub(super) fn begin(&self, tone: Tone, what: &str) -> Card {
        let title = format!(
            "{} → {}: {what}",
            candidate(self.promotion.candidate()),
            name(self.promotion.route().target.stage.as_str())
        );
        let route = self.promotion.route();
        let subtitle = format!(
            "From {} to {}",
            stage_with_workspace(route.source.stage.as_str(), &route.source.workspace),
            stage_with_workspace(route.target.stage.as_str(), &route.target.workspace),
        );
        let card = Card::new(tone, &title, &subtitle);
        match overridden(self.promotion) {
            Some(said) => card.text(&said),
            None => card,
        }
    }

    /// What identifies the card, and the way to the promotion.
    pub(super) fn end(&self, card: Card) -> Value {
        let promotion = self.promotion;
        let mut facts = vec![format!(
            "Promotion {}, attempt {}",
            capped(promotion.id().as_str(), 2 * NAME),
            promotion.attempt()
        )];
        facts.extend(
            self.pinned()
                .map(|pinned| format!("digest {}", pinned.digest.short(SHORT))),
        );
        let record = self.record.map(|record| record.short(SHORT));
        facts.extend(record.map(|record| format!("record {record}")));
        let page = self.links.absolute(&self.links.promotion(promotion.id()));
        card.small(&facts.join(" · "))
            .link("Open the promotion", &page)
            .finish()
    }

    pub(super) fn pinned(&self) -> Option<&Pinned> {
        self.promotion.stage().pinned()
    }

    /// Who has answered so far, and what.
    pub(super) fn answers(&self, card: Card) -> Card {
        let votes = self.promotion.stage().votes().iter().map(vote);
        card.newest(&votes.collect::<Vec<_>>())
    }

    /// The ending in a sentence, and what to do about it.
    fn told(&self, card: Card) -> Card {
        match self.promotion.stage().ending() {
            Some(end) => {
                let card = card.text(&ending(end));
                match remedy(end) {
                    Some(remedy) => card.text(remedy),
                    None => card,
                }
            }
            None => card.text(&format!(
                "Since then it went on: it is {}.",
                self.promotion.stage().name()
            )),
        }
    }
}

fn approval_asked(about: &About<'_>) -> Value {
    asking(about, Tone::Accent, "approval needed")
}

/// The question, put once more for another reason, says everything again: nobody has to look for the first card.
pub(super) fn asking(about: &About<'_>, tone: Tone, what: &str) -> Value {
    question(about, about.begin(tone, what))
}

/// What people are asked, below what the card begins with.
pub(super) fn question(about: &About<'_>, card: Card) -> Value {
    let card = match asked_again(about.promotion) {
        Some(said) => card.text(&said),
        None => card,
    };
    let card = about.answers(card);
    let Some(pinned) = about.pinned() else {
        return about.end(card);
    };
    let promotion = about.promotion;
    let mut facts = vec![
        ("Model", candidate(promotion.candidate())),
        (
            "Route",
            format!(
                "{} ({})",
                name(promotion.route().name.as_str()),
                route(promotion)
            ),
        ),
        ("Serves now", champion(&pinned.champion)),
        (
            "Trained by",
            author(&pinned.source.lineage.trained_by, &pinned.quorum),
        ),
    ];
    let registered_by = pinned.source.lineage.registered_by.as_deref();
    facts.extend(registered_by.map(|by| ("Registered by", name(by))));
    facts.extend([
        ("Files", files(pinned)),
        ("Rollout", rollout(pinned)),
        ("Needs", needs(promotion, pinned)),
        ("Expires", utc(pinned.expires_at)),
    ]);
    let decide = about
        .links
        .approval(promotion.id(), promotion.attempt(), &pinned.digest);
    // A card leads to our own pages only; the training job's own address stands on the one to decide on.
    let card = card
        .gates(&gates(&pinned.verdicts))
        .facts(&facts)
        .link("Review and decide", &decide);
    about.end(card)
}

fn files(pinned: &Pinned) -> String {
    format!(
        "{}, {}",
        counted(pinned.manifest.files().len() as u64, "file"),
        crate::ui::figures::size(pinned.manifest.total_size())
    )
}

fn rollout(pinned: &Pinned) -> String {
    let after = match (&pinned.plan.smoke_test, &pinned.plan.batch_test) {
        (_, Some(_)) => "after a test job",
        (Some(_), None) => "after a smoke test",
        (None, None) if pinned.plan.endpoint.serving == Serving::Batch => "without a test job",
        (None, None) => "without a smoke test",
    };
    match &pinned.champion {
        Champion::None if pinned.plan.endpoint.serving == Serving::Batch => {
            format!("the default at once {after}, for nothing serves yet")
        }
        Champion::None => format!("all traffic at once {after}, for nothing serves yet"),
        Champion::Serving(_) | Champion::Unclear { .. } => {
            format!("{} {after}", steps(&pinned.plan))
        }
    }
}

fn blocked(about: &About<'_>) -> Value {
    let card = about.begin(Tone::Attention, "blocked by its gates");
    let card = match about.promotion.stage().ending() {
        Some(Ending::Blocked { verdicts }) => card.gates(&gates(verdicts)),
        _ => card,
    };
    about.end(about.told(card))
}

fn approved(about: &About<'_>) -> Value {
    let card = about.answers(about.begin(Tone::Good, "approved"));
    about.end(card.text("It is copied, registered and rolled out as soon as no freeze or window stands against it; nobody has to do anything."))
}

fn ended(about: &About<'_>, tone: Tone, what: &str) -> Value {
    about.end(about.told(about.begin(tone, what)))
}

fn superseded(about: &About<'_>) -> Value {
    let mut card = about.told(about.begin(Tone::Warning, "superseded"));
    if about.pinned().is_some() {
        card = card.text("Its question is closed: no answer to it counts any more.");
    }
    if let Some(Ending::Superseded { by }) = about.promotion.stage().ending() {
        let page = about.links.absolute(&about.links.promotion(by));
        card = card.link("Open the one in its place", &page);
    }
    about.end(card)
}

fn paused(about: &About<'_>) -> Value {
    let promotion = about.promotion;
    let card = about.begin(Tone::Accent, "paused");
    let (Stage::Shifting { rollout, .. }, Some(pinned), Some(until)) =
        (promotion.stage(), about.pinned(), promotion.answer_by())
    else {
        return about.end(about.told(card));
    };
    let serves = match rollout.traffic.as_ref().filter(|write| write.settled) {
        Some(write) => served_by(rollout, &write.traffic),
        None => served_by(rollout, &pinned.plan.way_back),
    };
    let card = card
        .text("The rollout waits until somebody resumes it, or takes it back.")
        .facts(&[
            ("Traffic", serves),
            ("Resumed by", any_of(&promotion.route().operators)),
            ("Goes back at", utc(until)),
        ]);
    about.end(card)
}

fn inconclusive(about: &About<'_>) -> Value {
    let promotion = about.promotion;
    let card = about.begin(Tone::Warning, "cannot be told whether it is worse");
    let (Stage::Shifting { rollout, .. }, Some(question)) =
        (promotion.stage(), cannot_tell(promotion))
    else {
        return about.end(about.told(card));
    };
    let mut facts = vec![];
    if let Some(write) = rollout.traffic.as_ref().filter(|write| write.settled) {
        facts.push(("Traffic", traffic(&write.traffic)));
    }
    facts.push(("Decided by", any_of(&promotion.route().operators)));
    if let Some(until) = promotion.answer_by() {
        facts.push(("Goes back at", utc(until)));
    }
    let card = card
        .text(&question)
        .text("The rollout waits, and is measured on, until somebody resumes it, or takes it back.")
        .facts(&facts);
    about.end(card)
}

fn drifted(about: &About<'_>) -> Value {
    let promotion = about.promotion;
    let card = about.begin(Tone::Warning, "changed by somebody else");
    let Some(question) = drift_question(promotion) else {
        return about.end(about.told(card));
    };
    let mut facts = vec![("Decided by", any_of(&promotion.route().operators))];
    if let Some(until) = promotion.answer_by() {
        facts.push(("Goes back at", utc(until)));
    }
    let card = card
        .text(&question)
        .text("The rollout waits until somebody resumes it, or takes it back.")
        .facts(&facts);
    about.end(card)
}

fn live(about: &About<'_>) -> Value {
    let card = about.begin(Tone::Good, "live");
    let Some(pinned) = about.pinned() else {
        return about.end(card);
    };
    let plan = &pinned.plan;
    let mut facts = vec![(
        "Serves now",
        format!(
            "{}, deployment {} on endpoint {}, 100 %",
            candidate(about.promotion.candidate()),
            deployment(&plan.deployment),
            name(plan.endpoint.name.as_str())
        ),
    )];
    if let Champion::Serving(_) = &pinned.champion {
        facts.push(("Served before", champion(&pinned.champion)));
    }
    if let Stage::Live { until, .. } = about.promotion.stage() {
        facts.push(("Way back until", utc(*until)));
    }
    about.end(card.facts(&facts))
}

fn rolled_back(about: &About<'_>) -> Value {
    let card = about.told(about.begin(Tone::Attention, "rolled back"));
    let card = match about.promotion.holds_target() {
        Some(_) => card.text(&held_from_now_on(
            &about.promotion.route().rollout.endpoint.name,
        )),
        None => card,
    };
    let rollout = about.promotion.stage().rollout();
    let instead = rollout
        .filter(|rollout| !rollout.missing().is_empty())
        .map(Rollout::way_back);
    let serves = match (instead, about.pinned()) {
        (Some(found), _) => rollout.map(|rollout| served_by(rollout, &found)),
        (None, Some(pinned)) => Some(match &pinned.champion {
            Champion::Serving(_) if pinned.plan.endpoint.serving == Serving::Batch => {
                champion(&pinned.champion)
            }
            Champion::Serving(_) => format!("{}, 100 %", champion(&pinned.champion)),
            Champion::None | Champion::Unclear { .. } => "nothing, as before".to_owned(),
        }),
        (None, None) => None,
    };
    let card = match rollout.map(Rollout::missing) {
        Some([missing, ..]) => card.text(&format!(
            "Deployment {}, which served before it, was gone: what served beside it took over.",
            deployment(missing)
        )),
        Some([]) | None => card,
    };
    let card = match serves {
        Some(serves) => card.facts(&[("Serves now", serves)]),
        None => card,
    };
    about.end(card)
}

fn no_way_back(about: &About<'_>) -> Value {
    let card = about.begin(Tone::Attention, "could not be taken back");
    let rollout = about.promotion.stage().rollout();
    let (Some(pinned), Some(rollout)) = (about.pinned(), rollout) else {
        return about.end(about.told(card));
    };
    let [missing, ..] = rollout.missing() else {
        return about.end(about.told(card));
    };
    let serves = format!(
        "{}, deployment {} on endpoint {}",
        candidate(about.promotion.candidate()),
        deployment(&pinned.plan.deployment),
        name(pinned.plan.endpoint.name.as_str())
    );
    let card = card
        .text(&format!(
            "{}, but deployment {}, which served before it, is gone: somebody has deleted it. Nothing else serves, so the candidate keeps all the traffic.",
            cause_of(rollout),
            deployment(missing)
        ))
        .text("Promote a better version, or set the endpoint's traffic by hand once another deployment can serve.")
        .facts(&[("Serves now", serves)]);
    about.end(card)
}

fn not_in_time(about: &About<'_>) -> Value {
    let card = about.begin(Tone::Attention, "not done in time");
    let stage = about.promotion.stage().name();
    let card = match stuck(about.promotion) {
        Some(told) => card.text(&told).text(
            "Look at the endpoint and at Liftlock's rights in its workspace; the promotion's page says what is tried next.",
        ),
        None => card.text(&format!("Since then it went on: it is {stage}.")),
    };
    let endpoint = about.promotion.route().rollout.endpoint.name.as_str();
    about.end(card.facts(&[("Stage", stage.to_owned()), ("Endpoint", name(endpoint))]))
}

fn failed(about: &About<'_>) -> Value {
    ended(about, Tone::Attention, "failed")
}

fn gates(verdicts: &[Verdict]) -> Vec<VerdictText> {
    verdicts.iter().map(verdict).collect()
}
