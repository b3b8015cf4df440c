//! `routes[].rollout`: how a candidate is brought to serve.

use promotion::RolloutSpec;

use super::diagnostics::Read;
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{deployment_yaml, endpoint_yaml, smoke_test, steps};

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
            Holds::List(&[&steps::SET_WEIGHT, &steps::PAUSE]),
            "weights and pauses, in order",
        ),
        Key::default(
            "keepPrevious",
            Holds::Duration { least: 0 },
            "24h",
            "how long the previous deployment stays, as the way back, after the candidate is live",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<RolloutSpec> {
    let endpoint = reader.required("onlineEndpoint", endpoint_yaml::read);
    let deployment = reader.required("deployment", deployment_yaml::read);
    let smoke_test = reader.optional("smokeTest", |field| field.mapping(smoke_test::read));
    let steps = reader.required("steps", steps::read);
    let keep_previous = reader.required("keepPrevious", Field::duration);
    Ok(RolloutSpec {
        endpoint: endpoint?,
        deployment: deployment?,
        smoke_test: smoke_test?,
        steps: steps?,
        beside: None,
        keep_previous: keep_previous?,
    })
}
