//! Whose a deployment is: tags say which promotion made it. What carries none of ours is never deleted.

use promotion::{Promotion, PromotionId};
use std::collections::BTreeMap;

const PROMOTION: &str = "liftlock.promotion";
const ATTEMPT: &str = "liftlock.attempt";

/// The tags of a deployment that `promotion` makes.
pub(super) fn tags(promotion: &Promotion) -> BTreeMap<String, String> {
    BTreeMap::from([
        (PROMOTION.to_owned(), promotion.id().as_str().to_owned()),
        (ATTEMPT.to_owned(), promotion.attempt().to_string()),
    ])
}

/// Who made a deployment.
pub(super) enum Maker {
    /// This attempt of this promotion.
    ThisAttempt,
    /// An earlier promotion or attempt.
    Liftlock,
    /// Somebody else.
    Others,
}

/// By the deployment's tags.
pub(super) fn maker(found: &BTreeMap<String, String>, promotion: &Promotion) -> Maker {
    let ours = tags(promotion);
    match found.get(PROMOTION) {
        None => Maker::Others,
        Some(_)
            if ours
                .iter()
                .all(|(key, value)| found.get(key) == Some(value)) =>
        {
            Maker::ThisAttempt
        }
        Some(_) => Maker::Liftlock,
    }
}

/// The promotion that made a deployment, by its own tag: a version's property does not tell who deployed it.
pub(super) fn deployed_by(found: &BTreeMap<String, String>) -> Option<PromotionId> {
    PromotionId::parse(found.get(PROMOTION)?)
}

/// The lineage that `register_model` writes and the champion's evidence is found by.
pub(super) struct Lineage {
    pub(super) promotion: Option<PromotionId>,
    pub(super) workspace: Option<String>,
    pub(super) run: Option<String>,
}

impl Lineage {
    pub(super) fn read(properties: &BTreeMap<String, String>) -> Self {
        let get = |key: &str| {
            properties
                .get(key)
                .filter(|value| !value.is_empty())
                .cloned()
        };
        Self {
            promotion: get(PROMOTION).and_then(|id| PromotionId::parse(&id)),
            workspace: get("liftlock.source.workspace"),
            run: get("liftlock.source.run"),
        }
    }
}
