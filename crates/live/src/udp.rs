//! One datagram out, the datagram that answers it in.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::transcript::Outcome;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::outcome;

/// Largest datagram that is taken in; no UDP payload is larger.
const DATAGRAM_BYTES_MAX: usize = 65_535;

/// A socket on a random port that hears only `peer`.
pub(crate) async fn connect(peer: SocketAddr) -> Result<UdpSocket, Outcome> {
    let any: SocketAddr = match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await.map_err(|error| outcome::of_datagram(&error))?;
    socket.connect(peer).await.map_err(|error| outcome::of_datagram(&error))?;
    Ok(socket)
}

/// Sends `message` and waits until `end` for a datagram that `is_answer` accepts. All others are strays: they neither
/// count nor prolong the wait.
pub(crate) async fn exchange(
    socket: &UdpSocket,
    message: &[u8],
    end: Instant,
    mut is_answer: impl FnMut(&[u8]) -> bool,
) -> Outcome {
    let receive = async {
        socket.send(message).await?;
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        loop {
            let length = socket.recv(&mut buffer).await?;
            if is_answer(&buffer[..length]) {
                buffer.truncate(length);
                return Ok(buffer);
            }
        }
    };
    match timeout_at(end, receive).await {
        Ok(Ok(data)) => Outcome::Received { data: Hex(data) },
        Ok(Err(error)) => outcome::of_datagram(&error),
        Err(_) => Outcome::TimedOut,
    }
}
