//! What somebody holds in the directory now, whoever says that they hold it: Graph is asked about an object id.
//!
//! For a click without a token of the person's own (Teams only names who clicked), and for those whose votes are counted
//! before anything is done. The invariant: no answer is no answer. What Graph does not say is an error, never "nothing".

use azure_api::graph::{Graph, MOST_GROUPS, ServicePrincipal};
use azure_api::{Azure, Error};
use jiff::{SignedDuration, Timestamp};
use promotion::{GroupId, Held, Person, PersonId, Role};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::names::Names;
use crate::clock::wall_now;
use crate::settings::{Registration, is_guid};

/// How long an answer serves clicks.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
/// People whose answers are kept; beyond it all are forgotten.
const MOST_KEPT: usize = 1000;
/// How long each call may take, further tries included: a click is answered within seconds.
const CALL: Duration = Duration::from_secs(5);

/// Somebody as the directory has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who, with the name that the directory shows.
    pub person: Person,
    /// Of the roles and groups that were asked about, those that they hold.
    pub held: Held,
}

/// Why somebody counts for nothing, or nobody can say.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DirectoryError {
    /// There is no such account.
    #[error("nobody in this tenant has the object id {0}")]
    NotHere(PersonId),
    /// Somebody of another tenant.
    #[error("{0} is a guest in this tenant; guests decide nothing here")]
    Guest(String),
    /// The account was switched off.
    #[error("the account of {0} is disabled")]
    Disabled(String),
    /// No app registration is known, so no role and no group.
    #[error("this app knows no app registration (`LIFTLOCK_TENANT_ID`, `LIFTLOCK_APP_CLIENT_ID`)")]
    NoRegistration,
    /// Graph does not answer, or not as it should.
    #[error("Microsoft Graph cannot be asked at the moment")]
    Unavailable(#[source] Box<Error>),
}

impl DirectoryError {
    /// Whether the person holds nothing, for certain.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::NotHere(_) | Self::Guest(_) | Self::Disabled(_) => true,
            Self::NoRegistration | Self::Unavailable(_) => false,
        }
    }
}

/// The tenant's directory.
#[derive(Debug)]
pub struct Directory {
    graph: Graph,
    client_id: Option<String>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    principal: Option<(Arc<ServicePrincipal>, Timestamp)>,
    accounts: BTreeMap<Question, (Account, Timestamp)>,
}

/// Answers are kept for exactly what was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    person: PersonId,
    roles: Vec<Role>,
    groups: Vec<GroupId>,
}

impl Directory {
    pub(super) fn new(azure: &Azure, graph: azure_api::Url, app: Option<&Registration>) -> Self {
        Self {
            graph: azure.within(CALL).graph(graph),
            client_id: app.map(|app| app.client_id.clone()),
            kept: Mutex::default(),
        }
    }

    /// What somebody holds of these roles and groups; an answer serves for five minutes.
    pub async fn held(
        &self,
        person: &PersonId,
        roles: &[Role],
        groups: &[GroupId],
    ) -> Result<Account, DirectoryError> {
        let question = Question {
            person: person.clone(),
            roles: roles.to_vec(),
            groups: groups.to_vec(),
        };
        let now = wall_now();
        if let Some(account) = self.remembered(&question, now) {
            return Ok(account);
        }
        let account = self.held_now(person, roles, groups).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.accounts.len() >= MOST_KEPT {
            kept.accounts.clear();
        }
        kept.accounts.insert(question, (account.clone(), now));
        Ok(account)
    }

    /// The same, asked now: before something is done because of what they hold.
    pub async fn held_now(
        &self,
        person: &PersonId,
        roles: &[Role],
        groups: &[GroupId],
    ) -> Result<Account, DirectoryError> {
        let Names { shown, all } = self.member(person).await?;
        let held = Held {
            roles: self.roles_of(person, roles).await?,
            groups: self.groups_of(person, groups).await?,
            names: all,
        };
        let id = person.clone();
        Ok(Account {
            person: Person { id, name: shown },
            held,
        })
    }

