//! One timer: it fires when the business time reaches its schedule, one invocation at a time.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::schedule::Schedule;
use crate::app::TimerFunction;
use crate::clock::Clock;
use crate::invocation::{Envelope, Invoker, Metadata, date_time_precise};
use crate::platform::{PlatformState, TimerStatus};
use crate::stopping::Stopping;

/// .NET's `default(DateTime)`: what a timer that never ran shows as its last run.
const NEVER: &str = "0001-01-01T00:00:00";

/// Fires one timer function.
#[derive(Debug)]
pub(crate) struct TimerListener {
    pub(crate) name: String,
    pub(crate) function: TimerFunction,
    pub(crate) invoker: Invoker,
    pub(crate) clock: Clock,
    pub(crate) platform: PlatformState,
}

/// Why a timer fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    Due,
    /// An occurrence passed while no host ran.
    PastDue,
    /// `runOnStartup`, whatever the schedule says.
    Startup,
}

impl TimerListener {
    /// Runs until told to stop; an invocation that has begun is waited for.
    pub(crate) async fn run(mut self, mut stopping: Stopping) {
        tokio::select! {
            () = stopping.requested() => return,
            () = self.clock.known() => {}
        }
        let Some(mut status) = self.first_status() else {
            return;
        };
        self.catch_up(&mut status).await;
        loop {
            tokio::select! {
                () = stopping.requested() => return,
                () = self.clock.wait_until(status.next) => {}
            }
            if self.fire(&mut status, Occasion::Due).await.is_none() {
                return;
            }
        }
    }

    fn first_status(&self) -> Option<TimerStatus> {
        let next = self.schedule().next_after(self.clock.now())?;
        let kept = self
            .is_monitored()
            .then(|| self.platform.timer(&self.name))
            .flatten();
        let status = kept.unwrap_or(TimerStatus { last: None, next });
        self.keep(status);
        Some(status)
    }

    /// Checked once, when the listener starts: a missed occurrence, or `runOnStartup`.
    async fn catch_up(&self, status: &mut TimerStatus) {
        let is_past_due = self.clock.now() > status.next;
        if is_past_due {
            self.fire(status, Occasion::PastDue).await;
        } else if self.function.run_on_startup {
            self.fire(status, Occasion::Startup).await;
        }
    }

    /// None when the schedule has no further occurrence. A failure does not stop the schedule.
    async fn fire(&self, status: &mut TimerStatus, occasion: Occasion) -> Option<()> {
        let started = self.clock.now();
        let data = self.timer_info(*status, occasion, started);
        let metadata = Metadata::default().object("TimerTrigger", &data);
        let envelope = Envelope::new(&self.function.binding, &data, metadata, &self.name, started);
        // The invoker has logged it; the next occurrence is not the answer's to decide.
        let _ = self.invoker.invoke(&self.name, &envelope).await;
        let next = self.schedule().next_after(self.served(*status, occasion))?;
        *status = TimerStatus {
            last: Some(started),
            next,
        };
        self.keep(*status);
        Some(())
    }

    /// Until when the schedule is served. A simulated clock may show a little less than it did when the timer fired: the
    /// occurrence must not come twice.
    fn served(&self, status: TimerStatus, occasion: Occasion) -> Timestamp {
        match occasion {
            Occasion::Due | Occasion::PastDue => self.clock.now().max(status.next),
            Occasion::Startup => self.clock.now(),
        }
    }

    fn timer_info(&self, status: TimerStatus, occasion: Occasion, now: Timestamp) -> Value {
        let last = status
            .last
            .map_or_else(|| NEVER.to_owned(), date_time_precise);
        let schedule_status = self.is_monitored().then(|| {
            json!({ "Last": last, "Next": date_time_precise(status.next.min(now)), "LastUpdated": last })
        });
        json!({
            "Schedule": { "AdjustForDST": true },
            "ScheduleStatus": schedule_status,
            "IsPastDue": occasion == Occasion::PastDue,
        })
    }

    fn keep(&self, status: TimerStatus) {
        if self.is_monitored() {
            self.platform.set_timer(&self.name, status);
        }
    }

    fn is_monitored(&self) -> bool {
        self.function.use_monitor && !self.schedule().is_too_frequent_to_monitor(self.clock.now())
    }

    fn schedule(&self) -> &Schedule {
        &self.function.schedule
    }
}
