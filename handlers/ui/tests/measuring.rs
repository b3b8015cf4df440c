//! A promotion whose journal goes on with measurements, as many and as odd as a test wants.

use promotion::analysis::{AnalysisId, Measured, Measurement, MetricSpec, Taken};
use promotion::{
    Effect, EffectKey, Fact, Line, Look, Outcome, Promotion, Seconds, Serving, Traffic,
};

use super::reading::{between, page as read};
use super::story::Story;
use super::world::{World, ada, good, links, metric, record};
use crate::ui::{PromotionView, promotion_page};

pub(super) const LOW: &str = "result < 0.01";

/// A promotion with a tenth of the traffic, and a journal that goes on with measurements.
pub(super) struct Measuring {
    pub(super) promotion: Promotion,
    pub(super) lines: Vec<Line<Fact>>,
    pub(super) specs: Vec<MetricSpec>,
    pub(super) analysis: AnalysisId,
    pub(super) now: jiff::Timestamp,
}

impl Measuring {
    pub(super) fn of(specs: Vec<MetricSpec>) -> Self {
        let story = Story::approved(World::default());
        Self {
            promotion: story.promotion(),
            now: story.now,
            lines: story.lines,
            specs,
            analysis: AnalysisId::Beside(1),
        }
    }

    pub(super) fn of_errors() -> Self {
        Self::of(vec![metric("error-rate", Some(LOW), None)])
    }

    /// A minute later each metric comes to this.
    pub(super) fn minute(&mut self, came_to: Measured, value: Option<f64>) {
        self.now = Seconds(60).after(self.now);
        let taken = self.specs.iter().map(|spec| Taken {
            metric: spec.name.clone(),
            measurement: Measurement {
                came_to,
                value,
                message: value.is_none().then(|| "there is no value".to_owned()),
                ..good(spec, self.now).measurement
            },
        });
        let taken = taken.collect();
        self.done(
            self.measure(),
            Outcome::Measured {
                taken,
                target: Look::NotTaken,
            },
        );
    }

    pub(super) fn good_minutes(&mut self, count: u32) {
        for minute in 0..count {
            let value = 0.001 + f64::from(minute % 7) * 0.001;
            self.minute(Measured::Successful, Some(value));
        }
    }

    pub(super) fn measure(&self) -> Effect {
        let plan = &self.promotion.stage().pinned().unwrap().plan;
        Effect::Measure {
            workspace: self.promotion.route().target.workspace.clone(),
            endpoint: plan.endpoint.name.clone(),
            deployment: plan.deployment.clone(),
            champion: None,
            analysis: self.analysis,
            since: self.now,
            metrics: self.specs.clone(),
            expects: None,
        }
    }

    pub(super) fn all_traffic(&mut self) {
        let plan = &self.promotion.stage().pinned().unwrap().plan;
        let effect = Effect::SetTraffic {
            workspace: self.promotion.route().target.workspace.clone(),
            endpoint: plan.endpoint.name.clone(),
            traffic: Traffic::all_to(&plan.deployment),
            mirror: None,
            expects: None,
            serving: Serving::Online,
        };
        self.done(effect, Outcome::TrafficSet);
    }

    fn done(&mut self, effect: Effect, outcome: Outcome) {
        let key = self.planned(effect);
        let outcome = Box::new(outcome);
        self.remember(Fact::Done { key, outcome });
    }

    pub(super) fn planned(&mut self, effect: Effect) -> EffectKey {
        let key = format!("1.{}.{}", self.lines.len(), effect.kind());
        let key: EffectKey = serde_json::from_value(key.into()).unwrap();
        self.remember(Fact::Planned {
            key: key.clone(),
            effect: Box::new(effect),
        });
        key
    }

    pub(super) fn remember(&mut self, fact: Fact) {
        self.lines.push(Line {
            seq: self.lines.len() as u64,
            at: self.now,
            hash: record(),
            fact,
        });
    }

    pub(super) fn page(&self) -> String {
        promotion_page(&PromotionView {
            held_ahead: None,
            configured: Some(self.promotion.route()),
            stopped: None,
            promotion: &self.promotion,
            lines: &self.lines,
            viewer: Some(&ada()),
            csrf: Some("token"),
            problem: None,
            kept: None,
            held: None,
            now: self.now,
            links: &links(),
        })
    }

    pub(super) fn history(&self) -> String {
        let text = read(&self.page());
        let timeline = between(&text, "Timeline\n", "Plan\n");
        between(timeline, "Step 1 of the rollout is done", "Plan\n").to_owned()
    }
}
