//! Events to facts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::Timestamp;
use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, LICENSE_STATES, State, Subject, SubjectKind, Value, Why};

use super::payload::{Payload, Request, Response, Statement};
use super::{Found, newest, zone};
use crate::readers::console::is_host_name;
use crate::sink::Sink;

/// Events in the logs of a KMS host.
const HOST_EVENTS: RangeInclusive<u32> = 12290..=12294;

/// What connects the request with its response: the response has no ID of client or product.
type Minute = (Option<Timestamp>, Option<String>);

/// Puts the facts of all events into the sink.
pub(super) fn emit(found: &mut [Found], sink: &mut Sink<'_>) {
    zone::date(found);
    newest::supersede(found);
    let found = &*found;
    machine(found, sink);
    let pairs = Pairs::of(found);
    for event in found {
        sink.at(time_of(event));
        if let Some(Payload::Statements(_, statements)) = &event.payload {
            state(event, statements, sink);
            continue;
        }
        let subject = Subject::new(SubjectKind::Attempt, identity(event));
        let record = match event.event {
            12288 => "request",
            12289 => "response",
            12290 => "served",
            8198 => "scheduled",
            8233 => "reported",
            _ => "online",
        };
        sink.word(&subject, Key::AttemptRecord, record, event.lines.clone());
        if let Some((name, line)) = &event.computer {
            sink.present(&subject, Key::AttemptComputer, Value::Text(name.to_lowercase()), *line..=*line);
        }
        let attempt = Attempt { subject: &subject, lines: &event.lines };
        if let Some(number) = event.number.and_then(|number| i64::try_from(number).ok()) {
            attempt.value(Key::AttemptRecordNumber, Some(Value::Integer(number)), sink);
        }
        match &event.payload {
            None => sink.unknown(&subject, Key::AttemptCode, Why::Unreadable, event.lines.clone()),
            Some(Payload::Request(request)) => {
                attempt.request(request, Key::AttemptTarget, sink);
                if !pairs.is_activated(event) {
                    license(request, &event.lines, sink);
                }
            }
            Some(Payload::Served(request)) => {
                attempt.request(request, Key::AttemptClient, sink);
                if let Some(time) = event.recorded_at {
                    attempt.value(Key::AttemptRecordedAt, Some(Value::Time(time)), sink);
                }
            }
            Some(Payload::Response(response)) => {
                attempt.response(response, sink);
                if let Some((product, lines)) = pairs.product_of(event) {
                    attempt.text(Key::AttemptActivationId, Some(product), lines, sink);
                    if response.activated == Some(true) && response.code.is_success() {
                        let license = Subject::new(SubjectKind::License, product);
                        sink.word(&license, Key::LicenseStatus, "licensed", event.lines.clone());
                        // What an earlier event gave as the reason of its state is over.
                        sink.absent(&license, Key::LicenseReason, event.lines.clone());
                    }
                }
            }
            Some(Payload::Failure(failure)) => {
                attempt.code(failure.code, sink);
                if failure.activation_id.is_some() {
                    attempt.text(Key::AttemptActivationId, failure.activation_id.as_deref(), &event.lines, sink);
                }
                if let Some(application) = failure.application {
                    attempt.value(Key::AttemptApplication, Some(Value::Word(application)), sink);
                }
            }
            // Told above.
            Some(Payload::Statements(..)) => {}
        }
    }
    sink.at(None);
}

/// What an event states by itself. A licence without a date would count as of today.
fn state(event: &Found, statements: &[Statement], sink: &mut Sink<'_>) {
    let is_dated = event.time.is_some();
    for Statement { subject, key, state } in statements {
        if subject.kind == SubjectKind::License && !is_dated {
            continue;
        }
        match state {
            State::Present(value) => sink.present(subject, *key, value.clone(), event.lines.clone()),
            State::Absent => sink.absent(subject, *key, event.lines.clone()),
            State::Unknown(why) => sink.unknown(subject, *key, *why, event.lines.clone()),
        }
    }
}

struct Attempt<'s> {
    subject: &'s Subject,
    lines: &'s RangeInclusive<usize>,
}

impl Attempt<'_> {
    fn code(&self, code: Option<ErrorCode>, sink: &mut Sink<'_>) {
        self.value(Key::AttemptCode, code.map(Value::Code), sink);
    }

    fn text(&self, key: Key, text: Option<&str>, lines: &RangeInclusive<usize>, sink: &mut Sink<'_>) {
        match text {
            Some(text) => sink.present(self.subject, key, Value::Text(text.to_owned()), lines.clone()),
            None => sink.unknown(self.subject, key, Why::Unreadable, lines.clone()),
        }
    }

    fn value(&self, key: Key, value: Option<Value>, sink: &mut Sink<'_>) {
        match value {
            Some(value) => sink.present(self.subject, key, value, self.lines.clone()),
            None => sink.unknown(self.subject, key, Why::Unreadable, self.lines.clone()),
        }
    }

    fn request(&self, request: &Request, peer: Key, sink: &mut Sink<'_>) {
        self.code(Some(request.code), sink);
        self.text(peer, request.peer.as_deref(), self.lines, sink);
        self.text(Key::AttemptClientId, request.client_id.as_deref(), self.lines, sink);
        self.value(Key::AttemptClientTime, request.client_time.map(Value::Time), sink);
        if let Some(flags) = request.flags {
            self.value(Key::AttemptFlags, Some(Value::Integer(flags.into())), sink);
        }
        if let Some(count) = request.required_count {
            self.value(Key::AttemptRequiredCount, Some(Value::Integer(count)), sink);
        }
        self.text(Key::AttemptActivationId, request.activation_id.as_deref(), self.lines, sink);
    }

    fn response(&self, response: &Response, sink: &mut Sink<'_>) {
        self.code(Some(response.code), sink);
        self.value(Key::AttemptClientTime, response.client_time.map(Value::Time), sink);
        self.value(Key::AttemptFlags, response.flags.map(|flags| Value::Integer(flags.into())), sink);
        self.value(Key::AttemptActivated, response.activated.map(Value::Flag), sink);
        self.value(Key::AttemptCount, response.count.map(Value::Integer), sink);
        let keys = [Key::AttemptActivationInterval, Key::AttemptRenewalInterval];
        for (key, minutes) in keys.into_iter().zip(response.intervals) {
            self.value(key, minutes.map(Value::Integer), sink);
        }
    }
}

