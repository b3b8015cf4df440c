//! What a person may tell a promotion, by form or by JSON: abort, roll back, resume, reopen, replay.

use axum::http::HeaderMap;
use promotion::{Attempt, Event, Party, PauseId, Promotion, PromotionId, Refused, RouteName};
use serde::Deserialize;

use super::approval::PurposeToken;
use crate::app::App;
use crate::engine::{EngineError, Verdict};
use crate::identity::{CrossSite, NotSignedIn, Sender, check_origin};
use crate::state::JournalName;
use crate::ui::{self, COMMENT, Kept, REASON, Viewer, capped};

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Abort,
    RollBack,
    Resume,
    Reopen,
    Replay,
}

/// What comes with it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    #[serde(default)]
    pub(super) reason: String,
    /// To resume: which pause, as the page and the API show it.
    #[serde(default)]
    pub(super) pause: String,
    /// By programs: which attempt, as the API shows it; absent: the one that is on.
    #[serde(default)]
    pub(super) attempt: Option<u32>,
    /// In forms only: the attempt that it was shown for, and the token that vouches for it.
    #[serde(default)]
    pub(super) csrf: String,
}

/// Why a wish was not even heard.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotHeard {
    #[error(transparent)]
    NotSignedIn(#[from] NotSignedIn),
    #[error(transparent)]
    CrossSite(#[from] CrossSite),
    #[error(
        "this form was open for too long, or was shown to somebody else; look at the page again, then press the button"
    )]
    FormStale,
    #[error("what you wrote has {has} characters, and {most} are kept; say it shorter")]
    TooLong { has: usize, most: usize },
    #[error("{}", ui::route_gone(.0))]
    RouteGone(RouteName),
    #[error(
        "say which pause is to end: `pause` of the promotion's answer, like `1.2` for step 2 of attempt 1"
    )]
    NoPause,
    #[error("`attempt` is the attempt's number, counted from 1")]
    BadAttempt,
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Verb {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "abort" => Some(Self::Abort),
            "roll-back" | "rollback" => Some(Self::RollBack),
            "resume" => Some(Self::Resume),
            "reopen" => Some(Self::Reopen),
            "replay" => Some(Self::Replay),
            _ => None,
        }
    }

    /// In the address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Abort => "abort",
            Self::RollBack => "roll-back",
            Self::Resume => "resume",
            Self::Reopen => "reopen",
            Self::Replay => "replay",
        }
    }
}

impl Wish {
    /// What was typed into a verb's form.
    pub(super) fn kept(&self, verb: Verb) -> Kept<'_> {
        Kept {
            form: format!("verb-{}", verb.path()),
            reason: &self.reason,
            ..Kept::default()
        }
    }
}

/// A reason that would not be kept whole is not taken: cut, it may say something else.
pub(super) fn whole_reason(text: &str) -> Result<(), NotHeard> {
    no_longer_than(REASON, text)
}

/// The same of a comment.
pub(super) fn whole_comment(text: &str) -> Result<(), NotHeard> {
    no_longer_than(COMMENT, text)
}

fn no_longer_than(most: usize, text: &str) -> Result<(), NotHeard> {
    let has = ui::length(text);
    (has <= most)
        .then_some(())
        .ok_or(NotHeard::TooLong { has, most })
}

/// The token for the forms on a promotion's page, with the attempt that they are shown for: whoever sends one says it of no
/// other.
pub(super) async fn token(
    app: &App,
    viewer: &Viewer,
    promotion: &Promotion,
) -> Result<String, EngineError> {
    let attempt = promotion.attempt();
    let token = token_for(app, viewer, purpose(promotion.id(), attempt)).await?;
    Ok(format!("{attempt}.{token}"))
}

/// The token for forms of this purpose.
pub(super) async fn token_for(
    app: &App,
    viewer: &Viewer,
    purpose: String,
) -> Result<String, EngineError> {
    PurposeToken { viewer, purpose }.issue(app).await
}

fn purpose(id: &PromotionId, attempt: Attempt) -> String {
    format!("verbs {id} {attempt}")
}

/// Who asks, if they are signed in and no foreign page asks in their name.
pub(super) async fn who_asks(
    app: &App,
    headers: &HeaderMap,
    sender: Sender,
) -> Result<Viewer, NotHeard> {
    check_origin(headers, &app.settings.public_url, sender)?;
    Ok(app.identity.viewer(headers).await?)
}

/// Who asks, if they may be heard at all: signed in, from a page of ours, by a form that was shown to them; and of which
/// attempt they say it, where they say that.
pub(super) async fn heard(
    app: &App,
    headers: &HeaderMap,
    sender: Sender,
    id: &PromotionId,
    wish: &Wish,
) -> Result<(Viewer, Option<Attempt>), NotHeard> {
    let viewer = who_asks(app, headers, sender).await?;
    let attempt = match sender {
        Sender::Form => {
            let shown = wish.csrf.split_once('.').and_then(|(attempt, token)| {
                let attempt = Attempt::new(attempt.parse().ok()?);
                Some((attempt, token))
            });
            let (attempt, token) = shown.ok_or(NotHeard::FormStale)?;
            shown_to(app, &viewer, purpose(id, attempt), token).await?;
            Some(attempt)
        }
        Sender::Json => match wish.attempt {
            Some(0) => return Err(NotHeard::BadAttempt),
            attempt => attempt.map(Attempt::new),
        },
    };
    whole_reason(&wish.reason)?;
    Ok((viewer, attempt))
}

