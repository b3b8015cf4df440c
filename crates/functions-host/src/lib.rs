//! A local Azure Functions host for custom handlers, exact on the wire.
