//! How far two sets of answers are apart: each number with the one in its place.
//!
//! The invariant: answers of different shapes are never compared, and where there is nothing to compare there is no value.

use promotion::analysis::Comparison;
use serde_json::Value;

/// Bins of the population stability index, each with as many of the champion's numbers.
const BINS: usize = 10;
/// Of fewer numbers than this a distribution says nothing.
const FEWEST: usize = 5 * BINS;
/// What an empty bin counts as, so that the index stays finite.
const EMPTY: f64 = 1e-4;

/// Two answers in the same place.
enum Pair {
    Numbers(f64, f64),
    /// Words and truths: whether they are the same.
    Same(bool),
}

/// The value; `None` where there are too few numbers to tell.
pub(super) fn compare(
    ours: &[Value],
    theirs: &[Value],
    comparison: Comparison,
) -> Result<Option<f64>, String> {
    let mut pairs = Vec::new();
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let different = || {
            let number = number + 1;
            format!("the answers to request {number} have different shapes")
        };
        walk(ours, theirs, &mut pairs).ok_or_else(different)?;
    }
    if pairs.is_empty() {
        return Ok(None);
    }
    let value = match comparison {
        Comparison::Agreement { tolerance } => {
            let agree = |pair: &&Pair| match pair {
                Pair::Same(same) => *same,
                Pair::Numbers(ours, theirs) => {
                    (ours - theirs).abs() <= tolerance * ours.abs().max(theirs.abs())
                }
            };
            share(pairs.iter().filter(agree).count(), pairs.len())
        }
        Comparison::MeanDifference => {
            let numbers = numbers(&pairs)?;
            distances(&numbers).sum::<f64>() * share(1, numbers.len())
        }
        Comparison::MaxDifference => distances(&numbers(&pairs)?).fold(0.0, f64::max),
        Comparison::StabilityIndex if pairs.len() < FEWEST => return Ok(None),
        Comparison::StabilityIndex => stability_index(&numbers(&pairs)?),
    };
    Ok(Some(value))
}

fn distances(pairs: &[(f64, f64)]) -> impl Iterator<Item = f64> {
    pairs.iter().map(|(ours, theirs)| (ours - theirs).abs())
}

/// What has a distance.
fn numbers(pairs: &[Pair]) -> Result<Vec<(f64, f64)>, String> {
    let number = |pair: &Pair| match pair {
        Pair::Numbers(ours, theirs) => Ok((*ours, *theirs)),
        Pair::Same(_) => Err("words have no distance: compare their `agreement`".to_owned()),
    };
    pairs.iter().map(number).collect()
}

/// Both at once; nothing, where their shapes differ.
fn walk(ours: &Value, theirs: &Value, pairs: &mut Vec<Pair>) -> Option<()> {
    match (ours, theirs) {
        (Value::Null, Value::Null) => Some(()),
        (Value::Number(ours), Value::Number(theirs)) => {
            pairs.push(Pair::Numbers(ours.as_f64()?, theirs.as_f64()?));
            Some(())
        }
        (Value::Bool(_), Value::Bool(_)) | (Value::String(_), Value::String(_)) => {
            pairs.push(Pair::Same(ours == theirs));
            Some(())
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => ours
            .iter()
            .zip(theirs)
            .try_for_each(|(ours, theirs)| walk(ours, theirs, pairs).ok_or(()))
            .ok(),
        (Value::Object(ours), Value::Object(theirs)) if ours.len() == theirs.len() => ours
            .iter()
            .try_for_each(|(key, ours)| walk(ours, theirs.get(key)?, pairs)),
        _ => None,
    }
}

/// Sum over bins of (p − q) · ln(p / q): below 0.1 alike, above 0.25 shifted, as is the custom.
fn stability_index(pairs: &[(f64, f64)]) -> f64 {
    let mut theirs: Vec<f64> = pairs.iter().map(|(_, theirs)| *theirs).collect();
    theirs.sort_by(f64::total_cmp);
    let edges: Vec<f64> = (1..BINS)
        .map(|bin| theirs[bin * theirs.len() / BINS])
        .collect();
    let bin = |value: f64| edges.partition_point(|edge| *edge <= value);
    let (mut p, mut q) = ([0usize; BINS], [0usize; BINS]);
    for (ours, theirs) in pairs {
        p[bin(*ours)] += 1;
        q[bin(*theirs)] += 1;
    }
    let part = |count: usize| share(count, pairs.len()).max(EMPTY);
    let bins = p.iter().zip(&q);
    bins.map(|(p, q)| (part(*p), part(*q)))
        .map(|(p, q)| (p - q) * (p / q).ln())
        .sum()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of sampled requests are small"
)]
fn share(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn alike(ours: Value, theirs: Value, comparison: Comparison) -> Option<f64> {
        compare(&[ours], &[theirs], comparison).unwrap()
    }

    fn ramp(shift: f64) -> Value {
        (0..100)
            .map(|at| Value::from(f64::from(at) + shift))
            .collect()
    }

    #[test]
    fn differences_are_of_numbers_in_the_same_place() {
        let (ours, theirs) = (json!([1.0, 2.0, {"p": 4}]), json!([1.0, 4.0, {"p": 3}]));
        let all = |comparison| alike(ours.clone(), theirs.clone(), comparison);
        assert_eq!(all(Comparison::MeanDifference), Some(1.0));
        assert_eq!(all(Comparison::MaxDifference), Some(2.0));
        let third = all(Comparison::Agreement { tolerance: 0.0 }).unwrap();
        assert!((third - 1.0 / 3.0).abs() < 1e-12);
        let close = all(Comparison::Agreement { tolerance: 0.25 }).unwrap();
        assert!((close - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn labels_agree_where_they_are_the_same() {
        let agreement = Comparison::Agreement { tolerance: 0.9 };
        let value = alike(
            json!(["cat", "dog", true]),
            json!(["cat", "cow", true]),
            agreement,
        );
        assert!((value.unwrap() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_compared_has_no_value() {
        for other in [
            json!([1, 2]),
            json!({"error": 1}),
            json!(["1"]),
            json!([[1]]),
        ] {
            assert!(compare(&[json!([1])], &[other], Comparison::MaxDifference).is_err());
        }
        let words = compare(
            &[json!(["cat"])],
            &[json!(["dog"])],
            Comparison::MeanDifference,
        );
        assert!(words.is_err());
        assert_eq!(
            alike(json!([]), json!([]), Comparison::MeanDifference),
            None
        );
        assert_eq!(
            alike(json!([1]), json!([1]), Comparison::StabilityIndex),
            None
        );
    }

    #[test]
    fn a_shift_shows_in_the_stability_index() {
        let index = |shift| alike(ramp(shift), ramp(0.0), Comparison::StabilityIndex).unwrap();
        assert!(index(0.0) < 1e-9);
        assert!(index(2.0) < 0.1, "{}", index(2.0));
        assert!(index(30.0) > 0.25, "{}", index(30.0));
    }

    #[test]
    fn the_index_of_a_constant_output_is_finite() {
        let constant: Value = (0..100).map(|_| Value::from(7.0)).collect();
        let index = alike(constant.clone(), constant, Comparison::StabilityIndex).unwrap();
        assert!(index.abs() < 1e-9);
        let constant: Value = (0..100).map(|_| Value::from(7.0)).collect();
        assert!(
            alike(ramp(0.0), constant, Comparison::StabilityIndex)
                .unwrap()
                .is_finite()
        );
    }
}
