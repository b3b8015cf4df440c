//! Who calls the endpoints, and which faults their deployments have, at any time of the last day.

use jiff::Timestamp;

use super::ServingFault;
use super::steps::{KEPT, Steps};

/// How a deployment answers at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Health {
    /// Share of answers that are errors, from 0 to 1.
    pub(crate) errors: f64,
    /// Latencies as multiples of a healthy deployment's.
    pub(crate) latency: f64,
    /// Added to predictions.
    pub(crate) shift: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Requests that each endpoint with traffic gets in a minute.
    callers: Steps<f64>,
    planted: Vec<Planted>,
}

#[derive(Debug)]
struct Planted {
    fault: ServingFault,
    from: Timestamp,
    /// Since when it is mended; what it did before was measured.
    until: Option<Timestamp>,
}

impl Planted {
    fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

impl Load {
    pub(crate) fn set_callers(&mut self, now: Timestamp, per_minute: f64) {
        let usable = if per_minute.is_finite() {
            per_minute.max(0.0)
        } else {
            0.0
        };
        self.callers.set(now, usable);
    }

    pub(crate) fn callers(&self, at: Timestamp) -> f64 {
        self.callers.at(at).copied().unwrap_or(0.0)
    }

    pub(crate) fn plant(&mut self, now: Timestamp, fault: ServingFault) {
        let from = fault.since.map_or(now, |since| since.max(now));
        self.planted.push(Planted {
            fault,
            from,
            until: None,
        });
    }

    pub(crate) fn mend(&mut self, now: Timestamp) {
        for planted in &mut self.planted {
            planted.until.get_or_insert(now);
        }
        let forgotten = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        self.planted
            .retain(|planted| planted.until.is_none_or(|until| until > forgotten));
    }

    /// The faults that are not mended, also those whose time has not come.
    pub(crate) fn planted(&self) -> impl Iterator<Item = &ServingFault> {
        let left = self.planted.iter().filter(|p| p.until.is_none());
        left.map(|planted| &planted.fault)
    }

    /// How a deployment of this model answers requests that it gets for having this weight.
    pub(crate) fn health(&self, model: &str, weight: u32, at: Timestamp) -> Health {
        let faults = self.planted.iter().filter(|planted| planted.holds(at));
        let met = faults.filter(|planted| planted.fault.meets(model, weight));
        let well = Health {
            errors: 0.0,
            latency: 1.0,
            shift: 0.0,
        };
        met.fold(well, |health, Planted { fault, .. }| Health {
            errors: (health.errors + fault.usable_errors()).min(1.0),
            latency: health.latency * fault.usable_latency(),
            shift: health.shift + fault.usable_shift(),
        })
    }

    /// When anything changes.
    pub(super) fn moments(&self) -> impl Iterator<Item = Timestamp> {
        let faults = self.planted.iter();
        let faults = faults.flat_map(|planted| [Some(planted.from), planted.until]);
        self.callers.moments().chain(faults.flatten())
    }
}
