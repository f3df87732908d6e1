//! Measurements, each printed and written into `docs/performance.md` with the command that made it. Nothing here is a test:
//! machines differ, and a figure that is worse shows in the diff.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;

use crate::command::{self, cargo};
use crate::programs::Programs;
use crate::{packages, root};

/// Where the figures stand, below the root.
const FILE: &str = "docs/performance.md";

/// A part of the measurements.
struct Part {
    name: &'static str,
    measure: fn(&'static str, &PathBuf) -> anyhow::Result<String>,
    /// Debian packages of the peers.
    packages: &'static [&'static str],
}

const PARTS: [Part; 5] = [
    Part { name: "explain", measure: explain, packages: &[] },
    Part { name: "cloud", measure: beside_peers, packages: &["iproute2", "jq"] },
    Part { name: "probe", measure: beside_peers, packages: &["iproute2", "nmap", "prometheus-blackbox-exporter"] },
    Part { name: "silence", measure: beside_peers, packages: &["iproute2", "nftables", "nmap"] },
    Part { name: "srv", measure: beside_peers, packages: &["iproute2", "bind9"] },
];

/// Runs the parts whose names contain `filter`, all without one, and writes their figures.
pub fn run(filter: Option<&str>) -> anyhow::Result<()> {
    let mut build = cargo(["build", "--release", "--quiet", "--package", "kmsdoctor"]);
    ensure!(command::succeeds(&mut build)?, "`{}` failed", command::line(&build));
    let target = Programs::locate()?.target_directory;
    let product = target.join("release").join(format!("kmsdoctor{}", std::env::consts::EXE_SUFFIX));
    let path = root().join(FILE);
    let mut document = fs::read_to_string(&path).unwrap_or_default();
    for part in PARTS.iter().filter(|part| filter.is_none_or(|filter| part.name.contains(filter))) {
        println!("==> {}", part.name);
        let missing: Vec<&str> = part.packages.iter().copied().filter(|name| !packages::is_installed(name)).collect();
        if !missing.is_empty() {
            ensure!(
                packages::may_install() && packages::install_by_name(&missing)?,
                "{} needs Debian packages: {}",
                part.name,
                missing.join(", ")
            );
        }
        let figures = (part.measure)(part.name, &product)?;
        println!("{figures}");
        document = replace(&document, part.name, &figures)?;
    }
    fs::write(&path, document).with_context(|| format!("{} cannot be written", path.display()))
}

/// Puts `figures` between the marks of a part.
fn replace(document: &str, part: &str, figures: &str) -> anyhow::Result<String> {
    let (start, end) = (format!("<!-- bench {part} -->"), format!("<!-- end of bench {part} -->"));
    let from = document.find(&start).with_context(|| format!("{FILE} has no mark `{start}`"))? + start.len();
    let to = from + document[from..].find(&end).with_context(|| format!("{FILE} has no mark `{end}`"))?;
    Ok(format!("{}\n\n{}\n\n{}", &document[..from], figures.trim(), &document[to..]))
}

/// The date and the machine, for every table.
fn circumstances() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", jiff::Timestamp::now().strftime("%Y-%m-%d"))
}

/// A part of `bench/`, which knows how to start the peers and runs in a network namespace of its own.
fn beside_peers(part: &'static str, product: &PathBuf) -> anyhow::Result<String> {
    let mut bench = cargo(["run", "--release", "--quiet", "--package", "kmsdoctor-bench", "--", part]);
    bench.arg(product);
    let output = command::output(&mut bench)?;
    ensure!(output.status.success(), "`{}`: {}", command::line(&bench), String::from_utf8_lossy(&output.stderr));
    let figures = String::from_utf8(output.stdout).context("figures are text")?;
    Ok(format!("`cargo xtask bench {part}` ({})\n\n{figures}", circumstances()))
}

/// Every code in four notations and both languages, each a start of the program.
fn explain(_: &str, product: &PathBuf) -> anyhow::Result<String> {
    let mut times: Vec<Duration> = Vec::new();
    for code in Knowledge::embedded().codes.keys() {
        let notations =
            [code.to_string(), format!("{:08x}", code.0), code.0.cast_signed().to_string(), code.0.to_string()];
        for (term, language) in notations.iter().flat_map(|term| Language::ALL.map(|language| (term, language))) {
            let mut call = Command::new(product);
            call.args(["explain", "--lang", language.tag(), "--", term]).stdout(Stdio::null());
            let started = Instant::now();
            let status = call.status().context("the program cannot be started")?;
            times.push(started.elapsed());
            ensure!(status.success(), "explain {term}: {status}");
        }
    }
    // What starting any program takes here.
    let mut floor: Vec<Duration> = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        Command::new("true").status().context("`true` cannot be started")?;
        floor.push(started.elapsed());
    }
    let mut text = format!("`cargo xtask bench explain` ({})\n\n", circumstances());
    text.push_str("| what | calls | median | 99 % | slowest |\n| --- | ---: | ---: | ---: | ---: |\n");
    row(&mut text, "`kmsdoctor explain CODE`, start to end", &mut times);
    row(&mut text, "`true`, for comparison", &mut floor);
    Ok(text)
}

fn row(text: &mut String, what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |part: f64| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index"
        )]
        let index = ((times.len().saturating_sub(1)) as f64 * part) as usize;
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "| {what} | {} | {:.1} ms | {:.1} ms | {:.1} ms |", times.len(), at(0.5), at(0.99), at(1.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_go_between_their_marks() {
        let document = "a\n<!-- bench x -->\nold\n<!-- end of bench x -->\nb\n";
        let replaced = replace(document, "x", "new\n").expect("marks");
        assert_eq!(replaced, "a\n<!-- bench x -->\n\nnew\n\n<!-- end of bench x -->\nb\n");
        assert_eq!(replace(&replaced, "x", "new\n").expect("marks"), replaced);
        assert!(replace(document, "y", "").is_err());
    }
}
