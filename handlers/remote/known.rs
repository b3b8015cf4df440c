//! Stages and models as the app's routes have them, so that a slip in a name does not read as an all clear.

use serde_json::Value;
use std::collections::BTreeSet;

use super::outcome::{NotDone, Outcome};
use super::table::text;
use crate::ui::clean;

/// What somebody has named, if anything.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named<'a> {
    pub(super) stage: Option<&'a str>,
    pub(super) model: Option<&'a str>,
}

impl Named<'_> {
    /// Why nothing can be found by it, whatever is on its way: no route has it. `targets` is the app's answer; one of an older
    /// release lists no models, and then no model is called unknown.
    pub(super) fn unknown(self, targets: &Value) -> Option<NotDone> {
        let targets = || targets["value"].as_array().into_iter().flatten();
        let stages: BTreeSet<_> = targets().map(|target| &target["stage"]).map(text).collect();
        let listed = targets().flat_map(|target| target["models"].as_array().into_iter().flatten());
        let models: BTreeSet<_> = listed.map(text).collect();
        let slip = |named: Option<&str>, known: &BTreeSet<String>, says: &str, all: &str| {
            let named = clean(named?);
            let sentence = || {
                let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                format!("{says} `{named}`; {all} {}.", known.join(", "))
            };
            (!known.is_empty() && !known.contains(&named))
                .then(|| NotDone::new(Outcome::NotFound, sentence()))
        };
        slip(
            self.stage,
            &stages,
            "No route leads to a stage",
            "routes lead to",
        )
        .or_else(|| slip(self.model, &models, "No route takes a model", "routes take"))
    }

    /// `Nothing`, or `No version of diabetes`.
    pub(super) fn nothing(self) -> String {
        self.model.map_or_else(
            || "Nothing".to_owned(),
            |model| format!("No version of {}", clean(model)),
        )
    }

    /// ` to prod`, where a stage is named.
    pub(super) fn to_where(self) -> String {
        self.stage
            .map_or_else(String::new, |stage| format!(" to {}", clean(stage)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(named: Named<'_>, targets: &Value) -> Option<String> {
        named.unknown(targets).map(|why| why.sentence)
    }

    #[test]
    fn a_slip_is_told_from_a_name_of_a_route() {
        let targets = json!({ "value": [
            { "stage": "prod", "models": ["diabetes", "iris"] },
            { "stage": "test", "models": ["iris"] },
        ] });
        let named = |stage, model| Named { stage, model };
        for known in [
            named(None, None),
            named(Some("prod"), None),
            named(Some("test"), Some("iris")),
            named(None, Some("diabetes")),
        ] {
            assert_eq!(told(known, &targets), None, "{known:?}");
        }
        assert_eq!(
            told(named(Some("nope"), Some("iris")), &targets).unwrap(),
            "No route leads to a stage `nope`; routes lead to `prod`, `test`."
        );
        assert_eq!(
            told(named(Some("prod"), Some("no\u{1b}[1Ape")), &targets).unwrap(),
            "No route takes a model `no [1Ape`; routes take `diabetes`, `iris`."
        );
        let older = json!({ "value": [{ "stage": "prod" }] });
        assert_eq!(told(named(None, Some("nope")), &older), None);
        assert_eq!(told(named(Some("nope"), None), &json!({})), None);
    }
}
