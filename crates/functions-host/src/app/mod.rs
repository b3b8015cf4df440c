//! The app folder: `host.json` and each direct child folder that holds a `function.json`.
//!
//! Files are read strictly: a key that is not understood is an error, because ignoring it could mean to behave
//! otherwise than the real host.

mod function_json;
mod host_json;
mod load;
mod settings;
mod time_span;

pub(crate) use function_json::{
    EventGridFunction, Function, HttpFunction, Receives, ServiceBusFunction, TimerFunction, Trigger,
};
pub(crate) use host_json::{CustomHandler, HostConfig};
pub(crate) use load::App;
pub(crate) use settings::{Unset, expand};
