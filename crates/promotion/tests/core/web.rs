//! What an HTTP address answers decides as any other measurement does; its secrets are names.

use promotion::analysis::{BesideSpec, HttpMetric, MetricRule, MetricSpec, Provider, Template};
use promotion::*;

use crate::sample::route;
use crate::story::Story;
use crate::world::World;

fn complaints(rule: MetricRule) -> MetricSpec {
    let header = Template::new("Bearer ${METRICS_TOKEN}");
    MetricSpec {
        name: "complaints".to_owned(),
        provider: Provider::Http(HttpMetric {
            url: Template::new("https://metrics.example/q?d={deployment}&to={to}"),
            headers: [("authorization".to_owned(), header)].into(),
            value: "result.count".to_owned(),
            timeout: Seconds(10),
            window: Seconds(60),
        }),
        against: None,
        success_condition: None,
        failure_condition: Some("result > 3".to_owned()),
        min_samples: 1,
        rule,
    }
}

#[test]
fn it_is_measured_before_traffic_and_beside_the_steps() {
    let mut route = route();
    route.rollout.steps = vec![
        Step::Analysis(vec![complaints(MetricRule::once())]),
        Step::SetWeight(10),
        Step::Pause(Seconds(120)),
        Step::SetWeight(100),
    ];
    route.rollout.beside = Some(BesideSpec {
        starting_step: 2,
        metrics: vec![complaints(MetricRule::every(Seconds(60)))],
    });
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    story.ends("finished");
    story.keep("finished-by-http");
}
