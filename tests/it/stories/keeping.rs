//! What somebody typed is not lost where it is refused, and not cut where it is taken.

use serde_json::json;

use super::people::{BOARD, Shown, page_of};
use super::turns::example_target_id;
use super::{Tester, Who, story};

const FREEZES: &str = "/api/v1/freezes";

impl Tester {
    /// Sends a form after the browser's session has ended.
    async fn send_late(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Shown {
        let mut form = self.open_form(Who::Ada, page).await.unwrap();
        form.cookie = String::new();
        Shown::to(self.fill_in(&form, action, fields)).await
    }

    /// Presses Enter in the address bar where a refused form has left the browser.
    async fn enter_in_the_address_bar(&self, path: &str) -> (u16, String) {
        let cookie = self.sign_in(Who::Ada).await;
        let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
        let request = self.http.get(self.url(path)).header("cookie", cookie);
        let answer = request.header("accept", browser).send().await.unwrap();
        let to = answer.headers().get("location");
        let to = to.map_or("", |to| to.to_str().unwrap()).to_owned();
        (answer.status().as_u16(), to)
    }
}

impl Shown {
    #[track_caller]
    fn holds(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.text.contains(part), "{part}: {}", self.text);
        }
    }
}

#[tokio::test]
async fn a_refused_form_comes_back_as_it_was_sent() {
    story(async |t| {
        let id = t.asked().await;
        let wish = [
            ("scope", "model:diabetes"),
            ("reason", "the <fair>"),
            ("for", "4 hours"),
        ];
        let refused = t.send_form(Who::Ada, BOARD, FREEZES, &wish).await;
        refused.refused(
            400,
            "It is to last `4 hours`, which is no length of time: write `10m`, `1h` or `2d`.",
        );
        refused.holds(&[
            "<details id=\"freeze\" open>",
            "value=\"the &lt;fair&gt;\"",
            "value=\"model:diabetes\" selected",
            "value=\"4 hours\"",
        ]);
        t.freeze_as(Who::Ada, &json!({ "scope": {}, "reason": "stop" }))
            .await
            .taken();
        let freeze = t.frozen().await[0]["id"].as_str().unwrap().to_owned();
        let long = "x".repeat(501);
        for (page, action, form) in [
            (
                BOARD.to_owned(),
                format!("{FREEZES}/{freeze}/lift"),
                format!("lift-{freeze}"),
            ),
            (
                page_of(&id),
                format!("/api/v1/promotions/{id}/abort"),
                "verb-abort".to_owned(),
            ),
        ] {
            let refused = t
                .send_form(Who::Ada, &page, &action, &[("reason", &long)])
                .await;
            refused.refused(
                400,
                "What you wrote has 501 characters, and 500 are kept; say it shorter.",
            );
            let (opened, reason) = (
                format!("<details id=\"{form}\" open>"),
                format!("value=\"{long}\""),
            );
            refused.holds(&[&opened, &reason]);
        }
        assert_eq!(
            (t.frozen().await.len(), t.stage(&id)),
            (1, "awaiting approval")
        );
    })
    .await;
}

