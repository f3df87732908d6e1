//! Whose facts are whose. Evidence of several machines in one analysis is judged machine by machine: the success of one
//! is no success of another, and a setting of one says nothing of another.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::{Fact, Key, State, Subject, SubjectKind, Value};

/// The facts of one machine.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// Its name; `None` where the evidence names none, or does not tell whose the facts are.
    pub(super) name: Option<String>,
    pub(super) facts: Vec<Fact>,
}

/// Splits facts by machine: one part where the evidence names at most one machine. What lies between machines (domains,
/// names, endpoints …) and is nobody's own goes to every part. The order of `facts` does not matter but within a part.
pub(super) fn split(facts: Vec<Fact>) -> Vec<Part> {
    let names = Names::of(&facts);
    let machines = names.all();
    if machines.len() <= 1 {
        return vec![Part { name: machines.into_iter().next(), facts }];
    }
    let owners = Owners::of(&facts, &names);
    let mut parts: BTreeMap<Option<String>, Vec<Fact>> =
        machines.iter().map(|name| (Some(name.clone()), Vec::new())).collect();
    let mut shared = Vec::new();
    for fact in facts {
        let own = owners.of_fact(&fact);
        if own.is_empty() && is_between_machines(fact.subject.kind) {
            shared.push(fact);
        } else if own.is_empty() {
            parts.entry(None).or_default().push(fact);
        } else {
            for name in own {
                parts.entry(Some(name)).or_default().push(fact.clone());
            }
        }
    }
    for facts in parts.values_mut() {
        facts.extend(shared.iter().cloned());
    }
    let mut parts: Vec<Part> = parts.into_iter().map(|(name, facts)| Part { name, facts }).collect();
    // Named machines first.
    parts.sort_by_key(|part| part.name.is_none());
    vantage_points(&mut parts);
    parts
}

fn is_between_machines(kind: SubjectKind) -> bool {
    !matches!(kind, SubjectKind::Machine | SubjectKind::License | SubjectKind::Attempt)
}

