//! Helper programs, run to their end.

use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::error::{LabError, Result};

/// Pause between two looks at a condition.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Runs a program that must succeed and returns its standard output.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments);
    let line = format!("{program} {}", arguments.join(" "));
    let output = command.output().map_err(LabError::io(format!("run `{line}`")))?;
    if !output.status.success() {
        return Err(LabError::Command {
            command: line,
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program to its end, whatever its status, and kills it at `limit`. Returns how long it took.
pub(crate) fn run_bounded(mut command: Command, limit: Duration) -> Result<(Output, Duration)> {
    let line = format!("{command:?}");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let child = command.spawn().map_err(LabError::io(format!("start {line}")))?;
    let pid = Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    // Not joined: after a timeout a grandchild could still hold the pipe open.
    thread::spawn(move || {
        let output = child.wait_with_output();
        // The receiver is gone only after a timeout, when nobody wants the output any more.
        let _ = sender.send((output, started.elapsed()));
    });
    if let Ok((output, elapsed)) = receiver.recv_timeout(limit) {
        let output = output.map_err(LabError::io(format!("read the output of {line}")))?;
        return Ok((output, elapsed));
    }
    // A failure here means that the program ended in this very moment.
    let _ = kill_process(pid, Signal::KILL);
    Err(LabError::Timeout { what: format!("no end of {line}"), limit, last: "still running".into() })
}

/// Looks until `look` returns a value, at most for `limit`. `look` explains in its error what it saw instead.
pub(crate) fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> std::result::Result<T, String>,
) -> Result<T> {
    let started = Instant::now();
    loop {
        let last = match look() {
            Ok(value) => return Ok(value),
            Err(seen) => seen,
        };
        if started.elapsed() >= limit {
            return Err(LabError::Timeout { what: format!("no {what}"), limit, last });
        }
        thread::sleep(POLL_INTERVAL);
    }
}
