//! What can be asked of a running app.

use clap::{ArgGroup, Args, Subcommand};
use jiff::Timestamp;

use super::typed;

/// Works with a running app; exit codes are the same for all (see `--help` of each).
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what is on its way and what is held; with an id, how that promotion stands.
    #[command(after_help = EXIT_CODES)]
    Status(Status),
    /// Say why a promotion is where it is, and what happens next.
    #[command(after_help = EXIT_CODES)]
    Why(One),
    /// Show what a promotion asks, and approve exactly that.
    ///
    /// On a terminal you are shown the question and asked whether to approve. A script names by --digest what it has seen, and
    /// nothing is approved if that has changed.
    #[command(after_help = EXIT_CODES)]
    Approve(Approve),
    /// Show what a promotion asks, and reject it: one is enough. Needs a comment.
    #[command(after_help = EXIT_CODES)]
    Reject(Reject),
    /// Take back what you have said: your approval, your wish to override, or both, as long as nothing is copied. Needs a comment.
    #[command(after_help = EXIT_CODES)]
    Revoke(Reject),
    /// Go past the quorum, windows and the freezes that stand when the first of two says so: no approval, and told to everybody. Needs a comment.
    ///
    /// For an emergency, by who may (`override` of the route). The gates, the digest and the separation of duties still hold.
    #[command(after_help = EXIT_CODES)]
    Override(Reject),
    /// Say what you found when you looked at an override afterwards. It changes nothing that is on its way.
    ///
    /// By who may answer the question or override it, other than the two who overrode it.
    #[command(after_help = EXIT_CODES)]
    Review(Reject),
    /// Start a promotion of a registered version that no event has started. Said again, it is the same promotion.
    #[command(after_help = EXIT_CODES)]
    Start(Start),
    /// End a promotion that is on its way; what serves goes on serving.
    #[command(after_help = EXIT_CODES)]
    Abort(Verb),
    /// Take a candidate back that has traffic already.
    #[command(visible_alias = "roll-back", after_help = EXIT_CODES)]
    Rollback(Verb),
    /// End the pause that a rollout waits in.
    #[command(after_help = EXIT_CODES)]
    Resume(Resume),
    /// Ask again about what has ended: new evidence, new answers, and as a rule not yours.
    #[command(after_help = EXIT_CODES)]
    Reopen(Verb),
    /// Go on where a promotion has failed, within what people agreed to.
    #[command(after_help = EXIT_CODES)]
    Replay(Replay),
    /// Keep everything new from a target, until somebody lifts that.
    #[command(after_help = EXIT_CODES)]
    Hold(OnTarget),
    /// Lift what holds a target.
    #[command(after_help = EXIT_CODES)]
    Unhold(OnTarget),
    /// Stop the line: nothing new starts to change a stage, a model or anything. What goes back is not stopped.
    #[command(after_help = EXIT_CODES)]
    Freeze(Freeze),
    /// Let the line go on.
    #[command(after_help = EXIT_CODES)]
    Unfreeze(Unfreeze),
    /// Show as whom the app knows you: your roles, your groups as far as routes name them, and until when you are signed in.
    #[command(after_help = EXIT_CODES)]
    Whoami(Whoami),
}

/// What scripts go by.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, or shown
  1  refused: the app said no (role, own work, a reason that is missing)
  2  could not run: usage, address, sign-in, no answer; whether it was done is said where it is not known
  3  there is nothing of that name
  4  not as things stand: changed since, already decided, expired";

/// Where the app is and who asks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// The app's address, like `https://liftlock-prod.azurewebsites.net`; else `LIFTLOCK_APP_URL`.
    #[arg(long, value_name = "URL")]
    pub app: Option<String>,
    /// The client id of the app's registration, or its application ID URI; else `LIFTLOCK_APP_CLIENT_ID`.
    ///
    /// Whoever is signed in with `az` or `azd` asks, unless `LIFTLOCK_TOKEN` holds a token for this audience.
    #[arg(long, value_name = "CLIENT_ID")]
    pub audience: Option<String>,
    /// Print the API's JSON, also where the app said no.
    #[arg(long)]
    pub json: bool,
}

