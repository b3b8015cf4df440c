//! Who somebody is: forged and malformed principals, other sites (attacks 19, 20 and 22).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_sim::{Identity, KeyName, Signature, jws};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::super::people::{BOARD, OpenForm, Shown, page_of};
use super::super::{Tester, Who, story};
use super::doors::{NO_TOKEN, REFUSED};
use super::forms::bound_to_something_else;

const PRINCIPAL: &str = "x-ms-client-principal";
const PRINCIPAL_ID: &str = "x-ms-client-principal-id";
const NO_PROOF: &str = "forwards no token that proves it";
const UNREADABLE: &str = "The platform's sign-in cannot be read";
const MALFORMED: &str = "The sign-in is not believed: it is not written as a token is";
const ID_TOKEN: &str = "x-ms-token-aad-id-token";

/// What somebody sends in place of the platform.
type Forged = Vec<(&'static str, String)>;

impl Tester {
    /// Past the platform, to the handler's own port.
    pub(super) fn directly(&self, method: Method, path: &str) -> RequestBuilder {
        let port = self.host.worker_port();
        self.http
            .request(method, format!("http://127.0.0.1:{port}{path}"))
    }

    /// Everything that a forger could want: to look, to vote by form and by program.
    fn wants(&self, direct: bool, question: &str, id: &str) -> Vec<(&'static str, RequestBuilder)> {
        let to = |method: Method, path: &str| {
            if direct {
                self.directly(method, path)
            } else {
                self.http.request(method, self.url(path))
            }
        };
        let api = format!("/api/v1/promotions/{id}");
        let vote = json!({ "decision": "approve", "digest": "0".repeat(64), "comment": "" });
        let json_of = |path: &str, body: &Value| {
            let request = to(Method::POST, path).header("content-type", "application/json");
            request.body(body.to_string())
        };
        let form = to(Method::POST, question)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", self.origin())
            .header("sec-fetch-site", "same-origin")
            .body("decision=approve&comment=&csrf=AAAA.99999999999.AAAA");
        vec![
            ("list", to(Method::GET, "/api/v1/promotions")),
            (
                "vote by program",
                json_of(&format!("{api}/decisions"), &vote),
            ),
            (
                "abort",
                json_of(&format!("{api}/abort"), &json!({ "reason": "mine" })),
            ),
            ("vote by form", form),
        ]
    }
}

impl Shown {
    /// Whoever asks is told why they are nobody.
    #[track_caller]
    fn nobody(&self, why: &str, what: &str, forged: &Forged) {
        let said = self.sentence();
        assert_eq!(self.status, 401, "{what} {forged:?} {said}");
        assert!(said.contains(why), "{what} {forged:?} {said}");
    }
}

fn principal(claims: &Value) -> String {
    STANDARD.encode(json!({ "auth_typ": "aad", "claims": claims }).to_string())
}

fn claims_of(person: &str) -> Value {
    json!([
        { "typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": person },
        { "typ": "http://schemas.microsoft.com/identity/claims/tenantid", "val": Identity::TENANT_ID },
        { "typ": "roles", "val": "Model.Approver" },
    ])
}

fn sending(request: RequestBuilder, forged: &Forged) -> RequestBuilder {
    let add = |request: RequestBuilder, (name, value): &(&'static str, String)| {
        request.header(*name, value)
    };
    forged.iter().fold(request, add)
}

#[tokio::test]
async fn attack_19_a_forged_principal_is_nobody() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let question = t.newest_question(&id);
        let approval = t.approval_of(Who::Ada, &post);
        let traces = t.traces().await;
        let ada = Who::Ada.object_id();
        let named = || (PRINCIPAL, principal(&claims_of(&ada)));
        let claims = t.cloud.user_claims(&ada).unwrap();
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": KeyName::Current.kid() });
        let rogue = jws(KeyName::Rogue, Signature::Rs256, &header, &claims);
        let header = json!({ "typ": "JWT", "alg": "none", "kid": KeyName::Current.kid() });
        let unsigned = jws(KeyName::Current, Signature::Absent, &header, &claims);
        let sams = t.cloud.id_token(&Who::Sam.object_id()).unwrap();
        let not_ours = "The sign-in is not believed: no key of its signer's has signed it";
        let all: [(&str, Forged); 6] = [
            (NO_PROOF, vec![named()]),
            (NO_PROOF, vec![(PRINCIPAL_ID, ada.clone())]),
            (
                not_ours,
                vec![
                    named(),
                    (PRINCIPAL_ID, ada.clone()),
                    (ID_TOKEN, rogue.clone()),
                ],
            ),
            (
                "The sign-in is not believed: it is not signed by RS256",
                vec![named(), (ID_TOKEN, unsigned)],
            ),
            (not_ours, vec![(ID_TOKEN, rogue)]),
            // Sam's own good token under Ada's name.
            (UNREADABLE, vec![named(), (ID_TOKEN, sams)]),
        ];
        for (count, (why, forged)) in (1..).zip(&all) {
            // The platform lets none of these headers through.
            for (direct, why) in [(true, *why), (false, "Sign in first")] {
                for (what, request) in t.wants(direct, &question, id.as_str()) {
                    let shown = Shown::to(sending(request, forged)).await;
                    shown.nobody(why, what, forged);
                }
            }
            // Teams knocks without the platform's sign-in, and nothing of it counts there.
            let knock = t.directly(Method::POST, "/api/messages");
            let knock = knock.header("content-type", "application/json");
            let shown = Shown::to(sending(knock, forged).body(approval.to_string())).await;
            assert_eq!((shown.status.as_u16(), shown.text.as_str()), (401, ""));
            let line = t.logged_times(REFUSED, count).await;
            assert_eq!(line["why"], NO_TOKEN, "{line}");
        }
        // A good token of Ada's own, in that header, is no token of the connector's either.
        let good = t.cloud.id_token(&ada).unwrap();
        let knock = t
            .directly(Method::POST, "/api/messages")
            .header(ID_TOKEN, &good);
        let shown = Shown::to(knock.body(approval.to_string())).await;
        assert_eq!((shown.status.as_u16(), shown.text.as_str()), (401, ""));
        let line = t.logged_times(REFUSED, all.len() + 1).await;
        assert_eq!(line["why"], NO_TOKEN, "{line}");
        t.untouched(&traces).await;
        t.nobody_counts(&id).await;
        t.press_as(Who::Ada, &post, "Approve", "").await;
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn attack_20_a_principal_that_makes_no_sense_is_nobody() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let traces = t.traces().await;
        let (ada, ben) = (Who::Ada.object_id(), Who::Ben.object_id());
        let good = t.cloud.id_token(&ada).unwrap();
        let two = |claim: Value| {
            let mut claims = claims_of(&ada);
            claims.as_array_mut().unwrap().push(claim);
            (PRINCIPAL, principal(&claims))
        };
        let token = || (ID_TOKEN, good.clone());
        // Longer than any token, shorter than what the server itself refuses.
        let huge = "A".repeat(200_000);
        let all: Vec<Forged> = vec![
            vec![token(), (PRINCIPAL, "%%%".to_owned())],
            vec![token(), (PRINCIPAL, "eyJhdXRo".to_owned())],
            vec![token(), (PRINCIPAL, STANDARD.encode("[1]"))],
            vec![token(), (PRINCIPAL, STANDARD.encode("[".repeat(9000)))],
            vec![token(), two(json!({ "typ": "oid", "val": ben }))],
            vec![token(), two(json!({ "typ": "tid", "val": ben }))],
            vec![token(), (PRINCIPAL, principal(&claims_of(&ben)))],
            vec![
                token(),
                two(json!({})),
                (PRINCIPAL, principal(&claims_of(&ada))),
            ],
            vec![token(), (PRINCIPAL, huge.clone())],
            vec![
                token(),
                (PRINCIPAL_ID, ada.clone()),
                (PRINCIPAL_ID, ben.clone()),
            ],
            vec![token(), token()],
            vec![(ID_TOKEN, huge)],
        ];
        let empty = vec![(ID_TOKEN, "..".to_owned())];
        let unreadable = all.iter().map(|forged| (UNREADABLE, forged));
        for (why, forged) in unreadable.chain([(MALFORMED, &empty)]) {
            for (what, request) in t.wants(true, &question, id.as_str()) {
                let shown = Shown::to(sending(request, forged)).await;
                shown.nobody(why, what, forged);
            }
        }
        // A megabyte is more than the server takes of any header, so it says that (431) before anybody reads it.
        let megabyte: Forged = vec![token(), (PRINCIPAL, "A".repeat(1 << 20))];
        let mut heard = 0;
        for direct in [true, false] {
            for (what, request) in t.wants(direct, &question, id.as_str()) {
                // Whoever refuses early may close before all was sent.
                if let Ok(answer) = sending(request, &megabyte).send().await {
                    assert_eq!(answer.status(), 431, "{what}");
                    heard += 1;
                }
            }
        }
        assert!(heard > 0, "nobody has answered");
        t.untouched(&traces).await;
        t.nobody_counts(&id).await;
        // Claims that nobody has heard of do not matter, and the handler has survived all of it.
        let more = two(json!({ "typ": "never heard of", "val": "x" }));
        let list = t.directly(Method::GET, "/api/v1/promotions");
        let shown = Shown::to(sending(list, &vec![token(), more])).await;
        assert_eq!(shown.status, 200, "{}", shown.sentence());
        assert_eq!(t.host.restarts(), 0);
    })
    .await;
}

