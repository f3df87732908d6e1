//! The registry: the keys that decide where a client looks for KMS, and what machine it is. As text here (`reg query` output
//! and `.reg` exports), as a raw hive in `hive.rs`; both give [`Item`]s, and [`tell`] makes facts of them.
//!
//! Settings of the whole machine stand in the key `SoftwareProtectionPlatform`, those of an application and of a
//! product in its subkeys; for each application the most specific wins. What is set for Office (0ff1ce15-…) does not
//! change where Windows looks: of it only the host is told, as one more that this client has pinned.

mod lines;
mod system;
#[cfg(test)]
mod tests;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

pub(super) use self::lines::{Entry, Item, LIST_SEPARATOR, SETTINGS_OF_CLIENT, texts};
use self::lines::{items, objects};
use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// The key of the software licensing service, in lower case, below the hive. `WOW6432Node` is another key.
const SPP: &str = r"software\microsoft\windows nt\currentversion\softwareprotectionplatform";

/// Application ID of Windows.
const WINDOWS: &str = "55c92734-d682-4d71-983e-d6ec3f16059f";

/// Application IDs of Office 2013 and later, and of Office 2010.
const OFFICE: [&str; 2] = ["0ff1ce15-a989-479d-af46-f275c6370663", "59a52881-a989-479d-af46-f275c6370663"];

/// Office's own service on Windows 7 has a key of its own.
const OFFICE_SERVICE: &str = r"hkey_local_machine\software\microsoft\officesoftwareprotectionplatform";

/// Port that a client uses where none is set.
const DEFAULT_PORT: u16 = 1688;

/// A listing with as many values of this key is no answer to a question for one value.
const FULL_LISTING_VALUES_MIN: usize = 3;

/// How specific a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Machine,
    Application,
    Product,
}

/// Whose settings a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Of everything that has none of its own.
    All,
    Windows,
    Office,
}

/// The settings of one application that are looked for, the most specific of each.
#[derive(Default)]
struct Settings {
    host: Option<(Level, Entry)>,
    port: Option<(Level, Entry)>,
    domain: Option<(Level, Entry)>,
    cached: Option<(Level, Entry)>,
    activation_type: Option<(Level, Entry)>,
    listening_port: Option<(Level, Entry)>,
    publishing_disabled: Option<(Level, Entry)>,
    publish_list: Option<(Level, Entry)>,
    activation_interval: Option<(Level, Entry)>,
    renewal_interval: Option<(Level, Entry)>,
}

/// Puts the settings that decide where the client looks into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    tell(items(document).into_iter().chain(objects(document)).collect(), sink);
}

/// Puts what the keys say into the sink, wherever they were read.
pub(super) fn tell(items: Vec<Item>, sink: &mut Sink<'_>) {
    let mut settings = Settings::default();
    let mut office = Settings::default();
    let mut listing = None;
    for item in items {
        match item {
            Item::Key { path, line, entries, complete } => {
                if let Some((scope, level)) = level(&path) {
                    if level == Level::Machine && complete && entries.len() >= FULL_LISTING_VALUES_MIN {
                        let last = entries.last().map_or(line, |entry| *entry.lines.end());
                        listing = Some(line..=last);
                    }
                    for entry in entries {
                        if scope != Scope::Office {
                            settings.take(level, entry.clone());
                        }
                        if scope != Scope::Windows {
                            office.take(level, entry);
                        }
                    }
                } else if is_tcpip(&path) {
                    tcpip(&entries, sink);
                } else {
                    system::tell(&path, &entries, complete, sink);
                }
            }
            Item::NotFound { path, value, lines } => {
                let value = value.to_ascii_lowercase();
                if let Some(key) = missing(&path, &value).or_else(|| system::missing(&path, &value)) {
                    sink.absent(&Subject::machine(), key, lines);
                }
            }
        }
    }
    // A whole listing without the value shows that it is not set.
    if settings.host.is_none()
        && let Some(lines) = listing
    {
        sink.absent(&Subject::machine(), Key::KmsPinnedHost, lines);
    }
    settings.tell(sink);
    // Without one of its own, Office uses the machine's.
    if let Some((Level::Application | Level::Product, host)) = &office.host {
        office.endpoint(host, sink);
    }
}

/// The fact that a value of the licensing service which is not there tells of.
fn missing(path: &str, value: &str) -> Option<Key> {
    if level(path) != Some((Scope::All, Level::Machine)) {
        return None;
    }
    Some(match value {
        "keymanagementservicename" => Key::KmsPinnedHost,
        "keymanagementserviceport" => Key::KmsPinnedPort,
        "keymanagementservicelookupdomain" => Key::KmsLookupDomain,
        _ => return None,
    })
}

impl Settings {
    fn take(&mut self, level: Level, entry: Entry) {
        let setting = match entry.name.to_ascii_lowercase().as_str() {
            "keymanagementservicename" => &mut self.host,
            "keymanagementserviceport" => &mut self.port,
            "keymanagementservicelookupdomain" => &mut self.domain,
            "discoveredkeymanagementservicename" | "discoveredkeymanagementservicemachinename" => &mut self.cached,
            "vlactivationtype" => &mut self.activation_type,
            "keymanagementservicelisteningport" => &mut self.listening_port,
            "disablednspublishing" => &mut self.publishing_disabled,
            "dnsdomainpublishlist" => &mut self.publish_list,
            "vlactivationinterval" => &mut self.activation_interval,
            "vlrenewalinterval" => &mut self.renewal_interval,
            _ => return,
        };
        if setting.as_ref().is_none_or(|(known, _)| *known <= level) {
            *setting = Some((level, entry));
        }
    }

