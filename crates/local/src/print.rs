//! Lines of progress, each with the time since the beginning.

use std::time::Instant;

/// Prints the lines of one demo or scenario.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    began: Instant,
    /// Stands before each line where several scenarios run at once.
    name: Option<&'static str>,
    is_silent: bool,
}

impl Printer {
    pub(crate) fn new(name: Option<&'static str>) -> Self {
        Self {
            began: Instant::now(),
            name,
            is_silent: false,
        }
    }

    /// For what is told in one line when it is over.
    pub(crate) fn silent() -> Self {
        Self {
            is_silent: true,
            ..Self::new(None)
        }
    }

    pub(crate) fn say(&self, text: &str) {
        let seconds = self.began.elapsed().as_secs_f64();
        match self.name {
            _ if self.is_silent => {}
            Some(name) => println!("{seconds:7.1} s  {name:<14} {text}"),
            None => println!("{seconds:7.1} s  {text}"),
        }
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }
}
