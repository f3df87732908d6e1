//! One SNTP question to one address of a time source.

use std::net::SocketAddr;

use jiff::Timestamp;
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::sntp;
use kmsdoctor_wire::transcript::{Exchange, Outcome, TimeQuestion, Transport};
use tokio::time::Instant;

use crate::context::{Context, Kind, unguessable};
use crate::outcome::microseconds;
use crate::udp;

/// A datagram may get lost: the question is sent again after this part of its time.
const RESEND_AFTER_PART: u32 = 3;

/// One request. Each has its own nonce, so that an answer tells which of them it belongs to.
struct Sent {
    nonce: u64,
    message: Vec<u8>,
    at: Timestamp,
    started: Instant,
}

/// Asks; `None` when the time of the run was over before. The transcript holds the request that was answered, or the
/// last one.
pub(crate) async fn ask(context: &Context, source: String, address: SocketAddr) -> Option<TimeQuestion> {
    let _permit = context.enter(Kind::Question).await?;
    let end = context.exchange_end();
    let resend_at = Instant::now() + (end - Instant::now()) / RESEND_AFTER_PART;
    let mut requests = Vec::new();
    let mut outcome = Outcome::TimedOut;
    let mut answered = None;
    match udp::connect(address).await {
        Ok(socket) => {
            for end in [resend_at, end] {
                requests.push(request());
                let message = &requests[requests.len() - 1].message;
                let is_answer = |bytes: &[u8]| {
                    let index = requests.iter().position(|sent| sntp::decode_reply(bytes, sent.nonce).is_ok());
                    answered = index.map(|index| (index, Timestamp::now()));
                    index.is_some()
                };
                outcome = udp::exchange(&socket, message, end, is_answer).await;
                if outcome != Outcome::TimedOut {
                    break;
                }
            }
        }
        Err(refusal) => {
            requests.push(request());
            outcome = refusal;
        }
    }
    let (index, received_at) = answered.unwrap_or_else(|| (requests.len() - 1, Timestamp::now()));
    let sent = requests.swap_remove(index);
    let exchange = Exchange {
        transport: Transport::Udp,
        sent: Hex(sent.message),
        outcome,
        elapsed_us: microseconds(sent.started.elapsed()),
    };
    Some(TimeQuestion { source, address: Some(address), sent_at: sent.at, received_at, exchange: Some(exchange) })
}

fn request() -> Sent {
    let nonce = unguessable();
    Sent { nonce, message: sntp::encode_request(nonce).to_vec(), at: Timestamp::now(), started: Instant::now() }
}
