//! Conditions that can be drawn as a line: `result < 0.01` and the like.

/// The number that `result` is compared with; nothing, where the condition says anything else.
pub(super) fn bound(condition: &str) -> Option<f64> {
    let rest = condition.trim().strip_prefix("result")?.trim_start();
    let number = ["<=", ">=", "<", ">"]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign))?
        .trim();
    // Rust reads more as a number than CEL does: `inf`, `nan`.
    let is_plain = number
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    let bound: f64 = number.parse().ok().filter(|_| is_plain)?;
    bound.is_finite().then_some(bound)
}

#[cfg(test)]
mod unit {
    use super::bound;

    #[test]
    fn only_what_is_simple_is_a_line() {
        for (condition, expected) in [
            ("result < 0.01", Some(0.01)),
            ("result<=35", Some(35.0)),
            (" result >= -1.5e-3 ", Some(-0.0015)),
            ("result > 0", Some(0.0)),
            ("result == 1.0", None),
            ("result < inf", None),
            ("result < nan", None),
            ("result < 1e999", None),
            ("result < 0.01 && result > 0", None),
            ("result * 2.0 < 1.0", None),
            ("results < 1", None),
            ("0.01 > result", None),
            ("result <", None),
            ("result", None),
            ("", None),
        ] {
            assert_eq!(bound(condition), expected, "{condition}");
        }
    }
}
