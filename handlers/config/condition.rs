//! Conditions: CEL over `result`.

use cel::Program;

use super::diagnostics::Complaint;

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

/// Takes a condition that compiles and looks at the answer.
pub(super) fn parse(text: &str) -> Result<String, Complaint> {
    let help = "write CEL over `result`, the answer's JSON: `size(result) == 2`";
    let program = compile_condition(text)
        .map_err(|wrong| Complaint::new(format!("is no CEL expression: {wrong}"), help))?;
    if program.references().has_variable("result") {
        Ok(text.to_owned())
    } else {
        Err(Complaint::new("does not look at `result`", help))
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
            assert_eq!(parse(good), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "size(result) ==",
            "size(results) == 2",
            "1 == 1",
            "result[",
            "(((((",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
