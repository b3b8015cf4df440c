//! A terminal: the program, `az` beside it, and nothing else around them.

use cloud_sim::Identity;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use tempfile::TempDir;

use crate::setting::HANDLER;
use crate::stories::{Tester, Who};

/// What a command said.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

/// Somebody's machine, on which they are signed in with `az`.
pub(super) struct Machine {
    folder: TempDir,
    app: String,
}

impl Ran {
    #[track_caller]
    pub(super) fn done(&self) -> &str {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        &self.out
    }

    #[track_caller]
    pub(super) fn ended(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.err.contains(words), "{self:?}");
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

impl Machine {
    /// As it is after `az login`.
    pub(super) fn of(t: &Tester, who: Who) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let az = folder.path().join("az");
        std::fs::write(&az, az_of(t, who)).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
        let app = t.origin();
        Self { folder, app }
    }

    /// Runs the program there, for the app registration that this client id names.
    pub(super) async fn liftlock(&self, client_id: &str, arguments: &[&str]) -> Ran {
        let path = format!("{}:/usr/bin:/bin", self.folder.path().display());
        let env = [
            ("LIFTLOCK_APP_URL", self.app.as_str()),
            ("LIFTLOCK_APP_CLIENT_ID", client_id),
            ("PATH", path.as_str()),
        ];
        liftlock(&env, arguments).await
    }
}

impl Tester {
    /// Somebody says a command on their machine.
    pub(super) async fn liftlock(&self, who: Who, arguments: &[&str]) -> Ran {
        let machine = Machine::of(self, who);
        machine.liftlock(Identity::APP_CLIENT_ID, arguments).await
    }

    /// A pipeline says a command with a token that it has got.
    pub(super) async fn liftlock_with(&self, token: &str, arguments: &[&str]) -> Ran {
        let app = self.origin();
        let env = [
            ("LIFTLOCK_APP_URL", app.as_str()),
            ("LIFTLOCK_TOKEN", token),
        ];
        liftlock(&env, arguments).await
    }

    /// A token of the simulated Entra for an audience, as `az` gets it for whoever is signed in.
    pub(super) fn token(&self, who: Who, resource: &str) -> String {
        let scope = format!("{resource}/.default");
        let token = self.cloud.access_token(&who.object_id(), &scope);
        token.unwrap_or_else(|why| panic!("{scope}: {why}"))
    }
}

/// The app's audience.
pub(super) fn audience() -> String {
    format!("api://{}", Identity::APP_CLIENT_ID)
}

/// A program that answers as `az account get-access-token` does: with a token of the app's audience, and for any other with
/// what Entra says of it.
fn az_of(t: &Tester, who: Who) -> String {
    let until = liftlock::clock::wall_now() + SignedDuration::from_hours(1);
    let token = json!({
        "accessToken": t.token(who, &audience()),
        "expiresOn": local(until),
        "expires_on": until.as_second(),
        "subscription": "00000000-0000-4000-8000-0000000000ff",
        "tenant": Identity::TENANT_ID,
        "tokenType": "Bearer",
    });
    let other = t
        .cloud
        .access_token(&who.object_id(), "api://another/.default");
    let (audience, unknown) = (audience(), other.unwrap_err());
    format!(
        "#!/bin/sh\ncase \"$*\" in\n\
         \"account get-access-token -o json --scope {audience}/.default\") echo '{token:#}' ;;\n\
         *) echo 'ERROR: {unknown}' >&2; exit 1 ;;\n\
         esac\n"
    )
}

fn local(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S.000000").to_string()
}

/// Runs the program with nothing else around it: no terminal, no other setting.
pub(super) async fn liftlock(env: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = tokio::process::Command::new(HANDLER);
    command
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied());
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}
