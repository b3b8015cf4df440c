//! What an answer means: done, or why not.

use reqwest::StatusCode;
use serde_json::Value;

use super::outcome::{NotDone, Outcome};
use crate::ui::clean;

/// What came back.
#[derive(Debug)]
pub(super) struct Heard<'a> {
    /// From where.
    pub(super) app: &'a str,
    /// With which status.
    pub(super) status: StatusCode,
    /// And what.
    pub(super) body: &'a [u8],
}

/// The app's JSON, or why there is none.
pub(super) fn judged(heard: &Heard<'_>) -> Result<Value, NotDone> {
    let json = serde_json::from_slice::<Value>(heard.body).ok();
    let json = json.filter(Value::is_object);
    match json {
        Some(json) if heard.status.is_success() => Ok(json),
        Some(json) if json["error"]["message"].is_string() => {
            Err(said_no(heard.app, heard.status, json))
        }
        Some(_) | None => Err(strange(heard)),
    }
}

/// In the app's own words.
fn said_no(app: &str, status: StatusCode, body: Value) -> NotDone {
    let message = clean(body["error"]["message"].as_str().unwrap_or_default());
    let code = body["error"]["code"].as_str().unwrap_or_default();
    let outcome = outcome(status, code);
    let sentence = match (status, code) {
        (StatusCode::UNAUTHORIZED, _) => format!(
            "{app} does not know who you are: {}. See that --audience names the app's own registration, and that \
             LIFTLOCK_TOKEN, where it is set, is of it and not expired.",
            without_browsers_remedy(&message)
        ),
        (_, "UnknownPath" | "WrongMethod") => format!(
            "{app} does not know this command; it may run an older release. It said: {message}"
        ),
        _ => message,
    };
    NotDone {
        outcome,
        sentence,
        body: Some(body),
    }
}

/// The app says the same to browsers, where signing out and in helps; a token has no such door.
fn without_browsers_remedy(message: &str) -> &str {
    let message = message.trim_end_matches('.');
    let shorter = message.strip_suffix("; sign out and in again");
    shorter.unwrap_or(message)
}

fn outcome(status: StatusCode, code: &str) -> Outcome {
    match status {
        StatusCode::NOT_FOUND if code == "UnknownPath" => Outcome::CouldNotRun,
        StatusCode::NOT_FOUND => Outcome::NotFound,
        StatusCode::CONFLICT | StatusCode::GONE | StatusCode::PRECONDITION_FAILED => {
            Outcome::Changed
        }
        StatusCode::UNAUTHORIZED
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::REQUEST_TIMEOUT => Outcome::CouldNotRun,
        refused if refused.is_client_error() => Outcome::Refused,
        _ => Outcome::CouldNotRun,
    }
}

/// Not in the app's words: the platform before it, or something else at that address.
fn strange(heard: &Heard<'_>) -> NotDone {
    let (app, status) = (heard.app, heard.status);
    NotDone::could_not_run(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => format!(
            "The platform's sign-in before {app} did not take the token ({}); see that --audience names the app's own \
             registration, and that the registration admits who asks.",
            status.as_u16()
        ),
        redirect if redirect.is_redirection() => format!(
            "{app} led to another address ({}), which a token does not follow: its sign-in answers programs as if they were \
             browsers. Give the app's own address, and have the sign-in answer 401.",
            status.as_u16()
        ),
        StatusCode::NOT_FOUND => {
            format!("There is no Liftlock at {app}; see that the address is right.")
        }
        success if success.is_success() => format!(
            "{app} answered with something that is not this app's JSON; see that the address is right."
        ),
        _ => format!(
            "{app} answered {} without saying why. Try again in a minute.",
            status.as_u16()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> (u8, String) {
        let heard = Heard {
            app: "https://x.example",
            status: StatusCode::from_u16(status).unwrap(),
            body: body.as_bytes(),
        };
        match judged(&heard) {
            Ok(json) => (0, json.to_string()),
            Err(why) => (why.outcome.exit_code(), why.sentence),
        }
    }

    #[test]
    fn each_status_has_its_exit_code() {
        let error = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"No."}}}}"#);
        let rows = [
            (400, "ReasonMissing", 1),
            (401, "NotSignedIn", 2),
            (403, "Refused", 1),
            (404, "NotFound", 3),
            (404, "UnknownPath", 2),
            (405, "WrongMethod", 2),
            (409, "Refused", 4),
            (410, "Refused", 4),
            (415, "UnsupportedMediaType", 1),
            (422, "NotUnderstood", 1),
            (429, "Busy", 2),
            (500, "Panicked", 2),
            (503, "Unavailable", 2),
        ];
        for (status, code, expected) in rows {
            assert_eq!(told(status, &error(code)).0, expected, "{status} {code}");
        }
        assert_eq!(told(202, r#"{"id":"x"}"#), (0, r#"{"id":"x"}"#.to_owned()));
    }

    #[test]
    fn a_tokens_remedy_is_not_a_browsers() {
        let message = "The sign-in is not believed: it is of another app; sign out and in again.";
        let body = format!(r#"{{"error":{{"code":"NotSignedIn","message":"{message}"}}}}"#);
        insta::assert_snapshot!(told(401, &body).1, @"https://x.example does not know who you are: The sign-in is not believed: it is of another app. See that --audience names the app's own registration, and that LIFTLOCK_TOKEN, where it is set, is of it and not expired.");
    }

    #[test]
    fn what_is_not_the_apps_own_word_is_said_to_be_so() {
        let all: Vec<_> = [
            (200, "<html>"),
            (200, "[]"),
            (302, ""),
            (401, ""),
            (403, "<html>"),
            (404, "nothing here"),
            (502, "<html>bad gateway</html>"),
        ]
        .into_iter()
        .map(|(status, body)| told(status, body))
        .collect();
        assert!(all.iter().all(|(code, _)| *code == 2), "{all:?}");
        let lines: Vec<_> = all.into_iter().map(|(_, sentence)| sentence).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        https://x.example answered with something that is not this app's JSON; see that the address is right.
        https://x.example answered with something that is not this app's JSON; see that the address is right.
        https://x.example led to another address (302), which a token does not follow: its sign-in answers programs as if they were browsers. Give the app's own address, and have the sign-in answer 401.
        The platform's sign-in before https://x.example did not take the token (401); see that --audience names the app's own registration, and that the registration admits who asks.
        The platform's sign-in before https://x.example did not take the token (403); see that --audience names the app's own registration, and that the registration admits who asks.
        There is no Liftlock at https://x.example; see that the address is right.
        https://x.example answered 502 without saying why. Try again in a minute.
        ");
    }

    #[test]
    fn a_sentence_cannot_write_over_the_terminal() {
        let body = "{\"error\":{\"code\":\"x\",\"message\":\"no\\u001b[2J\\u202e way\\n\"}}";
        let (_, sentence) = told(409, body);
        assert!(
            sentence.chars().all(|c| !c.is_control() && c != '\u{202e}'),
            "{sentence:?}"
        );
    }
}
