//! An auditor: one promotion as a file, out of the app's own storage, and all journals checked.

use promotion::{Chain, Digest};

use super::{Tester, Who, story};
use crate::setting::{HANDLER, IDENTITY_SECRET, WEBHOOK_SECRET, app_settings};

impl Tester {
    /// Runs `liftlock audit` with the app's settings, as on the platform, but for the host's port.
    pub(super) async fn audit(
        &self,
        folder: &std::path::Path,
        arguments: &[&str],
    ) -> std::process::Output {
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

/// The journal as a release that wrote this format would have written it: format 1 has no checksums and is chained by whole lines.
fn as_in_format(format: u32, name: &str, journal: &[u8]) -> String {
    let text = std::str::from_utf8(journal).unwrap();
    let mut prev = Chain::begin(name).head().to_string();
    let mut older = String::new();
    for line in text.lines() {
        let (body, _) = line.rsplit_once(",\"hash\":\"").unwrap();
        let at = body.find("\"prev\":\"").unwrap() + "\"prev\":\"".len();
        let (front, behind) = (&body[..at], &body[at + 64..]);
        let front = front.replacen("{\"format\":4,", &format!("{{\"format\":{format},"), 1);
        let body = [&front, prev.as_str(), behind].concat();
        let sealed = Digest::of(body.as_bytes()).to_string();
        let written = match format {
            1 => [&body, "}"].concat(),
            _ => [&body, ",\"hash\":\"", &sealed, "\"}"].concat(),
        };
        prev = match format {
            1 => Digest::of(written.as_bytes()).to_string(),
            _ => sealed,
        };
        older = [&older, written.as_str(), "\n"].concat();
    }
    older
}

async fn goes_on_from(format: u32) {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let older = as_in_format(format, id.as_str(), &t.journal(&id).unwrap());
        let (blobs, path) = (t.cloud.blobs(), format!("{id}.jsonl"));
        assert!(blobs.overwrite("stliftlock", "journals", &path, older.clone()));
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        let journal = String::from_utf8(t.journal(&id).unwrap().to_vec()).unwrap();
        let newer = journal.strip_prefix(&older).unwrap();
        assert!(newer.lines().count() > 10);
        assert!(newer.lines().all(|line| line.starts_with("{\"format\":4,")));
    })
    .await;
}

#[tokio::test]
async fn a_journal_of_an_earlier_release_goes_on() {
    goes_on_from(3).await;
    goes_on_from(2).await;
}

#[tokio::test]
async fn a_journal_without_checksums_goes_on() {
    goes_on_from(1).await;
}
