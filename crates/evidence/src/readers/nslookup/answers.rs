//! Records of an answer.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use crate::document::Document;
use crate::readers::console;
use crate::readers::names::list;
use crate::sink::Sink;

/// Lines below its first that an SRV record takes, wrapped ones included.
const SERVICE_LINES_MAX: usize = 8;

/// Lines of aliases that are read.
const ALIAS_LINES_MAX: usize = 64;

/// An SRV record.
pub(super) struct Service {
    /// Owner of the record, in lower case without the last dot.
    pub(super) owner: String,
    /// Target and port; `None` if they cannot be read.
    target: Option<(String, u16)>,
    /// Lines that it takes.
    pub(super) lines: usize,
}

/// The SRV record at `index`, if there is one. Fields keep their English names in every language; documentation puts
/// several on one line.
pub(super) fn service(document: &Document<'_>, index: usize) -> Option<Service> {
    let text = document.lines.get(index)?.text.trim();
    if let Some((owner, fields)) = text.split_once("service = ") {
        return bind_service(owner.trim(), fields);
    }
    let before = text.split_once("SRV service location")?.0.trim();
    // A long owner pushes the rest of its line to the next one.
    let above = || document.lines.get(index.checked_sub(1)?).map(|line| line.text.trim());
    let owner = if before.is_empty() { above()? } else { before };
    let owner = owner.trim_end_matches('.').to_ascii_lowercase();
    if !console::is_host_name(&owner) {
        return None;
    }
    let mut fields = String::new();
    for lines in 1..=SERVICE_LINES_MAX {
        let Some(line) = document.lines.get(index + lines).map(|line| line.text.trim()) else { break };
        if line.contains("SRV service location") || line.starts_with("**") || console::is_prompt(line) {
            break;
        }
        fields = format!("{fields} {line}");
        if let (Some(port), Some(target)) = (field(&fields, "port"), field(&fields, "svr hostname")) {
            let target = port.parse().ok().map(|port| (target.trim_end_matches('.').to_ascii_lowercase(), port));
            return Some(Service { owner, target, lines: lines + 1 });
        }
    }
    Some(Service { owner, target: None, lines: 1 })
}

/// `0 100 1688 kms1.contoso.com.` as BIND prints it.
fn bind_service(owner: &str, fields: &str) -> Option<Service> {
    let mut fields = fields.split_whitespace().skip(2);
    let port = fields.next()?.parse().ok()?;
    let target = fields.next()?.trim_end_matches('.').to_ascii_lowercase();
    let owner = owner.trim_end_matches('.').to_ascii_lowercase();
    console::is_host_name(&owner).then_some(Service { owner, target: Some((target, port)), lines: 1 })
}

/// The word after `name =`.
fn field<'t>(fields: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = fields.split_once(name)?;
    rest.trim_start().strip_prefix('=')?.split_whitespace().next()
}

/// The SRV records of one answer.
pub(super) struct Services {
    /// The fact that tells of this service.
    key: Key,
    domain: String,
    found: Vec<(usize, Service)>,
}

impl Services {
    pub(super) fn new(key: Key, domain: &str) -> Self {
        Self { key, domain: domain.to_owned(), found: Vec::new() }
    }

    pub(super) fn is_of(&self, key: Key, domain: &str) -> bool {
        self.key == key && self.domain == domain
    }

    pub(super) fn add(&mut self, index: usize, service: Service) {
        self.found.push((index, service));
    }

    /// Puts them into the sink.
    pub(super) fn tell(&self, sink: &mut Sink<'_>) {
        let Some((first, record)) = self.found.first() else { return };
        let first_lines = *first..=first + record.lines - 1;
        let domain = Subject::new(SubjectKind::Domain, &self.domain);
        // The target "." says that the service is decidedly not available (RFC 2782); the dot is trimmed above.
        let none_here = |service: &Service| service.target.as_ref().is_some_and(|(target, _)| target.is_empty());
        if self.found.iter().all(|(_, service)| none_here(service)) {
            sink.word(&domain, self.key, "no-data", first_lines);
            return;
        }
        sink.word(&domain, self.key, "found", first_lines.clone());
        if self.key != Key::DomainSrv {
            return;
        }
        let mut endpoints: BTreeSet<Subject> = BTreeSet::new();
        for (index, service) in &self.found {
            let Some((target, port)) = service.target.as_ref().filter(|(target, _)| console::is_host_name(target))
            else {
                continue;
            };
            let endpoint = Subject::endpoint(target, *port);
            sink.present(&endpoint, Key::EndpointAdvertised, Value::Flag(true), *index..=index + service.lines - 1);
            endpoints.insert(endpoint);
        }
        if self.found.iter().all(|(_, service)| service.target.is_some()) {
            let count = i64::try_from(endpoints.len()).unwrap_or(i64::MAX);
            sink.present(&domain, Key::DomainSrvCount, Value::Integer(count), first_lines.clone());
            sink.present(&domain, Key::DomainSrvTargets, Value::Text(list(&endpoints)), first_lines);
        }
    }
}

/// Name and address of `kms1.contoso.com    internet address = 10.0.0.20`, whatever the label.
pub(super) fn address_record(text: &str) -> Option<(&str, IpAddr)> {
    let (left, value) = text.split_once('=')?;
    let name = left.split_whitespace().next().filter(|_| !text.starts_with(char::is_whitespace))?;
    console::address(value).filter(|_| console::is_host_name(name)).map(|address| (name, address))
}

/// The addresses on these lines, with a label before them or alone.
pub(super) fn addresses(document: &Document<'_>, lines: RangeInclusive<usize>) -> Vec<IpAddr> {
    let lines = document.lines.get(lines).unwrap_or_default().iter().map(|line| line.text.trim());
    let labelled = |text| console::labelled(text).and_then(|(_, value)| console::address(value));
    lines.filter_map(|text| console::address(text).or_else(|| labelled(text))).collect()
}

/// Whether it is a record of any kind: `contoso.com    nameserver = dc1.contoso.com`.
pub(super) fn is_record(text: &str) -> bool {
    let name = text.split_whitespace().next().filter(|_| !text.starts_with(char::is_whitespace));
    name.is_some_and(|name| name.contains('.') && console::is_host_name(name)) && text.contains(" = ")
}

/// Aliases at `index`, below more addresses, each with its line; and how many lines that took.
pub(super) fn aliases(document: &Document<'_>, index: usize) -> (Vec<(usize, String)>, usize) {
    let mut aliases: Vec<(usize, String)> = Vec::new();
    let mut lines = 0;
    for (at, line) in document.lines.iter().enumerate().skip(index).take(ALIAS_LINES_MAX) {
        let text = line.text.trim();
        let continued = line.text.starts_with(char::is_whitespace);
        let is_address = console::address(text).is_some();
        let name = match console::labelled(text) {
            // More addresses, before the aliases.
            _ if is_address && continued && aliases.is_empty() => None,
            Some((label, name)) if !is_address && aliases.is_empty() && !begins_pair(label) => Some(name),
            None if continued && !aliases.is_empty() => Some(text),
            _ => break,
        };
        match name {
            Some(name) if console::is_host_name(name) => aliases.push((at, name.to_owned())),
            Some(_) => break,
            None => {}
        }
        lines += 1;
    }
    (aliases, lines)
}

/// Whether the next answer begins with this label.
fn begins_pair(label: &str) -> bool {
    let label = label.to_lowercase();
    super::NAME_LABELS.contains(&label.as_str()) || super::SERVER_LABELS.contains(&label.as_str())
}
