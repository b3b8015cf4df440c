//! What people see: the board, one promotion's page, health.

use jiff::SignedDuration;

use super::journals::ACCOUNT;
use super::people::page_of;
use super::{Who, story};

#[tokio::test]
async fn the_board_says_what_waits_for_whom() {
    story(async |t| {
        let id = t.asked().await;
        let board = t.see(Who::Ada, "/api/board/").await;
        for words in [
            "diabetes",
            "awaiting approval",
            "Ada Approver",
            "dev",
            "prod",
        ] {
            assert!(
                board.sentence().contains(words),
                "{words}: {}",
                board.sentence()
            );
        }
        assert!(board.text.contains(&page_of(&id)));
        let list = t.see(Who::Sam, "/api/v1/promotions").await.json();
        assert_eq!(list["value"][0]["id"], id.as_str());
        let why = t
            .see(Who::Sam, &format!("/api/v1/promotions/{id}/why"))
            .await
            .json();
        assert_eq!(why["why"], t.why(&id));
    })
    .await;
}

#[tokio::test]
async fn a_promotions_page_tells_its_whole_way() {
    story(async |t| {
        let id = t.live().await;
        let page = t.see(Who::Ben, &page_of(&id)).await;
        for words in [
            "live",
            "Ada Approver",
            "fine with me",
            "10 %",
            "100 %",
            "51.7132",
        ] {
            assert!(
                page.sentence().contains(words),
                "{words}: {}",
                page.sentence()
            );
        }
        let shown = t
            .see(Who::Sam, &format!("/api/v1/promotions/{id}"))
            .await
            .json();
        let (records, timeline) = (t.records(&id).len(), shown["timeline"].as_array().unwrap());
        assert_eq!(
            (shown["records"].as_u64(), timeline.len()),
            (Some(records as u64), records)
        );
    })
    .await;
}

#[tokio::test]
async fn what_has_ended_is_listed_by_month() {
    story(async |t| {
        let id = t.asked().await;
        t.reject_as(Who::Ada, &id, "no").await.taken();
        t.wait_until(&id, "rejected").await;
        let month = t.promotion(&id).opened_at().strftime("%Y-%m").to_string();
        let closed = t
            .see(Who::Sam, &format!("/api/v1/promotions?closed={month}"))
            .await
            .json();
        assert_eq!(closed["value"][0]["stage"], "rejected");
        assert_eq!(
            t.see(Who::Sam, "/api/v1/promotions").await.json()["value"],
            serde_json::json!([])
        );
        assert!(
            t.see(Who::Ada, "/api/board/")
                .await
                .sentence()
                .contains("rejected")
        );
        assert_eq!(t.see_unknown("/api/health").await.json()["status"], "ready");
    })
    .await;
}

/// Trying again would not help: what is wrong is said, to whom it is said, and where to go.
#[tokio::test]
async fn a_journal_that_cannot_be_read_is_named_wherever_it_is_asked_for() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let (blobs, path) = (t.cloud.blobs(), format!("{id}.jsonl"));
        let whole = blobs.get(ACCOUNT, "journals", &path).unwrap();
        blobs.put(ACCOUNT, "journals", &path, "no record\n");
        let page = t.see(Who::Ada, &page_of(&id)).await;
        page.refused(500, &path);
        for words in [
            "Trying again will not help",
            "liftlock audit verify",
            "Ada Approver",
        ] {
            assert!(
                page.sentence().contains(words),
                "{words}: {}",
                page.sentence()
            );
        }
        assert!(!page.sentence().contains("Not signed in"));
        // Whoever is not signed in is told less: neither what lies where nor what stands in it.
        let question = t.newest_question(&id);
        t.see(Who::Ada, &question).await.refused(500, &path);
        let unknown = t.see_unknown(&question).await;
        unknown.refused(500, "Sign in to see why");
        for words in [path.as_str(), "record", "line 1"] {
            assert!(!unknown.text.contains(words), "{words}: {}", unknown.text);
        }
        let why = t
            .see(Who::Sam, &format!("/api/v1/promotions/{id}/why"))
            .await;
        why.refused(500, "docs/audit.md");
        assert_eq!(why.json()["error"]["code"], "StateUnreadable");
        t.advance_clock(SignedDuration::from_hours(80)).await;
        let marked = async || {
            t.see(Who::Ada, "/api/board/")
                .await
                .sentence()
                .contains("unreadable")
        };
        t.until("the board says so", marked).await;
        let board = t.see(Who::Ada, "/api/board/").await;
        assert!(
            !board.sentence().contains("(no name)"),
            "{}",
            board.sentence()
        );
        let words: Vec<&str> = board.text.split(['<', '>']).map(str::trim).collect();
        let heading = words.iter().position(|word| *word == "Open");
        assert!(
            words[heading.unwrap()..].contains(&"diabetes-to-prod"),
            "{}",
            board.sentence()
        );
        blobs.put(ACCOUNT, "journals", &path, whole);
    })
    .await;
}
