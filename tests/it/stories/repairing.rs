//! Repair: markers come back from journals and events, and what cannot be mended is named.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Stdio;
use std::sync::Arc;

use azure_api::{Azure, Identity, Settings as AzureSettings};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use cloud_sim::ModelKind;
use jiff::{SignedDuration, Timestamp};
use liftlock::clock::Clock;
use liftlock::config;
use liftlock::effects::Effects;
use liftlock::engine::{Engine, Tellers};
use liftlock::repair::{Mode, repair};
use liftlock::settings::Settings;
use liftlock::state::{JournalName, Marked, Marker, Markers, Store, StoreError, Summary};
use liftlock::ui::{Links, RepairTally};
use promotion::PromotionId;
use serde_json::json;

use super::{Setup, Tester, Who, story};
use crate::setting::{HANDLER, app_settings};

const ACCOUNT: &str = "stliftlock";

/// Tokens of the simulated cloud, for an engine in the test's own process.
struct Tokens(BTreeMap<&'static str, (String, Timestamp)>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tokens of the simulated cloud")
    }
}

#[async_trait::async_trait]
impl TokenCredential for Tokens {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let (token, expires) = self.0[scopes[0].trim_end_matches("/.default")].clone();
        let expires = OffsetDateTime::from_unix_timestamp(expires.as_second()).unwrap();
        Ok(AccessToken::new(token, expires))
    }
}

impl Tester {
    /// What a command finds in its environment.
    fn settings(&self) -> BTreeMap<String, String> {
        let port = self.host.url().port().unwrap();
        let mut settings = app_settings(&self.cloud, port);
        let config = self.app.path().join("liftlock.yaml");
        settings.insert("LIFTLOCK_CONFIG".to_owned(), config.display().to_string());
        settings
    }

    /// An engine beside the app's own.
    pub(super) fn engine(&self) -> Engine {
        let found = self.settings();
        let env = |name: &str| found.get(name).cloned();
        let settings = Arc::new(Settings::read_for_commands(&env).unwrap());
        let config = config::check(&settings.config, &env).unwrap();
        let audiences = [
            "https://storage.azure.com",
            "https://servicebus.azure.net",
            "https://management.azure.com",
        ];
        let tokens = audiences.map(|audience| (audience, self.cloud.identity().token(audience)));
        let azure = Azure::new(AzureSettings {
            arm_url: settings.arm_url.clone(),
            identity: Identity::Credential(Arc::new(Tokens(tokens.into()))),
            deadline: std::time::Duration::from_secs(30),
            transport: azure_api::Transport::Http,
        });
        let links = Links::new(settings.public_url.as_str());
        let who = &settings.identity;
        let directory =
            liftlock::identity::Identity::new(&azure, who, settings.sign_in, vec![]).directory();
        let store = Store::new(&azure, &settings);
        Engine {
            effects: Effects::new(
                &azure,
                settings.clone(),
                &config.teams,
                directory,
                store.cards.clone(),
                links,
                vec![],
                vec![],
            ),
            store,
            config: Arc::new(config),
            clock: Arc::new(Clock::new(settings.clock_url.clone())),
            tellers: Tellers::default(),
        }
    }

    pub(super) async fn repair(&self, mode: Mode) -> (RepairTally, Vec<String>) {
        let mut lines = Vec::new();
        let mut say = |line: &str| lines.push(line.to_owned());
        let tally = Box::pin(repair(&self.engine(), mode, &mut say))
            .await
            .unwrap();
        (tally, lines)
    }

    /// Every marker and what it shows, but for when it is looked at next.
    fn markers(&self) -> Vec<(String, BTreeMap<String, String>)> {
        let places =
            ["open/", "closed/"].map(|place| self.cloud.blobs().list(ACCOUNT, "state", place));
        let shown = |mut blob: cloud_sim::BlobView| {
            blob.metadata.retain(|key, _| key != "due" && key != "idle");
            (blob.name, blob.metadata)
        };
        places.into_iter().flatten().map(shown).collect()
    }

    pub(super) fn remove(&self, container: &str, path: &str) {
        assert!(
            self.cloud.blobs().remove(ACCOUNT, container, path),
            "{path}"
        );
    }

