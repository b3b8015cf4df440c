//! What people see: the board, one promotion's page, health.

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
