//! One world: a cloud, the app's process in it, and the platform between them: events, queue, timer, clock.
//!
//! The platform does what Azure's does: an event comes again after a failure, a message until it is completed, a dead
//! process is replaced. What comes when is the player's to choose.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cloud_sim::{Cloud, EventSchema, Peeked};
use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::books::ACCOUNT;
use crate::carrier::{Carrier, Fate};
use crate::mishap::Mishap;
use crate::process::{Answer, Died, Process};
use crate::setting::{Setting, cloud_options};

const QUEUE: &str = "promotions";
/// Deliveries after which Service Bus puts a message aside.
const MOST_DELIVERIES: u32 = 10;
/// Event Grid's first pause.
const EVENT_RETRY: SignedDuration = SignedDuration::from_secs(10);

/// An event that is not delivered yet.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) body: Value,
    /// Not before.
    pub(crate) at: Timestamp,
}

/// How a delivery went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// Taken: it does not come again.
    Taken,
    /// Not taken, or the process died: it comes again.
    Again,
}

/// A cloud and an app.
pub(crate) struct World {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) carrier: Carrier,
    pub(crate) events: Vec<Event>,
    /// Messages that were put aside: there must be none.
    pub(crate) dead_letters: u32,
    setting: Setting,
    process: Process,
    deliveries: std::collections::BTreeMap<u64, u32>,
}

