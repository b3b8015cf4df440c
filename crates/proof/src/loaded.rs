//! The changes of the story whose candidate is loaded before it has traffic.

use crate::setting::Changes;

/// A few requests, of which one may be lost: a call that is given up is an answer that never came. Nobody waits for their moments,
/// for time that nobody spends passes at once.
pub(crate) const LOADED: Changes = &[(
    "liftlock.yaml",
    "        - setWeight: 10
        - pause: { duration: 10m }
",
    "        - loadTest: { requests: requests/shadow.jsonl, rate: 2, duration: 3s, successCondition: errorRate < 0.5 }
",
)];
