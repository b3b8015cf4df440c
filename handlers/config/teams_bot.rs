//! `teams.bot`: an Azure Bot and the channel in which it asks.

use super::diagnostics::{Complaint, Read};
use super::reader::Reader;
use super::resolved::TeamsBot;
use super::shape::{Holds, Key, Shape};
use super::teams::service_url;

pub(super) static BOT: Shape = Shape::new(
    "an Azure Bot",
    &[
        Key::required(
            "channel",
            Holds::Text,
            "the id of the standard channel where it posts, `19:…@thread.tacv2`: part of the channel's link",
        ),
        Key::optional(
            "escalationChannel",
            Holds::Text,
            "the id of another channel of the same tenant, told as well of what a route escalates",
        ),
        Key::required(
            "appId",
            Holds::Text,
            "the bot's app id, which is the client id of its user-assigned managed identity",
        ),
        Key::required(
            "tenant",
            Holds::Text,
            "the id of the Entra tenant that the team belongs to",
        ),
        Key::default(
            "serviceUrl",
            Holds::Text,
            "https://smba.trafficmanager.net/teams/",
            "the Bot Connector of another of Microsoft's clouds",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<TeamsBot> {
    let channel = reader.required("channel", |field| field.parse(channel_id));
    let escalation = reader.optional("escalationChannel", |field| field.parse(channel_id));
    if let (Ok(channel), Ok(Some(escalation))) = (&channel, &escalation)
        && channel == escalation
    {
        let what = "is the same as `channel`: that one is told already";
        let help = "write another channel's id, or remove it";
        return Err(reader.complain("escalationChannel", Complaint::new(what, help)));
    }
    let id = |what: &'static str| {
        move |text: &str| match uuid::Uuid::try_parse(text) {
            Ok(id) => Ok(id.to_string()),
            Err(_) => Err(Complaint::new(
                "is no id like `00000000-0000-0000-0000-000000000000`",
                what,
            )),
        }
    };
    let app_id = reader.required("appId", |field| {
        field.parse(id(
            "copy the Microsoft App ID of the Azure Bot resource's configuration",
        ))
    });
    let tenant = reader.required("tenant", |field| {
        field.parse(id(
            "`az account show --query tenantId` prints the tenant's id",
        ))
    });
    let service_url = reader.required("serviceUrl", |field| field.parse(service_url));
    Ok(TeamsBot {
        channel: channel?,
        escalation: escalation?,
        app_id: app_id?,
        tenant: tenant?,
        service_url: service_url?,
    })
}

/// Chats have ids of much the same look, and a link holds the id in another spelling.
fn channel_id(text: &str) -> Result<String, Complaint> {
    let help = "write the id that stands in the channel's link (… > Get link to channel) after `/channel/`: `19:…@thread.tacv2`; \
                choose a standard channel, for into private ones a bot may be unable to post";
    let is_channel = |text: &str| {
        let named = text
            .strip_prefix("19:")
            .and_then(|rest| rest.strip_suffix("@thread.tacv2"));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        named.is_some_and(|name| !name.is_empty() && name.chars().all(plain))
    };
    let what = match text {
        text if is_channel(text) => return Ok(text.to_owned()),
        text if text.starts_with("https://") => "is the channel's link, not its id",
        text if text.to_ascii_lowercase().starts_with("19%3a") => {
            "is written as in a link: `%3A` stands for `:` there, and `%40` for `@`"
        }
        text if text.ends_with("@thread.v2") || text.ends_with("@unq.gbl.spaces") => {
            "is the id of a chat, not of a channel"
        }
        text if text.contains(";messageid=") => "is the id of a thread, not of a channel",
        _ => "is no id of a channel",
    };
    Err(Complaint::new(what, help))
}
