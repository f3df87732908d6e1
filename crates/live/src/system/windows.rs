//! Windows: TCP/IP parameters and the settings of the KMS client in the registry, and the resolvers of the network adapters.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use ipconfig::{Adapter, OperStatus};
use kmsdoctor_wire::transcript::{DomainSource, SettingsKey, SettingsValue};
use windows_registry::{Key, LOCAL_MACHINE};

use super::client::{APPLICATIONS, LICENSING, VALUES};
use super::{DNS_PORT, System, domains, normal_name};

/// Microsoft Learn, *TCP/IP and NBT configuration parameters for Windows*.
const PARAMETERS: &str = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";

/// Microsoft Learn, `TIME_ZONE_INFORMATION`: UTC = local time + bias.
const TIME_ZONE: &str = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation";

/// Interfaces looked at for a DHCP domain. Real machines have a handful.
const INTERFACES_MAX: usize = 64;

/// Products of an application looked at. A machine has one or two with settings; a host some dozen.
const PRODUCTS_MAX: usize = 256;

pub(super) fn read() -> System {
    let parameters = LOCAL_MACHINE.open(PARAMETERS).ok();
    let text = |name| parameters.as_ref().and_then(|key: &Key| key.get_string(name).ok()).unwrap_or_default();
    let (primary, dhcp, search) = (text("Domain"), text("DhcpDomain"), text("SearchList"));
    let dhcp = if dhcp.is_empty() { parameters.as_ref().map(interfaces_domain).unwrap_or_default() } else { dhcp };
    let named = [(primary.as_str(), DomainSource::Primary), (dhcp.as_str(), DomainSource::Dhcp)]
        .into_iter()
        .chain(search.split([',', ' ']).map(|name| (name, DomainSource::SearchList)));
    let domains = domains(named);
    let machine = hostname::get().ok().and_then(|name| name.into_string().ok()).map(|name| normal_name(&name));
    let machine = machine.filter(|name| !name.is_empty());
    System {
        machine,
        utc_offset_s: utc_offset_s(),
        domains,
        resolvers: resolvers(),
        client_settings: client_settings(),
    }
}

/// The settings of the KMS client: of the machine (even where nothing is set there), of applications, of products.
fn client_settings() -> Option<Vec<SettingsKey>> {
    let licensing = LOCAL_MACHINE.open(LICENSING).ok()?;
    let mut settings = vec![settings_of(&licensing, LICENSING.to_owned())];
    for id in APPLICATIONS {
        let Ok(application) = licensing.open(id) else { continue };
        let path = format!(r"{LICENSING}\{id}");
        settings.push(settings_of(&application, path.clone()));
        let products = application.keys().into_iter().flatten().take(PRODUCTS_MAX);
        settings.extend(products.filter_map(|product| {
            let key = application.open(&product).ok()?;
            Some(settings_of(&key, format!(r"{path}\{product}")))
        }));
    }
    // Below the machine's own key only those that set something tell anything.
    settings.retain(|key| key.path == LICENSING || !key.values.is_empty());
    Some(settings)
}

fn settings_of(key: &Key, path: String) -> SettingsKey {
    let data = |name| key.get_string(name).ok().or_else(|| key.get_u32(name).ok().map(|number| number.to_string()));
    let values = VALUES.iter().filter_map(|name| Some(SettingsValue { name: (*name).to_owned(), data: data(*name)? }));
    SettingsKey { path, values: values.collect() }
}

/// Windows keeps the minutes that are to be added to local time for UTC, a signed number in an unsigned value.
fn utc_offset_s() -> Option<i32> {
    let bias = LOCAL_MACHINE.open(TIME_ZONE).ok()?.get_u32("ActiveTimeBias").ok()?;
    bias.cast_signed().checked_mul(-60)
}

/// The first domain that DHCP gave to an interface; the machine-wide value is not always written.
fn interfaces_domain(parameters: &Key) -> String {
    let Ok(interfaces) = parameters.open("Interfaces") else { return String::new() };
    let Ok(names) = interfaces.keys() else { return String::new() };
    let domain = |name: String| interfaces.open(name).ok()?.get_string("DhcpDomain").ok();
    names.take(INTERFACES_MAX).filter_map(domain).find(|domain| !domain.is_empty()).unwrap_or_default()
}

/// Resolvers of the adapters that are up, in the order of the adapters' metrics.
fn resolvers() -> Vec<SocketAddr> {
    let mut adapters = ipconfig::get_adapters().unwrap_or_default();
    adapters.retain(|adapter| adapter.oper_status() == OperStatus::IfOperStatusUp);
    adapters.sort_by_key(Adapter::ipv4_metric);
    let mut resolvers = Vec::new();
    for adapter in &adapters {
        for &address in adapter.dns_servers() {
            let server = match address {
                IpAddr::V4(address) => (address, DNS_PORT).into(),
                IpAddr::V6(address) if is_placeholder(address) => continue,
                IpAddr::V6(address) => {
                    let scope = if address.is_unicast_link_local() { adapter.ipv6_if_index() } else { 0 };
                    SocketAddrV6::new(address, DNS_PORT, 0, scope).into()
                }
            };
            if !resolvers.contains(&server) {
                resolvers.push(server);
            }
        }
    }
    resolvers
}

/// `fec0:0:0:ffff::1` to `::3` stand for "none configured" (draft-ietf-ipv6-dns-discovery-07, never a standard).
fn is_placeholder(address: Ipv6Addr) -> bool {
    address.segments()[..7] == [0xfec0, 0, 0, 0xffff, 0, 0, 0]
}
