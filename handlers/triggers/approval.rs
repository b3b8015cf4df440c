//! `approval`: the page behind the card. GET and HEAD change nothing, whoever follows the link; POST is a decision.

#[cfg(test)]
pub(super) mod fuzz;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use promotion::{Attempt, Promotion, PromotionId, Refused};
use serde::Deserialize;
use std::sync::Arc;

use super::decision::{self, Says};
use super::page::{self, html, problem, to_page};
use crate::app::App;
use crate::clock::wall_now;
use crate::engine::EngineError;
use crate::identity::{FormCheck, FormToken, NotSignedIn, same_origin};
use crate::state::JournalName;
use crate::triggers::api::answer::heard_status;
use crate::triggers::verb::{NotHeard, whole_comment};
use crate::ui::{self, ApprovalView, Asked, Viewer};

const NO_ANSWER: &str = "This is not what the form of this page sends: `decision` (approve or reject), `comment` and `csrf`, each once.";

const FORM_STALE: &str = "This form was open for too long, or was shown to somebody else. Look at it again, then answer.";

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Answer {
    decision: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    csrf: String,
}

/// What an approval's address names.
struct Question {
    id: PromotionId,
    attempt: Attempt,
    digest: String,
}

/// The page.
pub async fn page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let Some(question) = Question::parse(&id) else {
        return unknown(&app, &headers).await;
    };
    let viewer = match app.identity.viewer(&headers).await {
        Ok(viewer) => Some(viewer),
        // The page says what it is about, so that nobody signs in without knowing what for.
        Err(NotSignedIn::Anonymous | NotSignedIn::Expired) => None,
        Err(why) => return page::not_admitted(&app, &why),
    };
    show(&app, viewer.as_ref(), &question, None, StatusCode::OK).await
}

/// A decision.
pub async fn decide(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    form: Result<Form<Answer>, FormRejection>,
) -> Response {
    let Some(question) = Question::parse(&id) else {
        return unknown(&app, &headers).await;
    };
    let answer = match form {
        Ok(Form(answer)) => answer,
        Err(why) if why.status() == StatusCode::PAYLOAD_TOO_LARGE => return why.into_response(),
        Err(_) => {
            let viewer = app.identity.viewer(&headers).await.ok();
            let said = Some(NO_ANSWER);
            let status = StatusCode::BAD_REQUEST;
            decision::log_unheard("page", &question.id, status, "its form is not readable");
            return show(&app, viewer.as_ref(), &question, said, status).await;
        }
    };
    if let Err(error) = same_origin(&headers, &app.settings.public_url) {
        let sentence = ui::whole_sentence(&error.to_string());
        let viewer = app.identity.viewer(&headers).await.ok();
        let said = Some(sentence.as_str());
        let status = StatusCode::FORBIDDEN;
        decision::log_unheard("page", &question.id, status, &sentence);
        return show(&app, viewer.as_ref(), &question, said, status).await;
    }
    let viewer = match app.identity.viewer(&headers).await {
        Ok(viewer) => viewer,
        Err(why) => return nobody(&app, &question, &answer, &why).await,
    };
    match take(&app, &viewer, &question, &answer).await {
        Ok(Ok(())) => to_page(&app.links.promotion(&question.id)),
        Ok(Err((status, sentence))) => {
            let says = Says::parse(&answer.decision).map_or("unknown", Says::name);
            let person = &viewer.person.id;
            decision::log_refusal("page", &question.id, person, says, status, &sentence);
            show_again(&app, &viewer, &question, &sentence, &answer, status).await
        }
        Err(error) => problem(&app, Some(&viewer), &error, page::Asked::ToChange),
    }
}

/// An answer from nobody. Whoever was signed in until a moment ago gets back what they typed, and a way to sign in again:
/// the form's token stays good for the same person.
async fn nobody(app: &App, question: &Question, answer: &Answer, why: &NotSignedIn) -> Response {
    let (status, _) = page::not_signed_in(why);
    let sentence = ui::whole_sentence(&why.to_string());
    decision::log_unheard("page", &question.id, status, &sentence);
    let again = (why.passes() && !answer.csrf.is_empty()).then_some(answer.csrf.as_str());
    let answered = Answered {
        problem: Some(&sentence),
        comment: &answer.comment,
        into: &answer.decision,
        again,
    };
    match render(app, None, question, &answered).await {
        Ok(page) => html(status, page),
        Err(error) => problem(app, None, &error, page::Asked::ToSee),
    }
}

