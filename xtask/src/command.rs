//! Other programs, started from the root of the working tree.

use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

use anyhow::Context;

/// A program with arguments, to be run at the root.
pub fn program<S: AsRef<OsStr>>(name: &str, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(crate::root());
    command
}

/// The cargo that runs this program, with arguments.
pub fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments);
    // What cargo sets for this program is not meant for the packages that are built next.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A command as one would type it.
pub fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Runs a command with this program's output, and says whether it succeeded.
pub fn succeeds(command: &mut Command) -> anyhow::Result<bool> {
    let status = command.status().with_context(|| format!("`{}` cannot be started", line(command)))?;
    Ok(status.success())
}

/// Runs a command to its end without showing it.
pub fn output(command: &mut Command) -> anyhow::Result<Output> {
    let command = command.stdin(Stdio::null());
    command.output().with_context(|| format!("`{}` cannot be started", line(command)))
}

/// What a command that succeeded prints; nothing if it fails or cannot be started.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = output(command).ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