/// What to show.
#[derive(Debug, Args)]
pub struct Status {
    /// A promotion's id, as the board and the cards show it. Without it: everything that is open.
    #[arg(value_parser = typed::promotion)]
    pub promotion: Option<String>,
    /// Only what goes to this stage, like prod.
    #[arg(long, value_name = "STAGE", conflicts_with = "promotion", value_parser = typed::named)]
    pub to: Option<String>,
    /// Only this model.
    #[arg(long, conflicts_with = "promotion", value_parser = typed::named)]
    pub model: Option<String>,
    /// What began in this month and has ended, like 2026-11, instead of what is open.
    #[arg(long, value_name = "MONTH", conflicts_with = "promotion", value_parser = typed::month)]
    pub closed: Option<String>,
    #[command(flatten)]
    pub at: Connection,
}

/// Which promotion.
#[derive(Debug, Args)]
pub struct One {
    /// A promotion's id, as `liftlock status` shows it.
    #[arg(value_parser = typed::promotion)]
    pub promotion: String,
    #[command(flatten)]
    pub at: Connection,
}

/// What is approved.
#[derive(Debug, Args)]
pub struct Approve {
    /// A promotion's id, as `liftlock status` shows it.
    #[arg(value_parser = typed::promotion)]
    pub promotion: String,
    /// Why; kept with your answer, up to 2000 characters.
    #[arg(long, default_value = "", hide_default_value = true, value_parser = typed::comment)]
    pub comment: String,
    #[command(flatten)]
    pub shown: Shown,
    #[command(flatten)]
    pub at: Connection,
}

/// What is rejected, taken back, overridden or reviewed.
#[derive(Debug, Args)]
pub struct Reject {
    /// A promotion's id, as `liftlock status` shows it.
    #[arg(value_parser = typed::promotion)]
    pub promotion: String,
    /// Why; kept with your answer, up to 2000 characters.
    #[arg(long, value_parser = typed::comment)]
    pub comment: String,
    #[command(flatten)]
    pub shown: Shown,
    #[command(flatten)]
    pub at: Connection,
}

/// What somebody has seen before they answer.
#[derive(Debug, Args)]
pub struct Shown {
    /// The decision digest that you have seen, or its first 12 digits or more. Needed where there is no terminal to ask on.
    #[arg(long)]
    pub digest: Option<String>,
    /// Do not ask on the terminal either.
    #[arg(long, requires = "digest")]
    pub yes: bool,
}

/// What to start.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).multiple(true).args(["model", "route"])))]
pub struct Start {
    /// Which registered model; enough where one route takes it, else the app says which there are.
    #[arg(long, value_parser = typed::named)]
    pub model: Option<String>,
    /// By which route of liftlock.yaml; it says which model.
    #[arg(long, value_parser = typed::named)]
    pub route: Option<String>,
    /// Which version of the model.
    #[arg(long, value_parser = typed::version)]
    pub version: String,
    /// Why; kept in the journal, up to 500 characters.
    #[arg(long, value_parser = typed::reason)]
    pub reason: String,
    #[command(flatten)]
    pub at: Connection,
}

/// A promotion, and why something is done to it.
#[derive(Debug, Args)]
pub struct Verb {
    /// A promotion's id, as `liftlock status` shows it.
    #[arg(value_parser = typed::promotion)]
    pub promotion: String,
    /// Why; kept in the journal, up to 500 characters.
    #[arg(long, value_parser = typed::reason)]
    pub reason: String,
    /// Only of this attempt, like 1. Without it: the one that is on now.
    #[arg(long, value_parser = typed::attempt)]
    pub attempt: Option<u32>,
    #[command(flatten)]
    pub at: Connection,
}

/// Which pause, and why it ends.
#[derive(Debug, Args)]
pub struct Resume {
    /// A promotion's id, as `liftlock status` shows it.
    #[arg(value_parser = typed::promotion)]
    pub promotion: String,
    /// Why; kept in the journal, up to 500 characters.
    #[arg(long, value_parser = typed::reason)]
    pub reason: String,
    /// Only this pause, like 1.2 for step 2 of attempt 1. Without it: the one that it waits in now.
    #[arg(long, value_parser = typed::pause)]
    pub pause: Option<String>,
    #[command(flatten)]
    pub at: Connection,
}

