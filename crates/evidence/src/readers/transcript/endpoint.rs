//! KMS hosts of a live run: connection, RPC bind, signs of life.

use std::net::{IpAddr, SocketAddr};

use kmsdoctor_core::fact::{Key, State, Subject, Value, Why};
use kmsdoctor_wire::rpc::{self, Reply};
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, EndpointProbe, Exchange, LifeMethod, Outcome, ProbeReason, SignOfLife,
};

use super::{milliseconds, way, words};
use crate::sink::Sink;

/// A bind without an answer after less than this was cut short by the end of the run: a host across a slow line takes
/// longer, so it shows nothing.
const BIND_PATIENCE_US: u64 = 1_000_000;

/// Neither does one after less than so many times what its connection took to open. Where that was a second, a packet got
/// lost, and the system waits 3 seconds before it sends another one again (RFC 6298 section 5.7).
const BIND_PATIENCE_CONNECTIONS: u64 = 3;

/// Whoever does not get an answer to the first packet sends it again after this (RFC 6298 section 2): what took longer was
/// lost once, or has a long way.
const RETRANSMISSION_US: u64 = 1_000_000;

/// Outcomes of a connection, best first. One address that refuses shows a host that is there; one that stays silent
/// shows more than one that this machine has no route to (an IPv6 address, usually).
const CONNECTIONS: [&str; 5] = ["open", "refused", "timeout", "blocked-locally", "unreachable"];

/// Outcomes of a bind, best first.
const BINDS: [&str; 6] = ["acknowledged", "rejected", "foreign", "reset", "closed", "silent"];

/// Error numbers with which the local system forbids to send: EPERM, EACCES, WSAEACCES.
const FORBIDDEN: [i32; 3] = [1, 13, 10013];

/// Facts of one host and port.
pub(super) fn read(probe: &EndpointProbe, sink: &mut Sink<'_>) {
    let endpoint = Subject::endpoint(&probe.endpoint.host, probe.endpoint.port);
    for reason in &probe.reasons {
        let (key, quote) = match reason {
            ProbeReason::Advertised { domain } => {
                (Key::EndpointAdvertised, format!("SRV _vlmcs._tcp.{domain}: {endpoint}"))
            }
            ProbeReason::Asked => (Key::EndpointAsked, format!("asked for: {endpoint}")),
            ProbeReason::Pinned => (Key::EndpointPinned, format!("pinned on the client: {endpoint}")),
            ProbeReason::Cached => (Key::EndpointUsed, format!("kept by the client: {endpoint}")),
            ProbeReason::DefaultPort => continue,
        };
        sink.exchange(&endpoint, key, State::Present(Value::Flag(true)), &quote);
    }
    if probe.reasons == [ProbeReason::DefaultPort] {
        // A mere control: nobody advertises it or asked for it.
        for key in [Key::EndpointAdvertised, Key::EndpointAsked] {
            sink.exchange(&endpoint, key, State::Present(Value::Flag(false)), &format!("control probe: {endpoint}"));
        }
    }
    // Without an address nothing was tried, and the name's own facts say why.
    if probe.attempts.is_empty() {
        return;
    }
    let probe = &as_client(probe);
    let connections: Vec<_> = probe.attempts.iter().map(connection).collect();
    let quote = quote_of_connections(probe);
    let tcp = best(&CONNECTIONS, &connections);
    sink.exchange(&endpoint, Key::EndpointTcp, state(Key::EndpointTcp, tcp), &quote);

    let opened: Vec<&ConnectionAttempt> =
        probe.attempts.iter().filter(|attempt| connection(attempt) == Ok("open")).collect();
    let binds: Vec<_> = opened.iter().map(|attempt| outcome(attempt)).collect();
    if !binds.is_empty() {
        let outcomes: Vec<_> = binds.iter().map(|(outcome, _)| *outcome).collect();
        let rpc = best(&BINDS, &outcomes);
        sink.exchange(&endpoint, Key::EndpointRpc, state(Key::EndpointRpc, rpc), &quote_of_binds(&opened, &binds));
    }
    if let Some(slow) = slow(&probe.attempts) {
        let quote =
            if binds.is_empty() { quote.clone() } else { format!("{quote}; {}", quote_of_binds(&opened, &binds)) };
        sink.exchange(&endpoint, Key::EndpointSlow, State::Present(Value::Flag(slow)), &quote);
    }
    way::read(&endpoint, &probe.attempts, sink);
    life(&endpoint, probe, tcp, &quote, sink);
}

