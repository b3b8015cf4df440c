//! `teams`: a workflow of each kind, or a bot.

use azure_api::{Envelope, FlowAudience, WebhookAuth};

use super::sample::{BOT, Sample, with_bot};
use crate::config::{CheckOutcome, TeamsChannel};

const WORKFLOW: &str = "  workflow: ${TEAMS_WORKFLOW_URL}\n";

fn with(teams: &str) -> Sample {
    Sample::full().changed(WORKFLOW, teams)
}

fn reports(all: &[String]) -> String {
    let report = |teams: &String| {
        let problems = with(teams).problems();
        problems.trim_end_matches("1 problem").to_owned()
    };
    all.iter().map(report).collect()
}

#[test]
fn a_workflow_is_wrapped_and_signed_unless_told() {
    let told = |more: &str| {
        let config = with(&format!("{WORKFLOW}{more}")).check().unwrap();
        let TeamsChannel::Workflow { envelope, auth, .. } = config.teams else {
            panic!("{:?}", config.teams)
        };
        (envelope, auth)
    };
    assert_eq!(told(""), (Envelope::Wrapped, WebhookAuth::Signature));
    assert_eq!(
        told("  envelope: bare\n  workflowAuth: entra\n"),
        (Envelope::Bare, WebhookAuth::Entra(FlowAudience::Public))
    );
    assert_eq!(
        told("  workflowAuth: entra\n  workflowAudience: https://gov.service.flow.microsoft.us/\n"),
        (Envelope::Wrapped, WebhookAuth::Entra(FlowAudience::Gcc))
    );
}

#[test]
fn a_bot_is_a_channel_an_app_and_a_tenant() {
    let config = Sample::full().with("liftlock.yaml", &with_bot());
    let TeamsChannel::Bot(bot) = config.check().unwrap().teams else {
        panic!("no bot")
    };
    assert_eq!(bot.channel, "19:promotions@thread.tacv2");
    assert_eq!(bot.app_id, "00000000-0000-4000-8000-0000000000b0");
    assert_eq!(
        bot.service_url.as_str(),
        "https://smba.infra.gcc.teams.microsoft.com/teams"
    );
    let (without, _) = BOT.split_once("    serviceUrl").unwrap();
    let TeamsChannel::Bot(bot) = with(without).check().unwrap().teams else {
        panic!("no bot")
    };
    assert_eq!(
        bot.service_url.as_str(),
        "https://smba.trafficmanager.net/teams/"
    );
}

