//! What stories change in the example's configuration to be measured, or to wait for a person.

use crate::setting::{Change, Changes};

/// The metric that watched stories have.
const TEMPLATES: Change = (
    "liftlock.yaml",
    "teams:
",
    "analysisTemplates:
  - name: error-rate
    provider: { azureMonitor: { metric: RequestsPerMinute, ratioOf: { statusCodeClass: 5xx } } }
    successCondition: result < 0.01
    interval: 60s
    minSamples: 100
teams:
",
);

/// Measured once as a step, and beside the steps.
pub(crate) const WATCHED: Changes = &[
    (
        "liftlock.yaml",
        "        - pause: { duration: 10m }
        - setWeight: 100
",
        "        - analysis: { templates: [error-rate], count: 1 }
        - setWeight: 100
      analysis: { templates: [error-rate] }
",
    ),
    TEMPLATES,
];

/// Measured beside the steps only: where nobody can tell there is one question.
pub(crate) const BESIDE: Changes = &[
    (
        "liftlock.yaml",
        "        - setWeight: 100
",
        "        - setWeight: 100
      analysis: { templates: [error-rate] }
",
    ),
    TEMPLATES,
];

/// Requests are copied, and answers compared, before there is any traffic.
pub(crate) const SHADOWED: Changes = &[
    (
        "liftlock.yaml",
        "        - setWeight: 10
        - pause: { duration: 10m }
",
        "        - mirror: 20
        - analysis: { templates: [same-distribution] }
",
    ),
    (
        "liftlock.yaml",
        "teams:
",
        "analysisTemplates:
  - name: same-distribution
    provider: { predictions: { requests: requests/shadow.jsonl, compare: stabilityIndex } }
    successCondition: result < 0.25
teams:
",
    ),
];

/// Whoever resumes it ends the pause, and what somebody else has changed is set right.
pub(crate) const RESTORED: Changes = &[
    (
        "liftlock.yaml",
        "        - pause: { duration: 10m }\n",
        "        - pause: {}\n",
    ),
    (
        "liftlock.yaml",
        "      keepPrevious: 24h\n",
        "      keepPrevious: 24h\n      onDrift: restore\n",
    ),
];
