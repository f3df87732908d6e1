//! Records of the same request, joined: the client's request with its response, the client's log with the host's.
//!
//! Client and host both write the client machine ID and the client's time stamp down, so the two records of one request
//! find each other whatever the clocks of the machines say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Rule, fact};
use crate::fact::{Fact, FactBase, Key, Origin, State, Subject, SubjectKind, Value};

/// Names of one client machine ID that a derived fact quotes: two prove it, some more help to find the machines.
const NAMES_QUOTED_MAX: usize = 4;

/// In this order: what responses and products tell belongs to the records that are compared.
pub(super) const RULES: [Rule; 4] = [responses, applications, seen_by_host, shared_client_ids];

/// One recorded attempt, as far as joins ask.
struct Record<'a> {
    subject: &'a Subject,
    /// Kind of record.
    kind: &'static str,
    code: &'a Fact,
    computer: Option<String>,
    client_id: Option<String>,
    client_time: Option<Timestamp>,
    product: Option<String>,
    application: Option<&'static str>,
}

impl<'a> Record<'a> {
    fn all(facts: &'a FactBase) -> Vec<Self> {
        facts.subjects(SubjectKind::Attempt).filter_map(|subject| Self::of(facts, subject)).collect()
    }

    fn of(facts: &'a FactBase, subject: &'a Subject) -> Option<Self> {
        let word = |key| match facts.state(subject, key) {
            State::Present(Value::Word(word)) => Some(word),
            _ => None,
        };
        let client_time = match facts.state(subject, Key::AttemptClientTime) {
            State::Present(Value::Time(time)) => Some(time),
            _ => None,
        };
        Some(Self {
            subject,
            kind: word(Key::AttemptRecord)?,
            code: facts.known(subject, Key::AttemptCode)?,
            computer: text(facts, subject, Key::AttemptComputer),
            client_id: text(facts, subject, Key::AttemptClientId),
            client_time,
            product: text(facts, subject, Key::AttemptActivationId),
            application: word(Key::AttemptApplication),
        })
    }

    fn is_success(&self) -> bool {
        matches!(self.code.value(), Some(Value::Code(code)) if code.is_success())
    }

    fn moment(&self) -> Option<Timestamp> {
        self.code.time.or(self.client_time)
    }

    fn artifact(&self) -> &'a str {
        self.code.origins.first().map_or("", |origin| origin.sha256.as_str())
    }

    /// The machine whose log this is; where the record does not tell, records of one artifact belong together.
    fn log(&self) -> (Option<&str>, &str) {
        match &self.computer {
            Some(computer) => (Some(computer), ""),
            None => (None, self.artifact()),
        }
    }

    fn derived(&self, key: Key, value: Value, others: &[&Record<'_>]) -> Fact {
        let mut origins = self.code.origins.clone();
        origins.extend(others.iter().flat_map(|other| other.code.origins.clone()));
        fact(self.subject, key, value, self.code.time, origins)
    }
}

pub(super) fn text(facts: &FactBase, subject: &Subject, key: Key) -> Option<String> {
    match facts.state(subject, key) {
        State::Present(Value::Text(text)) => Some(text.to_lowercase()),
        _ => None,
    }
}

/// What a response does not say itself: the request of the same machine and minute tells host, client and product. Only
/// a request that was answered has a response, and two of them in a minute leave it open.
fn responses(facts: &FactBase) -> Vec<Fact> {
    let records = Record::all(facts);
    let mut requests: BTreeMap<_, Vec<&Record<'_>>> = BTreeMap::new();
    for request in records.iter().filter(|record| record.kind == "request" && record.is_success()) {
        if let Some(time) = request.client_time {
            requests.entry((request.log(), time)).or_default().push(request);
        }
    }
    let mut derived = Vec::new();
    for response in records.iter().filter(|record| record.kind == "response") {
        let Some(time) = response.client_time else { continue };
        let Some([request]) = requests.get(&(response.log(), time)).map(Vec::as_slice) else { continue };
        for key in [Key::AttemptTarget, Key::AttemptClientId, Key::AttemptActivationId] {
            let known = matches!(facts.state(response.subject, key), State::Present(_));
            if let (false, State::Present(value)) = (known, facts.state(request.subject, key)) {
                derived.push(response.derived(key, value, &[request]));
            }
        }
    }
    derived
}

