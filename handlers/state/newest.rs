//! The newest of a day's events.
//!
//! The service lists by key, and keys know no time: a day is listed from its beginning to find its newest events. The
//! invariant: whoever asks costs so many list calls and no more, however many events a day has.

use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use super::StoreError;
use super::events::{KeptEvent, is_hash};

/// How many the service lists at once, at most.
pub(super) const LISTED: u32 = 5_000;

/// How many pages of the service's listing are looked at.
const PAGES: usize = 20;

/// Where an event stands in its day: the newest first, those without a time last, of one moment by key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventPlace {
    time: Reverse<Option<Timestamp>>,
    hash: String,
}

/// Some of a day's events, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// The events.
    pub events: Vec<KeptEvent>,
    /// The place of the last, where more follow.
    pub next: Option<EventPlace>,
    /// How much of the day was looked at.
    pub looked: Looked,
}

/// How much of a day was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// All of it.
    Whole,
    /// What the service lists first: there may be newer ones.
    Truncated,
}

/// At most so many of what `page_from` lists that stand behind `after`.
pub(super) async fn newest<F>(
    page_from: impl Fn(Option<String>) -> F,
    after: Option<&EventPlace>,
    at_most: usize,
) -> Result<Newest, StoreError>
where
    F: Future<Output = Result<(Vec<KeptEvent>, Option<String>), StoreError>>,
{
    let (mut newest, mut from, mut more) = (BTreeMap::new(), None, false);
    let mut looked = Looked::Truncated;
    for _ in 0..PAGES {
        let (page, next) = page_from(from).await?;
        for event in page {
            let place = EventPlace::of(&event);
            if after.is_none_or(|after| place > *after) {
                newest.insert(place, event);
            }
            if newest.len() > at_most {
                newest.pop_last();
                more = true;
            }
        }
        from = next;
        if from.is_none() {
            looked = Looked::Whole;
            break;
        }
    }
    let last = newest.last_key_value().map(|(place, _)| place.clone());
    Ok(Newest {
        events: newest.into_values().collect(),
        next: last.filter(|_| more),
        looked,
    })
}

impl EventPlace {
    fn of(event: &KeptEvent) -> Self {
        let hash = event.key.rsplit('/').next().unwrap_or_default();
        Self {
            time: Reverse(event.time),
            hash: hash.to_owned(),
        }
    }

    /// As it was written; nothing where it never was.
    pub fn parse(text: &str) -> Option<Self> {
        let (time, hash) = text.split_once('_')?;
        let time = match time {
            "" => None,
            time => Some(time.parse().ok()?),
        };
        is_hash(hash).then(|| Self {
            time: Reverse(time),
            hash: hash.to_owned(),
        })
    }
}

impl fmt::Display for EventPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Reverse(Some(time)) = self.time {
            write!(f, "{time}")?;
        }
        write!(f, "_{}", self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn kept(key: &str, time: &str) -> KeptEvent {
        KeptEvent {
            key: format!("2026-11-23/{key}"),
            kind: String::new(),
            subject: String::new(),
            time: time.parse().ok(),
            what: String::new(),
        }
    }

    /// A day of so many pages, each of one event that is a second older than the one before.
    async fn of_a_day(pages: usize, at_most: usize) -> (Newest, usize) {
        let calls = Cell::new(0);
        let list = |from: Option<String>| {
            calls.set(calls.get() + 1);
            let page: usize = from.map_or(0, |from| from.parse().unwrap());
            let time = format!("2026-11-23T07:00:{:02}Z", 59 - page);
            let next = (page + 1 < pages).then(|| (page + 1).to_string());
            async move { Ok((vec![kept(&format!("e{page}"), &time)], next)) }
        };
        let found = newest(list, None, at_most).await.unwrap();
        (found, calls.get())
    }

    #[tokio::test]
    async fn a_day_costs_so_many_list_calls_and_no_more() {
        for (pages, calls, looked) in [
            (1, 1, Looked::Whole),
            (PAGES, PAGES, Looked::Whole),
            (PAGES + 1, PAGES, Looked::Truncated),
            (2 * PAGES, PAGES, Looked::Truncated),
        ] {
            let (found, called) = of_a_day(pages, 100).await;
            assert_eq!((called, found.looked), (calls, looked), "{pages} pages");
            assert_eq!(
                (found.events.len(), found.next),
                (calls, None),
                "{pages} pages"
            );
        }
        let (found, _) = of_a_day(2 * PAGES, 3).await;
        let keys: Vec<_> = found
            .events
            .iter()
            .map(|event| event.key.as_str())
            .collect();
        assert_eq!(keys, ["2026-11-23/e0", "2026-11-23/e1", "2026-11-23/e2"]);
        assert!(found.next.is_some());
    }

    #[test]
    fn the_newest_stands_first_and_a_place_is_read_back() {
        let place = |time: &str, hash: &str| EventPlace {
            time: Reverse(time.parse().ok()),
            hash: hash.to_owned(),
        };
        let in_order = [
            place("2026-11-23T07:00:00.25Z", "d"),
            place("2026-11-23T07:00:00Z", "b"),
            place("2026-11-23T07:00:00Z", "c"),
            place("", "a"),
        ];
        assert!(in_order.is_sorted());
        for place in in_order {
            assert_eq!(EventPlace::parse(&place.to_string()), Some(place));
        }
        for bad in ["", "x", "_", "yesterday_a", "2026-11-23T07:00:00Z_a/b"] {
            assert_eq!(EventPlace::parse(bad), None, "{bad}");
        }
    }
}
