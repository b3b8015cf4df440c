//! Requests are copied to a candidate before it has any traffic of its own.

use promotion::*;

use crate::sample::route;
use crate::story::Story;
use crate::world::World;

fn mirrored() -> Story {
    let mut route = route();
    route.rollout.steps = vec![
        Step::Mirror(20),
        Step::Pause(Seconds(600)),
        Step::SetWeight(10),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.step_to("shifting").until("shifting").deliver();
    story
}

fn copied(story: &Story) -> u8 {
    let mirror = story.world.mirror.as_ref();
    mirror.map_or(0, |mirror| {
        assert_eq!(mirror.deployment, story.deployment());
        mirror.percent
    })
}

#[test]
fn the_champion_keeps_all_traffic_while_requests_are_copied() {
    let mut story = mirrored();
    assert_eq!((copied(&story), &story.world.traffic), (20, &story.before));
    story.wait(600).deliver();
    assert_eq!(
        copied(&story),
        0,
        "with traffic of its own nothing is copied"
    );
    story.ends("finished");
    assert_eq!(copied(&story), 0);
    story.keep("finished-after-a-mirror");
}

#[test]
fn the_way_back_ends_the_copying_before_the_deployment_goes() {
    let mut story = mirrored();
    story.roll_back().unwrap();
    story.ends("rolled back");
    assert_eq!((copied(&story), &story.world.traffic), (0, &story.before));
}

/// The call that begins to copy has been lost on its way when it is taken back.
#[test]
fn a_copy_that_comes_late_is_undone() {
    let mut route = route();
    route.rollout.steps = vec![Step::Mirror(20), Step::SetWeight(100)];
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    let lost = Report::Retry(Failure::new("ConnectionReset", "lost"));
    story.world.answer_next("set-traffic", lost);
    story.deliver();
    story.roll_back().unwrap();
    story.world.mirror = Some(Mirror {
        deployment: story.deployment(),
        percent: 20,
    });
    story.ends("rolled back");
    assert_eq!(copied(&story), 0);
}
