//! Plants the two workspaces and the champion that serves in production.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};

use crate::arm::{
    Actor, AskedTraffic, AuthMode, DeploymentSpec, EndpointSpec, Estate, Occasion, Refusal, RunsOn,
    Stamp, Subject, VersionSpec, Workspace, WorkspaceId,
};
use crate::scoring;
use crate::world::World;

use super::example::Trained;
use super::{Example, ModelKind, Output, actor, train, trainer};

/// The model that the example trains, and the endpoint that serves it.
pub(crate) const MODEL: &str = "diabetes";

/// The deployment that serves at the start.
pub(super) const CHAMPION: &str = "champion-v1";

/// The Kubernetes cluster that is attached to production.
const CLUSTER: &str = "aks-prod";

const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000001";
const REGION: &str = "westeurope";

/// Index of the workspaces in the estate.
pub(crate) const DEV: usize = 0;
pub(crate) const PROD: usize = 1;

/// How long ago the champion was trained and went live.
const TRAINED: SignedDuration = SignedDuration::from_hours(21 * 24);
pub(super) const WENT_LIVE: SignedDuration = SignedDuration::from_hours(20 * 24);

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
    estate.workspaces[PROD].clusters.push(CLUSTER);
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

/// The champion's way so far: trained and registered in dev, brought to production by hand.
fn champion(
    world: &World,
    estate: &mut Estate,
    example: &Example,
    now: Timestamp,
    by: &Actor,
) -> Result<(), Refusal> {
    let model = example.model(ModelKind::Champion);
    let (trained, live) = (now - TRAINED, now - WENT_LIVE);
    let source = &mut estate.workspaces[DEV];
    let (run, uri) = train(
        source,
        &world.blobs,
        model,
        Output::Artifact,
        &trainer(),
        trained,
    );
    let spec = VersionSpec {
        job: Some(run.clone()),
        ..version_spec(model, uri)
    };
    source.put_version(MODEL, "1", spec, trained, by)?;

    let target = &mut estate.workspaces[PROD];
    let uri = bring_over(world, target, model);
    let lineage = [
        ("liftlock.source.workspace", dev().arm_id()),
        ("liftlock.source.run", run),
    ];
    let properties = lineage
        .map(|(name, value)| (name.to_owned(), Some(value)))
        .into_iter()
        .collect();
    let spec = VersionSpec {
        properties,
        ..version_spec(model, uri)
    };
    target.put_version(MODEL, "1", spec, live, by)?;
    serve(world, estate, MANAGED, live, by)
}

fn version_spec(model: &Trained, uri: String) -> VersionSpec {
    VersionSpec {
        uri,
        model_type: Some("mlflow_model".into()),
        flavors: scoring::flavors(model.files.get("MLmodel")),
        ..VersionSpec::default()
    }
}

/// Uploads the model's files to the workspace's default datastore and says where.
fn bring_over(world: &World, workspace: &Workspace, model: &Trained) -> String {
    let folder = "promoted/diabetes/1";
    let container = &workspace.datastores[0].container;
    for (file, bytes) in &model.files {
        let path = format!("{folder}/{file}");
        world
            .blobs
            .put(&workspace.account, container, &path, bytes.clone());
    }
    format!("azureml://datastores/workspaceblobstore/paths/{folder}")
}

/// Where the champion serves: endpoint, and what it runs on.
#[derive(Debug, Clone, Copy)]
struct Seat {
    endpoint: &'static str,
    runs_on: RunsOn,
}

/// Where it serves at the start.
const MANAGED: Seat = Seat {
    endpoint: MODEL,
    runs_on: RunsOn::Managed,
};

/// Where it may serve besides.
const ON_KUBERNETES: Seat = Seat {
    endpoint: "diabetes-kubernetes",
    runs_on: RunsOn::Kubernetes,
};

/// Lets the champion serve on the cluster too, as if it had been there for as long as on the managed endpoint.
pub(crate) fn serve_on_kubernetes(world: &World) -> Result<(), Refusal> {
    let by = actor(&trainer());
    let live = world.clock.now() - WENT_LIVE;
    serve(world, &mut world.estate(), ON_KUBERNETES, live, &by)
}

/// Creates endpoint and deployment as anybody would, at a time in the past.
fn serve(
    world: &World,
    estate: &mut Estate,
    seat: Seat,
    live: Timestamp,
    by: &Actor,
) -> Result<(), Refusal> {
    let now = world.clock.now();
    let new_id = || world.new_id();
    let read =
        |account: &str, container: &str, blob: &str| world.read_blob(account, container, blob);
    let occasion = Occasion {
        now: live,
        by,
        new_id: &new_id,
    };
    let endpoint = || Subject::endpoint(PROD, seat.endpoint);
    estate.put_endpoint(
        endpoint(),
        seat.endpoint_spec(),
        &AskedTraffic::default(),
        &occasion,
    )?;
    estate.settle(now, &read);
    estate.put_deployment(
        Subject::deployment(PROD, seat.endpoint, CHAMPION),
        seat.deployment_spec(),
        &occasion,
    )?;
    estate.settle(now, &read);
    let all = AskedTraffic {
        live: BTreeMap::from([(CHAMPION.to_owned(), 100)]),
        ..AskedTraffic::default()
    };
    estate.put_endpoint(endpoint(), seat.endpoint_spec(), &all, &occasion)?;
    estate.settle(now, &read);
    Ok(())
}

impl Seat {
    fn endpoint_spec(self) -> EndpointSpec {
        let cluster = || format!("{}/computes/{CLUSTER}", prod().arm_id());
        EndpointSpec {
            auth_mode: AuthMode::Key,
            identity: "SystemAssigned".into(),
            description: Some("Disease progression one year after baseline".into()),
            public_network_access: "Enabled".into(),
            tags: BTreeMap::new(),
            properties: Map::new(),
            compute: (self.runs_on == RunsOn::Kubernetes).then(cluster),
            traffic: BTreeMap::new(),
            mirror: BTreeMap::new(),
        }
    }

    fn deployment_spec(self) -> DeploymentSpec {
        let model = format!("{}/models/{MODEL}/versions/1", prod().arm_id());
        let properties = [
            ("endpointComputeType", json!(self.runs_on.word())),
            ("model", json!(model)),
        ];
        let properties = properties
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect();
        DeploymentSpec {
            model,
            runs_on: self.runs_on,
            instances: 1,
            tags: BTreeMap::new(),
            properties,
        }
    }
}
