//! Unix: resolv.conf and the host name.

use std::fs;
use std::net::{SocketAddr, SocketAddrV6};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kmsdoctor_wire::transcript::DomainSource;
use resolv_conf::{Config, ScopedIp};

use super::{DNS_PORT, System, domains, normal_name};

const RESOLV_CONF: &str = "/etc/resolv.conf";

pub(super) fn read() -> System {
    let machine = hostname::get().ok().and_then(|name| name.into_string().ok());
    let configuration = fs::read(RESOLV_CONF).unwrap_or_default();
    System { utc_offset_s: utc_offset_s(), ..from(machine, &configuration, interface_index) }
}

/// By the zone that the system is set to; where it is set to none, nothing can be told.
fn utc_offset_s() -> Option<i32> {
    let zone = TimeZone::try_system().ok()?;
    (!zone.is_unknown()).then(|| zone.to_offset(Timestamp::now()).seconds())
}

/// `interface_index` gives the number of the interface that a link-local resolver is reached through.
fn from(machine: Option<String>, configuration: &[u8], interface_index: impl Fn(&str) -> Option<u32>) -> System {
    // Lines that cannot be read are left out, as resolvers do.
    let (configuration, _) = Config::parse_with_errors(configuration);
    let machine = machine.map(|name| normal_name(&name)).filter(|name| !name.is_empty());
    let primary = machine.iter().filter_map(|name| name.split_once('.')).map(|(_, domain)| domain);
    let search = configuration.get_search().map(Vec::as_slice).unwrap_or_default();
    // Network managers write the domain from DHCP either as `domain` or as the first `search` entry.
    let dhcp = configuration.get_domain().or(search.first());
    let named = primary
        .map(|name| (name, DomainSource::Primary))
        .chain(dhcp.map(|name| (name.as_str(), DomainSource::Dhcp)))
        .chain(search.iter().map(|name| (name.as_str(), DomainSource::SearchList)));
    let domains = domains(named);
    let resolvers = configuration.nameservers.iter().map(|server| match server {
        ScopedIp::V4(address) => SocketAddr::from((*address, DNS_PORT)),
        ScopedIp::V6(address, scope) => {
            let index = scope.as_deref().and_then(|name| name.parse().ok().or_else(|| interface_index(name)));
            SocketAddrV6::new(*address, DNS_PORT, 0, index.unwrap_or(0)).into()
        }
    });
    System { resolvers: resolvers.collect(), domains, machine, ..System::default() }
}

/// Linux only; elsewhere a link-local resolver has to be written with a number.
fn interface_index(name: &str) -> Option<u32> {
    if name.contains(['/', '.']) {
        return None;
    }
    fs::read_to_string(format!("/sys/class/net/{name}/ifindex")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use kmsdoctor_wire::transcript::ScopeDomain;

    use super::*;

    fn domain(name: &str, source: DomainSource) -> ScopeDomain {
        ScopeDomain { name: name.to_owned(), source }
    }

    fn from_text(machine: Option<&str>, configuration: &str) -> System {
        from(machine.map(str::to_owned), configuration.as_bytes(), |name| (name == "eth0").then_some(2))
    }

    #[test]
    fn nothing_configured() {
        assert_eq!(from_text(None, ""), System::default());
        assert_eq!(from_text(None, "garbage \u{1}\nnameserver nowhere\n"), System::default());
    }

    #[test]
    fn first_search_entry_is_the_domain_of_dhcp() {
        let system = from_text(Some("pc7"), "search Contoso.com. corp.contoso.com contoso.com\nnameserver 10.0.0.53\n");
        assert_eq!(system.machine.as_deref(), Some("pc7"));
        assert_eq!(
            system.domains,
            [domain("contoso.com", DomainSource::Dhcp), domain("corp.contoso.com", DomainSource::SearchList)]
        );
        assert_eq!(system.resolvers, [SocketAddr::from(([10, 0, 0, 53], 53))]);
    }

    #[test]
    fn full_host_name_and_domain_entry() {
        let system = from_text(Some("pc7.ad.contoso.com"), "domain contoso.com\n");
        assert_eq!(
            system.domains,
            [domain("ad.contoso.com", DomainSource::Primary), domain("contoso.com", DomainSource::Dhcp)]
        );
    }

    #[test]
    fn link_local_resolver() {
        let system = from_text(None, "nameserver fe80::1%eth0\nnameserver fe80::1%7\n");
        let scopes: Vec<_> = system.resolvers.iter().map(ToString::to_string).collect();
        assert_eq!(scopes, ["[fe80::1%2]:53", "[fe80::1%7]:53"]);
    }
}
