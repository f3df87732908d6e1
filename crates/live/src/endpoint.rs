//! One address of a KMS host: connect, bind, close.

use std::net::SocketAddr;

use jiff::Timestamp;
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::rpc;
use kmsdoctor_wire::transcript::{ConnectionAttempt, Exchange, Outcome, Transport};
use tokio::time::Instant;

use crate::context::{Context, Kind};
use crate::outcome::microseconds;
use crate::tcp;

/// The bind is the first and only call on its connection.
const CALL_ID: u32 = 1;

/// One try; `None` when the time of the run was over before.
pub(crate) async fn attempt(context: &Context, address: SocketAddr) -> Option<(Timestamp, ConnectionAttempt)> {
    let _permit = context.enter(Kind::Endpoint).await?;
    Some(ask(context, address).await)
}

/// One try, now.
pub(crate) async fn ask(context: &Context, address: SocketAddr) -> (Timestamp, ConnectionAttempt) {
    let (started_at, started) = (Timestamp::now(), Instant::now());
    let connected = tcp::connect(address, context.exchange_end()).await;
    let connect_us = microseconds(started.elapsed());
    let (connect, bind) = match connected {
        Ok(stream) => {
            let (message, started) = (rpc::encode_bind(CALL_ID), Instant::now());
            let end = context.exchange_end();
            let outcome = tcp::exchange(stream, &message, end, rpc::REPLY_BYTES_MAX, rpc::expected_length).await;
            let elapsed_us = microseconds(started.elapsed());
            let exchange = Exchange { transport: Transport::Tcp, sent: Hex(message), outcome, elapsed_us };
            (Outcome::Connected, Some(exchange))
        }
        Err(outcome) => (outcome, None),
    };
    (started_at, ConnectionAttempt { address, connect, connect_us, bind })
}

/// Whether something answered the bind, so that further signs of life say nothing new.
pub(crate) fn proves_life(attempt: &ConnectionAttempt) -> bool {
    let outcome = attempt.bind.as_ref().map(|exchange| &exchange.outcome);
    matches!(outcome, Some(Outcome::Received { .. }))
}
