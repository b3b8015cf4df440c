//! Subscriptions, the log of what was sent, and the modes in which events arrive twice or in another order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use crate::SimClock;
use crate::arm::WorkspaceId;

use super::delivery::deliver;
use super::{Event, EventSchema};

/// A webhook that hears of a workspace's events.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) topic: WorkspaceId,
    pub(crate) endpoint: String,
    pub(crate) schema: EventSchema,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// Not sent yet, or to be sent again.
    Pending,
    /// The endpoint answered 200 to 204.
    Delivered,
    /// Never sent again: refused for good, or too old.
    Dropped,
}

/// One event on its way to one subscription.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryReport {
    pub event_id: String,
    /// `ModelRegistered` or `RunCompleted`.
    pub event_type: String,
    pub subject: String,
    /// The workspace's name.
    pub workspace: String,
    pub published: Timestamp,
    pub state: DeliveryState,
    /// Each attempt's outcome: a status code or an error.
    pub attempts: Vec<String>,
}

/// In which order held events are let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Order {
    AsPublished,
    Reversed,
}

#[derive(Debug)]
pub(crate) struct Grid {
    state: Mutex<State>,
    pub(super) clock: SimClock,
    pub(super) http: reqwest::Client,
    pub(super) stopping: watch::Receiver<bool>,
}

#[derive(Debug, Default)]
struct State {
    subscriptions: Vec<Subscription>,
    /// What was published last, to be sent again on demand.
    last: Option<Event>,
    deliveries: Vec<DeliveryReport>,
    /// `Some`: events wait here.
    held: Option<Vec<Event>>,
}

impl Grid {
    pub(crate) fn new(
        clock: SimClock,
        http: reqwest::Client,
        stopping: watch::Receiver<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            clock,
            http,
            stopping,
        })
    }

    pub(crate) fn subscribe(&self, topic: WorkspaceId, endpoint: &str, schema: EventSchema) {
        self.lock().subscriptions.push(Subscription {
            topic,
            endpoint: endpoint.into(),
            schema,
        });
    }

    pub(crate) fn unsubscribe_all(&self) {
        self.lock().subscriptions.clear();
    }

    /// Sends the event to every subscription of its workspace, or keeps it while events are held.
    pub(crate) fn publish(self: &Arc<Self>, event: Event) {
        let mut state = self.lock();
        state.last = Some(event.clone());
        if let Some(held) = &mut state.held {
            held.push(event);
            return;
        }
        drop(state);
        self.send(&event);
    }

    /// Sends the event published last again, with the id that it had.
    pub(crate) fn resend_last(self: &Arc<Self>, times: usize) -> Option<Event> {
        let last = self.lock().last.clone()?;
        for _ in 0..times {
            self.send(&last);
        }
        Some(last)
    }

    pub(crate) fn hold(&self) {
        self.lock().held.get_or_insert_default();
    }

    /// Takes what is held without sending it, oldest first; later events go on being held.
    pub(crate) fn take_held(&self) -> Vec<Event> {
        self.lock()
            .held
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// Lets held events go; `copies` of each.
    pub(crate) fn release(self: &Arc<Self>, order: Order, copies: usize) -> usize {
        let mut held = self.lock().held.take().unwrap_or_default();
        if order == Order::Reversed {
            held.reverse();
        }
        for _ in 0..copies.max(1) {
            for event in &held {
                self.send(event);
            }
        }
        held.len()
    }

    pub(crate) fn deliveries(&self) -> Vec<DeliveryReport> {
        self.lock().deliveries.clone()
    }

    /// Starts a delivery to each subscription of the event's workspace.
    fn send(self: &Arc<Self>, event: &Event) {
        let mut state = self.lock();
        let wanted = state
            .subscriptions
            .iter()
            .filter(|s| s.topic.same(&event.topic));
        for subscription in wanted.cloned().collect::<Vec<_>>() {
            state.deliveries.push(report(event));
            let number = state.deliveries.len() - 1;
            tokio::spawn(deliver(
                Arc::clone(self),
                number,
                subscription,
                event.clone(),
            ));
        }
    }

    /// Writes down how an attempt ended.
    pub(super) fn note(&self, number: usize, outcome: String, state: DeliveryState) {
        if let Some(delivery) = self.lock().deliveries.get_mut(number) {
            delivery.attempts.push(outcome);
            delivery.state = state;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(event: &Event) -> DeliveryReport {
    DeliveryReport {
        event_id: event.id.clone(),
        event_type: event.kind.into(),
        subject: event.subject.clone(),
        workspace: event.topic.name.clone(),
        published: event.time,
        state: DeliveryState::Pending,
        attempts: Vec::new(),
    }
}