    /// The names of somebody who has an account of this tenant's own. Without a display name nobody can tell whether they
    /// are an author of whom only that is known.
    pub(super) async fn member(&self, person: &PersonId) -> Result<Names, DirectoryError> {
        let not_here = || DirectoryError::NotHere(person.clone());
        if !is_guid(person.as_str()) {
            return Err(not_here());
        }
        let user = match self.graph.user(person.as_str()).await {
            Ok(user) => user,
            Err(Error::NotFound(_)) => return Err(not_here()),
            Err(error) => return Err(unavailable(error)),
        };
        let names = Names::of(user.display_name, user.user_principal_name);
        let called = names.as_ref().map(|names| names.shown.clone());
        let called = called.unwrap_or_else(|| person.to_string());
        if user
            .user_type
            .is_some_and(|kind| kind.eq_ignore_ascii_case("guest"))
        {
            return Err(DirectoryError::Guest(called));
        }
        // Graph says it to whoever selects it; where it does not, nobody can tell.
        match (user.account_enabled, names) {
            (Some(true), Some(names)) => Ok(names),
            (Some(false), _) => Err(DirectoryError::Disabled(called)),
            (Some(true), None) => Err(missing("displayName")),
            (None, _) => Err(missing("accountEnabled")),
        }
    }

    async fn roles_of(
        &self,
        person: &PersonId,
        asked: &[Role],
    ) -> Result<Vec<Role>, DirectoryError> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let principal = self.principal().await?;
        let assigned = self.graph.app_roles(person.as_str(), &principal.id).await;
        let assigned = assigned.map_err(unavailable)?;
        let holds = |role: &&Role| {
            principal.app_roles.iter().any(|known| {
                known.is_enabled
                    && known.value.as_deref() == Some(role.0.as_str())
                    && assigned.contains(&known.id)
            })
        };
        Ok(asked.iter().filter(holds).cloned().collect())
    }

    pub(super) async fn groups_of(
        &self,
        person: &PersonId,
        asked: &[GroupId],
    ) -> Result<Vec<GroupId>, DirectoryError> {
        let mut member = Vec::new();
        for some in asked.chunks(MOST_GROUPS) {
            let ids: Vec<&str> = some.iter().map(GroupId::as_str).collect();
            let found = self.graph.member_groups(person.as_str(), &ids).await;
            let found = found.map_err(unavailable)?;
            let found = found.iter().map(GroupId::new);
            // Only what was asked about, whatever was answered.
            member.extend(found.filter(|group| some.contains(group)));
        }
        Ok(member)
    }

    /// Our own app in the tenant: its roles change when somebody edits the registration.
    async fn principal(&self) -> Result<Arc<ServicePrincipal>, DirectoryError> {
        let client_id = self.client_id.as_ref();
        let client_id = client_id.ok_or(DirectoryError::NoRegistration)?;
        let now = wall_now();
        if let Some((principal, at)) = &self.kept().principal
            && now.duration_since(*at) <= KEPT
        {
            return Ok(principal.clone());
        }
        let asked = self.graph.service_principal(client_id).await;
        let principal = Arc::new(asked.map_err(unavailable)?);
        self.kept().principal = Some((principal.clone(), now));
        Ok(principal)
    }

    fn remembered(&self, question: &Question, now: Timestamp) -> Option<Account> {
        let kept = self.kept();
        let (account, at) = kept.accounts.get(question)?;
        (now.duration_since(*at) <= KEPT).then(|| account.clone())
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing(field: &str) -> DirectoryError {
    unavailable(Error::Malformed {
        operation: "graph.user",
        reason: format!("{field} is missing"),
    })
}

fn unavailable(error: Error) -> DirectoryError {
    DirectoryError::Unavailable(Box::new(error))
}
