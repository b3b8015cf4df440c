//! Markers and events: metadata that one listing tells.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use liftlock::state::{Found, JournalName, Kept, KeptEvent, Marker, Summary, Watermark};
use promotion::{ModelName, WorkspaceId};

use super::Service;

fn name(case: &str) -> JournalName {
    JournalName::parse(&format!("m-1.{case}-0123456789")).unwrap()
}

/// Each case has a month of its own, so that cases may share a service.
fn marker(month: &str, stage: &str) -> Marker {
    Marker {
        summary: Summary {
            stage: stage.to_owned(),
            model: "größe <b>\n".to_owned(),
            waits_for: "Ada's approval, 100 %".to_owned(),
            ..Summary::default()
        },
        due: "2026-11-23T07:00:00.123456789Z".parse().unwrap(),
        since: format!("{month}-02T00:00:00Z").parse().unwrap(),
        idle: 3,
        announced: None,
    }
}

async fn found(service: &Service, name: &JournalName) -> Option<Found> {
    service.store.markers.open_marker(name).await.unwrap()
}

async fn put(service: &Service, name: &JournalName, marker: &Marker) -> Found {
    let markers = &service.store.markers;
    match found(service, name).await {
        Some(before) => markers.replace_open(&before, marker).await,
        None => markers.put_open_if_absent(name, marker).await,
    }
    .unwrap();
    found(service, name).await.unwrap()
}

async fn closed(service: &Service, month: &str) -> Vec<JournalName> {
    let page = service.store.markers.list_closed(month, None, 100).await;
    page.unwrap()
        .0
        .into_iter()
        .map(|found| found.name)
        .collect()
}

pub(super) async fn a_marker_is_read_as_it_was_written(service: &Service) {
    let marker = marker("2031-01", "gating");
    let found = put(service, &name("read"), &marker).await;
    assert_eq!((found.name, found.marker), (name("read"), marker));
}

pub(super) async fn whoever_read_an_older_marker_leaves_the_newer_one(service: &Service) {
    let (name, markers) = (name("newer"), &service.store.markers);
    let old = put(service, &name, &marker("2031-02", "gating")).await;
    let newer = marker("2031-02", "awaiting approval");
    markers.replace_open(&old, &newer).await.unwrap();
    let late = marker("2031-02", "too late");
    markers.replace_open(&old, &late).await.unwrap();
    assert_eq!(found(service, &name).await.unwrap().marker, newer);
}

pub(super) async fn open_markers_are_listed_with_what_they_say(service: &Service) {
    let marker = marker("2031-03", "copying");
    let intake = JournalName::parse("intake/ml-dev/run.m-0123456789").unwrap();
    let ours = BTreeSet::from([name("list-a"), name("list-b"), intake]);
    for name in &ours {
        put(service, name, &marker).await;
    }
    let listed = service.store.markers.list_open().await.unwrap();
    let mine: Vec<_> = listed.iter().filter(|f| ours.contains(&f.name)).collect();
    assert_eq!(mine.len(), ours.len());
    assert!(mine.iter().all(|found| found.marker == marker));
    // The list's entity tag is good for a condition.
    service.store.markers.close(mine[0], &marker).await.unwrap();
    assert!(found(service, &mine[0].name).await.is_none());
}

pub(super) async fn closing_and_reopening_move_a_marker(service: &Service) {
    let (name, markers) = (name("moves"), &service.store.markers);
    let marker = marker("2031-04", "rejected");
    let open = put(service, &name, &marker).await;
    markers.close(&open, &marker).await.unwrap();
    assert!(found(service, &name).await.is_none());
    assert_eq!(
        closed(service, "2031-04").await,
        std::slice::from_ref(&name)
    );
    // A crash between the two writes of closing repeats it.
    markers.close(&open, &marker).await.unwrap();
    markers.forget_closed(&name, marker.since).await.unwrap();
    markers.forget_closed(&name, marker.since).await.unwrap();
    assert!(closed(service, "2031-04").await.is_empty());
}

pub(super) async fn what_was_written_since_keeps_its_open_marker(service: &Service) {
    let (name, markers) = (name("since"), &service.store.markers);
    let old = put(service, &name, &marker("2031-05", "rejected")).await;
    let reopened = marker("2031-05", "gating");
    put(service, &name, &reopened).await;
    markers.close(&old, &old.marker).await.unwrap();
    assert_eq!(found(service, &name).await.unwrap().marker, reopened);
}

pub(super) async fn a_marker_that_is_there_is_left(service: &Service) {
    let (name, markers) = (name("absent"), &service.store.markers);
    let (first, second) = (marker("2031-07", "opening"), marker("2031-07", "proposed"));
    markers.put_open_if_absent(&name, &first).await.unwrap();
    markers.put_open_if_absent(&name, &second).await.unwrap();
    let old = found(service, &name).await.unwrap();
    assert_eq!(old.marker, first);
    let new = put(service, &name, &second).await;
    markers.drop_open(&old).await.unwrap();
    assert_eq!(found(service, &name).await.unwrap().marker, second);
    markers.drop_open(&new).await.unwrap();
    markers.drop_open(&new).await.unwrap();
    assert!(found(service, &name).await.is_none());
}

pub(super) async fn closed_markers_come_in_pages(service: &Service) {
    let (marker, markers) = (marker("2031-06", "finished"), &service.store.markers);
    for number in 0..5 {
        let open = put(service, &name(&format!("page-{number}")), &marker).await;
        markers.close(&open, &marker).await.unwrap();
    }
    let (mut seen, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = markers.list_closed("2031-06", from.as_deref(), 2).await;
        let (found, next) = page.unwrap();
        seen.extend(found.into_iter().map(|found| found.name));
        pages += 1;
        from = next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (5, 3));
    assert!(seen.is_sorted(), "{seen:?}");
}

