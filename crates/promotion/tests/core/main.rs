//! The core, told as stories, as one table, and as a property. Start in `story.rs`.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod abort;
mod acts;
mod analysis;
mod approval;
mod audit;
mod batch;
mod claims;
mod clicks;
mod consent;
mod custom_code;
mod drift;
mod format;
mod gates;
mod holds;
mod intake;
mod late;
mod loading;
mod loops;
mod meddling;
mod mirror;
mod mutation;
mod no_way_back;
mod overriders;
mod pause;
mod planned_calls;
mod property;
mod reminding;
mod reopen;
mod reviewing;
mod rollout;
mod sample;
mod samples;
mod stopped;
mod story;
mod table;
mod turns;
mod unheard;
mod watching;
mod way_back;
mod web;
mod what_if;
mod world;
