//! How much is measured.

/// The variable that asks for little.
const QUICK: &str = "BENCH_QUICK";

/// How much of each; what is not named is the same in all runs.
#[derive(Debug, Clone)]
pub struct Sizes {
    /// Events for each number of calls at once.
    pub(super) events: usize,
    /// Events in the burst.
    pub(super) burst: usize,
    /// Promotions at once, each to an endpoint of its own.
    pub(super) promotions: usize,
    /// Open promotions in a sweep.
    pub(super) open: Vec<usize>,
    /// Closed ones beside the fewest open ones.
    pub(super) closed: usize,
}

impl Sizes {
    /// What the published table shows: some minutes.
    pub fn full() -> Self {
        Self {
            events: 2000,
            burst: 1000,
            promotions: 200,
            open: vec![10, 100, 1000, 10_000],
            closed: 100_000,
        }
    }

    /// Whether everything works: some seconds.
    pub fn quick() -> Self {
        Self {
            events: 40,
            burst: 50,
            promotions: 4,
            open: vec![10, 100],
            closed: 1000,
        }
    }

    /// As the environment asks for.
    pub fn asked_for() -> Self {
        match std::env::var_os(QUICK) {
            Some(quick) if !quick.is_empty() => Self::quick(),
            _ => Self::full(),
        }
    }
}
