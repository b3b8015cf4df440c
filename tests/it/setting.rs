//! What the tests of the real binary share: the example, a cloud of it, the settings that tie a handler to that cloud.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use cloud_sim::{Cloud, CloudOptions, Identity, Timings};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The webhook's signature and the identity's header: what no log may show.
pub(crate) const WEBHOOK_SECRET: &str = "sig-that-nobody-may-see";
pub(crate) const IDENTITY_SECRET: &str = "header-that-nobody-may-see";

/// The binary under test.
pub(crate) const HANDLER: &str = env!("CARGO_BIN_EXE_liftlock");

pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/diabetes")
}

/// The seeded cloud, its operations quick, every exchange recorded where that is asked for.
pub(crate) fn cloud_options() -> CloudOptions {
    let seconds = SignedDuration::from_secs;
    CloudOptions {
        record: std::env::var_os("CLOUD_SIM_RECORD").map(PathBuf::from),
        identity_header: IDENTITY_SECRET.to_owned(),
        example: Some(example()),
        timings: Timings {
            endpoint: seconds(2),
            traffic: seconds(2),
            deployment: seconds(5),
            delete: seconds(2),
        },
        ..CloudOptions::default()
    }
}

/// What the platform and an operator set; each has its counterpart on Azure.
pub(crate) fn app_settings(cloud: &Cloud, public_port: u16) -> BTreeMap<String, String> {
    let base = cloud.url();
    [
        ("LIFTLOCK_ARM_URL", format!("{base}/arm")),
        ("LIFTLOCK_STORAGE_URL", format!("{base}/blob/stliftlock")),
        ("LIFTLOCK_BLOB_URL", format!("{base}/blob/{{account}}")),
        ("LIFTLOCK_SERVICEBUS_URL", format!("{base}/servicebus")),
        ("LIFTLOCK_QUEUE", "promotions".to_owned()),
        ("LIFTLOCK_CLOCK_URL", format!("{base}/clock")),
        (
            "LIFTLOCK_PUBLIC_URL",
            format!("http://127.0.0.1:{public_port}"),
        ),
        ("IDENTITY_ENDPOINT", format!("{base}/identity/token")),
        ("LIFTLOCK_TENANT_ID", Identity::TENANT_ID.to_owned()),
        ("LIFTLOCK_APP_CLIENT_ID", Identity::APP_CLIENT_ID.to_owned()),
        ("LIFTLOCK_AUTHORITY_URL", format!("{base}/login")),
        ("LIFTLOCK_GRAPH_URL", format!("{base}/graph")),
        ("LIFTLOCK_BOT_APP_ID", Identity::BOT_APP_ID.to_owned()),
        (
            "LIFTLOCK_BOT_METADATA_URL",
            format!("{base}/botframework/v1/.well-known/openidconfiguration"),
        ),
        ("IDENTITY_HEADER", IDENTITY_SECRET.to_owned()),
        (
            "TEAMS_WORKFLOW_URL",
            format!("{base}/teams/workflows/promotions?sig={WEBHOOK_SECRET}"),
        ),
        ("WEBSITE_AUTH_ENABLED", "True".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// An event as Event Grid sends it.
pub(crate) fn event(kind: &str, subject: &str, data: &Value) -> Value {
    json!({
        "id": format!("event-{subject}-{kind}"),
        "topic": Cloud::dev().arm_id(),
        "subject": subject,
        "eventType": format!("Microsoft.MachineLearningServices.{kind}"),
        "eventTime": "2026-11-23T07:00:00.123456Z",
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": data,
    })
}

/// A client that asks loopback directly and follows nothing.
pub(crate) fn browserless() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}
