//! Whether the KMS hosts that are in question are on the organisation's list.

use super::{endpoints, fact};
use crate::approved::Approved;
use crate::fact::{Fact, FactBase, Key, State, SubjectKind, Value};

/// What brings a host into question: a host that was only tried for comparison is not.
const REASONS: [Key; 4] = [Key::EndpointPinned, Key::EndpointUsed, Key::EndpointAdvertised, Key::EndpointAsked];

/// Where the evidence tells to which addresses a name leads.
const ADDRESSES: [Key; 3] = [Key::NameDnsIpv4, Key::NameDnsIpv6, Key::NameClientAddress];

/// Facts on every endpoint in question that the list decides.
pub(super) fn facts(facts: &FactBase, approved: &Approved) -> Vec<Fact> {
    let is_true = |endpoint: &_, key: &Key| facts.state(endpoint, *key) == State::Present(Value::Flag(true));
    let in_question = |endpoint: &&_| REASONS.iter().any(|key| is_true(endpoint, key));
    facts
        .subjects(SubjectKind::Endpoint)
        .filter(in_question)
        .filter_map(|endpoint| {
            let host = endpoint.host();
            let is_approved = approved.allows(host, &endpoints::addresses(facts, host, &ADDRESSES))?;
            let origins = facts.first_of(endpoint).map(|first| first.origins.clone()).unwrap_or_default();
            Some(fact(endpoint, Key::EndpointApproved, Value::Flag(is_approved), None, origins))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Subject;

    fn check(reason: Key, host: &str, address: Option<&str>, expect: Option<bool>) {
        let flag = fact(&Subject::endpoint(host, 1688), reason, Value::Flag(true), None, Vec::new());
        let name = Subject::new(SubjectKind::Name, host);
        let address = address.map(|text| fact(&name, Key::NameDnsIpv4, Value::Text(text.into()), None, Vec::new()));
        let approved = Approved::parse("kms1.contoso.com\n192.0.2.0/24").expect("a list");
        let derived = facts(&FactBase::new([flag].into_iter().chain(address.clone())), &approved);
        let values: Vec<_> = derived.iter().map(|fact| (fact.key, fact.value().cloned())).collect();
        let expect: Vec<_> =
            expect.map(|expect| (Key::EndpointApproved, Some(Value::Flag(expect)))).into_iter().collect();
        assert_eq!(values, expect, "{reason:?} {host} {address:?}");
    }

    #[test]
    fn hosts_in_question_are_held_against_the_list() {
        for reason in REASONS {
            check(reason, "kms1.contoso.com", None, Some(true));
            check(reason, "kms.fabrikam.com", Some("198.51.100.7"), Some(false));
            check(reason, "kms2.contoso.com", Some("192.0.2.7, 192.0.2.8"), Some(true));
            check(reason, "198.51.100.7", None, Some(false));
        }
        check(Key::EndpointAdvertised, "kms.fabrikam.com", None, None);
        check(Key::EndpointAlive, "198.51.100.7", None, None);
    }
}