/// Only what concerns the addresses that the client itself would connect to, where they are known: another one that works
/// is of no use to it.
pub(super) fn as_client(probe: &EndpointProbe) -> EndpointProbe {
    let mut seen = probe.clone();
    let is_used = |address: &IpAddr| probe.client_addresses.contains(address);
    if probe.attempts.iter().any(|attempt| is_used(&attempt.address.ip())) {
        seen.attempts.retain(|attempt| is_used(&attempt.address.ip()));
        seen.signs_of_life.retain(|sign| is_used(&sign.address));
    }
    seen
}

/// Whether every connection that led to an answer was slow, or got through to the host only in a trace; `None` where none
/// did.
fn slow(attempts: &[ConnectionAttempt]) -> Option<bool> {
    let slow = |attempt: &ConnectionAttempt| match (&attempt.connect, &attempt.bind) {
        (Outcome::Connected, Some(Exchange { outcome: Outcome::Received { .. }, elapsed_us, .. })) => {
            Some(attempt.connect_us.max(*elapsed_us) >= RETRANSMISSION_US)
        }
        (Outcome::TimedOut, _) => (way::path(attempt) == Ok("arrives")).then_some(true),
        _ => None,
    };
    attempts.iter().filter_map(slow).reduce(|all, one| all && one)
}

/// What one connection and its bind came to, and in words for people: the word of the connection where it did not open.
pub(crate) fn outcome(attempt: &ConnectionAttempt) -> (Word, String) {
    match connection(attempt) {
        Ok("open") if attempt.connect == Outcome::Reset => (Ok("reset"), words(&attempt.connect)),
        Ok("open") => bind(attempt),
        closed => (closed, words(&attempt.connect)),
    }
}

/// A word of a vocabulary, or why there is none.
pub(crate) type Word = Result<&'static str, Why>;

pub(super) fn state(key: Key, word: Word) -> State {
    match word {
        Ok(word) => key.word(word).map_or(State::Unknown(Why::Unreadable), |word| State::Present(Value::Word(word))),
        Err(why) => State::Unknown(why),
    }
}

