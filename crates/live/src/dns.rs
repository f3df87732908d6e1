//! One DNS question to one resolver: over UDP, sent again while it stays silent, over TCP if the answer is cut. After SERVFAIL
//! it is put without the resolver's checks, which tells a zone that fails validation from a server that fails.

use std::net::SocketAddr;

use jiff::Timestamp;
use kmsdoctor_wire::dns::{Query, RecordType, Response, ResponseCode};
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::transcript::{DnsQuestion, Exchange, Outcome, Transport};
use tokio::time::Instant;

use crate::context::{Context, Kind};
use crate::outcome::microseconds;
use crate::{tcp, udp};

/// A datagram may get lost: the question is sent so often, in equal parts of its time. Where every tenth packet gets lost,
/// 2 of them would leave 1 question in 28 without an answer; of 4 it is 1 in 767.
const SENDS: u32 = 4;

/// Length prefix and the longest DNS message (RFC 1035 section 4.2.2).
const STREAM_BYTES_MAX: usize = 2 + 65_535;

/// A question that was asked.
#[derive(Debug)]
pub(crate) struct Asked {
    /// When it was first sent.
    pub(crate) started_at: Timestamp,
    /// For the transcript.
    pub(crate) question: DnsQuestion,
    /// The answer to go on with, where one came that can be read.
    pub(crate) response: Option<Response>,
}

/// Asks; `None` when the time of the run was over before.
pub(crate) async fn ask(context: &Context, server: SocketAddr, query: Query) -> Option<Asked> {
    let _permit = context.enter(Kind::Question).await?;
    let started_at = Timestamp::now();
    let (mut exchanges, mut response) = exchange(context, server, &query).await?;
    let mut unchecked = Vec::new();
    if fails(response.as_ref()) {
        let answer;
        let bare = Query { id: unguessable_id(), checking_disabled: true, ..query.clone() };
        (unchecked, answer) = exchange(context, server, &bare).await?;
        if answer.is_some() && !fails(answer.as_ref()) {
            // A server that failed for a moment answers now; where validation is to blame it fails again.
            let (again, answer) = exchange(context, server, &query).await?;
            exchanges.extend(again);
            response = answer.or(response);
        }
    }
    let Query { name, record_type, .. } = query;
    let question = DnsQuestion { server, name, record_type: record_type.to_string(), exchanges, unchecked };
    Some(Asked { started_at, question, response })
}

fn fails(response: Option<&Response>) -> bool {
    response.is_some_and(|response| response.code == ResponseCode::ServerFailure)
}

/// Every try of one question, and the answer where one came. `Query::new` has accepted the name, so that only a message of
/// impossible size makes this `None`.
async fn exchange(context: &Context, server: SocketAddr, query: &Query) -> Option<(Vec<Exchange>, Option<Response>)> {
    let message = query.encode().ok()?;
    let mut exchanges = over_udp(context, server, query, &message).await;
    let mut response = exchanges.last().and_then(read);
    if response.as_ref().is_some_and(|response| response.truncated) {
        let exchange = over_tcp(context, server, query, &message).await;
        // A resolver that does not answer over TCP leaves us with the part that came.
        response = read(&exchange).or(response);
        exchanges.push(exchange);
    }
    Some((exchanges, response))
}

/// A new question with an unguessable id; `None` for what is no DNS name.
pub(crate) fn query(name: &str, record_type: RecordType) -> Option<Query> {
    Query::new(unguessable_id(), name, record_type).ok()
}

fn unguessable_id() -> u16 {
    let [high, low, ..] = crate::context::unguessable().to_be_bytes();
    u16::from_be_bytes([high, low])
}

async fn over_udp(context: &Context, server: SocketAddr, query: &Query, message: &[u8]) -> Vec<Exchange> {
    let started = Instant::now();
    let exchange = |started: Instant, outcome| Exchange {
        transport: Transport::Udp,
        sent: Hex(message.to_vec()),
        outcome,
        elapsed_us: microseconds(started.elapsed()),
    };
    let socket = match udp::connect(server).await {
        Ok(socket) => socket,
        Err(outcome) => return vec![exchange(started, outcome)],
    };
    let time = context.exchange_end() - started;
    let mut exchanges = Vec::new();
    for end in (1..=SENDS).map(|sent| started + time * sent / SENDS) {
        let started = Instant::now();
        let outcome = udp::exchange(&socket, message, end, |bytes| is_answer(bytes, query)).await;
        let silent = outcome == Outcome::TimedOut;
        exchanges.push(exchange(started, outcome));
        if !silent {
            break;
        }
    }
    exchanges
}

async fn over_tcp(context: &Context, server: SocketAddr, query: &Query, message: &[u8]) -> Exchange {
    let started = Instant::now();
    let end = context.exchange_end();
    let outcome = match (tcp::connect(server, end).await, u16::try_from(message.len())) {
        (Err(outcome), _) => outcome,
        (Ok(stream), length) => {
            let framed = [&length.unwrap_or(u16::MAX).to_be_bytes(), message].concat();
            match tcp::exchange(stream, &framed, end, STREAM_BYTES_MAX, framed_length).await {
                Outcome::Received { data } => unframe(data, query),
                Outcome::Closed { data } => Outcome::Closed { data: Hex(data.0.get(2..).unwrap_or_default().to_vec()) },
                other => other,
            }
        }
    };
    let elapsed_us = microseconds(started.elapsed());
    Exchange { transport: Transport::Tcp, sent: Hex(message.to_vec()), outcome, elapsed_us }
}

fn framed_length(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|&length| 2 + usize::from(u16::from_be_bytes(length)))
}

/// The message without its length. One that answers another question counts as silence.
fn unframe(Hex(mut data): Hex, query: &Query) -> Outcome {
    data.drain(..data.len().min(2));
    if is_answer(&data, query) { Outcome::Received { data: Hex(data) } } else { Outcome::TimedOut }
}

/// Whether to stop waiting: a message that answers the question, or an unreadable one with its id, which is evidence.
fn is_answer(bytes: &[u8], query: &Query) -> bool {
    match Response::decode(bytes) {
        Ok(response) => response.is_answer_to(query),
        Err(_) => bytes.first_chunk() == Some(&query.id.to_be_bytes()),
    }
}

fn read(exchange: &Exchange) -> Option<Response> {
    match &exchange.outcome {
        Outcome::Received { data } => Response::decode(&data.0).ok(),
        _ => None,
    }
}
