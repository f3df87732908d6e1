//! The registry as text: `reg query` output and `.reg` exports of the keys that decide where a client looks for KMS.
//!
//! Settings of the whole machine stand in the key `SoftwareProtectionPlatform`, those of an application and of a
//! product in its subkeys; the most specific wins. Only Windows' own application counts here: what is set for Office
//! (0ff1ce15-…) does not change where Windows looks.

mod lines;
#[cfg(test)]
mod tests;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use self::lines::{Entry, Item, items};
use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// The key of the software licensing service, in lower case, below the hive. `WOW6432Node` is another key.
const SPP: &str = r"software\microsoft\windows nt\currentversion\softwareprotectionplatform";

/// Application ID of Windows.
const WINDOWS: &str = "55c92734-d682-4d71-983e-d6ec3f16059f";

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

/// The settings that are looked for, the most specific of each.
#[derive(Default)]
struct Settings {
    host: Option<(Level, Entry)>,
    port: Option<(Level, Entry)>,
    domain: Option<(Level, Entry)>,
    cached: Option<(Level, Entry)>,
    activation_type: Option<(Level, Entry)>,
}

/// Puts the settings that decide where the client looks into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut settings = Settings::default();
    let mut listing = None;
    for item in items(document) {
        match item {
            Item::Key { path, line, entries, complete } => {
                if let Some(level) = level(&path) {
                    if level == Level::Machine && complete && entries.len() >= FULL_LISTING_VALUES_MIN {
                        let last = entries.last().map_or(line, |entry| *entry.lines.end());
                        listing = Some(line..=last);
                    }
                    for entry in entries {
                        settings.take(level, entry);
                    }
                } else if is_tcpip(&path) {
                    tcpip(&entries, sink);
                }
            }
            Item::NotFound { path, value, lines } => {
                let key = match value.to_ascii_lowercase().as_str() {
                    _ if level(&path) != Some(Level::Machine) => continue,
                    "keymanagementservicename" => Key::KmsPinnedHost,
                    "keymanagementserviceport" => Key::KmsPinnedPort,
                    "keymanagementservicelookupdomain" => Key::KmsLookupDomain,
                    _ => continue,
                };
                sink.absent(&Subject::machine(), key, lines);
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
}

impl Settings {
    fn take(&mut self, level: Level, entry: Entry) {
        let setting = match entry.name.to_ascii_lowercase().as_str() {
            "keymanagementservicename" => &mut self.host,
            "keymanagementserviceport" => &mut self.port,
            "keymanagementservicelookupdomain" => &mut self.domain,
            "discoveredkeymanagementservicename" | "discoveredkeymanagementservicemachinename" => &mut self.cached,
            "vlactivationtype" => &mut self.activation_type,
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
        if let Some((_, entry)) = &self.port
            && let Some(port) = entry.number()
        {
            sink.present(&machine, Key::KmsPinnedPort, Value::Integer(port), entry.lines.clone());
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
    }

    fn pinned(&self, host: &Entry, sink: &mut Sink<'_>) {
        text(Key::KmsPinnedHost, host, sink);
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

/// How specific the settings of the key at `path` are, if they are Windows'.
fn level(path: &str) -> Option<Level> {
    let path = path.to_ascii_lowercase();
    let below = path.strip_prefix("hkey_local_machine\\")?.strip_prefix(SPP)?;
    let mut parts = below.split('\\');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(""), None, ..) => Some(Level::Machine),
        (Some(""), Some(WINDOWS), None, _) => Some(Level::Application),
        (Some(""), Some(WINDOWS), Some(_), None) => Some(Level::Product),
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
