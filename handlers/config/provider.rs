//! `analysisTemplates[].provider`: where a metric's value comes from, one of them.

use promotion::analysis::Provider;

use super::diagnostics::{Complaint, Read};
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{azure_monitor, predictions};

pub(super) static PROVIDER: Shape = Shape::new(
    "where the value comes from: one of these",
    &[
        Key::optional(
            "azureMonitor",
            Holds::Mapping(&azure_monitor::AZURE_MONITOR),
            "what Azure Monitor has of the endpoint's deployments, minute by minute",
        ),
        Key::optional(
            "predictions",
            Holds::Mapping(&predictions::PREDICTIONS),
            "what candidate and champion answer to the same requests; in an analysis step only",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Provider> {
    let monitor = reader.optional("azureMonitor", |field| field.mapping(azure_monitor::read));
    let predictions = reader.optional("predictions", |field| field.mapping(predictions::read));
    match (monitor?, predictions?) {
        (Some(provider), None) | (None, Some(provider)) => Ok(provider),
        (Some(_), Some(_)) => {
            let what = "stands beside another provider";
            let help = "write two templates, each with one";
            Err(reader.complain("predictions", Complaint::new(what, help)))
        }
        (None, None) => {
            let help = "write `azureMonitor` or `predictions`";
            Err(reader.complain("azureMonitor", Complaint::new("names no provider", help)))
        }
    }
}
