//! One sweep with few and many open promotions, due or not, and with many closed ones beside them.

use anyhow::{bail, ensure};
use cloud_sim::BlobStore;
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::bare::Bare;
use super::{Sizes, number, title};
use crate::App;
use crate::state::ACCOUNT;

/// When the planted promotions want the next look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    No,
    Yes,
}

/// What is open and closed when the sweep comes.
#[derive(Debug, Clone, Copy)]
struct Planted {
    open: usize,
    due: Due,
    closed: usize,
}

pub(super) async fn measure(app: &App, sizes: &Sizes) -> anyhow::Result<()> {
    title("one sweep (listing alone: the same pages, asked of the store by the bench)");
    println!(
        "{:>9}{:>9}{:>5}{:>12}{:>15}{:>8}{:>9}{:>8}{:>14}",
        "open", "closed", "due", "time", "listing alone", "pages", "woken", "left", "per wake-up"
    );
    let bare = Bare::start(app).await?;
    for left in bare.cloud.blobs().list(ACCOUNT, "state", "open/") {
        bare.cloud.blobs().remove(ACCOUNT, "state", &left.name);
    }
    let mut rows: Vec<_> = Vec::new();
    for open in &sizes.open {
        for due in [Due::No, Due::Yes] {
            rows.push(Planted {
                open: *open,
                due,
                closed: 0,
            });
        }
    }
    let fewest = sizes.open.first().copied().unwrap_or_default();
    rows.push(Planted {
        open: fewest,
        due: Due::No,
        closed: sizes.closed,
    });
    // The first one sets watermarks: from then on each reads them, once.
    tick(&bare).await?;
    for row in rows {
        sweep(&bare, row).await?;
    }
    println!("memory: {}", bare.memory()?);
    Ok(())
}

async fn sweep(bare: &Bare, row: Planted) -> anyhow::Result<()> {
    let blobs = bare.cloud.blobs();
    let names = plant(blobs, row);
    let listing = listing_alone(bare).await?;
    let before = bare.cloud.calls();
    let began = Instant::now();
    tick(bare).await?;
    let took = began.elapsed();
    let mut calls = bare.calls_since(&before);
    let pages = calls.remove("blob.list").unwrap_or_default();
    let woken = usize::try_from(calls.remove("servicebus.send").unwrap_or_default())?;
    let watermarks = calls.remove("blob.get").unwrap_or_default();
    ensure!(
        watermarks == 1 && calls.is_empty(),
        "beside {watermarks} reads of its watermarks a sweep called more: {calls:?}"
    );
    let due = if row.due == Due::Yes { row.open } else { 0 };
    ensure!(woken <= due, "{woken} were woken of {due} that were due");
    for name in names {
        blobs.remove(ACCOUNT, "state", &name);
    }
    print(row, (took, listing), pages, (woken, due - woken));
    Ok(())
}

async fn tick(bare: &Bare) -> anyhow::Result<()> {
    match bare.call("sweep", &json!({ "timer": {} })).await? {
        Ok(()) => Ok(()),
        Err(refused) => bail!("the sweep failed: {}", refused.0),
    }
}

fn print(
    row: Planted,
    (took, listing): (Duration, Duration),
    pages: u64,
    (woken, left): (usize, usize),
) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let each = if woken > 0 {
        let each = milliseconds(took.saturating_sub(listing)) / number(woken);
        format!("{each:.2} ms")
    } else {
        String::new()
    };
    let due = if row.due == Due::Yes { "yes" } else { "no" };
    println!(
        "{:>9}{:>9}{due:>5}{:>9.1} ms{:>12.1} ms{pages:>8}{woken:>9}{left:>8}{each:>14}",
        row.open,
        row.closed,
        milliseconds(took),
        milliseconds(listing)
    );
}

/// Markers as the handler writes them; their journals are not looked at by a sweep.
fn plant(blobs: &BlobStore, row: Planted) -> Vec<String> {
    let now = Timestamp::now();
    let due = match row.due {
        Due::No => now + SignedDuration::from_hours(24),
        Due::Yes => now - SignedDuration::from_mins(1),
    };
    let open = (0..row.open).map(|n| format!("open/diabetes-{n}.bench-0-{n:010x}"));
    let closed = (0..row.closed).map(|n| format!("closed/2026-11/diabetes-{n}.bench-0-{n:010x}"));
    let names: Vec<_> = open.chain(closed).collect();
    for (number, name) in names.iter().enumerate() {
        blobs.put_with_metadata(ACCOUNT, "state", name, marker(number, due, now));
    }
    names
}

fn marker(number: usize, due: Timestamp, since: Timestamp) -> BTreeMap<String, String> {
    [
        ("stage", "awaiting%20approval".to_owned()),
        ("route", "bench-0".to_owned()),
        ("model", "diabetes".to_owned()),
        ("version", number.to_string()),
        ("from", "dev".to_owned()),
        ("to", "prod".to_owned()),
        (
            "waitsfor",
            "waits%20for%201%20approval%20by%20Model.Approver".to_owned(),
        ),
        ("due", due.to_string()),
        ("since", since.to_string()),
        ("idle", "0".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

async fn listing_alone(bare: &Bare) -> anyhow::Result<Duration> {
    let token = bare.cloud.identity().token("https://storage.azure.com").0;
    let began = Instant::now();
    let mut marker = String::new();
    loop {
        let page = page(&bare.http, bare.cloud.url(), &token, &marker).await?;
        let next = page
            .split_once("<NextMarker>")
            .and_then(|(_, rest)| rest.split_once('<'));
        match next {
            Some((next, _)) if !next.is_empty() => next.clone_into(&mut marker),
            _ => return Ok(began.elapsed()),
        }
    }
}

async fn page(http: &Client, base: &str, token: &str, marker: &str) -> anyhow::Result<String> {
    let url = format!(
        "{base}/blob/{ACCOUNT}/state?restype=container&comp=list&include=metadata&prefix=open/&maxresults=5000&marker={marker}"
    );
    let answer = http
        .get(url)
        .bearer_auth(token)
        .header("x-ms-version", "2025-05-05")
        .send()
        .await?;
    Ok(answer.error_for_status()?.text().await?)
}
