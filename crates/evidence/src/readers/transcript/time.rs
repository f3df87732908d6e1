//! Time sources of a live run.

use std::time::Duration;

use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value, Why};
use kmsdoctor_wire::sntp::{self, Reply};
use kmsdoctor_wire::transcript::{Exchange, Outcome, TimeQuestion};

use super::{milliseconds, words};
use crate::sink::Sink;

/// Stratum from which a server calls itself unsynchronised (RFC 5905 figure 11).
const STRATUM_UNSYNCHRONISED: u8 = 16;

/// Leap indicator of a server whose clock is not synchronised (RFC 5905 figure 9).
const LEAP_UNSYNCHRONISED: u8 = 3;

/// A clock that is slewed differs less than this from the time that really passes during a question.
const CLOCK_JUMP_S: f64 = 1.0;

/// Facts of one SNTP question.
pub(super) fn read(question: &TimeQuestion, sink: &mut Sink<'_>) {
    let source = Subject::new(SubjectKind::TimeSource, &question.source);
    let (outcome, measured, said) = judge(question);
    let at = question.address.map_or_else(String::new, |address| format!(" @{address}"));
    let elapsed = question.exchange.as_ref().map(|exchange| format!(" {}", milliseconds(exchange.elapsed_us)));
    let quote = format!("SNTP {}{at}: {said}{}", question.source, elapsed.unwrap_or_default());
    let state = match outcome {
        Ok(word) => {
            let word = Key::ClockOutcome.word(word);
            word.map_or(State::Unknown(Why::Unreadable), |word| State::Present(Value::Word(word)))
        }
        Err(why) => State::Unknown(why),
    };
    sink.exchange(&source, Key::ClockOutcome, state, &quote);
    if let Some(Measured { offset_s, bound_s }) = measured {
        sink.exchange(&source, Key::ClockOffset, State::Present(Value::Seconds(offset_s)), &quote);
        sink.exchange(&source, Key::ClockBound, State::Present(Value::Seconds(bound_s)), &quote);
    } else if has_answer(question) {
        // It says something, and not what time it is.
        sink.exchange(&source, Key::ClockOffset, State::Unknown(Why::Unreadable), &quote);
    }
}

fn has_answer(question: &TimeQuestion) -> bool {
    question.exchange.as_ref().is_some_and(|exchange| matches!(exchange.outcome, Outcome::Received { .. }))
}

/// Source minus local clock, and by how much that may be wrong.
struct Measured {
    offset_s: f64,
    bound_s: f64,
}

/// Outcome, what was measured, and the same in words.
type Judged = (Result<&'static str, Why>, Option<Measured>, String);

fn judge(question: &TimeQuestion) -> Judged {
    let Some(exchange) = &question.exchange else {
        return match question.address {
            None => (Ok("unresolved"), None, "the name has no address".to_owned()),
            Some(_) => (Err(Why::NoAnswer), None, "not asked".to_owned()),
        };
    };
    let outcome = match &exchange.outcome {
        Outcome::Received { data } => return answered(question, exchange, &data.0),
        Outcome::TimedOut => Ok("timeout"),
        Outcome::Refused => Ok("refused"),
        Outcome::Unreachable { .. } => Ok("unreachable"),
        Outcome::Failed { .. } | Outcome::KeptBack => Err(Why::NotPermitted),
        Outcome::Connected | Outcome::Reset | Outcome::Closed { .. } => Err(Why::NoAnswer),
    };
    (outcome, None, words(&exchange.outcome))
}

fn answered(question: &TimeQuestion, exchange: &Exchange, data: &[u8]) -> Judged {
    let reply = sntp::decode_nonce(&exchange.sent.0).and_then(|nonce| sntp::decode_reply(data, nonce));
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => return (Err(Why::Unreadable), None, error.to_string()),
    };
    match (reply.receive, reply.transmit) {
        (Some(_), Some(_)) if is_synchronised(&reply) && was_set(question, exchange) => {
            (Err(Why::Unreadable), None, "the local clock was set during the question".to_owned())
        }
        (Some(receive), Some(transmit)) if is_synchronised(&reply) => {
            let (offset_s, delay_s) = sntp::offset_and_delay(question.sent_at, receive, transmit, question.received_at);
            let said = format!("offset {offset_s:+.6} s, delay {delay_s:.6} s, stratum {}", reply.stratum);
            // The answer may have spent all of its time on one way (RFC 5905 section 8).
            let bound_s = delay_s.max(0.0) / 2.0;
            (Ok("answered"), Some(Measured { offset_s, bound_s }), said)
        }
        _ => (Ok("unsynchronised"), None, unsynchronised(&reply)),
    }
}

/// Whether the local clock jumped: it shows another time for the question than the one that it took.
fn was_set(question: &TimeQuestion, exchange: &Exchange) -> bool {
    let shown = question.received_at.duration_since(question.sent_at).as_secs_f64();
    let took = Duration::from_micros(exchange.elapsed_us).as_secs_f64();
    (shown - took).abs() > CLOCK_JUMP_S
}

/// A server that does not know the time itself proves nothing about ours.
fn is_synchronised(reply: &Reply) -> bool {
    reply.leap != LEAP_UNSYNCHRONISED && (1..STRATUM_UNSYNCHRONISED).contains(&reply.stratum)
}

fn unsynchronised(reply: &Reply) -> String {
    match &reply.kiss_code {
        Some(code) if !code.is_empty() => format!("no time, the server says {code}"),
        _ => format!("server not synchronised (leap {}, stratum {})", reply.leap, reply.stratum),
    }
}
