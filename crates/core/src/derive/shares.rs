//! What share of clients draws a dead host from an SRV record.
//!
//! Microsoft's documents disagree on whether a KMS client honours priority and weight (`disputes.toml`). So both shares are
//! told: that of a draw in which every host has the same chance, and that of a draw by RFC 2782 where it is another one.
//! Neither decides anything.

use std::collections::BTreeMap;

use super::{fact, items};
use crate::fact::{Fact, FactBase, Key, Subject, SubjectKind, Value};

/// Outcomes that show that a client gets nothing there, as `endpoint-fails` in `conditions.toml` says them too.
const DEAD: [(Key, &[&str]); 3] = [
    (Key::EndpointAddress, &["no-such-name", "no-data"]),
    (Key::EndpointTcp, &["refused", "timeout", "unreachable", "failed"]),
    (Key::EndpointRpc, &["rejected", "foreign", "silent", "closed", "reset"]),
];

/// A record: priority, weight, and its host.
type Record = (u16, u64, Subject);

/// Facts of the dead hosts of every domain of whose hosts it is known which are.
pub(super) fn facts(facts: &FactBase) -> Vec<Fact> {
    facts.subjects(SubjectKind::Domain).flat_map(|domain| of_domain(facts, domain).unwrap_or_default()).collect()
}

fn of_domain(facts: &FactBase, domain: &Subject) -> Option<Vec<Fact>> {
    let known = facts.known(domain, Key::DomainSrvRecords)?;
    let records: Vec<Record> = items(known).map(record).collect::<Option<_>>()?;
    let dead: BTreeMap<&Subject, bool> =
        records.iter().map(|(.., host)| Some((host, is_dead(facts, host)?))).collect::<Option<_>>()?;
    let equal = share(dead.values().map(|is_dead| (1, *is_dead)))?;
    let weighted = share(drawn(&records).into_iter().map(|(chance, host)| (chance, dead[host])))?;
    let told = |host: &Subject, key: Key, percent: i64| {
        fact(host, key, Value::Integer(percent), known.time, known.origins.clone())
    };
    let hosts = dead.iter().filter(|(_, is_dead)| **is_dead).map(|(host, _)| *host);
    let of_host = |host| {
        let by_weight = (weighted != equal).then(|| told(host, Key::EndpointDeadShareWeighted, weighted));
        std::iter::once(told(host, Key::EndpointDeadShare, equal)).chain(by_weight)
    };
    Some(hosts.flat_map(of_host).collect())
}

/// `0 100 kms1.contoso.com:1688`.
fn record(text: &str) -> Option<Record> {
    let mut parts = text.split(' ');
    let (priority, weight) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((priority, weight, Subject::new(SubjectKind::Endpoint, parts.next()?)))
}

/// Whether a client gets nothing from the host; `None` where nothing shows that it works either.
fn is_dead(facts: &FactBase, host: &Subject) -> Option<bool> {
    let is = |key: Key, words: &[&str]| {
        let known = facts.known(host, key).and_then(Fact::value);
        matches!(known, Some(Value::Word(word)) if words.contains(word))
    };
    match DEAD.iter().any(|(key, words)| is(*key, words)) {
        false if is(Key::EndpointRpc, &["acknowledged"]) => Some(false),
        false => None,
        true => Some(true),
    }
}

/// The draw by RFC 2782: of those with the lowest priority number, by weight. Where all weights are zero the chances are
/// equal; beside others a weight of zero has a very small one, which counts as none.
fn drawn(records: &[Record]) -> Vec<(u64, &Subject)> {
    let first = records.iter().map(|(priority, ..)| *priority).min();
    let drawn = || records.iter().filter(|(priority, ..)| Some(*priority) == first);
    let all_zero = drawn().all(|(_, weight, _)| *weight == 0);
    drawn().map(|(_, weight, host)| (if all_zero { 1 } else { *weight }, host)).collect()
}

/// Percent of the draws that hit a dead host; neither none nor all unless it is so.
fn share(draws: impl Iterator<Item = (u64, bool)> + Clone) -> Option<i64> {
    let all: u64 = draws.clone().map(|(chance, _)| chance).sum();
    let dead: u64 = draws.filter(|(_, is_dead)| *is_dead).map(|(chance, _)| chance).sum();
    let percent = (200 * dead + all).checked_div(2 * all)?;
    let percent = if dead == 0 || dead == all { percent } else { percent.clamp(1, 99) };
    i64::try_from(percent).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is derived of a record with these hosts: the record of each, and the word that tells how it does.
    fn check(hosts: &[(&str, &str)], expect: &[&str]) {
        let domain = Subject::new(SubjectKind::Domain, "contoso.com");
        let records = hosts.iter().map(|(record, _)| *record).collect::<Vec<_>>().join(", ");
        let mut given = vec![fact(&domain, Key::DomainSrvRecords, Value::Text(records), None, Vec::new())];
        for (record, word) in hosts {
            let endpoint = Subject::new(SubjectKind::Endpoint, record.rsplit(' ').next().unwrap_or_default());
            let keys = [Key::EndpointAddress, Key::EndpointTcp, Key::EndpointRpc].into_iter();
            let told = |key: Key| Some(fact(&endpoint, key, Value::Word(key.word(word)?), None, Vec::new()));
            given.extend(keys.filter_map(told));
        }
        let derived = facts(&FactBase::new(given));
        let told = |fact: &Fact| format!("{} {} = {}", fact.subject, fact.key.name(), fact.value().expect("a value"));
        assert_eq!(derived.iter().map(told).collect::<Vec<_>>(), expect, "{hosts:?}");
    }

    #[test]
    fn equal_chances() {
        check(
            &[("0 0 kms1:1688", "acknowledged"), ("0 0 kms2:1688", "refused"), ("0 0 kms3:1688", "no-such-name")],
            &["kms2:1688 endpoint.dead-share = 67", "kms3:1688 endpoint.dead-share = 67"],
        );
        check(&[("0 0 kms1:1688", "foreign")], &["kms1:1688 endpoint.dead-share = 100"]);
    }

    #[test]
    fn priority_and_weight() {
        let half_and = |records: [&str; 2], weighted: i64| {
            check(
                &[(records[0], "timeout"), (records[1], "acknowledged")],
                &[
                    "kms1:1688 endpoint.dead-share = 50",
                    &format!("kms1:1688 endpoint.dead-share-weighted = {weighted}"),
                ],
            );
        };
        half_and(["0 90 kms1:1688", "0 10 kms2:1688"], 90);
        half_and(["10 0 kms1:1688", "0 0 kms2:1688"], 0);
        half_and(["0 0 kms1:1688", "0 65535 kms2:1688"], 0);
        half_and(["0 1 kms1:1688", "0 65535 kms2:1688"], 1);
    }

    #[test]
    fn nothing_is_said_where_a_host_was_not_heard_or_none_is_dead() {
        check(&[("0 0 kms1:1688", "unreachable"), ("0 0 kms2:1688", "open")], &[]);
        check(&[("0 0 kms1:1688", "unreachable"), ("0 0 kms2:1688", "")], &[]);
        check(&[("0 0 kms1:1688", "acknowledged")], &[]);
        check(&[("x 0 kms1:1688", "unreachable")], &[]);
        check(&[], &[]);
    }
}
