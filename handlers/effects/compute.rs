//! On which compute an endpoint is: nobody can change it, so one that is there on another compute than its file says is
//! refused before anything is made.

use azure_api::ml::OnlineEndpoint;
use promotion::{ComputeId, Failure, Report};

/// Whether the endpoint that is there is on the compute that its file says. Azure shows one for Kubernetes only.
pub(super) fn fits(found: &OnlineEndpoint, wanted: Option<&ComputeId>) -> Result<(), Report> {
    let (is, says) = match (found.compute.as_deref(), wanted) {
        (None, None) => return Ok(()),
        (Some(id), Some(wanted)) if wanted.is(id) => return Ok(()),
        (Some(id), Some(wanted)) => (
            format!("on the Kubernetes compute `{id}`"),
            format!("it is on `{wanted}`"),
        ),
        (None, Some(wanted)) => (
            "a managed one".to_owned(),
            format!("it is on the Kubernetes compute `{wanted}`"),
        ),
        (Some(id), None) => (
            format!("on the Kubernetes compute `{id}`"),
            "it is a managed one".to_owned(),
        ),
    };
    Err(Report::Failed(Failure::new(
        "EndpointOnOtherCompute",
        format!(
            "endpoint `{}` is there already and is {is}, and its file says that {says}; an endpoint stays where it was made",
            found.name
        ),
    )))
}
