//! A blob service under test: where it is, how we are known there, how it loses an answer.

use std::sync::Arc;
use std::time::Duration;

use azure_api::blob::Container;
use azure_api::{Azure, Identity, Settings as AzureSettings};
use cloud_sim::{Cloud, CloudOptions, Fault};
use liftlock::settings::{IdentitySettings, Settings, SignIn};
use liftlock::state::Store;
use url::Url;

use super::azurite::{Azurite, PATIENCE, SOURCE, TARGET};
use super::entra::Entra;

/// Where files are copied to.
const LANDING: &str = "landing";

pub(super) struct Service {
    /// What the handler keeps its state in.
    pub(super) store: Store,
    /// Of the account that files are copied from.
    pub(super) source: Container,
    /// Of the account that they are copied to.
    pub(super) landing: Container,
    azure: Azure,
    settings: Settings,
    kind: Kind,
}

enum Kind {
    Simulated(Arc<Cloud>),
    Azurite(Azurite),
}

impl Service {
    pub(super) async fn simulated() -> Service {
        let cloud = Arc::new(Cloud::start(CloudOptions::default()).await.unwrap());
        let azure = azure(Identity::Credential(Arc::new(Entra(cloud.clone()))));
        let account = |name: &str| url(&format!("{}/blob/{name}", cloud.url()));
        let source = azure.blobs(account("stdev")).container("models");
        let landing = azure.blobs(account("stprod")).container(LANDING);
        let state = account("stliftlock");
        let kind = Kind::Simulated(cloud.clone());
        Service::of(azure, state, source, landing, kind).await
    }

    pub(super) async fn on(azurite: Azurite) -> Service {
        // Nobody asks Entra: every URL carries its signature.
        let azure = azure(Identity::Environment { client_id: None });
        let port = azurite.line.port;
        let at =
            |account: &str, sas: &str| url(&format!("http://127.0.0.1:{port}/{account}?{sas}"));
        let target = at(TARGET.name, &TARGET.account_sas());
        let made = azure.blobs(target.clone()).container(LANDING);
        made.create_if_absent().await.unwrap();
        let source = azure
            .blobs(at(SOURCE.name, &SOURCE.account_sas()))
            .container("models");
        let landing = azure
            .blobs(at(TARGET.name, &TARGET.container_sas(LANDING)))
            .container(LANDING);
        Service::of(azure, target, source, landing, Kind::Azurite(azurite)).await
    }

    async fn of(
        azure: Azure,
        state: Url,
        source: Container,
        landing: Container,
        kind: Kind,
    ) -> Service {
        let settings = settings(state);
        let store = Store::new(&azure, &settings);
        store.ready().await.unwrap();
        source.create_if_absent().await.unwrap();
        if matches!(kind, Kind::Simulated(_)) {
            landing.create_if_absent().await.unwrap();
        }
        Service {
            store,
            source,
            landing,
            azure,
            settings,
            kind,
        }
    }

    /// The store as another process sees it.
    pub(super) fn another_store(&self) -> Store {
        Store::new(&self.azure, &self.settings)
    }

    /// Where the handler keeps what is no journal, for whoever reaches into it by hand.
    pub(super) fn state(&self) -> Container {
        let account = self.azure.blobs(self.settings.storage_url.clone());
        account.container("state")
    }

    /// The next append is done, and nobody hears of it.
    pub(super) fn lose_next_append(&self) {
        match &self.kind {
            Kind::Simulated(cloud) => cloud.faults().add("blob.append", Fault::LostAnswer, 1),
            Kind::Azurite(azurite) => azurite.line.lose_next_append(),
        }
    }
}

fn azure(identity: Identity) -> Azure {
    drop(rustls::crypto::ring::default_provider().install_default());
    Azure::new(AzureSettings {
        arm_url: url("http://127.0.0.1:9/arm"),
        identity,
        deadline: PATIENCE,
        transport: azure_api::Transport::Http,
    })
}

fn settings(storage_url: Url) -> Settings {
    Settings {
        port: None,
        arm_url: url("http://127.0.0.1:9/arm"),
        storage_url,
        blob_url: String::new(),
        service_bus_url: url("http://127.0.0.1:9/servicebus"),
        queue: "promotions".to_owned(),
        public_url: url("http://127.0.0.1:9/"),
        sign_in: SignIn::Nobody,
        identity: IdentitySettings::read(&|_| None).unwrap(),
        client_id: None,
        clock_url: None,
        config: "liftlock.yaml".into(),
    }
}

pub(super) fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// Enough for any copy of a test.
pub(super) const BUDGET: Duration = Duration::from_secs(10);