/// The best of the outcomes; what is known beats what is not.
pub(super) fn best(order: &[&'static str], outcomes: &[Word]) -> Word {
    let known = order.iter().copied().find(|word| outcomes.contains(&Ok(*word)));
    known.ok_or_else(|| outcomes.iter().find_map(|outcome| outcome.err()).unwrap_or(Why::NoAnswer))
}

fn connection(attempt: &ConnectionAttempt) -> Word {
    match &attempt.connect {
        // A reset before the connection was noticed is one after it opened: a RST to a SYN is a refusal (RFC 9293 3.10.7.3).
        Outcome::Connected | Outcome::Reset => Ok("open"),
        Outcome::Refused => Ok("refused"),
        Outcome::TimedOut => Ok("timeout"),
        Outcome::KeptBack => Ok("blocked-locally"),
        Outcome::Unreachable { .. } => Ok("unreachable"),
        // Over IPv6 Linux tells what a router prohibits as it tells what this machine does.
        Outcome::Failed { .. } if matches!(way::path(attempt), Ok("prohibited" | "no-route")) => Ok("unreachable"),
        Outcome::Failed { os_error: Some(number), .. } if FORBIDDEN.contains(number) => Ok("blocked-locally"),
        // No socket, no such address family: nothing about the host.
        Outcome::Failed { .. } => Err(Why::NotPermitted),
        Outcome::Received { .. } | Outcome::Closed { .. } => Err(Why::Unreadable),
    }
}

/// How long a bind must have waited before its silence shows something.
fn patience_us(attempt: &ConnectionAttempt) -> u64 {
    BIND_PATIENCE_US.max(attempt.connect_us.saturating_mul(BIND_PATIENCE_CONNECTIONS))
}

/// What became of the bind, and in words for people.
fn bind(attempt: &ConnectionAttempt) -> (Word, String) {
    let Some(exchange) = &attempt.bind else { return (Err(Why::NoAnswer), "not sent".to_owned()) };
    match &exchange.outcome {
        Outcome::Closed { data } if data.0.is_empty() => (Ok("closed"), words(&exchange.outcome)),
        Outcome::Received { data } | Outcome::Closed { data } => reply(&rpc::decode_reply(&data.0)),
        Outcome::Reset => (Ok("reset"), words(&exchange.outcome)),
        Outcome::TimedOut if exchange.elapsed_us < patience_us(attempt) => {
            (Err(Why::NoAnswer), words(&exchange.outcome))
        }
        Outcome::TimedOut => (Ok("silent"), words(&exchange.outcome)),
        Outcome::Connected
        | Outcome::KeptBack
        | Outcome::Refused
        | Outcome::Unreachable { .. }
        | Outcome::Failed { .. } => (Err(Why::NoAnswer), words(&exchange.outcome)),
    }
}

fn reply(reply: &Reply) -> (Word, String) {
    match reply {
        Reply::Acknowledged { .. } => (Ok("acknowledged"), "bind_ack, KMS interface accepted".to_owned()),
        Reply::ContextRejected { result, reason } => {
            (Ok("rejected"), format!("bind_ack, KMS interface not accepted (result {result}, reason {reason})"))
        }
        Reply::BindNak { reason } => (Ok("rejected"), format!("bind_nak (reason {reason})")),
        Reply::Fault { status } => (Ok("rejected"), format!("fault 0x{status:08X}")),
        Reply::Foreign { what } => (Ok("foreign"), format!("other bytes than an RPC answer ({})", what.as_str())),
        Reply::Incomplete => (Ok("foreign"), "too few bytes for an RPC answer".to_owned()),
    }
}

fn life(endpoint: &Subject, probe: &EndpointProbe, tcp: Word, tcp_quote: &str, sink: &mut Sink<'_>) {
    // What did not leave this machine was not asked.
    let left = |sign: &&SignOfLife| !matches!(sign.outcome, Outcome::Failed { .. } | Outcome::KeptBack);
    let asked: Vec<&SignOfLife> = probe.signs_of_life.iter().filter(left).collect();
    let alive =
        |sign: &&&SignOfLife| matches!(sign.outcome, Outcome::Received { .. } | Outcome::Connected | Outcome::Refused);
    let dead = |sign: &&SignOfLife| matches!(sign.outcome, Outcome::TimedOut | Outcome::Unreachable { .. });
    let traced = |word: &'static str| {
        let attempt = probe.attempts.iter().find(|attempt| way::path(attempt) == Ok(word))?;
        Some(way::quote(attempt.address, attempt.trace.as_ref()?))
    };
    let (state, quote) = if let Some(sign) = asked.iter().find(alive) {
        (State::Present(Value::Flag(true)), quote_of_sign(sign))
    } else if matches!(tcp, Ok("open" | "refused")) {
        (State::Present(Value::Flag(true)), tcp_quote.to_owned())
    } else if let Some(quote) = traced("arrives") {
        (State::Present(Value::Flag(true)), quote)
    } else if let Some(quote) = traced("prohibited") {
        // Whoever lets nothing through hides the host.
        (State::Unknown(Why::NoAnswer), quote)
    } else if probe.signs_of_life.is_empty() {
        return;
    } else if !asked.is_empty() && asked.iter().all(dead) {
        (State::Present(Value::Flag(false)), quote_of_signs(&asked))
    } else {
        let why = if asked.is_empty() { Why::NotPermitted } else { Why::NoAnswer };
        (State::Unknown(why), quote_of_signs(&probe.signs_of_life.iter().collect::<Vec<_>>()))
    };
    sink.exchange(endpoint, Key::EndpointAlive, state, &quote);
}

fn quote_of_connections(probe: &EndpointProbe) -> String {
    let attempts = probe.attempts.iter().map(|attempt| {
        format!("TCP {}: {} {}", attempt.address, words(&attempt.connect), milliseconds(attempt.connect_us))
    });
    attempts.collect::<Vec<_>>().join("; ")
}

fn quote_of_binds(opened: &[&ConnectionAttempt], binds: &[(Word, String)]) -> String {
    let lines = opened.iter().zip(binds).map(|(attempt, (_, words))| {
        let elapsed = attempt.bind.as_ref().map(|exchange| format!(" {}", milliseconds(exchange.elapsed_us)));
        format!("RPC bind {}: {words}{}", attempt.address, elapsed.unwrap_or_default())
    });
    lines.collect::<Vec<_>>().join("; ")
}

fn quote_of_signs(signs: &[&SignOfLife]) -> String {
    signs.iter().map(|sign| quote_of_sign(sign)).collect::<Vec<_>>().join("; ")
}

pub(super) fn quote_of_sign(sign: &SignOfLife) -> String {
    let (question, outcome) = match (sign.method, &sign.outcome) {
        (LifeMethod::Icmp, Outcome::Received { .. }) => (format!("ICMP {}", sign.address), "echo reply".to_owned()),
        (LifeMethod::Icmp, outcome) => (format!("ICMP {}", sign.address), words(outcome)),
        (LifeMethod::Tcp { port }, outcome) => (format!("TCP {}", SocketAddr::new(sign.address, port)), words(outcome)),
    };
    format!("{question}: {outcome} {}", milliseconds(sign.elapsed_us))
}
