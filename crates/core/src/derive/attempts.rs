//! What the attempts to activate say together: which failures a later success overcomes, and whose clock is wrong.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::fact;
use crate::fact::{Fact, FactBase, Key, Origin, State, Subject, SubjectKind, Value};

/// Failures longer ago than this before a success say nothing about it: the host's own count window is 30 days too.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Records of one failing attempt (12288, 8198, 8233) fall within this time of each other.
const OCCASION: SignedDuration = SignedDuration::from_mins(10);

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// The client is activated by it.
    Activated,
    /// A KMS host answered without an error, as its own log says: that the client is activated is not known from it.
    Served,
    /// It failed.
    Failed,
    /// It says nothing about the activation: an answered request, or the genuine-ticket path.
    Open,
}

/// One recorded attempt.
struct Attempt<'a> {
    subject: &'a Subject,
    code: &'a Fact,
    end: End,
    /// Whose attempt it is, as far as the record tells.
    computer: Option<String>,
    client: Option<String>,
    product: Option<String>,
    artifact: &'a str,
    moment: Option<Timestamp>,
}

impl<'a> Attempt<'a> {
    fn of(facts: &'a FactBase, subject: &'a Subject) -> Option<Self> {
        let code = facts.known(subject, Key::AttemptCode)?;
        let Some(Value::Code(result)) = code.value() else { return None };
        let text = |key| match facts.state(subject, key) {
            State::Present(Value::Text(text)) => Some(text.to_lowercase()),
            _ => None,
        };
        let record = match facts.state(subject, Key::AttemptRecord) {
            State::Present(Value::Word(word)) => word,
            _ => "",
        };
        let activated = || facts.state(subject, Key::AttemptActivated) == State::Present(Value::Flag(true));
        let end = match (record, result.is_success()) {
            ("online", _) => End::Open,
            (_, false) => End::Failed,
            ("command", true) => End::Activated,
            ("response", true) if activated() => End::Activated,
            ("served", true) => End::Served,
            (_, true) => End::Open,
        };
        Some(Self {
            subject,
            code,
            end,
            // The record of a KMS host stands in the host's log, whoever asked.
            computer: text(Key::AttemptComputer).filter(|_| record != "served"),
            client: text(Key::AttemptClientId),
            product: text(Key::AttemptActivationId),
            artifact: code.origins.first().map_or("", |origin| origin.sha256.as_str()),
            moment: code.time,
        })
    }

    /// Whether both are attempts of one machine for one product; `None` where the evidence does not tell.
    fn same_activation(&self, other: &Self) -> Option<bool> {
        let pairs = [(&self.computer, &other.computer), (&self.client, &other.client), (&self.product, &other.product)];
        let known = pairs.into_iter().filter_map(|(own, others)| Some(own.as_ref()? == others.as_ref()?));
        let (mut agree, mut differ) = (false, false);
        for equal in known {
            agree |= equal;
            differ |= !equal;
        }
        match (differ, agree || self.artifact == other.artifact) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }

    /// Whether `self` came before `other`; `None` where the evidence does not tell.
    fn before(&self, other: &Self) -> Option<bool> {
        match (self.moment, other.moment) {
            (Some(own), Some(others)) => Some(own < others),
            _ => (self.artifact == other.artifact).then_some(self.place() < other.place()),
        }
    }

    fn place(&self) -> usize {
        self.code.origins.first().map_or(0, |origin| origin.span.start)
    }

