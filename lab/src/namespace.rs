//! One network namespace and what runs in it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::net::{IpAddr, Ipv6Addr};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::command;
use crate::error::{LabError, Result};

/// Every namespace of the lab starts with this, followed by the process id, a counter and a role.
const PREFIX: &str = "kmsdoctor-lab";
/// Where iproute2 keeps its named namespaces.
const NAMESPACE_DIRECTORY: &str = "/run/netns";
/// Where iproute2 looks for files that replace those in `/etc` inside a namespace (ip-netns(8)).
const CONFIGURATION_DIRECTORY: &str = "/etc/netns";

/// On Debian an AppArmor profile confines `named` to its own directories, so its files live here if this exists.
const STATE_PARENT: &str = "/var/cache/bind";

/// How long the kernel may take to notice that a cable is plugged in; it takes some milliseconds, a second at most.
const LINK_LIMIT: Duration = Duration::from_secs(10);

static COUNTER: AtomicU32 = AtomicU32::new(0);
static SWEEP: Once = Once::new();

/// The firewall's table of every namespace.
const TABLE: &str = "inet lab";

/// Where a rule of the firewall takes hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// On what is meant for this machine.
    Input,
    /// On what this machine sends.
    Output,
    /// On what arrives, to send it elsewhere.
    Redirect,
}

impl Chain {
    fn name_and_hook(self) -> (&'static str, &'static str) {
        match self {
            Self::Input => ("incoming", "type filter hook input priority 0;"),
            Self::Output => ("outgoing", "type filter hook output priority 0;"),
            Self::Redirect => ("redirected", "type nat hook prerouting priority -100;"),
        }
    }
}

