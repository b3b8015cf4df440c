//! Names of resources. ARM compares them without regard to case and gives them back as they were created.

/// Which workspace: the three names of its ARM id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceId {
    /// Subscription id.
    pub subscription: String,
    /// Resource group.
    pub group: String,
    /// Workspace name.
    pub name: String,
}

impl WorkspaceId {
    /// The three names as given.
    pub fn new(subscription: &str, group: &str, name: &str) -> Self {
        Self {
            subscription: subscription.into(),
            group: group.into(),
            name: name.into(),
        }
    }

    /// The full ARM id, which is also the topic of its events.
    pub fn arm_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
            self.subscription, self.group, self.name
        )
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.subscription.eq_ignore_ascii_case(&other.subscription)
            && self.group.eq_ignore_ascii_case(&other.group)
            && self.name.eq_ignore_ascii_case(&other.name)
    }

    /// Splits an ARM id into its workspace and the segments behind it.
    pub(crate) fn split(arm_id: &str) -> Option<(Self, Vec<&str>)> {
        let segments: Vec<&str> = arm_id.trim_start_matches('/').split('/').collect();
        let literals = [
            (0, "subscriptions"),
            (2, "resourceGroups"),
            (4, "providers"),
            (5, "Microsoft.MachineLearningServices"),
            (6, "workspaces"),
        ];
        let fits = literals.iter().all(|(at, word)| {
            segments
                .get(*at)
                .is_some_and(|s| s.eq_ignore_ascii_case(word))
        });
        let name = segments.get(7).filter(|_| fits)?;
        Some((
            Self::new(segments[1], segments[3], name),
            segments[8..].to_vec(),
        ))
    }
}

/// The key under which a name is kept, so that look-ups ignore case.
pub(crate) fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}
