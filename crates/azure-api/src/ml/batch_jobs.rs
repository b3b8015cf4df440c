//! Asking a batch endpoint for a job, also of one named deployment that is not the default. How the job goes is read as
//! that of any other: [`MachineLearning::job`].
//!
//! Header names are the SDK's. That the service makes one job of two calls with the same request id, and the names of the
//! body's members, are from memory of Microsoft's pages, not verified.

use azure_core::http::Method;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::{
    call::{Auth, Call},
    error::{Error, Result},
    ml::arm::MachineLearning,
    origin,
    tokens::ML_SCOPE,
};

/// A job to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchJobSpec<'a> {
    /// Which deployment does it.
    pub deployment: &'a str,
    /// What makes a repeated call the same call.
    pub request_id: &'a str,
    /// The file or folder to score.
    pub input_uri: &'a str,
    /// The file that predictions go to.
    pub output_uri: &'a str,
}

impl BatchJobSpec<'_> {
    fn as_json(&self) -> Value {
        // A folder is one that a slash ends, as in Azure's own examples of paths.
        let input_type = if self.input_uri.ends_with('/') {
            "uri_folder"
        } else {
            "uri_file"
        };
        json!({
            "properties": {
                "inputData": { "sample": { "jobInputType": input_type, "uri": self.input_uri } },
                "outputData": { "score": { "jobOutputType": "uri_file", "uri": self.output_uri } },
            },
        })
    }
}

impl MachineLearning {
    /// Asks for a job, once, and gives its name, which is its run's id.
    pub async fn start_batch_job(
        &self,
        scoring_uri: &str,
        job: BatchJobSpec<'_>,
    ) -> Result<String> {
        let operation = "batchEndpoints.invoke";
        let url = origin::parse(operation, scoring_uri)?;
        let body = Bytes::from(job.as_json().to_string());
        let auth = Auth::Scope(ML_SCOPE);
        let mut call = Call::write(operation, Method::Post, url, auth, body);
        call.headers.extend([
            ("azureml-model-deployment", job.deployment.to_owned()),
            ("repeatability_request-id", job.request_id.to_owned()),
        ]);
        let answer: Value = self.azure.call(call).await?.json()?;
        let name = answer.get("name").and_then(Value::as_str);
        name.filter(|name| !name.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| Error::malformed(operation, "a job without a name"))
    }
}
