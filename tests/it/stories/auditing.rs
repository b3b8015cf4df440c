//! An auditor: one promotion as a file, out of the app's own storage, and all journals checked.

use super::{Tester, Who, story};
use crate::setting::{HANDLER, IDENTITY_SECRET, WEBHOOK_SECRET, app_settings};

impl Tester {
    /// Runs `liftlock audit` with the app's settings, as on the platform, but for the host's port.
    async fn audit(&self, folder: &std::path::Path, arguments: &[&str]) -> std::process::Output {
        let mut command = tokio::process::Command::new(HANDLER);
        command.arg("audit").args(arguments).current_dir(folder);
        command.env_clear().envs(app_settings(&self.cloud, 0));
        command.output().await.unwrap()
    }
}

#[tokio::test]
async fn one_promotion_is_handed_to_an_auditor() {
    story(async |t| {
        let (id, folder) = (t.asked().await, tempfile::tempdir().unwrap());
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        t.say_as(Who::Ada, &id, "roll-back", "it smells")
            .await
            .taken();
        t.wait_until(&id, "rolled back").await;
        let out = "p.audit.json";
        let done = t
            .audit(folder.path(), &["export", id.as_str(), "--out", out])
            .await;
        assert!(done.status.success(), "{done:?}");
        let text = std::fs::read_to_string(folder.path().join(out)).unwrap();
        for words in [
            "Ada Approver",
            "fine with me",
            "it smells",
            "51.7132",
            "rolled back",
        ] {
            assert!(text.contains(words), "{words}");
        }
        for secret in [
            IDENTITY_SECRET,
            WEBHOOK_SECRET,
            "Bearer ",
            "eyJ0eXAi",
            "sig=",
        ] {
            assert!(!text.contains(secret), "{secret}");
        }
        let name = folder.path().join(format!("{id}.jsonl"));
        std::fs::write(name, t.journal(&id).unwrap()).unwrap();
        let all = t.audit(folder.path(), &["verify", "--ended"]).await;
        assert!(all.status.success(), "{all:?}");
        let none = t
            .audit(folder.path(), &["export", "diabetes-9.to-prod-0123456789"])
            .await;
        let said = String::from_utf8_lossy(&none.stderr);
        assert!(
            none.status.code() == Some(2) && said.contains("there is no promotion"),
            "{said}"
        );
    })
    .await;
}
