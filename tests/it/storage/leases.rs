//! Leases and the form key: one of several is first, the others see that.

use std::collections::BTreeMap;

use azure_api::blob::Condition;
use liftlock::state::{Holder, Taken, Target};
use promotion::{Attempt, EndpointName, PromotionId, TargetId, WorkspaceId};

use super::Service;

fn target(case: &str) -> TargetId {
    TargetId::of(&WorkspaceId::new("/w/ml-prod"), &EndpointName::new(case))
}

fn holder(promotion: &str) -> Holder {
    Holder {
        promotion: PromotionId::new(promotion),
        attempt: Attempt::FIRST,
        since: "2026-11-23T07:00:00Z".parse().unwrap(),
    }
}

pub(super) async fn a_lease_is_handed_over_and_remembered(service: &Service) {
    let (leases, target) = (&service.store.leases, target("handed"));
    for next in [Some(holder("m-1")), None, Some(holder("m-2"))] {
        let read = leases.read(&target).await.unwrap();
        let taken = leases.hand_over(&target, read, next.clone()).await.unwrap();
        assert_eq!(taken, Taken::Ours);
        assert_eq!(leases.read(&target).await.unwrap().0.holder, next);
    }
    let (read, _) = leases.read(&target).await.unwrap();
    assert_eq!(read.history, [holder("m-1")]);
}

pub(super) async fn of_two_takers_one_gets_the_lease(service: &Service) {
    let (leases, target) = (&service.store.leases, target("raced"));
    // First where there is no blob yet, then over one that both have read.
    for round in 0..2 {
        let one = leases.read(&target).await.unwrap();
        let other = leases.read(&target).await.unwrap();
        let (one, other) = tokio::join!(
            leases.hand_over(&target, one, Some(holder("one"))),
            leases.hand_over(&target, other, Some(holder("other"))),
        );
        let winner = match (one.unwrap(), other.unwrap()) {
            (Taken::Ours, Taken::Raced) => "one",
            (Taken::Raced, Taken::Ours) => "other",
            both => panic!("round {round}: {both:?}"),
        };
        let (read, _) = leases.read(&target).await.unwrap();
        assert_eq!(read.holder, Some(holder(winner)), "round {round}");
    }
}

pub(super) async fn a_turn_is_written_over_what_was_read_and_beside_the_lease(service: &Service) {
    let (leases, target) = (&service.store.leases, target("turns"));
    let nobody = leases.read(&target).await.unwrap();
    let late = leases.read(&target).await.unwrap();
    let first = Some(holder("m-1"));
    let taken = leases.hand_over(&target, nobody, first.clone()).await;
    assert_eq!(taken.unwrap(), Taken::Ours);
    let taken = leases.line_up(&target, late, None, vec![holder("m-2")]);
    assert_eq!(taken.await.unwrap(), Taken::Raced);
    let read = leases.read(&target).await.unwrap();
    let (turn, line) = (Some(holder("m-2")), vec![holder("m-3"), holder("m-4")]);
    let taken = leases.line_up(&target, read, turn.clone(), line.clone());
    assert_eq!(taken.await.unwrap(), Taken::Ours);
    // Whoever has the turn need not be the one who may change the target now, and lets go of the lease alone.
    let read = leases.read(&target).await.unwrap();
    assert_eq!(read.0.holder, first);
    assert_eq!(
        leases.hand_over(&target, read, None).await.unwrap(),
        Taken::Ours
    );
    let (read, _) = leases.read(&target).await.unwrap();
    assert_eq!((read.holder, read.turn, read.line), (None, turn, line));
    let older = r#"{"holder":null,"history":[]}"#;
    assert_eq!(
        serde_json::from_str::<Target>(older).unwrap(),
        Target::default()
    );
}

pub(super) async fn everybody_signs_forms_with_one_key(service: &Service) {
    let stores = [service.another_store(), service.another_store()];
    let (one, other) = tokio::join!(stores[0].form_key.get(), stores[1].form_key.get());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one, other);
    assert_eq!(service.store.form_key.get().await.unwrap(), one);
    assert!(one.current.len() >= 32, "{} bytes", one.current.len());
    // Somebody rolls it: who has read it goes on for a while, and reads it again for a form that names another.
    let (state, old) = (service.state(), one.current.clone());
    let (current, previous) = (
        state.blob("control/form-key"),
        state.blob("control/form-key-previous"),
    );
    let plain = BTreeMap::new();
    let copied = previous.put(old.clone(), Condition::None, &plain);
    copied.await.unwrap();
    current.delete(None).await.unwrap();
    assert_eq!(service.store.form_key.get().await.unwrap(), one);
    let theirs = service.another_store().form_key.get().await.unwrap();
    assert_ne!(theirs.current, old);
    assert_eq!(theirs.previous.as_ref(), Some(&old));
    assert_eq!(service.store.form_key.get_now().await.unwrap(), theirs);
    assert_eq!(service.store.form_key.get().await.unwrap(), theirs);
}

pub(super) async fn a_key_that_is_easily_guessed_is_refused_by_its_name(service: &Service) {
    let key = service.state();
    let key = key.blob("control/form-key");
    let plain = BTreeMap::new();
    for short in ["", "hunter2"] {
        let put = key.put(short.into(), Condition::None, &plain);
        put.await.unwrap();
        let store = service.another_store();
        let why = store.form_key.get().await.unwrap_err().to_string();
        assert!(
            why.contains("`control/form-key` holds") && why.contains("delete that blob"),
            "{why}"
        );
    }
    key.delete(None).await.unwrap();
    let made = service.another_store().form_key.get().await.unwrap();
    assert!(made.current.len() >= 32);
}
