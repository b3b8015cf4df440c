//! Where two JSON documents first say different things.

use serde_json::Value;

/// A place, and what stands there on either side.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// `promotion.votes[0].person`
    pub(super) place: String,
    pub(super) says: String,
    pub(super) derived: String,
}

/// The first one, in the order of names; `None`: they say the same.
pub(super) fn first_difference(says: &Value, derived: &Value) -> Option<Difference> {
    at(String::new(), says, derived)
}

fn at(place: String, says: &Value, derived: &Value) -> Option<Difference> {
    match (says, derived) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one
                .keys()
                .chain(other.keys().filter(|name| !one.contains_key(*name)));
            names.into_iter().find_map(|name| {
                let dot = if place.is_empty() { "" } else { "." };
                let place = format!("{place}{dot}{name}");
                between(place, one.get(name), other.get(name))
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            (0..one.len().max(other.len())).find_map(|index| {
                between(
                    format!("{place}[{index}]"),
                    one.get(index),
                    other.get(index),
                )
            })
        }
        _ => (says != derived).then(|| Difference {
            place,
            says: says.to_string(),
            derived: derived.to_string(),
        }),
    }
}

fn between(place: String, says: Option<&Value>, derived: Option<&Value>) -> Option<Difference> {
    match (says, derived) {
        (Some(says), Some(derived)) => at(place, says, derived),
        (None, None) => None,
        (says, derived) => {
            let shown = |side: Option<&Value>| side.map_or("nothing".to_owned(), Value::to_string);
            Some(Difference {
                says: shown(says),
                derived: shown(derived),
                place,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_place_that_differs_is_named() {
        let one = json!({"a": [{"b": 1}, {"b": 2}], "c": "x"});
        assert_eq!(first_difference(&one, &one), None);
        for (other, place) in [
            (json!({"a": [{"b": 1}, {"b": 3}], "c": "x"}), "a[1].b"),
            (json!({"a": [{"b": 1}], "c": "x"}), "a[1]"),
            (json!({"a": [{"b": 1}, {"b": 2}]}), "c"),
            (
                json!({"a": [{"b": 1}, {"b": 2, "d": 0}], "c": "x"}),
                "a[1].d",
            ),
        ] {
            assert_eq!(first_difference(&one, &other).unwrap().place, place);
            assert_eq!(first_difference(&other, &one).unwrap().place, place);
        }
    }
}
