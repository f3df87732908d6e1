//! Derived facts: what follows from several facts together. Each keeps the origins of the facts that it rests on.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::code::ErrorCode;
use crate::fact::{Current, Fact, FactBase, Key, Origin, State, Subject, SubjectKind, Value};

/// Failures longer ago than this before a success say nothing about it: the host's own count window is 30 days too.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Records of one failing attempt (12288, 8198, 8233) fall within this time of each other.
const OCCASION: SignedDuration = SignedDuration::from_mins(10);

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

/// Adds every derived fact to `facts`.
pub fn derive(facts: &mut FactBase) {
    // In this order: endpoints take over what their names lead to.
    for rule in [name_facts, endpoint_facts, attempt_facts] {
        for fact in rule(facts) {
            facts.insert(fact);
        }
    }
}

fn fact(subject: &Subject, key: Key, value: Value, time: Option<Timestamp>, origins: Vec<Origin>) -> Fact {
    Fact { subject: subject.clone(), key, state: State::Present(value), time, origins }
}

/// A name that exists and has neither an A nor an AAAA record.
fn name_facts(facts: &FactBase) -> Vec<Fact> {
    let word = |name: &Subject, key: Key| match facts.current(name, key) {
        Current::Is(fact) => fact.value().map(|value| (value.to_string(), fact)),
        _ => None,
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
        let origins =
            || facts.iter().find(|fact| fact.subject == *endpoint).map(|fact| fact.origins.clone()).unwrap_or_default();
        if let Some(port) = endpoint.port() {
            derived.push(fact(endpoint, Key::EndpointPort, Value::Integer(i64::from(port)), None, origins()));
        }
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

/// What the analysis needs of one recorded attempt.
struct Attempt<'a> {
    subject: &'a Subject,
    code: &'a Fact,
    succeeded: bool,
    online: bool,
    product: Option<String>,
    client: Option<String>,
    moment: Option<Timestamp>,
}

impl<'a> Attempt<'a> {
    fn all(facts: &'a FactBase) -> Vec<Self> {
        facts.subjects(SubjectKind::Attempt).filter_map(|subject| Self::of(facts, subject)).collect()
    }

    fn of(facts: &'a FactBase, subject: &'a Subject) -> Option<Self> {
        let code = facts.history(subject, Key::AttemptCode).last()?;
        let Some(Value::Code(result)) = code.value() else { return None };
        let word = |key| match facts.state(subject, key) {
            State::Present(Value::Word(word)) => Some(word),
            _ => None,
        };
        let record = word(Key::AttemptRecord);
        // A request that was answered is no success yet: the response tells whether the client is activated.
        let succeeded = result.is_success()
            && match record {
                Some("response") => facts.state(subject, Key::AttemptActivated) == State::Present(Value::Flag(true)),
                Some("command" | "served") => true,
                _ => false,
            };
        let text = |key| match facts.state(subject, key) {
            State::Present(Value::Text(id)) => Some(id.to_lowercase()),
            _ => None,
        };
        let (product, client) = (text(Key::AttemptActivationId), text(Key::AttemptClientId));
        Some(Self { subject, code, succeeded, online: record == Some("online"), product, client, moment: code.time })
    }

    fn failed(&self) -> bool {
        !self.online && matches!(self.code.value(), Some(Value::Code(code)) if !code.is_success())
    }

    /// Whether `self` came before `other`; `None` where the evidence does not tell.
    fn before(&self, other: &Self) -> Option<bool> {
        if let (Some(own), Some(others)) = (self.moment, other.moment) {
            return Some(own < others);
        }
        let (own, others) = (self.code.origins.first()?, other.code.origins.first()?);
        (own.sha256 == others.sha256).then_some(own.span.start < others.span.start)
    }

    /// Whether both may be attempts of one client for one product: a host's log holds those of many.
    fn same_activation(&self, other: &Self) -> bool {
        let agree = |own: &Option<String>, others: &Option<String>| own.is_none() || others.is_none() || own == others;
        agree(&self.product, &other.product) && agree(&self.client, &other.client)
    }
}

fn attempt_facts(facts: &FactBase) -> Vec<Fact> {
    let attempts = Attempt::all(facts);
    let mut derived = Vec::new();
    for failure in attempts.iter().filter(|attempt| attempt.failed()) {
        let successes: Vec<&Attempt<'_>> =
            attempts.iter().filter(|other| other.succeeded && failure.same_activation(other)).collect();
        let orders: Vec<Option<bool>> = successes.iter().map(|success| failure.before(success)).collect();
        let overcome = if orders.contains(&Some(true)) {
            true
        } else if orders.contains(&None) {
            continue; // There is a success, and whether it came later is open.
        } else {
            false
        };
        let mut origins = failure.code.origins.clone();
        if overcome && let Some(position) = orders.iter().position(|order| *order == Some(true)) {
            origins.extend(successes[position].code.origins.clone());
        }
        derived.push(fact(failure.subject, Key::AttemptOvercome, Value::Flag(overcome), failure.moment, origins));
    }
    derived.extend(history_facts(&attempts));
    derived.extend(clock_differences(facts, &attempts));
    derived
}

/// Newest success, and the failures in the window before it, counted by occasion.
fn history_facts(attempts: &[Attempt<'_>]) -> Vec<Fact> {
    let machine = Subject::machine();
    let Some(newest) = attempts
        .iter()
        .filter(|attempt| attempt.succeeded && attempt.moment.is_some())
        .max_by_key(|attempt| attempt.moment)
    else {
        return Vec::new();
    };
    let Some(moment) = newest.moment else { return Vec::new() };
    let mut failures: Vec<(Timestamp, &Fact)> = attempts
        .iter()
        .filter(|attempt| attempt.failed())
        .filter_map(|attempt| attempt.moment.map(|time| (time, attempt.code)))
        .filter(|(time, _)| *time < moment && moment.duration_since(*time) <= WINDOW)
        .collect();
    failures.sort_by_key(|(time, _)| *time);
    failures.dedup_by(|later, earlier| later.0.duration_since(earlier.0) <= OCCASION);
    let mut origins: Vec<Origin> = failures.iter().flat_map(|(_, fact)| fact.origins.clone()).collect();
    origins.extend(newest.code.origins.clone());
    let count = i64::try_from(failures.len()).unwrap_or(i64::MAX);
    vec![
        fact(&machine, Key::ActivationLastSuccess, Value::Time(moment), Some(moment), newest.code.origins.clone()),
        fact(&machine, Key::ActivationFailures, Value::Integer(count), Some(moment), origins),
    ]
}

/// The KMS host's record of a request carries both clocks: the client's stamp and the host's own time of logging.
fn clock_differences(facts: &FactBase, attempts: &[Attempt<'_>]) -> Vec<Fact> {
    attempts
        .iter()
        .filter(|attempt| facts.state(attempt.subject, Key::AttemptRecord) == State::Present(Value::Word("served")))
        .filter_map(|attempt| {
            let client = facts.history(attempt.subject, Key::AttemptClientTime).last()?;
            let host = facts.history(attempt.subject, Key::AttemptRecordedAt).last()?;
            let (Some(Value::Time(client_time)), Some(Value::Time(host_time))) = (client.value(), host.value()) else {
                return None;
            };
            let difference = client_time.duration_since(*host_time).as_secs_f64();
            let origins = client.origins.iter().chain(&host.origins).cloned().collect();
            Some(fact(
                attempt.subject,
                Key::AttemptClockDifference,
                Value::Seconds(difference),
                attempt.moment,
                origins,
            ))
        })
        .collect()
}

/// Every error code in the evidence that is not overcome, with the fact that shows it.
pub fn open_codes(facts: &FactBase) -> Vec<(ErrorCode, &Fact)> {
    let mut codes = Vec::new();
    for known in facts.iter() {
        let open = match known.key {
            Key::AttemptCode => facts.state(&known.subject, Key::AttemptOvercome) != State::Present(Value::Flag(true)),
            Key::LicenseReason => true,
            _ => false,
        };
        if let (true, Some(Value::Code(code))) = (open, known.value())
            && !code.is_success()
        {
            codes.push((*code, known));
        }
    }
    codes
}
