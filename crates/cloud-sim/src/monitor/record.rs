//! What one endpoint served: its traffic over time, and the requests that it really answered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::steps::{KEPT, Steps};
use super::{Health, Load, StatusClass, Tally};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A deployment that has traffic.
#[derive(Debug)]
pub(crate) struct Share {
    /// In lower case, as endpoints keep their deployments.
    pub(crate) deployment: String,
    /// ARM id of the model version that it serves.
    pub(crate) model: String,
    pub(crate) weight: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Record {
    traffic: Steps<Vec<Share>>,
    /// By minute and deployment.
    answered: BTreeMap<(Timestamp, String), Tally>,
}

/// The beginning of the minute.
pub(crate) fn minute_of(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second().div_euclid(60) * 60).unwrap_or(at)
}

impl Record {
    /// From `at` on the traffic is split so.
    pub(crate) fn split(&mut self, at: Timestamp, shares: Vec<Share>) {
        self.traffic.set(at, shares);
    }

    /// A request was really answered.
    pub(crate) fn count(
        &mut self,
        at: Timestamp,
        deployment: &str,
        class: StatusClass,
        health: Health,
    ) {
        let slot = (minute_of(at), deployment.to_ascii_lowercase());
        let tally = self.answered.entry(slot).or_default();
        tally.add(class, 1.0, health.latency);
        let forgotten = at.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        self.answered = self.answered.split_off(&(forgotten, String::new()));
    }

    /// Whether the deployment had requests or traffic in the time that is remembered.
    pub(crate) fn knows(&self, deployment: &str) -> bool {
        let is = |name: &str| name.eq_ignore_ascii_case(deployment);
        let mut shares = self.traffic.values().flatten();
        shares.any(|share| is(&share.deployment)) || self.answered.keys().any(|(_, name)| is(name))
    }

    /// The requests of the minute that begins at `minute`, real and simulated, of one deployment or of all.
    pub(crate) fn minute(&self, minute: Timestamp, deployment: Option<&str>, load: &Load) -> Tally {
        let is_asked = |name: &str| deployment.is_none_or(|d| d.eq_ignore_ascii_case(name));
        let mut tally = Tally::default();
        let next = minute.checked_add(MINUTE).unwrap_or(Timestamp::MAX);
        let real = (minute, String::new())..(next, String::new());
        for ((_, name), answered) in self.answered.range(real) {
            if is_asked(name) {
                tally.merge(answered);
            }
        }
        let moments = self.moments(minute, next, load);
        for (from, to) in moments.iter().zip(moments.iter().skip(1)) {
            let minutes = to.duration_since(*from).as_secs_f64() / 60.0;
            let shares = self.traffic.at(*from).into_iter().flatten();
            for share in shares.filter(|share| is_asked(&share.deployment)) {
                let requests = load.callers(*from) * f64::from(share.weight) / 100.0 * minutes;
                let health = load.health(&share.model, share.weight, *from);
                let failed = requests * health.errors;
                tally.add(StatusClass::SERVER_ERROR, failed, health.latency);
                tally.add(StatusClass::OK, requests - failed, health.latency);
            }
        }
        tally
    }

    /// The minute cut where anything changes in it: both its ends, and what lies between.
    fn moments(&self, minute: Timestamp, next: Timestamp, load: &Load) -> Vec<Timestamp> {
        let changes = self.traffic.moments().chain(load.moments());
        let mut moments: Vec<Timestamp> = changes
            .filter(|at| minute < *at && *at < next)
            .chain([minute, next])
            .collect();
        moments.sort_unstable();
        moments
    }
}
