//! How long each stage of the way took, where an answer came.

use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value};
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, DnsQuestion, EndpointProbe, Exchange, Outcome, Record, TimeQuestion,
};

use super::{dns, endpoint, milliseconds};
use crate::sink::Sink;

/// Facts of whatever was recorded.
pub(super) fn read(record: &Record, sink: &mut Sink<'_>) {
    match record {
        Record::Dns(question) => of_resolver(question, sink),
        Record::Endpoint(probe) => of_endpoint(probe, sink),
        Record::Time(question) => of_time_source(question, sink),
        Record::Scope(_) | Record::SystemLookup(_) => {}
    }
}

/// With everything that was sent in vain before: that is what whoever asks has to wait for.
fn of_resolver(question: &DnsQuestion, sink: &mut Sink<'_>) {
    if question.exchanges.last().is_some_and(is_answered) {
        let resolver = Subject::new(SubjectKind::Resolver, dns::resolver_id(question.server));
        let elapsed_us = question.exchanges.iter().map(|exchange| exchange.elapsed_us).fold(0, u64::saturating_add);
        let what = format!("{} {} @{}", question.record_type, question.name, question.server);
        put(&resolver, Key::ResolverAnswerTime, elapsed_us, &what, sink);
    }
}

/// Of its addresses the one that connects first.
fn of_endpoint(probe: &EndpointProbe, sink: &mut Sink<'_>) {
    let subject = Subject::endpoint(&probe.endpoint.host, probe.endpoint.port);
    let seen = endpoint::as_client(probe);
    let opened = seen.attempts.iter().filter(|attempt| attempt.connect == Outcome::Connected);
    let Some(ConnectionAttempt { address, connect_us, bind, .. }) = opened.min_by_key(|attempt| attempt.connect_us)
    else {
        return;
    };
    put(&subject, Key::EndpointConnectTime, *connect_us, &format!("TCP {address}"), sink);
    if let Some(bind) = bind.as_ref().filter(|bind| is_answered(bind)) {
        put(&subject, Key::EndpointBindTime, bind.elapsed_us, &format!("RPC bind {address}"), sink);
    }
}

fn of_time_source(question: &TimeQuestion, sink: &mut Sink<'_>) {
    if let Some(exchange) = question.exchange.as_ref().filter(|exchange| is_answered(exchange)) {
        let source = Subject::new(SubjectKind::TimeSource, &question.source);
        put(&source, Key::ClockRoundTrip, exchange.elapsed_us, &format!("SNTP {}", question.source), sink);
    }
}

fn is_answered(exchange: &Exchange) -> bool {
    matches!(exchange.outcome, Outcome::Received { .. })
}

fn put(subject: &Subject, key: Key, elapsed_us: u64, what: &str, sink: &mut Sink<'_>) {
    let value = Value::Integer(i64::try_from(elapsed_us).unwrap_or(i64::MAX));
    sink.exchange(subject, key, State::Present(value), &format!("{what} {}", milliseconds(elapsed_us)));
}
