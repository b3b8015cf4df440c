//! Stories through the whole stack: simulated cloud, local Functions host, the real handler.
//!
//! A story says what people do and what they or the cloud can see; what must hold after every one is checked by the
//! harness (`stories/afterwards.rs`). Business time is moved by the [`Tester`], never waited for.

mod afterwards;
mod again;
mod approving;
mod asking;
mod attacks;
mod auditing;
mod batch;
mod cards;
mod channels;
mod cli;
mod clicks;
mod collected;
mod custom_code;
mod deciding;
mod drift;
mod events;
mod faults;
mod freezes;
mod gates;
mod hands;
mod holds;
mod http_metrics;
mod jobs;
mod journals;
mod keeping;
mod kubernetes;
mod left_open;
mod loading;
mod looking;
mod lost_targets;
mod missed;
mod never_opened;
mod overriding;
mod overtaken;
mod pausing;
mod people;
mod planning;
mod predictions;
mod repairing;
mod replays;
mod rules;
mod run_editor;
mod signing_in;
mod stopped;
mod stopping;
mod tainted;
mod targets;
mod teams;
mod tester;
mod time;
mod turns;
mod verbs;
mod watching;
mod what_if;
mod workers;

use people::Who;
use tester::{Setup, Tester, story};