fn text(fact: &Fact) -> Option<&str> {
    match fact.value() {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Names of machines as the evidence writes them, and which of them are one: `pc1` is `pc1.contoso.com` where just one
/// full name begins so.
struct Names {
    canonical: BTreeMap<String, String>,
}

impl Names {
    fn of(facts: &[Fact]) -> Self {
        let is_name = |fact: &&Fact| matches!(fact.key, Key::MachineName | Key::AttemptComputer | Key::LicenseMachine);
        let written: BTreeSet<String> = facts.iter().filter(is_name).filter_map(text).map(fold).collect();
        let full = |short: &str| -> Vec<&String> {
            written.iter().filter(|name| name.split_once('.').is_some_and(|(first, _)| first == short)).collect()
        };
        let canonical = |name: &String| match (name.contains('.'), full(name).as_slice()) {
            (false, [only]) => (*only).clone(),
            _ => name.clone(),
        };
        Self { canonical: written.iter().map(|name| (name.clone(), canonical(name))).collect() }
    }

    fn all(&self) -> BTreeSet<String> {
        self.canonical.values().cloned().collect()
    }

    /// The machine called `name`, if it is one of those.
    fn get(&self, name: &str) -> Option<&String> {
        let name = fold(name);
        self.canonical.get(&name).or_else(|| {
            let short = name.split('.').next()?;
            self.canonical.get(short)
        })
    }
}

fn fold(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

/// The folder of an artifact: what stands before the last slash of its name.
fn folder(artifact: &str) -> Option<&str> {
    artifact.rsplit_once(['/', '\\']).map(|(folder, _)| folder)
}

/// Which machines the facts are of.
struct Owners {
    /// Of attempts and of licences in inventories.
    attempts: BTreeMap<Subject, BTreeSet<String>>,
    /// By artifact and place in it: what is read from the same lines is of the same machine.
    places: BTreeMap<(String, usize, usize), BTreeSet<String>>,
    artifacts: BTreeMap<String, BTreeSet<String>>,
    folders: BTreeMap<String, BTreeSet<String>>,
    /// The one machine that serves others, and the one that does not, where there is just one of each.
    host: Option<String>,
    client: Option<String>,
    /// Artifacts that nobody is named in, which speak of a KMS host.
    of_hosts: BTreeSet<String>,
}

impl Owners {
    fn of(facts: &[Fact], names: &Names) -> Self {
        let mut owners = Self {
            attempts: BTreeMap::new(),
            places: BTreeMap::new(),
            artifacts: BTreeMap::new(),
            folders: BTreeMap::new(),
            host: None,
            client: None,
            of_hosts: BTreeSet::new(),
        };
        owners.recorders(facts, names);
        let hosts = owners.served_requests(facts, names);
        owners.roles(names, &hosts);
        owners.artifacts(facts, names);
        owners
    }

    /// Attempts belong to the machine whose log or session records them, licences to the machine that an inventory names.
    fn recorders(&mut self, facts: &[Fact], names: &Names) {
        let names_owner = |fact: &&Fact| matches!(fact.key, Key::AttemptComputer | Key::LicenseMachine);
        for fact in facts.iter().filter(names_owner) {
            if let Some(name) = text(fact).and_then(|name| names.get(name)) {
                self.attempts.entry(fact.subject.clone()).or_default().insert(name.clone());
            }
        }
    }

    /// A request that a host served is also evidence on the client that asked: by its name, or by its CMID. Returns the
    /// machines that serve.
    fn served_requests(&mut self, facts: &[Fact], names: &Names) -> BTreeSet<String> {
        let served: BTreeSet<&Subject> = facts
            .iter()
            .filter(|fact| fact.key == Key::AttemptRecord && fact.value() == Some(&Value::Word("served")))
            .map(|fact| &fact.subject)
            .collect();
        let mut hosts = BTreeSet::new();
        let mut machines_of_ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.subject.kind == SubjectKind::Attempt) {
            let recorders = self.attempts.get(&fact.subject);
            if served.contains(&fact.subject) {
                hosts.extend(recorders.into_iter().flatten().cloned());
            } else if let (Key::AttemptClientId, Some(id)) = (fact.key, text(fact)) {
                machines_of_ids.entry(id).or_default().extend(recorders.into_iter().flatten().cloned());
            }
        }
        for fact in facts.iter().filter(|fact| served.contains(&fact.subject)) {
            let clients: Vec<String> = match (fact.key, text(fact)) {
                (Key::AttemptClient, Some(name)) => names.get(name).into_iter().cloned().collect(),
                (Key::AttemptClientId, Some(id)) => machines_of_ids.get(id).into_iter().flatten().cloned().collect(),
                _ => continue,
            };
            self.attempts.entry(fact.subject.clone()).or_default().extend(clients);
        }
        hosts
    }

    fn roles(&mut self, names: &Names, hosts: &BTreeSet<String>) {
        let mut clients = names.all();
        clients.retain(|name| !hosts.contains(name));
        let only = |set: &BTreeSet<String>| if set.len() == 1 { set.first().cloned() } else { None };
        (self.host, self.client) = (only(hosts), only(&clients));
    }

    fn artifacts(&mut self, facts: &[Fact], names: &Names) {
        for fact in facts {
            let machines: Vec<String> = match fact.key {
                Key::MachineName => text(fact).and_then(|name| names.get(name)).into_iter().cloned().collect(),
                _ => self.attempts.get(&fact.subject).into_iter().flatten().cloned().collect(),
            };
            for origin in &fact.origins {
                let place = (origin.sha256.clone(), origin.span.start, origin.span.end);
                if !machines.is_empty() {
                    self.places.entry(place).or_default().extend(machines.iter().cloned());
                }
                // Who only asked a host is not whose log this is.
                let recorders: Vec<String> = match fact.key {
                    Key::AttemptComputer => text(fact).and_then(|name| names.get(name)).into_iter().cloned().collect(),
                    Key::MachineName => machines.clone(),
                    _ => continue,
                };
                self.artifacts.entry(origin.sha256.clone()).or_default().extend(recorders.iter().cloned());
                if let Some(folder) = folder(&origin.artifact) {
                    self.folders.entry(folder.to_owned()).or_default().extend(recorders);
                }
            }
        }
        for fact in facts {
            let serves = fact.key.name().starts_with("host.")
                || (fact.key == Key::LicenseServes && fact.value() == Some(&Value::Flag(true)))
                || (fact.key == Key::LicenseChannel && fact.value() == Some(&Value::Word("csvlk")));
            if serves && !matches!(fact.state, State::Unknown(_)) {
                self.of_hosts.extend(fact.origins.iter().map(|origin| origin.sha256.clone()));
            }
        }
    }

    /// The machines that a fact is of; none where nobody can tell.
    fn of_fact(&self, fact: &Fact) -> BTreeSet<String> {
        if let Some(machines) = self.attempts.get(&fact.subject) {
            return machines.clone();
        }
        let Some(origin) = fact.origins.first() else { return BTreeSet::new() };
        let at_place = self.places.get(&(origin.sha256.clone(), origin.span.start, origin.span.end));
        if let Some(machines) = at_place.filter(|_| !is_between_machines(fact.subject.kind)) {
            return machines.clone();
        }
        let in_artifact = self.artifacts.get(&origin.sha256).filter(|machines| machines.len() == 1);
        let in_folder = || {
            let nobody = !self.artifacts.contains_key(&origin.sha256);
            let machines = self.folders.get(folder(&origin.artifact)?)?;
            (nobody && machines.len() == 1).then_some(machines)
        };
        if let Some(machines) = in_artifact.or_else(in_folder) {
            return machines.clone();
        }
        if is_between_machines(fact.subject.kind) {
            return BTreeSet::new();
        }
        let role = if self.of_hosts.contains(&origin.sha256) { &self.host } else { &self.client };
        role.iter().cloned().collect()
    }
}

/// A host that one machine reaches and another does not is no dead host: each part learns what the others see.
fn vantage_points(parts: &mut [Part]) {
    let acknowledged =
        |fact: &&Fact| fact.key == Key::EndpointRpc && fact.value() == Some(&Value::Word("acknowledged"));
    let seen: Vec<Vec<Fact>> =
        parts.iter().map(|part| part.facts.iter().filter(acknowledged).cloned().collect()).collect();
    for (position, part) in parts.iter_mut().enumerate() {
        let subjects: BTreeSet<Subject> =
            part.facts.iter().filter(|fact| fact.key == Key::EndpointTcp).map(|fact| fact.subject.clone()).collect();
        let elsewhere = seen.iter().enumerate().filter(|(other, _)| *other != position).flat_map(|(_, facts)| facts);
        let learnt: Vec<Fact> = elsewhere
            .filter(|fact| subjects.contains(&fact.subject) && !part.facts.contains(fact))
            .map(|fact| Fact {
                key: Key::EndpointAcknowledgedElsewhere,
                state: State::Present(Value::Flag(true)),
                ..fact.clone()
            })
            .collect();
        part.facts.extend(learnt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Origin;

    fn fact(artifact: &str, line: u32, subject: Subject, key: Key, value: Value) -> Fact {
        let at = usize::try_from(line).expect("small");
        let origin = Origin {
            artifact: artifact.into(),
            sha256: artifact.into(),
            span: at..at + 1,
            line: Some(line),
            quote: String::new(),
        };
        Fact { subject, key, state: State::Present(value), time: None, origins: vec![origin] }
    }

    fn machine(artifact: &str, key: Key, text: &str) -> Fact {
        fact(artifact, 1, Subject::machine(), key, Value::Text(text.into()))
    }

    fn attempt(artifact: &str, line: u32, record: &'static str, computer: &str, client_id: &str) -> Vec<Fact> {
        let subject = Subject::new(SubjectKind::Attempt, format!("{artifact}:{line}"));
        vec![
            fact(artifact, line, subject.clone(), Key::AttemptRecord, Value::Word(record)),
            fact(artifact, line, subject.clone(), Key::AttemptComputer, Value::Text(computer.into())),
            fact(artifact, line, subject, Key::AttemptClientId, Value::Text(client_id.into())),
        ]
    }

    fn license(artifact: &str, line: u32, status: &'static str) -> Fact {
        fact(artifact, line, Subject::new(SubjectKind::License, "x"), Key::LicenseStatus, Value::Word(status))
    }

    /// Name of each part with the number of its facts, whatever the order of the facts.
    fn check(facts: Vec<Fact>, expect: &[(Option<&str>, usize)]) {
        for facts in [facts.clone(), facts.into_iter().rev().collect()] {
            let parts = split(facts);
            let seen: Vec<(Option<&str>, usize)> =
                parts.iter().map(|part| (part.name.as_deref(), part.facts.len())).collect();
            assert_eq!(seen, expect);
        }
    }

    #[test]
    fn one_machine_is_one_part() {
        check(vec![license("a", 1, "licensed")], &[(None, 1)]);
        check(
            vec![
                machine("a", Key::MachineName, "PC1"),
                machine("b", Key::MachineName, "pc1.contoso.com."),
                license("c", 1, "licensed"),
            ],
            &[(Some("pc1.contoso.com"), 3)],
        );
    }

    #[test]
    fn what_an_artifact_or_a_folder_says_is_of_the_machine_named_there() {
        let one = vec![machine("x/name.txt", Key::MachineName, "pc1"), license("x/slmgr.txt", 1, "licensed")];
        let two = vec![machine("y/name.txt", Key::MachineName, "pc2"), license("y/slmgr.txt", 1, "notification")];
        check([one, two].concat(), &[(Some("pc1"), 2), (Some("pc2"), 2)]);
        // Nobody can tell whose it is.
        let names = vec![machine("a", Key::MachineName, "pc1"), machine("b", Key::MachineName, "pc2")];
        check([names, vec![license("c", 1, "licensed")]].concat(), &[(Some("pc1"), 1), (Some("pc2"), 1), (None, 1)]);
    }

    #[test]
    fn host_and_client_are_told_by_what_they_record() {
        let client = attempt("pc.evtx", 1, "request", "pc1", "id");
        let host = attempt("kms.evtx", 1, "served", "kms1", "id");
        // The served request is evidence on both; what is unnamed is of the client, host settings are of the host.
        let unnamed = vec![
            license("slmgr.txt", 1, "notification"),
            machine("dlv.txt", Key::MachineVersion, "10"),
            fact("dlv.txt", 2, Subject::machine(), Key::HostEnabled, Value::Flag(true)),
        ];
        check([client, host, unnamed].concat(), &[(Some("kms1"), 5), (Some("pc1"), 7)]);
    }

    #[test]
    fn an_inventory_has_the_licences_of_several_machines() {
        let licence = |line: u32, name: &str, status: &'static str| {
            let subject = Subject::new(SubjectKind::License, format!("{name}/x"));
            vec![
                fact("vamt.csv", line, subject.clone(), Key::LicenseMachine, Value::Text(name.into())),
                fact("vamt.csv", line, subject, Key::LicenseStatus, Value::Word(status)),
            ]
        };
        let licences = [licence(1, "pc1", "licensed"), licence(2, "pc2", "notification")].concat();
        check(licences, &[(Some("pc1"), 2), (Some("pc2"), 2)]);
    }

    #[test]
    fn a_host_that_another_machine_reaches_is_alive() {
        let endpoint = Subject::endpoint("kms1.contoso.com", 1688);
        let facts = vec![
            machine("x/name", Key::MachineName, "pc1"),
            fact("x/tcp", 1, endpoint.clone(), Key::EndpointTcp, Value::Word("timeout")),
            machine("y/name", Key::MachineName, "pc2"),
            fact("y/tcp", 1, endpoint.clone(), Key::EndpointTcp, Value::Word("open")),
            fact("y/rpc", 1, endpoint, Key::EndpointRpc, Value::Word("acknowledged")),
        ];
        let parts = split(facts);
        let learnt = |part: &Part| part.facts.iter().any(|fact| fact.key == Key::EndpointAcknowledgedElsewhere);
        assert_eq!(parts.iter().map(learnt).collect::<Vec<_>>(), [true, false]);
    }
}