/// Windows or Office, where another attempt or the licence of the same product tells.
fn applications(facts: &FactBase) -> Vec<Fact> {
    let records = Record::all(facts);
    let mut known: BTreeMap<&str, (&'static str, &Fact)> = BTreeMap::new();
    for record in &records {
        let told = facts.known(record.subject, Key::AttemptApplication);
        if let (Some(product), Some(application), Some(told)) = (&record.product, record.application, told) {
            known.entry(product).or_insert((application, told));
        }
    }
    for license in facts.subjects(SubjectKind::License) {
        let told = facts.known(license, Key::LicenseApplication);
        if let Some((Value::Word(application), told)) = told.and_then(|told| Some((told.value()?, told))) {
            known.entry(&license.id).or_insert((application, told));
        }
    }
    let open = records.iter().filter(|record| record.application.is_none());
    open.filter_map(|record| {
        let (application, told) = known.get(record.product.as_deref()?)?;
        let origins = record.code.origins.iter().chain(&told.origins).cloned().collect();
        Some(fact(record.subject, Key::AttemptApplication, Value::Word(application), record.code.time, origins))
    })
    .collect()
}

/// Whether the KMS host's log has the client's request.
fn seen_by_host(facts: &FactBase) -> Vec<Fact> {
    let records = Record::all(facts);
    let mut served: BTreeMap<(&str, Timestamp), Vec<&Record<'_>>> = BTreeMap::new();
    // The oldest and the newest record of each host's log.
    let mut logs: BTreeMap<&str, (&Record<'_>, &Record<'_>)> = BTreeMap::new();
    for record in records.iter().filter(|record| record.kind == "served") {
        if let (Some(client_id), Some(time)) = (&record.client_id, record.client_time) {
            served.entry((client_id, time)).or_default().push(record);
        }
        if let (Some(host), Some(moment)) = (&record.computer, record.moment()) {
            let (oldest, newest) = logs.entry(host).or_insert((record, record));
            if Some(moment) < oldest.moment() {
                *oldest = record;
            }
            if Some(moment) > newest.moment() {
                *newest = record;
            }
        }
    }
    let mut derived = Vec::new();
    for request in records.iter().filter(|record| record.kind == "request") {
        let (Some(client_id), Some(time)) = (&request.client_id, request.client_time) else { continue };
        let same_product = |other: &&&Record<'_>| match (&request.product, &other.product) {
            (Some(own), Some(others)) => own == others,
            _ => true,
        };
        let found = served.get(&(client_id.as_str(), time)).and_then(|records| records.iter().find(same_product));
        if let Some(found) = found {
            derived.push(request.derived(Key::AttemptSeenByHost, Value::Flag(true), &[found]));
        } else if let (false, Some(target)) = (request.is_success(), text(facts, request.subject, Key::AttemptTarget)) {
            let host = target.rsplit_once(':').map_or(target.as_str(), |(host, _)| host);
            let log = logs.iter().find(|(name, _)| same_machine(name, host)).map(|(_, log)| log);
            let moment = request.moment();
            if let Some((oldest, newest)) =
                log.filter(|(oldest, newest)| oldest.moment() < moment && moment < newest.moment())
            {
                derived.push(request.derived(Key::AttemptSeenByHost, Value::Flag(false), &[oldest, newest]));
            }
        }
    }
    derived
}

/// Whether both names may be one machine's: the short name and the full one are.
pub(super) fn same_machine(one: &str, other: &str) -> bool {
    let label = |name: &'_ str| name.split('.').next().unwrap_or_default().to_owned();
    one == other || (label(one) == label(other) && (!one.contains('.') || !other.contains('.')))
}