pub(super) async fn a_closed_marker_is_mended_only_as_it_was_read(service: &Service) {
    let (name, markers) = (name("mended"), &service.store.markers);
    let (first, second) = (marker("2031-07", "finished"), marker("2031-07", "aborted"));
    markers.put_closed_if_absent(&name, &first).await.unwrap();
    markers.put_closed_if_absent(&name, &second).await.unwrap();
    let read = async || markers.closed_marker(&name, first.since).await.unwrap();
    let old = read().await.unwrap();
    assert_eq!(old.marker, first);
    markers.replace_closed(&old, &second).await.unwrap();
    markers.replace_closed(&old, &first).await.unwrap();
    markers.drop_closed("2031-07", &old).await.unwrap();
    let new = read().await.unwrap();
    assert_eq!(new.marker, second);
    markers.drop_closed("2031-07", &new).await.unwrap();
    assert!(read().await.is_none());
}

pub(super) async fn markers_of_all_months_come_with_their_month(service: &Service) {
    let markers = &service.store.markers;
    for month in ["2031-08", "2031-09"] {
        let marker = marker(month, "finished");
        markers
            .put_closed_if_absent(&name("months"), &marker)
            .await
            .unwrap();
    }
    let open = put(service, &name("months"), &marker("2031-09", "gating")).await;
    let (mut months, mut from) = (Vec::new(), None);
    loop {
        let (page, next) = markers.list_all_closed(from.as_deref(), 1).await.unwrap();
        let ours = page
            .into_iter()
            .filter(|(_, found)| found.name == open.name);
        months.extend(ours.map(|(month, found)| (month, found.marker.month())));
        from = next;
        if from.is_none() {
            break;
        }
    }
    let alike = |month: &str| (month.to_owned(), month.to_owned());
    assert_eq!(months, [alike("2031-08"), alike("2031-09")]);
    let (page, _) = markers.list_open_page(None, 5000).await.unwrap();
    assert!(
        page.iter()
            .any(|found| found.name == open.name && found.etag == open.etag)
    );
}

fn event(key: &str, time: Option<Timestamp>) -> KeptEvent {
    KeptEvent {
        key: key.to_owned(),
        kind: "Microsoft.MachineLearningServices.ModelRegistered".to_owned(),
        subject: "models/größe:3".to_owned(),
        time,
        what: "opens m-3.to-prod".to_owned(),
    }
}

pub(super) async fn an_event_is_kept_once(service: &Service) {
    let events = &service.store.events;
    let event = event("2031-01-01/once", "2031-01-01T10:00:00Z".parse().ok());
    let later = KeptEvent {
        what: "something else".to_owned(),
        ..event.clone()
    };
    let body = Bytes::from_static(b"{}");
    assert_eq!(events.keep(&event, body.clone()).await.unwrap(), Kept::New);
    assert_eq!(events.keep(&later, body).await.unwrap(), Kept::Again);
    let (listed, next) = events.list("2031-01-01", None, 10).await.unwrap();
    assert_eq!((listed, next), (vec![event], None));
}

pub(super) async fn an_event_is_read_back_by_its_key(service: &Service) {
    let events = &service.store.events;
    let event = event("2031-03-01/back", None);
    let body = Bytes::from_static(b"{\"a\":1}");
    events.keep(&event, body.clone()).await.unwrap();
    let found = events.get("2031-03-01/back").await.unwrap();
    assert_eq!(found, Some((event.clone(), body)));
    for key in ["2031-03-01/none", "../state/events/2031-03-01/back", ""] {
        assert_eq!(events.get(key).await.unwrap(), None, "{key}");
    }
    let (all, _) = events.list_all(None, 5000).await.unwrap();
    assert!(all.contains(&event));
}

pub(super) async fn a_watermark_moves_forward_and_goes_with_its_source(service: &Service) {
    let (workspace, model) = (WorkspaceId::new("/w"), ModelName::new("m"));
    let mark = |second| Watermark {
        routes: BTreeMap::new(),
        workspace: workspace.clone(),
        model: model.clone(),
        installed: Timestamp::UNIX_EPOCH,
        seen: Timestamp::from_second(second).unwrap(),
    };
    let (marks, kept) = (&service.store.watermarks, [(&workspace, &model)]);
    let seen = async || {
        let all = marks.read().await.unwrap();
        all.of(&workspace, &model).map(|mark| mark.seen.as_second())
    };
    assert_eq!(seen().await, None);
    for second in [10, 30, 20] {
        marks.advance(&[mark(second)], &kept).await.unwrap();
    }
    assert_eq!(seen().await, Some(30));
    marks.advance(&[], &[]).await.unwrap();
    assert_eq!(seen().await, None);
}

pub(super) async fn events_come_in_pages_by_day(service: &Service) {
    let events = &service.store.events;
    let day: Timestamp = "2031-02-01T00:00:00Z".parse().unwrap();
    for number in 0..3 {
        let time = day + SignedDuration::from_hours(number);
        let event = event(&format!("2031-02-01/{number}"), Some(time));
        events.keep(&event, Bytes::new()).await.unwrap();
    }
    let (first, next) = events.list("2031-02-01", None, 2).await.unwrap();
    let (rest, end) = events.list("2031-02-01", next.as_deref(), 2).await.unwrap();
    assert_eq!((first.len(), rest.len(), end), (2, 1, None));
    assert!(
        events
            .list("2031-02-02", None, 2)
            .await
            .unwrap()
            .0
            .is_empty()
    );
}
