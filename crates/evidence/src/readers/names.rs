//! What readers of DNS answers share.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::{IpAddr, Ipv6Addr};

use kmsdoctor_core::fact::Key;

/// Owner names of the SRV record begin so.
pub(crate) const SERVICE_PREFIX: &str = "_vlmcs._tcp.";

/// How owner names of domain controllers' SRV records begin, the longer one first.
const CONTROLLER_PREFIXES: [&str; 2] = ["_ldap._tcp.dc._msdcs.", "_ldap._tcp."];

/// The service that an owner name of an SRV record is about, as the fact that tells of it, and the domain.
pub(crate) fn service(owner: &str) -> Option<(Key, &str)> {
    if let Some(domain) = owner.strip_prefix(SERVICE_PREFIX) {
        return Some((Key::DomainSrv, domain));
    }
    let domain = CONTROLLER_PREFIXES.iter().find_map(|prefix| owner.strip_prefix(prefix))?;
    // Below `_sites` and other parts of `_msdcs` stand controllers of a kind.
    (!domain.contains('_')).then_some((Key::DomainControllerSrv, domain))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_their_domains() {
        assert_eq!(service("_vlmcs._tcp.contoso.com"), Some((Key::DomainSrv, "contoso.com")));
        for owner in ["_ldap._tcp.dc._msdcs.contoso.com", "_ldap._tcp.contoso.com"] {
            assert_eq!(service(owner), Some((Key::DomainControllerSrv, "contoso.com")), "{owner}");
        }
        for owner in ["_ldap._tcp.pdc._msdcs.contoso.com", "_kerberos._tcp.contoso.com", "kms1.contoso.com"] {
            assert_eq!(service(owner), None, "{owner}");
        }
    }
}
