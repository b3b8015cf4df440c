//! A click of somebody whom Teams names: who they are, what they may, and what the core makes of it.

use axum::http::StatusCode;
use promotion::{Denial, Held, Person, Promotion, Refused, Stage, Tried, VoteKind};
use std::time::Duration;

use super::activity::{Asked, Clicked, Wish};
use super::answer::Answer;
use crate::app::App;
use crate::causes::chain;
use crate::config::TeamsBot;
use crate::engine::{EngineError, Verdict};
use crate::identity::DirectoryError;
use crate::triggers::approval::status;
use crate::triggers::decision::{self, Says};
use crate::triggers::verb::{self, NotHeard, Verb, whole_comment, whole_reason};
use crate::ui::{self, Viewer};

/// Teams waits 15 s; what the directory has not said by then is said again at the next click.
const PATIENCE: Duration = Duration::from_secs(5);

const TRY_AGAIN: &str = "Liftlock cannot take this at the moment. Try again in a minute.";

const MAY_BE_TAKEN: &str = "Liftlock cannot say whether this was taken. Open the promotion's page and look before trying again.";

/// What becomes of a click.
pub(super) async fn taken(app: &App, bot: &TeamsBot, clicked: &Clicked) -> Answer {
    let answer = judged(app, bot, clicked).await;
    if let Answer::Refused(status, _, why) = &answer {
        let (person, verb) = (&clicked.person, clicked.wish.name());
        decision::log_refusal("teams", &clicked.id, person, verb, *status, why);
    }
    answer
}

async fn judged(app: &App, bot: &TeamsBot, clicked: &Clicked) -> Answer {
    let ours = |tenant: &String| tenant.eq_ignore_ascii_case(&bot.tenant);
    if !clicked.tenants.iter().all(ours) {
        return no_member(app, clicked, "this is another tenant's conversation").await;
    }
    if !is_in(&clicked.conversation, &bot.channel) {
        return Answer::not_authorised("Liftlock asks nothing in this conversation");
    }
    let promotion = match app.engine.load_promotion(&clicked.id).await {
        Ok((promotion, _)) => promotion,
        Err(error) => return failed(&error, TRY_AGAIN),
    };
    if let Err(answer) = is_on_its_card(app, clicked, &promotion).await {
        return answer;
    }
    let viewer = match viewer(app, clicked, &promotion).await {
        Ok(viewer) => viewer,
        Err(answer) => return answer,
    };
    // No field of ours takes more, and cut it may say something else.
    if let Err(why) = whole(clicked) {
        return not_heard(&why);
    }
    let heard = match &clicked.wish {
        Wish::Approve(asked) => vote(app, clicked, &viewer, asked, VoteKind::Approve).await,
        Wish::Reject(_) | Wish::Resume(_) if clicked.comment.trim().is_empty() => {
            return reason_missing();
        }
        Wish::Reject(asked) => vote(app, clicked, &viewer, asked, VoteKind::Reject).await,
        Wish::Resume(pause) => {
            let wish = verb::Wish {
                reason: clicked.comment.clone(),
                pause: pause.to_string(),
                ..verb::Wish::default()
            };
            // The pause names its attempt.
            verb::tell(app, &clicked.id, Verb::Resume, &viewer, None, &wish).await
        }
        Wish::Refresh => Ok(Ok(Box::new(promotion))),
    };
    match heard {
        Ok(Ok(promotion)) => card(app, &promotion, &viewer),
        Ok(Err(refused)) => refusal(app, clicked, &viewer, &refused).await,
        // Where others were faster all along, nothing was written.
        Err(NotHeard::Engine(error @ EngineError::Contended(_))) => failed(&error, TRY_AGAIN),
        Err(NotHeard::Engine(error)) => failed(&error, MAY_BE_TAKEN),
        Err(NotHeard::NotSignedIn(why)) => {
            tracing::warn!("nobody can say who clicks: {}", chain(&why));
            Answer::unverifiable()
        }
        Err(other) => not_heard(&other),
    }
}

