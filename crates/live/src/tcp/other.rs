//! Elsewhere the system says by itself what it keeps back (Windows: WSAEACCES), or never.

use std::net::SocketAddr;

use kmsdoctor_wire::transcript::Outcome;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::outcome;

pub(super) async fn connect(address: SocketAddr, end: Instant) -> Result<TcpStream, Outcome> {
    match timeout_at(end, TcpStream::connect(address)).await {
        Ok(connected) => connected.map_err(|error| outcome::of_stream(&error)),
        Err(_) => Err(Outcome::TimedOut),
    }
}