    fn tell(&self, sink: &mut Sink<'_>) {
        let machine = Subject::machine();
        if let Some((_, entry)) = &self.host {
            self.pinned(entry, sink);
        }
        for (key, setting) in [
            (Key::KmsPinnedPort, &self.port),
            (Key::HostPort, &self.listening_port),
            (Key::KmsActivationInterval, &self.activation_interval),
            (Key::KmsRenewalInterval, &self.renewal_interval),
        ] {
            if let Some((_, entry)) = setting
                && let Some(number) = entry.number()
            {
                sink.present(&machine, key, Value::Integer(number), entry.lines.clone());
            }
        }
        if let Some((_, entry)) = &self.domain {
            text(Key::KmsLookupDomain, entry, sink);
            looks_in(entry, sink);
        }
        if let Some((_, entry)) = &self.cached {
            text(Key::KmsCachedHost, entry, sink);
        }
        if let Some((_, entry)) = &self.activation_type
            && let Some(word) = entry.number().and_then(activation_type)
        {
            sink.word(&machine, Key::KmsActivationType, word, entry.lines.clone());
        }
        if let Some((_, entry)) = &self.publishing_disabled
            && let Some(number) = entry.number()
        {
            sink.present(&machine, Key::HostPublishing, Value::Flag(number == 0), entry.lines.clone());
        }
        if let Some((_, entry)) = &self.publish_list {
            let domains = entry.data.split(LIST_SEPARATOR).map(str::trim).filter(|domain| !domain.is_empty());
            let list = Entry { data: domains.collect::<Vec<_>>().join("; "), ..entry.clone() };
            text(Key::HostPublishList, &list, sink);
        }
    }

    fn pinned(&self, host: &Entry, sink: &mut Sink<'_>) {
        text(Key::KmsPinnedHost, host, sink);
        self.endpoint(host, sink);
    }

    fn endpoint(&self, host: &Entry, sink: &mut Sink<'_>) {
        let name = host.data.trim();
        if console::is_host_name(name) || console::address(name).is_some() {
            let port = self.port.as_ref().and_then(|(_, entry)| u16::try_from(entry.number()?).ok());
            let endpoint = Subject::endpoint(name, port.unwrap_or(DEFAULT_PORT));
            sink.present(&endpoint, Key::EndpointPinned, Value::Flag(true), host.lines.clone());
        }
    }
}

/// A text of the machine; an empty one is none.
fn text(key: Key, entry: &Entry, sink: &mut Sink<'_>) {
    match entry.data.trim() {
        "" => sink.absent(&Subject::machine(), key, entry.lines.clone()),
        data => sink.present(&Subject::machine(), key, Value::Text(data.to_owned()), entry.lines.clone()),
    }
}

fn looks_in(entry: &Entry, sink: &mut Sink<'_>) {
    let name = entry.data.trim();
    if console::is_host_name(name) {
        sink.present(
            &Subject::new(SubjectKind::Domain, name),
            Key::DomainLookup,
            Value::Flag(true),
            entry.lines.clone(),
        );
    }
}

/// `VLActivationType`: 0 all, 1 Active Directory, 2 KMS, 3 token.
fn activation_type(number: i64) -> Option<&'static str> {
    ["any", "ad", "kms", "token"].get(usize::try_from(number).ok()?).copied()
}

/// Whose settings the key at `path` holds, and how specific they are.
fn level(path: &str) -> Option<(Scope, Level)> {
    let path = path.to_ascii_lowercase();
    if path == OFFICE_SERVICE {
        return Some((Scope::Office, Level::Application));
    }
    let below = path.strip_prefix("hkey_local_machine\\")?.strip_prefix(SPP)?;
    let mut parts = below.split('\\');
    if parts.next() != Some("") {
        return None;
    }
    let Some(application) = parts.next() else { return Some((Scope::All, Level::Machine)) };
    let scope = match application {
        WINDOWS => Scope::Windows,
        application if OFFICE.contains(&application) => Scope::Office,
        _ => return None,
    };
    match (parts.next(), parts.next()) {
        (None, _) => Some((scope, Level::Application)),
        (Some(_), None) => Some((scope, Level::Product)),
        _ => None,
    }
}

fn is_tcpip(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.starts_with("hkey_local_machine\\system\\") && path.ends_with("\\services\\tcpip\\parameters")
}

/// The primary DNS suffix; without one, on workgroup machines, the domain that DHCP gave.
fn tcpip(entries: &[Entry], sink: &mut Sink<'_>) {
    let find = |name: &str| entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
    let Some(domain) = find("Domain") else { return };
    text(Key::MachineDomain, domain, sink);
    if domain.data.trim().is_empty() {
        if let Some(dhcp) = find("DhcpDomain") {
            looks_in(dhcp, sink);
        }
    } else {
        looks_in(domain, sink);
    }
}
