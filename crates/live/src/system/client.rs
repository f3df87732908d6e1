//! The settings of Windows' KMS client: where they stand, and which hosts and domain they lead to.

use kmsdoctor_wire::transcript::{HostPort, SettingsKey};

use super::normal_name;
use crate::KMS_PORT;

/// Key of the software licensing service below `HKEY_LOCAL_MACHINE` (Microsoft Learn, *Registry settings for Volume
/// Activation*). Subkeys have the settings of an application, and in theirs those of a product.
#[cfg(any(windows, test))]
pub(super) const LICENSING: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

/// Application IDs of Windows, of Office 2013 and later, and of Office 2010.
#[cfg(windows)]
pub(super) const APPLICATIONS: [&str; 3] = [
    "55c92734-d682-4d71-983e-d6ec3f16059f",
    "0ff1ce15-a989-479d-af46-f275c6370663",
    "59a52881-a989-479d-af46-f275c6370663",
];

const HOST: &str = "KeyManagementServiceName";
const PORT: &str = "KeyManagementServicePort";
const DOMAIN: &str = "KeyManagementServiceLookupDomain";

/// The host that the client found in DNS and keeps. Documented as values of the registry for the client of Windows Vista,
/// as properties of WMI since; where newer ones keep it is `[unverified]`.
const CACHED: [(&str, &str); 2] = [
    ("DiscoveredKeyManagementServiceName", "DiscoveredKeyManagementServicePort"),
    ("DiscoveredKeyManagementServiceMachineName", "DiscoveredKeyManagementServiceMachinePort"),
];

/// Values that are read.
#[cfg(windows)]
pub(super) const VALUES: [&str; 8] =
    [HOST, PORT, DOMAIN, CACHED[0].0, CACHED[0].1, CACHED[1].0, CACHED[1].1, "VLActivationType"];

/// Hosts that are pinned, on whatever level. Without a port of its own a host has the one of a level above.
pub(crate) fn pinned(settings: &[SettingsKey]) -> Vec<HostPort> {
    let port = |key: &SettingsKey| {
        let mut levels: Vec<&SettingsKey> = settings.iter().filter(|other| key.path.starts_with(&other.path)).collect();
        levels.sort_by_key(|level| std::cmp::Reverse(level.path.len()));
        levels.into_iter().find_map(|level| value(level, PORT))
    };
    hosts(settings.iter().filter_map(|key| Some((value(key, HOST)?, port(key)))))
}

/// Hosts that the client found in DNS and keeps.
pub(crate) fn cached(settings: &[SettingsKey]) -> Vec<HostPort> {
    hosts(
        settings
            .iter()
            .flat_map(|key| CACHED.into_iter().filter_map(|(host, port)| Some((value(key, host)?, value(key, port))))),
    )
}

/// Domains in which the client is told to look.
pub(crate) fn lookup_domains(settings: &[SettingsKey]) -> impl Iterator<Item = &str> {
    settings.iter().filter_map(|key| value(key, DOMAIN))
}

fn value<'s>(key: &'s SettingsKey, name: &str) -> Option<&'s str> {
    let found = key.values.iter().find(|value| value.name.eq_ignore_ascii_case(name))?;
    Some(found.data.trim()).filter(|data| !data.is_empty())
}

/// Each host once. A port that is none is left to the default, as nobody knows what the client makes of it.
fn hosts<'s>(named: impl Iterator<Item = (&'s str, Option<&'s str>)>) -> Vec<HostPort> {
    let mut hosts: Vec<HostPort> = Vec::new();
    for (host, port) in named {
        let port = port.and_then(|port| port.parse().ok()).unwrap_or(KMS_PORT);
        let host = HostPort { host: normal_name(host), port };
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use kmsdoctor_wire::transcript::SettingsValue;

    use super::*;

    fn key(below: &str, values: &[(&str, &str)]) -> SettingsKey {
        let value = |(name, data): &(&str, &str)| SettingsValue { name: (*name).to_owned(), data: (*data).to_owned() };
        SettingsKey { path: format!("{LICENSING}{below}"), values: values.iter().map(value).collect() }
    }

    fn names(hosts: &[HostPort]) -> Vec<String> {
        hosts.iter().map(|host| format!("{}:{}", host.host, host.port)).collect()
    }

    #[test]
    fn hosts_of_every_level() {
        let settings = [
            key("", &[("KeyManagementServiceName", "KMS1.contoso.com."), ("KeyManagementServicePort", "1700")]),
            key(r"\55c92734-d682-4d71-983e-d6ec3f16059f", &[("keymanagementservicename", "kms2.contoso.com")]),
            key(r"\0ff1ce15-a989-479d-af46-f275c6370663\x", &[("KeyManagementServiceName", " kms1.contoso.com")]),
            key(r"\59a52881-a989-479d-af46-f275c6370663", &[("KeyManagementServiceName", " ")]),
        ];
        assert_eq!(names(&pinned(&settings)), ["kms1.contoso.com:1700", "kms2.contoso.com:1700"]);
        assert!(cached(&settings).is_empty());
    }

    #[test]
    fn what_the_client_keeps() {
        let settings = [
            key("", &[("DiscoveredKeyManagementServiceName", "kms1.contoso.com")]),
            key("", &[("DiscoveredKeyManagementServiceMachineName", "kms1.contoso.com")]),
            key(
                r"\x",
                &[
                    ("DiscoveredKeyManagementServiceName", "kms2.contoso.com"),
                    ("DiscoveredKeyManagementServicePort", "none"),
                    ("KeyManagementServiceLookupDomain", "fabrikam.com"),
                ],
            ),
        ];
        assert_eq!(names(&cached(&settings)), ["kms1.contoso.com:1688", "kms2.contoso.com:1688"]);
        assert_eq!(lookup_domains(&settings).collect::<Vec<_>>(), ["fabrikam.com"]);
        assert!(pinned(&settings).is_empty());
    }
}