/// State of the licence at the time of the request.
fn license(request: &Request, lines: &RangeInclusive<usize>, sink: &mut Sink<'_>) {
    let Some(product) = &request.activation_id else { return };
    let subject = Subject::new(SubjectKind::License, product);
    if let Some(state) = request.status.and_then(|status| LICENSE_STATES.get(status)) {
        sink.word(&subject, Key::LicenseStatus, state, lines.clone());
    }
    if let Some(minutes) = request.minutes {
        sink.present(&subject, Key::LicenseMinutesLeft, Value::Integer(minutes), lines.clone());
    }
}

/// Name and domain of the machine whose events these are, once for every name that it has had.
fn machine(found: &[Found], sink: &mut Sink<'_>) {
    let is_client = |event: &&Found| !HOST_EVENTS.contains(&event.event);
    let has_client = found.iter().filter(is_client).any(|event| event.computer.is_some());
    let mut names: BTreeMap<String, (Option<Timestamp>, usize, bool)> = BTreeMap::new();
    for event in found {
        let Some((name, line)) = event.computer.as_ref().filter(|(name, _)| is_host_name(name)) else { continue };
        // In a mixed paste the machine in question is the client.
        if has_client && !is_client(&event) {
            continue;
        }
        let entry = names.entry(name.to_lowercase()).or_insert((event.time, *line, is_client(&event)));
        if event.time > entry.0 {
            *entry = (event.time, *line, is_client(&event));
        }
    }
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|(_, (_, line, _))| *line);
    for (name, (time, line, is_client)) in names {
        sink.at(time);
        sink.present(&Subject::machine(), Key::MachineName, Value::Text(name.clone()), line..=line);
        if let (true, Some((_, domain))) = (is_client, name.split_once('.')) {
            sink.present(&Subject::machine(), Key::MachineDomain, Value::Text(domain.to_owned()), line..=line);
        }
    }
}

/// What belongs together in this document by client time and computer.
struct Pairs {
    /// Product of the requests of that minute, `None` if there are several.
    products: BTreeMap<Minute, Option<(String, RangeInclusive<usize>)>>,
    activated: BTreeSet<Minute>,
}

impl Pairs {
    fn of(found: &[Found]) -> Self {
        let mut pairs = Self { products: BTreeMap::new(), activated: BTreeSet::new() };
        for event in found {
            match &event.payload {
                Some(Payload::Request(request)) => {
                    let Some(product) = &request.activation_id else { continue };
                    let entry = pairs
                        .products
                        .entry(minute(event))
                        .or_insert_with(|| Some((product.clone(), event.lines.clone())));
                    if entry.as_ref().is_some_and(|(other, _)| other != product) {
                        *entry = None;
                    }
                }
                Some(Payload::Response(response)) if response.activated == Some(true) && response.code.is_success() => {
                    pairs.activated.insert(minute(event));
                }
                _ => {}
            }
        }
        pairs
    }

    fn product_of(&self, event: &Found) -> Option<(&str, &RangeInclusive<usize>)> {
        let key = minute(event);
        key.0?;
        self.products.get(&key)?.as_ref().map(|(product, lines)| (product.as_str(), lines))
    }

    /// True if the response of the same minute has activated the product: the state before is over then.
    fn is_activated(&self, event: &Found) -> bool {
        self.product_of(event).is_some() && self.activated.contains(&minute(event))
    }
}

fn minute(event: &Found) -> Minute {
    (client_time(event), event.computer.as_ref().map(|(name, _)| name.to_lowercase()))
}

fn client_time(event: &Found) -> Option<Timestamp> {
    match event.payload.as_ref()? {
        Payload::Request(request) | Payload::Served(request) => request.client_time,
        Payload::Response(response) => response.client_time,
        Payload::Failure(_) | Payload::Statements(..) => None,
    }
}

fn time_of(event: &Found) -> Option<Timestamp> {
    event.time.or_else(|| client_time(event))
}

/// What makes this event one and the same wherever it was pasted.
fn identity(event: &Found) -> String {
    let mut parts = vec![event.event.to_string()];
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    match &event.payload {
        Some(Payload::Request(request) | Payload::Served(request)) => {
            parts.push(or_dash(request.client_id.clone()));
            parts.push(or_dash(request.client_time.map(|time| time.to_string())));
            parts.push(or_dash(request.peer.as_ref().map(|peer| peer.to_lowercase())));
            parts.push(request.code.to_string());
        }
        Some(Payload::Response(response)) => {
            parts.push(or_dash(response.client_time.map(|time| time.to_string())));
            parts.push(response.code.to_string());
        }
        Some(Payload::Failure(failure)) => {
            parts.push(or_dash(failure.code.map(|code| code.to_string())));
            parts.push(or_dash(failure.activation_id.clone()));
        }
        Some(Payload::Statements(..)) | None => {}
    }
    if !event.date.is_empty() {
        parts.push(event.date.chars().take(40).collect());
    }
    if let Some((name, _)) = &event.computer {
        parts.push(name.to_lowercase());
    }
    if let Some(number) = event.number {
        parts.push(format!("#{number}"));
    }
    parts.join(":")
}
