//! One connection: open it, say one thing, hear one thing, close it.

#[cfg(target_os = "linux")]
#[path = "tcp/linux.rs"]
mod system;

use std::io;
use std::net::SocketAddr;

use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::transcript::Outcome;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::outcome;

/// Bytes taken from the system at once.
const CHUNK_BYTES: usize = 2048;

/// Opens a connection, or says why there is none, with everything that the system tells of that.
#[cfg(target_os = "linux")]
pub(crate) use system::connect;

/// Opens a connection, or says why there is none, with as few calls as that takes: a sweep opens many.
pub(crate) async fn open(address: SocketAddr, end: Instant) -> Result<TcpStream, Outcome> {
    match timeout_at(end, TcpStream::connect(address)).await {
        Ok(connected) => connected.map_err(|error| outcome::of_stream(&error)),
        Err(_) => Err(Outcome::TimedOut),
    }
}

/// Elsewhere the system tells no more.
#[cfg(not(target_os = "linux"))]
pub(crate) use open as connect;

/// Sends `message` and reads until `whole` says that the answer is complete: it returns the length of the whole message
/// once the bytes so far tell it. At most `bytes_max` are read. The connection is closed afterwards.
pub(crate) async fn exchange(
    mut stream: TcpStream,
    message: &[u8],
    end: Instant,
    bytes_max: usize,
    whole: impl Fn(&[u8]) -> Option<usize>,
) -> Outcome {
    let mut data = Vec::new();
    let finished = timeout_at(end, talk(&mut stream, message, &mut data, bytes_max, whole)).await;
    let came = Hex(data);
    match finished {
        Ok(Ok(false)) => Outcome::Closed { data: came },
        Ok(Err(error)) => match outcome::of_stream(&error) {
            // Bytes before a reset say more than the reset.
            Outcome::Reset if !came.0.is_empty() => Outcome::Closed { data: came },
            other => other,
        },
        Err(_) if came.0.is_empty() => Outcome::TimedOut,
        // Whole, or what came before the deadline.
        Ok(Ok(true)) | Err(_) => Outcome::Received { data: came },
    }
}

/// `true` for a whole answer, `false` when the peer closed before it.
async fn talk(
    stream: &mut TcpStream,
    message: &[u8],
    data: &mut Vec<u8>,
    bytes_max: usize,
    whole: impl Fn(&[u8]) -> Option<usize>,
) -> io::Result<bool> {
    stream.write_all(message).await?;
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        if whole(data).is_some_and(|length| data.len() >= length) || data.len() >= bytes_max {
            return Ok(true);
        }
        let room = CHUNK_BYTES.min(bytes_max - data.len());
        match stream.read(&mut chunk[..room]).await? {
            // Some systems (Wine) report a reset as an end of stream; the connection is gone all the same.
            0 if stream.peer_addr().is_err() => return Err(io::ErrorKind::ConnectionReset.into()),
            0 => return Ok(false),
            length => data.extend_from_slice(&chunk[..length]),
        }
    }
}
