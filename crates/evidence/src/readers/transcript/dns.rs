//! DNS questions of a live run.
//!
//! One transcript is one question to one resolver, so no transcript sees the whole. Three rules keep them from
//! contradicting each other without reason:
//! - A question that got no answer (timeout, SERVFAIL, REFUSED) leaves the *name* unknown, so that another resolver's
//!   answer counts, and says what happened of the *resolver*.
//! - Addresses in either answer make a name `found`. NXDOMAIN to the A question makes it `no-such-name`; to the AAAA
//!   question it says nothing, because some servers give it wrongly there (RFC 4074 section 4.2).
//! - Programs look a name of one label up below the suffixes of the machine: that it does not exist as it is says nothing.
//! - A server that fails and gives the records with its checks disabled is there; the zone fails DNSSEC validation.
//! - "No such record" to one question leaves the name open; `name.ipv4` and `name.ipv6` keep it for whoever sees both.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value, Why};
use kmsdoctor_wire::dns::{Query, RecordType, Response, ResponseCode};
use kmsdoctor_wire::transcript::{DnsQuestion, Exchange, Outcome, Transport};

use super::{milliseconds, words};
use crate::readers::names::{self, SERVICE_PREFIX};
use crate::sink::Sink;

/// Port of a DNS server that needs no mention. Clients send their questions there (Microsoft Learn, *Network ports used by
/// DNS*, read on 2026-11-25) and have no setting for another.
const DNS_PORT: u16 = 53;

/// What became of a question.
enum Answer {
    Response(Response),
    /// Bytes that are no answer to the question.
    Unreadable,
    TimedOut,
    Unreachable,
    /// The local system did not send it.
    NotSent,
    /// A connection that ended without an answer.
    Nothing,
}

/// Facts of one question.
pub(super) fn read(question: &DnsQuestion, sink: &mut Sink<'_>) {
    let Ok(record_type) = question.record_type.parse::<RecordType>() else { return };
    let Some((answer, exchange)) = answer(&question.exchanges, &question.name, record_type) else { return };
    let unchecked = unchecked(question, record_type);
    let elapsed_us = question.exchanges.iter().map(|exchange| exchange.elapsed_us).fold(0, u64::saturating_add);
    let beside = unchecked.as_ref().map(|(_, words)| format!(", with its checks disabled {words}")).unwrap_or_default();
    let quote = format!(
        "{record_type} {} @{}: {}{beside} {}",
        question.name,
        question.server,
        describe(&answer, exchange),
        milliseconds(elapsed_us)
    );
    let resolver = Subject::new(SubjectKind::Resolver, resolver_id(question.server));
    match unchecked {
        Some((outcome, _)) => {
            sink.exchange(&resolver, Key::ResolverOutcome, word(Key::ResolverOutcome, outcome), &quote);
            if let Some(domain) = domain_of(&question.name, record_type) {
                sink.exchange(&domain, Key::DomainUnchecked, word(Key::DomainUnchecked, outcome), &quote);
            }
        }
        None => sink.exchange(&resolver, Key::ResolverOutcome, resolver_state(&answer), &quote),
    }
    match record_type {
        RecordType::Srv => {
            let name = question.name.to_ascii_lowercase();
            // Other services, such as a domain controller's, only show whether the resolver answers.
            if let Some(domain) = name.strip_prefix(SERVICE_PREFIX) {
                services(&Subject::new(SubjectKind::Domain, domain), &answer, &quote, sink);
            }
        }
        RecordType::A | RecordType::Aaaa => {
            let name = Subject::new(SubjectKind::Name, &question.name);
            addresses(&name, record_type, &answer, &quote, sink);
            // A server on another port is a tool's or a tunnel's; it leads no client anywhere.
            if question.server.port() == DNS_PORT {
                given(&name, &answer, &quote, sink);
            }
        }
    }
}

/// What a question came to, as the word for a name or a record, and in words for people.
pub(crate) fn outcome(question: &DnsQuestion) -> (Result<&'static str, Why>, String) {
    let record_type = question.record_type.parse().ok();
    let answer = record_type.and_then(|record_type| answer(&question.exchanges, &question.name, record_type));
    let Some((answer, exchange)) = answer else { return (Err(Why::Unreadable), String::new()) };
    let word = match &answer {
        Answer::Response(response) => match response.code {
            ResponseCode::NoError => Ok("no-data"),
            ResponseCode::NameError => Ok("no-such-name"),
            _ => Err(Why::NoAnswer),
        },
        other => Err(why_unknown(other)),
    };
    (word, format!("{} {} @{}: {}", question.record_type, question.name, question.server, describe(&answer, exchange)))
}

