//! `teams`: where cards go, by a workflow's webhook or by a bot.

use azure_api::{
    Envelope, FlowAudience, ServiceUrl, ServiceUrlRefused, TeamsWebhook, Url, WebhookAuth,
    WebhookRefused,
};

use super::diagnostics::{Complaint, Read};
use super::environment;
use super::field::Field;
use super::reader::Reader;
use super::resolved::TeamsChannel;
use super::shape::{Holds, Key, Shape};
use super::teams_bot;

pub(super) static TEAMS: Shape = Shape::new(
    "the Teams channel",
    &[
        Key::optional(
            "workflow",
            Holds::Secret,
            "the channel's Workflows webhook, from the environment: `${TEAMS_WORKFLOW_URL}`; either this or `bot`",
        ),
        Key::default(
            "envelope",
            Holds::Word(&["wrapped", "bare"]),
            "wrapped",
            "what the workflow's template reads: a message that wraps the card, or the bare card",
        ),
        Key::default(
            "workflowAuth",
            Holds::Word(&["signature", "entra"]),
            "signature",
            "whom the workflow lets in: anyone with the URL and its signature, or identities of the tenant, by a token of the app's \
             own",
        ),
        Key::default(
            "workflowAudience",
            Holds::Text,
            "https://service.flow.microsoft.com/",
            "whom that token is for, to the letter: each of Microsoft's clouds has its own",
        ),
        Key::optional(
            "escalationWorkflow",
            Holds::Secret,
            "another channel's Workflows webhook, told as well of what a route escalates; read and let in as `workflow`",
        ),
        Key::optional(
            "bot",
            Holds::Mapping(&teams_bot::BOT),
            "an Azure Bot, on whose cards people decide in the channel; either this or `workflow`",
        ),
    ],
);

/// What only a workflow has.
const OF_WORKFLOWS: [&str; 4] = [
    "envelope",
    "workflowAuth",
    "workflowAudience",
    "escalationWorkflow",
];

pub(super) fn read(reader: &Reader<'_>) -> Read<TeamsChannel> {
    let url = |field: &Field<'_>| {
        refuse_written_secret(field)?;
        let written = field.written_text()?.to_owned();
        Ok((written, field.parse(webhook)))
    };
    let workflow = reader.optional("workflow", url);
    let escalation = another(
        reader,
        &workflow,
        reader.optional("escalationWorkflow", url),
    );
    let workflow = workflow.and_then(|read| read.map(|(_, url)| url).transpose());
    let bot = reader.optional("bot", |field| field.mapping(teams_bot::read));
    let envelope = reader.required("envelope", |field| {
        field.word(|word| match word {
            "wrapped" => Some(Envelope::Wrapped),
            "bare" => Some(Envelope::Bare),
            _ => None,
        })
    });
    let auth = auth(reader);
    match (reader.has("workflow"), reader.has("bot")) {
        (true, true) => {
            let what = "holds a second way to the channel beside `workflow`";
            let help = "remove one of them: each card goes to the channel once";
            Err(reader.complain("bot", Complaint::new(what, help)))
        }
        (false, false) => {
            let what = "teams: neither `workflow` nor `bot` is there";
            let help = "add `workflow: ${TEAMS_WORKFLOW_URL}`, or `bot` with its `channel`, `appId` and `tenant`";
            Err(reader.source.report(reader.line(), what, help))
        }
        (true, false) => {
            let (url, escalation, envelope, auth) = (workflow?, escalation?, envelope?, auth?);
            let url = url.expect("the key is there");
            Ok(TeamsChannel::Workflow {
                url,
                escalation,
                envelope,
                auth,
            })
        }
        (false, true) => {
            if let Some(key) = OF_WORKFLOWS.into_iter().find(|key| reader.has(key)) {
                let what = "is about a workflow, and cards go by the bot";
                return Err(reader.complain(key, Complaint::new(what, "remove it")));
            }
            let bot = bot?.expect("the key is there");
            Ok(TeamsChannel::Bot(bot))
        }
    }
}

/// A webhook as it is written, and what that comes to where the environment has it.
type Written = (String, Read<TeamsWebhook>);

