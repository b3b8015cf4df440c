//! How the example's configuration becomes one of a batch endpoint: the same gates and people, tested by a job.

use crate::setting::Changes;

/// Its default switches at once.
pub(crate) const IN_BATCH: Changes = &[
    (
        "liftlock.yaml",
        "onlineEndpoint: endpoints/diabetes.yml",
        "batchEndpoint: endpoints/batch-endpoint.yml",
    ),
    (
        "liftlock.yaml",
        "deployment: endpoints/deployment.yml",
        "deployment: endpoints/batch-deployment.yml",
    ),
    (
        "liftlock.yaml",
        "smokeTest: { request: requests/diabetes.json, successCondition: size(result) == 2 }",
        "batchTest: { input: azureml://datastores/workspaceblobstore/paths/samples/diabetes.csv }",
    ),
    (
        "liftlock.yaml",
        "        - setWeight: 10
        - pause: { duration: 10m }
",
        "",
    ),
];
