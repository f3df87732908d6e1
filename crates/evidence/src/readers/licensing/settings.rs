//! What the objects say of the machine: where it looks for KMS, and whether it serves.

use std::collections::{BTreeMap, BTreeSet};

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use super::product::described_channel;
use super::{Lines, Record, activation_object, found_activation_object, integer, text, value};
use crate::readers::console::{address, is_host_name};
use crate::readers::pattern::guid_in;
use crate::sink::Sink;

/// Port of a KMS host where none is set.
const PORT_DEFAULT: i64 = 1688;

/// How much a statement counts; the last of the highest rank holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The service shows no value; a product may have one of its own.
    Nothing,
    /// Office: it counts where nothing is said of Windows.
    Office,
    Service,
    Product,
}

/// A value (`None`: shown as not set), and where it stands.
type Statement = (Rank, Option<String>, Lines);

#[derive(Default)]
pub(super) struct Settings {
    statements: BTreeMap<Key, Statement>,
    /// Hosts pinned for Windows or Office.
    endpoints: Vec<(String, i64, Lines)>,
    /// Hosts found in DNS.
    used: Vec<(String, i64, Lines)>,
    activation_object: Option<Lines>,
}

impl Settings {
    pub(super) fn machine(&mut self, name: &str, lines: &Lines) {
        self.put(Key::MachineName, Rank::Service, Some(name), lines);
    }