/// The same by a form of this purpose.
pub(super) async fn heard_about(
    app: &App,
    headers: &HeaderMap,
    sender: Sender,
    purpose: String,
    csrf: &str,
) -> Result<Viewer, NotHeard> {
    let viewer = who_asks(app, headers, sender).await?;
    if sender == Sender::Form {
        shown_to(app, &viewer, purpose, csrf).await?;
    }
    Ok(viewer)
}

/// That a form of this purpose was shown to them lately.
async fn shown_to(app: &App, viewer: &Viewer, purpose: String, csrf: &str) -> Result<(), NotHeard> {
    let token = PurposeToken { viewer, purpose };
    let counts = token.accepts(app, csrf).await?;
    counts.then_some(()).ok_or(NotHeard::FormStale)
}

/// Somebody with what they hold of what this promotion's route asks of its operators: its groups may be others than those of
/// today's configuration, and whoever may stop it must not be locked out by a change of that. Where nobody can say, nobody is
/// let in, and nobody refused.
pub(super) async fn with_operators_groups(
    app: &App,
    viewer: &Viewer,
    promotion: &Promotion,
) -> Result<Viewer, NotSignedIn> {
    let operators = &promotion.route().operators;
    if viewer.held.is_of_any(operators) {
        // Nor does a directory that is away keep them from stopping it.
        return Ok(viewer.clone());
    }
    let more = app.identity.with_groups_of(viewer, operators).await?;
    Ok(more.unwrap_or_else(|| viewer.clone()))
}

/// Tells the promotion, of the attempt that they were shown.
pub(super) async fn tell(
    app: &App,
    id: &PromotionId,
    verb: Verb,
    viewer: &Viewer,
    attempt: Option<Attempt>,
    wish: &Wish,
) -> Result<Verdict, NotHeard> {
    let name =
        JournalName::parse(id.as_str()).ok_or_else(|| EngineError::Unknown(id.to_string()))?;
    let (promotion, _) = app.engine.load_promotion(id).await?;
    let viewer = with_operators_groups(app, viewer, &promotion).await?;
    let by = || viewer.operator();
    let reason = capped(&wish.reason, REASON);
    let engine = &app.engine;
    Ok(match verb {
        Verb::Abort => {
            engine
                .tell(&name, &|_| Event::Abort {
                    by: by(),
                    reason: reason.clone(),
                    attempt,
                })
                .await?
        }
        Verb::Replay => {
            engine
                .tell(&name, &|_| Event::Replay {
                    by: by(),
                    reason: reason.clone(),
                    attempt,
                })
                .await?
        }
        Verb::Resume => {
            let pause = PauseId::parse(&wish.pause).ok_or(NotHeard::NoPause)?;
            engine
                .tell(&name, &|_| Event::Resume {
                    by: by(),
                    reason: reason.clone(),
                    attempt,
                    pause,
                })
                .await?
        }
        Verb::RollBack => {
            engine
                .roll_back(id, &|_| Event::RollBack {
                    by: by(),
                    reason: reason.clone(),
                    attempt,
                })
                .await?
        }
        Verb::Reopen => {
            let name_of_route = &promotion.route().name;
            let Some(configured) = engine.config.route(name_of_route) else {
                return Err(NotHeard::RouteGone(name_of_route.clone()));
            };
            let route = Box::new(configured.route.clone());
            engine
                .tell(&name, &|_| Event::Reopen {
                    by: by(),
                    reason: reason.clone(),
                    attempt,
                    route: route.clone(),
                })
                .await?
        }
    })
}

/// A refusal that concerns everybody who asks without a role.
pub(super) fn lacks_role(parties: &[Party], viewer: &Viewer) -> Option<Refused> {
    (!viewer.held.is_of_any(parties)).then(|| Refused::RoleMissing {
        needed: parties.to_vec(),
        held: viewer.held.roles.clone(),
    })
}

/// The same of whoever wants to do something now, with a line in the log: no journal has it.
pub(super) fn may_not(parties: &[Party], viewer: &Viewer, verb: &'static str) -> Option<Refused> {
    let refused = lacks_role(parties, viewer)?;
    tracing::warn!(
        person = viewer.person.id.as_str(),
        verb,
        why = ui::refusal(&refused),
        "an order was refused"
    );
    Some(refused)
}

/// An order beside the promotions whose write nobody answered: whether it was taken, nobody can say. A line in the log, for the
/// one that says what was done is never written.
pub(super) fn log_unsure(
    verb: &'static str,
    viewer: &Viewer,
    on: &str,
    reason: &str,
    error: &EngineError,
) {
    match error {
        EngineError::Store(_) => tracing::warn!(
            person = viewer.person.id.as_str(),
            verb,
            on,
            reason,
            "an order may have been taken"
        ),
        // Nothing was written.
        EngineError::Unknown(_) | EngineError::Contended(_) => {}
    }
}
