//! Events that are run again, and what would follow from them today.

use crate::ui::text::{clause, name};

/// That nothing can be made of an event.
pub fn not_replayed(why: &str) -> String {
    format!(
        "This event was kept and cannot be understood, so it cannot be run again: {}.",
        clause(why)
    )
}

/// That there is no such event.
pub fn no_event(key: &str) -> String {
    format!(
        "There is no event {}; GET /api/v1/events lists a day's keys.",
        name(key)
    )
}

/// That something follows today and did not then.
pub fn follows_now(id: &str) -> String {
    format!("{} follows from it today, and did not then.", name(id))
}

/// That something followed then and does not today.
pub fn follows_no_more(id: &str) -> String {
    format!("{} followed from it then, and would not today.", name(id))
}

/// That something should have been opened and was not.
pub fn was_never_opened(id: &str) -> String {
    format!("{} was to follow from it, and was never opened.", name(id))
}

/// That the route of something that was opened is configured otherwise today.
pub fn route_has_changed(id: &str) -> String {
    format!(
        "The route of {} is configured otherwise today; it keeps what it began with until it is reopened.",
        name(id)
    )
}

/// That nothing followed, for another reason than today.
pub fn another_reason(then: &str, today: &str) -> String {
    format!("Then: {}. Today: {}.", clause(then), clause(today))
}
