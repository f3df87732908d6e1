//! A Windows to run the program in: Wine with a prefix of its own below the target directory.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::command;
use xtask::programs::Programs;
use xtask::toolchain::{WINDOWS_LINKER, WINDOWS_TARGET, has_windows_linker, has_windows_target};

/// Rust's standard library imports this from Windows 10; Wine 8 has no such library.
const RANDOM_LIBRARY: &str = "bcryptprimitives.dll";
/// One function over the generator that Wine does have. For these tests alone: it is never shipped.
const RANDOM_SOURCE: &str = "\
#include <stddef.h>
extern unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);
__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *data, size_t length) {
    return SystemFunction036(data, (unsigned long)length);
}
";
/// A run that takes longer hangs; the first one also starts Wine's server.
const RUN_LIMIT: Duration = Duration::from_mins(1);
/// A new prefix on a small machine that is busy.
const BOOT_LIMIT: Duration = Duration::from_mins(5);
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// What this machine lacks.
pub(crate) fn missing() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("Wine is for Linux".to_owned());
    }
    if command::answer(&mut wine("--version")).is_none() {
        return Some("needs the program `wine` (Debian packages wine and wine64)".to_owned());
    }
    if !has_windows_linker() {
        return Some(format!("needs {WINDOWS_LINKER} (Debian package gcc-mingw-w64-x86-64)"));
    }
    if !has_windows_target() {
        return Some(format!("needs the Rust target (rustup target add {WINDOWS_TARGET})"));
    }
    None
}

/// A path of this machine as Windows programs under Wine name it.
pub(crate) fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

/// One finished run.
#[derive(Debug)]
pub(crate) struct Run {
    line: String,
    /// The exit status.
    pub(crate) status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, status, stdout, stderr } = self;
        write!(f, "`{line}`, exit status {status:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

impl Run {
    pub(crate) fn expect_status(&self, expected: i32) -> Result<()> {
        ensure!(self.status == Some(expected), "exit status {expected} is due\n{self}");
        Ok(())
    }

    pub(crate) fn expect_text(&self, parts: &[&str]) -> Result<()> {
        for part in parts {
            ensure!(self.stdout.contains(part), "`{part}` is not in the output\n{self}");
        }
        Ok(())
    }

    pub(crate) fn report(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("the output is no JSON\n{self}"))
    }
}

/// Runs the Windows program with arguments and standard input. `name` tells the run's files from others.
pub(crate) fn start(name: &str, arguments: &[&str], stdin: &[u8]) -> Result<Run> {
    let world = World::set_up()?;
    let [input, output, errors] = ["in", "out", "err"].map(|kind| world.folder.join(format!("{name}.{kind}")));
    fs::write(&input, stdin).with_context(|| format!("{} cannot be written", input.display()))?;
    let mut run = world.wine(&world.folder.join("kmsdoctor.exe"));
    run.args(arguments).stdin(File::open(&input)?);
    let status = finish(&mut run, &output, &errors, RUN_LIMIT)?;
    let text = |path: &Path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Run {
        line: format!("kmsdoctor.exe {}", arguments.join(" ")),
        status,
        stdout: text(&output)?,
        stderr: text(&errors)?,
    })
}

fn wine(program: impl AsRef<std::ffi::OsStr>) -> Command {
    command::program("wine", [program])
}

/// Runs to the end, or kills at `limit`. Output goes to files: Wine's server outlives the program and would keep a
/// pipe open.
fn finish(command: &mut Command, output: &Path, errors: &Path, limit: Duration) -> Result<Option<i32>> {
    let line = command::line(command);
    command.stdout(File::create(output)?).stderr(File::create(errors)?);
    let mut child = command.spawn().with_context(|| format!("`{line}` cannot be started"))?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("`{line}` has not ended within {limit:?}");
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// A prefix that has been set up, and a folder with the program and the library that it needs.
struct World {
    prefix: PathBuf,
    folder: PathBuf,
}

impl World {
    /// Sets up what is not there yet. Tests are processes of their own under some runners, so a lock guards it.
    fn set_up() -> Result<Self> {
        let exe = Programs::exe()?;
        let home = Programs::locate()?.target_directory.join("wine");
        let world = Self { prefix: home.join("prefix"), folder: home.join("program") };
        fs::create_dir_all(&world.folder).with_context(|| format!("{} cannot be made", world.folder.display()))?;
        let lock = File::create(home.join("lock")).context("the lock of the Wine tests cannot be made")?;
        lock.lock().context("the lock of the Wine tests cannot be taken")?;
        world.boot(&home.join("booted"))?;
        world.build_random_library()?;
        world.copy_program(&exe)?;
        Ok(world)
    }

    fn wine(&self, program: &Path) -> Command {
        let mut command = wine(program);
        command.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env("WINEARCH", "win64");
        // No display is needed, and none is used; neither Mono nor a browser is offered for download.
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        command
    }

    fn boot(&self, mark: &Path) -> Result<()> {
        if mark.exists() {
            return Ok(());
        }
        let [output, errors] = ["boot.out", "boot.err"].map(|name| self.folder.join(name));
        let mut boot = self.wine(Path::new("wineboot"));
        boot.arg("--init").stdin(Stdio::null());
        let status = finish(&mut boot, &output, &errors, BOOT_LIMIT)?;
        ensure!(status == Some(0), "Wine cannot be set up: {}", fs::read_to_string(&errors).unwrap_or_default());
        fs::write(mark, "").context("the mark of a finished set-up cannot be written")
    }

    fn build_random_library(&self) -> Result<()> {
        let library = self.folder.join(RANDOM_LIBRARY);
        if library.exists() {
            return Ok(());
        }
        let [source, half_done] = ["random.c", "random.half-done"].map(|name| self.folder.join(name));
        fs::write(&source, RANDOM_SOURCE).with_context(|| format!("{} cannot be written", source.display()))?;
        let mut compiler = command::program(WINDOWS_LINKER, ["-shared", "-O1", "-o"]);
        compiler.arg(&half_done).arg(&source).arg("-ladvapi32");
        let output = command::output(&mut compiler)?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`{}` failed:\n{errors}", command::line(&compiler));
        fs::rename(&half_done, &library).with_context(|| format!("{} cannot be made", library.display()))
    }

    /// Copies the program if it was built anew: the library beside it must not lie beside the real one.
    fn copy_program(&self, exe: &Path) -> Result<()> {
        let copy = self.folder.join("kmsdoctor.exe");
        let written = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        let built = written(exe).with_context(|| format!("there is no program {}", exe.display()))?;
        if written(&copy).is_some_and(|copied| copied >= built) {
            return Ok(());
        }
        // Renamed into place, because another test may be running the old one.
        let half_done = self.folder.join("kmsdoctor.half-done");
        fs::copy(exe, &half_done).with_context(|| format!("{} cannot be copied", exe.display()))?;
        fs::rename(&half_done, &copy).with_context(|| format!("{} cannot be replaced", copy.display()))
    }
}
