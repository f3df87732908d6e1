//! What names lead to by different ways: DNS servers, the client's resolver cache, its hosts file.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use super::fact;
use crate::fact::{Fact, FactBase, Key, Origin, State, Subject, SubjectKind, Value};

/// Keys that a whole cache or hosts file tells of every name in it, whatever the name has to do with KMS.
const AMBIENT: [Key; 2] = [Key::NameCachedAddress, Key::NameHostsFile];

/// Leaves out what cache and hosts file say of names that nothing else in the evidence speaks of: a cache holds hundreds,
/// and only so many subjects are looked at. A name with `kms` in it counts by itself.
pub fn related_names(facts: Vec<Fact>) -> Vec<Fact> {
    let mut related: BTreeSet<String> = BTreeSet::new();
    for fact in &facts {
        match (fact.subject.kind, fact.key) {
            (_, key) if AMBIENT.contains(&key) => {}
            (SubjectKind::Name | SubjectKind::Endpoint, _) => {
                related.insert(fact.subject.host().to_owned());
            }
            (
                _,
                Key::KmsPinnedHost
                | Key::KmsCachedHost
                | Key::AttemptTarget
                | Key::DomainCachedSrv
                | Key::DomainSrvTargets,
            ) => related.extend(hosts(fact)),
            _ => {}
        }
    }
    let keep = |fact: &Fact| {
        !AMBIENT.contains(&fact.key) || fact.subject.id.contains("kms") || related.contains(&fact.subject.id)
    };
    facts.into_iter().filter(keep).collect()
}

/// Facts that compare the ways.
pub(super) fn facts(facts: &FactBase) -> Vec<Fact> {
    let mut derived = hosts_file(facts);
    derived.extend(cache(facts));
    derived.extend(facts.subjects(SubjectKind::Name).filter_map(|name| client(facts, name)));
    derived.extend(facts.subjects(SubjectKind::Name).filter_map(|name| resolved(facts, name)));
    derived
}

/// Host parts of `kms1.contoso.com:1688, kms2.contoso.com:1688`, in lower case.
fn hosts(fact: &Fact) -> BTreeSet<String> {
    let Some(Value::Text(text)) = fact.value() else { return BTreeSet::new() };
    let host = |item: &str| {
        let item = Subject::new(SubjectKind::Endpoint, item);
        if item.port().is_some() && item.id.parse::<IpAddr>().is_err() { item.host().to_owned() } else { item.id }
    };
    text.split(',').map(host).filter(|host| !host.is_empty()).collect()
}

/// Addresses of `10.20.0.5, fd00::5`.
pub(super) fn addresses(fact: &Fact) -> BTreeSet<IpAddr> {
    let Some(Value::Text(text)) = fact.value() else { return BTreeSet::new() };
    text.split(',').filter_map(|address| address.trim().parse().ok()).collect()
}

/// Whether these are other addresses than a server's. Families are compared one by one, since a question for one says
/// nothing of the other. A part that agrees leaves it open: records of several hosts change their members.
fn differ(own: &BTreeSet<IpAddr>, servers: &BTreeSet<IpAddr>) -> Option<bool> {
    let outcomes: Vec<Option<bool>> = [true, false]
        .into_iter()
        .filter_map(|ipv4| {
            let of_family = |all: &BTreeSet<IpAddr>| -> BTreeSet<IpAddr> {
                all.iter().copied().filter(|address| address.is_ipv4() == ipv4).collect()
            };
            let (own, servers) = (of_family(own), of_family(servers));
            if own.is_empty() || servers.is_empty() {
                return None;
            }
            Some(match (own.is_subset(&servers), own.is_disjoint(&servers)) {
                (true, _) => Some(false),
                (false, true) => Some(true),
                (false, false) => None,
            })
        })
        .collect();
    match outcomes.as_slice() {
        [] => None,
        outcomes if outcomes.contains(&Some(true)) => Some(true),
        outcomes if outcomes.contains(&None) => None,
        _ => Some(false),
    }
}

/// The hosts file beside DNS; and that a file that was read in whole does not have a name.
fn hosts_file(facts: &FactBase) -> Vec<Fact> {
    let whole = facts.known(&Subject::machine(), Key::MachineHostsEntries).filter(|fact| fact.value().is_some());
    let mut derived = Vec::new();
    for name in facts.subjects(SubjectKind::Name) {
        let Some(line) = facts.known(name, Key::NameHostsFile) else {
            let silent = facts.history(name, Key::NameHostsFile).next().is_none() && name.id.parse::<IpAddr>().is_err();
            derived.extend(whole.filter(|_| silent).map(|whole| Fact {
                subject: name.clone(),
                key: Key::NameHostsFile,
                state: State::Absent,
                ..whole.clone()
            }));
            continue;
        };
        let dns = servers(facts, name);
        if let Some(differs) = differ(&addresses(line), &all_addresses(&dns)) {
            derived.push(together(name, Key::NameHostsFileDiffers, differs, line, &dns));
        }
    }
    derived
}

