//! What readers of DNS answers share.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::{IpAddr, Ipv6Addr};

use kmsdoctor_core::fact::Key;

/// Owner names of the SRV record begin so.
pub(crate) const SERVICE_PREFIX: &str = "_vlmcs._tcp.";

/// `10.20.0.5, fd00::5`: how facts list what a set holds.
pub(crate) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// Addresses that a DNS server gave, as texts of the facts that tell them, each family for itself.
pub(crate) fn given_by_servers(addresses: &BTreeSet<IpAddr>) -> Vec<(Key, String)> {
    [(Key::NameDnsIpv4, true), (Key::NameDnsIpv6, false)]
        .into_iter()
        .map(|(key, ipv4)| (key, list(addresses.iter().filter(|address| address.is_ipv4() == ipv4))))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

/// Windows' own IPv6 defaults, `fec0:0:0:ffff::1` to `::3`, which nobody has set and hardly anything answers at.
pub(crate) fn is_default_server(server: IpAddr) -> bool {
    let default = |last| Ipv6Addr::new(0xfec0, 0, 0, 0xffff, 0, 0, 0, last);
    matches!(server, IpAddr::V6(server) if (1..=3).any(|last| server == default(last)))
}
