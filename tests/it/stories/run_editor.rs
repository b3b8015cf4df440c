//! Whoever changed the run's record last is no judge of it: the numbers that gates judge stand there.

use cloud_sim::ModelKind;

use super::{Who, story};

#[tokio::test]
async fn whoever_changed_the_run_last_does_not_approve_what_came_from_it() {
    story(async |t| {
        t.cloud.hold_events();
        let job = t.cloud.register(ModelKind::Challenger).unwrap().job;
        let ada = Who::Ada.object_id();
        t.cloud.tag_job(&job, &ada, ("note", "looks fine")).unwrap();
        t.cloud.release_events(false, 1);
        let id = t.opened("2").await;
        t.wait_until(&id, "awaiting approval").await;
        t.until("a card asks", async || !t.questions(&id).is_empty())
            .await;
        let page = t.see(Who::Ben, &t.newest_question(&id)).await.sentence();
        assert!(page.contains("Run changed by"), "{page}");
        t.approve_as(Who::Ada, &id).await.offers_no_form("changed");
        assert_eq!(t.stage(&id), "awaiting approval");
        t.approve_as(Who::Ben, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}
