//! Targets: the endpoints that routes lead to.

use std::collections::BTreeSet;

use promotion::{EndpointName, ModelName, Party, Route, StageName, TargetId, WorkspaceId};

use super::resolved::Config;

/// An endpoint with the routes that lead to it.
#[derive(Debug, Clone)]
pub struct ConfiguredTarget<'a> {
    /// Its id.
    pub id: TargetId,
    first: &'a Route,
    others: Vec<&'a Route>,
}

impl Config {
    /// The targets, in the order of the first routes that lead there.
    pub fn targets(&self) -> Vec<ConfiguredTarget<'_>> {
        let mut targets: Vec<ConfiguredTarget<'_>> = Vec::new();
        for configured in &self.routes {
            let route = &configured.route;
            let id = route.target_id();
            match targets.iter_mut().find(|target| target.id == id) {
                Some(target) => target.others.push(route),
                None => targets.push(ConfiguredTarget {
                    id,
                    first: route,
                    others: Vec::new(),
                }),
            }
        }
        targets
    }

    /// The target of that id.
    pub fn target(&self, id: &str) -> Option<ConfiguredTarget<'_>> {
        let mut targets = self.targets().into_iter();
        targets.find(|target| target.id.as_str() == id)
    }
}

impl ConfiguredTarget<'_> {
    /// The endpoint's name.
    pub fn endpoint(&self) -> &EndpointName {
        &self.first.rollout.endpoint.name
    }

    /// Its workspace.
    pub fn workspace(&self) -> &WorkspaceId {
        &self.first.target.workspace
    }

    /// Its stage.
    pub fn stage(&self) -> &StageName {
        &self.first.target.stage
    }

    /// The models that routes bring there.
    pub fn models(&self) -> BTreeSet<&ModelName> {
        let routes = std::iter::once(&self.first).chain(&self.others);
        routes.map(|route| &route.model).collect()
    }

    /// Who may hold it and lift that: the operators of any route that leads there.
    pub fn operators(&self) -> Vec<Party> {
        let routes = std::iter::once(&self.first).chain(&self.others);
        let roles = routes.flat_map(|route| route.operators.iter().cloned());
        roles.collect::<BTreeSet<_>>().into_iter().collect()
    }
}
