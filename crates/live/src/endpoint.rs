//! One address of a KMS host: connect, bind, close; and where that fails, what lies behind it.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;

use jiff::Timestamp;
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::rpc;
use kmsdoctor_wire::transcript::{ConnectionAttempt, Exchange, LifeMethod, Outcome, Transport};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::context::{Context, Kind};
use crate::outcome::microseconds;
use crate::{life, tcp, trace};

/// The bind is the first and only call on its connection.
const CALL_ID: u32 = 1;

/// What lies behind silence is asked while there is still time: after this part of it.
const ASK_BESIDE_AFTER_PART: u32 = 3;

/// A port on which nothing listens: that of tcpmux, which is historic (RFC 7805).
const CONTROL_PORT: u16 = 1;

/// One try, and what lies behind its failure; `None` when the time of the run was over before.
pub(crate) async fn attempt(context: &Context, address: SocketAddr) -> Option<(Timestamp, ConnectionAttempt)> {
    let _permit = context.enter(Kind::Endpoint).await?;
    let started_at = Timestamp::now();
    // Linux calls it a failure of this machine when a router says of IPv6 that it is prohibited.
    let has_no_way = |(connected, _): &Connected| {
        matches!(
            connected,
            Err(Outcome::TimedOut | Outcome::KeptBack | Outcome::Unreachable { .. } | Outcome::Failed { .. })
        )
    };
    let ((connected, connect_us), trace) =
        with_beside(context, connect(context, address), has_no_way, trace::ask(context, address)).await;
    let mut attempt = ConnectionAttempt { trace, ..ConnectionAttempt::new(address, Outcome::Connected, connect_us) };
    match connected {
        Ok(stream) => {
            let leads_nowhere = |exchange: &Exchange| match &exchange.outcome {
                Outcome::Closed { data } => data.0.is_empty(),
                outcome => matches!(outcome, Outcome::TimedOut | Outcome::Reset),
            };
            let control = life::ask(context, address.ip(), LifeMethod::Tcp { port: CONTROL_PORT });
            let (exchange, control) = with_beside(context, bind(context, stream), leads_nowhere, control).await;
            (attempt.bind, attempt.control) = (Some(exchange), control);
        }
        Err(outcome) => attempt.connect = outcome,
    }
    Some((started_at, attempt))
}

/// One try, now, and nothing beside it. It ends with a reset, as those of other scanners do: no goodbye to wait for on either
/// side, and no port that stays taken for a minute, of which a sweep would take thousands.
pub(crate) async fn ask(context: &Context, address: SocketAddr) -> ConnectionAttempt {
    let started = Instant::now();
    let connected = tcp::open(address, context.exchange_end()).await;
    let mut attempt = ConnectionAttempt::new(address, Outcome::Connected, microseconds(started.elapsed()));
    match connected {
        Ok(stream) => {
            // Where the system does not know the option the connection ends in the usual way.
            let _ = stream.set_zero_linger();
            attempt.bind = Some(bind(context, stream).await);
        }
        Err(outcome) => attempt.connect = outcome,
    }
    attempt
}

/// Whether something answered the bind, so that further signs of life say nothing new.
pub(crate) fn proves_life(attempt: &ConnectionAttempt) -> bool {
    let outcome = attempt.bind.as_ref().map(|exchange| &exchange.outcome);
    matches!(outcome, Some(Outcome::Received { .. }))
}

/// A connection or why there is none, and the microseconds that it took.
type Connected = (Result<TcpStream, Outcome>, u64);

async fn connect(context: &Context, address: SocketAddr) -> Connected {
    let started = Instant::now();
    let connected = tcp::connect(address, context.exchange_end()).await;
    (connected, microseconds(started.elapsed()))
}

async fn bind(context: &Context, stream: TcpStream) -> Exchange {
    let (message, started) = (rpc::encode_bind(CALL_ID), Instant::now());
    let end = context.exchange_end();
    let outcome = tcp::exchange(stream, &message, end, rpc::REPLY_BYTES_MAX, rpc::expected_length).await;
    Exchange { transport: Transport::Tcp, sent: Hex(message), outcome, elapsed_us: microseconds(started.elapsed()) }
}

/// What a question came to and, where it `fails`, what is behind that. `behind` is asked when the question has failed, or
/// beside it when it stays silent: afterwards there would be no time.
async fn with_beside<T, B>(
    context: &Context,
    question: impl Future<Output = T>,
    fails: impl Fn(&T) -> bool,
    behind: impl Future<Output = Option<B>>,
) -> (T, Option<B>) {
    let now = Instant::now();
    let patience = now + (context.exchange_end() - now) / ASK_BESIDE_AFTER_PART;
    let (mut question, mut behind) = (pin!(question), pin!(behind));
    let (came, found) = if let Ok(came) = timeout_at(patience, &mut question).await {
        (came, None)
    } else {
        tokio::select! {
            came = &mut question => (came, None),
            found = &mut behind => (question.await, Some(found)),
        }
    };
    match (fails(&came), found) {
        (false, _) => (came, None),
        (true, Some(found)) => (came, found),
        (true, None) => {
            let found = behind.await;
            (came, found)
        }
    }
}
