//! The whole gate: what has to pass before a change is accepted, the same here and in CI.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::book;
use crate::command::{self, cargo};
use crate::packages::{self, Package};
use crate::programs::{EXE_VARIABLE, PRODUCT_VARIABLE, Programs};
use crate::toolchain::{self, Toolchain, WINDOWS_LINKER, WINDOWS_TARGET};

/// Real evidence beside the checkout, which the tests `samples` and `network_samples` read where it is there.
const SAMPLES: &str = "../shared/samples";

/// Test binaries that need more than a compiler. Each prints `PART: not run: REASON` where it cannot run.
const DEMANDING_TESTS: [(&str, &[&str]); 3] =
    [("lab", &["infrastructure", "scenarios"]), ("wine", &["wine"]), ("book", &["book"])];
/// With one of these set to `required`, the part fails where it cannot run.
const DEMANDS: [&str; 3] = ["KMSDOCTOR_LAB", "KMSDOCTOR_WINE", "KMSDOCTOR_BOOK"];

/// Runs everything. The last output is the test runner's summary, but for a line that names other failures.
pub fn run() -> anyhow::Result<ExitCode> {
    // Where everything can be had, everything has to run.
    let is_strict = std::env::var_os("CI").is_some_and(|value| value == "true") && packages::is_root();
    let mut gate = Gate { started: Instant::now(), not_run: Vec::new(), failed: Vec::new() };
    install_packages()?;
    let toolchain = gate.toolchain()?;
    gate.lints(toolchain)?;
    let programs = Programs::locate()?;
    let has_exe = gate.cross_build(toolchain)?;
    // With the features of the whole workspace, so that every later step finds this finished. The product is built
    // with its own tests.
    let is_built =
        gate.step("build of product and tests", &mut cargo(["test", "--workspace", "--no-run", "--quiet"]))?;
    if !is_built {
        return Ok(gate.end());
    }
    install_mdbook(&programs);
    let left_out = if is_strict { Vec::new() } else { gate.find_what_cannot_run()? };
    let mut tests = if toolchain.has_nextest {
        gate.step("documentation tests", &mut cargo(["test", "--workspace", "--doc", "--quiet"]))?;
        nextest(&left_out)
    } else {
        println!("cargo-nextest is not there; `cargo test` runs the same tests, without one summary over all of them");
        cargo(["test", "--workspace", "--no-fail-fast"])
    };
    tests.env(PRODUCT_VARIABLE, &programs.product);
    if has_exe {
        tests.env(EXE_VARIABLE, &programs.exe);
    }
    if is_strict {
        tests.envs(DEMANDS.map(|name| (name, "required")));
    }
    if is_strict {
        gate.failed.extend(gate.not_run.iter().map(|what| format!("not run: {what}")));
    }
    // Wanted but not demanded, in CI neither: the collection is no part of the repository.
    if !crate::root().join(SAMPLES).is_dir() {
        gate.not_run
            .push(format!("reading of collected samples: there is no {SAMPLES}; its three tests pass without it"));
    }
    gate.report();
    gate.step("tests", &mut tests)?;
    Ok(gate.end())
}

/// Installs mdBook, which the tests of the reference need. Where it cannot be had, they are listed as not run.
fn install_mdbook(programs: &Programs) {
    println!("\n==> mdBook");
    let started = Instant::now();
    match book::mdbook(&programs.target_directory) {
        Ok(_) => println!("    done after {:.1} s", started.elapsed().as_secs_f64()),
        Err(error) => println!("    not there: {error:#}"),
    }
}

/// Installs the packages that are missing, or says which they are. Whether a part can run is found out later.
fn install_packages() -> anyhow::Result<()> {
    println!("==> Debian packages");
    if !packages::is_debian() {
        println!("    this is no Debian system: nothing is installed, and what cannot run is listed below");
        return Ok(());
    }
    let mut missing = packages::missing();
    if !missing.is_empty() && packages::may_install() {
        let started = Instant::now();
        let installed = packages::install(&missing)?;
        println!("    {} after {:.1} s", if installed { "done" } else { "FAILED" }, started.elapsed().as_secs_f64());
        missing = packages::missing();
    }
    if missing.is_empty() {
        println!("    all {} are installed", packages::PACKAGES.len());
        return Ok(());
    }
    for line in packages::explain(&missing) {
        println!("    {line}");
    }
    let names: Vec<&str> = missing.iter().map(|package: &Package| package.name).collect();
    println!("    they are not installed here; as root: apt-get install {}", names.join(" "));
    Ok(())
}

