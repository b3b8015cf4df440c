//! The configuration, resolved: what the rest of the shell asks.

use azure_api::{Envelope, ServiceUrl, TeamsWebhook, WebhookAuth};
use promotion::{
    Group, GroupId, JobOutputOf, ModelName, Party, Route, RouteName, Seconds, StageName,
    WorkspaceId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::calendar::Windows;
use super::code_configuration::CodeFolder;

/// A configuration without problems.
#[derive(Debug, Clone)]
pub struct Config {
    /// The stages, in the file's order.
    pub stages: Vec<Stage>,
    /// The Teams channel where cards go.
    pub teams: TeamsChannel,
    /// The routes, in the file's order.
    pub routes: Vec<ConfiguredRoute>,
    /// How often workspaces are asked for versions that no event told of.
    pub reconcile_every: Seconds,
    /// Files that it names, relative to its folder: they travel with it into the package.
    pub files: Vec<PathBuf>,
    /// The code that its deployments bring along, each folder once.
    pub code: Vec<CodeFolder>,
}

/// The way to the Teams channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamsChannel {
    /// By the Workflows webhook of the channel: cards with links.
    Workflow {
        /// Its URL; with its signature whoever has it may post there.
        url: TeamsWebhook,
        /// Another channel's, told as well of what is escalated.
        escalation: Option<TeamsWebhook>,
        /// What its template reads.
        envelope: Envelope,
        /// Whom it lets in.
        auth: WebhookAuth,
    },
    /// By an Azure Bot: cards that change, and on which people decide.
    Bot(TeamsBot),
}

impl TeamsChannel {
    /// Whether another channel is told of what is escalated.
    pub(super) fn escalates(&self) -> bool {
        match self {
            Self::Workflow { escalation, .. } => escalation.is_some(),
            Self::Bot(bot) => bot.escalation.is_some(),
        }
    }
}

/// An Azure Bot and the channel in which it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamsBot {
    /// The Bot Connector.
    pub service_url: ServiceUrl,
    /// The channel's id, `19:…@thread.tacv2`.
    pub channel: String,
    /// Another channel's id, told as well of what is escalated.
    pub escalation: Option<String>,
    /// The bot's app id: the client id of its own managed identity, and the audience of what Teams sends to it.
    pub app_id: String,
    /// The Entra tenant that the team belongs to.
    pub tenant: String,
}

/// A workspace and what models are rolled out to there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name in `liftlock.yaml`.
    pub name: StageName,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The datastore that copied files land in; absent: the workspace's default.
    pub datastore: Option<String>,
}

/// A route with what starts a promotion on it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfiguredRoute {
    /// The route as a promotion keeps it.
    pub route: Route,
    /// What starts a promotion on it.
    pub triggers: Vec<TriggerRule>,
    /// When its promotions may act. Not in the route that a promotion keeps: it is asked live at every act.
    pub windows: Windows,
}

/// What starts a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerRule {
    /// A version of the route's model was registered in the source stage.
    ModelRegistered,
    /// A job of this experiment completed there: its output becomes a version of the route's model.
    JobCompleted {
        /// The experiment's name.
        experiment: String,
        /// The job's named output.
        output: String,
    },
}

/// What a completed job may become.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRule<'c> {
    /// The model that its output is registered as.
    pub model: &'c ModelName,
    /// The job's named output.
    pub output: &'c str,
    /// The routes that the registered version then takes.
    pub routes: Vec<&'c ConfiguredRoute>,
}

impl JobRule<'_> {
    /// How long a step of its intake may fail: as long as the most patient of its routes lets a call to Azure fail.
    pub fn deadline(&self) -> Seconds {
        let calls = self.routes.iter().map(|route| route.route.deadlines.calls);
        calls.max().expect("a rule has a route")
    }
}

impl Config {
    /// The route of that name.
    pub fn route(&self, name: &RouteName) -> Option<&ConfiguredRoute> {
        self.routes.iter().find(|route| route.route.name == *name)
    }