    /// One promotion rejected, one by a job that waits for people, one reopened that waits for its turn behind it.
    async fn busy(&self) -> [PromotionId; 3] {
        let rejected = self.asked().await;
        self.reject_as(Who::Ada, &rejected, "no").await.taken();
        self.wait_until(&rejected, "rejected").await;
        let reopened = self.asked().await;
        self.say_as(Who::Ada, &reopened, "abort", "not now")
            .await
            .taken();
        self.wait_until(&reopened, "aborted").await;
        self.cloud
            .complete_job(ModelKind::Challenger, false)
            .unwrap();
        let by_job = self.opened("4").await;
        self.wait_until(&by_job, "awaiting approval").await;
        self.say_as(Who::Ada, &reopened, "reopen", "now")
            .await
            .taken();
        self.wait_until(&reopened, "gating").await;
        self.quiet().await;
        [rejected, by_job, reopened]
    }
}

/// As somebody writes it who looks at nothing.
pub(super) async fn put_open(
    markers: &Markers,
    name: &JournalName,
    marker: &Marker,
) -> Result<Marked, StoreError> {
    match markers.open_marker(name).await? {
        Some(found) => markers.replace_open(&found, marker).await,
        None => markers.put_open_if_absent(name, marker).await,
    }
}

/// Where whoever comes second waits for its turn.
pub(super) fn queueing() -> Setup {
    Setup::default().with("    deadlines:", "    concurrency: queue\n    deadlines:")
}

pub(super) fn marker(stage: &str, due: Timestamp) -> Marker {
    Marker {
        summary: Summary {
            stage: stage.to_owned(),
            ..Summary::default()
        },
        due,
        since: "2026-10-01T00:00:00Z".parse().unwrap(),
        idle: 0,
        announced: None,
    }
}

#[tokio::test]
async fn emptied_lists_come_back_whole() {
    queueing()
        .story(async |t| {
            t.busy().await;
            let before = t.markers();
            assert_eq!(before.len(), 4, "{before:?}");
            assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
            for (name, _) in &before {
                t.remove("state", name);
            }
            let (dry, lines) = t.repair(Mode::DryRun).await;
            assert_eq!((dry.flaws, dry.left, lines.len()), (4, 4, 4), "{lines:?}");
            assert!(t.markers().is_empty());
            let (tally, lines) = t.repair(Mode::Apply).await;
            assert_eq!((tally.mended, tally.left), (4, 0), "{lines:?}");
            assert_eq!(t.markers(), before);
            assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
        })
        .await;
}

