//! `analysisTemplates[].provider.predictions`: what candidate and champion answer to the same requests.

use promotion::Requests;
use promotion::analysis::{Comparison, Provider};

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::requests;
use super::shape::{Holds, Key, Shape};

/// What the measurements of one analysis may add to a journal.
const MOST_JOURNALED: usize = 1024 * 1024;

pub(super) static PREDICTIONS: Shape = Shape::new(
    "what candidate and champion answer to the same requests, each asked by name: also before there is any traffic",
    &[
        requests::REQUESTS,
        requests::COLLECTED,
        Key::required(
            "compare",
            Holds::Word(&[
                "agreement",
                "meanDifference",
                "maxDifference",
                "stabilityIndex",
            ]),
            "what `result` is: the share of numbers that agree, from 0 to 1; the mean or the greatest distance of two numbers in \
             the same place; or the population stability index of all numbers, which needs at least 50 of them (below 0.1 is \
             alike, above 0.25 shifted, by custom)",
        ),
        Key::default(
            "tolerance",
            Holds::Number,
            "0.000001",
            "how far apart two numbers may be and agree, as a share of the greater one; with `agreement` only",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Provider> {
    let requests = requests::read(reader);
    let compare = reader.required("compare", |field| field.word(|word| Some(word.to_owned())));
    let tolerance = reader.required("tolerance", tolerance);
    let comparison = match compare?.as_str() {
        "agreement" => Comparison::Agreement {
            tolerance: tolerance?,
        },
        "meanDifference" => Comparison::MeanDifference,
        "maxDifference" => Comparison::MaxDifference,
        _ => Comparison::StabilityIndex,
    };
    Ok(Provider::Predictions {
        requests: requests?,
        comparison,
    })
}

/// Why so many measurements of this would fill the journal.
pub(super) fn too_many(provider: &Provider, times: u32) -> Option<Complaint> {
    let Provider::Predictions {
        requests: Requests::Given(requests),
        ..
    } = provider
    else {
        return None;
    };
    let bytes: usize = requests
        .iter()
        .map(|request| request.to_string().len())
        .sum();
    let most = MOST_JOURNALED / bytes.max(1);
    (usize::try_from(times).unwrap_or(usize::MAX) > most).then(|| {
        let what = format!(
            "is {times}, and each measurement keeps {bytes} bytes of requests in the journal"
        );
        Complaint::new(
            what,
            format!("write at most {most}, or send fewer requests"),
        )
    })
}

fn tolerance(field: &Field<'_>) -> Read<f64> {
    let tolerance = field.number()?;
    if (0.0..1.0).contains(&tolerance) {
        return Ok(tolerance);
    }
    let complaint = Complaint::new("is no share", "write a number from 0 to below 1");
    Err(field.complain(complaint))
}
