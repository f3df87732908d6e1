//! What a live run was asked to judge.

use std::collections::BTreeMap;

use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value, Why};
use kmsdoctor_wire::transcript::{DomainSource, Scope};

use super::client;
use crate::sink::Sink;

/// Facts of the scope. A live run judges the path and, without hosts of the user's, discovery: as such where the settings
/// of the client were not looked at, else unless the client has a host pinned, which takes the place of discovery.
pub(super) fn read(scope: &Scope, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let quote = quote(scope);
    let of_client = client::facts(scope.client_settings.as_deref().unwrap_or_default(), sink);
    let is_told = |key: Key| of_client.iter().any(|fact| fact.key == key && fact.value().is_some());
    let (is_pinned, is_forced) = (is_told(Key::KmsPinnedHost), is_told(Key::KmsLookupDomain));
    let mut put = |subject: &Subject, key: Key, state: State| sink.exchange(subject, key, state, &quote);
    let yes = || State::Present(Value::Flag(true));
    if let Some(name) = &scope.machine {
        put(&machine, Key::MachineName, State::Present(Value::Text(name.clone())));
    }
    if let Some(offset_s) = scope.utc_offset_s {
        put(&machine, Key::MachineUtcOffset, State::Present(Value::Integer(i64::from(offset_s / 60))));
    }
    put(&machine, Key::ScopePath, yes());
    if !scope.domains.is_empty() {
        put(&machine, Key::ScopeDiscovery, State::Present(Value::Flag(!is_pinned)));
    } else if scope.hosts.is_empty() {
        // Discovery was wanted, and there was no domain to look in.
        put(&machine, Key::ScopeDiscovery, State::Unknown(Why::NoAnswer));
    }
    if !scope.time_sources.is_empty() {
        put(&machine, Key::ScopeTime, yes());
    }
    // A domain may come from several places; one that Windows looks in is enough. A lookup domain that is set is told by
    // the client's settings, and leaves the others out.
    let mut lookups: BTreeMap<Subject, bool> = BTreeMap::new();
    for domain in &scope.domains {
        let looks = match domain.source {
            DomainSource::Given => true,
            DomainSource::Primary | DomainSource::Dhcp => !is_forced,
            DomainSource::SearchList | DomainSource::Forced => false,
        };
        *lookups.entry(Subject::new(SubjectKind::Domain, &domain.name)).or_default() |= looks;
        if domain.source == DomainSource::Primary {
            put(&machine, Key::MachineDomain, State::Present(Value::Text(domain.name.clone())));
        }
    }
    let is_told = |domain: &Subject| of_client.iter().any(|fact| fact.subject == *domain);
    for (domain, looks) in lookups.iter().filter(|(domain, _)| !is_told(domain)) {
        put(domain, Key::DomainLookup, State::Present(Value::Flag(*looks)));
    }
    for host in &scope.hosts {
        put(&Subject::endpoint(&host.host, host.port), Key::EndpointAsked, yes());
    }
    sink.append(of_client);
}

fn quote(scope: &Scope) -> String {
    let hosts = scope.hosts.iter().map(|host| Subject::endpoint(&host.host, host.port).id);
    let lists: [(&str, Vec<String>); 3] = [
        ("domains", scope.domains.iter().map(|domain| domain.name.clone()).collect()),
        ("hosts", hosts.collect()),
        ("time sources", scope.time_sources.clone()),
    ];
    let mut parts: Vec<String> = scope.machine.iter().map(|name| format!("machine {name}")).collect();
    for (what, list) in lists {
        if !list.is_empty() {
            parts.push(format!("{what} {}", list.join(", ")));
        }
    }
    if parts.is_empty() { "scope: nothing named".to_owned() } else { format!("scope: {}", parts.join("; ")) }
}