#[tokio::test]
async fn each_kind_of_flaw_is_told_and_mended() {
    queueing()
        .story(async |t| {
            let [rejected, by_job, reopened] = t.busy().await;
            let before = t.markers();
            let (engine, now) = (t.engine(), t.cloud.clock().now());
            let markers = &engine.store.markers;
            let name = |id: &PromotionId| JournalName::promotion(id);
            // Due for ever later than its question expires.
            let late = markers
                .open_marker(&name(&by_job))
                .await
                .unwrap()
                .unwrap()
                .marker;
            let due = now + SignedDuration::from_hours(24 * 300);
            put_open(markers, &name(&by_job), &Marker { due, ..late })
                .await
                .unwrap();
            // Shows another stage, though it is looked at in time.
            let mut other = markers
                .open_marker(&name(&reopened))
                .await
                .unwrap()
                .unwrap()
                .marker;
            other.summary.stage = "live".to_owned();
            put_open(markers, &name(&reopened), &other).await.unwrap();
            // Open where it has ended, and closed where it has not, in the month when it began and in another.
            // Not due, or the app's own sweep would be quicker.
            let later = now + SignedDuration::from_hours(1);
            put_open(markers, &name(&rejected), &marker("gating", later))
                .await
                .unwrap();
            markers
                .put_closed_if_absent(
                    &name(&by_job),
                    &Marker {
                        due,
                        ..other.clone()
                    },
                )
                .await
                .unwrap();
            markers
                .put_closed_if_absent(&name(&reopened), &marker("aborted", now))
                .await
                .unwrap();
            // Behind two of them nothing was ever begun.
            let nothing = JournalName::parse("m-1.r-0123456789").unwrap();
            put_open(markers, &nothing, &marker("opening", later))
                .await
                .unwrap();
            markers
                .put_closed_if_absent(&nothing, &marker("live", now))
                .await
                .unwrap();

            let (dry, told) = t.repair(Mode::DryRun).await;
            let says = |id: &str, words: &str| {
                let found = told
                    .iter()
                    .filter(|line| line.starts_with(id) && line.contains(words));
                assert_eq!(found.count(), 1, "{id} {words}: {told:#?}");
            };
            says(by_job.as_str(), "is due at");
            says(by_job.as_str(), "has a marker in closed");
            says(reopened.as_str(), "shows");
            says(reopened.as_str(), "has a marker in closed/2026-10");
            says(rejected.as_str(), "has a marker in open");
            says(nothing.as_str(), "has a marker in open and no journal");
            says(
                nothing.as_str(),
                "has a marker in closed/2026-10 and no journal",
            );
            assert_eq!((dry.flaws, told.len()), (7, 7), "{told:#?}");
            let (tally, lines) = t.repair(Mode::Apply).await;
            assert_eq!((tally.mended, tally.left), (6, 1), "{lines:#?}");
            // What has ended had a journal: that it is gone is told, and hidden by nothing.
            assert!(
                lines.iter().any(|line| line.contains("restore it")),
                "{lines:#?}"
            );
            t.remove("state", &format!("closed/2026-10/{}", nothing.as_str()));
            assert_eq!(t.markers(), before);
            assert!(t.dues().iter().any(|due| *due <= t.cloud.clock().now()));
        })
        .await;
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_is_named_and_marked() {
    let setup = Setup::default();
    setup
        .story(async |t| {
            t.asked().await;
            let (blobs, path) = (t.cloud.blobs(), "m-1.r-0123456789.jsonl");
            blobs.put(ACCOUNT, "journals", path, "no record\n");
            let (first, lines) = t.repair(Mode::Apply).await;
            assert_eq!(
                (first.flaws, first.mended, first.left),
                (1, 0, 1),
                "{lines:?}"
            );
            let line = &lines[0];
            assert!(
                line.contains("marked as unreadable, and left alone"),
                "{line}"
            );
            let (second, _) = t.repair(Mode::Apply).await;
            assert_eq!((second.flaws, second.left), (1, 1));
            let list = t.see(Who::Sam, "/api/v1/promotions").await.json();
            let stages: Vec<_> = list["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| &row["stage"])
                .collect();
            assert_eq!(stages, ["awaiting approval", "unreadable"]);
            let row = &list["value"][1];
            assert_eq!(
                (&row["model"], &row["route"]),
                (&json!("m"), &json!("r")),
                "{row}"
            );
            assert_eq!(blobs.get(ACCOUNT, "journals", path).unwrap(), "no record\n");
            t.remove("journals", path);
            t.remove("state", "open/m-1.r-0123456789");
        })
        .await;
}

/// A newer release may have written it and ended it: nobody looks at it again.
#[tokio::test]
async fn a_closed_journal_that_cannot_be_read_is_only_named() {
    story(async |t| {
        t.installed().await;
        let (engine, name) = (t.engine(), JournalName::parse("m-1.r-0123456789").unwrap());
        let path = format!("{name}.jsonl");
        t.cloud
            .blobs()
            .put(ACCOUNT, "journals", &path, "no record\n");
        let closed = marker("live", t.cloud.clock().now());
        let markers = &engine.store.markers;
        markers.put_closed_if_absent(&name, &closed).await.unwrap();
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.flaws, tally.left), (1, 1), "{lines:?}");
        assert!(lines[0].contains("left alone"), "{lines:?}");
        assert!(t.state("open/").is_empty());
        t.remove("journals", &path);
        t.remove("state", &t.state("closed/")[0]);
    })
    .await;
}

#[tokio::test]
async fn a_journal_that_is_not_given_keeps_nobody_from_the_others() {
    story(async |t| {
        let id = t.asked().await;
        let refused = cloud_sim::Fault::Status {
            status: axum::http::StatusCode::FORBIDDEN,
            code: "AuthorizationPermissionMismatch".to_owned(),
        };
        t.cloud.faults().add("blob.get", refused, 1);
        let (tally, lines) = t.repair(Mode::Apply).await;
        assert_eq!((tally.flaws, tally.left), (1, 1), "{lines:?}");
        assert!(lines[0].contains("could not be looked at"), "{lines:?}");
        assert!(lines[0].starts_with(id.as_str()) && lines[0].contains("run the repair again"));
        assert_eq!((tally.events, t.repair(Mode::Apply).await.0.flaws), (1, 0));
    })
    .await;
}

