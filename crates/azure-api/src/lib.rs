//! Typed clients for the Azure services that Liftlock calls.
