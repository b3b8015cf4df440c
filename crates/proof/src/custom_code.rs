//! The story of a deployment that brings code and environment along: both are registered once, whatever happens.

use crate::story::{APPROVE, REGISTER, Story};

pub(crate) const STORY: Story = Story {
    name: "custom-code",
    changes: &[(
        "liftlock.yaml",
        "endpoints/deployment.yml",
        "endpoints/custom-deployment.yml",
    )],
    acts: &[REGISTER, APPROVE],
    ending: Some("finished"),
};
