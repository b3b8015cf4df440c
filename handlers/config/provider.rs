//! `analysisTemplates[].provider`: where a metric's value comes from, one of them.

use promotion::analysis::Provider;

use super::diagnostics::{Complaint, Read};
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{azure_monitor, http, predictions};

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
        Key::optional(
            "http",
            Holds::Mapping(&http::HTTP),
            "a number in the JSON that any HTTP address answers",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Provider> {
    let given = [
        (
            "azureMonitor",
            reader.optional("azureMonitor", |field| field.mapping(azure_monitor::read)),
        ),
        (
            "predictions",
            reader.optional("predictions", |field| field.mapping(predictions::read)),
        ),
        (
            "http",
            reader.optional("http", |field| field.mapping(http::read)),
        ),
    ];
    let mut one = None;
    for (name, provider) in given {
        match (provider?, &one) {
            (None, _) => {}
            (Some(provider), None) => one = Some(provider),
            (Some(_), Some(_)) => {
                let what = "stands beside another provider";
                let help = "write two templates, each with one";
                return Err(reader.complain(name, Complaint::new(what, help)));
            }
        }
    }
    one.ok_or_else(|| {
        let help = "write `azureMonitor`, `predictions` or `http`";
        reader.complain("azureMonitor", Complaint::new("names no provider", help))
    })
}
