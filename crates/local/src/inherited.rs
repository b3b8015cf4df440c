//! Settings of another app that this shell holds, as a demo's file puts them there. **Invariant:** no handler of a demo goes
//! by them: the host hands its own environment on, so the demo begins without them.

use anyhow::Context as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// How the names of an app's settings begin.
const BEGINNINGS: [&str; 6] = [
    "LIFTLOCK_",
    "IDENTITY_",
    "AZURE_",
    "ServiceBus__",
    "WEBSITE_",
    "TEAMS_WORKFLOW_URL",
];

/// Becomes the same program without them, where there are any.
pub fn leave_behind() -> anyhow::Result<()> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let strange: Vec<String> = names.filter(|name| is_setting(name)).collect();
    if strange.is_empty() {
        return Ok(());
    }
    let program = std::env::current_exe().context("this program's path cannot be read")?;
    let mut again = Command::new(program);
    again.args(std::env::args_os().skip(1));
    for name in &strange {
        again.env_remove(name);
    }
    // It only comes back where it failed.
    Err(again.exec()).context("this program cannot begin again without another app's settings")
}

fn is_setting(name: &str) -> bool {
    BEGINNINGS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::is_setting;
    use crate::world::environment;
    use cloud_sim::{Cloud, CloudOptions};

    #[tokio::test]
    async fn whatever_a_demo_sets_is_left_behind_by_the_next() {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let settings = environment(&cloud, 7071);
        let names = settings.keys().map(String::as_str);
        for name in names.chain(["LIFTLOCK_CONFIG"]) {
            assert!(is_setting(name), "{name}");
        }
        for name in ["PATH", "SEED", "CLOUD_SIM_RECORD", "HOME"] {
            assert!(!is_setting(name), "{name}");
        }
    }
}
