//! A cloud, and the app's check of who asks in it.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use azure_api::{Azure, Identity as Signer, Settings as AzureSettings, Transport};
use cloud_sim::{Cloud, CloudOptions, Identity as Ids, KeyName, Signature, jws};
use liftlock::identity::{Identity, NotSignedIn};
use liftlock::settings::{IdentitySettings, SignIn};
use liftlock::ui::Viewer;
use promotion::GroupId;
use serde_json::{Value, json};

use crate::storage::Entra;

pub(super) const ADA: &str = "00000000-0000-4000-8000-00000000000b";
pub(super) const SAM: &str = "00000000-0000-4000-8000-00000000000d";
pub(super) const SERVICE: &str = "https://smba.trafficmanager.net/emea/";
pub(super) const FORWARDED: &str = "x-ms-token-aad-id-token";
/// The group that the configuration names.
pub(super) const RISK: &str = "0760b6cf-170e-4a14-91b3-4b78e0739963";

pub(super) struct World {
    pub(super) cloud: Arc<Cloud>,
    pub(super) identity: Identity,
}

impl World {
    pub(super) async fn new() -> World {
        World::with(SignIn::Platform, &|_| true).await
    }

    /// With the settings of these names only.
    pub(super) async fn with(sign_in: SignIn, set: &dyn Fn(&str) -> bool) -> World {
        drop(rustls::crypto::ring::default_provider().install_default());
        let cloud = Arc::new(Cloud::start(CloudOptions::default()).await.unwrap());
        let base = cloud.url().to_owned();
        let env = |name: &str| {
            let value = match name {
                "LIFTLOCK_TENANT_ID" => Ids::TENANT_ID.to_owned(),
                "LIFTLOCK_APP_CLIENT_ID" => Ids::APP_CLIENT_ID.to_owned(),
                "LIFTLOCK_AUTHORITY_URL" => format!("{base}/login"),
                "LIFTLOCK_GRAPH_URL" => format!("{base}/graph"),
                "LIFTLOCK_BOT_APP_ID" => Ids::BOT_APP_ID.to_owned(),
                "LIFTLOCK_BOT_METADATA_URL" => metadata(&base),
                _ => return None,
            };
            set(name).then_some(value)
        };
        let azure = Azure::new(AzureSettings {
            arm_url: cloud.url().parse().unwrap(),
            identity: Signer::Credential(Arc::new(Entra(cloud.clone()))),
            deadline: Duration::from_secs(5),
            transport: Transport::Http,
        });
        let settings = IdentitySettings::read(&env).unwrap();
        let identity = Identity::new(&azure, &settings, sign_in, vec![GroupId::new(RISK)]);
        World { cloud, identity }
    }

    pub(super) fn metadata(&self) -> String {
        metadata(self.cloud.url())
    }

    pub(super) async fn viewer(&self, sent: &[(&str, &str)]) -> Result<Viewer, NotSignedIn> {
        self.identity.viewer(&headers(sent)).await
    }

    /// Whom the platform's token speaks for.
    pub(super) async fn forwarded(&self, token: &str) -> Result<Viewer, NotSignedIn> {
        self.viewer(&[(FORWARDED, token)]).await
    }

    pub(super) fn ada(&self) -> Value {
        self.cloud.user_claims(ADA).unwrap()
    }
}

fn metadata(base: &str) -> String {
    format!("{base}/botframework/v1/.well-known/openidconfiguration")
}

pub(super) fn headers(sent: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, value.parse().unwrap())
    };
    sent.iter().map(pair).collect()
}

/// A token as the signer would sign it.
pub(super) fn signed(claims: &Value) -> String {
    jws(KeyName::Current, Signature::Rs256, &header(), claims)
}

pub(super) fn header() -> Value {
    json!({"typ": "JWT", "alg": "RS256", "kid": KeyName::Current.kid()})
}

/// The claims with this one otherwise; `null` takes it away.
pub(super) fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    if value.is_null() {
        changed.as_object_mut().unwrap().remove(name);
    } else {
        changed[name] = value;
    }
    changed
}

pub(super) fn in_minutes(minutes: i64) -> Value {
    json!(liftlock::clock::wall_now().as_second() + minutes * 60)
}