    /// The routes that a version of `model`, registered in `workspace`, takes.
    pub fn routes_for_model(
        &self,
        workspace: &WorkspaceId,
        model: &ModelName,
    ) -> Vec<&ConfiguredRoute> {
        self.from(workspace)
            .filter(|route| route.route.model == *model)
            .filter(|route| route.triggers.contains(&TriggerRule::ModelRegistered))
            .collect()
    }

    /// The models whose registered versions start promotions, each once with the workspace that it comes from.
    pub fn registering(&self) -> Vec<(&WorkspaceId, &ModelName)> {
        let mut sources: Vec<(&WorkspaceId, &ModelName)> = Vec::new();
        for ConfiguredRoute {
            route, triggers, ..
        } in &self.routes
        {
            let source = (&route.source.workspace, &route.model);
            if triggers.contains(&TriggerRule::ModelRegistered) && !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }

    /// Every role that may operate some route.
    pub fn operators(&self) -> Vec<Party> {
        let all = self.routes.iter();
        let all = all.flat_map(|configured| configured.route.operators.iter().cloned());
        all.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Every group that any route names: of others nobody need ask who is a member.
    pub fn groups(&self) -> Vec<GroupId> {
        let groups = self.named_groups().into_iter();
        groups.map(|group| group.id).collect()
    }

    /// The same with what the configuration calls them, each once.
    pub fn named_groups(&self) -> Vec<Group> {
        let routes = self.routes.iter().map(|configured| &configured.route);
        let named = routes.flat_map(|route| {
            route
                .operators
                .iter()
                .cloned()
                .chain(route.approval.parties())
        });
        let groups = named.filter_map(|party| match party {
            Party::Group(group) => Some(group),
            Party::Role(_) => None,
        });
        // One that is named in one place and not in another is called by its name.
        let mut each: BTreeMap<GroupId, Group> = BTreeMap::new();
        for group in groups {
            let known = each
                .entry(group.id.clone())
                .or_insert_with(|| group.clone());
            known.name = known.name.take().or(group.name);
        }
        each.into_values().collect()
    }

    /// Everybody who may operate some route of this kind.
    pub fn operators_of(&self, chosen: impl Fn(&Route) -> bool) -> Vec<Party> {
        let routes = self.routes.iter().map(|configured| &configured.route);
        let chosen = routes.filter(|route| chosen(route));
        let roles = chosen.flat_map(|route| route.operators.iter().cloned());
        roles.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What a completed job of `experiment` in `workspace` may become: one rule for each model.
    pub fn job_rules(&self, workspace: &WorkspaceId, experiment: &str) -> Vec<JobRule<'_>> {
        let mut rules: Vec<JobRule<'_>> = Vec::new();
        for route in self.from(workspace) {
            let Some(output) = route.output_of(experiment) else {
                continue;
            };
            let model = &route.route.model;
            match rules.iter_mut().find(|rule| rule.model == model) {
                Some(rule) => rule.routes.push(route),
                None => rules.push(JobRule {
                    model,
                    output,
                    routes: vec![route],
                }),
            }
        }
        rules
    }

    fn from(&self, workspace: &WorkspaceId) -> impl Iterator<Item = &ConfiguredRoute> {
        self.routes
            .iter()
            .filter(move |route| route.route.source.workspace == *workspace)
    }
}

impl ConfiguredRoute {
    /// Whether the version that this job's output became takes this route.
    pub fn takes(&self, job: &JobOutputOf) -> bool {
        let triggered = self.triggers.iter().any(|rule| match rule {
            TriggerRule::ModelRegistered => true,
            TriggerRule::JobCompleted { experiment, .. } => *experiment == job.experiment,
        });
        let route = &self.route;
        triggered && route.source.workspace == job.workspace && route.model == job.model
    }

    /// The output that a completed job of `experiment` gives this route; one at most, which `check` sees to.
    pub(super) fn output_of(&self, experiment: &str) -> Option<&str> {
        self.triggers.iter().find_map(|trigger| match trigger {
            TriggerRule::JobCompleted {
                experiment: own,
                output,
            } if own == experiment => Some(output.as_str()),
            TriggerRule::JobCompleted { .. } | TriggerRule::ModelRegistered => None,
        })
    }
}
