//! `observe-target` at a batch endpoint: who serves is the model of its default deployment.

use azure_api::ml::WorkspaceRef;
use promotion::{Champion, EndpointName, Report};

use crate::effects::observe_target::model_of;
use crate::effects::ownership::deployed_by;
use crate::effects::perform::Effects;
use crate::effects::policy::or_report;

impl Effects {
    /// Whether the endpoint is there, and who serves.
    pub(in crate::effects) async fn batch_target(
        &self,
        at: &WorkspaceRef,
        name: &EndpointName,
    ) -> Result<(bool, Champion), Report> {
        let Some(endpoint) = or_report(self.ml.batch_endpoint(at, name.as_str()).await)? else {
            return Ok((false, Champion::None));
        };
        let Some(default) = endpoint.default_deployment else {
            return Ok((true, Champion::None));
        };
        let found = self.ml.batch_deployment(at, name.as_str(), &default);
        let found = or_report(found.await)?;
        let model = found
            .as_ref()
            .and_then(|found| model_of(found.model.as_deref()?));
        let champion = match model {
            None => Champion::Unclear {
                detail: format!("the default deployment `{default}` names no registered model"),
            },
            Some((model, version)) => {
                let mut serving = self.serving(at, default, model, version).await?;
                serving.deployed_by = found.as_ref().and_then(|found| deployed_by(&found.tags));
                Champion::Serving(serving)
            }
        };
        Ok((true, champion))
    }
}
