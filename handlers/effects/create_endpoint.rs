//! `create-endpoint`: the endpoint from its file, without traffic. What is there by that name and on that compute is
//! adopted.

use azure_api::ml::{
    AuthMode, BatchEndpointBody, BatchEndpointSpec, EndpointBody, EndpointIdentity, EndpointSpec,
};
use promotion::{Entry, Outcome, Report, Serving, WorkspaceId};
use std::collections::BTreeMap;

use super::compute;
use super::found::{self, FoundEndpoint};
use super::operation::{arrived, submitted_report};
use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};

impl Effects {
    pub(super) async fn create_endpoint(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        location: &str,
        spec: &promotion::EndpointSpec,
    ) -> Report {
        settle(self.endpoint(entry, id, location, spec).await)
    }

    async fn endpoint(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        location: &str,
        spec: &promotion::EndpointSpec,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        if let Some(unfinished) = self.unfinished(entry).await? {
            return Ok(unfinished);
        }
        let name = spec.name.as_str();
        let found = found::endpoint(&self.ml, &at, name, spec.serving).await;
        if let Some(found) = or_report(found)? {
            if let FoundEndpoint::Online(found) = &found {
                compute::fits(found, spec.compute.as_ref())?;
            }
            return Ok(arrived(
                "endpoint",
                name,
                found.state(),
                Outcome::EndpointReady,
            ));
        }
        let put = match spec.serving {
            Serving::Online => {
                let body = EndpointBody::from(&wire(location, spec));
                self.ml.put_online_endpoint(&at, name, &body).await
            }
            Serving::Batch => {
                let body = BatchEndpointBody::from(&BatchEndpointSpec {
                    location: location.to_owned(),
                    description: spec.description.clone(),
                    tags: spec.tags.clone(),
                });
                self.ml.put_batch_endpoint(&at, name, &body).await
            }
        };
        Ok(submitted_report(or_report(put)?.operation))
    }
}

fn wire(location: &str, spec: &promotion::EndpointSpec) -> EndpointSpec {
    EndpointSpec {
        location: location.to_owned(),
        auth_mode: match spec.auth_mode {
            promotion::AuthMode::Key => AuthMode::Key,
            promotion::AuthMode::AmlToken => AuthMode::AmlToken,
            promotion::AuthMode::AadToken => AuthMode::AadToken,
        },
        description: spec.description.clone(),
        tags: spec.tags.clone(),
        properties: BTreeMap::new(),
        traffic: BTreeMap::new(),
        compute: spec
            .compute
            .as_ref()
            .map(|compute| compute.as_str().to_owned()),
        public_network_access: spec
            .public_network_access
            .map(|open| if open { "Enabled" } else { "Disabled" }.to_owned()),
        identity: EndpointIdentity::SystemAssigned,
    }
}
