//! Who asks: a person with a token of Entra's that we have checked ourselves.
//!
//! The platform's sign-in forwards the token; a program brings its own. The invariant: without the platform's marker, and
//! without a token, nobody is signed in, whatever else the headers say.

use axum::http::HeaderMap;
use azure_api::Azure;
use jiff::Timestamp;
use promotion::{GroupId, Held, Party, Person};
use std::sync::Arc;

use super::bearer::{Unreadable, bearer, once, text};
use super::connector::BotTokens;
use super::directory::{Directory, DirectoryError};
use super::jwt::Refused;
use super::names::Names;
use super::principal::named;
use super::users::{Membership, User, UserTokens};
use crate::causes::chain;
use crate::clock::wall_now;
use crate::settings::{IdentitySettings, SignIn};
use crate::ui::Viewer;

/// Tells who somebody is.
#[derive(Debug)]
pub struct Identity {
    sign_in: SignIn,
    users: Option<UserTokens>,
    bots: Option<BotTokens>,
    directory: Arc<Directory>,
    /// The groups that the configuration names: nobody is asked about others.
    groups: Vec<GroupId>,
}

/// Somebody who is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who, and what they hold.
    pub viewer: Viewer,
    /// Whose directory they are of.
    pub tenant: String,
    /// When the token expires that says so.
    pub until: Timestamp,
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSignedIn {
    /// The platform does not sign anybody in.
    #[error(
        "this app runs without the platform's sign-in (`WEBSITE_AUTH_ENABLED` is not true), so nobody can be told from anybody else"
    )]
    NoPlatform,
    /// Nobody knows whose tokens to believe.
    #[error(
        "this app does not know who signs people in: `LIFTLOCK_TENANT_ID` and `LIFTLOCK_APP_CLIENT_ID` are not set, so nobody can be told from anybody else"
    )]
    NoRegistration,
    /// Nobody has signed in.
    #[error("sign in first")]
    Anonymous,
    /// The headers make no sense, or contradict each other.
    #[error("the platform's sign-in cannot be read; sign out and in again")]
    Unreadable,
    /// The platform says who it is, and does not prove it.
    #[error(
        "the platform names who is signed in and forwards no token that proves it: switch on the token store of its authentication, then sign out and in again"
    )]
    NoToken,
    /// The token was good once.
    #[error("the sign-in has expired; sign in again")]
    Expired,
    /// The token is not one for us.
    #[error("the sign-in is not believed: {0}; sign out and in again")]
    NotBelieved(Refused),
    /// Somebody who decides nothing here.
    #[error("{0}")]
    NotAMember(String),
    /// Nobody says what they are called, so nobody can tell whether it is their own work.
    #[error(
        "the sign-in does not say your name, by which your own work would be told from others', and the directory cannot be asked for it: sign in with a token that has the claim `name` (its scope is `profile`)"
    )]
    Nameless,
    /// Nobody can tell at the moment.
    #[error("it cannot be verified at the moment who you are; try again in a minute")]
    Unverifiable,
}

impl From<Unreadable> for NotSignedIn {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable
    }
}

impl From<Refused> for NotSignedIn {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Expired => Self::Expired,
            Refused::KeysUnavailable => Self::Unverifiable,
            Refused::Malformed
            | Refused::Algorithm
            | Refused::NotSigned
            | Refused::NotYet
            | Refused::Audience
            | Refused::Issuer => Self::NotBelieved(why),
        }
    }
}

impl From<DirectoryError> for NotSignedIn {
    fn from(why: DirectoryError) -> Self {
        if why.is_certain() {
            return Self::NotAMember(why.to_string());
        }
        tracing::warn!("nobody can say who asks: {}", chain(&why));
        Self::Unverifiable
    }
}

impl NotSignedIn {
    /// Whether signing in again, or waiting a moment, is all that it needs: then what was typed may be sent once more.
    pub fn passes(&self) -> bool {
        match self {
            Self::Expired | Self::Anonymous | Self::Unverifiable => true,
            Self::NoPlatform
            | Self::NoRegistration
            | Self::Unreadable
            | Self::NoToken
            | Self::Nameless
            | Self::NotBelieved(_)
            | Self::NotAMember(_) => false,
        }
    }
}

impl Identity {
    /// Calls nothing yet.
    pub fn new(
        azure: &Azure,
        settings: &IdentitySettings,
        sign_in: SignIn,
        groups: Vec<GroupId>,
    ) -> Self {
        let IdentitySettings {
            registration,
            bot,
            graph,
        } = settings;
        let registration = registration.as_ref();
        Self {
            sign_in,
            users: registration.map(|registration| UserTokens::new(azure, registration)),
            bots: bot
                .clone()
                .map(|bot| BotTokens::new(azure, bot.metadata, bot.app_id)),
            directory: Arc::new(Directory::new(azure, graph.clone(), registration)),
            groups,
        }
    }

