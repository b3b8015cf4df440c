//! What people are told when there is no way back, and when one takes longer than it may.

use insta::assert_snapshot;
use promotion::{DeploymentName, Event, Notice, Outcome, Report, Traffic};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ben, failure, links, record};
use crate::ui::{card, why};

fn told(notice: Notice, story: &Story) -> String {
    read(&card(notice, &story.promotion(), &record(), &links()))
}

fn taken_back(faults: Vec<(&'static str, Report)>) -> Story {
    let mut story = Story::approved(World::default());
    story.run_to("live");
    story.world.faults = faults;
    let roll_back = Event::RollBack {
        by: Story::operator(&ben()),
        reason: "Complaints from the clinic.".to_owned(),
        attempt: None,
    };
    story.happen(roll_back).unwrap();
    story
}

fn missing(traffic: Traffic) -> Vec<(&'static str, Report)> {
    let missing = Outcome::DeploymentMissing {
        deployment: DeploymentName::new("champion-v1"),
        traffic,
    };
    vec![("set-traffic", Report::Done(missing))]
}

#[test]
fn the_champion_is_gone_and_nothing_else_serves() {
    let ours = DeploymentName::new("ll-diabetes-2-9931af96-1");
    let mut story = taken_back(missing(Traffic::all_to(&ours)));
    story.run_to("finishing");
    assert_snapshot!(why(&story.promotion(), story.now), @"Finished: it went live, and its way back is closed. Taken back by Ben Approver, “Complaints from the clinic”, but deployment champion-v1, which served before it, was gone, and nothing else served: so it stayed. What is left is being tidied up.");
    assert_snapshot!(told(Notice::NoWayBack, &story), @"
    diabetes 2 → prod: could not be taken back
    From dev (ml-dev) to prod (ml-prod)
    Taken back by Ben Approver, “Complaints from the clinic”, but deployment champion-v1, which served before it, is gone: somebody has deleted it. Nothing else serves, so the candidate keeps all the traffic.
    Promote a better version, or set the endpoint's traffic by hand once another deployment can serve.
    Serves now: diabetes 2, deployment ll-diabetes-2-9931af96-1 on endpoint diabetes
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn the_champion_is_gone_and_another_one_serves() {
    let green = DeploymentName::new("green");
    let mut story = taken_back(missing(Traffic::all_to(&green)));
    story.run_to("rolled back");
    assert_snapshot!(told(Notice::RolledBack, &story), @"
    diabetes 2 → prod: rolled back
    From dev (ml-dev) to prod (ml-prod)
    Rolled back: taken back by Ben Approver, “Complaints from the clinic”.
    Reopen the promotion to try again from the gates on.
    Nothing is promoted to endpoint diabetes until somebody lifts the hold on the board.
    Deployment champion-v1, which served before it, was gone: what served beside it took over.
    Serves now: 100 % green
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn a_way_back_that_is_not_done_in_time() {
    let refused = || Report::Retry(failure("the endpoint is locked"));
    let faults = (0..40).map(|_| ("set-traffic", refused())).collect();
    let mut story = taken_back(faults);
    while story.promotion().stuck().is_none() {
        story.step_or_wait();
    }
    assert_snapshot!(why(&story.promotion(), story.now), @"Taken back by Ben Approver, “Complaints from the clinic”. The endpoint's traffic goes back to 100 % champion-v1, and deployment ll-diabetes-2-9931af96-1 is deleted; running operations end first. “set-traffic” was not done within its deadline; last: the endpoint is locked. It is tried again for as long as it takes, for giving up would leave the endpoint as nobody wants it.");
    assert_snapshot!(told(Notice::Stuck, &story), @"
    diabetes 2 → prod: not done in time
    From dev (ml-dev) to prod (ml-prod)
    “set-traffic” was not done within its deadline; last: the endpoint is locked. It is tried again for as long as it takes, for giving up would leave the endpoint as nobody wants it.
    Look at the endpoint and at Liftlock's rights in its workspace; the promotion's page says what is tried next.
    Stage: rolling back
    Endpoint: diabetes
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");

    story.run_to("rolled back");
    assert_snapshot!(told(Notice::Stuck, &story), @"
    diabetes 2 → prod: not done in time
    From dev (ml-dev) to prod (ml-prod)
    Since then it went on: it is rolled back.
    Stage: rolled back
    Endpoint: diabetes
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}
