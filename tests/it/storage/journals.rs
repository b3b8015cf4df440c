//! Journals: appended only at the length that was read.

use jiff::Timestamp;
use liftlock::state::{Append, Created, Journal, JournalName};

use super::Service;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn name(case: &str) -> JournalName {
    JournalName::parse(&format!("m-1.{case}-0123456789")).unwrap()
}

async fn load(service: &Service, name: &JournalName) -> Journal<String> {
    service.store.journals.load(name).await.unwrap().unwrap()
}

async fn begun(service: &Service, case: &str) -> Journal<String> {
    let name = name(case);
    match service.store.journals.create(&name).await.unwrap() {
        Created::New(journal) => journal,
        Created::There => panic!("{name} is there already"),
    }
}

async fn append(service: &Service, journal: &mut Journal<String>, fact: &str) -> Append {
    let facts = [fact.to_owned()];
    service
        .store
        .journals
        .append(journal, &facts, AT)
        .await
        .unwrap()
}

async fn facts(service: &Service, name: &JournalName) -> Vec<String> {
    let journal = load(service, name).await;
    journal.lines.into_iter().map(|line| line.fact).collect()
}

pub(super) async fn an_append_counts_only_at_the_length_that_was_read(service: &Service) {
    let mut journal = begun(service, "length").await;
    assert_eq!(append(service, &mut journal, "a").await, Append::Written);
    assert_eq!(append(service, &mut journal, "b").await, Append::Written);
    assert_eq!(journal.records(), 2);
    assert_eq!(facts(service, journal.name()).await, ["a", "b"]);
}

pub(super) async fn of_two_writers_one_learns_that_it_is_stale(service: &Service) {
    let mut first = begun(service, "stale").await;
    let mut second = load(service, first.name()).await;
    assert_eq!(append(service, &mut first, "a").await, Append::Written);
    assert_eq!(append(service, &mut second, "b").await, Append::Stale);
    let mut again = load(service, first.name()).await;
    assert_eq!(append(service, &mut again, "b").await, Append::Written);
    assert_eq!(facts(service, first.name()).await, ["a", "b"]);
}

pub(super) async fn a_lost_answer_is_one_append(service: &Service) {
    let mut journal = begun(service, "lost").await;
    append(service, &mut journal, "a").await;
    service.lose_next_append();
    assert_eq!(append(service, &mut journal, "b").await, Append::Written);
    assert_eq!(append(service, &mut journal, "c").await, Append::Written);
    assert_eq!(facts(service, journal.name()).await, ["a", "b", "c"]);
}

pub(super) async fn a_journal_is_made_once(service: &Service) {
    let mut journal = begun(service, "once").await;
    append(service, &mut journal, "a").await;
    let again = service
        .store
        .journals
        .create::<String>(journal.name())
        .await;
    assert!(matches!(again.unwrap(), Created::There));
    assert_eq!(facts(service, journal.name()).await, ["a"]);
}

pub(super) async fn a_journal_that_is_not_there_is_none(service: &Service) {
    let found = service.store.journals.load::<String>(&name("none")).await;
    assert!(found.unwrap().is_none());
}

pub(super) async fn journals_that_are_begun_come_in_pages(service: &Service) {
    for number in 0..3 {
        let mut journal = begun(service, &format!("listed-{number}")).await;
        append(service, &mut journal, "a").await;
    }
    let empty = begun(service, "listed-empty").await;
    let journals = &service.store.journals;
    assert!(journals.is_begun(&name("listed-0")).await.unwrap());
    assert!(!journals.is_begun(empty.name()).await.unwrap());
    assert!(!journals.is_begun(&name("listed-none")).await.unwrap());
    let (mut seen, mut from) = (Vec::new(), None);
    loop {
        let (page, next) = journals.list(from.as_deref(), 2).await.unwrap();
        assert!(page.len() <= 2);
        seen.extend(page);
        from = next;
        if from.is_none() {
            break;
        }
    }
    seen.retain(|found| found.as_str().starts_with("m-1.listed-"));
    let wanted = [0, 1, 2].map(|number| name(&format!("listed-{number}")));
    assert_eq!(seen, wanted);
}