    /// The tenant's directory.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.clone()
    }

    /// Who checks the Bot Connector's tokens; absent where there is no bot.
    pub fn bots(&self) -> Option<&BotTokens> {
        self.bots.as_ref()
    }

    /// Why nobody can sign in at all, if that is so.
    pub fn closed(&self) -> Option<NotSignedIn> {
        match (self.sign_in, &self.users) {
            (SignIn::Nobody, _) => Some(NotSignedIn::NoPlatform),
            (SignIn::Platform, None) => Some(NotSignedIn::NoRegistration),
            (SignIn::Platform, Some(_)) => None,
        }
    }

    /// Who is signed in.
    pub async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, NotSignedIn> {
        Ok(self.signed_in(headers).await?.viewer)
    }

    /// Who is signed in, where, and until when.
    pub async fn signed_in(&self, headers: &HeaderMap) -> Result<SignedIn, NotSignedIn> {
        let users = match (self.sign_in, &self.users) {
            (SignIn::Nobody, _) => return Err(NotSignedIn::NoPlatform),
            (SignIn::Platform, None) => return Err(NotSignedIn::NoRegistration),
            (SignIn::Platform, Some(users)) => users,
        };
        let now = wall_now();
        let forwarded = once(headers, "x-ms-token-aad-id-token")?;
        let forwarded = forwarded.map(text).transpose()?;
        let named = named(headers)?;
        let user = match (bearer(headers)?, forwarded) {
            (None, None) if named.is_none() => return Err(NotSignedIn::Anonymous),
            (None, None) => return Err(NotSignedIn::NoToken),
            (Some(token), None) => users.access_token(token, now).await?,
            (None, Some(token)) => users.id_token(token, now).await?,
            (Some(brought), Some(forwarded)) => {
                let user = users.access_token(brought, now).await?;
                let other = users.id_token(forwarded, now).await?;
                if other.id != user.id {
                    return Err(NotSignedIn::Unreadable);
                }
                let until = user.until.min(other.until);
                User { until, ..user }
            }
        };
        if named.is_some_and(|named| !named.is(&user.id, users.tenant())) {
            return Err(NotSignedIn::Unreadable);
        }
        let until = user.until;
        Ok(SignedIn {
            viewer: self.admitted(user).await?,
            tenant: users.tenant().to_owned(),
            until,
        })
    }

    /// Somebody with their groups among these as well, which today's configuration may not name any more; nothing, where that
    /// adds none.
    pub async fn with_groups_of(
        &self,
        viewer: &Viewer,
        parties: &[Party],
    ) -> Result<Option<Viewer>, DirectoryError> {
        let Held { mut groups, .. } = Held::all(parties);
        groups.retain(|group| !self.groups.contains(group) && !viewer.held.groups.contains(group));
        if groups.is_empty() {
            return Ok(None);
        }
        let theirs = self.directory.groups_of(&viewer.person.id, &groups).await?;
        let mut more = viewer.clone();
        more.held.groups.extend(theirs.iter().cloned());
        Ok((!theirs.is_empty()).then_some(more))
    }

    async fn admitted(&self, user: User) -> Result<Viewer, NotSignedIn> {
        let called = self.names(&user).await?;
        let groups = if let Some(groups) = user.groups {
            let named = self.groups.iter().filter(|group| groups.contains(group));
            named.cloned().collect()
        } else {
            // That the token names none does not mean that there are none.
            self.directory.groups_of(&user.id, &self.groups).await?
        };
        Ok(Viewer {
            person: Person {
                id: user.id,
                name: called.shown,
            },
            held: Held {
                roles: user.roles,
                groups,
                names: called.all,
            },
        })
    }

    /// What somebody is called: by their token, or else by the directory.
    async fn names(&self, user: &User) -> Result<Names, NotSignedIn> {
        match (&user.names, user.membership) {
            (Some(names), Membership::Said) => Ok(names.clone()),
            (Some(names), Membership::Unsaid) => {
                self.directory.held(&user.id, &[], &[]).await?;
                Ok(names.clone())
            }
            (None, _) => self.directory.member(&user.id).await.map_err(|why| {
                if why.is_certain() {
                    return why.into();
                }
                tracing::warn!("nobody can say what somebody is called: {}", chain(&why));
                NotSignedIn::Nameless
            }),
        }
    }
}
