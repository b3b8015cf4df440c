//! What a rollout brings a model to, and which steps that can do.
//!
//! **Invariant:** a step that a target cannot do is refused when the configuration is read, so nothing past it asks. A new
//! kind of target is a variant here, and the compiler asks which steps it can do.

use std::fmt;

use crate::batch::Serving;
use crate::route::{ComputeType, EndpointSpec, Step};

/// What a rollout brings a model to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// Azure ML runs its machines.
    ManagedOnlineEndpoint,
    /// It runs on an attached cluster.
    KubernetesOnlineEndpoint,
    /// It runs jobs, by its default deployment.
    BatchEndpoint,
}

impl TargetKind {
    /// Whether it can do this step.
    pub fn can(self, step: &Step) -> bool {
        match (self, step) {
            // That a cluster copies no requests is from memory of Microsoft's page on safe rollouts, not verified against one;
            // Azure's SDK too leaves `mirrorTraffic` out of what it reads of such an endpoint. Jobs of a batch endpoint come one
            // at a time, and each goes to the default deployment: of them there are no shares, no copies and no metrics.
            (Self::KubernetesOnlineEndpoint, Step::Mirror(_))
            | (
                Self::BatchEndpoint,
                Step::Mirror(_) | Step::Analysis(_) | Step::Bake(_) | Step::LoadTest(_),
            ) => false,
            (Self::BatchEndpoint, Step::SetWeight(weight)) => *weight == 100,
            (Self::ManagedOnlineEndpoint, Step::Mirror(_))
            | (Self::BatchEndpoint, Step::Pause(_) | Step::PauseUntilResumed)
            | (
                Self::ManagedOnlineEndpoint | Self::KubernetesOnlineEndpoint,
                Step::SetWeight(_)
                | Step::Pause(_)
                | Step::PauseUntilResumed
                | Step::Analysis(_)
                | Step::Bake(_)
                | Step::LoadTest(_),
            ) => true,
        }
    }
}

impl From<&EndpointSpec> for TargetKind {
    fn from(endpoint: &EndpointSpec) -> Self {
        match (endpoint.serving, endpoint.compute_type()) {
            (Serving::Batch, ComputeType::Managed | ComputeType::Kubernetes) => Self::BatchEndpoint,
            (Serving::Online, ComputeType::Managed) => Self::ManagedOnlineEndpoint,
            (Serving::Online, ComputeType::Kubernetes) => Self::KubernetesOnlineEndpoint,
        }
    }
}

impl fmt::Display for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ManagedOnlineEndpoint => "a managed online endpoint",
            Self::KubernetesOnlineEndpoint => "a Kubernetes online endpoint",
            Self::BatchEndpoint => "a batch endpoint",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load_test::LoadTest;
    use crate::requests::Requests;
    use crate::route::Seconds;

    #[test]
    fn a_cluster_copies_no_requests_and_can_all_else() {
        use TargetKind::{KubernetesOnlineEndpoint, ManagedOnlineEndpoint};
        assert!(ManagedOnlineEndpoint.can(&Step::Mirror(20)));
        assert!(!KubernetesOnlineEndpoint.can(&Step::Mirror(20)));
        for step in [
            Step::SetWeight(10),
            Step::Pause(Seconds(60)),
            Step::PauseUntilResumed,
            Step::Analysis(Vec::new()),
            Step::Bake(Seconds(60)),
            Step::LoadTest(LoadTest {
                requests: Requests::Given(vec![]),
                rate: 1,
                duration: Seconds(1),
                success_condition: String::new(),
            }),
        ] {
            assert!(ManagedOnlineEndpoint.can(&step), "{step:?}");
            assert!(KubernetesOnlineEndpoint.can(&step), "{step:?}");
        }
    }

    #[test]
    fn a_batch_endpoint_switches_at_once_and_may_wait() {
        let can = |step| TargetKind::BatchEndpoint.can(&step);
        assert!(can(Step::SetWeight(100)));
        assert!(can(Step::Pause(Seconds(60))));
        assert!(can(Step::PauseUntilResumed));
        for step in [
            Step::SetWeight(0),
            Step::SetWeight(99),
            Step::Mirror(20),
            Step::Analysis(Vec::new()),
            Step::Bake(Seconds(60)),
        ] {
            assert!(!can(step.clone()), "{step:?}");
        }
    }
}
