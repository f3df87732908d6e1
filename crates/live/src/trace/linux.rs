//! Linux: TCP connections with few hops to pass. What routers say of them comes through the sockets' error queues
//! (`IP_RECVERR`, ip(7)), without any privilege.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;

use kmsdoctor_wire::transcript::{HopAnswer, TraceMethod};
use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::Heard;

pub(super) const METHOD: TraceMethod = TraceMethod::Tcp;

/// What a connection that may pass so many hops comes to. Nothing is ever sent on it.
pub(super) async fn ask(address: SocketAddr, hops: u8, _: Instant) -> Heard {
    let Ok(socket) = begin(address, hops) else { return Heard::NotPermitted };
    // It is ready when the connection is open or has failed.
    if socket.writable().await.is_err() {
        return Heard::Nothing;
    }
    if let Some(answer) = icmp(&socket) {
        return Heard::Answer(answer);
    }
    match socket.take_error() {
        Ok(None) => Heard::Answer(HopAnswer::Arrived),
        Ok(Some(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Heard::Answer(HopAnswer::Arrived),
        // This machine itself found no way.
        Ok(Some(_)) | Err(_) => Heard::Nothing,
    }
}

fn begin(address: SocketAddr, hops: u8) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv4() {
        socket.set_ttl_v4(hops.into())?;
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
    } else {
        socket.set_unicast_hops_v6(hops.into())?;
        setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?;
    }
    // What becomes of it shows later.
    let _ = socket.connect(&address.into());
    TcpStream::from_std(socket.into())
}

/// The ICMP message that ended the connection.
fn icmp(socket: &TcpStream) -> Option<HopAnswer> {
    let mut quoted = [0; 64];
    let mut quoted = [IoSliceMut::new(&mut quoted)];
    let mut control = nix::cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut quoted, Some(&mut control), flags).ok()?;
    message.cmsgs().ok()?.find_map(|message| {
        let (error, from) = match message {
            ControlMessageOwned::Ipv4RecvErr(error, Some(from)) => {
                (error, Ipv4Addr::from(u32::from_be(from.sin_addr.s_addr)).into())
            }
            ControlMessageOwned::Ipv6RecvErr(error, Some(from)) => {
                (error, Ipv6Addr::from(from.sin6_addr.s6_addr).into())
            }
            _ => return None,
        };
        // Errors of this machine's own stand in the queue as well.
        let is_icmp = [libc::SO_EE_ORIGIN_ICMP, libc::SO_EE_ORIGIN_ICMP6].contains(&error.ee_origin);
        is_icmp.then_some(HopAnswer::Icmp { from, message_type: error.ee_type, code: error.ee_code })
    })
}
