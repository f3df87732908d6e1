//! DNS servers that were asked the same at the same moment, compared.
//!
//! Of an exchange of a live run it is known which server gave the answer. Then servers that disagree are no evidence that
//! contradicts itself: the record is there, and that one of them lacks it or gives another part of it is a fact of that
//! server. This is done before the facts are collected, since it takes facts apart rather than adding some.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::items;
use crate::fact::{Fact, Key, Origin, SAME_MOMENT, State, Subject, SubjectKind, Value};

/// Outcomes of questions.
const OUTCOMES: [Key; 3] = [Key::DomainSrv, Key::NameIpv4, Key::NameIpv6];

/// What answers list.
const LISTS: [Key; 3] = [Key::DomainSrvTargets, Key::NameDnsIpv4, Key::NameDnsIpv6];

/// What identifies an exchange: its artifact and its rendering.
type Exchange = (String, String);

/// An answer: the position of its fact, and the server that gave it.
struct Answer<'a> {
    position: usize,
    fact: &'a Fact,
    resolver: &'a Subject,
}

/// What comparing shows of one server.
#[derive(Default)]
struct Compared {
    lacks: BTreeSet<String>,
    differs: BTreeSet<String>,
    time: Option<Timestamp>,
    /// Its answers that were compared.
    own: Vec<Origin>,
    /// The answers that show what it lacks, and those that show what else there is.
    of_lacks: Vec<Origin>,
    of_differs: Vec<Origin>,
}

/// Moves disagreements of DNS servers from the names that they were asked about to the servers.
pub fn compare_resolvers(mut facts: Vec<Fact>) -> Vec<Fact> {
    let mut servers: BTreeMap<Subject, Compared> = BTreeMap::new();
    let mut dropped: BTreeSet<usize> = BTreeSet::new();
    let mut united: BTreeMap<usize, String> = BTreeMap::new();
    {
        let resolvers = resolvers(&facts);
        let left_out = not_looked_in(&facts);
        for ((subject, key), answers) in answers(&facts, &resolvers) {
            let judged = !left_out.contains(&subject);
            if OUTCOMES.contains(&key) {
                dropped.extend(compare_outcomes(&subject, &answers, judged, &mut servers));
            } else {
                united.extend(compare_lists(&subject, &answers, judged, &mut servers));
            }
        }
    }
    unite(&mut facts, &united);
    let gone: BTreeSet<(Exchange, Subject)> = dropped
        .iter()
        .filter_map(|position| Some((exchange(&facts[*position])?, facts[*position].subject.clone())))
        .collect();
    let follows = |fact: &Fact| {
        fact.key == Key::NameAddress
            && fact.value() == Some(&Value::Word("no-such-name"))
            && exchange(fact).is_some_and(|exchange| gone.contains(&(exchange, fact.subject.clone())))
    };
    let mut position = 0;
    facts.retain(|fact| {
        position += 1;
        !dropped.contains(&(position - 1)) && !follows(fact)
    });
    facts.extend(servers.into_iter().flat_map(|(server, compared)| compared.facts(&server)));
    facts
}

/// The server of every exchange that it answered.
fn resolvers(facts: &[Fact]) -> BTreeMap<Exchange, Subject> {
    let answers =
        facts.iter().filter(|fact| fact.key == Key::ResolverOutcome && fact.value() == Some(&Value::Word("answers")));
    answers.filter_map(|fact| Some((exchange(fact)?, fact.subject.clone()))).collect()
}

/// Domains in which the client does not look: it does not matter who has a record there.
fn not_looked_in(facts: &[Fact]) -> BTreeSet<Subject> {
    let told = |looks: bool| {
        facts
            .iter()
            .filter(move |fact| fact.key == Key::DomainLookup && fact.value() == Some(&Value::Flag(looks)))
            .map(|fact| fact.subject.clone())
            .collect::<BTreeSet<_>>()
    };
    told(false).difference(&told(true)).cloned().collect()
}

