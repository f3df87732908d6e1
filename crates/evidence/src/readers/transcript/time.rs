//! Time sources of a live run.

use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value, Why};
use kmsdoctor_wire::sntp::{self, Reply};
use kmsdoctor_wire::transcript::{Exchange, Outcome, TimeQuestion};

use super::{milliseconds, words};
use crate::sink::Sink;

/// Stratum from which a server calls itself unsynchronised (RFC 5905 figure 11).
const STRATUM_UNSYNCHRONISED: u8 = 16;

/// Leap indicator of a server whose clock is not synchronised (RFC 5905 figure 9).
const LEAP_UNSYNCHRONISED: u8 = 3;

/// Facts of one SNTP question.
pub(super) fn read(question: &TimeQuestion, sink: &mut Sink<'_>) {
    let source = Subject::new(SubjectKind::TimeSource, &question.source);
    let (outcome, offset_s, said) = judge(question);
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
    if let Some(offset_s) = offset_s {
        sink.exchange(&source, Key::ClockOffset, State::Present(Value::Seconds(offset_s)), &quote);
    }
}

/// Outcome, offset in seconds (source minus local clock), and the same in words.
fn judge(question: &TimeQuestion) -> (Result<&'static str, Why>, Option<f64>, String) {
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
        Outcome::Failed { .. } => Err(Why::NotPermitted),
        Outcome::Connected | Outcome::Reset | Outcome::Closed { .. } => Err(Why::NoAnswer),
    };
    (outcome, None, words(&exchange.outcome))
}

fn answered(
    question: &TimeQuestion,
    exchange: &Exchange,
    data: &[u8],
) -> (Result<&'static str, Why>, Option<f64>, String) {
    let reply = sntp::decode_nonce(&exchange.sent.0).and_then(|nonce| sntp::decode_reply(data, nonce));
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => return (Err(Why::Unreadable), None, error.to_string()),
    };
    match (reply.receive, reply.transmit) {
        (Some(receive), Some(transmit)) if is_synchronised(&reply) => {
            let (offset_s, delay_s) = sntp::offset_and_delay(question.sent_at, receive, transmit, question.received_at);
            let said = format!("offset {offset_s:+.6} s, delay {delay_s:.6} s, stratum {}", reply.stratum);
            (Ok("answered"), Some(offset_s), said)
        }
        _ => (Ok("unsynchronised"), None, unsynchronised(&reply)),
    }
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
