//! Linux: TCP connections with few hops to pass. What routers say of them comes through the sockets' error queues, without
//! any privilege.

use std::io;
use std::net::SocketAddr;

use kmsdoctor_wire::transcript::{HopAnswer, TraceMethod};
use tokio::time::Instant;

use super::Heard;
use crate::linux::{self, Icmp};

pub(super) const METHOD: TraceMethod = TraceMethod::Tcp;

/// What a connection that may pass so many hops comes to. Nothing is ever sent on it.
pub(super) async fn ask(address: SocketAddr, hops: u8, _: Instant) -> Heard {
    let Ok(socket) = linux::socket(address, Some(hops)) else { return Heard::NotPermitted };
    // This machine itself knows no way, here and below.
    let Ok(socket) = linux::begin(socket, address) else { return Heard::Nothing };
    // It is ready when the connection is open or has failed.
    if socket.writable().await.is_err() {
        return Heard::Nothing;
    }
    let own = socket.local_addr().map(|address| address.ip());
    match linux::icmp(&socket) {
        Some(icmp) if own.is_ok_and(|own| own == icmp.from) => return Heard::Nothing,
        Some(Icmp { from, message_type, code }) => {
            return Heard::Answer(HopAnswer::Icmp { from, message_type, code });
        }
        None => {}
    }
    match socket.take_error() {
        Ok(None) => Heard::Answer(HopAnswer::Arrived),
        Ok(Some(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Heard::Answer(HopAnswer::Arrived),
        Ok(Some(_)) | Err(_) => Heard::Nothing,
    }
}