    /// Whether `success` overcomes this failure; `None` where the evidence does not tell. That a KMS host served the
    /// same client later overcomes a refusal in the same kind of log.
    fn overcome_by(&self, success: &Self) -> Option<bool> {
        if success.end == End::Served && (self.client.is_none() || self.client != success.client) {
            return Some(false);
        }
        match (self.same_activation(success), self.before(success)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

/// The newest success of each activation: the others overcome nothing that it does not.
fn newest_successes<'s, 'a>(attempts: &'s [Attempt<'a>]) -> Vec<&'s Attempt<'a>> {
    let mut newest: BTreeMap<_, &Attempt<'_>> = BTreeMap::new();
    for success in attempts.iter().filter(|attempt| matches!(attempt.end, End::Activated | End::Served)) {
        // Without a date only successes of one artifact can be compared.
        let artifact = success.moment.is_none().then_some(success.artifact);
        let known = newest
            .entry((success.end, &success.computer, &success.client, &success.product, artifact))
            .or_insert(success);
        if (success.moment, success.place()) > (known.moment, known.place()) {
            *known = success;
        }
    }
    newest.into_values().collect()
}

/// Derived facts of all attempts.
pub(super) fn facts(facts: &FactBase) -> Vec<Fact> {
    let subjects = facts.subjects(SubjectKind::Attempt);
    let attempts: Vec<Attempt<'_>> = subjects.filter_map(|subject| Attempt::of(facts, subject)).collect();
    let successes = newest_successes(&attempts);
    // A host has thousands of clients, and what it served one of them bears on that one alone.
    let mut served: BTreeMap<&str, Vec<&Attempt<'_>>> = BTreeMap::new();
    let mut activated = Vec::new();
    for success in successes {
        match (success.end, &success.client) {
            (End::Served, Some(client)) => served.entry(client).or_default().push(success),
            (End::Served, None) => {}
            _ => activated.push(success),
        }
    }
    let mut derived = Vec::new();
    for failure in attempts.iter().filter(|attempt| attempt.end == End::Failed) {
        let mut origins = failure.code.origins.clone();
        let mut open = false;
        let mut overcome = false;
        let of_client = failure.client.as_deref().and_then(|client| served.get(client));
        for success in activated.iter().chain(of_client.into_iter().flatten()) {
            match failure.overcome_by(success) {
                Some(true) => {
                    origins.extend(success.code.origins.clone());
                    overcome = true;
                    break;
                }
                Some(false) => {}
                None => open = true,
            }
        }
        // There is a success, and whether it overcomes this failure is open.
        if overcome || !open {
            derived.push(fact(failure.subject, Key::AttemptOvercome, Value::Flag(overcome), failure.moment, origins));
        }
    }
    derived.extend(history(&attempts));
    derived.extend(clock_differences(facts, &attempts));
    derived
}

/// Newest success, and the failures of the same machine in the window before it, counted by occasion.
fn history(attempts: &[Attempt<'_>]) -> Vec<Fact> {
    let machine = Subject::machine();
    let activated = attempts.iter().filter(|attempt| attempt.end == End::Activated);
    let Some((newest, moment)) = activated
        .filter_map(|attempt| attempt.moment.map(|moment| (attempt, moment)))
        .max_by_key(|(_, moment)| *moment)
    else {
        return Vec::new();
    };
    let mut failures: Vec<(Timestamp, &Fact)> = attempts
        .iter()
        .filter(|attempt| attempt.end == End::Failed && attempt.same_activation(newest) == Some(true))
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
    let time = |subject: &Subject, key: Key| {
        let fact = facts.known(subject, key)?;
        match fact.value() {
            Some(Value::Time(time)) => Some((*time, &fact.origins)),
            _ => None,
        }
    };
    attempts
        .iter()
        .filter(|attempt| facts.state(attempt.subject, Key::AttemptRecord) == State::Present(Value::Word("served")))
        .filter_map(|attempt| {
            let (client, of_client) = time(attempt.subject, Key::AttemptClientTime)?;
            let (host, of_host) = time(attempt.subject, Key::AttemptRecordedAt)?;
            let difference = Value::Seconds(client.duration_since(host).as_secs_f64());
            let origins = of_client.iter().chain(of_host).cloned().collect();
            Some(fact(attempt.subject, Key::AttemptClockDifference, difference, attempt.moment, origins))
        })
        .collect()
}
