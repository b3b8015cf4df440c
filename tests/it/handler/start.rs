//! Starting: what is missing is said in a sentence, and the exit code is never 0.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};

use cloud_sim::{Cloud, Identity};

use super::process::{Ended, environment, refusal};
use crate::setting::{cloud_options, example, free_port};

/// The usual settings, changed.
async fn refused(change: impl FnOnce(&mut BTreeMap<String, String>)) -> Ended {
    let cloud = Cloud::start(cloud_options()).await.unwrap();
    let mut settings = environment(&cloud, free_port());
    change(&mut settings);
    let ended = refusal(&settings).await;
    assert!(!ended.status.success(), "{}", ended.said);
    assert!(!ended.said.contains("panicked"), "{}", ended.said);
    ended
}

fn set(settings: &mut BTreeMap<String, String>, name: &str, value: &str) {
    settings.insert(name.to_owned(), value.to_owned());
}

#[tokio::test]
async fn a_missing_setting_is_named_with_what_to_do() {
    for (name, remedy) in [
        ("FUNCTIONS_CUSTOMHANDLER_PORT", "liftlock --help"),
        ("LIFTLOCK_STORAGE_URL", "is not set"),
        (
            "LIFTLOCK_SERVICEBUS_URL",
            "ServiceBus__fullyQualifiedNamespace",
        ),
        ("LIFTLOCK_PUBLIC_URL", "address"),
        ("TEAMS_WORKFLOW_URL", "TEAMS_WORKFLOW_URL"),
    ] {
        let ended = refused(|settings| drop(settings.remove(name))).await;
        assert!(ended.said.contains(remedy), "{name}: {}", ended.said);
    }
}

#[tokio::test]
async fn a_missing_configuration_is_named() {
    let ended =
        refused(|settings| set(settings, "LIFTLOCK_CONFIG", "not-there/liftlock.yaml")).await;
    assert!(
        ended.said.contains("not-there/liftlock.yaml"),
        "{}",
        ended.said
    );
}

#[tokio::test]
async fn a_wrong_configuration_is_shown_with_line_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("liftlock.yaml");
    std::fs::write(&file, "version: 1\nstags: {}\n").unwrap();
    let path = file.display().to_string();
    let ended = refused(|settings| set(settings, "LIFTLOCK_CONFIG", &path)).await;
    assert!(ended.said.contains("liftlock.yaml:2"), "{}", ended.said);
    assert!(ended.said.contains("`stages`"), "{}", ended.said);
}

#[tokio::test]
async fn a_retired_connector_is_refused_at_the_start() {
    let url = "https://contoso.webhook.office.com/webhookb2/hush";
    let ended = refused(|settings| set(settings, "TEAMS_WORKFLOW_URL", url)).await;
    let sentence = "is an Office 365 connector, which Microsoft has retired";
    assert!(ended.said.contains(sentence), "{}", ended.said);
    assert!(!ended.said.contains("hush"), "{}", ended.said);
}

#[tokio::test]
async fn a_bot_that_posts_and_is_not_listened_to_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(example()).unwrap() {
        let entry = entry.unwrap();
        std::os::unix::fs::symlink(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let file = folder.path().join("liftlock.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let bot = format!(
        "bot: {{ channel: '{}', appId: 00000000-0000-4000-8000-0000000000bb, tenant: {} }}",
        Cloud::TEAMS_CHANNEL,
        Identity::TENANT_ID
    );
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, text.replace("workflow: ${TEAMS_WORKFLOW_URL}", &bot)).unwrap();
    let path = file.display().to_string();
    let ended = refused(|settings| set(settings, "LIFTLOCK_CONFIG", &path)).await;
    assert!(
        ended.said.contains("LIFTLOCK_BOT_APP_ID") && ended.said.contains("teams.bot.appId"),
        "{}",
        ended.said
    );
}

#[tokio::test]
async fn a_taken_port_is_said() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = refused(|settings| set(settings, "FUNCTIONS_CUSTOMHANDLER_PORT", &port)).await;
    assert!(ended.said.contains(&port), "{}", ended.said);
}

#[tokio::test]
async fn simulated_time_is_refused_on_the_platform_and_from_elsewhere() {
    let ended = refused(|settings| set(settings, "WEBSITE_INSTANCE_ID", "abc")).await;
    assert!(
        ended.said.contains("LIFTLOCK_CLOCK_URL") && ended.said.contains("remove it"),
        "{}",
        ended.said
    );
    for elsewhere in [
        "http://10.0.0.1/clock",
        "http://localhost/clock",
        "http://127.0.0.1.evil.example/clock",
        "no url",
    ] {
        let ended = refused(|settings| set(settings, "LIFTLOCK_CLOCK_URL", elsewhere)).await;
        assert!(
            ended.said.contains("LIFTLOCK_CLOCK_URL"),
            "{elsewhere}: {}",
            ended.said
        );
    }
}
