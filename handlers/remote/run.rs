//! From what was asked to what is said.

use serde_json::Value;

use super::address::AppAddress;
use super::client::Client;
use super::command::{Command, Connection};
use super::deciding::Decision;
use super::outcome::{NotDone, Outcome, Said};
use super::sign_in::Credential;
use super::{deciding, freezes, reading, targets, telling, whoami};

/// What a person says to a question on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Yes.
    Yes,
    /// Anything else.
    No,
    /// There is no terminal, so nobody to ask.
    Nobody,
}

/// Shows a person a question on the terminal, and waits for the answer.
pub(super) type Ask<'a> = dyn FnMut(&str) -> Reply + Send + 'a;

/// What was done: for programs, and for people.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) json: Value,
    pub(super) text: String,
}

/// Does what was asked for.
pub async fn run(
    command: &Command,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
    ask: &mut Ask<'_>,
) -> Said {
    let connection = command.connection();
    match done(command, connection, env, ask).await {
        Ok(done) => Said {
            text: if connection.json {
                format!("{:#}\n", done.json)
            } else {
                done.text
            },
            problem: None,
            outcome: Outcome::Done,
        },
        Err(why) => Said {
            text: if connection.json {
                format!("{:#}\n", why.for_programs())
            } else {
                String::new()
            },
            problem: Some(why.sentence),
            outcome: why.outcome,
        },
    }
}

async fn done(
    command: &Command,
    connection: &Connection,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
    ask: &mut Ask<'_>,
) -> Result<Done, NotDone> {
    let client = connect(connection, env).await?;
    match command {
        Command::Status(asked) => reading::status(&client, asked).await,
        Command::Why(asked) => reading::why(&client, asked).await,
        Command::Approve(asked) => deciding::approve(&client, asked, ask).await,
        Command::Reject(asked) => deciding::say(&client, Decision::Reject, asked, ask).await,
        Command::Revoke(asked) => deciding::say(&client, Decision::Revoke, asked, ask).await,
        Command::Override(asked) => deciding::say(&client, Decision::Override, asked, ask).await,
        Command::Review(asked) => deciding::say(&client, Decision::Review, asked, ask).await,
        Command::Start(asked) => telling::start(&client, asked).await,
        Command::Abort(asked) => telling::verb(&client, "abort", asked).await,
        Command::Rollback(asked) => telling::verb(&client, "roll-back", asked).await,
        Command::Reopen(asked) => telling::verb(&client, "reopen", asked).await,
        Command::Resume(asked) => telling::resume(&client, asked).await,
        Command::Replay(asked) => telling::replay(&client, asked).await,
        Command::Hold(asked) => targets::hold(&client, asked).await,
        Command::Unhold(asked) => targets::unhold(&client, asked).await,
        Command::Freeze(asked) => freezes::freeze(&client, asked).await,
        Command::Unfreeze(asked) => freezes::unfreeze(&client, asked).await,
        Command::Whoami(_) => whoami::whoami(&client).await,
    }
}

async fn connect(
    connection: &Connection,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Client, NotDone> {
    let app = connection.app.clone();
    let app = app.or_else(|| env("LIFTLOCK_APP_URL").filter(|url| !url.trim().is_empty()));
    let app = app.ok_or_else(|| {
        NotDone::could_not_run(
            "It is not known where the app is; give its address with --app or in LIFTLOCK_APP_URL, like \
             https://liftlock-prod.azurewebsites.net.",
        )
    })?;
    let app = AppAddress::parse(&app)?;
    let credential = Credential::read(connection.audience.as_deref(), env)?;
    Client::new(app, credential.token().await?)
}