impl World {
    /// A fresh world: the champion serves, nothing has happened.
    pub(crate) fn new(setting: &Setting) -> anyhow::Result<Self> {
        let cloud = Arc::new(Cloud::unplugged(cloud_options())?);
        cloud.hold_events();
        let carrier = Carrier::new(cloud.clone());
        Ok(Self {
            process: Process::start(setting, &cloud, &carrier)?,
            setting: setting.clone(),
            cloud,
            carrier,
            events: Vec::new(),
            dead_letters: 0,
            deliveries: std::collections::BTreeMap::new(),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.cloud.clock().now()
    }

    /// Asks the app; a process that died is replaced.
    pub(crate) async fn ask(&mut self, request: Request<Bytes>) -> Result<Answer, Died> {
        let answer = self.process.ask(request).await;
        if answer.is_err() {
            self.restart();
        }
        answer
    }

    /// Somebody repairs from a terminal; whether nothing is left.
    pub(crate) async fn repair(&self) -> Result<bool, Died> {
        self.instance().repair().await
    }

    /// Every marker is gone, of what is open and of what has ended.
    pub(crate) fn lose_markers(&self) {
        for marker in ["open/", "closed/"]
            .iter()
            .flat_map(|place| self.state(place))
        {
            self.cloud.blobs().remove(ACCOUNT, "state", &marker.name);
        }
    }

    /// An event is stored, and the process dies before anything follows from it; nobody delivers it again, and nothing of
    /// this is on the calls' line.
    pub(crate) async fn half_hear(&self, body: &Value) {
        let apart = Carrier::new(self.cloud.clone());
        apart.follow(Box::new(|call| {
            if call.path.contains("/journals/") {
                Fate::DieBefore
            } else {
                Fate::Pass
            }
        }));
        let process = Process::start(&self.setting, &self.cloud, &apart)
            .expect("what could be started once can be started again");
        drop(process.ask(event(body)).await);
    }

    /// One more instance of the app, beside the one that people reach.
    pub(crate) fn instance(&self) -> Process {
        Process::start(&self.setting, &self.cloud, &self.carrier)
            .expect("what could be started once can be started again")
    }

    /// Replaces the process by a new one, which knows nothing.
    pub(crate) fn restart(&mut self) {
        self.process = self.instance();
    }

    /// Events that the cloud has published since.
    pub(crate) fn gather_events(&mut self) {
        let at = self.now();
        let taken = self.cloud.take_held_events(EventSchema::EventGrid);
        self.events.extend(taken.into_iter().map(|body| Event {
            body: body[0].clone(),
            at,
        }));
    }

    /// Delivers an event, as the host hands it over.
    pub(crate) async fn deliver_event(&mut self, body: &Value) -> Delivered {
        Delivered::by(&self.ask(event(body)).await)
    }

    /// The event at this place; one that is not taken waits for its next delivery.
    pub(crate) async fn deliver_pending_event(&mut self, index: usize) {
        let event = self.events.remove(index);
        if self.deliver_event(&event.body).await == Delivered::Again {
            let at = self.now() + EVENT_RETRY;
            self.events.push(Event { at, ..event });
        }
    }

    /// Messages in the queue, due or not, the oldest first.
    pub(crate) fn messages(&self) -> Vec<Peeked> {
        self.cloud.queues().peek(QUEUE)
    }

    /// A message leaves the queue: it was taken, or nobody ever gets it.
    pub(crate) fn remove_message(&self, message: &Peeked) {
        self.cloud.queues().remove(QUEUE, message.sequence_number);
    }

    /// Nobody ever gets this message. Where another one is left, or nothing is open, nothing comes of that.
    pub(crate) fn lose_message(&self, message: &Peeked) {
        self.remove_message(message);
        let name = named_in(message);
        let another = self.messages().iter().any(|left| named_in(left) == name);
        let open = self.state(&format!("open/{name}"));
        if !another && !open.is_empty() {
            self.carrier.happened(Mishap::LostMessage);
        }
    }

    /// Messages that may be delivered now, the oldest first.
    pub(crate) fn messages_due(&self) -> Vec<Peeked> {
        let now = self.now();
        let mut messages = self.messages();
        messages.retain(|message| message.enqueued <= now);
        messages
    }

    /// Delivers a message; one that is taken leaves the queue.
    pub(crate) async fn deliver_message(&mut self, message: &Peeked) -> Delivered {
        let delivered = self.invoke(ADVANCE, &envelope(&message.body)).await;
        let number = message.sequence_number;
        let count = self.deliveries.entry(number).or_default();
        *count += 1;
        let dead = delivered == Delivered::Again && *count >= MOST_DELIVERIES;
        self.dead_letters += u32::from(dead);
        if dead || delivered == Delivered::Taken {
            self.remove_message(message);
        }
        delivered
    }

    /// Delivers a message about this journal that was sent long ago.
    pub(crate) async fn deliver_stray(&mut self, name: &str) {
        let body = json!({"journal": name}).to_string();
        self.invoke(ADVANCE, &envelope(body.as_bytes())).await;
    }

    /// The timer fires.
    pub(crate) async fn tick(&mut self) -> Delivered {
        let data = json!({"Data": {"timer": {}}, "Metadata": {}});
        self.invoke("sweep", &data).await
    }

    async fn invoke(&mut self, function: &str, data: &Value) -> Delivered {
        let answer = self.ask(invocation(function, data)).await;
        Delivered::by(&answer)
    }

    /// Business time passes; what was given up and lands by then, lands on its way.
    pub(crate) async fn advance_to(&self, moment: Timestamp) {
        self.carrier.land(self.now()).await;
        while let Some(landing) = self.carrier.next_landing().filter(|at| *at <= moment) {
            self.jump(landing);
            self.carrier.land(landing).await;
        }
        self.jump(moment);
    }

    fn jump(&self, moment: Timestamp) {
        let left = moment.duration_since(self.now());
        if let Ok(left) = Duration::try_from(left) {
            self.cloud.clock().advance(left);
        }
    }
}

impl Delivered {
    pub(crate) fn by(answer: &Result<Answer, Died>) -> Self {
        match answer {
            Ok(answer) if answer.status.is_success() => Self::Taken,
            Ok(_) | Err(Died) => Self::Again,
        }
    }
}

/// Whose turn a message is about.
pub(crate) fn named_in(message: &Peeked) -> String {
    let json: Value = serde_json::from_slice(&message.body).unwrap_or_default();
    json["journal"].as_str().unwrap_or_default().to_owned()
}

pub(crate) const ADVANCE: &str = "advance";

/// An event as the host hands it over.
fn event(body: &Value) -> Request<Bytes> {
    let data = json!({"Data": {"event": body}, "Metadata": {}});
    invocation("ml_event", &data)
}

/// A message as the host hands it over.
pub(crate) fn envelope(message: &[u8]) -> Value {
    json!({"Data": {"message": STANDARD.encode(message)}, "Metadata": {}})
}

/// An invocation with the host's headers.
pub(crate) fn invocation(function: &str, data: &Value) -> Request<Bytes> {
    Request::post(format!("/{function}"))
        .header("content-type", "application/json")
        .header(
            "x-azure-functions-invocationid",
            "11111111-2222-4333-8444-555555555555",
        )
        .body(Bytes::from(data.to_string()))
        .expect("an invocation is a request")
}
