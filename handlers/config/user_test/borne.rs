//! `loadTest`: how a deployment bears a load.

use crate::config::diagnostics::{Complaint, Read};
use crate::config::field::Field;
use crate::config::reader::Reader;
use crate::config::shape::{Holds, Key, Shape};

/// How a deployment bears a load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Borne {
    /// The share of requests that is not answered well, from 0 to 1.
    pub error_rate: f64,
    /// Milliseconds: half of them, nineteen of twenty, ninety-nine of a hundred.
    pub latencies: [u32; 3],
}

pub(super) static BORNE: Shape = Shape::new(
    "how a deployment bears a load",
    &[
        Key::default(
            "errorRate",
            Holds::Number,
            "0",
            "the share of requests that is not answered well, from 0 to 1",
        ),
        Key::default("p50", MILLISECONDS, "0", "milliseconds for half of them"),
        Key::default("p95", MILLISECONDS, "0", "for nineteen of twenty"),
        Key::default("p99", MILLISECONDS, "0", "for ninety-nine of a hundred"),
    ],
);

const MILLISECONDS: Holds = Holds::Integer {
    least: 0,
    most: 100_000,
};

pub(super) fn read(reader: &Reader<'_>) -> Read<Borne> {
    let error_rate = reader.required("errorRate", share);
    let p50 = reader.required("p50", Field::integer);
    let p95 = reader.required("p95", Field::integer);
    let p99 = reader.required("p99", Field::integer);
    Ok(Borne {
        error_rate: error_rate?,
        latencies: [p50?, p95?, p99?],
    })
}

fn share(field: &Field<'_>) -> Read<f64> {
    let share = field.number()?;
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    let complaint = Complaint::new("is no share", "write a number from 0 to 1");
    Err(field.complain(complaint))
}
