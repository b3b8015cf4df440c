//! The cloud's time: it can run faster than the wall clock and jump ahead, never back.
//!
//! Invariant: `now` never decreases, and whoever sleeps until a moment is woken when a jump or a new rate reaches it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::world::World;

/// The longest single wait; a sleeper looks again after it.
const LONGEST_NAP: Duration = Duration::from_hours(1);

/// A clock that all planes share; clones show the same time.
#[derive(Debug, Clone)]
pub struct SimClock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dial: Mutex<Dial>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Dial {
    set_at: Instant,
    shown: Timestamp,
    rate: f64,
}

impl SimClock {
    /// Starts at `start` and runs `rate` seconds per real second.
    pub fn new(start: Timestamp, rate: f64) -> Self {
        let dial = Dial {
            set_at: Instant::now(),
            shown: start,
            rate: usable(rate),
        };
        let shared = Shared {
            dial: Mutex::new(dial),
            changed: watch::Sender::new(()),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.dial().now()
    }

    /// Seconds of this clock per real second.
    pub fn rate(&self) -> f64 {
        self.dial().rate
    }

    /// Jumps ahead.
    pub fn advance(&self, by: Duration) {
        let mut dial = self.dial();
        dial.turn();
        dial.shown = later(dial.shown, by.as_secs_f64());
        drop(dial);
        self.shared.changed.send_replace(());
    }

    /// Changes the speed from now on; 0 stops the clock, a negative or unreal rate counts as 0.
    pub fn set_rate(&self, rate: f64) {
        let mut dial = self.dial();
        dial.turn();
        dial.rate = usable(rate);
        drop(dial);
        self.shared.changed.send_replace(());
    }

    /// Waits until this clock shows `moment`.
    pub async fn sleep_until(&self, moment: Timestamp) {
        let mut changes = self.shared.changed.subscribe();
        loop {
            changes.mark_unchanged();
            let Some(nap) = self.real_time_until(moment) else {
                return;
            };
            tokio::select! {
                () = tokio::time::sleep(nap) => {}
                // The sender lives in `self`.
                _ = changes.changed() => {}
            }
        }
    }

    fn real_time_until(&self, moment: Timestamp) -> Option<Duration> {
        let dial = self.dial();
        let left = moment.duration_since(dial.now());
        if !left.is_positive() {
            return None;
        }
        let real =
            Duration::try_from_secs_f64(left.as_secs_f64() / dial.rate).unwrap_or(LONGEST_NAP);
        // Timers tick in milliseconds: a shorter nap would spin.
        Some(real.clamp(Duration::from_millis(1), LONGEST_NAP))
    }

    fn dial(&self) -> MutexGuard<'_, Dial> {
        self.shared
            .dial
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dial {
    fn now(&self) -> Timestamp {
        later(self.shown, self.set_at.elapsed().as_secs_f64() * self.rate)
    }

    fn turn(&mut self) {
        self.shown = self.now();
        self.set_at = Instant::now();
    }
}

/// The real time: expiry of tokens and locks is checked against it, since clients measure them so.
pub(crate) fn wall_now() -> Timestamp {
    Timestamp::now()
}

/// `GET /clock`, `POST /clock/advance`, `POST /clock/rate`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(show))
        .route("/advance", post(advance))
        .route("/rate", post(rate))
}

#[derive(Serialize)]
struct Face {
    now: String,
    rate: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    rate: f64,
}

async fn show(State(world): State<Arc<World>>) -> Json<Face> {
    Json(face(&world.clock))
}

async fn advance(State(world): State<Arc<World>>, Json(wish): Json<Advance>) -> Response {
    let Ok(by) = Duration::try_from_secs_f64(wish.seconds) else {
        return (StatusCode::BAD_REQUEST, "the clock only goes forward\n").into_response();
    };
    world.clock.advance(by);
    Json(face(&world.clock)).into_response()
}

async fn rate(State(world): State<Arc<World>>, Json(wish): Json<Rate>) -> Json<Face> {
    world.clock.set_rate(wish.rate);
    Json(face(&world.clock))
}

fn face(clock: &SimClock) -> Face {
    Face {
        now: format!("{:.3}", clock.now()),
        rate: clock.rate(),
    }
}

fn usable(rate: f64) -> f64 {
    if rate.is_finite() { rate.max(0.0) } else { 0.0 }
}

fn later(moment: Timestamp, seconds: f64) -> Timestamp {
    SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|by| moment.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}
