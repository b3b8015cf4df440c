//! `routes[].deadlines`: how long Azure may take, and others at the target.

use promotion::Deadlines;

use super::diagnostics::Read;
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

pub(super) static DEADLINES: Shape = Shape::new(
    "how long is waited before a promotion gives up",
    &[
        Key::default(
            "deployment",
            Holds::Duration { least: 1 },
            "45m",
            "for creating endpoint and deployment",
        ),
        Key::default(
            "copy",
            Holds::Duration { least: 1 },
            "2h",
            "from approval to the last copied byte",
        ),
        Key::default(
            "turn",
            Holds::Duration { least: 1 },
            "14d",
            "how long to wait for others at the target",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Deadlines> {
    let deployment = reader.required("deployment", Field::duration);
    let copy = reader.required("copy", Field::duration);
    let turn = reader.required("turn", Field::duration);
    Ok(Deadlines {
        deployment: deployment?,
        copy: copy?,
        turn: turn?,
    })
}