/// What goes on, and why.
#[derive(Debug, Args)]
pub struct Replay {
    /// A promotion's id, as `liftlock status` shows it.
    #[arg(value_parser = typed::promotion)]
    pub promotion: String,
    /// Why; kept in the journal, up to 500 characters.
    #[arg(
        long,
        value_parser = typed::reason,
        required_unless_present = "dry_run",
        default_value = "",
        hide_default_value = true
    )]
    pub reason: String,
    /// Only say what would happen today.
    #[arg(long)]
    pub dry_run: bool,
    /// Only of this attempt, like 1. Without it: the one that is on now.
    #[arg(long, value_parser = typed::attempt)]
    pub attempt: Option<u32>,
    #[command(flatten)]
    pub at: Connection,
}

/// A target, and why something is done to it.
#[derive(Debug, Args)]
pub struct OnTarget {
    /// A target's endpoint by name, `stage/endpoint` where several stages have one of that name, or its id.
    #[arg(value_parser = typed::named)]
    pub target: String,
    /// Why; kept with the hold. Up to 500 characters.
    #[arg(long, value_parser = typed::reason)]
    pub reason: String,
    #[command(flatten)]
    pub at: Connection,
}

/// What is frozen.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Scope {
    /// Whatever goes to this stage, like prod.
    #[arg(long, value_parser = typed::named)]
    pub stage: Option<String>,
    /// Wherever this model goes.
    #[arg(long, value_parser = typed::named)]
    pub model: Option<String>,
    /// All of it.
    #[arg(long)]
    pub everything: bool,
}

/// What is frozen, why and for how long.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["stage", "model", "everything"])))]
pub struct Freeze {
    #[command(flatten)]
    pub scope: Scope,
    /// Why; everybody who waits is told. Up to 500 characters.
    #[arg(long, value_parser = typed::reason)]
    pub reason: String,
    /// How long, like 4h. Without it and `--until`: until somebody lifts it.
    #[arg(long = "for", value_name = "LENGTH", conflicts_with = "until", value_parser = typed::length)]
    pub lasting: Option<String>,
    /// Until when, like 2026-12-24T18:00:00Z or 2026-12-24T19:00:00+01:00.
    #[arg(long, value_name = "TIME", value_parser = typed::moment)]
    pub until: Option<Timestamp>,
    #[command(flatten)]
    pub at: Connection,
}

/// Which freeze is lifted, and why.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["freeze", "stage", "model", "everything"])))]
pub struct Unfreeze {
    /// A freeze's id, as `liftlock status` shows it; or what it covers:
    #[arg(value_parser = typed::named)]
    pub freeze: Option<String>,
    #[command(flatten)]
    pub scope: Scope,
    /// Why; kept with the freeze. Up to 500 characters.
    #[arg(long, value_parser = typed::reason)]
    pub reason: String,
    #[command(flatten)]
    pub at: Connection,
}

/// Whoever asks.
#[derive(Debug, Args)]
pub struct Whoami {
    #[command(flatten)]
    pub at: Connection,
}

impl Command {
    pub(super) fn connection(&self) -> &Connection {
        match self {
            Self::Status(asked) => &asked.at,
            Self::Why(asked) => &asked.at,
            Self::Approve(asked) => &asked.at,
            Self::Reject(asked)
            | Self::Revoke(asked)
            | Self::Override(asked)
            | Self::Review(asked) => &asked.at,
            Self::Start(asked) => &asked.at,
            Self::Abort(asked) | Self::Rollback(asked) | Self::Reopen(asked) => &asked.at,
            Self::Resume(asked) => &asked.at,
            Self::Replay(asked) => &asked.at,
            Self::Hold(asked) | Self::Unhold(asked) => &asked.at,
            Self::Freeze(asked) => &asked.at,
            Self::Unfreeze(asked) => &asked.at,
            Self::Whoami(asked) => &asked.at,
        }
    }
}
