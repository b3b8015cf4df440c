//! `function.json`: one trigger, at most one output, and what of it is emulated.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::settings::{Unset, expand};
use crate::error::HostError;
use crate::front::RouteTemplate;
use crate::listeners::Schedule;

/// A function of the app: its folder's name and what starts it.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) trigger: Trigger,
}

#[derive(Debug)]
pub(crate) enum Trigger {
    Http(HttpFunction),
    EventGrid(EventGridFunction),
    ServiceBus(ServiceBusFunction),
    Timer(TimerFunction),
}

#[derive(Debug)]
pub(crate) struct HttpFunction {
    pub(crate) route: RouteTemplate,
    /// Empty: every method.
    pub(crate) methods: Vec<Method>,
}

#[derive(Debug, Clone)]
pub(crate) struct EventGridFunction {
    pub(crate) binding: String,
}

#[derive(Debug, Clone)]
pub(crate) struct ServiceBusFunction {
    pub(crate) binding: String,
    pub(crate) queue: String,
    pub(crate) receives: Receives,
    /// What envelopes call the namespace.
    pub(crate) namespace: Option<String>,
}

/// What `isSessionsEnabled` chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receives {
    Sessions,
    SingleMessages,
}

#[derive(Debug, Clone)]
pub(crate) struct TimerFunction {
    pub(crate) binding: String,
    pub(crate) schedule: Schedule,
    pub(crate) run_on_startup: bool,
    pub(crate) use_monitor: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FunctionJson {
    bindings: Vec<Binding>,
    retry: Option<Value>,
    #[serde(default)]
    pub(crate) disabled: bool,
}

/// The union of the bindings' properties; which ones belong to which type is checked where they are taken.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Binding {
    r#type: String,
    name: String,
    #[serde(default)]
    direction: Direction,
    data_type: Option<String>,
    cardinality: Option<String>,
    auth_level: Option<String>,
    methods: Option<Vec<String>>,
    route: Option<String>,
    queue_name: Option<String>,
    topic_name: Option<String>,
    subscription_name: Option<String>,
    connection: Option<String>,
    #[serde(default)]
    is_sessions_enabled: bool,
    auto_complete_messages: Option<bool>,
    schedule: Option<String>,
    #[serde(default)]
    run_on_startup: bool,
    use_monitor: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    #[default]
    In,
    Out,
    Inout,
}

impl FunctionJson {
    /// Takes the one trigger; anything that would make the real host do more is refused by name.
    pub(crate) fn into_function(
        self,
        name: &str,
        settings: &BTreeMap<String, String>,
    ) -> Result<Function, HostError> {
        if self.retry.is_some() {
            return Err(HostError::not_built(
                "E32",
                format!("{name}: retry in function.json"),
            ));
        }
        let (inputs, outputs): (Vec<_>, Vec<_>) = self
            .bindings
            .into_iter()
            .partition(|binding| binding.direction == Direction::In);
        let Ok([input]) = <[Binding; 1]>::try_from(inputs) else {
            return Err(HostError::not_built(
                "E18",
                format!("{name}: other than exactly one input binding"),
            ));
        };
        let trigger = match input.r#type.as_str() {
            "httpTrigger" => Trigger::Http(http_function(name, input, &outputs, settings)?),
            _ if !outputs.is_empty() => {
                return Err(HostError::not_built(
                    "E23",
                    format!("{name}: an output binding"),
                ));
            }
            "eventGridTrigger" => Trigger::EventGrid(event_grid_function(name, input)?),
            "serviceBusTrigger" => {
                Trigger::ServiceBus(service_bus_function(name, input, settings)?)
            }
            "timerTrigger" => Trigger::Timer(timer_function(name, input, settings)?),
            other => {
                return Err(HostError::not_built(
                    "E18",
                    format!("{name}: a trigger of type {other}"),
                ));
            }
        };
        Ok(Function {
            name: name.to_owned(),
            trigger,
        })
    }
}