/// What the page says of an answer that was just given.
struct Answered<'a> {
    problem: Option<&'a str>,
    comment: &'a str,
    /// The form that it was typed into, by what it sends.
    into: &'a str,
    /// The form's token, where the form is shown again to nobody in particular.
    again: Option<&'a str>,
}

/// Why an answer was not taken, with the status that says so to programs.
type NotTaken = (StatusCode, String);

async fn take(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    answer: &Answer,
) -> Result<Result<(), NotTaken>, EngineError> {
    let Some(round) = question.round_of(app, viewer, &answer.csrf).await? else {
        return Ok(Err((StatusCode::FORBIDDEN, FORM_STALE.to_owned())));
    };
    let not_heard = |why: NotHeard| {
        let status = heard_status(&why).0;
        match why {
            NotHeard::Engine(error) => Err(error),
            why => Ok(Err((status, ui::whole_sentence(&why.to_string())))),
        }
    };
    if let Err(why) = whole_comment(&answer.comment) {
        return not_heard(why);
    }
    let Some(says) = Says::parse(&answer.decision) else {
        return Ok(Err((
            StatusCode::BAD_REQUEST,
            "An answer is approve, reject, revoke, override or review.".to_owned(),
        )));
    };
    let comment = &answer.comment;
    let told = decision::decide(
        app,
        viewer,
        &question.shown(),
        &decision::Answer {
            says,
            comment,
            click: None,
            round: Some(round),
        },
    )
    .await;
    Ok(match told {
        Err(why) => return not_heard(why),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(refused)) => {
            let sentence = decision::refusal(app, &question.id, viewer, says, &refused).await;
            Err((status(&refused), sentence))
        }
    })
}

async fn show(
    app: &App,
    viewer: Option<&Viewer>,
    question: &Question,
    problem_text: Option<&str>,
    status: StatusCode,
) -> Response {
    let answered = Answered {
        problem: problem_text,
        comment: "",
        into: "",
        again: None,
    };
    match render(app, viewer, question, &answered).await {
        Ok(page) => html(status, page),
        Err(error) => problem(app, viewer, &error, page::Asked::ToSee),
    }
}

/// The page with what was typed, in the form that it was typed into.
async fn show_again(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    sentence: &str,
    answer: &Answer,
    status: StatusCode,
) -> Response {
    let answered = Answered {
        problem: Some(sentence),
        comment: &answer.comment,
        into: &answer.decision,
        again: None,
    };
    match render(app, Some(viewer), question, &answered).await {
        Ok(page) => html(status, page),
        Err(error) => problem(app, Some(viewer), &error, page::Asked::ToSee),
    }
}

async fn render(
    app: &App,
    viewer: Option<&Viewer>,
    question: &Question,
    answered: &Answered<'_>,
) -> Result<String, EngineError> {
    let (promotion, _) = app.engine.load_promotion(&question.id).await?;
    let now = app.engine.time().await;
    let (viewer, unverifiable) = match viewer {
        Some(viewer) => {
            match decision::with_its_groups(app, viewer.clone(), &promotion, &question.shown())
                .await
            {
                Ok(viewer) => (Some(viewer), None),
                // They are shown what they may see in any case, and why there is no form.
                Err(why) => (
                    Some(viewer.clone()),
                    Some(ui::whole_sentence(&why.to_string())),
                ),
            }
        }
        None => (None, None),
    };
    let viewer = viewer.as_ref();
    let csrf = match viewer {
        Some(viewer) => Some(question.form_of(app, viewer, &promotion).await?),
        None => None,
    };
    // Who froze what, and why, is for whoever has signed in.
    let stopped = match viewer {
        Some(_) => app.engine.stopped(&promotion, now).await?,
        None => None,
    };
    let held = match viewer {
        Some(_) => app.engine.hold_ahead(&promotion).await?,
        None => None,
    };
    Ok(ui::approval_page(&ApprovalView {
        held: held.as_deref(),
        stopped: stopped.as_ref(),
        asked: Asked::of(&promotion, question.attempt, &question.digest, now),
        unreviewed: question
            .shown()
            .earlier_override(&promotion)
            .filter(|one| one.is_unreviewed()),
        promotion: &promotion,
        viewer,
        csrf: csrf.as_deref(),
        problem: answered.problem.or(unverifiable.as_deref()),
        comment: answered.comment,
        into: answered.into,
        again: answered.again,
        now,
        links: &app.links,
    }))
}

