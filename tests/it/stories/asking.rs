//! The approval page and its form: looking changes nothing, and only our own pages ask.

use reqwest::Method;

use super::people::{Shown, page_of};
use super::{Tester, Who, story};

/// What everything that the app has written looks like, but for up to when the sweep has looked: that is time's doing.
fn written(t: &Tester) -> Vec<(String, String)> {
    let blobs =
        ["journals", "state"].map(|container| t.cloud.blobs().list("stliftlock", container, ""));
    let all = blobs
        .into_iter()
        .flatten()
        .filter(|blob| blob.name != "control/watermarks.json");
    all.map(|blob| (blob.name, blob.etag)).collect()
}

#[tokio::test]
async fn scanners_that_follow_the_link_change_nothing() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        // The key for forms is made when the first one is shown.
        t.see(Who::Ada, &question).await.taken();
        let (before, journal) = (written(t), t.journal(&id));
        for number in 0..20 {
            let method = if number % 2 == 0 {
                Method::GET
            } else {
                Method::HEAD
            };
            let agent = [
                "Mozilla/5.0 SafeLinks",
                "Barracuda Sentinel",
                "Slackbot-LinkExpanding 1.0",
            ][number % 3];
            let cookie = t.sign_in(Who::Ada).await;
            let request = t
                .http
                .request(method, t.url(&question))
                .header("user-agent", agent);
            Shown::to(request.header("cookie", cookie)).await.taken();
        }
        assert_eq!((written(t), t.journal(&id)), (before, journal));
    })
    .await;
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let window = t.open_form(Who::Ada, &question).await.ok().unwrap();
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let fields = [("decision", "approve")];
            let mut request = t.fill_in(&window, &question, &fields).build().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
            let answer = t.http.execute(request).await.unwrap();
            assert_eq!(answer.status(), 403, "{name}: {value}");
            let text = answer.text().await.unwrap();
            assert!(
                text.contains("did not come from a page of this app"),
                "{text}"
            );
        }
        assert!(t.promotion(&id).stage().votes().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_not_the_pages_own_form_is_said_on_the_page() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let window = t.open_form(Who::Ada, &question).await.ok().unwrap();
        for fields in [&[][..], &[("decision", "approve"), ("decision", "reject")]] {
            let sent = Shown::to(t.fill_in(&window, &question, fields)).await;
            sent.refused(400, "`decision` (approve or reject)");
            assert!(sent.text.contains("Ada Approver"), "{}", sent.text);
        }
        assert!(t.promotion(&id).stage().votes().is_empty());
    })
    .await;
}

#[tokio::test]
async fn verbs_from_elsewhere_are_refused_too() {
    story(async |t| {
        let id = t.asked().await;
        let window = t.open_form(Who::Ada, &page_of(&id)).await.ok().unwrap();
        let action = format!("/api/v1/promotions/{id}/abort");
        let evil = "https://evil.example";
        let by_form = t.fill_in(&window, &action, &[("reason", "because")]);
        let mut by_form = by_form.build().unwrap();
        by_form
            .headers_mut()
            .insert("origin", evil.parse().unwrap());
        let cookie = t.sign_in(Who::Ada).await;
        let by_json = t
            .http
            .post(t.url(&action))
            .header("cookie", cookie)
            .header("origin", evil);
        let by_json = by_json
            .header("content-type", "application/json")
            .body("{\"reason\":\"because\"}");
        for request in [by_form, by_json.build().unwrap()] {
            assert_eq!(t.http.execute(request).await.unwrap().status(), 403);
        }
        assert_eq!(t.stage(&id), "awaiting approval");
    })
    .await;
}

#[tokio::test]
async fn nobody_signed_in_is_shown_the_way_to_sign_in() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let shown = t.see_unknown(&question).await;
        assert!(
            shown.token().is_none() && shown.text.contains("/.auth/login/aad"),
            "{}",
            shown.text
        );
        let fields = [("decision", "approve".to_owned())];
        let posted = t
            .post_form(&question, &fields)
            .header("origin", t.origin())
            .header("sec-fetch-site", "same-origin");
        Shown::to(posted).await.refused(401, "ign in");
    })
    .await;
}

#[tokio::test]
async fn what_people_write_is_shown_as_text() {
    story(async |t| {
        let id = t.asked().await;
        let comment = "<script>alert(1)</script>\" onload=\"x";
        t.reject_as(Who::Ada, &id, comment).await.taken();
        t.wait_until(&id, "rejected").await;
        for path in [
            page_of(&id),
            "/api/board/".to_owned(),
            t.newest_question(&id),
        ] {
            let shown = t.see(Who::Ben, &path).await;
            assert!(!shown.text.contains("<script>alert"), "{path}");
            assert!(!shown.text.contains("\" onload=\""), "{path}");
        }
        let page = t.see(Who::Ben, &page_of(&id)).await;
        assert!(
            page.text.contains("&lt;script&gt;alert(1)"),
            "{}",
            page.text
        );
    })
    .await;
}