/// `cargo nextest` without the test binaries in `left_out`: it would count their early end as passed.
fn nextest(left_out: &[&str]) -> Command {
    let mut nextest = cargo(["nextest", "run", "--workspace"]);
    if !left_out.is_empty() {
        let binaries: Vec<String> = left_out.iter().map(|name| format!("binary({name})")).collect();
        nextest.args(["--filterset", &format!("not ({})", binaries.join(" | "))]);
    }
    nextest
}

struct Gate {
    started: Instant,
    not_run: Vec<String>,
    failed: Vec<String>,
}

impl Gate {
    /// Runs one step with its output shown, and says how long it took.
    fn step(&mut self, name: &str, command: &mut Command) -> anyhow::Result<bool> {
        let line = command::line(command);
        println!("\n==> {name}: {line}");
        let started = Instant::now();
        let succeeded = command::succeeds(command)?;
        if name != "tests" {
            let outcome = if succeeded { "done" } else { "FAILED" };
            println!("    {outcome} after {:.1} s", started.elapsed().as_secs_f64());
        }
        if !succeeded {
            self.failed.push(line);
        }
        Ok(succeeded)
    }

    fn toolchain(&mut self) -> anyhow::Result<Toolchain> {
        println!("==> Rust toolchain");
        let toolchain = toolchain::ensure()?;
        for (is_there, what) in [
            (toolchain.has_format, "formatting: `cargo fmt` is missing (rustup component add rustfmt)".to_owned()),
            (toolchain.has_lints, "lints: `cargo clippy` is missing (rustup component add clippy)".to_owned()),
            (
                toolchain.has_windows_target,
                format!("lints and build for Windows: the target is missing (rustup target add {WINDOWS_TARGET})"),
            ),
            (toolchain.has_windows_linker, format!("build for Windows: the linker {WINDOWS_LINKER} is missing")),
        ] {
            if !is_there {
                println!("    not run: {what}");
                self.not_run.push(what);
            }
        }
        println!("    {}", if toolchain.has_nextest { "tests run with cargo-nextest" } else { "no cargo-nextest" });
        Ok(toolchain)
    }

    fn lints(&mut self, toolchain: Toolchain) -> anyhow::Result<()> {
        if toolchain.has_format {
            self.step("formatting", &mut cargo(["fmt", "--all", "--check"]))?;
        }
        if toolchain.has_lints {
            let lints = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
            self.step("lints", &mut cargo(lints))?;
        }
        Ok(())
    }

    /// Builds the Windows program, lints included, and says whether it is there.
    fn cross_build(&mut self, toolchain: Toolchain) -> anyhow::Result<bool> {
        if toolchain.has_lints && toolchain.has_windows_target {
            // The crate that has code for Windows only; everything else was linted above, and is built below.
            let lints = ["clippy", "--package", "kmsdoctor-live", "--quiet", "--target", WINDOWS_TARGET];
            let lints = lints.into_iter().chain(["--", "-D", "warnings"]);
            self.step("lints for Windows", &mut cargo(lints))?;
        }
        if toolchain.has_windows_target && toolchain.has_windows_linker {
            let build = ["build", "--package", "kmsdoctor", "--target", WINDOWS_TARGET];
            return self.step("cross build for Windows", &mut cargo(build));
        }
        Ok(false)
    }

    /// Asks the test binaries themselves, with a filter that no test has, and returns those that cannot run here.
    fn find_what_cannot_run(&mut self) -> anyhow::Result<Vec<&'static str>> {
        let mut probe = cargo(["test", "--workspace", "--quiet"]);
        probe.args(DEMANDING_TESTS.iter().flat_map(|(_, binaries)| binaries.iter()).flat_map(|name| ["--test", name]));
        probe.args(["--", "--exact", "no test has this name"]);
        let output = command::output(&mut probe)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let mut left_out = Vec::new();
        for (part, binaries) in DEMANDING_TESTS {
            if let Some(reason) = said.lines().find_map(|line| line.strip_prefix(part)?.strip_prefix(": not run: ")) {
                self.not_run.push(format!("{part} (tests {}): {reason}", binaries.join(", ")));
                left_out.extend(binaries);
            }
        }
        Ok(left_out)
    }

    /// What was not run, and what failed so far: the last word before the tests.
    fn report(&self) {
        println!("\n==> before the tests, after {:.1} s", self.started.elapsed().as_secs_f64());
        if self.not_run.is_empty() {
            println!("not run: nothing");
        }
        for what in &self.not_run {
            println!("not run: {what}");
        }
        for line in &self.failed {
            println!("FAILED: {line}");
        }
    }

    fn end(&self) -> ExitCode {
        if self.failed.is_empty() {
            return ExitCode::SUCCESS;
        }
        eprintln!("\nFAILED: {}", self.failed.join("; "));
        ExitCode::FAILURE
    }
}