#[test]
fn what_is_escalated_is_told_in_another_channel() {
    let same = BOT.replace("19:heads@thread.tacv2", "19:promotions@thread.tacv2");
    let reports = reports(&[
        format!("{WORKFLOW}  escalationWorkflow: ${{TEAMS_WORKFLOW_URL}}\n"),
        same,
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:10: teams.escalationWorkflow: is the same as `workflow`: that channel is told already
        help: write another channel's workflow, or remove it
    liftlock.yaml:11: teams.bot.escalationChannel: is the same as `channel`: that one is told already
        help: write another channel's id, or remove it
    ");
    let other = format!("{WORKFLOW}  escalationWorkflow: ${{TEAMS_HEADS_URL}}\n");
    assert!(with(&other).check().is_ok());
    // Also where nobody knows what the variable holds.
    let same = with(&format!(
        "{WORKFLOW}  escalationWorkflow: ${{TEAMS_WORKFLOW_URL}}\n"
    ));
    let checked = same.checked_without_environment();
    assert_eq!(checked.outcome, CheckOutcome::Refused, "{}", checked.text);
}

#[test]
fn one_way_to_the_channel() {
    let reports = reports(&[
        format!("{WORKFLOW}{BOT}"),
        "  {}\n".to_owned(),
        format!("{BOT}  envelope: bare\n"),
        format!("{BOT}  workflowAuth: entra\n"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:10: teams.bot: holds a second way to the channel beside `workflow`
        help: remove one of them: each card goes to the channel once
    liftlock.yaml:9: teams: neither `workflow` nor `bot` is there
        help: add `workflow: ${TEAMS_WORKFLOW_URL}`, or `bot` with its `channel`, `appId` and `tenant`
    liftlock.yaml:15: teams.envelope: is about a workflow, and cards go by the bot
        help: remove it
    liftlock.yaml:15: teams.workflowAuth: is about a workflow, and cards go by the bot
        help: remove it
    ");
}

#[test]
fn what_is_wrong_with_a_workflow() {
    let reports = reports(&[
        format!("{WORKFLOW}  envelope: wrapper\n"),
        format!("{WORKFLOW}  workflowAuth: token\n"),
        format!(
            "{WORKFLOW}  workflowAuth: entra\n  workflowAudience: https://service.flow.microsoft.com\n"
        ),
        format!("{WORKFLOW}  workflowAudience: https://service.flow.microsoft.com/\n"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:10: teams.envelope: `wrapper` is not known here
        help: did you mean `wrapped`?
    liftlock.yaml:10: teams.workflowAuth: `token` is not known here
        help: write one of `signature`, `entra`
    liftlock.yaml:11: teams.workflowAudience: `https://service.flow.microsoft.com` is no audience of Power Automate
        help: write one of `https://service.flow.microsoft.com/`, `https://gov.service.flow.microsoft.us/`, `https://high.service.flow.microsoft.us/`, `https://service.flow.appsplatform.us/`, `https://service.powerautomate.cn/`, with the slash at its end
    liftlock.yaml:10: teams.workflowAudience: is for a token, and none is sent
        help: add `workflowAuth: entra`, or remove this line
    ");
}

#[test]
fn what_is_wrong_with_a_bot() {
    let bot = |old: &str, new: &str| {
        assert!(BOT.contains(old), "{old}");
        BOT.replace(old, new)
    };
    let channel = |new: &str| bot("19:promotions@thread.tacv2", new);
    let service = |new: &str| bot("https://smba.infra.gcc.teams.microsoft.com/teams", new);
    let reports = reports(&[
        channel("https://teams.microsoft.com/l/channel/19%3aabc%40thread.tacv2/General"),
        channel("19%3aabc%40thread.tacv2"),
        channel("19:abc@thread.v2"),
        channel("19:abc@thread.tacv2;messageid=1"),
        channel("promotions"),
        bot("${BOT_APP_ID}", "liftlock-bot"),
        bot("${BOT_APP_ID}", "${NO_APP_ID}"),
        bot("00000000-0000-4000-8000-0000000000f0", "contoso.com"),
        service("https://smba.trafficmanager.net.evil.example/teams/"),
        service("http://smba.trafficmanager.net/teams/"),
        service("https://smba.trafficmanager.net/teams/?to=evil"),
        bot("    appId: ${BOT_APP_ID}\n", ""),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:10: teams.bot.channel: `https://teams.microsoft.com/l/channel/19%3aabc%40thread.tacv2/General` is the channel's link, not its id
        help: write the id that stands in the channel's link (… > Get link to channel) after `/channel/`: `19:…@thread.tacv2`; choose a standard channel, for into private ones a bot may be unable to post
    liftlock.yaml:10: teams.bot.channel: `19%3aabc%40thread.tacv2` is written as in a link: `%3A` stands for `:` there, and `%40` for `@`
        help: write the id that stands in the channel's link (… > Get link to channel) after `/channel/`: `19:…@thread.tacv2`; choose a standard channel, for into private ones a bot may be unable to post
    liftlock.yaml:10: teams.bot.channel: `19:abc@thread.v2` is the id of a chat, not of a channel
        help: write the id that stands in the channel's link (… > Get link to channel) after `/channel/`: `19:…@thread.tacv2`; choose a standard channel, for into private ones a bot may be unable to post
    liftlock.yaml:10: teams.bot.channel: `19:abc@thread.tacv2;messageid=1` is the id of a thread, not of a channel
        help: write the id that stands in the channel's link (… > Get link to channel) after `/channel/`: `19:…@thread.tacv2`; choose a standard channel, for into private ones a bot may be unable to post
    liftlock.yaml:10: teams.bot.channel: `promotions` is no id of a channel
        help: write the id that stands in the channel's link (… > Get link to channel) after `/channel/`: `19:…@thread.tacv2`; choose a standard channel, for into private ones a bot may be unable to post
    liftlock.yaml:12: teams.bot.appId: `liftlock-bot` is no id like `00000000-0000-0000-0000-000000000000`
        help: copy the Microsoft App ID of the Azure Bot resource's configuration
    liftlock.yaml:12: teams.bot.appId: the environment has no `NO_APP_ID`
        help: set NO_APP_ID in the function app's settings, or in your shell
    liftlock.yaml:13: teams.bot.tenant: `contoso.com` is no id like `00000000-0000-0000-0000-000000000000`
        help: `az account show --query tenantId` prints the tenant's id
    liftlock.yaml:14: teams.bot.serviceUrl: `https://smba.trafficmanager.net.evil.example/teams/` is no host of Microsoft's connector: the bot's token goes to no other
        help: write https and one of `smba.trafficmanager.net`, `smba.infra.gcc.teams.microsoft.com`, `smba.infra.gov.teams.microsoft.us`, `smba.infra.dod.teams.microsoft.us`; in the public cloud leave it out
    liftlock.yaml:14: teams.bot.serviceUrl: `http://smba.trafficmanager.net/teams/` is not https
        help: write https and one of `smba.trafficmanager.net`, `smba.infra.gcc.teams.microsoft.com`, `smba.infra.gov.teams.microsoft.us`, `smba.infra.dod.teams.microsoft.us`; in the public cloud leave it out
    liftlock.yaml:14: teams.bot.serviceUrl: `https://smba.trafficmanager.net/teams/?to=evil` has more than a host and a path
        help: write https and one of `smba.trafficmanager.net`, `smba.infra.gcc.teams.microsoft.com`, `smba.infra.gov.teams.microsoft.us`, `smba.infra.dod.teams.microsoft.us`; in the public cloud leave it out
    liftlock.yaml:10: teams.bot: `appId` is missing
        help: add it: the bot's app id, which is the client id of its user-assigned managed identity
    ");
}
