//! `liftlock.yaml`: read, checked, resolved into routes that the core understands.
//!
//! Reading goes through a tree whose nodes know their line (`node.rs`) and through shapes (`shape.rs`), the one table
//! of keys that reader, JSON Schema and reference are held to. The invariant: a file is read to its end whatever is
//! wrong with it, so every problem is reported at once, each with its file, its line and what to do; and a [`Config`]
//! exists only when there was none.
//!
//! Start in `document.rs` for the file's top, in the file named after a key for what lies under it.

mod address;
mod analysis;
mod analysis_templates;
mod approval;
mod azure_monitor;
mod batch_deployment_yaml;
mod batch_endpoint_yaml;
mod batch_test;
mod calendar;
mod check;
mod code_configuration;
mod condition;
mod context;
mod deadlines;
mod deployment_environment;
mod deployment_yaml;
mod diagnostics;
mod document;
mod duration;
mod endpoint_yaml;
mod environment;
mod field;
mod files;
mod gates;
mod http;
mod journal_room;
mod load_test;
mod node;
mod predictions;
mod provider;
mod reader;
mod requests;
mod resolved;
mod rollout;
mod routes;
mod rules;
mod schema;
mod shape;
mod smoke_test;
mod stages;
mod steps;
mod suggestion;
mod summary;
mod targets;
mod teams;
mod teams_bot;
#[cfg(test)]
mod tests;
mod triggers;
mod user_test;
mod windows;

pub(crate) use address::may_be_asked;
pub use calendar::Windows;
pub use check::{CheckOutcome, Checked, check, check_command};
pub use code_configuration::CodeFolder;
pub use condition::compile_condition;
pub use diagnostics::{Problem, Problems, Severity};
pub use duration::length_of_time;
pub use resolved::{Config, ConfiguredRoute, JobRule, Stage, TeamsBot, TeamsChannel, TriggerRule};
pub use schema::{schema, test_schema};
pub use targets::ConfiguredTarget;
pub use user_test::{
    Act, Answer, At, Borne, Expected, FakeCandidate, FakeChampion, FakeEvent, FakeVote, Reading,
    Shown, UserTest, Verb, read_test,
};