#[tokio::test]
async fn a_form_from_nobody_is_shown_again_with_a_way_back() {
    story(async |t| {
        let id = t.asked().await;
        let abort = format!("/api/v1/promotions/{id}/abort");
        let late = t
            .send_late(&page_of(&id), &abort, &[("reason", "worse on one group")])
            .await;
        late.refused(401, "Sign in first.");
        late.holds(&[
            "value=\"worse on one group\"",
            &format!("action=\"{abort}\""),
            &format!("href=\"{}\"", page_of(&id)),
            "target=\"_blank\"",
        ]);
        // It counts once they are signed in again: the form's token is theirs.
        let token = late.token().unwrap().to_owned();
        let wish = [
            ("scope", "everything"),
            ("reason", "the fair"),
            ("for", "4h"),
        ];
        let late = t.send_late(BOARD, FREEZES, &wish).await;
        late.refused(401, "Sign in first.");
        late.holds(&[
            "name=\"scope\" value=\"everything\"",
            "name=\"for\" value=\"4h\"",
            "value=\"the fair\"",
        ]);
        let unhold = format!("/api/v1/targets/{}/unhold", example_target_id());
        t.send_late(BOARD, &unhold, &[("reason", "mended")])
            .await
            .holds(&["value=\"mended\"", "href=\"/api/board/\""]);
        // Another site puts no words into anybody's mouth.
        let foreign = t.post_form(
            &abort,
            &[("reason", "not mine".to_owned()), ("csrf", token.clone())],
        );
        let foreign = Shown::to(foreign.header("origin", "https://evil.example")).await;
        foreign.refused(401, "Sign in first.");
        assert!(!foreign.text.contains("not mine"), "{}", foreign.text);
        let mut again = t.open_form(Who::Ada, &page_of(&id)).await.unwrap();
        again.token = token;
        Shown::to(t.fill_in(&again, &abort, &[("reason", "worse on one group")]))
            .await
            .taken();
        t.wait_until(&id, "aborted").await;
        assert!(t.frozen().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn where_a_form_was_sent_a_browser_finds_its_page() {
    story(async |t| {
        let id = t.asked().await;
        for (path, page) in [
            (FREEZES.to_owned(), BOARD.to_owned()),
            (format!("{FREEZES}/0123/lift"), BOARD.to_owned()),
            (
                format!("/api/v1/targets/{}/unhold", example_target_id()),
                BOARD.to_owned(),
            ),
            (format!("/api/v1/promotions/{id}/abort"), page_of(&id)),
        ] {
            assert_eq!(
                t.enter_in_the_address_bar(&path).await,
                (303, page),
                "{path}"
            );
        }
        let program = t
            .see(Who::Ada, &format!("/api/v1/promotions/{id}/abort"))
            .await;
        assert_eq!(program.json()["error"]["code"], "WrongMethod");
        // Also what is still being sent when it is clear that it is too large.
        for kilobytes in [70, 5000, 5000, 5000] {
            let large = [("reason", "x".repeat(kilobytes * 1024))];
            let large = Shown::to(t.post_form(FREEZES, &large)).await;
            large.refused(413, "The request is larger than 64 KB");
            large.holds(&["<html", "Go to the board"]);
        }
    })
    .await;
}

#[tokio::test]
async fn what_would_be_cut_is_refused_by_programs_too() {
    story(async |t| {
        let id = t.asked().await;
        let long = "x".repeat(501);
        for (path, body) in [
            (
                format!("/api/v1/promotions/{id}/abort"),
                json!({ "reason": long }),
            ),
            (
                "/api/v1/promotions".to_owned(),
                json!({ "model": "diabetes", "version": "2", "reason": long }),
            ),
            (FREEZES.to_owned(), json!({ "scope": {}, "reason": long })),
            (
                format!("/api/v1/targets/{}/hold", example_target_id()),
                json!({ "reason": long }),
            ),
        ] {
            let told = t.post_json(Who::Ada, &path, &body).await;
            told.refused(400, "501 characters, and 500 are kept");
            assert_eq!(told.json()["error"]["code"], "TooLong");
        }
        let digest = t.digest(&id).await;
        let mut answer =
            json!({ "decision": "reject", "digest": digest, "comment": "x".repeat(2001) });
        let path = format!("/api/v1/promotions/{id}/decisions");
        t.post_json(Who::Ada, &path, &answer)
            .await
            .refused(400, "2001 characters, and 2000 are kept");
        assert_eq!(t.stage(&id), "awaiting approval");
        answer["comment"] = json!("x".repeat(2000));
        t.post_json(Who::Ada, &path, &answer).await.taken();
        t.wait_until(&id, "rejected").await;
    })
    .await;
}

#[tokio::test]
async fn a_spoilt_address_of_older_ones_shows_the_month_from_its_beginning() {
    story(async |t| {
        let shown = t.see(Who::Sam, "/api/board/?month=2026-01&from=zzz").await;
        assert_eq!(shown.status, 200, "{}", shown.sentence());
        assert!(
            shown.sentence().contains("Recently closed"),
            "{}",
            shown.sentence()
        );
    })
    .await;
}