async fn unknown(app: &App, headers: &HeaderMap) -> Response {
    let viewer = app.identity.viewer(headers).await.ok();
    let text = "This address names no approval. Open the newest card in the channel, or look at the board.";
    html(
        StatusCode::NOT_FOUND,
        ui::message_page("No such approval", text, viewer.as_ref(), &app.links),
    )
}

/// What a refusal says to programs.
pub(super) fn status(refused: &Refused) -> StatusCode {
    match refused {
        Refused::RoleMissing { .. } | Refused::OwnWork | Refused::OwnOverride => {
            StatusCode::FORBIDDEN
        }
        Refused::Expired { .. } => StatusCode::GONE,
        Refused::ReasonMissing { .. } => StatusCode::BAD_REQUEST,
        Refused::NotNow { .. }
        | Refused::AlreadyVoted
        | Refused::Superseded
        | Refused::Outranked { .. }
        | Refused::AnotherAttempt { .. }
        | Refused::Decided { .. }
        | Refused::Overtaken { .. }
        | Refused::Frozen { .. }
        | Refused::NothingToRevoke
        | Refused::TooLateToRevoke
        | Refused::AlreadyOverridden
        | Refused::VotesExpired { .. }
        | Refused::Heard
        | Refused::TakenBackSince
        | Refused::ReviewedAlready { .. }
        | Refused::OverriddenAlready
        | Refused::TakenBackTooOften => StatusCode::CONFLICT,
    }
}

impl Question {
    fn parse(text: &str) -> Option<Self> {
        let (id, attempt, digest) = ui::parse_approval_id(text)?;
        JournalName::parse(id.as_str()).map(|_| Self {
            id,
            attempt,
            digest,
        })
    }

    /// What a form sends along: how often its viewer had taken their word back, for the core to compare, and the token that
    /// vouches for it.
    async fn form_of(
        &self,
        app: &App,
        viewer: &Viewer,
        promotion: &Promotion,
    ) -> Result<String, EngineError> {
        let question = promotion.stage().question();
        let round = question.map_or(0, |question| question.took_back(&viewer.person));
        let token = self.token(viewer, round).issue(app).await?;
        Ok(format!("{round}.{token}"))
    }

    /// The round of a form that came back, if it was issued to this viewer for this question, in time.
    async fn round_of(
        &self,
        app: &App,
        viewer: &Viewer,
        csrf: &str,
    ) -> Result<Option<usize>, EngineError> {
        let Some((round, token)) = csrf.split_once('.') else {
            return Ok(None);
        };
        let Ok(round) = round.parse() else {
            return Ok(None);
        };
        let accepted = self.token(viewer, round).accepts(app, token).await?;
        Ok(accepted.then_some(round))
    }

    fn token<'a>(&self, viewer: &'a Viewer, round: usize) -> PurposeToken<'a> {
        PurposeToken {
            viewer,
            purpose: format!(
                "approval {} {} {} {round}",
                self.id, self.attempt, self.digest
            ),
        }
    }

    fn shown(&self) -> decision::Question {
        decision::Question {
            id: self.id.clone(),
            attempt: Some(self.attempt),
            digest: self.digest.clone(),
        }
    }
}

/// A form's token with its purpose spelled out.
pub(super) struct PurposeToken<'a> {
    pub(super) viewer: &'a Viewer,
    pub(super) purpose: String,
}

impl PurposeToken<'_> {
    fn form(&self) -> FormToken<'_> {
        FormToken {
            person: &self.viewer.person.id,
            purpose: &self.purpose,
        }
    }

    pub(super) async fn issue(&self, app: &App) -> Result<String, EngineError> {
        let keys = app.engine.store.form_key.get().await?;
        Ok(self.form().issue(&keys.current, wall_now()))
    }

    /// Whether a form that came back counts. Somebody may have rolled the key since it was last read.
    pub(super) async fn accepts(&self, app: &App, token: &str) -> Result<bool, EngineError> {
        let key = &app.engine.store.form_key;
        let known = self.form().check(key.get().await?.all(), token, wall_now());
        let checked = match known {
            FormCheck::UnknownKey => {
                let keys = key.get_now().await?;
                self.form().check(keys.all(), token, wall_now())
            }
            FormCheck::Counts | FormCheck::Refused => known,
        };
        Ok(checked == FormCheck::Counts)
    }
}
