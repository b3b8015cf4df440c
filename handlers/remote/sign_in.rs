//! Who asks: the token of whoever runs the command.

use azure_api::{BearerToken, Identity};
use std::time::Duration;

use super::outcome::NotDone;
use crate::causes::chain;

/// `az` is a program of its own, and slow to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a command signs in.
#[derive(Debug)]
pub(super) enum Credential {
    /// A person's token that was issued elsewhere.
    Token(BearerToken),
    /// Whoever is signed in here, at an app of this audience.
    Developer { scope: String },
}

impl Credential {
    /// From the environment; an audience on the command line goes before that in the environment.
    pub(super) fn read(
        audience: Option<&str>,
        env: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Self, NotDone> {
        let set = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        if let Some(token) = set("LIFTLOCK_TOKEN") {
            return token_of(&token);
        }
        let audience = audience
            .map(str::to_owned)
            .or_else(|| set("LIFTLOCK_APP_CLIENT_ID"))
            .ok_or_else(|| {
                NotDone::could_not_run(
                    "It is not known which app registration the app's sign-in belongs to; give its client id with \
                     --audience or in LIFTLOCK_APP_CLIENT_ID (or a token of it in LIFTLOCK_TOKEN).",
                )
            })?;
        Ok(Self::Developer {
            scope: scope(&audience)?,
        })
    }

    /// The token.
    pub(super) async fn token(&self) -> Result<BearerToken, NotDone> {
        let scope = match self {
            Self::Token(token) => return Ok(token.clone()),
            Self::Developer { scope } => scope,
        };
        let identity = Identity::Environment { client_id: None };
        azure_api::sign_in(&identity, scope, PATIENCE)
            .await
            .map_err(|error| {
                NotDone::could_not_run(format!(
                    "You could not be signed in for {scope}: {}. Sign in with `az login` (or `azd auth login`), and see that \
                     the app's registration admits the Azure CLI.",
                    crate::ui::clean(&chain(&error)).trim_end_matches('.')
                ))
            })
    }
}

/// A token goes into a header: it has no space and no line's end in it.
fn token_of(text: &str) -> Result<Credential, NotDone> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Credential::Token(BearerToken::new(text.to_owned())));
    }
    Err(NotDone::could_not_run(
        "LIFTLOCK_TOKEN holds no token: one is a single word of letters, digits and dots, without “Bearer”.",
    ))
}

/// `api://<client id>/.default`; an audience that is a URI is taken as it is.
fn scope(audience: &str) -> Result<String, NotDone> {
    let audience = audience.trim().trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:/".contains(c);
    if audience.is_empty() || !audience.chars().all(plain) {
        return Err(NotDone::could_not_run(
            "The audience is the client id of the app's registration, or its application ID URI like api://….",
        ));
    }
    Ok(if audience.contains("://") {
        format!("{audience}/.default")
    } else {
        format!("api://{audience}/.default")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(audience: Option<&str>, token: Option<&str>) -> Result<Credential, NotDone> {
        let token = token.map(str::to_owned);
        Credential::read(audience, &move |name| {
            token.clone().filter(|_| name == "LIFTLOCK_TOKEN")
        })
    }

    #[test]
    fn an_audience_is_a_client_id_or_a_uri() {
        for (audience, expected) in [
            ("1b2c-3d", "api://1b2c-3d/.default"),
            ("api://liftlock.example/", "api://liftlock.example/.default"),
        ] {
            match read(Some(audience), None).unwrap() {
                Credential::Developer { scope } => assert_eq!(scope, expected),
                Credential::Token(_) => panic!("{audience}"),
            }
        }
        for bad in [" ", "a b", "a\nb", "a;b"] {
            assert!(read(Some(bad), None).is_err(), "{bad}");
        }
        let told = read(None, None).unwrap_err().sentence;
        assert!(told.contains("LIFTLOCK_APP_CLIENT_ID"), "{told}");
    }

    #[test]
    fn a_token_goes_before_and_is_shown_nowhere() {
        let found = read(Some("1b2c"), Some(" ey.secret.x\n")).unwrap();
        assert_eq!(format!("{found:?}"), "Token(BearerToken(…))");
        let told = read(None, Some("Bearer secret")).unwrap_err().sentence;
        assert!(!told.contains("secret"), "{told}");
    }
}
