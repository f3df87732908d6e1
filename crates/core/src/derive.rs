//! Derived facts: what follows from several facts together. Each keeps the origins of the facts that it rests on.

mod approval;
mod attempts;
mod clocks;
mod cloud;
mod compatibility;
mod endpoints;
mod internal_dns;
mod joins;
mod names;
mod products;
mod resolvers;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

pub use compatibility::{MachineFacts, join_hosts};
pub use names::related_names;
pub use resolvers::compare_resolvers;

use crate::approved::Approved;
use crate::code::ErrorCode;
use crate::fact::{Fact, FactBase, Key, Origin, State, Subject, SubjectKind, Value, Why};
use crate::knowledge::Knowledge;

/// Derives facts from facts.
type Rule = fn(&FactBase) -> Vec<Fact>;

/// The same licence under two names: `/dli` prints the last five characters of the key, `/dlv` the activation ID too.
/// Facts under the former move to the latter where exactly one licence has that key.
pub fn join_licenses(facts: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = facts.into_iter().collect();
    let mut named: BTreeMap<String, BTreeSet<Subject>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.key == Key::LicensePartialKey) {
        let short = |subject: &Subject| {
            subject.id.split_once(':').is_some_and(|(application, _)| ["windows", "office"].contains(&application))
        };
        if let Some(Value::Text(last_five)) = fact.value()
            && !short(&fact.subject)
        {
            named.entry(last_five.to_lowercase()).or_default().insert(fact.subject.clone());
        }
    }
    for fact in facts.iter_mut().filter(|fact| fact.subject.kind == SubjectKind::License) {
        let full = fact
            .subject
            .id
            .split_once(':')
            .and_then(|(_, last_five)| named.get(last_five))
            .filter(|named| named.len() == 1);
        if let Some(full) = full.and_then(BTreeSet::first) {
            fact.subject = full.clone();
        }
    }
    facts
}

/// Adds every derived fact to `facts`: what follows from several of them, what the tables say of them, and whether hosts are
/// on the list of approved ones, where there is one.
pub fn derive(facts: &mut FactBase, knowledge: &Knowledge, approved: Option<&Approved>) {
    // In this order: endpoints take over what their names lead to, and attempts what their requests tell.
    let rules = [
        domain_facts as Rule,
        internal_dns::facts,
        name_facts,
        names::facts,
        endpoint_facts,
        cloud::facts,
        clocks::facts,
    ]
    .into_iter()
    .chain(joins::RULES)
    .chain([attempts::facts as Rule]);
    for rule in rules {
        for fact in rule(facts) {
            facts.insert(fact);
        }
    }
    let of_tables = [products::facts(facts, &knowledge.products), endpoints::facts(facts, &knowledge.endpoints)];
    for fact in of_tables.into_iter().flatten() {
        facts.insert(fact);
    }
    for fact in approved.map(|approved| approval::facts(facts, approved)).into_iter().flatten() {
        facts.insert(fact);
    }
}

fn fact(subject: &Subject, key: Key, value: Value, time: Option<Timestamp>, origins: Vec<Origin>) -> Fact {
    Fact { subject: subject.clone(), key, state: State::Present(value), time, origins }
}

/// What a fact lists.
fn items(fact: &Fact) -> impl Iterator<Item = &str> {
    let text = match fact.value() {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Whether anybody answered the question for a domain's SRV records, where it was put. A server that withholds records that
/// fail its validation is none that does not answer.
fn domain_facts(facts: &FactBase) -> Vec<Fact> {
    facts
        .subjects(SubjectKind::Domain)
        .filter_map(|domain| {
            let known = facts.known(domain, Key::DomainSrv)?;
            let unanswered = match &known.state {
                State::Unknown(Why::NoAnswer) => {
                    facts.state(domain, Key::DomainUnchecked) != State::Present(Value::Word("answers"))
                }
                State::Unknown(_) => return None,
                State::Present(_) | State::Absent => false,
            };
            Some(fact(domain, Key::DomainSrvUnanswered, Value::Flag(unanswered), known.time, known.origins.clone()))
        })
        .collect()
}

/// A name that exists and has neither an A nor an AAAA record.
fn name_facts(facts: &FactBase) -> Vec<Fact> {
    let word = |name: &Subject, key: Key| {
        let fact = facts.known(name, key)?;
        fact.value().map(|value| (value.to_string(), fact))
    };
    facts
        .subjects(SubjectKind::Name)
        .filter(|name| word(name, Key::NameAddress).is_none())
        .filter_map(|name| {
            let ((ipv4, a), (ipv6, aaaa)) = (word(name, Key::NameIpv4)?, word(name, Key::NameIpv6)?);
            let neither = ipv4 == "no-data" && ["no-data", "no-such-name"].contains(&ipv6.as_str());
            let origins = a.origins.iter().chain(&aaaa.origins).cloned().collect();
            neither.then(|| fact(name, Key::NameAddress, Value::Word("no-data"), a.time.max(aaaa.time), origins))
        })
        .collect()
}

/// Port and name resolution of every endpoint.
fn endpoint_facts(facts: &FactBase) -> Vec<Fact> {
    let mut derived = Vec::new();
    for endpoint in facts.subjects(SubjectKind::Endpoint) {
        let origins = || facts.first_of(endpoint).map(|fact| fact.origins.clone()).unwrap_or_default();
        if let Some(port) = endpoint.port() {
            derived.push(fact(endpoint, Key::EndpointPort, Value::Integer(i64::from(port)), None, origins()));
        }
        let signs = names::signs_of_life(facts, endpoint).into_iter();
        derived.extend(signs.map(|sign| Fact { subject: endpoint.clone(), key: Key::EndpointAlive, ..sign.clone() }));
        if endpoint.host().parse::<IpAddr>().is_ok() {
            derived.push(fact(endpoint, Key::EndpointAddress, Value::Word("found"), None, origins()));
        } else {
            let name = Subject::new(SubjectKind::Name, endpoint.host());
            derived.extend(facts.history(&name, Key::NameAddress).map(|known| Fact {
                subject: endpoint.clone(),
                key: Key::EndpointAddress,
                ..known.clone()
            }));
        }
    }
    derived
}

/// Every error code in the evidence that is not overcome, with the position of the fact that shows it.
pub fn open_codes(facts: &FactBase) -> Vec<(ErrorCode, usize)> {
    let mut codes = Vec::new();
    for (position, known) in facts.iter().enumerate() {
        let open = match known.key {
            Key::AttemptCode => facts.state(&known.subject, Key::AttemptOvercome) != State::Present(Value::Flag(true)),
            Key::LicenseReason | Key::MentionCode => true,
            _ => false,
        };
        if let (true, Some(Value::Code(code))) = (open, known.value())
            && !code.is_success()
        {
            codes.push((*code, position));
        }
    }
    codes
}
