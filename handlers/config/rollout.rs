//! `routes[].rollout`: how a candidate is brought to serve.

use promotion::{RolloutSpec, Seconds};

use super::analysis::Beside;
use super::analysis_templates::Templates;
use super::diagnostics::Read;
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{analysis, deployment_yaml, endpoint_yaml, smoke_test, steps};

pub(super) static ROLLOUT: Shape = Shape::new(
    "how a candidate is brought to serve",
    &[
        Key::required(
            "onlineEndpoint",
            Holds::File,
            "the endpoint's `az ml` file; the endpoint is created if it is absent",
        ),
        Key::required(
            "deployment",
            Holds::File,
            "the deployment's `az ml` file, without name and model, which Liftlock sets",
        ),
        Key::optional(
            "smokeTest",
            Holds::Mapping(&smoke_test::SMOKE_TEST),
            "one request to the candidate before it has traffic",
        ),
        Key::required(
            "steps",
            Holds::List(&[
                &steps::SET_WEIGHT,
                &steps::MIRROR,
                &steps::PAUSE,
                &steps::ANALYSIS,
                &steps::BAKE,
            ]),
            "weights, pauses and analyses, in order",
        ),
        Key::optional(
            "analysis",
            Holds::Mapping(&analysis::BESIDE),
            "what is measured beside the steps while they go on",
        ),
        Key::default(
            "keepPrevious",
            Holds::Duration { least: 0 },
            "24h",
            "how long the previous deployment stays, as the way back, after the candidate is live",
        ),
    ],
);

/// `resume` is how long a pause that has no duration may last.
pub(super) fn read(
    reader: &Reader<'_>,
    templates: &Templates,
    resume: Read<Seconds>,
) -> Read<RolloutSpec> {
    let endpoint = reader.required("onlineEndpoint", endpoint_yaml::read);
    let deployment = reader.required("deployment", deployment_yaml::read);
    let smoke_test = reader.optional("smokeTest", |field| field.mapping(smoke_test::read));
    let watched = if reader.has("analysis") {
        Beside::Given
    } else {
        Beside::Absent
    };
    let steps = reader.required("steps", |field| steps::read(field, templates, watched));
    let beside = reader.optional("analysis", |field| {
        let steps = steps.as_deref().map_err(|reported| *reported);
        field.mapping(|beside| analysis::beside(beside, templates, steps, resume))
    });
    let keep_previous = reader.required("keepPrevious", Field::duration);
    Ok(RolloutSpec {
        endpoint: endpoint?,
        deployment: deployment?,
        smoke_test: smoke_test?,
        steps: steps?,
        beside: beside?,
        keep_previous: keep_previous?,
    })
}
