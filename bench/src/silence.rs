//! 8,192 targets of which every fourth is silent: whether one that is alive is missed, and how long it takes.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::ensure;

use crate::process::{run, timed};
use crate::responder;
use crate::sweep::list;

const TARGETS: u32 = 8192;
const ATTEMPTS: u32 = 2;
const DEADLINE_S: u32 = 1;
const ROUNDS: usize = 3;

pub(crate) fn measure(product: &Path) -> anyhow::Result<String> {
    let port = responder::start()?;
    // Every address whose last two bits are zero.
    let rule = format!("ip daddr & 0.0.0.3 == 0 ip daddr 127.64.0.0/16 tcp dport {port} drop");
    run("nft", &["add", "table", "ip", "bench"])?;
    run("nft", &["add chain ip bench out { type filter hook output priority 0; }"])?;
    run("nft", &["add", "rule", "ip", "bench", "out", &rule])?;
    let list = list(TARGETS)?;
    let path = list.path().to_string_lossy().into_owned();
    let (from_list, port_text) = (format!("@{path}"), port.to_string());
    let (attempts, deadline) = (ATTEMPTS.to_string(), DEADLINE_S.to_string());
    let options = ["--rate", "0", "--concurrency", "4096", "--attempts", &attempts, "--timeout", &deadline];
    let (alive, silent) = (TARGETS / 4 * 3, TARGETS / 4);
    let mut text = String::from(
        "| round | what | seconds | alive found | silent found | goal |\n| ---: | --- | ---: | ---: | ---: | --- |\n",
    );
    for round in 1..=ROUNDS {
        let arguments = [&["probe", &from_list, "--port", &port_text, "--format", "csv"], &options[..]].concat();
        let ended = timed(product, &arguments)?;
        let count = |word: &str| ended.output.lines().filter(|line| line.contains(word)).count();
        let (found, quiet) = (count(",acknowledged,"), count(",timeout,"));
        ensure!(found + quiet == usize::try_from(TARGETS)?, "{found} + {quiet} endpoints were told");
        let goal = format!("none missed, at most {} s", ATTEMPTS * DEADLINE_S + 1);
        let seconds = ended.elapsed.as_secs_f64();
        writeln!(
            text,
            "| {round} | `kmsdoctor probe` | {seconds:.2} | {found} of {alive} | {quiet} of {silent} | {goal} |"
        )?;

        let arguments = ["-n", "-Pn", "-sT", "-T5", "-p", &port_text, "-oG", "-", "-iL", &path];
        let ended = timed(Path::new("nmap"), &arguments)?;
        let count = |word: &str| ended.output.lines().filter(|line| line.contains(word)).count();
        let (found, quiet) = (count("/open/"), count("/filtered/"));
        let seconds = ended.elapsed.as_secs_f64();
        writeln!(
            text,
            "| {round} | `nmap -n -Pn -sT -T5` | {seconds:.2} | {found} of {alive} | {quiet} of {silent} | |"
        )?;
    }
    write!(
        text,
        "\nDeadline {DEADLINE_S} s, {ATTEMPTS} attempts, 4096 connections at once; connection, bind and acknowledgement by the product, connection only by nmap."
    )?;
    Ok(text)
}
