//! What a live run was asked to judge.

use std::collections::BTreeMap;

use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value, Why};
use kmsdoctor_wire::transcript::{DomainSource, Scope};

use crate::sink::Sink;

/// Facts of the scope. A live run judges the path and, without hosts of the user's, discovery as such: it sees no
/// licence data, so it says nothing about what the client has pinned.
pub(super) fn read(scope: &Scope, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let quote = quote(scope);
    let mut put = |subject: &Subject, key: Key, state: State| sink.exchange(subject, key, state, &quote);
    let yes = || State::Present(Value::Flag(true));
    if let Some(name) = &scope.machine {
        put(&machine, Key::MachineName, State::Present(Value::Text(name.clone())));
    }
    put(&machine, Key::ScopePath, yes());
    if !scope.domains.is_empty() {
        put(&machine, Key::ScopeDiscovery, yes());
    } else if scope.hosts.is_empty() {
        // Discovery was wanted, and there was no domain to look in.
        put(&machine, Key::ScopeDiscovery, State::Unknown(Why::NoAnswer));
    }
    if !scope.time_sources.is_empty() {
        put(&machine, Key::ScopeTime, yes());
    }
    // A domain may come from several places; one that Windows looks in is enough.
    let mut lookups: BTreeMap<Subject, bool> = BTreeMap::new();
    for domain in &scope.domains {
        let looks = match domain.source {
            DomainSource::Given | DomainSource::Primary | DomainSource::Dhcp => true,
            DomainSource::SearchList => false,
        };
        *lookups.entry(Subject::new(SubjectKind::Domain, &domain.name)).or_default() |= looks;
        if domain.source == DomainSource::Primary {
            put(&machine, Key::MachineDomain, State::Present(Value::Text(domain.name.clone())));
        }
    }
    for (domain, looks) in &lookups {
        put(domain, Key::DomainLookup, State::Present(Value::Flag(*looks)));
    }
    for host in &scope.hosts {
        put(&Subject::endpoint(&host.host, host.port), Key::EndpointAsked, yes());
    }
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
