//! TCP servers for the KMS port: one that acknowledges a bind, and those that a client may meet instead.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use rustix::net::{Shutdown, shutdown};

use crate::error::{LabError, Result};
use crate::namespace::Namespace;
use crate::rpc::{HEADER_LENGTH, Header, Interfaces, PduLog, answer};
use crate::serve::{Server, Stop};

/// What an HTTP server says to bytes that are no HTTP.
const HTTP_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\nServer: lab\r\nContent-Type: text/plain\r\n\
    Content-Length: 12\r\nConnection: close\r\n\r\nBad Request\n";

/// How a server treats a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// RPC: a bind is acknowledged for every interface, everything after it gets a fault.
    AcknowledgeBind,
    /// RPC: a bind is answered, but no interface that it asks for is known.
    RejectInterface,
    /// An HTTP server.
    AnswerHttp,
    /// The connection is reset as soon as it is open.
    ResetOnAccept,
    /// The connection is reset when the first bytes arrive.
    ResetOnData,
    /// The connection is closed as soon as it is open.
    CloseOnAccept,
    /// Bytes are read and never answered.
    StaySilent,
}

/// A listening server; it ends on drop and its port refuses connections then.
#[derive(Debug)]
pub struct TcpServer {
    _server: Server,
}

impl TcpServer {
    /// Listens when this returns. Every RPC PDU received is recorded in `log`.
    pub fn start(namespace: &Namespace, address: SocketAddr, behaviour: Behaviour, log: &PduLog) -> Result<Self> {
        let listener =
            namespace.enter(|| TcpListener::bind(address).map_err(LabError::io(format!("listen on {address}"))))?;
        let log = log.clone();
        let server = Server::spawn(move |stop| accept_all(&listener, behaviour, &log, stop))?;
        Ok(Self { _server: server })
    }
}

fn accept_all(listener: &TcpListener, behaviour: Behaviour, log: &PduLog, stop: &Stop) {
    // The scope joins every connection's thread: they see the same signal to stop.
    thread::scope(|scope| {
        while stop.wait_readable(listener.as_fd()) {
            if let Ok((stream, _)) = listener.accept() {
                scope.spawn(move || serve(&stream, behaviour, log, stop));
            }
        }
    });
    // A program that another trial is just starting has a copy of the socket until it runs: closing alone would leave the
    // port taken until then. Fails only on a broken descriptor.
    let _ = shutdown(listener, Shutdown::Both);
}

fn serve(stream: &TcpStream, behaviour: Behaviour, log: &PduLog, stop: &Stop) {
    match behaviour {
        Behaviour::AcknowledgeBind => serve_rpc(stream, Interfaces::Known, log, stop),
        Behaviour::RejectInterface => serve_rpc(stream, Interfaces::Unknown, log, stop),
        Behaviour::AnswerHttp => {
            if read_some(stream, log, stop) {
                // A peer that has gone already is no fault of this server.
                let _ = (&mut &*stream).write_all(HTTP_ANSWER);
            }
        }
        Behaviour::ResetOnAccept => reset_on_close(stream),
        Behaviour::ResetOnData => {
            if read_some(stream, log, stop) {
                reset_on_close(stream);
            }
        }
        Behaviour::CloseOnAccept => {}
        Behaviour::StaySilent => while read_some(stream, log, stop) {},
    }
}

fn serve_rpc(stream: &TcpStream, interfaces: Interfaces, log: &PduLog, stop: &Stop) {
    let mut first = true;
    let mut bytes = [0; HEADER_LENGTH];
    while stop.read_exact(stream, &mut bytes) {
        // Recorded whatever it is: what is no PDU must not go unseen either.
        log.record(bytes[2]);
        let Some(header) = Header::read(&bytes) else {
            return;
        };
        // At most 64 KiB: the length is a 16-bit field.
        let mut body = vec![0; header.fragment_length - HEADER_LENGTH];
        if !stop.read_exact(stream, &mut body) {
            return;
        }
        let answer = answer(header, &body, first, interfaces);
        if (&mut &*stream).write_all(&answer).is_err() {
            return;
        }
        first = false;
    }
}

/// Reads what is there and records it if it begins with an RPC header; false when the peer has finished.
fn read_some(mut stream: &TcpStream, log: &PduLog, stop: &Stop) -> bool {
    let mut buffer = [0; 4096];
    if !stop.wait_readable(stream.as_fd()) {
        return false;
    }
    match stream.read(&mut buffer) {
        Ok(0) | Err(_) => false,
        Ok(_) => {
            if let Some(header) = buffer.first_chunk().and_then(Header::read) {
                log.record(header.pdu_type);
            }
            true
        }
    }
}

/// Makes the close that follows send RST instead of FIN (socket(7), `SO_LINGER` with a time of zero).
fn reset_on_close(stream: &TcpStream) {
    // Fails only on a broken descriptor; the trial that expects a reset would show it.
    let _ = set_socket_linger(stream, Some(Duration::ZERO));
}