#[expect(
    clippy::too_many_lines,
    reason = "every other way in, one after the other"
)]
#[tokio::test]
async fn attack_22_other_sites_send_nothing_and_frame_nothing() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let kept_form = t.open_form(Who::Ada, &question).await.ok().unwrap();
        let traces = t.traces().await;
        let approve = [
            ("decision", "approve".to_owned()),
            ("csrf", kept_form.token.clone()),
        ];
        let ours = t.origin();
        // Ada's browser, with her session and even her form's token: the wrong page has sent it.
        for (origin, site) in [
            (None, None),
            (Some("null"), Some("same-origin")),
            (Some("null"), Some("cross-site")),
            (Some("https://evil.example"), Some("cross-site")),
            (Some("https://evil.example"), Some("same-origin")),
            (Some(ours.as_str()), Some("cross-site")),
            (Some(ours.as_str()), Some("same-site")),
            (Some(ours.as_str()), None),
            (None, Some("same-origin")),
        ] {
            for path in [&question, &format!("/api/v1/promotions/{id}/abort")] {
                let mut request = t
                    .post_form(path, &approve)
                    .header("cookie", &kept_form.cookie);
                if path != &question {
                    let abort = [
                        ("reason", "mine".to_owned()),
                        ("csrf", kept_form.token.clone()),
                    ];
                    request = t
                        .post_form(path, &abort)
                        .header("cookie", &kept_form.cookie);
                }
                if let Some(origin) = origin {
                    request = request.header("origin", origin);
                }
                if let Some(site) = site {
                    request = request.header("sec-fetch-site", site);
                }
                let shown = Shown::to(request).await;
                shown.refused(403, "did not come from a page");
            }
        }
        // What a foreign page may send without asking the browser first is no JSON for us.
        let digest = question.rsplit('~').next().unwrap();
        let body = json!({ "decision": "approve", "digest": digest }).to_string();
        let decisions = format!("/api/v1/promotions/{id}/decisions");
        let json_only = "Send application/json";
        for (kind, status, why) in [
            ("text/plain", 415, json_only),
            ("multipart/form-data", 415, json_only),
            ("", 415, json_only),
            ("text/plain; application/json", 415, json_only),
            ("application/x-www-form-urlencoded", 400, "decision"),
        ] {
            let request = t.http.post(t.url(&decisions)).header("content-type", kind);
            let request = request.header("cookie", &kept_form.cookie);
            let shown = Shown::to(request.body(body.clone())).await;
            shown.refused(status, why);
        }
        for origin in ["https://evil.example", "null"] {
            let request = t
                .http
                .post(t.url(&decisions))
                .header("content-type", "application/json");
            let request = request
                .header("cookie", &kept_form.cookie)
                .header("origin", origin);
            let shown = Shown::to(request.body(body.clone())).await;
            shown.refused(403, "did not come from a page");
        }
        // No page of ours is shown in somebody else's.
        for path in [&question, &page_of(&id), BOARD] {
            let request = t.http.get(t.url(path)).header("cookie", &kept_form.cookie);
            let answer = request.send().await.unwrap();
            let policy = answer.headers()["content-security-policy"]
                .to_str()
                .unwrap();
            assert!(
                policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            assert_eq!(answer.headers()["x-frame-options"], "DENY", "{path}");
        }
        t.untouched(&traces).await;
        // The token is bound: to who saw the form, to the decision, and to its digest.
        let bens = OpenForm {
            cookie: t.sign_in(Who::Ben).await,
            token: kept_form.token.clone(),
        };
        let approve = [("decision", "approve"), ("comment", "")];
        let sent = Shown::to(t.fill_in(&bens, &question, &approve)).await;
        sent.refused(403, "shown to somebody else");
        let fresh = t.open_form(Who::Ben, &question).await.ok().unwrap();
        bound_to_something_else(&bens, &fresh);
        let boards = t.open_form(Who::Ada, &page_of(&id)).await.ok().unwrap();
        let sent = Shown::to(t.fill_in(&boards, &question, &approve)).await;
        sent.refused(403, "shown to somebody else");
        bound_to_something_else(&boards, &kept_form);
        let other_digest = format!("{}{}", &question[..question.len() - 4], "0000");
        let sent = Shown::to(t.fill_in(&kept_form, &other_digest, &approve)).await;
        sent.refused(403, "shown to somebody else");
        let other_attempt = question.replace("~1~", "~2~");
        assert_ne!(other_attempt, question);
        let sent = Shown::to(t.fill_in(&kept_form, &other_attempt, &approve)).await;
        sent.refused(403, "shown to somebody else");
        t.untouched(&traces).await;
        t.nobody_counts(&id).await;
        // In time, and by the key that binds: it is the same form that counts where it belongs.
        Shown::to(t.fill_in(&kept_form, &question, &approve))
            .await
            .taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}