fn services(domain: &Subject, answer: &Answer, quote: &str, sink: &mut Sink<'_>) {
    let mut put = |subject: &Subject, key: Key, state: State| sink.exchange(subject, key, state, quote);
    let response = match answer {
        Answer::Response(response) => response,
        other => return put(domain, Key::DomainSrv, State::Unknown(why_unknown(other))),
    };
    // The target "." says that the service is decidedly not available (RFC 2782).
    let offered = || response.services.iter().filter(|service| !service.target.is_empty());
    let state = match response.code {
        ResponseCode::NoError if offered().next().is_some() => word(Key::DomainSrv, "found"),
        ResponseCode::NoError if response.truncated => State::Unknown(Why::NoAnswer),
        ResponseCode::NoError => word(Key::DomainSrv, "no-data"),
        ResponseCode::NameError => word(Key::DomainSrv, "no-such-name"),
        _ => State::Unknown(Why::NoAnswer),
    };
    put(domain, Key::DomainSrv, state);
    if response.code != ResponseCode::NoError || offered().next().is_none() {
        return;
    }
    let count = i64::try_from(offered().count()).unwrap_or(i64::MAX);
    put(domain, Key::DomainSrvCount, State::Present(Value::Integer(count)));
    let targets: BTreeSet<Subject> =
        offered().map(|service| Subject::endpoint(&service.target, service.port)).collect();
    if !response.truncated {
        put(domain, Key::DomainSrvTargets, State::Present(Value::Text(names::list(&targets))));
    }
    for service in offered() {
        let endpoint = Subject::endpoint(&service.target, service.port);
        put(&endpoint, Key::EndpointAdvertised, State::Present(Value::Flag(true)));
    }
}

fn addresses(name: &Subject, record_type: RecordType, answer: &Answer, quote: &str, sink: &mut Sink<'_>) {
    let family = if record_type == RecordType::A { Key::NameIpv4 } else { Key::NameIpv6 };
    let outcome = match answer {
        Answer::Response(response) => match response.code {
            ResponseCode::NoError if !response.addresses.is_empty() => Ok("found"),
            ResponseCode::NoError if response.truncated => Err(Why::NoAnswer),
            ResponseCode::NoError => Ok("no-data"),
            ResponseCode::NameError => Ok("no-such-name"),
            _ => Err(Why::NoAnswer),
        },
        other => Err(why_unknown(other)),
    };
    let state = |key: Key| outcome.map_or_else(State::Unknown, |outcome| word(key, outcome));
    sink.exchange(name, family, state(family), quote);
    let settles = match outcome {
        Ok("found") | Err(_) => true,
        Ok("no-such-name") => record_type == RecordType::A && name.id.contains('.'),
        Ok(_) => false,
    };
    if settles {
        sink.exchange(name, Key::NameAddress, state(Key::NameAddress), quote);
    }
}

/// The addresses to which DNS leads a client.
fn given(name: &Subject, answer: &Answer, quote: &str, sink: &mut Sink<'_>) {
    if let Answer::Response(response) = answer
        && response.code == ResponseCode::NoError
        && !response.truncated
    {
        for (key, text) in names::given_by_servers(&response.addresses.iter().copied().collect()) {
            sink.exchange(name, key, State::Present(Value::Text(text)), quote);
        }
    }
}

fn word(key: Key, word: &str) -> State {
    key.word(word).map_or(State::Unknown(Why::Unreadable), |word| State::Present(Value::Word(word)))
}

fn why_unknown(answer: &Answer) -> Why {
    match answer {
        Answer::Unreadable => Why::Unreadable,
        Answer::NotSent => Why::NotPermitted,
        Answer::Response(_) | Answer::TimedOut | Answer::Unreachable | Answer::Nothing => Why::NoAnswer,
    }
}

fn resolver_state(answer: &Answer) -> State {
    let outcome = match answer {
        Answer::Response(response) => match response.code {
            ResponseCode::NoError | ResponseCode::NameError => "answers",
            ResponseCode::ServerFailure | ResponseCode::Refused | ResponseCode::Other(_) => "server-failure",
        },
        Answer::TimedOut => "timeout",
        Answer::Unreachable => "unreachable",
        Answer::Unreadable | Answer::NotSent | Answer::Nothing => return State::Unknown(why_unknown(answer)),
    };
    word(Key::ResolverOutcome, outcome)
}

/// The address alone on the usual port, so that it is the same subject as in nslookup's output.
pub(super) fn resolver_id(server: SocketAddr) -> String {
    if server.port() == DNS_PORT { server.ip().to_string() } else { server.to_string() }
}

