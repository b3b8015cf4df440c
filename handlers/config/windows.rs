//! `routes[].windows`: when a promotion may act. Read again at every act, from the configuration that runs then.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::calendar::{Period, Windows};
use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::suggestion;

/// What they are, where they are named.
pub(super) const ABOUT: &str =
    "when a promotion may copy and give its candidate more traffic; absent: always";

/// More than anybody can keep in mind; each is looked through for the next opening.
const MOST: usize = 20;

pub(super) static ALLOW: Shape = Shape::new(
    "when it may",
    &[Key::required(
        "allow",
        Holds::Mapping(&PERIOD),
        "it may act then, and otherwise only where another `allow` says so",
    )],
);

pub(super) static DENY: Shape = Shape::new(
    "when it may not",
    &[Key::required(
        "deny",
        Holds::Mapping(&PERIOD),
        "it may not act then, whatever an `allow` says",
    )],
);

static PERIOD: Shape = Shape::new(
    "days and hours of a time zone",
    &[
        Key::optional(
            "days",
            Holds::Names,
            "on which days it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; absent: on each",
        ),
        Key::default("from", Holds::Text, "00:00", "when it begins, like `09:00`"),
        Key::default(
            "to",
            Holds::Text,
            "24:00",
            "when it ends, like `16:00`; earlier than `from`: on the next day",
        ),
        Key::optional(
            "dates",
            Holds::Mapping(&DATES),
            "between which days it begins",
        ),
        Key::required(
            "timeZone",
            Holds::Text,
            "whose clock that is, by its IANA name: `Europe/Berlin`, `UTC`",
        ),
    ],
);

static DATES: Shape = Shape::new(
    "two days, both included",
    &[
        Key::required("first", Holds::Text, "the first day, like `2026-12-20`"),
        Key::required("last", Holds::Text, "the last day, like `2027-01-06`"),
    ],
);

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// One window, and what it says about its time.
enum Window {
    Allow(Period),
    Deny(Period),
}

/// All windows of a route: each can be open at some time.
pub(super) fn read(field: &Field<'_>) -> Read<Windows> {
    let all = field.list(&[
        ("allow", &|reader| {
            window(reader, "allow").map(Window::Allow)
        }),
        ("deny", &|reader| window(reader, "deny").map(Window::Deny)),
    ])?;
    if all.len() > MOST {
        let what = format!("are {} windows, more than {MOST}", all.len());
        let help = "put days with the same hours together in `days`";
        return Err(field.complain(Complaint::new(what, help)));
    }
    let mut windows = Windows::default();
    for window in &all {
        match window {
            Window::Allow(period) => windows.allow.push(period.clone()),
            Window::Deny(period) => windows.deny.push(period.clone()),
        }
    }
    for (index, window) in all.iter().enumerate() {
        if let Window::Allow(period) = window {
            let with = |deny: &[Period]| Windows {
                allow: vec![period.clone()],
                deny: deny.to_vec(),
            };
            let complaint = if !with(&[]).ever_opens() {
                let what = "can never be open: on its days its hours are not there";
                Complaint::new(what, "write other hours or days, or remove it")
            } else if !with(&windows.deny).ever_opens() {
                let what = "can never be open: `deny` covers all of it";
                Complaint::new(what, "shorten what is denied, or remove this `allow`")
            } else {
                continue;
            };
            return Err(field.complain_at(index, complaint));
        }
    }
    if !windows.ever_opens() {
        let what = "deny every hour there is, so nothing could ever be promoted";
        let help = "leave some hours out; to stop for a while there are freezes";
        return Err(field.complain(Complaint::new(what, help)));
    }
    Ok(windows)
}

fn window(reader: &Reader<'_>, key: &'static str) -> Read<Period> {
    reader.required(key, |field| field.mapping(period))
}

fn period(reader: &Reader<'_>) -> Read<Period> {
    let days = reader.optional("days", |field| field.names(|name| name.parse(weekday)));
    let from = reader.required("from", |field| field.parse(hour));
    let to = reader.required("to", |field| field.parse(end));
    let dates = reader.optional("dates", |field| field.mapping(dates));
    let zone = reader.required("timeZone", |field| field.parse(zone));
    if !["days", "from", "to", "dates"]
        .iter()
        .any(|key| reader.has(key))
    {
        let what = "names neither days nor hours nor dates";
        let help = "add `days`, `from` and `to`, or `dates`; else remove it";
        return Err(reader.complain("timeZone", Complaint::new(what, help)));
    }
    let (from, to) = (from?, to?);
    if to == Some(from) {
        let what = "is when it begins as well, so it is never open";
        let help = "write another time; a whole day is `00:00` to `24:00`";
        return Err(reader.complain("to", Complaint::new(what, help)));
    }
    Ok(Period {
        days: days?.unwrap_or_default(),
        from,
        to: to.unwrap_or(Time::midnight()),
        dates: dates?,
        zone: zone?,
    })
}

