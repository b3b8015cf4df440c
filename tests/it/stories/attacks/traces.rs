//! What an attack leaves behind: in the store, in the log, in the channel.

use std::panic::Location;
use std::time::{Duration, Instant};

use promotion::PromotionId;
use serde_json::{Value, json};

use super::super::Tester;
use super::super::journals::ACCOUNT;

/// How long a line may be on its way out of the handler.
const PATIENCE: Duration = Duration::from_secs(10);

/// A blob: where it is, which version of it, and what it says beside its bytes.
type Kept = (String, String, Vec<(String, String)>);

/// All that an attack could have changed.
#[derive(Debug, PartialEq)]
pub(super) struct Traces {
    /// What the app keeps, journals among it.
    kept: Vec<Kept>,
    /// Journals, with how many effects each has ordered.
    ordered: Vec<(String, usize)>,
    /// What everybody sees in the channels, by bot and by workflow.
    shown: Vec<Value>,
    /// What production has and serves.
    versions: usize,
    deployments: Vec<(String, u32)>,
}

impl Tester {
    /// All that the app keeps: every write would show, also one that changes nothing. But for how far the sweep has looked,
    /// which comes with the clock.
    pub(super) async fn kept(&self) -> Vec<Kept> {
        self.quiet().await;
        let blobs = self.cloud.blobs();
        let of = |container: &str| {
            let listed = blobs.list(ACCOUNT, container, "").into_iter();
            let kept = listed.map(|blob| {
                let place = format!("{container}/{}", blob.name);
                (place, blob.etag, blob.metadata.into_iter().collect())
            });
            kept.collect::<Vec<Kept>>()
        };
        let mut kept = [of("journals"), of("state")].concat();
        kept.retain(|(place, ..)| place != "state/control/watermarks.json");
        kept
    }

    /// What there is now. Of what single people see beside a card nothing is kept.
    pub(super) async fn traces(&self) -> Traces {
        let kept = self.kept().await;
        let ordered = self.effects().into_iter();
        let posts = self.cloud.posts().into_iter();
        let versions = posts.flat_map(|post| {
            post.versions
                .into_iter()
                .map(move |version| (post.id.clone(), version))
        });
        let by_bot = versions.map(
            |(post, version)| json!({ "post": post, "card": version.card, "text": version.text }),
        );
        Traces {
            kept,
            ordered: ordered
                .map(|(name, planned)| (name, planned.len()))
                .collect(),
            shown: by_bot.chain(self.cloud.messages()).collect(),
            versions: self.versions_in_prod(),
            deployments: self.deployments(),
        }
    }

    /// Nothing has come of it: no record, no vote, no order, no change of a card that others see, nothing in production.
    #[track_caller]
    pub(super) fn untouched<'t>(&'t self, before: &'t Traces) -> impl Future<Output = ()> + 't {
        let place = Location::caller();
        async move {
            let now = self.traces().await;
            assert_eq!(now, *before, "since {place}");
        }
    }

    /// The log's lines with this message, oldest first.
    pub(super) fn logged(&self, message: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        let read = |line: &String| serde_json::from_str::<Value>(line).ok();
        let all = lines.iter().filter_map(read);
        all.filter(|line| line["message"] == message).collect()
    }

    /// The newest line with this message, once there are so many.
    pub(super) async fn logged_times(&self, message: &str, times: usize) -> Value {
        let started = Instant::now();
        loop {
            let lines = self.logged(message);
            if lines.len() >= times {
                assert_eq!(lines.len(), times, "{lines:?}");
                return lines.last().cloned().unwrap();
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{lines:?} {:?}",
                self.last_lines()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What everybody sees of a post, in all its versions.
    pub(super) fn shared(&self, post: &str) -> Vec<Value> {
        let posts = self.cloud.posts();
        let post = posts.iter().find(|one| one.id == post).unwrap();
        post.versions
            .iter()
            .filter_map(|v| v.card.clone())
            .collect()
    }

    /// The promotion's page for programs.
    pub(super) fn api_of(id: &PromotionId) -> String {
        format!("/api/v1/promotions/{id}")
    }
}
