//! Programs that are measured or needed.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// How often the memory of a running program is looked at. The system keeps its peak.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A program that has ended.
pub(crate) struct Ended {
    pub(crate) elapsed: Duration,
    pub(crate) output: String,
    /// Peak of its resident memory.
    pub(crate) peak_mib: f64,
}

/// Runs a program that has to succeed.
pub(crate) fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let output =
        Command::new(program).args(arguments).output().with_context(|| format!("`{program}` cannot be started"))?;
    ensure!(
        output.status.success(),
        "`{program} {}`: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Runs a program to its end, with its output taken from a pipe.
pub(crate) fn timed(program: &Path, arguments: &[&str]) -> anyhow::Result<Ended> {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("`{}` cannot be started", program.display()))?;
    let mut pipe = child.stdout.take().context("a pipe was asked for")?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).map(|_| text)
    });
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let elapsed = loop {
        peak_kib = peak_of(&status).unwrap_or(0).max(peak_kib);
        if child.try_wait()?.is_some() {
            break started.elapsed();
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let output = reader.join().map_err(|_| anyhow::anyhow!("the reader of the output panicked"))??;
    Ok(Ended { elapsed, output, peak_mib: f64::from(peak_kib) / 1024.0 })
}

/// `VmHWM` (proc(5)), in KiB.
fn peak_of(status: &str) -> Option<u32> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A program in the background, which ends with its guard.
pub(crate) struct Background(Child);

impl Background {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let child = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Self(child.with_context(|| format!("`{program}` cannot be started"))?))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
