//! A TCP server in place of a KMS host: it acknowledges a bind and no more, or misbehaves in a chosen way.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::rpc::{self, HEADER_BYTES, Interface, MESSAGE_BYTES_MAX};

/// How long a connection may be idle.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Messages of one connection that are answered. The first is a bind, and nobody needs more than to see that the next is
/// refused.
const MESSAGES_MAX: usize = 4;
/// Pause after connections that cannot be accepted, for want of files, say.
const REFUSED_FOR: Duration = Duration::from_millis(10);

/// What an HTTP server says to bytes that are no HTTP.
const HTTP_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// How it treats a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// A bind is acknowledged, everything after it gets a fault.
    Acknowledge,
    /// A bind is answered; the interface that it asks for is not known.
    RejectInterface,
    /// A web server.
    AnswerHttp,
    /// The connection is reset when the first bytes come.
    Reset,
    /// The connection is closed when the first bytes come.
    Close,
    /// Bytes are read and never answered.
    StaySilent,
}

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, behaviour: Behaviour) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(timeout(IDLE_MAX, treat(stream, behaviour)));
            }
            Err(_) => tokio::time::sleep(REFUSED_FOR).await,
        }
    }
}

/// Treats one connection. An error means that the peer has gone, which is its right.
async fn treat(mut stream: TcpStream, behaviour: Behaviour) -> io::Result<()> {
    let interface = match behaviour {
        Behaviour::Acknowledge => Interface::Known,
        Behaviour::RejectInterface => Interface::Unknown,
        Behaviour::StaySilent => {
            let mut bytes = [0; 1024];
            while stream.read(&mut bytes).await? > 0 {}
            return Ok(());
        }
        Behaviour::AnswerHttp | Behaviour::Reset | Behaviour::Close => {
            let read = stream.read(&mut [0; 1024]).await?;
            if behaviour == Behaviour::AnswerHttp && read > 0 {
                stream.write_all(HTTP_ANSWER).await?;
            } else if behaviour == Behaviour::Reset {
                stream.set_zero_linger()?;
            }
            return Ok(());
        }
    };
    for number in 0..MESSAGES_MAX {
        let Some(message) = message(&mut stream).await? else { return Ok(()) };
        let answer = if number == 0 { rpc::answer(&message, interface) } else { rpc::fault(&message) };
        stream.write_all(&answer).await?;
    }
    Ok(())
}

/// The next message; `None` for the end of the connection, and for what is no RPC message.
async fn message(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; 128];
    let mut filled = 0;
    loop {
        if let Some(header) = bytes[..filled].first_chunk::<HEADER_BYTES>() {
            let Some(length) = rpc::message_bytes(header) else { return Ok(None) };
            if filled >= length {
                bytes.truncate(length);
                return Ok(Some(bytes));
            }
            if bytes.len() < length {
                bytes.resize(length.min(MESSAGE_BYTES_MAX), 0);
            }
        }
        match stream.read(&mut bytes[filled..]).await? {
            0 => return Ok(None),
            read => filled += read,
        }
    }
}