    /// Takes what a product or the service says.
    pub(super) fn take(&mut self, record: &Record, application: Option<&'static str>) {
        let rank = match application {
            Some("office") => Rank::Office,
            Some(_) => Rank::Product,
            None => Rank::Service,
        };
        if let Some(lines) = activation_object(record) {
            self.activation_object.get_or_insert_with(|| lines.clone());
        }
        self.pinned(record, rank);
        self.setting(record, Key::KmsLookupDomain, "keymanagementservicelookupdomain", rank);
        self.cached(record, rank);
        if rank != Rank::Office {
            self.setting(record, Key::KmsActivationType, "vlactivationtypeenabled", rank);
        }
        for (key, name) in
            [(Key::KmsActivationInterval, "vlactivationinterval"), (Key::KmsRenewalInterval, "vlrenewalinterval")]
        {
            self.number(record, key, name, rank, |minutes| minutes > 0);
        }
        if let Some((id, lines)) = record.value(&["clientmachineid", "cmid"])
            && let Some(id) = guid_in(id)
        {
            self.put(Key::MachineClientId, Rank::Service, Some(&id.to_lowercase()), lines);
        }
        self.number(record, Key::MachineRearmCount, "remainingwindowsrearmcount", rank, |count| count >= 0);
        let version = record.value(&["version"]).filter(|_| {
            record.has(&["clientmachineid", "remainingwindowsrearmcount", "oa3xoriginalproductkeydescription"])
        });
        if let Some((version, lines)) =
            version.filter(|(text, _)| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
        {
            self.put(Key::MachineVersion, Rank::Service, Some(version), lines);
        }
        // An empty description says nothing of the older marker, the SLIC table.
        if let Some((_, lines)) = record.value(&["oa3xoriginalproductkeydescription"]) {
            self.put(Key::MachineFirmwareMarker, Rank::Service, Some("present"), lines);
        }
        self.host(record, rank);
    }

    fn put(&mut self, key: Key, rank: Rank, value: Option<&str>, lines: &Lines) {
        let rank = if value.is_none() && rank < Rank::Product { Rank::Nothing } else { rank };
        let known = self.statements.get(&key);
        let is_better = known.is_none_or(|(known_rank, known_value, _)| match (known_value, value) {
            // What is said of Office counts where nothing is said of Windows.
            _ if (*known_rank == Rank::Office) != (rank == Rank::Office) => *known_rank == Rank::Office,
            // A value that one of them has is not undone by another that has none.
            (Some(_), None) => false,
            (None, Some(_)) => true,
            (Some(known_value), Some(value)) if known_value == value => false,
            _ => *known_rank <= rank,
        });
        if is_better {
            self.statements.insert(key, (rank, value.map(str::to_owned), lines.clone()));
        }
    }

    /// A property that says, where it is empty, that nothing is set.
    fn setting(&mut self, record: &Record, key: Key, name: &str, rank: Rank) {
        let Some(property) = record.get(&[name]) else { return };
        let value = property.value.as_deref().and_then(value::name);
        // What Office does not have says nothing of Windows.
        if value.is_some() || rank != Rank::Office {
            self.put(key, rank, value, &property.lines);
        }
    }

    fn number(&mut self, record: &Record, key: Key, name: &str, rank: Rank, is_told: fn(i64) -> bool) {
        if let Some((text, lines)) = record.value(&[name])
            && let Some(number) = value::number(text).filter(|number| is_told(*number))
        {
            self.put(key, rank, Some(&number.to_string()), lines);
        }
    }

    fn pinned(&mut self, record: &Record, rank: Rank) {
        let name = "keymanagementservicemachine";
        self.setting(record, Key::KmsPinnedHost, name, rank);
        let port = port(record, "keymanagementserviceport");
        let host = record.value(&[name]).and_then(|(text, lines)| Some((value::name(text)?, lines)));
        let Some((host, lines)) = host else { return };
        if let Some((port, lines)) = &port {
            self.put(Key::KmsPinnedPort, rank, Some(&port.to_string()), lines);
        }
        if is_host(host) {
            self.endpoints.push((host.to_owned(), port.map_or(PORT_DEFAULT, |(port, _)| port), lines.clone()));
        }
    }

    fn cached(&mut self, record: &Record, rank: Rank) {
        let name = "discoveredkeymanagementservicemachinename";
        self.setting(record, Key::KmsCachedHost, name, rank);
        let host = record.value(&[name]).and_then(|(text, lines)| Some((value::name(text)?, lines)));
        if let Some((host, lines)) = host.filter(|(host, _)| is_host(host)) {
            let port = port(record, "discoveredkeymanagementservicemachineport").map_or(PORT_DEFAULT, |(port, _)| port);
            self.used.push((host.to_owned(), port, lines.clone()));
        }
    }

    fn host(&mut self, record: &Record, rank: Rank) {
        let Some((text, lines)) = record.value(&["iskeymanagementservicemachine"]) else { return };
        let Some(serves) = value::flag(text) else { return };
        // A product that is no host says nothing of another one that may be, unless its key is a host key.
        let is_host_key = described_channel(record).is_some_and(|(channel, _)| channel == "csvlk");
        if serves || rank == Rank::Service || (is_host_key && rank == Rank::Product) {
            let rank = if serves { Rank::Product } else { Rank::Nothing };
            self.put(Key::HostEnabled, rank, Some(if serves { "true" } else { "false" }), lines);
        }
        if !serves {
            return;
        }
        self.number(record, Key::HostCount, "keymanagementservicecurrentcount", rank, |_| true);
        self.number(record, Key::HostPort, "keymanagementservicelisteningport", rank, |port| port > 0);
        self.number(record, Key::HostRequests, "keymanagementservicetotalrequests", rank, |count| count >= 0);
        self.number(record, Key::HostFailedRequests, "keymanagementservicefailedrequests", rank, |count| count >= 0);
        if let Some((text, lines)) = record.value(&["keymanagementservicednspublishing"])
            && let Some(publishes) = value::flag(text)
        {
            self.put(Key::HostPublishing, rank, Some(if publishes { "true" } else { "false" }), lines);
        }
    }

    pub(super) fn emit(self, sink: &mut Sink<'_>) {
        for (key, (_, value, lines)) in self.statements {
            match (key, value) {
                (_, None) => sink.absent(&Subject::machine(), key, lines),
                (Key::KmsActivationType, Some(value)) => {
                    if let Some(word) = value.parse().ok().and_then(activation_type) {
                        sink.word(&Subject::machine(), key, word, lines);
                    }
                }
                (Key::MachineFirmwareMarker, Some(value)) => sink.word(&Subject::machine(), key, &value, lines),
                (Key::HostEnabled | Key::HostPublishing, Some(value)) => {
                    sink.present(&Subject::machine(), key, Value::Flag(value == "true"), lines);
                }
                (
                    Key::KmsPinnedHost
                    | Key::KmsCachedHost
                    | Key::MachineName
                    | Key::MachineVersion
                    | Key::MachineClientId,
                    Some(value),
                ) => text(key, &value, &lines, sink),
                (Key::KmsLookupDomain, Some(value)) => {
                    text(key, &value, &lines, sink);
                    if is_host_name(&value) {
                        let domain = Subject::new(SubjectKind::Domain, value);
                        sink.present(&domain, Key::DomainLookup, Value::Flag(true), lines);
                    }
                }
                (_, Some(value)) => {
                    if let Ok(number) = value.parse() {
                        integer(key, number, &lines, sink);
                    }
                }
            }
        }
        let mut told = BTreeSet::new();
        let endpoints = self.endpoints.into_iter().map(|endpoint| (Key::EndpointPinned, endpoint));
        let used = self.used.into_iter().map(|endpoint| (Key::EndpointUsed, endpoint));
        for (key, (host, port, lines)) in endpoints.chain(used) {
            if let Ok(port) = u16::try_from(port)
                && told.insert((key, host.to_lowercase(), port))
            {
                sink.present(&Subject::endpoint(&host, port), key, Value::Flag(true), lines);
            }
        }
        if let Some(lines) = &self.activation_object {
            found_activation_object(lines, sink);
        }
    }
}

fn port<'r>(record: &'r Record, name: &str) -> Option<(i64, &'r Lines)> {
    let (text, lines) = record.value(&[name])?;
    value::number(text).filter(|port| (1..=i64::from(u16::MAX)).contains(port)).map(|port| (port, lines))
}

fn is_host(name: &str) -> bool {
    is_host_name(name) || address(name).is_some()
}

/// `VLActivationTypeEnabled`: 0 all, 1 Active Directory, 2 KMS, 3 token.
fn activation_type(number: i64) -> Option<&'static str> {
    ["any", "ad", "kms", "token"].get(usize::try_from(number).ok()?).copied()
}
