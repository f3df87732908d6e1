//! A server program in a namespace, with everything that it starts.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::command::wait_for;
use crate::error::{LabError, Result};
use crate::namespace::Namespace;

/// How long a server may take to answer; the slowest takes half a second.
const READY_LIMIT: Duration = Duration::from_secs(10);
/// How long it may take to clean up after itself.
const END_LIMIT: Duration = Duration::from_secs(2);

/// A running server; it and its children end on drop.
#[derive(Debug)]
pub(crate) struct Daemon {
    name: String,
    process: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts `command`, which stays in the foreground, and hands it `input`, if there is any, as its standard input. What
    /// it says is kept under `name` in the namespace's state directory.
    pub(crate) fn start(namespace: &Namespace, name: &str, mut command: Command, input: Option<&str>) -> Result<Self> {
        let log = namespace.make_state_directory(name)?.join("log");
        let open = |file: std::io::Result<File>| file.map_err(LabError::io(format!("open {}", log.display())));
        let output = open(File::create(&log))?;
        let errors = open(output.try_clone())?;
        // Some servers end with a pipe that they were given.
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        // In a group of its own, so that its children can be ended with it.
        command.stdout(output).stderr(errors).process_group(0);
        let process = command.spawn().map_err(LabError::io(format!("start {name}")))?;
        let mut daemon = Self { name: name.to_owned(), process, log };
        if let (Some(mut pipe), Some(input)) = (daemon.process.stdin.take(), input) {
            pipe.write_all(input.as_bytes()).map_err(LabError::io(format!("write to {name}")))?;
        }
        Ok(daemon)
    }

    /// Looks until `look` finds the server ready. The error shows what the server said.
    pub(crate) fn wait_until_ready(&mut self, mut look: impl FnMut() -> std::result::Result<(), String>) -> Result<()> {
        let what = format!("answer from {}", self.name);
        let ready = wait_for(&what, READY_LIMIT, || match self.process.try_wait() {
            Ok(Some(status)) => Ok(Err(format!("it has ended ({status})"))),
            Ok(None) | Err(_) => look().map(Ok),
        });
        let last = match ready {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(ended)) => ended,
            Err(LabError::Timeout { last, .. }) => last,
            Err(other) => return Err(other),
        };
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        Err(LabError::Timeout {
            what: format!("no {what}"),
            limit: READY_LIMIT,
            last: format!("{last}\nit said:\n{said}"),
        })
    }

    /// Makes it read its configuration again.
    pub(crate) fn reload(&self) -> Result<()> {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, Signal::HUP).map_err(|error| LabError::io(format!("make {} reload", self.name))(error.into()))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.process);
        // Each of these fails only where everything has ended already.
        let _ = kill_process_group(group, Signal::TERM);
        let _ = wait_for("end", END_LIMIT, || match self.process.try_wait() {
            Ok(None) => Err("still running".into()),
            Ok(Some(_)) | Err(_) => Ok(()),
        });
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.process.wait();
    }
}
