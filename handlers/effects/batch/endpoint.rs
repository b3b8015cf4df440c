//! `create-endpoint` of a batch endpoint: from its file, without a default. What is there by that name is adopted.

use azure_api::ml::{BatchEndpointBody, BatchEndpointSpec};
use promotion::{EndpointSpec, Entry, Outcome, Report, WorkspaceId};

use crate::effects::operation::{arrived, submitted_report};
use crate::effects::perform::{Effects, workspace};
use crate::effects::policy::or_report;

impl Effects {
    pub(in crate::effects) async fn create_batch_endpoint(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        location: &str,
        spec: &EndpointSpec,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        if let Some(unfinished) = self.unfinished(entry).await? {
            return Ok(unfinished);
        }
        let name = spec.name.as_str();
        if let Some(found) = or_report(self.ml.batch_endpoint(&at, name).await)? {
            let state = found.provisioning_state.as_ref();
            return Ok(arrived("endpoint", name, state, Outcome::EndpointReady));
        }
        let body = BatchEndpointBody::from(&BatchEndpointSpec {
            location: location.to_owned(),
            description: spec.description.clone(),
            tags: spec.tags.clone(),
        });
        let submitted = or_report(self.ml.put_batch_endpoint(&at, name, &body).await)?;
        Ok(submitted_report(submitted.operation))
    }
}