fn not_heard(why: &NotHeard) -> Answer {
    let message = ui::whole_sentence(&why.to_string());
    Answer::Refused(StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// Somebody of whom nobody here vouches: told so, and on record.
async fn no_member(app: &App, clicked: &Clicked, why: &str) -> Answer {
    let tried = match &clicked.wish {
        Wish::Approve(asked) => Some((Tried::Approve, asked)),
        Wish::Reject(asked) => Some((Tried::Reject, asked)),
        Wish::Resume(_) | Wish::Refresh => None,
    };
    // What is no object id is nobody's, and no text for a journal.
    let is_person = uuid::Uuid::parse_str(clicked.person.as_str()).is_ok();
    if let Some((tried, asked)) = tried.filter(|_| is_person) {
        let by = Person {
            id: clicked.person.clone(),
            // What Teams calls them is theirs to choose.
            name: "somebody".to_owned(),
        };
        let question = question(clicked, asked);
        decision::note_denied(app, &question, &by, tried, Denial::NotAMember).await;
    }
    Answer::not_authorised(why)
}

/// The channel itself, or a thread in it.
fn is_in(conversation: &str, channel: &str) -> bool {
    let rest = conversation.strip_prefix(channel);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(";messageid="))
}

/// Whether the click was made where the promotion's card is. A copy of it (one whose post was not heard of, so that another was
/// posted) decides nothing, for it is never changed again; where no card is known, nobody can tell which are copies.
async fn is_on_its_card(app: &App, clicked: &Clicked, promotion: &Promotion) -> Result<(), Answer> {
    let counts = match &clicked.wish {
        // What is not asked any more is told so, wherever the click was made.
        Wish::Approve(_) | Wish::Reject(_) => {
            matches!(promotion.stage(), Stage::AwaitingApproval { .. })
        }
        Wish::Resume(_) => true,
        Wish::Refresh => false,
    };
    if !counts {
        return Ok(());
    }
    let place = app.engine.store.cards.get(promotion.id()).await;
    let place = place.map_err(|error| {
        tracing::warn!("where a card is cannot be read: {}", chain(&error));
        Answer::again(TRY_AGAIN)
    })?;
    let place = place.filter(|place| {
        let known = place.attempt == promotion.attempt() && !place.lost;
        known && is_in(&clicked.conversation, &place.channel)
    });
    let Some(place) = place else {
        return Ok(());
    };
    let in_thread = [&place.conversation, &place.channel].contains(&&clicked.conversation);
    if place.activity == clicked.post && in_thread {
        return Ok(());
    }
    let page = app.links.absolute(&app.links.promotion(promotion.id()));
    Err(Answer::replaced(&page))
}

/// Who clicked, with what they hold of everything that may be asked of them here.
async fn viewer(app: &App, clicked: &Clicked, promotion: &Promotion) -> Result<Viewer, Answer> {
    let mut parties = promotion.route().operators.clone();
    let pinned = promotion.stage().pinned();
    parties.extend(
        pinned
            .into_iter()
            .flat_map(|p| p.quorum.parties_of_interest()),
    );
    let Held { roles, groups, .. } = Held::all(&parties);
    let directory = app.identity.directory();
    let asked = directory.held(&clicked.person, &roles, &groups);
    let why = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(account)) => {
            return Ok(Viewer {
                person: account.person,
                held: account.held,
            });
        }
        Ok(Err(why)) => why,
        Err(_) => {
            tracing::warn!("the directory does not say in time who clicks");
            return Err(Answer::unverifiable());
        }
    };
    Err(match &why {
        DirectoryError::NotHere(_) => {
            no_member(app, clicked, "nobody in this tenant has your account").await
        }
        DirectoryError::Guest(_) | DirectoryError::Disabled(_) => {
            no_member(app, clicked, &why.to_string()).await
        }
        DirectoryError::NoRegistration | DirectoryError::Unavailable(_) => {
            tracing::warn!("nobody can say who clicks: {}", chain(&why));
            Answer::unverifiable()
        }
    })
}

/// Whether what was typed is kept whole.
fn whole(clicked: &Clicked) -> Result<(), NotHeard> {
    match &clicked.wish {
        Wish::Approve(_) | Wish::Reject(_) => whole_comment(&clicked.comment),
        Wish::Resume(_) => whole_reason(&clicked.comment),
        // Nothing that is typed goes with it.
        Wish::Refresh => Ok(()),
    }
}

async fn vote(
    app: &App,
    clicked: &Clicked,
    viewer: &Viewer,
    asked: &Asked,
    kind: VoteKind,
) -> Result<Verdict, NotHeard> {
    let question = question(clicked, asked);
    let answer = decision::Answer {
        says: Says::Vote(kind),
        comment: &clicked.comment,
        click: Some(asked.click.clone()),
        round: None,
    };
    decision::decide(app, viewer, &question, &answer).await
}

fn question(clicked: &Clicked, asked: &Asked) -> decision::Question {
    decision::Question {
        id: clicked.id.clone(),
        attempt: Some(asked.attempt),
        digest: asked.digest.clone(),
    }
}

/// In channels Teams may lose what was typed, so that it is missing says nothing about who clicked.
fn reason_missing() -> Answer {
    let message = "Nothing was recorded, for no reason came with it. Write one into the card's comment and try again; if Teams \
                   loses it, open the page to give it there.";
    Answer::Refused(StatusCode::BAD_REQUEST, "ReasonMissing", message.to_owned())
}

fn card(app: &App, promotion: &Promotion, viewer: &Viewer) -> Answer {
    Answer::Card(ui::state_card(promotion, &viewer.person.id, &app.links))
}

async fn refusal(app: &App, clicked: &Clicked, viewer: &Viewer, refused: &Refused) -> Answer {
    let says = match &clicked.wish {
        Wish::Reject(_) => Says::Vote(VoteKind::Reject),
        Wish::Approve(_) | Wish::Resume(_) | Wish::Refresh => Says::Vote(VoteKind::Approve),
    };
    // A second click of the same person, or the same click once more: they see what came of the first.
    if matches!(refused, Refused::AlreadyVoted | Refused::Heard)
        && let Ok((promotion, _)) = app.engine.load_promotion(&clicked.id).await
        && !decision::says_otherwise(&promotion, viewer, says)
    {
        return card(app, &promotion, viewer);
    }
    let status = status(refused);
    let code = match status {
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::GONE => "Expired",
        StatusCode::BAD_REQUEST => "BadRequest",
        _ => "Conflict",
    };
    let sentence = decision::refusal(app, &clicked.id, viewer, says, refused).await;
    Answer::Refused(status, code, sentence)
}

fn failed(error: &EngineError, message: &str) -> Answer {
    if let EngineError::Unknown(_) = error {
        let message = "There is no such promotion. Open the board to see those that there are.";
        return Answer::Refused(StatusCode::NOT_FOUND, "NotFound", message.to_owned());
    }
    tracing::warn!("a click in Teams could not be taken: {}", chain(error));
    Answer::again(message)
}
