//! Plants the two workspaces and the champion that serves in production.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use std::collections::BTreeMap;

use serde_json::json;

use crate::arm::{
    Actor, AuthMode, DeploymentSpec, EndpointSpec, Estate, Pairs, Refusal, Stamp, VersionSpec,
    Workspace, WorkspaceId,
};
use crate::scoring;
use crate::world::World;

use super::{Example, ModelKind, Output, actor, train, trainer};

/// The model that the example trains, and the endpoint that serves it.
pub(crate) const MODEL: &str = "diabetes";

const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000001";
const REGION: &str = "westeurope";

/// Index of the workspaces in the estate.
pub(crate) const DEV: usize = 0;
const PROD: usize = 1;

/// How long ago the champion was trained and went live.
const TRAINED: SignedDuration = SignedDuration::from_hours(21 * 24);
const WENT_LIVE: SignedDuration = SignedDuration::from_hours(20 * 24);

pub(crate) fn dev() -> WorkspaceId {
    WorkspaceId::new(SUBSCRIPTION, "rg-ml-dev", "ml-dev")
}

pub(crate) fn prod() -> WorkspaceId {
    WorkspaceId::new(SUBSCRIPTION, "rg-ml-prod", "ml-prod")
}

/// Adds the workspaces; with an example also its champion, registered in both and serving in production.
pub(crate) fn plant(world: &World) -> anyhow::Result<()> {
    let now = world.clock.now();
    let by = actor(&trainer());
    let mut estate = world.estate();
    let founded = Stamp::new(now - TRAINED - TRAINED, &by);
    let workspace = |id, guid, account| Workspace::new(id, guid, REGION, account, founded.clone());
    estate.workspaces.push(workspace(
        dev(),
        "7c8d1f20-0000-4000-8000-0000000000d1",
        "stdev",
    ));
    estate.workspaces.push(workspace(
        prod(),
        "7c8d1f20-0000-4000-8000-0000000000e1",
        "stprod",
    ));
    for workspace in &estate.workspaces {
        for store in &workspace.datastores {
            let _ = world
                .blobs
                .create_container(&workspace.account, &store.container);
        }
    }
    if let Some(example) = &world.ml.example {
        champion(world, &mut estate, example, now, &by).context("cannot seed the champion")?;
    }
    Ok(())
}

fn champion(
    world: &World,
    estate: &mut Estate,
    example: &Example,
    now: Timestamp,
    by: &Actor,
) -> Result<(), Refusal> {
    let model = example.model(ModelKind::Champion);
    let trained = now - TRAINED;
    let source = &mut estate.workspaces[DEV];
    let (run, uri) = train(
        source,
        &world.blobs,
        model,
        Output::Artifact,
        &trainer(),
        trained,
    );
    let flavors = scoring::flavors(model.files.get("MLmodel"));
    let spec = VersionSpec {
        uri,
        model_type: Some("mlflow_model".into()),
        job: Some(run.clone()),
        flavors: flavors.clone(),
        ..VersionSpec::default()
    };
    source.put_version(MODEL, "1", spec, trained, by)?;

    let live = now - WENT_LIVE;
    let target = &mut estate.workspaces[PROD];
    let folder = "promoted/diabetes/1";
    for (file, bytes) in &model.files {
        let container = &target.datastores[0].container;
        world.blobs.put(
            &target.account,
            container,
            &format!("{folder}/{file}"),
            bytes.clone(),
        );
    }
    let lineage = [
        ("liftlock.source.workspace", dev().arm_id()),
        ("liftlock.source.run", run),
    ];
    let spec = VersionSpec {
        uri: format!("azureml://datastores/workspaceblobstore/paths/{folder}"),
        model_type: Some("mlflow_model".into()),
        properties: lineage
            .map(|(key, value)| (key.to_owned(), Some(value)))
            .into_iter()
            .collect::<Pairs>(),
        flavors,
        ..VersionSpec::default()
    };
    target.put_version(MODEL, "1", spec, live, by)?;
    serve(world, estate, live, by)
}

/// Creates endpoint and deployment as anybody would, at a time in the past.
fn serve(world: &World, estate: &mut Estate, live: Timestamp, by: &Actor) -> Result<(), Refusal> {
    let new_id = || world.new_id();
    let read =
        |account: &str, container: &str, blob: &str| world.read_blob(account, container, blob);
    let hour = SignedDuration::from_hours(1);
    let endpoint = EndpointSpec {
        auth_mode: AuthMode::Key,
        identity: "SystemAssigned".into(),
        description: Some("Disease progression one year after baseline".into()),
        public_network_access: "Enabled".into(),
        tags: BTreeMap::new(),
        properties: serde_json::Map::new(),
        traffic: BTreeMap::new(),
    };
    estate.put_endpoint(
        PROD,
        MODEL,
        endpoint.clone(),
        &BTreeMap::new(),
        (live, by, &new_id),
    )?;
    estate.settle(live + hour, &read);
    let properties = [
        ("endpointComputeType", json!("Managed")),
        ("instanceType", json!("Standard_DS3_v2")),
    ];
    let model = format!("{}/models/{MODEL}/versions/1", prod().arm_id());
    let mut properties: serde_json::Map<_, _> = properties
        .map(|(k, v)| (k.to_owned(), v))
        .into_iter()
        .collect();
    properties.insert("model".into(), json!(model));
    let deployment = DeploymentSpec {
        model,
        instances: 1,
        tags: BTreeMap::new(),
        properties,
    };
    estate.put_deployment(
        PROD,
        (MODEL, "champion-v1"),
        deployment,
        (live + hour, by, &new_id),
    )?;
    estate.settle(live + hour + hour, &read);
    let all = BTreeMap::from([("champion-v1".to_owned(), 100)]);
    estate.put_endpoint(
        PROD,
        MODEL,
        endpoint,
        &all,
        (live + hour + hour, by, &new_id),
    )?;
    estate.settle(live + hour + hour + hour, &read);
    Ok(())
}