/// Answers to the same question that were given at the same moment, the newest of each question, by several servers.
fn answers<'a>(
    facts: &'a [Fact],
    resolvers: &'a BTreeMap<Exchange, Subject>,
) -> BTreeMap<(Subject, Key), Vec<Answer<'a>>> {
    let mut answers: BTreeMap<(Subject, Key), Vec<Answer<'a>>> = BTreeMap::new();
    for (position, fact) in facts.iter().enumerate() {
        if (OUTCOMES.contains(&fact.key) || LISTS.contains(&fact.key))
            && matches!(fact.state, State::Present(_))
            && let Some(resolver) = exchange(fact).and_then(|exchange| resolvers.get(&exchange))
        {
            let answer = Answer { position, fact, resolver };
            answers.entry((fact.subject.clone(), fact.key)).or_default().push(answer);
        }
    }
    answers.retain(|_, answers| {
        let newest = answers.iter().filter_map(|answer| answer.fact.time).max();
        let is_now = |time: Timestamp| newest.is_some_and(|newest| newest.duration_since(time) <= SAME_MOMENT);
        answers.retain(|answer| answer.fact.time.is_some_and(is_now));
        answers.iter().any(|answer| answer.resolver != answers[0].resolver)
    });
    answers
}

/// Returns the positions of answers that others overrule: those that say that there is nothing where another server has
/// something, and of two ways to have nothing the one that denies the name itself.
fn compare_outcomes(
    subject: &Subject,
    answers: &[Answer<'_>],
    judged: bool,
    servers: &mut BTreeMap<Subject, Compared>,
) -> Vec<usize> {
    let is = |answer: &&Answer<'_>, word: &'static str| answer.fact.value() == Some(&Value::Word(word));
    let witness = answers.iter().find(|answer| is(answer, "found"));
    let overruled: Vec<&Answer<'_>> = match witness {
        Some(_) => answers.iter().filter(|answer| !is(answer, "found")).collect(),
        None if answers.iter().any(|answer| is(&answer, "no-data")) => {
            answers.iter().filter(|answer| is(answer, "no-such-name")).collect()
        }
        None => Vec::new(),
    };
    for answer in answers.iter().filter(|_| judged) {
        let compared = servers.entry(answer.resolver.clone()).or_default();
        compared.takes(answer);
        if let Some(witness) = witness.filter(|_| !is(&answer, "found")) {
            compared.lacks.insert(asked(subject));
            compared.of_lacks.extend(answer.fact.origins.iter().chain(&witness.fact.origins).cloned());
        }
    }
    overruled.into_iter().map(|answer| answer.position).collect()
}

