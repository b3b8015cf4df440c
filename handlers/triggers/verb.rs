//! What a person may tell a promotion, by form or by JSON: abort, roll back, resume, reopen, replay.

use axum::http::HeaderMap;
use promotion::{Event, Party, PauseId, Promotion, PromotionId, Refused};
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
    /// In forms only.
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
    #[error("the route `{0}` is not in liftlock.yaml any more, so this cannot be asked again")]
    RouteGone(String),
    #[error(
        "say which pause is to end: `pause` of the promotion's answer, like `1.2` for step 2 of attempt 1"
    )]
    NoPause,
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

/// The token for the forms on a promotion's page.
pub(super) async fn token(
    app: &App,
    viewer: &Viewer,
    promotion: &Promotion,
) -> Result<String, EngineError> {
    token_for(app, viewer, purpose(promotion.id())).await
}

/// The token for forms of this purpose.
pub(super) async fn token_for(
    app: &App,
    viewer: &Viewer,
    purpose: String,
) -> Result<String, EngineError> {
    PurposeToken { viewer, purpose }.issue(app).await
}

fn purpose(id: &PromotionId) -> String {
    format!("verbs {id}")
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

/// Who asks, if they may be heard at all: signed in, from a page of ours, by a form that was shown to them.
pub(super) async fn heard(
    app: &App,
    headers: &HeaderMap,
    sender: Sender,
    id: &PromotionId,
    wish: &Wish,
) -> Result<Viewer, NotHeard> {
    let viewer = heard_about(app, headers, sender, purpose(id), &wish.csrf).await?;
    whole_reason(&wish.reason).map(|()| viewer)
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
        let viewer = &viewer;
        let token = PurposeToken { viewer, purpose };
        if !token.accepts(app, csrf).await? {
            return Err(NotHeard::FormStale);
        }
    }
    Ok(viewer)
}

/// Tells the promotion.
pub(super) async fn tell(
    app: &App,
    id: &PromotionId,
    verb: Verb,
    viewer: &Viewer,
    wish: &Wish,
) -> Result<Verdict, NotHeard> {
    let name =
        JournalName::parse(id.as_str()).ok_or_else(|| EngineError::Unknown(id.to_string()))?;
    let by = || viewer.operator();
    let reason = capped(&wish.reason, REASON);
    let engine = &app.engine;
    Ok(match verb {
        Verb::Abort => {
            engine
                .tell(&name, &|_| Event::Abort {
                    by: by(),
                    reason: reason.clone(),
                })
                .await?
        }
        Verb::Replay => {
            engine
                .tell(&name, &|_| Event::Replay {
                    by: by(),
                    reason: reason.clone(),
                })
                .await?
        }
        Verb::Resume => {
            let pause = PauseId::parse(&wish.pause).ok_or(NotHeard::NoPause)?;
            engine
                .tell(&name, &|_| Event::Resume {
                    by: by(),
                    reason: reason.clone(),
                    pause,
                })
                .await?
        }
        Verb::RollBack => {
            engine
                .roll_back(id, &|_| Event::RollBack {
                    by: by(),
                    reason: reason.clone(),
                })
                .await?
        }
        Verb::Reopen => {
            let (promotion, _) = engine.load_promotion(id).await?;
            let name_of_route = &promotion.route().name;
            let Some(configured) = engine.config.route(name_of_route) else {
                return Err(NotHeard::RouteGone(name_of_route.to_string()));
            };
            let route = Box::new(configured.route.clone());
            engine
                .tell(&name, &|_| Event::Reopen {
                    by: by(),
                    reason: reason.clone(),
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