fn dates(reader: &Reader<'_>) -> Read<(Date, Date)> {
    let first = reader.required("first", |field| field.parse(day));
    let last = reader.required("last", |field| field.parse(day));
    let (first, last) = (first?, last?);
    if last < first {
        let what = format!("is before `first`, which is {first}");
        return Err(reader.complain("last", Complaint::new(what, "swap them")));
    }
    Ok((first, last))
}

fn weekday(text: &str) -> Result<Weekday, Complaint> {
    let known = DAYS.iter().find(|(name, _)| *name == text);
    known.map(|(_, day)| *day).ok_or_else(|| {
        let names = || DAYS.iter().map(|(name, _)| *name);
        let begin: String = text.to_lowercase().chars().take(3).collect();
        let help = match names().find(|name| *name == begin) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", suggestion::listed(names())),
        };
        Complaint::new("is no day of the week", help)
    })
}

/// `09:00`.
fn hour(text: &str) -> Result<Time, Complaint> {
    clock(text).ok_or_else(|| no_time("23:59"))
}

/// `16:00`; nothing for `24:00`, the midnight with which the next day begins.
fn end(text: &str) -> Result<Option<Time>, Complaint> {
    match text {
        "24:00" => Ok(None),
        _ => clock(text).map(Some).ok_or_else(|| no_time("24:00")),
    }
}

fn no_time(latest: &str) -> Complaint {
    let help = format!("write hours and minutes, from `00:00` to `{latest}`");
    Complaint::new("is no time of day", help)
}

fn clock(text: &str) -> Option<Time> {
    let digits = |part: &str, most: i8| {
        let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<i8>().ok().filter(|n| plain && *n <= most)
    };
    let (hour, minute) = text.split_once(':')?;
    Time::new(digits(hour, 23)?, digits(minute, 59)?, 0, 0).ok()
}

fn day(text: &str) -> Result<Date, Complaint> {
    let read: Option<Date> = text.parse().ok();
    // In no other way of writing it.
    read.filter(|date| date.to_string() == text)
        .ok_or_else(|| Complaint::new("is no day", "write year, month and day like `2026-12-20`"))
}

fn zone(text: &str) -> Result<TimeZone, Complaint> {
    let all = TimeZoneDatabase::bundled();
    let known: Vec<String> = all.available().map(|name| name.to_string()).collect();
    if known.iter().any(|name| name == text) {
        let found = all.get(text);
        return found.map_err(|_| Complaint::new("cannot be read", "write another one"));
    }
    let plain = text.to_lowercase().replace(' ', "_");
    let names = || known.iter().map(String::as_str);
    let city = |name: &&str| name.to_lowercase().ends_with(&format!("/{plain}"));
    let same = |name: &&str| name.to_lowercase() == plain;
    let near = names()
        .find(same)
        .or_else(|| names().find(city))
        .or_else(|| suggestion::nearest(text, names()));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write a name of the IANA list, like `Europe/Berlin` or `UTC`".to_owned(),
    };
    Err(Complaint::new("is no time zone", help))
}

/// `only mon, tue 09:00 to 16:00 Europe/Berlin; not 2026-12-20 to 2027-01-06 Europe/Berlin`; nothing, where there are none.
pub(super) fn summary(windows: &Windows) -> Option<String> {
    let part = |word: &str, periods: &[Period]| {
        let all: Vec<String> = periods.iter().map(written).collect();
        (!all.is_empty()).then(|| format!("{word} {}", all.join(" or ")))
    };
    let parts = [part("only", &windows.allow), part("not", &windows.deny)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("acts {}", parts.join("; ")))
}

fn written(period: &Period) -> String {
    let dates = period
        .dates
        .map(|(first, last)| format!("{first} to {last}"));
    let named = DAYS.iter().filter(|(_, day)| period.days.contains(day));
    let days: Vec<&str> = named.map(|(name, _)| *name).collect();
    let days = (!days.is_empty()).then(|| days.join(", "));
    let whole = period.from == period.to;
    let end = match period.to {
        midnight if midnight == Time::midnight() => "24:00".to_owned(),
        other => other.strftime("%H:%M").to_string(),
    };
    let hours = (!whole).then(|| format!("{} to {end}", period.from.strftime("%H:%M")));
    let zone = period.zone.iana_name().unwrap_or("UTC").to_owned();
    let parts = [dates, days, hours, Some(zone)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