/// A message that found its journal ended and no open marker: nobody comes by there again but by chance.
#[tokio::test]
async fn what_ends_without_an_open_marker_gets_its_closed_one() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let name = JournalName::promotion(&id);
        t.remove("state", &format!("open/{id}"));
        t.advance_clock(SignedDuration::from_hours(24 * 30)).await;
        Box::pin(t.engine().advance(&name)).await.unwrap();
        assert_eq!(t.stage(&id), "expired");
        let closed = t.markers();
        assert_eq!(closed.len(), 1, "{closed:?}");
        // To one that closed long ago comes a stray message: the marker is the same, whenever that is.
        let due = || {
            let [marker] = t
                .cloud
                .blobs()
                .list(ACCOUNT, "state", "closed/")
                .try_into()
                .unwrap();
            marker.metadata["due"].clone()
        };
        let ended = due();
        t.remove("state", &closed[0].0);
        t.advance_clock(SignedDuration::from_hours(24)).await;
        Box::pin(t.engine().advance(&name)).await.unwrap();
        assert_eq!((t.markers(), due()), (closed, ended));
        assert_eq!(t.repair(Mode::DryRun).await.0.flaws, 0);
    })
    .await;
}

/// What the command says, and its exit code.
pub(super) async fn command(t: &Tester, arguments: &[&str]) -> (i32, String) {
    command_with(&t.settings(), arguments).await
}

async fn command_with(settings: &BTreeMap<String, String>, arguments: &[&str]) -> (i32, String) {
    let output = tokio::process::Command::new(HANDLER)
        .arg("repair")
        .args(arguments)
        .env_clear()
        .envs(settings)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

#[tokio::test]
async fn the_command_says_what_it_would_do_and_does_it() {
    story(async |t| {
        let id = t.asked().await;
        let before = t.markers();
        t.remove("state", &format!("open/{id}"));
        for arguments in [&[][..], &["--dry-run", "--apply"]] {
            assert_eq!(command(t, arguments).await.0, 2);
        }
        let (code, said) = command(t, &["--dry-run"]).await;
        assert!(
            said.contains(id.as_str()) && said.contains("would be written anew"),
            "{said}"
        );
        assert!(
            said.contains("1 flaw, 1 would be mended, 0 would be left"),
            "{said}"
        );
        assert_eq!((code, t.markers().len()), (1, 0));
        let (code, said) = command(t, &["--apply"]).await;
        assert!(said.contains("1 flaw, 1 mended, 0 left"), "{said}");
        assert_eq!((code, t.markers()), (0, before));
        let (code, said) = command(t, &["--dry-run"]).await;
        assert!(code == 0 && said.contains("nothing to mend"), "{said}");
    })
    .await;
}

/// Nothing was looked at: that is not the same as that something is left.
#[tokio::test]
async fn a_repair_that_could_not_run_says_so_by_its_code() {
    story(async |t| {
        t.asked().await;
        let (code, said) = command_with(&BTreeMap::new(), &["--dry-run"]).await;
        let missing = [
            "LIFTLOCK_STORAGE_URL",
            "ServiceBus__",
            "LIFTLOCK_PUBLIC_URL",
        ];
        assert!(missing.iter().all(|name| said.contains(name)), "{said}");
        assert_eq!(code, 2);
        let mut away = t.settings();
        let nowhere = "http://127.0.0.1:9/blob/stliftlock".to_owned();
        away.insert("LIFTLOCK_STORAGE_URL".to_owned(), nowhere);
        assert_eq!(command_with(&away, &["--apply"]).await.0, 2);
    })
    .await;
}

#[tokio::test]
async fn who_only_asks_makes_no_container() {
    story(async |t| {
        t.installed().await;
        let mut elsewhere = t.settings();
        let account = format!("{}/blob/stelsewhere", t.cloud.url());
        elsewhere.insert("LIFTLOCK_STORAGE_URL".to_owned(), account.clone());
        let calls = || t.cloud.calls().get("blob.createContainer").copied();
        let before = calls();
        let (code, said) = command_with(&elsewhere, &["--dry-run"]).await;
        assert!(
            said.contains(&account) && said.contains("no container `journals`"),
            "{said}"
        );
        assert_eq!((code, calls()), (2, before));
    })
    .await;
}
