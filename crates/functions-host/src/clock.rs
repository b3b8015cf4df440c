//! Business time: the system's, or that of a simulated cloud.
//!
//! Timers and the envelope's time stamps follow it; time-outs towards the handler are real time always. This is the
//! one file that reads the system's clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::http_client::LoopbackApi;

/// Often enough that a jump of the simulated clock is noticed within 200 ms.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const POLL_DEADLINE: Duration = Duration::from_secs(2);

/// Tells the business time, and waits for it.
#[derive(Debug, Clone)]
pub(crate) enum Clock {
    System,
    Simulated(watch::Receiver<Option<Reading>>),
}

/// What the simulated clock showed, and when we looked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    now: Timestamp,
    rate: f64,
    read_at: Instant,
}

#[derive(Debug, Deserialize)]
struct ClockAnswer {
    now: Timestamp,
    rate: f64,
}

impl Clock {
    /// Without a reading yet (the simulated cloud is still starting) this is the system's time.
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Simulated(readings) => readings
                .borrow()
                .map_or_else(Timestamp::now, Reading::extrapolate),
        }
    }

    /// Returns once the simulated time is known.
    pub(crate) async fn known(&mut self) {
        if let Self::Simulated(readings) = self {
            // An error says that the poller has ended, which it does only together with the host.
            let _ = readings.wait_for(Option::is_some).await;
        }
    }

    /// Returns once the business time is `due`.
    pub(crate) async fn wait_until(&mut self, due: Timestamp) {
        loop {
            let left = due.duration_since(self.now());
            if left <= SignedDuration::ZERO {
                return;
            }
            match self {
                Self::System => tokio::time::sleep(left.unsigned_abs()).await,
                Self::Simulated(readings) => {
                    let rate = readings
                        .borrow_and_update()
                        .map_or(1.0, |reading| reading.rate);
                    tokio::select! {
                        () = sleep_scaled(left.unsigned_abs(), rate) => {}
                        changed = readings.changed() => if changed.is_err() { std::future::pending::<()>().await },
                    }
                }
            }
        }
    }
}

async fn sleep_scaled(left: Duration, rate: f64) {
    // A stopped clock (rate 0) is woken by its next reading.
    let seconds = if rate > 0.0 {
        left.as_secs_f64() / rate
    } else {
        f64::MAX
    };
    let capped = Duration::try_from_secs_f64(seconds)
        .unwrap_or(Duration::MAX)
        .min(Duration::from_hours(1));
    tokio::time::sleep(capped.max(Duration::from_millis(1))).await;
}

impl Reading {
    fn extrapolate(self) -> Timestamp {
        let elapsed = self.read_at.elapsed().as_secs_f64() * self.rate;
        SignedDuration::try_from_secs_f64(elapsed)
            .ok()
            .and_then(|elapsed| self.now.checked_add(elapsed).ok())
            .unwrap_or(self.now)
    }
}

/// Follows a simulated clock until dropped. A clock that does not answer goes on at its last rate.
pub(crate) async fn poll(api: LoopbackApi, readings: watch::Sender<Option<Reading>>) {
    loop {
        if let Ok(answer) = api.get::<ClockAnswer>(POLL_DEADLINE).await {
            readings.send_replace(Some(Reading {
                now: answer.now,
                rate: answer.rate,
                read_at: Instant::now(),
            }));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
