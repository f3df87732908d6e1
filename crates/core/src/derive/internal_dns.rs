//! Whether the DNS servers that the machine uses are its organisation's: they know where the controllers of its domain are.

use super::fact;
use crate::fact::{Fact, FactBase, Key, State, Subject, SubjectKind, Value, Why};

/// Records of domain controllers are known inside alone. That there are none, or that nobody answered, shows something in
/// the domain that the machine is a member of: another one may be mistyped or somebody else's.
pub(super) fn facts(facts: &FactBase) -> Vec<Fact> {
    let machine = Subject::machine();
    let own = facts.known(&machine, Key::MachineDomain);
    let own_domain = match own.and_then(Fact::value) {
        Some(Value::Text(name)) => Some(Subject::new(SubjectKind::Domain, name)),
        _ => None,
    };
    let member =
        facts.known(&machine, Key::MachineDomainJoined).filter(|known| known.value() == Some(&Value::Flag(true)));
    let domains: Vec<&Subject> = match &own_domain {
        Some(domain) => vec![domain],
        None => facts.subjects(SubjectKind::Domain).collect(),
    };
    let of_domain = |domain: &Subject| {
        let srv = facts.known(domain, Key::DomainControllerSrv)?;
        let (word, rests_on) = match &srv.state {
            State::Present(Value::Word("found")) => ("answers", vec![srv]),
            State::Present(Value::Word("no-such-name")) | State::Unknown(Why::NoAnswer) => {
                own_domain.as_ref()?;
                ("unreachable", vec![srv, own?, member?])
            }
            _ => return None,
        };
        let origins = rests_on.iter().flat_map(|known| known.origins.iter().cloned()).collect();
        Some(fact(&machine, Key::MachineInternalDns, Value::Word(word), srv.time, origins))
    };
    domains.into_iter().filter_map(of_domain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is derived where the questions for these domains ended so, on a machine of this domain that is a member or not.
    fn check(domain: Option<&str>, member: Option<bool>, questions: &[(&str, &str)], expect: &[&str]) {
        let machine = Subject::machine();
        let mut given = Vec::new();
        if let Some(domain) = domain {
            given.push(fact(&machine, Key::MachineDomain, Value::Text(domain.to_owned()), None, Vec::new()));
        }
        if let Some(member) = member {
            given.push(fact(&machine, Key::MachineDomainJoined, Value::Flag(member), None, Vec::new()));
        }
        for (domain, outcome) in questions {
            let word = Key::DomainControllerSrv.word(outcome);
            let state = word.map_or(State::Unknown(Why::NoAnswer), |word| State::Present(Value::Word(word)));
            let subject = Subject::new(SubjectKind::Domain, *domain);
            given.push(Fact { subject, key: Key::DomainControllerSrv, state, time: None, origins: Vec::new() });
        }
        let derived = facts(&FactBase::new(given));
        let words: Vec<String> = derived.iter().filter_map(Fact::value).map(ToString::to_string).collect();
        assert_eq!(words, expect, "{domain:?} {member:?} {questions:?}");
    }

    #[test]
    fn the_own_domain() {
        for outcome in ["no-such-name", "no answer"] {
            check(Some("Contoso.com"), Some(true), &[("contoso.com", outcome)], &["unreachable"]);
            for (domain, member) in [
                (Some("contoso.com"), Some(false)),
                (Some("contoso.com"), None),
                (Some("fabrikam.com"), Some(true)),
                (None, Some(true)),
            ] {
                check(domain, member, &[("contoso.com", outcome)], &[]);
            }
        }
        check(Some("contoso.com"), Some(true), &[("contoso.com", "no-data")], &[]);
        check(Some("contoso.com"), Some(true), &[], &[]);
    }

    #[test]
    fn records_that_are_found() {
        check(None, None, &[("contoso.com", "found")], &["answers"]);
        check(Some("contoso.com"), None, &[("contoso.com", "found")], &["answers"]);
        check(
            Some("contoso.com"),
            Some(true),
            &[("fabrikam.com", "found"), ("contoso.com", "no answer")],
            &["unreachable"],
        );
    }
}
