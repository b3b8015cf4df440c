//! Where the lines of the handler and of the host go.
//!
//! The real host logs a handler's stdout as Information and its stderr as Error, or Warning when the line says "warn".

use std::fmt;
use std::sync::Arc;

/// How the host rates a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// stdout, and the host's own news.
    Information,
    /// stderr that speaks of a warning.
    Warning,
    /// Everything else from stderr, and failed invocations.
    Error,
}

/// One line, as the host's log would hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How serious.
    pub level: Level,
    /// `Host.Function.Console` for the handler's own output, `Function.<name>.User` for logs in its answers, else `Host`.
    pub category: String,
    /// The line, without its end.
    pub text: String,
}

/// Takes every line; called from several tasks at once, so it must not block.
#[derive(Clone)]
pub struct LogSink(Arc<dyn Fn(LogLine) + Send + Sync>);

impl LogSink {
    /// Hands every line to `sink`.
    pub fn new(sink: impl Fn(LogLine) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Writes lines as `tracing` events of target `functions_host`.
    pub fn tracing() -> Self {
        Self::new(|line| match line.level {
            Level::Information => tracing::info!(category = line.category, "{}", line.text),
            Level::Warning => tracing::warn!(category = line.category, "{}", line.text),
            Level::Error => tracing::error!(category = line.category, "{}", line.text),
        })
    }

    pub(crate) fn line(&self, level: Level, category: &str, text: impl Into<String>) {
        (self.0)(LogLine {
            level,
            category: category.to_owned(),
            text: text.into(),
        });
    }

    pub(crate) fn host(&self, level: Level, text: impl Into<String>) {
        self.line(level, "Host", text);
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogSink")
    }
}
