//! A form that came back and counts no more: people read one sentence for every reason, and what its token says of itself
//! tells them apart.

use crate::stories::people::OpenForm;

/// Which key has bound it.
pub(super) fn kid(form: &OpenForm) -> &str {
    form.token.rsplit('.').nth(2).unwrap()
}

/// Whether its half hour is not over.
fn is_in_time(form: &OpenForm) -> bool {
    let until = form.token.rsplit('.').nth(1).unwrap();
    until.parse::<i64>().unwrap() > liftlock::clock::wall_now().as_second()
}

/// It is in time, and its key is the one that binds new forms: so nothing but what it is bound to can be wrong, that is who was
/// shown it, what was asked, or a word taken back since.
#[track_caller]
pub(super) fn bound_to_something_else(form: &OpenForm, fresh: &OpenForm) {
    assert!(is_in_time(form), "open for too long: {}", form.token);
    assert_eq!(kid(form), kid(fresh), "its key is another one");
    assert_ne!(form.token, fresh.token, "it is the very form");
}

/// It is in time, and none of these keys, which are all that count, has bound it.
#[track_caller]
pub(super) fn bound_by_a_key_that_is_gone(form: &OpenForm, keys: [&str; 2]) {
    assert!(is_in_time(form), "open for too long: {}", form.token);
    assert!(!keys.contains(&kid(form)), "its key still counts: {keys:?}");
}