/// The record of a client machine ID under a machine's name.
struct Sighting<'a> {
    record: &'a Record<'a>,
    name: String,
    /// Number of the event in the client's own log.
    number: Option<i64>,
}

/// The same client machine ID under several names: machines that were cloned, unless a machine was renamed.
fn shared_client_ids(facts: &FactBase) -> Vec<Fact> {
    let records = Record::all(facts);
    let mut sightings: BTreeMap<&str, Vec<Sighting<'_>>> = BTreeMap::new();
    for record in &records {
        let name = match record.kind {
            "request" => record.computer.clone(),
            "served" => text(facts, record.subject, Key::AttemptClient),
            _ => None,
        };
        let number = match facts.state(record.subject, Key::AttemptRecordNumber) {
            State::Present(Value::Integer(number)) if record.kind == "request" => Some(number),
            _ => None,
        };
        if let (Some(client_id), Some(name)) = (&record.client_id, name) {
            sightings.entry(client_id).or_default().push(Sighting { record, name, number });
        }
    }
    let mut derived = Vec::new();
    for mut sightings in sightings.into_values() {
        let origins = origins_of_machines(&mut sightings);
        if origins.len() > 1 {
            derived.extend(sightings.iter().map(|sighting| {
                let (subject, time) = (sighting.record.subject, sighting.record.code.time);
                fact(subject, Key::AttemptClientIdShared, Value::Flag(true), time, origins.clone())
            }));
        }
    }
    derived
}

/// One origin for each machine that was seen, at most [`NAMES_QUOTED_MAX`].
fn origins_of_machines(sightings: &mut [Sighting<'_>]) -> Vec<Origin> {
    let renamed = renamed(sightings);
    let mut full: BTreeMap<&str, BTreeMap<&str, &Origin>> = BTreeMap::new();
    for sighting in sightings.iter() {
        let name = renamed.get(&sighting.name).unwrap_or(&sighting.name);
        let label = name.split('.').next().unwrap_or_default();
        if let Some(origin) = sighting.record.code.origins.first() {
            full.entry(label).or_default().entry(name).or_insert(origin);
        }
    }
    let mut origins = Vec::new();
    for names in full.into_values() {
        // The short name belongs to a full one, if there is one.
        let has_full = names.keys().any(|name| name.contains('.'));
        let machines = names.into_iter().filter(|(name, _)| !has_full || name.contains('.'));
        origins.extend(machines.map(|(_, origin)| origin.clone()));
    }
    origins.truncate(NAMES_QUOTED_MAX);
    origins
}

/// Names that one machine had one after the other, with the last of them: its own log goes on under a new name, in the
/// order of its record numbers, and never returns to the old one.
fn renamed(sightings: &mut [Sighting<'_>]) -> BTreeMap<String, String> {
    let mut renamed = BTreeMap::new();
    sightings.sort_by_key(|sighting| (sighting.record.artifact(), sighting.number, sighting.record.subject));
    for log in sightings.chunk_by(|one, other| one.record.artifact() == other.record.artifact()) {
        let own = log.iter().all(|sighting| sighting.number.is_some() && sighting.record.moment().is_some());
        let forward = log
            .windows(2)
            .all(|pair| pair[0].record.moment() <= pair[1].record.moment() && pair[0].number < pair[1].number);
        let mut names: Vec<&str> = log.iter().map(|sighting| sighting.name.as_str()).collect();
        names.dedup();
        let distinct: BTreeSet<&str> = names.iter().copied().collect();
        if let (true, true, true, Some(last)) = (own, forward, distinct.len() == names.len(), names.last()) {
            renamed.extend(names.iter().map(|name| ((*name).to_owned(), (*last).to_owned())));
        }
    }
    renamed
}

#[cfg(test)]
mod tests;
