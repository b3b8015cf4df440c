//! The champion as a batch endpoint's default deployment, and the sample data that candidates are tested on.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use crate::arm::{BatchDeploymentSpec, BatchEndpointSpec, Occasion, Refusal, Subject};
use crate::world::World;

use super::plant::{CHAMPION, MODEL, PROD, WENT_LIVE, prod};
use super::{Example, actor, trainer};

/// Where it does its jobs.
const ENDPOINT: &str = "diabetes-batch";
/// The cluster that its jobs run on.
const CLUSTER: &str = "cpu-cluster";
/// Where the sample data lies in the default datastore.
const SAMPLE: &str = "samples/diabetes.csv";

/// Creates endpoint and deployment as anybody would, at a time in the past.
pub(crate) fn serve_in_batch(world: &World, example: &Example) -> Result<(), Refusal> {
    let (by, now) = (actor(&trainer()), world.clock.now());
    let mut estate = world.estate();
    let workspace = &estate.workspaces[PROD];
    let container = &workspace.datastores[0].container;
    let sample = example.sample_file.clone();
    world
        .blobs
        .put(&workspace.account, container, SAMPLE, sample);
    let new_id = || world.new_id();
    let occasion = Occasion {
        now: now - WENT_LIVE,
        by: &by,
        new_id: &new_id,
    };
    let read =
        |account: &str, container: &str, blob: &str| world.read_blob(account, container, blob);
    let endpoint = |default: Option<&str>| BatchEndpointSpec {
        description: Some("Disease progression, scored by the night".into()),
        default: default.map(str::to_owned),
        ..BatchEndpointSpec::default()
    };
    let subject = || Subject::endpoint(PROD, ENDPOINT).in_batch();
    estate.put_batch_endpoint(subject(), endpoint(None), &occasion)?;
    estate.settle(now, &read);
    let deployment = Subject::deployment(PROD, ENDPOINT, CHAMPION).in_batch();
    estate.put_batch_deployment(deployment, deployment_spec(), &occasion)?;
    estate.settle(now, &read);
    estate.put_batch_endpoint(subject(), endpoint(Some(CHAMPION)), &occasion)?;
    estate.settle(now, &read);
    Ok(())
}

fn deployment_spec() -> BatchDeploymentSpec {
    let model = format!("{}/models/{MODEL}/versions/1", prod().arm_id());
    let compute = format!("{}/computes/{CLUSTER}", prod().arm_id());
    let mut properties = Map::new();
    properties.insert(
        "model".into(),
        json!({"referenceType": "Id", "assetId": model}),
    );
    properties.insert("compute".into(), json!(compute));
    BatchDeploymentSpec {
        model,
        tags: BTreeMap::new(),
        properties,
    }
}
