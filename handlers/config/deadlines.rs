//! `routes[].deadlines`: how long Azure may take, others at the target, and the channel.

use promotion::Deadlines;

use super::diagnostics::Read;
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

/// What they are, where they are named and where they are listed.
pub(super) const ABOUT: &str =
    "how long is waited before a promotion gives up, or tells people where it must not";

pub(super) static DEADLINES: Shape = Shape::new(
    ABOUT,
    &[
        Key::default(
            "deployment",
            Holds::Duration { least: 60 },
            "45m",
            "for creating endpoint and deployment",
        ),
        Key::default(
            "copy",
            Holds::Duration { least: 60 },
            "2h",
            "from approval to the last copied byte",
        ),
        Key::default(
            "turn",
            Holds::Duration { least: 60 },
            "14d",
            "how long to wait for others at the target",
        ),
        Key::default(
            "calls",
            Holds::Duration { least: 60 },
            "1h",
            "for reading, registering, the smoke test and load tests, for Azure to accept a deletion, and for each step of a completed job's intake",
        ),
        Key::default(
            "traffic",
            Holds::Duration { least: 60 },
            "1h",
            "for changing the traffic, reading it back, and letting the endpoint go",
        ),
        Key::default(
            "deletion",
            Holds::Duration { least: 60 },
            "24h",
            "for a deletion that Azure has begun",
        ),
        Key::default(
            "messages",
            Holds::Duration { least: 60 },
            "24h",
            "for a card to the channel, and for a word to the promotion before",
        ),
        Key::default(
            "resume",
            Holds::Duration { least: 60 },
            "7d",
            "for a person to resume a pause that has no duration, or to answer where an analysis could not tell",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Deadlines> {
    let deadline = |key| reader.required(key, Field::duration);
    let (deployment, copy, turn) = (deadline("deployment"), deadline("copy"), deadline("turn"));
    let (calls, traffic) = (deadline("calls"), deadline("traffic"));
    let (deletion, messages) = (deadline("deletion"), deadline("messages"));
    let resume = deadline("resume");
    Ok(Deadlines {
        deployment: deployment?,
        copy: copy?,
        turn: turn?,
        calls: calls?,
        traffic: traffic?,
        deletion: deletion?,
        messages: messages?,
        resume: resume?,
    })
}