fn http_function(
    name: &str,
    input: Binding,
    outputs: &[Binding],
    settings: &BTreeMap<String, String>,
) -> Result<HttpFunction, HostError> {
    if !matches!(outputs, [output] if output.r#type == "http") {
        return Err(HostError::not_built(
            "E19",
            format!("{name}: an HTTP function without exactly one http output"),
        ));
    }
    if !input
        .auth_level
        .is_some_and(|level| level.eq_ignore_ascii_case("anonymous"))
    {
        return Err(HostError::not_built(
            "E15",
            format!("{name}: authLevel other than anonymous"),
        ));
    }
    let route = setting(
        name,
        "route",
        Some(input.route.unwrap_or_else(|| name.to_owned())),
        settings,
    )?;
    let methods = input
        .methods
        .unwrap_or_default()
        .iter()
        .map(|method| Method::from_bytes(method.to_ascii_uppercase().as_bytes()))
        .collect::<Result<_, _>>()
        .map_err(|_| HostError::invalid(format!("{name}: methods holds what is no HTTP method")))?;
    Ok(HttpFunction {
        route: RouteTemplate::parse(&route)?,
        methods,
    })
}

fn event_grid_function(name: &str, input: Binding) -> Result<EventGridFunction, HostError> {
    refuse_many(name, &input, "E7")?;
    if input.data_type.is_some() {
        return Err(HostError::not_built(
            "E7",
            format!("{name}: dataType on an eventGridTrigger"),
        ));
    }
    Ok(EventGridFunction {
        binding: input.name,
    })
}

fn service_bus_function(
    name: &str,
    input: Binding,
    settings: &BTreeMap<String, String>,
) -> Result<ServiceBusFunction, HostError> {
    refuse_many(name, &input, "E8")?;
    let is_binary = input
        .data_type
        .is_some_and(|data_type| data_type.eq_ignore_ascii_case("binary"));
    let unbuilt = [
        (!is_binary, "E6", "dataType other than binary"),
        (
            input.topic_name.is_some() || input.subscription_name.is_some(),
            "E8",
            "a topic's subscription",
        ),
        (
            input.auto_complete_messages == Some(false),
            "E9",
            "autoCompleteMessages false",
        ),
    ];
    if let Some((_, fact, what)) = unbuilt.into_iter().find(|(asked, ..)| *asked) {
        return Err(HostError::not_built(fact, format!("{name}: {what}")));
    }
    let connection = input.connection.unwrap_or_else(|| "ServiceBus".to_owned());
    Ok(ServiceBusFunction {
        binding: input.name,
        queue: setting(name, "queueName", input.queue_name, settings)?,
        receives: if input.is_sessions_enabled {
            Receives::Sessions
        } else {
            Receives::SingleMessages
        },
        namespace: settings
            .get(&format!("{connection}__fullyQualifiedNamespace"))
            .cloned(),
    })
}

fn timer_function(
    name: &str,
    input: Binding,
    settings: &BTreeMap<String, String>,
) -> Result<TimerFunction, HostError> {
    let zone = settings
        .get("WEBSITE_TIME_ZONE")
        .map_or("UTC", String::as_str);
    if !matches!(zone, "UTC" | "Etc/UTC") {
        return Err(HostError::not_built(
            "E12",
            format!("WEBSITE_TIME_ZONE {zone}"),
        ));
    }
    let expression = setting(name, "schedule", input.schedule, settings)?;
    Ok(TimerFunction {
        binding: input.name,
        schedule: Schedule::parse(&expression)?,
        run_on_startup: input.run_on_startup,
        use_monitor: input.use_monitor.unwrap_or(true),
    })
}

fn refuse_many(name: &str, input: &Binding, fact: &'static str) -> Result<(), HostError> {
    match input.cardinality.as_deref() {
        Some(cardinality) if !cardinality.eq_ignore_ascii_case("one") => Err(HostError::not_built(
            fact,
            format!("{name}: cardinality {cardinality}"),
        )),
        _ => Ok(()),
    }
}

fn setting(
    function: &str,
    key: &str,
    value: Option<String>,
    settings: &BTreeMap<String, String>,
) -> Result<String, HostError> {
    let value =
        value.ok_or_else(|| HostError::invalid(format!("{function}: the trigger has no {key}")))?;
    expand(&value, settings, Unset::Refused).map_err(|unset| {
        HostError::invalid(format!("{function}: {key} needs the app setting {unset}"))
    })
}
