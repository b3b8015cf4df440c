//! Time. Business time (expiry, pauses, deadlines) is the system's, or the simulated cloud's where that is sped up;
//! time-outs of sockets and of forms are always real.
//!
//! The only file that reads a clock or draws a random id.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use url::Url;

/// How old a reading of a simulated clock may be. Such a clock may jump, and the message that comes with the new time must
/// not meet the old one: it would be taken for early, and its journal left to the sweep.
const FRESH: Duration = Duration::from_millis(5);

/// Where business time comes from.
pub struct Clock {
    source: Source,
}

enum Source {
    System,
    /// Whatever the same process says.
    Given(Box<dyn Fn() -> Timestamp + Send + Sync>),
    Simulated {
        url: Url,
        http: reqwest::Client,
        last: Mutex<Option<Reading>>,
    },
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    now: Timestamp,
    rate: f64,
    taken: Instant,
}

#[derive(Deserialize)]
struct Wire {
    now: Timestamp,
    rate: f64,
}

impl Clock {
    /// The system's clock, or the simulated cloud's.
    pub fn new(url: Option<Url>) -> Self {
        let source = match url {
            None => Source::System,
            Some(url) => Source::Simulated {
                url,
                http: reqwest::Client::new(),
                last: Mutex::new(None),
            },
        };
        Self { source }
    }

    /// A clock of the same process, for many simulated worlds side by side.
    pub fn given(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            source: Source::Given(Box::new(read)),
        }
    }

    /// Business time now. A simulated clock is asked again after a few milliseconds and extrapolated in between.
    pub async fn now(&self) -> Timestamp {
        let (url, http, last) = match &self.source {
            Source::System => return wall_now(),
            Source::Given(read) => return read(),
            Source::Simulated { url, http, last } => (url, http, last),
        };
        let known = *last
            .lock()
            .expect("no code panics while it holds this lock");
        if let Some(reading) = known.filter(|reading| reading.taken.elapsed() < FRESH) {
            return reading.now_at(Instant::now());
        }
        match ask(http, url).await {
            Some(reading) => {
                *last
                    .lock()
                    .expect("no code panics while it holds this lock") = Some(reading);
                reading.now
            }
            None => known.map_or_else(wall_now, |reading| reading.now_at(Instant::now())),
        }
    }
}

impl Reading {
    fn now_at(self, instant: Instant) -> Timestamp {
        let real = instant.saturating_duration_since(self.taken);
        let passed =
            SignedDuration::try_from(real.mul_f64(self.rate.clamp(0.0, 1e6))).unwrap_or_default();
        self.now.checked_add(passed).unwrap_or(self.now)
    }
}

async fn ask(http: &reqwest::Client, url: &Url) -> Option<Reading> {
    let answer = http
        .get(url.clone())
        .timeout(Duration::from_secs(2))
        .send()
        .await
        .ok()?;
    let wire: Wire = answer.json().await.ok()?;
    Some(Reading {
        now: wire.now,
        rate: wire.rate,
        taken: Instant::now(),
    })
}

/// The system's time, for what is about real clocks: forms that a person holds open, tokens.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the file that reads the clock"
)]
pub fn wall_now() -> Timestamp {
    Timestamp::now()
}

/// A random time no longer than this, so that those who have met do not meet again.
#[expect(clippy::disallowed_methods, reason = "this is the file that draws ids")]
pub fn up_to(longest: Duration) -> Duration {
    let (drawn, _) = uuid::Uuid::new_v4().as_u64_pair();
    let share = u32::try_from(drawn >> 40).unwrap_or_default();
    longest.mul_f64(f64::from(share) / f64::from(1 << 24))
}

/// A random text that nobody else draws.
#[expect(clippy::disallowed_methods, reason = "this is the file that draws ids")]
pub fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
