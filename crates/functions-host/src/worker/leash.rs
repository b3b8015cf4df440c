//! Ends the handler with a host that was killed.
//!
//! A dropped host kills its child; a host that gets SIGKILL drops nothing. So a shell waits at the other end of a pipe
//! that only the host holds: when the pipe closes, it kills the handler.

use std::process::Stdio;

use tokio::process::{Child, Command};

/// Holds the shell; dropping it ends the shell and leaves the handler alone.
#[derive(Debug)]
pub(super) struct Leash {
    // The child's own kill on drop comes before its pipe closes.
    _shell: Child,
}

impl Leash {
    /// Without a shell there is no leash: then only a host that is dropped or stopped ends its handler.
    pub(super) fn tie(pid: u32) -> Option<Self> {
        let shell = Command::new("sh")
            .args(["-c", "read -r _; kill -9 \"$1\"", "leash", &pid.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C in the terminal must not end it before its time.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        Some(Self { _shell: shell })
    }
}