/// What the cache says of a name against what servers say: one verdict for each name, from its addresses and from the
/// SRV records that lead to it.
fn cache(facts: &FactBase) -> Vec<Fact> {
    let mut verdicts: BTreeMap<Subject, Fact> = BTreeMap::new();
    let mut settle = |found: Fact| {
        let known = verdicts.entry(found.subject.clone()).or_insert_with(|| found.clone());
        if found.value() == Some(&Value::Flag(true)) {
            *known = found;
        }
    };
    for name in facts.subjects(SubjectKind::Name) {
        let Some(cached) = facts.known(name, Key::NameCachedAddress) else { continue };
        let gone =
            facts.known(name, Key::NameAddress).filter(|outcome| outcome.value() == Some(&Value::Word("no-such-name")));
        let dns = servers(facts, name);
        let is_cached = matches!(cached.state, State::Present(_));
        let (differs, dns) = match (is_cached, dns.as_slice(), gone) {
            (true, [_, ..], _) => (differ(&addresses(cached), &all_addresses(&dns)), dns),
            (false, [_, ..], _) => (Some(true), dns),
            (is_cached, [], Some(gone)) => (Some(is_cached), vec![gone]),
            (_, [], None) => continue,
        };
        if let Some(differs) = differs {
            settle(together(name, Key::NameCacheDiffers, differs, cached, &dns));
        }
    }
    for domain in facts.subjects(SubjectKind::Domain) {
        let Some(cached) = facts.known(domain, Key::DomainCachedSrv) else { continue };
        let offered = facts.known(domain, Key::DomainSrvTargets);
        let none = facts
            .known(domain, Key::DomainSrv)
            .filter(|outcome| matches!(outcome.value(), Some(Value::Word("no-such-name" | "no-data"))));
        let (Some(dns), own) = (offered.or(none), hosts(cached)) else { continue };
        let servers = hosts(dns).into_iter().filter(|_| offered.is_some()).collect::<BTreeSet<_>>();
        // A cached "no such record" keeps the client from every host that servers offer.
        let strange = if own.is_empty() { servers } else { own.difference(&servers).cloned().collect() };
        for host in strange.into_iter().filter(|host| host.parse::<IpAddr>().is_err()) {
            settle(together(&Subject::new(SubjectKind::Name, host), Key::NameCacheDiffers, true, cached, &[dns]));
        }
    }
    verdicts.into_values().collect()
}

/// What the client itself took for the name, by whatever way, against what servers say. A name of one label is another one
/// below each suffix of the client.
fn client(facts: &FactBase, name: &Subject) -> Option<Fact> {
    let used = facts.known(name, Key::NameClientAddress).filter(|fact| fact.value().is_some())?;
    let dns = servers(facts, name);
    if !dns.is_empty() {
        let differs = differ(&addresses(used), &all_addresses(&dns))?;
        return Some(together(name, Key::NameClientDiffers, differs, used, &dns));
    }
    let outcome = facts.known(name, Key::NameAddress)?;
    let is_gone = outcome.value() == Some(&Value::Word("no-such-name")) && name.id.contains('.');
    is_gone.then(|| together(name, Key::NameClientDiffers, true, used, &[outcome]))
}

/// Whether the name resolves by what the client itself found, where nothing else tells. That it found none shows something
/// of a name of one label alone: for any other DNS has the word.
fn resolved(facts: &FactBase, name: &Subject) -> Option<Fact> {
    let used = facts.known(name, Key::NameClientAddress)?;
    let word = match used.state {
        State::Present(_) => "found",
        State::Absent if !name.id.contains('.') => "no-such-name",
        State::Absent | State::Unknown(_) => return None,
    };
    let told = facts.history(name, Key::NameAddress).any(|fact| !matches!(fact.state, State::Unknown(_)));
    (!told).then(|| fact(name, Key::NameAddress, Value::Word(word), used.time, used.origins.clone()))
}

/// Signs of life of an endpoint's host, as far as they were told of its name or of one of its addresses.
pub(super) fn signs_of_life<'f>(facts: &'f FactBase, endpoint: &Subject) -> Vec<&'f Fact> {
    let name = Subject::new(SubjectKind::Name, endpoint.host());
    let own: Vec<&Fact> = facts.history(&name, Key::NameAlive).collect();
    if !own.is_empty() {
        return own;
    }
    let used = facts.known(&name, Key::NameClientAddress).map(addresses).unwrap_or_default();
    let all: BTreeSet<IpAddr> = all_addresses(&servers(facts, &name)).union(&used).copied().collect();
    let mut signs = Vec::new();
    for address in &all {
        let address = Subject::new(SubjectKind::Name, address.to_string());
        let told = facts.history(&address, Key::NameAlive);
        // One of several addresses that is dead says nothing of the host.
        signs.extend(told.filter(|sign| all.len() == 1 || sign.value() == Some(&Value::Flag(true))));
    }
    signs
}

/// What DNS servers gave for the name.
fn servers<'f>(facts: &'f FactBase, name: &Subject) -> Vec<&'f Fact> {
    let known = [Key::NameDnsIpv4, Key::NameDnsIpv6].into_iter().filter_map(|key| facts.known(name, key));
    known.filter(|fact| fact.value().is_some()).collect()
}

fn all_addresses(facts: &[&Fact]) -> BTreeSet<IpAddr> {
    facts.iter().flat_map(|fact| addresses(fact)).collect()
}

/// A verdict that rests on what the client has and on what servers say.
fn together(subject: &Subject, key: Key, differs: bool, own: &Fact, servers: &[&Fact]) -> Fact {
    let all = || std::iter::once(own).chain(servers.iter().copied());
    let origins: Vec<Origin> = all().flat_map(|fact| fact.origins.iter().cloned()).collect();
    let time: Option<Timestamp> = all().filter_map(|fact| fact.time).max();
    fact(subject, key, Value::Flag(differs), time, origins)
}

#[cfg(test)]
mod tests;
