//! Runs trials where namespaces can be had, and says "not run" where they cannot.

use std::process::ExitCode;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Completion};

use crate::command;
use crate::error::Result;
use crate::network::Network;

/// Set to `required`, trials that cannot run fail instead of being listed as not run.
const DEMAND_VARIABLE: &str = "KMSDOCTOR_LAB";
/// Trials mostly wait for deadlines, so more of them run at once than a small machine has processors.
const THREADS: usize = 4;
/// What the lab starts, and the Debian package that has it.
const PROGRAMS: [(&str, &[&str], &str); 10] = [
    ("ip", &["-V"], "iproute2"),
    ("nft", &["--version"], "nftables"),
    ("named", &["-v"], "bind9"),
    ("dnssec-signzone", &["-V"], "bind9-utils"),
    ("ping", &["-V"], "iputils-ping"),
    ("unbound", &["-V"], "unbound"),
    ("nginx", &["-v"], "nginx-light"),
    ("/usr/libexec/samba/samba-dcerpcd", &["--version"], "samba"),
    ("chronyd", &["--version"], "chrony"),
    ("faketime", &["--version"], "faketime"),
];

/// A named trial in a network of its own.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The name that a filter on the command line selects by.
    pub name: &'static str,
    /// What it does; an error fails it.
    pub run: fn() -> Result<()>,
}

/// Runs the trials that the command line selects, as any test binary does.
pub fn run(trials: &[Trial]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let trials = trials.iter().copied().map(|trial| {
        libtest_mimic::Trial::ignorable_test(trial.name, move || match missing() {
            Some(reason) if demanded() => Err(format!("not run: {reason}").into()),
            Some(reason) => Ok(Completion::ignored_with(format!("not run: {reason}"))),
            None => match (trial.run)() {
                Ok(()) => Ok(Completion::Completed),
                Err(error) => Err(error.chain().into()),
            },
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    if let (false, Some(reason)) = (arguments.list, missing()) {
        eprintln!("lab: {reason}");
        println!("lab: not run: {reason}");
    }
    conclusion.exit_code()
}

fn demanded() -> bool {
    std::env::var_os(DEMAND_VARIABLE).is_some_and(|value| value == "required")
}

/// What this machine lacks for the lab, found by trying it once.
fn missing() -> Option<&'static str> {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    MISSING.get_or_init(find_missing).as_deref()
}

fn find_missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("needs root and network namespaces (this user is not root)".into());
    }
    for (program, arguments, package) in PROGRAMS {
        if command::run(program, arguments).is_err() {
            return Some(format!("needs the program `{program}` (Debian package {package})"));
        }
    }
    // Whole networks: a kernel may also lack virtual cables, TAP devices, IPv6 or nftables.
    let tried = [Network::create(), Network::create_over_line(0)].into_iter().try_for_each(|network| {
        let network = network?;
        network.add_firewall_rule("accept")?;
        network.client().enter(|| Ok(()))
    });
    tried.err().map(|error| format!("needs root and network namespaces ({})", error.chain()))
}
