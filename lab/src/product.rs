//! The binary under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;

use crate::command::run_bounded;
use crate::error::{LabError, Result};
use crate::namespace::Namespace;

/// Path of the binary, instead of the one that is built.
const BINARY_VARIABLE: &str = "KMSDOCTOR_BIN";
/// A run that takes longer hangs; the longest asks ten times for a second.
const RUN_LIMIT: Duration = Duration::from_secs(30);
/// A cold build of the product.
const BUILD_LIMIT: Duration = Duration::from_mins(20);

/// Held shared by every run, and exclusively by one whose time is judged.
static ALONE: RwLock<()> = RwLock::new(());

/// The `kmsdoctor` binary.
#[derive(Debug)]
pub struct Product {
    path: PathBuf,
}

impl Product {
    /// The binary that `KMSDOCTOR_BIN` names, else the one of this profile and target directory, which is built
    /// first: an old one would be tested in silence otherwise.
    pub fn find() -> Result<&'static Self> {
        static FOUND: OnceLock<std::result::Result<Product, String>> = OnceLock::new();
        let found = FOUND.get_or_init(|| locate().map_err(|error| error.chain()));
        found.as_ref().map_err(|detail| LabError::Product {
            detail: format!("no product to test: {detail}"),
            output: format!("build it, or name a binary in {BINARY_VARIABLE}"),
        })
    }

    /// Runs a command of `kmsdoctor` inside a namespace.
    pub fn run(&self, namespace: &Namespace, arguments: &[&str]) -> Result<Run> {
        let _shared = ALONE.read().unwrap_or_else(PoisonError::into_inner);
        finish(namespace.command(&self.path), arguments)
    }

    /// The same while no other trial of this process runs the product: for a run whose time is judged.
    pub fn run_alone(&self, namespace: &Namespace, arguments: &[&str]) -> Result<Run> {
        let _alone = ALONE.write().unwrap_or_else(PoisonError::into_inner);
        finish(namespace.command(&self.path), arguments)
    }

    /// Runs a command of `kmsdoctor` outside of every namespace: nothing that the trial made is in reach.
    pub fn run_elsewhere(&self, arguments: &[&str]) -> Result<Run> {
        finish(Command::new(&self.path), arguments)
    }
}

fn finish(mut command: Command, arguments: &[&str]) -> Result<Run> {
    command.args(arguments);
    let command_line = format!("kmsdoctor {}", arguments.join(" "));
    let (output, elapsed) = run_bounded(command, RUN_LIMIT)?;
    Ok(Run {
        command_line,
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        elapsed,
    })
}

/// One finished run.
#[derive(Debug)]
pub struct Run {
    /// What was run.
    pub command_line: String,
    /// The exit status; nothing when a signal ended it.
    pub status: Option<i32>,
    /// The result.
    pub stdout: String,
    /// Talk and progress.
    pub stderr: String,
    /// From start to end of the process.
    pub elapsed: Duration,
}

impl Run {
    /// The JSON report, after `--format json`.
    pub fn report(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout)
            .map_err(|error| self.failure(&format!("standard output is no JSON report: {error}")))
    }

    /// An error that shows the whole run.
    pub fn failure(&self, detail: &str) -> LabError {
        let Self { command_line, status, stdout, stderr, elapsed } = self;
        let status = status.map_or_else(|| "ended by a signal".into(), |code| code.to_string());
        LabError::Product {
            detail: detail.to_owned(),
            output: format!(
                "`{command_line}`, exit status {status}, after {elapsed:?}\n\
                 --- stdout\n{stdout}\n--- stderr\n{stderr}"
            ),
        }
    }
}

fn locate() -> Result<Product> {
    if let Some(path) = std::env::var_os(BINARY_VARIABLE) {
        return Ok(Product { path: path.into() });
    }
    let no_path = |detail: &str| LabError::Product { detail: detail.into(), output: String::new() };
    let test = std::env::current_exe().map_err(LabError::io("find the test's own path"))?;
    // target/<profile>/deps/<test>
    let profile_directory =
        test.parent().and_then(Path::parent).ok_or_else(|| no_path("the test is in no target directory"))?;
    let target_directory = profile_directory.parent().ok_or_else(|| no_path("the test is in no target directory"))?;
    let profile = match profile_directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "--package", "kmsdoctor", "--bin", "kmsdoctor"])
        .args(["--profile", profile, "--target-dir"])
        .arg(target_directory)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let (output, _) = run_bounded(build, BUILD_LIMIT)?;
    if !output.status.success() {
        return Err(LabError::Command {
            command: "cargo build --package kmsdoctor".into(),
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(Product { path: profile_directory.join("kmsdoctor") })
}
