//! What a batch deployment is put as.

use azure_api::ml::BatchDeploymentSpec;
use promotion::{BatchSettings, DeploymentSpec};

pub(in crate::effects) fn batch_wire(
    spec: &DeploymentSpec,
    batch: &BatchSettings,
    location: &str,
    model: String,
) -> BatchDeploymentSpec {
    BatchDeploymentSpec {
        location: location.to_owned(),
        model,
        compute: batch.compute.as_str().to_owned(),
        instance_count: spec.instance_count,
        mini_batch_size: batch.mini_batch_size,
        max_concurrency_per_instance: batch.max_concurrency_per_instance,
        error_threshold: batch.error_threshold,
        output_file_name: batch.output_file_name.clone(),
        max_retries: batch.max_retries,
        retry_timeout: batch
            .retry_timeout
            .map(|timeout| format!("PT{}S", timeout.0)),
        logging_level: batch.logging_level.as_deref().map(capitalised),
        description: spec.description.clone(),
        environment_variables: spec.environment_variables.clone(),
        tags: spec.tags.clone(),
    }
}

/// `az ml` writes `info` where ARM has `Info`.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
