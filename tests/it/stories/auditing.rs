//! An auditor: one promotion as a file, out of the app's own storage, and all journals checked.

use promotion::{Chain, Digest};

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

/// The journal as the release before would have written it: without checksums, chained by whole lines.
fn as_the_release_before(name: &str, journal: &[u8]) -> String {
    let text = std::str::from_utf8(journal).unwrap();
    let mut prev = Chain::begin(name).head().to_string();
    let mut older = String::new();
    for line in text.lines() {
        let (body, _) = line.rsplit_once(",\"hash\":\"").unwrap();
        let at = body.find("\"prev\":\"").unwrap() + "\"prev\":\"".len();
        let (front, behind) = (&body[..at], &body[at + 64..]);
        let front = front.replacen("{\"format\":2,", "{\"format\":1,", 1);
        let written = [&front, prev.as_str(), behind, "}"].concat();
        prev = Digest::of(written.as_bytes()).to_string();
        older = [&older, written.as_str(), "\n"].concat();
    }
    older
}

#[tokio::test]
async fn a_journal_of_the_release_before_goes_on() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let older = as_the_release_before(id.as_str(), &t.journal(&id).unwrap());
        let (blobs, path) = (t.cloud.blobs(), format!("{id}.jsonl"));
        assert!(blobs.overwrite("stliftlock", "journals", &path, older.clone()));
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        let journal = String::from_utf8(t.journal(&id).unwrap().to_vec()).unwrap();
        let newer = journal.strip_prefix(&older).unwrap();
        assert!(newer.lines().count() > 10);
        assert!(newer.lines().all(|line| line.starts_with("{\"format\":2,")));
    })
    .await;
}