/// Returns the list of all servers together for every answer whose server gives another one.
fn compare_lists(
    subject: &Subject,
    answers: &[Answer<'_>],
    judged: bool,
    servers: &mut BTreeMap<Subject, Compared>,
) -> Vec<(usize, String)> {
    let all: BTreeSet<&str> = answers.iter().flat_map(|answer| items(answer.fact)).collect();
    let is_part = |answer: &&Answer<'_>| items(answer.fact).count() < all.len();
    let Some(witness) = answers.iter().find(is_part) else { return Vec::new() };
    for answer in answers.iter().filter(|_| judged) {
        let compared = servers.entry(answer.resolver.clone()).or_default();
        compared.takes(answer);
        if is_part(&answer) {
            let others = answers.iter().find(|other| other.fact.value() != answer.fact.value()).unwrap_or(witness);
            compared.differs.insert(asked(subject));
            compared.of_differs.extend(answer.fact.origins.iter().chain(&others.fact.origins).cloned());
        }
    }
    let list = all.into_iter().collect::<Vec<_>>().join(", ");
    answers.iter().map(|answer| (answer.position, list.clone())).collect()
}

/// Puts the united lists in, and the number of hosts where they are those of an SRV record.
fn unite(facts: &mut [Fact], united: &BTreeMap<usize, String>) {
    let mut counts: BTreeMap<(Exchange, Subject), i64> = BTreeMap::new();
    for (position, list) in united {
        let fact = &mut facts[*position];
        fact.state = State::Present(Value::Text(list.clone()));
        if let (Key::DomainSrvTargets, Some(exchange)) = (fact.key, exchange(fact)) {
            let count = i64::try_from(list.split(',').count()).unwrap_or(i64::MAX);
            counts.insert((exchange, fact.subject.clone()), count);
        }
    }
    for fact in facts.iter_mut().filter(|fact| fact.key == Key::DomainSrvCount) {
        let place = exchange(fact).map(|exchange| (exchange, fact.subject.clone()));
        if let Some(count) = place.and_then(|place| counts.get(&place)) {
            fact.state = State::Present(Value::Integer(*count));
        }
    }
}

impl Compared {
    fn takes(&mut self, answer: &Answer<'_>) {
        self.time = self.time.max(answer.fact.time);
        if self.own.is_empty() {
            self.own.clone_from(&answer.fact.origins);
        }
    }

    fn facts(self, server: &Subject) -> [Fact; 2] {
        let Self { lacks, differs, time, own, of_lacks, of_differs } = self;
        let fact = |key: Key, names: BTreeSet<String>, origins: Vec<Origin>| {
            let (state, origins) = if names.is_empty() {
                (State::Absent, own.clone())
            } else {
                (State::Present(Value::Text(names.into_iter().collect::<Vec<_>>().join(", "))), origins)
            };
            Fact { subject: server.clone(), key, state, time, origins }
        };
        [fact(Key::ResolverLacks, lacks, of_lacks), fact(Key::ResolverDiffers, differs, of_differs)]
    }
}

/// The name that was asked for.
fn asked(subject: &Subject) -> String {
    match subject.kind {
        SubjectKind::Domain => format!("_vlmcs._tcp.{}", subject.id),
        _ => subject.id.clone(),
    }
}

/// The exchange that a fact was read from; `None` for lines of text.
fn exchange(fact: &Fact) -> Option<Exchange> {
    let origin = fact.origins.first().filter(|origin| origin.line.is_none() && !origin.quote.is_empty())?;
    Some((origin.sha256.clone(), origin.quote.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-24T01:00:00Z";

    /// Facts of a question put to a server: `domain.srv = found`, one per line.
    fn question(server: &str, subject: &Subject, time: &str, facts: &str) -> Vec<Fact> {
        let quote = format!("{server} {subject}");
        let origin = Origin {
            artifact: quote.clone(),
            sha256: format!("{quote} {time}"),
            span: 0..1,
            line: None,
            quote: quote.clone(),
        };
        let time = Some(time.parse().expect("a time"));
        let fact = |subject: Subject, key: Key, state: State| Fact {
            subject,
            key,
            state,
            time,
            origins: vec![origin.clone()],
        };
        let read = |line: &str| {
            let (key, text) = line.trim().split_once(" = ").expect("a fact");
            let key = Key::from_name(key).expect("a key");
            let value = match (key.word(text), text.parse()) {
                (Some(word), _) => Value::Word(word),
                (None, Ok(number)) => Value::Integer(number),
                (None, Err(_)) => Value::Text(text.to_owned()),
            };
            fact(subject.clone(), key, State::Present(value))
        };
        let resolver = Subject::new(SubjectKind::Resolver, server);
        let answers = fact(resolver, Key::ResolverOutcome, State::Present(Value::Word("answers")));
        std::iter::once(answers).chain(facts.lines().map(read)).collect()
    }

    /// Asserts that these facts stand after comparing, `resolver.outcome` apart.
    fn check(given: Vec<Fact>, expect: &[&str]) {
        let facts = compare_resolvers(given);
        let render = |fact: &Fact| match &fact.state {
            State::Present(value) => format!("{} {} = {value}", fact.subject, fact.key.name()),
            _ => format!("{} {} absent", fact.subject, fact.key.name()),
        };
        let told = facts.iter().filter(|fact| fact.key != Key::ResolverOutcome);
        let mut told: Vec<String> = told.map(render).collect();
        told.sort();
        assert_eq!(told, expect);
    }

    fn domain() -> Subject {
        Subject::new(SubjectKind::Domain, "contoso.com")
    }

    #[test]
    fn one_has_the_record_and_the_other_lacks_it() {
        let lacks = question("10.0.0.2", &domain(), NOW, "domain.srv = no-such-name");
        let has = question("10.0.0.1", &domain(), NOW, "domain.srv = found");
        let expect = [
            "10.0.0.1 resolver.differs absent",
            "10.0.0.1 resolver.lacks absent",
            "10.0.0.2 resolver.differs absent",
            "10.0.0.2 resolver.lacks = _vlmcs._tcp.contoso.com",
            "contoso.com domain.srv = found",
        ];
        check([lacks.clone(), has.clone()].concat(), &expect);
        check([has.clone(), lacks.clone()].concat(), &expect);
        let facts = compare_resolvers([lacks, has.clone()].concat());
        let lacking = facts.iter().find(|fact| fact.key == Key::ResolverLacks && fact.value().is_some()).unwrap();
        let quotes: Vec<&str> = lacking.origins.iter().map(|origin| origin.quote.as_str()).collect();
        assert_eq!(quotes, ["10.0.0.2 contoso.com", "10.0.0.1 contoso.com"]);
        // An answer of another day is history, and a server cannot lack what it has itself.
        let before = question("10.0.0.2", &domain(), "2026-11-23T01:00:00Z", "domain.srv = no-such-name");
        check(
            [before, has.clone()].concat(),
            &["contoso.com domain.srv = found", "contoso.com domain.srv = no-such-name"],
        );
        let again = question("10.0.0.1", &domain(), "2026-11-24T01:00:01Z", "domain.srv = no-data");
        check([has, again].concat(), &["contoso.com domain.srv = found", "contoso.com domain.srv = no-data"]);
    }

    #[test]
    fn domains_in_which_nobody_looks_are_nobodys_fault() {
        let mut facts = [
            question("10.0.0.1", &domain(), NOW, "domain.srv = found"),
            question("10.0.0.2", &domain(), NOW, "domain.srv = no-data"),
        ]
        .concat();
        let flag =
            |looks| Fact { key: Key::DomainLookup, state: State::Present(Value::Flag(looks)), ..facts[1].clone() };
        let (no, yes) = (flag(false), flag(true));
        facts.push(no);
        check(facts.clone(), &["contoso.com domain.lookup = false", "contoso.com domain.srv = found"]);
        facts.push(yes);
        assert!(compare_resolvers(facts).iter().any(|fact| fact.key == Key::ResolverLacks));
    }

    #[test]
    fn servers_give_different_hosts() {
        check(
            [
                question(
                    "10.0.0.1",
                    &domain(),
                    NOW,
                    "domain.srv = found\ndomain.srv-count = 1\ndomain.srv-targets = kms1:1688",
                ),
                question(
                    "10.0.0.2",
                    &domain(),
                    NOW,
                    "domain.srv = found\ndomain.srv-count = 2\ndomain.srv-targets = kms1:1688, kms2:1688",
                ),
            ]
            .concat(),
            &[
                "10.0.0.1 resolver.differs = _vlmcs._tcp.contoso.com",
                "10.0.0.1 resolver.lacks absent",
                "10.0.0.2 resolver.differs absent",
                "10.0.0.2 resolver.lacks absent",
                "contoso.com domain.srv = found",
                "contoso.com domain.srv = found",
                "contoso.com domain.srv-count = 2",
                "contoso.com domain.srv-count = 2",
                "contoso.com domain.srv-targets = kms1:1688, kms2:1688",
                "contoso.com domain.srv-targets = kms1:1688, kms2:1688",
            ],
        );
    }

    #[test]
    fn names_and_their_addresses() {
        let name = Subject::new(SubjectKind::Name, "kms1.contoso.com");
        check(
            [
                question("10.0.0.1", &name, NOW, "name.ipv4 = found\nname.address = found"),
                question("10.0.0.2", &name, NOW, "name.ipv4 = no-such-name\nname.address = no-such-name"),
            ]
            .concat(),
            &[
                "10.0.0.1 resolver.differs absent",
                "10.0.0.1 resolver.lacks absent",
                "10.0.0.2 resolver.differs absent",
                "10.0.0.2 resolver.lacks = kms1.contoso.com",
                "kms1.contoso.com name.address = found",
                "kms1.contoso.com name.ipv4 = found",
            ],
        );
        // Two ways to have nothing are no disagreement.
        check(
            [
                question("10.0.0.1", &name, NOW, "name.ipv4 = no-data"),
                question("10.0.0.2", &name, NOW, "name.ipv4 = no-such-name\nname.address = no-such-name"),
            ]
            .concat(),
            &[
                "10.0.0.1 resolver.differs absent",
                "10.0.0.1 resolver.lacks absent",
                "10.0.0.2 resolver.differs absent",
                "10.0.0.2 resolver.lacks absent",
                "kms1.contoso.com name.ipv4 = no-data",
            ],
        );
    }

    #[test]
    fn answers_of_which_nobody_knows_the_server_stay() {
        let mut facts = [
            question("10.0.0.1", &domain(), NOW, "domain.srv = found"),
            question("10.0.0.2", &domain(), NOW, "domain.srv = no-data"),
        ]
        .concat();
        for origin in facts.iter_mut().flat_map(|fact| &mut fact.origins) {
            origin.line = Some(1);
        }
        assert_eq!(compare_resolvers(facts.clone()), facts);
    }
}
