//! Keys that are rolled while people are at it (attacks 29 and 30).

use std::time::{Duration, Instant};

use cloud_sim::{BotKey, Fault, KeyName, Signature, jws};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::super::journals::ACCOUNT;
use super::super::people::{OpenForm, Shown};
use super::super::{Setup, Tester, Who, story};
use super::doors::{NOT_SIGNED, REFUSED};
use super::forms::{bound_by_a_key_that_is_gone, bound_to_something_else, kid};

/// An unknown key makes nobody fetch sooner after the last time. Tokens are real, and so is this minute.
const INTERVAL: Duration = Duration::from_mins(1);
const AT_ONCE: usize = 20;

const KEY: &str = "control/form-key";
const PREVIOUS: &str = "control/form-key-previous";

impl Tester {
    fn fetched(&self, operation: &str) -> u64 {
        self.cloud.calls().get(operation).copied().unwrap_or(0)
    }

    /// So many messages at once that bring the connector's token by this key: the statuses.
    async fn look_by(&self, key: KeyName, post: &str, times: usize) -> Vec<u16> {
        let mut activity = self.approval_of(Who::Ada, post);
        activity["value"]["trigger"] = json!("automatic");
        let claims = self.cloud.connector_claims(&self.cloud.connector_url());
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": key.kid() });
        let token = jws(key, Signature::Rs256, &header, &claims);
        let look = || async {
            let answered = self.cloud.deliver_activity(&activity, Some(&token)).await;
            answered.unwrap().status
        };
        join_all((0..times).map(|_| look())).await
    }

    /// How somebody is answered whom the platform's token names.
    async fn listed_for(&self, token: &str) -> Shown {
        let list = self.directly(Method::GET, "/api/v1/promotions");
        Shown::to(list.header("x-ms-token-aad-id-token", token)).await
    }

    /// As docs/operations.md says: what was current is previous from now on, and whoever needs one makes a new one.
    fn roll_form_key(&self) {
        let blobs = self.cloud.blobs();
        let current = blobs.get(ACCOUNT, "state", KEY).unwrap();
        blobs.put(ACCOUNT, "state", PREVIOUS, current);
        assert!(blobs.remove(ACCOUNT, "state", KEY));
    }
}

#[tokio::test]
async fn attack_29_rolled_keys_are_fetched_once_for_all_and_the_last_good_ones_kept() {
    story(async |t| {
        let (_, post) = t.asked_in_channel().await;
        let (connector, entra) = ("botframework.keys", "login.keys");
        // A new instance knows no key: of many who need them one fetches.
        let ada = Who::Ada.object_id();
        let old = t.cloud.id_token(&ada).unwrap();
        assert_eq!(t.listed_for(&old).await.status, 200);
        let known = t.look_by(KeyName::Current, &post, AT_ONCE).await;
        assert_eq!(known, [200; AT_ONCE]);
        let fetched = Instant::now();
        assert_eq!((t.fetched(connector), t.fetched(entra)), (1, 1));

        // Both signers roll.
        let next = [KeyName::Current, KeyName::Next].map(BotKey::for_teams);
        let keys = t.cloud.identity().key_sets();
        keys.publish_bot(next.into());
        keys.roll_entra(&[KeyName::Next], KeyName::Next);
        let new = t.cloud.id_token(&ada).unwrap();
        // Whoever makes up keys makes nobody fetch more often; who brings a known one waits for nobody.
        assert_eq!(
            t.look_by(KeyName::Rogue, &post, AT_ONCE).await,
            [401; AT_ONCE]
        );
        let line = t.logged_times(REFUSED, AT_ONCE).await;
        assert_eq!(line["why"], NOT_SIGNED, "{line}");
        assert_eq!(t.look_by(KeyName::Current, &post, 1).await, [200]);
        assert_eq!((t.fetched(connector), t.fetched(entra)), (1, 1));
        tokio::time::sleep((INTERVAL + Duration::from_secs(1)).saturating_sub(fetched.elapsed()))
            .await;

        let many = t.look_by(KeyName::Next, &post, AT_ONCE).await;
        assert_eq!(many, [200; AT_ONCE]);
        assert_eq!(t.fetched(connector), 2, "one for all of them");
        assert_eq!(t.look_by(KeyName::Current, &post, 1).await, [200]);

        // The other signer cannot be asked just now: what it published before still counts.
        let down = Fault::Status {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "Down".to_owned(),
        };
        t.cloud.faults().add("login.*", down, 100);
        let news = join_all((0..AT_ONCE).map(|_| t.listed_for(&new))).await;
        for shown in news {
            shown.refused(401, "no key of its signer's has signed it");
        }
        assert_eq!(t.listed_for(&old).await.status, 200);
        t.cloud.faults().clear();
    })
    .await;
}

#[tokio::test]
async fn attack_30_open_forms_outlive_their_keys_roll() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let window = async |who| t.open_form(who, &question).await.ok().unwrap();
        let approve = [("decision", "approve"), ("comment", "")];
        let send = async |form: &OpenForm| Shown::to(t.fill_in(form, &question, &approve)).await;
        let (adas, bens) = (window(Who::Ada).await, window(Who::Ben).await);
        t.roll_form_key();
        t.restart().await;
        // Forms name the key that has bound them: new ones the new key, and the old ones still count.
        let new = window(Who::Ben).await;
        assert_eq!(kid(&adas), kid(&bens));
        assert_ne!(kid(&adas), kid(&new));
        let traces = t.traces().await;
        let renamed = bens.token.replacen(kid(&bens), kid(&new), 1);
        let forged = OpenForm {
            token: renamed,
            cookie: bens.cookie.clone(),
        };
        send(&forged).await.refused(403, "shown to somebody else");
        bound_to_something_else(&forged, &new);
        t.untouched(&traces).await;
        send(&adas).await.taken();
        assert_eq!(t.promotion(&id).stage().votes().len(), 1);
        // Rolled once more, what the first key has bound is too old, and what the second has still counts.
        t.roll_form_key();
        t.restart().await;
        let traces = t.traces().await;
        send(&bens).await.refused(403, "open for too long");
        let newest = window(Who::Ben).await;
        bound_by_a_key_that_is_gone(&bens, [kid(&newest), kid(&new)]);
        t.untouched(&traces).await;
        assert_eq!(t.stage(&id), "awaiting approval");
        send(&new).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}
