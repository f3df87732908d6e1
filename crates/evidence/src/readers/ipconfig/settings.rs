//! `ipconfig /all`, in any language: the first block gives host name and primary suffix, in this order; in the blocks of
//! adapters the word DNS stands untranslated in the labels of suffix and servers, and DHCP in that of the DHCP server.
//!
//! Windows looks for KMS in the primary suffix or, without one, in the domain that DHCP gave. The suffix search list,
//! which nslookup goes through, is none of them.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use crate::document::Document;
use crate::readers::console;
use crate::readers::names::{is_default_server, list};
use crate::sink::Sink;

/// Adapters of one output: a host of many virtual switches stays far below.
const ADAPTERS_MAX: usize = 256;

/// DNS servers of one machine that are told.
const SERVERS_MAX: usize = 32;

/// Characters of the title in every language, and more.
const TITLE_CHARS_MAX: usize = 40;

/// Puts the settings into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut index = 0;
    while index < document.lines.len() {
        index += match Settings::read(document, index) {
            Some((settings, lines)) => {
                settings.tell(sink);
                lines
            }
            None => 1,
        };
    }
}

/// A value and its line.
type Told<'d> = Option<(&'d str, usize)>;

/// One adapter.
#[derive(Default)]
struct Adapter<'d> {
    suffix: Told<'d>,
    /// A DHCP server gave its settings.
    leased: bool,
    servers: Vec<(IpAddr, usize)>,
}

/// One output.
struct Settings<'d> {
    name: (&'d str, usize),
    suffix: (&'d str, usize),
    adapters: Vec<Adapter<'d>>,
    lines: RangeInclusive<usize>,
}

impl<'d> Settings<'d> {
    /// The output whose title stands at `first`, and its lines.
    fn read(document: &'d Document<'_>, first: usize) -> Option<(Self, usize)> {
        let title = document.lines.get(first)?.text.trim();
        let is_title = title.contains("Windows") && title.contains("IP") && title.chars().count() <= TITLE_CHARS_MAX;
        if !is_title || title.contains(':') {
            return None;
        }
        let text = |index: usize| document.lines.get(index).map(|line| line.text.as_str());
        let mut index = first + 1;
        while text(index)?.trim().is_empty() {
            index += 1;
        }
        let name = (dotted(text(index)?)?.1, index);
        let suffix = (dotted(text(index + 1)?)?.1, index + 1);
        if !console::is_host_name(name.0) {
            return None;
        }
        let mut settings = Self { name, suffix, adapters: Vec::new(), lines: first..=index + 1 };
        let mut in_servers = false;
        index += 2;
        while let Some(line) = text(index) {
            let trimmed = line.trim();
            if console::is_prompt(trimmed) || (index > first && trimmed.contains("Windows IP")) {
                break;
            }
            if begins_adapter(line) && settings.adapters.len() < ADAPTERS_MAX {
                settings.adapters.push(Adapter::default());
                in_servers = false;
            } else if let Some(adapter) = settings.adapters.last_mut() {
                if let Some((label, value)) = field(line) {
                    in_servers = adapter.take(label, value, index);
                    settings.lines = first..=index;
                } else if in_servers && let Some(server) = console::address(trimmed) {
                    // More servers stand below the first, indented.
                    adapter.servers.push((server, index));
                    settings.lines = first..=index;
                } else if !trimmed.is_empty() {
                    in_servers = false;
                }
            }
            index += 1;
        }
        Some((settings, index - first))
    }

    fn tell(&self, sink: &mut Sink<'_>) {
        let machine = Subject::machine();
        let (name, line) = self.name;
        sink.present(&machine, Key::MachineName, Value::Text(name.to_owned()), line..=line);
        let (suffix, line) = self.suffix;
        let domain = |sink: &mut Sink<'_>, name: &str, line: usize| {
            let domain = Subject::new(SubjectKind::Domain, name);
            sink.present(&domain, Key::DomainLookup, Value::Flag(true), line..=line);
        };
        if console::is_host_name(suffix) {
            sink.present(&machine, Key::MachineDomain, Value::Text(suffix.to_owned()), line..=line);
            domain(sink, suffix, line);
        } else if suffix.is_empty() {
            sink.absent(&machine, Key::MachineDomain, line..=line);
            for (suffix, line) in
                self.adapters.iter().filter(|adapter| adapter.leased).filter_map(|adapter| adapter.suffix)
            {
                if console::is_host_name(suffix) {
                    domain(sink, suffix, line);
                }
            }
        }
        self.servers(sink);
    }

    fn servers(&self, sink: &mut Sink<'_>) {
        let machine = Subject::machine();
        let mut servers: Vec<(IpAddr, usize)> = Vec::new();
        for (server, line) in self.adapters.iter().flat_map(|adapter| &adapter.servers) {
            let known = servers.iter().any(|(known, _)| known == server);
            if !known && !is_default_server(*server) && servers.len() < SERVERS_MAX {
                servers.push((*server, *line));
            }
        }
        if let (Some((_, first)), Some((_, last))) = (servers.first(), servers.last()) {
            let text = Value::Text(list(servers.iter().map(|(server, _)| server)));
            sink.present(&machine, Key::MachineDnsServers, text, *first..=*last);
        } else if !self.adapters.is_empty() {
            sink.absent(&machine, Key::MachineDnsServers, self.lines.clone());
        }
        for (server, line) in servers {
            let resolver = Subject::new(SubjectKind::Resolver, server.to_string());
            sink.present(&resolver, Key::ResolverConfigured, Value::Flag(true), line..=line);
        }
    }
}

impl<'d> Adapter<'d> {
    /// Takes a field; true if DNS servers go on below it.
    fn take(&mut self, label: &str, value: &'d str, index: usize) -> bool {
        let address = console::address(value);
        let label = label.to_ascii_uppercase();
        if label.contains("DNS") {
            match address {
                Some(server) => {
                    self.servers.push((server, index));
                    return true;
                }
                // Its own suffix comes first; a search list of the connection may follow.
                None if self.suffix.is_none() => self.suffix = Some((value, index)),
                None => {}
            }
        } else if label.contains("DHCP") && !label.contains("DHCPV6") && address.is_some_and(|server| server.is_ipv4())
        {
            self.leased = true;
        }
        false
    }
}

/// Label and value of a field: indented, with a colon. Continuations are addresses, which have colons, too.
fn field(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with(char::is_whitespace) || console::address(text).is_some() {
        return None;
    }
    let (label, value) = console::labelled(text)?;
    Some((label.trim_end_matches(['.', ' ']), value))
}

/// A field whose label is filled up with dots, as the first block has them.
fn dotted(text: &str) -> Option<(&str, &str)> {
    field(text).filter(|_| text.contains(". ."))
}

/// `Ethernet adapter Ethernet0:`, at the margin.
fn begins_adapter(text: &str) -> bool {
    !text.starts_with(char::is_whitespace) && text.trim_end().ends_with([':', '：'])
}

#[cfg(test)]
mod tests;
