//! What the clock on the wall says. Tokens and signatures expire by it, whatever clock the business follows; nothing else
//! here asks for the time.

use azure_core::time::OffsetDateTime;

/// Now.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
