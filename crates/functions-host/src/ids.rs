//! The one place that draws random values.

use uuid::Uuid;

/// A guid as .NET prints it: lower case, with dashes.
pub(crate) fn guid() -> String {
    Uuid::new_v4().to_string()
}

/// A value that cannot be guessed, for cookies.
pub(crate) fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
