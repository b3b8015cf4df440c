//! Decisions by API: what is asked, and answers that count as those of the page do.

use promotion::PromotionId;
use serde_json::{Value, json};

use super::people::Shown;
use super::{Setup, Tester, Who, story};

impl Tester {
    pub(super) async fn question(&self, id: &PromotionId) -> Value {
        let path = format!("/api/v1/promotions/{id}/decisions");
        self.see(Who::Sam, &path).await.json()
    }

    pub(super) async fn decide_as(&self, who: Who, id: &PromotionId, body: &Value) -> Shown {
        let path = format!("/api/v1/promotions/{id}/decisions");
        self.post_json(who, &path, body).await
    }
}

#[tokio::test]
async fn a_program_finds_what_is_asked_and_answers_exactly_that() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.question(&id).await;
        assert_eq!(question["open"], true);
        let digest = question["digest"].as_str().unwrap();
        let page = question["page"].as_str().unwrap();
        assert!(page.ends_with(&t.newest_question(&id)), "{page}");
        assert_eq!(question["gates"][0]["result"], "passed");
        let texts = ["needs", "serves", "trainedBy", "steps", "wayBack", "answers"];
        let texts: Vec<_> = texts.iter().map(|text| question[*text].to_string()).collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        "1 approval with role Model.Approver"
        "diabetes 1, deployment champion-v1"
        "Tina Trainer (00000000-0000-4000-8000-00000000000a)"
        ["10 % to the candidate, 90 % to champion-v1","pause for 10 minutes","100 % to the candidate"]
        "100 % champion-v1"
        []
        "#);

        let yes = |digest: &str| json!({"decision": "approve", "digest": digest, "comment": "by program"});
        t.decide_as(Who::Sam, &id, &yes(digest))
            .await
            .refused(403, "Model.Approver");
        t.decide_as(Who::Ada, &id, &yes("0123456789abcdef"))
            .await
            .refused(409, "superseded");
        assert_eq!(t.stage(&id), "awaiting approval");
        let mut second = yes(digest);
        second["attempt"] = json!(2);
        t.decide_as(Who::Ada, &id, &second)
            .await
            .refused(409, "superseded");
        let taken = t.decide_as(Who::Ada, &id, &yes(&digest[..12])).await;
        assert_eq!(taken.status, 202);
        assert_eq!(taken.json()["votes"][0]["comment"], "by program");
        t.wait_until(&id, "live").await;
        let closed = t.question(&id).await;
        assert_eq!(closed["open"], false);
        assert!(closed["says"].as_str().unwrap().contains("Ada Approver approved it"));
        t.decide_as(Who::Ben, &id, &yes(digest))
            .await
            .refused(409, "already decided");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_decision_is_said_to_be_none() {
    story(async |t| {
        let id = t.asked().await;
        let digest = t.question(&id).await["digest"].clone();
        for (body, words) in [
            (json!({"digest": digest}), "decision"),
            (json!({"decision": "approve"}), "digest"),
            (json!({"decision": "maybe", "digest": digest}), "approve"),
            (
                json!({"decision": "approve", "digest": "0123456789a"}),
                "12 digits",
            ),
            (
                json!({"decision": "approve", "digest": "../../etc/passwd"}),
                "12 digits",
            ),
            (
                json!({"decision": "approve", "digest": digest, "attempt": 0}),
                "counted from 1",
            ),
            (
                json!({"decision": "approve", "digest": digest, "yes": true}),
                "yes",
            ),
            (json!([digest]), "JSON object"),
        ] {
            t.decide_as(Who::Ada, &id, &body).await.refused(400, words);
        }
        let path = format!("/api/v1/promotions/{id}/decisions");
        let digest_text = digest.as_str().unwrap().to_owned();
        let fields = [("decision", "approve".to_owned()), ("digest", digest_text)];
        let form = t.post_form(&path, &fields);
        Shown::to(form).await.refused(415, "application/json");
        let dry = format!("{path}?dryRun=true");
        let body = json!({"decision": "approve", "digest": digest});
        t.post_json(Who::Ada, &dry, &body)
            .await
            .refused(400, "replay");
        let unknown = json!({"decision": "approve", "digest": digest});
        let nowhere = "/api/v1/promotions/nothing-1.x-0000000000/decisions";
        t.post_json(Who::Ada, nowhere, &unknown)
            .await
            .refused(404, "There is no promotion");
        // Another site's page in Ada's browser.
        let cookie = t.sign_in(Who::Ada).await;
        let foreign = t
            .http
            .post(t.url(&path))
            .header("cookie", cookie)
            .header("content-type", "application/json")
            .header("origin", "https://evil.example")
            .body(body.to_string());
        Shown::to(foreign)
            .await
            .refused(403, "did not come from a page");
        let anonymous = t
            .http
            .post(t.url(&path))
            .header("content-type", "application/json");
        Shown::to(anonymous.body(body.to_string()))
            .await
            .refused(401, "");
        assert_eq!(t.stage(&id), "awaiting approval");
        t.reject_as(Who::Ada, &id, "enough tried").await.taken();
    })
    .await;
}

#[tokio::test]
async fn nobody_judges_their_own_work_by_program_either() {
    let setup = Setup::default().with_approver(Who::Tina);
    setup
        .story(async |t| {
            let id = t.asked().await;
            let digest = t.question(&id).await["digest"].clone();
            let yes = json!({"decision": "approve", "digest": digest});
            t.decide_as(Who::Tina, &id, &yes)
                .await
                .refused(403, "You trained");
            let no = json!({"decision": "reject", "digest": digest, "comment": "worse for some"});
            t.decide_as(Who::Ben, &id, &no).await.taken();
            t.wait_until(&id, "rejected").await;
        })
        .await;
}