/// The webhook for escalations, which is to lead elsewhere: by the same one people would only be told twice.
fn another(
    reader: &Reader<'_>,
    workflow: &Read<Option<Written>>,
    escalation: Read<Option<Written>>,
) -> Read<Option<TeamsWebhook>> {
    let Some((written, url)) = escalation? else {
        return Ok(None);
    };
    let is_same = |(other, its): &Written| {
        let both = url.as_ref().ok().zip(its.as_ref().ok());
        *other == written || both.is_some_and(|(one, other)| one == other)
    };
    if let Ok(Some(workflow)) = workflow
        && is_same(workflow)
    {
        let what = "is the same as `workflow`: that channel is told already";
        let help = "write another channel's workflow, or remove it";
        return Err(reader.complain("escalationWorkflow", Complaint::new(what, help)));
    }
    url.map(Some)
}

/// With the audience, which is read whether it is used or not.
fn auth(reader: &Reader<'_>) -> Read<WebhookAuth> {
    let by_token = reader.required("workflowAuth", |field| {
        field.word(|word| match word {
            "signature" => Some(false),
            "entra" => Some(true),
            _ => None,
        })
    });
    let audience = reader.required("workflowAudience", |field| field.parse(audience));
    let (by_token, audience) = (by_token?, audience?);
    if by_token {
        return Ok(WebhookAuth::Entra(audience));
    }
    if reader.has("workflowAudience") {
        let complaint = Complaint::new(
            "is for a token, and none is sent",
            "add `workflowAuth: entra`, or remove this line",
        );
        return Err(reader.complain("workflowAudience", complaint));
    }
    Ok(WebhookAuth::Signature)
}

fn audience(text: &str) -> Result<FlowAudience, Complaint> {
    FlowAudience::of(text).ok_or_else(|| {
        let all = FlowAudience::ALL.map(|one| format!("`{}`", one.as_str()));
        let help = format!("write one of {}, with the slash at its end", all.join(", "));
        Complaint::new("is no audience of Power Automate", help)
    })
}

/// Whoever has the signature may post to the channel: it does not belong in a repository.
fn refuse_written_secret(field: &Field<'_>) -> Read<()> {
    let written = field.written_text()?;
    let signature = written.split_once("sig=").map(|(_, signature)| signature);
    match signature {
        Some(signature) if !signature.is_empty() && !environment::mentions(signature) => {
            let what = "holds its signature, which is a secret";
            let help = "put the URL in the environment and write `${TEAMS_WORKFLOW_URL}`";
            Err(field.complain(Complaint::new(what, help)))
        }
        Some(_) | None => Ok(()),
    }
}

fn webhook(text: &str) -> Result<TeamsWebhook, Complaint> {
    let help =
        "copy the URL of the channel's workflow \"When a Teams webhook request is received\"";
    TeamsWebhook::parse(text).map_err(|refused| {
        let what = match refused {
            WebhookRefused::NotAUrl => "is no URL",
            WebhookRefused::NotPrivate => "is not https",
            WebhookRefused::RetiredConnector => {
                "is an Office 365 connector, which Microsoft has retired: nothing arrives there"
            }
        };
        Complaint::new(what, help)
    })
}

pub(super) fn service_url(text: &str) -> Result<ServiceUrl, Complaint> {
    ServiceUrl::parse(text).map_err(|refused| {
        let hosts = ServiceUrl::HOSTS.map(|host| format!("`{host}`")).join(", ");
        let what = match refused {
            ServiceUrlRefused::NotAUrl => "is no URL".to_owned(),
            ServiceUrlRefused::NotPrivate => "is not https".to_owned(),
            ServiceUrlRefused::NotPlain => "has more than a host and a path".to_owned(),
            ServiceUrlRefused::ForeignHost => {
                "is no host of Microsoft's connector: the bot's token goes to no other".to_owned()
            }
        };
        let help = format!("write https and one of {hosts}; in the public cloud leave it out");
        Complaint::new(what, help)
    })
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_this_machine() {
        for url in [
            "https://prod-1.westeurope.logic.azure.com/workflows/7?sig=x",
            "http://127.0.0.1:7/w",
            "http://localhost/w",
            "http://[::1]/w",
        ] {
            assert!(webhook(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_would_leak_or_never_arrive_is_refused() {
        for url in [
            "http://example.com/w",
            "ftp://localhost/w",
            "w",
            "https://contoso.webhook.office.com/webhookb2/7",
            "https://webhook.office.com/webhookb2/7",
            "https://outlook.office.com/webhook/7",
        ] {
            assert!(webhook(url).is_err(), "{url}");
        }
    }
}
