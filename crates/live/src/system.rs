//! What the system has configured: its name, its domains, its resolvers, its KMS client.

pub(crate) mod client;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::net::SocketAddr;

use kmsdoctor_wire::transcript::{DomainSource, ScopeDomain, SettingsKey};

/// Port of a resolver (RFC 1035 section 4.2).
pub(crate) const DNS_PORT: u16 = 53;

/// What could be found out; anything may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct System {
    pub(crate) machine: Option<String>,
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
