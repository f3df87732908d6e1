//! The way to a KMS host: traces of connections that stayed without an answer, and what accepts every connection.

use std::net::SocketAddr;

use kmsdoctor_core::fact::{Key, State, Subject, Value, Why};
use kmsdoctor_wire::transcript::{ConnectionAttempt, Hop, HopAnswer, Outcome, Trace, TraceMethod};

use super::endpoint::{Word, best, quote_of_sign, state};
use super::milliseconds;
use crate::sink::Sink;

/// Outcomes of a trace, the one that says most first.
const PATHS: [&str; 4] = ["arrives", "prohibited", "no-route", "ends"];

/// Hops that a quote shows. The last ones say where it ends.
const HOPS_QUOTED: usize = 4;

/// Facts of what was asked beside connections and binds that led nowhere.
pub(super) fn read(endpoint: &Subject, attempts: &[ConnectionAttempt], sink: &mut Sink<'_>) {
    let traced = || attempts.iter().filter_map(|attempt| Some((attempt, attempt.trace.as_ref()?)));
    let paths: Vec<Word> = traced().map(|(attempt, _)| path(attempt)).collect();
    let decisive = traced().zip(&paths).find(|(_, path)| **path == best(&PATHS, &paths));
    if let Some(((attempt, trace), path)) = decisive {
        let quote = quote(attempt.address, trace);
        // Echo shows routers, and not what they do to the port.
        if trace.method != TraceMethod::Icmp || matches!(path, Ok("prohibited" | "no-route")) {
            sink.exchange(endpoint, Key::EndpointPath, state(Key::EndpointPath, *path), &quote);
        }
        sink.exchange(endpoint, Key::EndpointLastHop, last_hop(trace), &quote);
    }
    let controls = || attempts.iter().filter_map(|attempt| attempt.control.as_ref());
    let accepted = controls().find(|control| matches!(control.outcome, Outcome::Connected | Outcome::Reset));
    let answered = |outcome: &Outcome| !matches!(outcome, Outcome::Failed { .. } | Outcome::KeptBack);
    if let Some(control) = accepted.or_else(|| controls().find(|control| answered(&control.outcome))) {
        let everything = State::Present(Value::Flag(accepted.is_some()));
        sink.exchange(endpoint, Key::EndpointAcceptsEverything, everything, &quote_of_sign(control));
    }
}

/// What the trace of a connection came to.
pub(super) fn path(attempt: &ConnectionAttempt) -> Word {
    let trace = attempt.trace.as_ref().ok_or(Why::NotInEvidence)?;
    if trace.method == TraceMethod::NotPermitted {
        return Err(Why::NotPermitted);
    }
    let last = trace.hops.last().ok_or(Why::NoAnswer)?;
    Ok(match last.answer {
        HopAnswer::Arrived => "arrives",
        answer if answer.is_time_exceeded() => "ends",
        HopAnswer::Icmp { from, message_type, code } => {
            // RFC 792 and RFC 1812 section 5.2.7.1; RFC 4443 section 3.1.
            let (prohibitions, port): (&[u8], u8) = match (from.is_ipv4(), message_type) {
                (true, 3) => (&[9, 10, 13], 3),
                (false, 1) => (&[1, 5], 4),
                _ => return Err(Why::Unreadable),
            };
            match code {
                code if prohibitions.contains(&code) => "prohibited",
                // "No such port" is the host's to say; a device that says it in its place lets nothing through.
                code if code == port && from == attempt.address.ip() => "arrives",
                code if code == port => "prohibited",
                _ => "no-route",
            }
        }
    })
}

fn last_hop(trace: &Trace) -> State {
    if trace.method == TraceMethod::NotPermitted {
        return State::Unknown(Why::NotPermitted);
    }
    let device = |hop: &Hop| match hop.answer {
        HopAnswer::Icmp { from, .. } => Some(from),
        HopAnswer::Arrived => None,
    };
    let last = trace.hops.iter().rev().find_map(device);
    last.map_or(State::Absent, |address| State::Present(Value::Text(address.to_string())))
}

/// A trace in a few words.
pub(super) fn quote(address: SocketAddr, trace: &Trace) -> String {
    let what = match trace.method {
        TraceMethod::Tcp => format!("trace TCP {address}"),
        TraceMethod::Icmp => format!("trace ICMP {}", address.ip()),
        TraceMethod::NotPermitted => return format!("trace {address}: the system does not permit it"),
    };
    let hidden = trace.hops.len().saturating_sub(HOPS_QUOTED);
    let mut parts: Vec<String> = (hidden > 0).then(|| "…".to_owned()).into_iter().collect();
    parts.extend(trace.hops.iter().skip(hidden).map(quote_of_hop));
    let next = trace.hops.last().map_or(1, |hop| hop.hops.saturating_add(1));
    if trace.hops.last().is_none_or(|hop| hop.answer.is_time_exceeded()) && next <= trace.asked {
        parts.push(format!("nothing from {next} to {}", trace.asked));
    }
    format!("{what}: {}", parts.join("; "))
}

fn quote_of_hop(hop: &Hop) -> String {
    let who = match hop.answer {
        HopAnswer::Arrived => "the host".to_owned(),
        HopAnswer::Icmp { from, .. } if hop.answer.is_time_exceeded() => from.to_string(),
        HopAnswer::Icmp { from, message_type, code } => format!("{from}, ICMP type {message_type} code {code}"),
    };
    format!("{} {who} {}", hop.hops, milliseconds(hop.elapsed_us))
}
