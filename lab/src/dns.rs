//! One DNS question over UDP, asked from inside a namespace.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::str::FromStr;
use std::time::Duration;

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};

use crate::error::{LabError, Result};
use crate::namespace::Namespace;

/// The largest answer without EDNS (RFC 1035 section 4.2.1); the lab's zones stay below it.
const UDP_SIZE_MAX: usize = 512;

/// Asks `server` once and returns its answer, or fails after `limit`.
pub fn ask(
    namespace: &Namespace,
    server: SocketAddr,
    name: &str,
    record_type: RecordType,
    limit: Duration,
) -> Result<Message> {
    let subject = || format!("DNS question to {server} for {name} {record_type}");
    let wire = |detail: String| LabError::Wire { subject: subject(), detail };
    let mut query = Message::query();
    let name = Name::from_str(name).map_err(|error| wire(error.to_string()))?;
    query.add_query(Query::query(name, record_type));
    let question = query.to_vec().map_err(|error| wire(error.to_string()))?;
    let socket = namespace.enter(|| UdpSocket::bind(("0.0.0.0", 0)).map_err(LabError::io("open a UDP socket")))?;
    let io = || LabError::io(subject());
    socket.set_read_timeout(Some(limit)).map_err(io())?;
    socket.connect(server).map_err(io())?;
    socket.send(&question).map_err(io())?;
    let mut buffer = [0; UDP_SIZE_MAX];
    let length = receive(&socket, &mut buffer).map_err(io())?;
    let answer = Message::from_vec(&buffer[..length]).map_err(|error| wire(error.to_string()))?;
    if answer.metadata.id != query.metadata.id {
        return Err(wire("the answer has another id".into()));
    }
    Ok(answer)
}

/// Receives one datagram. A wait with a limit does not go on by itself after the process was stopped (signal(7)).
pub(crate) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match socket.recv(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            received => return received,
        }
    }
}
