//! Conditions: CEL over `result`.

use cel::{Context, Program, Value};

use super::diagnostics::Complaint;

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// An answer's JSON.
    Answer,
    /// A number that was measured.
    Measured,
    /// What a load test came to.
    Load,
}

/// Compiles a CEL expression, or says in one sentence what is wrong with it.
pub fn compile_condition(source: &str) -> Result<Program, String> {
    Program::compile(source).map_err(|errors| {
        let sentences: Vec<_> = errors
            .errors
            .iter()
            .map(|error| {
                format!(
                    "column {}: {}",
                    error.pos.1,
                    without_expectations(&error.msg)
                )
            })
            .collect();
        sentences.join("; ")
    })
}

/// Takes a condition that compiles and looks at its subject.
pub(super) fn parse(text: &str, subject: Subject) -> Result<String, Complaint> {
    let complaint = |what: String| Complaint::new(what, subject.help());
    let program = compile_condition(text)
        .map_err(|wrong| complaint(format!("is no CEL expression: {wrong}")))?;
    let looks_at = |variable: &str| program.references().has_variable(variable);
    if !subject
        .variables()
        .iter()
        .any(|variable| looks_at(variable))
    {
        let what = format!("does not look at {}", listed(subject.variables()));
        return Err(complaint(what));
    }
    // What stands behind `&&` or `||` is not always reached: a name that is nobody's would be an error in the middle of a rollout.
    let known = |name: &&str| !subject.variables().contains(name);
    if !names_its_own(text)
        && let Some(name) = program.references().variables().into_iter().find(known)
    {
        return Err(complaint(format!(
            "looks at `{name}`, which nothing is called"
        )));
    }
    match subject {
        Subject::Answer => {}
        Subject::Measured | Subject::Load => {
            try_on_numbers(&program, subject.variables()).map_err(complaint)?;
        }
    }
    Ok(text.to_owned())
}

/// Whether it gives names to the elements of a list.
fn names_its_own(text: &str) -> bool {
    let macros = [".all(", ".exists(", ".exists_one(", ".map(", ".filter("];
    macros.iter().any(|name| text.contains(name))
}

/// Numbers are all alike to CEL: what can be told of one can be told of all, and what cannot would be an error in the
/// middle of a rollout.
fn try_on_numbers(program: &Program, variables: &[&str]) -> Result<(), String> {
    let mut context = Context::default();
    for variable in variables {
        context.add_variable_from_value(*variable, 0.5);
    }
    let where_numbers = match variables {
        [one] => format!("where `{one}` is a number"),
        _ => "where they are numbers".to_owned(),
    };
    match program.execute(&context) {
        Ok(Value::Bool(_)) => Ok(()),
        Ok(_) => Err(format!("is neither true nor false {where_numbers}")),
        Err(error) => Err(format!("cannot be told {where_numbers}: {error}")),
    }
}

fn listed(variables: &[&str]) -> String {
    let quoted: Vec<String> = variables.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" or ")
}

impl Subject {
    /// What a condition may look at.
    fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Answer => &["result", "status", "latency"],
            Self::Measured => &["result"],
            Self::Load => &["sent", "errorRate", "p50", "p95", "p99", "rate"],
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Answer => {
                "write CEL over `result`, the answer's JSON, `status` and `latency` in milliseconds: `size(result) == 2 && latency < 500`"
            }
            Self::Measured => "write CEL over `result`, the measured number: `result < 0.01`",
            Self::Load => {
                "write CEL over `sent`, `errorRate`, `p50`, `p95`, `p99` in milliseconds and `rate`: `errorRate == 0.0 && p95 < 200`"
            }
        }
    }
}

/// The parser lists every token that it could have gone on with; nobody reads that.
fn without_expectations(message: &str) -> &str {
    message
        .split_once(" expecting {")
        .map_or(message, |(what, _)| what)
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_looks_at_the_answer() {
        for good in [
            "size(result) == 2",
            "result[0] > 0.5",
            "result.all(x, x >= 0.0)",
        ] {
            assert_eq!(parse(good, Subject::Answer), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "size(result) ==",
            "size(results) == 2",
            "status == 200 && elapsed < 100",
            "1 == 1",
            "result[",
            "(((((",
        ] {
            assert!(parse(bad, Subject::Answer).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_condition_can_be_told_of_a_number() {
        for good in [
            "result < 0.01",
            "result >= 1 && result < 500",
            "result == 0",
            "result * 100.0 < 5.0",
        ] {
            assert_eq!(parse(good, Subject::Measured), Ok(good.to_owned()));
        }
        for bad in [
            "result",
            "result < 1.0 || result < least",
            "result < threshold",
            "size(result) == 2",
            "result.rate < 0.01",
            "1 < 2",
            "result <",
        ] {
            assert!(parse(bad, Subject::Measured).is_err(), "{bad}");
        }
    }
}
