//! What an approval asks, in sentences for the command line and for programs: what the approval page shows, without markup.

use jiff::Timestamp;
use promotion::{Attempt, Digest, Promotion, Review};

use super::asked::Asked;
use super::messages::{
    asked, asked_again, author, champion, needs, overridden, person, planned_step, served,
    stage_name, unreviewed, vote, wants_override,
};
use super::moment::utc;
use super::text::quoted;

/// One question.
#[derive(Debug)]
pub struct QuestionText {
    /// Whether it may be answered now.
    pub open: bool,
    /// Whether it stands, and if not, why.
    pub says: String,
    /// Who must agree.
    pub needs: Option<String>,
    /// Who serves now.
    pub serves: Option<String>,
    /// Who trained it.
    pub trained_by: Option<String>,
    /// What will be done.
    pub steps: Vec<String>,
    /// And how it comes back.
    pub way_back: Option<String>,
    /// What people have answered.
    pub answers: Vec<String>,
    /// Who wants it overridden, or did it.
    pub overrides: Vec<String>,
    /// What somebody found who looked at an override afterwards.
    pub review: Option<String>,
    /// How it came to be asked once more, where this is not the first attempt.
    pub again: Option<String>,
}

impl QuestionText {
    /// What a promotion asks at the moment.
    pub fn of(promotion: &Promotion, now: Timestamp) -> Self {
        let stage = promotion.stage();
        let pinned = stage.pinned();
        let asked_now = pinned
            .map(|pinned| Asked::of(promotion, promotion.attempt(), pinned.digest.as_str(), now));
        let says = match asked_now {
            Some(stands) => asked(stands, promotion, now),
            None => format!(
                "Nothing is asked about it: the promotion is {}.",
                stage_name(promotion)
            ),
        };
        let plan = pinned.map(|pinned| &pinned.plan);
        let steps = plan.into_iter().flat_map(|plan| {
            let step = |step| planned_step(plan, step);
            plan.steps.iter().map(step)
        });
        let overrides = stage.question().map_or(&[][..], |asked| &asked.overrides);
        Self {
            open: asked_now == Some(Asked::Current),
            says,
            needs: pinned.map(|pinned| needs(promotion, pinned)),
            serves: pinned.map(|pinned| champion(&pinned.champion)),
            trained_by: pinned
                .map(|pinned| author(&pinned.source.lineage.trained_by, &pinned.quorum)),
            steps: steps.collect(),
            way_back: plan.map(|plan| served(plan.endpoint.serving, &plan.way_back)),
            answers: stage.votes().iter().map(vote).collect(),
            overrides: overrides
                .iter()
                .map(|one| wants_override(promotion, one))
                .collect(),
            review: promotion.review().map(reviewed),
            again: asked_again(promotion),
        }
    }
}

/// Overrides that somebody has to look at: of this attempt, and of earlier ones.
pub fn overrides_to_review(promotion: &Promotion) -> Vec<(Attempt, &Digest, String)> {
    let earlier = promotion.unreviewed();
    let earlier = earlier.map(|one| (one.attempt, &one.permit.pinned().digest, unreviewed(one)));
    let now = overridden(promotion).filter(|_| promotion.review().is_none());
    let now = now.zip(promotion.stage().pinned());
    let now = now.map(|(said, pinned)| (promotion.attempt(), &pinned.digest, said));
    earlier.chain(now).collect()
}

fn reviewed(review: &Review) -> String {
    let said = quoted(&review.comment).map_or_else(String::new, |said| format!(": {said}"));
    format!(
        "{} reviewed it at {}{said}",
        person(&review.person),
        utc(review.at)
    )
}
