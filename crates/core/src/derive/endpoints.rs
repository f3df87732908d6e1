//! What kind of address an endpoint has, whose KMS it is by the table of cloud endpoints, and whether the client uses it.

use std::net::IpAddr;

use super::{fact, names};
use crate::address::class;
use crate::fact::{Fact, FactBase, Key, Origin, State, Subject, SubjectKind, Value};
use crate::knowledge::CloudEndpoint;

/// KMS hosts listen here unless somebody changes it.
const DEFAULT_PORT: u16 = 1688;

/// Facts on every endpoint that the evidence names.
pub(super) fn facts(facts: &FactBase, clouds: &[CloudEndpoint]) -> Vec<Fact> {
    let mut derived = used(facts);
    let named: Vec<(Subject, Vec<Origin>)> = facts
        .subjects(SubjectKind::Endpoint)
        .map(|endpoint| (endpoint, facts.first_of(endpoint)))
        .map(|(endpoint, first)| (endpoint.clone(), first.map(|fact| fact.origins.clone()).unwrap_or_default()))
        .chain(derived.iter().map(|fact| (fact.subject.clone(), fact.origins.clone())))
        .collect();
    let mut done: Vec<Subject> = Vec::new();
    for (endpoint, origins) in named {
        if done.contains(&endpoint) {
            continue;
        }
        let word = |key: Key, word: &'static str| fact(&endpoint, key, Value::Word(word), None, origins.clone());
        if let Some(cloud) = of_cloud(endpoint.host(), clouds) {
            derived.push(word(Key::EndpointAddressClass, "cloud"));
            derived.extend(Key::EndpointPlatform.word(&cloud.cloud).map(|name| word(Key::EndpointPlatform, name)));
            let retired = Value::Flag(cloud.until.is_some());
            derived.push(fact(&endpoint, Key::EndpointRetired, retired, None, origins.clone()));
        } else if let Some(class) = class_of(facts, endpoint.host()) {
            derived.push(word(Key::EndpointAddressClass, class));
        }
        done.push(endpoint);
    }
    derived
}

/// The host that the client found in DNS and keeps, and the one that its newest attempt went to.
fn used(facts: &FactBase) -> Vec<Fact> {
    let machine = Subject::machine();
    let text = |known: &Fact| match known.value() {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let cached = facts.known(&machine, Key::KmsCachedHost);
    let newest = facts
        .subjects(SubjectKind::Attempt)
        .filter_map(|attempt| facts.known(attempt, Key::AttemptTarget))
        .filter(|target| target.time.is_some())
        .max_by_key(|target| (target.time, target.subject.id.clone()));
    let used = [cached, newest].into_iter().flatten().filter_map(|known| Some((known, endpoint_of(&text(known)?)?)));
    used.map(|(known, endpoint)| {
        fact(&endpoint, Key::EndpointUsed, Value::Flag(true), known.time, known.origins.clone())
    })
    .filter(|used| facts.state(&used.subject, Key::EndpointUsed) != State::Present(Value::Flag(true)))
    .collect()
}

/// `kms1.contoso.com:1688`, `[fd00::1]:1688` or a name alone as an endpoint; the place holder `0.0.0.0:0` is none.
fn endpoint_of(text: &str) -> Option<Subject> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()?),
        _ => (text, DEFAULT_PORT),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_none = port == 0 || host.is_empty() || host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified());
    (!is_none).then(|| Subject::endpoint(host, port))
}

/// The entry of the table to which a name or address belongs; a current one before a retired one.
fn of_cloud<'c>(host: &str, clouds: &'c [CloudEndpoint]) -> Option<&'c CloudEndpoint> {
    let is = |cloud: &&CloudEndpoint| {
        let named = cloud.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(host));
        named || cloud.addresses.iter().any(|address| address.eq_ignore_ascii_case(host))
    };
    clouds.iter().filter(is).min_by_key(|cloud| cloud.until.is_some())
}

/// Class of an address, or of those to which a name leads where all are of one class: those that the client took, else
/// those that DNS gives.
fn class_of(facts: &FactBase, host: &str) -> Option<&'static str> {
    if let Ok(address) = host.parse() {
        return Some(class(address));
    }
    if host == "localhost" {
        return Some("loopback");
    }
    // Where the client's own view of the name is known, it goes there.
    let given = match addresses(facts, host, &[Key::NameClientAddress]) {
        used if used.is_empty() => addresses(facts, host, &[Key::NameDnsIpv4, Key::NameDnsIpv6]),
        used => used,
    };
    let mut classes: Vec<&'static str> = given.into_iter().map(class).collect();
    classes.dedup();
    match classes.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// The addresses that facts of these keys give for a name.
pub(super) fn addresses(facts: &FactBase, host: &str, keys: &[Key]) -> Vec<IpAddr> {
    let name = Subject::new(SubjectKind::Name, host);
    keys.iter().filter_map(|key| facts.known(&name, *key)).flat_map(names::addresses).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    fn derived(given: Vec<Fact>) -> Vec<(String, &'static str, String)> {
        let derived = facts(&FactBase::new(given), &Knowledge::embedded().endpoints);
        derived
            .iter()
            .map(|fact| (fact.subject.id.clone(), fact.key.name(), fact.value().expect("a value").to_string()))
            .collect()
    }

    fn pinned(host: &str) -> Fact {
        fact(&Subject::endpoint(host, 1688), Key::EndpointPinned, Value::Flag(true), None, Vec::new())
    }

    fn check(host: &str, expect: &[(&str, &str)]) {
        let seen = derived(vec![pinned(host)]);
        let seen: Vec<(&str, &str)> = seen.iter().map(|(_, key, value)| (*key, value.as_str())).collect();
        assert_eq!(seen, expect, "{host}");
    }

    #[test]
    fn addresses_and_clouds() {
        check("127.0.0.5", &[("endpoint.address-class", "loopback")]);
        check("10.1.2.3", &[("endpoint.address-class", "private")]);
        check("203.0.113.9", &[("endpoint.address-class", "public")]);
        check("fd00::1", &[("endpoint.address-class", "private")]);
        check("kms1.contoso.com", &[]);
        check(
            "azkms.core.windows.net",
            &[("endpoint.address-class", "cloud"), ("endpoint.platform", "azure"), ("endpoint.retired", "false")],
        );
        check(
            "23.102.135.246",
            &[("endpoint.address-class", "cloud"), ("endpoint.platform", "azure"), ("endpoint.retired", "true")],
        );
        check(
            "169.254.169.250",
            &[("endpoint.address-class", "cloud"), ("endpoint.platform", "aws"), ("endpoint.retired", "false")],
        );
    }

    #[test]
    fn what_the_newest_attempt_went_to_is_used() {
        let target = |id: &str, target: &str, time: &str| {
            let attempt = Subject::new(SubjectKind::Attempt, id);
            let time = Some(time.parse().expect("a time"));
            fact(&attempt, Key::AttemptTarget, Value::Text(target.to_owned()), time, Vec::new())
        };
        let seen = derived(vec![
            target("a", "old.contoso.com:1688", "2026-11-01T00:00:00Z"),
            target("b", "127.0.0.1:1688", "2026-11-02T00:00:00Z"),
            target("c", "0.0.0.0:0", "2026-10-02T00:00:00Z"),
        ]);
        let used = |key: &'static str, value: &str| ("127.0.0.1:1688".to_owned(), key, value.to_owned());
        assert_eq!(seen, [used("endpoint.used", "true"), used("endpoint.address-class", "loopback")]);
    }
}
