//! Business time: moved on to whatever is due next as soon as nothing is left to do now.

use std::time::{Duration, Instant};

use cloud_sim::DeliveryState;
use jiff::{SignedDuration, Timestamp};
use promotion::{Aggregate as _, PromotionId};

use super::Tester;

/// How long anything may take in real time: longer than the handler waits for a call that hangs.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(4);

/// The host looks at the simulated clock ten times a second.
const HOST_LOOKS: Duration = Duration::from_millis(130);

impl Tester {
    /// Business time passes, without anybody waiting for it.
    pub(super) async fn advance_clock(&self, by: SignedDuration) {
        self.quiet().await;
        self.cloud.clock().advance(by.unsigned_abs());
        tokio::time::sleep(HOST_LOOKS).await;
        self.quiet().await;
    }

    /// Until the promotion is in this stage; an ended one is named after its end.
    pub(super) async fn wait_until(&self, id: &PromotionId, stage: &str) {
        let started = Instant::now();
        loop {
            self.quiet().await;
            // Read before the stage: what was due then may be behind us, never ahead of what the stage waits for.
            let due = self.next_due();
            let promotion = self.promotion(id);
            let now = promotion.stage().name();
            if now == stage {
                return;
            }
            let lost = promotion.is_closed() || started.elapsed() > PATIENCE;
            assert!(!lost, "{id} is {now}, not {stage}: {}", self.account_of(id));
            if let Some(due) = due.filter(|_| self.is_quiet()) {
                self.reach(due).await;
            }
        }
    }

    /// Until it is so. Whatever Event Grid could not deliver comes again meanwhile.
    pub(super) async fn until(&self, what: &str, so: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while !so().await {
            assert!(
                started.elapsed() < PATIENCE,
                "never: {what}; {:?}",
                self.last_lines()
            );
            if self.is_quiet() {
                self.cloud.clock().advance(Duration::from_secs(5));
                tokio::time::sleep(LOOK).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn reach(&self, due: Timestamp) {
        let left = due - self.cloud.clock().now();
        let left = SignedDuration::try_from(left).unwrap();
        if left.is_positive() {
            let second = Duration::from_secs(1);
            self.cloud.clock().advance(left.unsigned_abs() + second);
        } else {
            // Overdue, and nobody was woken: the sweep's turn.
            self.cloud.clock().advance(Duration::from_mins(1));
            tokio::time::sleep(HOST_LOOKS).await;
        }
        tokio::time::sleep(LOOK).await;
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.dues().into_iter().min()
    }

    /// Nothing is on its way, and was not a moment before.
    pub(super) async fn quiet(&self) {
        let (started, mut seen) = (Instant::now(), 0);
        while seen < 3 {
            seen = if self.is_quiet() { seen + 1 } else { 0 };
            assert!(
                started.elapsed() < PATIENCE,
                "never quiet: {:?}",
                self.last_lines()
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    fn is_quiet(&self) -> bool {
        let queue = self.cloud.queues().view(self.queue).unwrap();
        let deliveries = self.cloud.deliveries();
        // A refused event comes again after a while of business time.
        let coming = deliveries
            .iter()
            .any(|d| d.state == DeliveryState::Pending && d.attempts.is_empty());
        queue.active == 0 && queue.locked == 0 && !coming
    }

    /// For whoever reads why a story ended badly.
    fn account_of(&self, id: &PromotionId) -> String {
        format!("{}\n{}", self.why(id), self.last_lines().join("\n"))
    }

    pub(super) fn last_lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().rev().take(25).rev().cloned().collect()
    }
}