/// The last answer among the tries, else what became of the last try. A truncated answer whose repetition over TCP
/// failed still shows the records that it has room for.
fn answer<'e>(exchanges: &'e [Exchange], name: &str, record_type: RecordType) -> Option<(Answer, &'e Exchange)> {
    let asked = Query::new(0, name, record_type).ok()?;
    let answers = exchanges.iter().rev().map(|exchange| (answer_of(exchange, &asked), exchange));
    let mut last = None;
    for (answer, exchange) in answers {
        if matches!(answer, Answer::Response(_)) {
            return Some((answer, exchange));
        }
        last.get_or_insert((answer, exchange));
    }
    last
}

/// What a server that fails says with its checks disabled, as a word and in words for people. An answer counts where it
/// failed before and after it: one that fails for a moment answers in the end.
fn unchecked(question: &DnsQuestion, record_type: RecordType) -> Option<(&'static str, String)> {
    let (answer, exchange) = answer(&question.unchecked, &question.name, record_type)?;
    let asked = Query::new(0, &question.name, record_type).ok()?;
    let fails = |answer: &Answer| code(answer) == Some(ResponseCode::ServerFailure);
    let failures = question.exchanges.iter().filter(|exchange| fails(&answer_of(exchange, &asked))).count();
    let outcome = match code(&answer)? {
        ResponseCode::NoError | ResponseCode::NameError if failures > 1 => "answers",
        ResponseCode::ServerFailure => "server-failure",
        _ => return None,
    };
    Some((outcome, describe(&answer, exchange)))
}

fn code(answer: &Answer) -> Option<ResponseCode> {
    match answer {
        Answer::Response(response) => Some(response.code),
        _ => None,
    }
}

/// The domain that a question is about: that of the record, or of the host.
fn domain_of(name: &str, record_type: RecordType) -> Option<Subject> {
    let name = name.to_ascii_lowercase();
    let domain = match record_type {
        RecordType::Srv => name.strip_prefix(SERVICE_PREFIX)?,
        RecordType::A | RecordType::Aaaa => name.split_once('.')?.1,
    };
    Some(Subject::new(SubjectKind::Domain, domain))
}

fn answer_of(exchange: &Exchange, asked: &Query) -> Answer {
    match &exchange.outcome {
        Outcome::Received { data } => {
            let sent = messages(exchange.transport, &exchange.sent.0).find_map(|bytes| Query::decode(bytes).ok());
            let Some(sent) = sent.filter(|sent| sent.name == asked.name && sent.record_type == asked.record_type)
            else {
                return Answer::Unreadable;
            };
            messages(exchange.transport, &data.0)
                .filter_map(|bytes| Response::decode(bytes).ok())
                .find(|response| response.is_answer_to(&sent))
                .map_or(Answer::Unreadable, Answer::Response)
        }
        Outcome::TimedOut => Answer::TimedOut,
        Outcome::Refused | Outcome::Unreachable { .. } => Answer::Unreachable,
        Outcome::Failed { .. } | Outcome::KeptBack => Answer::NotSent,
        Outcome::Reset | Outcome::Closed { .. } | Outcome::Connected => Answer::Nothing,
    }
}

/// The message as it is and, from a stream, without the two bytes of length before it (RFC 1035 section 4.2.2).
fn messages(transport: Transport, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let framed = match bytes {
        [high, low, message @ ..] if usize::from(u16::from_be_bytes([*high, *low])) == message.len() => Some(message),
        _ => None,
    };
    std::iter::once(bytes).chain(framed.filter(|_| transport == Transport::Tcp))
}

fn describe(answer: &Answer, exchange: &Exchange) -> String {
    let response = match answer {
        Answer::Response(response) => response,
        Answer::Unreadable => return format!("no DNS answer, {}", words(&exchange.outcome)),
        _ => return words(&exchange.outcome),
    };
    let cut = if response.truncated { ", truncated" } else { "" };
    let records: Vec<String> = match response.code {
        ResponseCode::NoError if response.services.is_empty() => {
            response.addresses.iter().map(ToString::to_string).collect()
        }
        ResponseCode::NoError => response
            .services
            .iter()
            .map(|service| {
                format!("{}:{}", if service.target.is_empty() { "." } else { &service.target }, service.port)
            })
            .collect(),
        ResponseCode::NameError => return "NXDOMAIN".to_owned(),
        ResponseCode::ServerFailure => return "SERVFAIL".to_owned(),
        ResponseCode::Refused => return "REFUSED".to_owned(),
        ResponseCode::Other(code) => return format!("response code {code}"),
    };
    if records.is_empty() { format!("no such record{cut}") } else { format!("{}{cut}", records.join(", ")) }
}
