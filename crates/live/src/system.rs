//! What the system has configured: its name, its domains, its resolvers, its KMS client; and what it says of names.

pub(crate) mod client;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::Timestamp;
use kmsdoctor_wire::transcript::{DomainSource, LookupOutcome, ScopeDomain, SettingsKey, SystemLookup};
use tokio::net::lookup_host;
use tokio::time::{Instant, timeout_at};

use crate::context::{Context, Kind};
use crate::outcome::microseconds;

/// Port of a resolver (RFC 1035 section 4.2).
pub(crate) const DNS_PORT: u16 = 53;

/// Size up to which a hosts file is taken. Windows' own has 800 bytes; lists that block advertising have megabytes.
const HOSTS_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What could be found out; anything may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct System {
    pub(crate) machine: Option<String>,
    /// Local time minus UTC.
    pub(crate) utc_offset_s: Option<i32>,
    pub(crate) domains: Vec<ScopeDomain>,
    pub(crate) resolvers: Vec<SocketAddr>,
    /// `None` where there is no KMS client, or its settings cannot be read.
    pub(crate) client_settings: Option<Vec<SettingsKey>>,
}

/// Asks the system.
pub(crate) fn read() -> System {
    #[cfg(unix)]
    return unix::read();
    #[cfg(windows)]
    return windows::read();
    #[cfg(not(any(unix, windows)))]
    System::default()
}

/// Looks a name up as the system's programs do; `None` when the time of the run was over before.
pub(crate) async fn lookup(context: &Context, name: String) -> Option<(Timestamp, SystemLookup)> {
    let _permit = context.enter(Kind::Question).await?;
    let (started_at, started) = (Timestamp::now(), Instant::now());
    let outcome = match timeout_at(context.exchange_end(), lookup_host((name.as_str(), 0))).await {
        Ok(Ok(found)) => {
            let mut addresses = Vec::new();
            for address in found.map(|found| found.ip()) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            LookupOutcome::Found { addresses }
        }
        Ok(Err(error)) => LookupOutcome::Failed { os_error: error.raw_os_error(), text: error.to_string() },
        Err(_) => LookupOutcome::TimedOut,
    };
    Some((started_at, SystemLookup { name, outcome, elapsed_us: microseconds(started.elapsed()) }))
}

/// The hosts file as it stands on the disk; `None` where there is none, or one too large to be carried along.
pub(crate) fn hosts_file() -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(hosts_path()?).ok()?.take(HOSTS_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
    let is_whole = u64::try_from(bytes.len()).is_ok_and(|length| length <= HOSTS_BYTES_MAX);
    (is_whole && !bytes.trim_ascii().is_empty()).then_some(bytes)
}

fn hosts_path() -> Option<PathBuf> {
    if cfg!(windows) {
        let root = std::env::var_os("SystemRoot")?;
        return Some(PathBuf::from(root).join(r"System32\drivers\etc\hosts"));
    }
    Some(PathBuf::from("/etc/hosts"))
}

/// A host or domain name as it is written everywhere here: lower case, no blanks around, no trailing dot.
pub(crate) fn normal_name(name: &str) -> String {
    let name = name.trim();
    name.strip_suffix('.').unwrap_or(name).to_lowercase()
}

/// The domains that are named, each once, with its first source.
pub(crate) fn domains<'a>(names: impl IntoIterator<Item = (&'a str, DomainSource)>) -> Vec<ScopeDomain> {
    let mut domains: Vec<ScopeDomain> = Vec::new();
    for (name, source) in names {
        let name = normal_name(name);
        if !name.is_empty() && domains.iter().all(|domain| domain.name != name) {
            domains.push(ScopeDomain { name, source });
        }
    }
    domains
}