/// A network namespace of its own, deleted on drop.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// Creates an empty namespace with its loopback up. Names are unique per process and call.
    pub fn create(role: &str) -> Result<Self> {
        SWEEP.call_once(sweep);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}-{}-{number}-{role}", std::process::id());
        // The guard comes first: it removes what a failing `ip netns add` leaves.
        let namespace = Self { name };
        command::run("ip", &["netns", "add", &namespace.name])?;
        namespace.ip(&["link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// The name that `ip netns` knows.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A command that will run inside.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// Runs a program inside, which must succeed, and returns its standard output.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["netns", "exec", &self.name, program];
        all.extend(arguments);
        command::run("ip", &all)
    }

    /// Runs `ip` on this namespace.
    pub(crate) fn ip(&self, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["-n", self.name.as_str()];
        all.extend(arguments);
        command::run("ip", &all)
    }

    /// Gives `eth0` an address, which can be reached when this returns.
    pub(crate) fn add_address(&self, address: IpAddr, prefix_length: u8) -> Result<()> {
        let prefix = format!("{address}/{prefix_length}");
        // Duplicate address detection would keep an IPv6 address unusable for a second.
        self.ip(&["address", "add", &prefix, "dev", "eth0", "nodad"])?;
        let IpAddr::V6(address) = address else { return Ok(()) };
        // The kernel joins the group to which neighbours send their question for the address after the command has ended.
        let group = solicited_node_group(address).to_string();
        command::wait_for("group of the address", LINK_LIMIT, || {
            let shown = self.ip(&["-6", "maddress", "show", "dev", "eth0"]).map_err(|error| error.chain())?;
            let joined = shown.split_whitespace().any(|word| word == group);
            joined.then_some(()).ok_or(shown)
        })
    }

    /// Waits until `eth0` carries packets: the kernel notices the other end in its own time, and drops them before.
    pub fn wait_for_link(&self) -> Result<()> {
        command::wait_for("link", LINK_LIMIT, || {
            let shown = self.ip(&["link", "show", "dev", "eth0"]).map_err(|error| error.chain())?;
            // A TAP device has no other end, and no state.
            let is_up = ["state UP", "state UNKNOWN"].iter().any(|state| shown.contains(state));
            (is_up && !shown.contains("NO-CARRIER")).then_some(()).ok_or(shown)
        })
    }

    /// Runs `action` on a thread inside. A socket made there stays in the namespace wherever it is used later.
    pub fn enter<T: Send>(&self, action: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let path = Path::new(NAMESPACE_DIRECTORY).join(&self.name);
        let entered = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let file = File::open(&path).map_err(LabError::io(format!("open {}", path.display())))?;
                    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                        .map_err(|error| LabError::io("enter the namespace")(error.into()))?;
                    action()
                })
                .join()
        });
        entered.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Gives programs started with [`Self::command`] this `/etc/resolv.conf`.
    pub fn set_resolver_configuration(&self, text: &str) -> Result<()> {
        let directory = self.configuration_directory();
        let io = || LabError::io(format!("write {}/resolv.conf", directory.display()));
        fs::create_dir_all(&directory).map_err(io())?;
        fs::write(directory.join("resolv.conf"), text).map_err(io())
    }

    /// Adds an nftables rule, as `tcp dport 1688 drop`.
    pub fn add_firewall_rule(&self, chain: Chain, rule: &str) -> Result<()> {
        let (chain, hook) = chain.name_and_hook();
        // Tables and chains that are there already stay as they are.
        let commands =
            format!("add table {TABLE}\nadd chain {TABLE} {chain} {{ {hook} }}\nadd rule {TABLE} {chain} {rule}");
        self.run("nft", &[&commands]).map(drop)
    }

    /// Removes every rule.
    pub fn clear_firewall(&self) -> Result<()> {
        self.run("nft", &[&format!("add table {TABLE}\ndelete table {TABLE}")]).map(drop)
    }

    /// Where a program inside, or the trial, may keep files under `name`; removed with the namespace.
    pub fn make_state_directory(&self, name: &str) -> Result<PathBuf> {
        let directory = state_parent().join(&self.name).join(name);
        fs::create_dir_all(&directory).map_err(LabError::io(format!("create {}", directory.display())))?;
        Ok(directory)
    }

    /// Writes a file into a state directory.
    pub fn write_state_file(&self, directory: &str, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.make_state_directory(directory)?.join(name);
        fs::write(&path, text).map_err(LabError::io(format!("write {}", path.display())))?;
        Ok(path)
    }

    fn configuration_directory(&self) -> PathBuf {
        Path::new(CONFIGURATION_DIRECTORY).join(&self.name)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

fn state_parent() -> PathBuf {
    Some(PathBuf::from(STATE_PARENT)).filter(|path| path.is_dir()).unwrap_or_else(std::env::temp_dir)
}

/// Deletes a namespace, whatever is left of it. Failures mean that it is gone already.
fn remove(name: &str) {
    for parent in [PathBuf::from(CONFIGURATION_DIRECTORY), state_parent()] {
        let _ = fs::remove_dir_all(parent.join(name));
    }
    let _ = command::run("ip", &["netns", "del", name]);
}

/// Where neighbours ask for the hardware address of an IPv6 address (RFC 4291 section 2.7.1).
fn solicited_node_group(address: Ipv6Addr) -> Ipv6Addr {
    let [.., high, low] = address.segments();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | (high & 0xff), low)
}

/// Removes what runs that were killed could not: namespaces whose process is gone, and the programs inside.
fn sweep() {
    let mut names: HashSet<String> = HashSet::new();
    for directory in [NAMESPACE_DIRECTORY.into(), CONFIGURATION_DIRECTORY.into(), state_parent()] {
        let Ok(entries) = fs::read_dir(directory) else { continue };
        names.extend(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()));
    }
    for name in names.iter().filter(|name| is_left_over(name)) {
        for pid in command::run("ip", &["netns", "pids", name]).unwrap_or_default().lines() {
            if let Some(pid) = pid.trim().parse().ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        remove(name);
    }
}

fn is_left_over(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.split('-').next())
        .and_then(|pid| pid.parse::<u32>().ok())
        .is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_of_an_address() {
        let group = |address: &str| solicited_node_group(address.parse().expect("an address")).to_string();
        assert_eq!(group("fd77::11"), "ff02::1:ff00:11");
        assert_eq!(group("2001:db8::1234:5678"), "ff02::1:ff34:5678");
    }

    #[test]
    fn only_namespaces_of_dead_processes_are_left_over() {
        let own = format!("{PREFIX}-{}-0-client", std::process::id());
        assert!(!is_left_over(&own));
        // Above the kernel's limit for process ids (2^22).
        assert!(is_left_over("kmsdoctor-lab-99999999-0-client"));
        assert!(!is_left_over("kmsdoctor-lab-client"));
        assert!(!is_left_over("somebody-elses"));
    }
}
