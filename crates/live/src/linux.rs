//! Connections of which Linux tells more than whether they open: who ended them, and whether their packets got out at all.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};

use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, getsockopt, recvmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

/// An ICMP message that ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Icmp {
    /// Who sent it; this machine does so, too.
    pub(crate) from: IpAddr,
    pub(crate) message_type: u8,
    pub(crate) code: u8,
}

impl Icmp {
    /// Whether it forbids, as a firewall does: RFC 792 and RFC 1812 section 5.2.7.1; RFC 4443 section 3.1.
    pub(crate) fn forbids(self) -> bool {
        match (self.from.is_ipv4(), self.message_type) {
            (true, 3) => [3, 9, 10, 13].contains(&self.code),
            (false, 1) => [1, 4, 5].contains(&self.code),
            _ => false,
        }
    }
}

/// A socket for a connection that may pass so many hops, or as many as the system lets it. What routers say of it goes to its
/// error queue (`IP_RECVERR`, ip(7)).
pub(crate) fn socket(address: SocketAddr, hops: Option<u8>) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
    if let Some(hops) = hops {
        match address {
            SocketAddr::V4(_) => socket.set_ttl_v4(hops.into())?,
            SocketAddr::V6(_) => socket.set_unicast_hops_v6(hops.into())?,
        }
    }
    hear_errors(&socket, address, true)?;
    Ok(socket)
}

/// Begins a connection. Once it is writable it is open or has failed.
pub(crate) fn begin(socket: Socket, address: SocketAddr) -> io::Result<TcpStream> {
    match socket.connect(&address.into()) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        Ok(()) | Err(_) => TcpStream::from_std(socket.into()),
    }
}

/// Whether ICMP messages go to the error queue. While they do, an open connection ends with the first one.
pub(crate) fn hear_errors(socket: &impl AsFd, address: SocketAddr, hear: bool) -> nix::Result<()> {
    match address {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &hear),
        SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &hear),
    }
}

/// The ICMP message that ended a connection.
pub(crate) fn icmp(socket: &TcpStream) -> Option<Icmp> {
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
        is_icmp.then_some(Icmp { from, message_type: error.ee_type, code: error.ee_code })
    })
}

/// Whether packets of a connection were sent again and none of them left this machine. The kernel says nothing of packets that
/// its own filter drops (nftables, iptables), but it counts (`TCP_INFO`, tcp(7)).
pub(crate) fn keeps_back(socket: &TcpStream) -> bool {
    getsockopt(socket, TcpInfo).is_ok_and(|info| were_kept_back(&info))
}

/// `struct tcp_info` of linux/tcp.h up to `tcpi_total_retrans`, which every kernel has.
const TCP_INFO_BYTES: usize = 104;
/// `tcpi_retrans`: segments sent again that are on their way.
const RETRANS_AT: usize = 36;
/// `tcpi_total_retrans`: attempts to send again. One that still waits for the next hop's hardware address is none.
const TOTAL_RETRANS_AT: usize = 100;

fn were_kept_back(info: &[u8; TCP_INFO_BYTES]) -> bool {
    let number = |at: usize| info[at..].first_chunk().copied().map(u32::from_ne_bytes);
    number(TOTAL_RETRANS_AT) > Some(0) && number(RETRANS_AT) == Some(0)
}

#[derive(Debug, Clone, Copy)]
struct TcpInfo;

nix::getsockopt_impl!(
    TcpInfo,
    libc::IPPROTO_TCP,
    libc::TCP_INFO,
    [u8; TCP_INFO_BYTES],
    sockopt::GetStruct<[u8; TCP_INFO_BYTES]>
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_that_never_left() {
        let check = |total: u32, on_their_way: u32, expect: bool| {
            let mut info = [0; TCP_INFO_BYTES];
            info[RETRANS_AT..RETRANS_AT + 4].copy_from_slice(&on_their_way.to_ne_bytes());
            info[TOTAL_RETRANS_AT..].copy_from_slice(&total.to_ne_bytes());
            assert_eq!(were_kept_back(&info), expect, "{total} {on_their_way}");
        };
        check(0, 0, false);
        check(1, 1, false);
        check(2, 1, false);
        check(1, 0, true);
        check(3, 0, true);
    }

    #[test]
    fn messages_of_firewalls() {
        let forbids = |from: &str, message_type, code| {
            Icmp { from: from.parse().expect("an address"), message_type, code }.forbids()
        };
        for code in [3, 9, 10, 13] {
            assert!(forbids("10.0.0.1", 3, code), "{code}");
        }
        for code in [1, 4, 5] {
            assert!(forbids("fd00::1", 1, code), "{code}");
        }
        // No route, no such neighbour, too many hops.
        for (from, message_type, code) in
            [("10.0.0.1", 3, 0), ("10.0.0.1", 3, 1), ("10.0.0.1", 11, 0), ("fd00::1", 1, 3)]
        {
            assert!(!forbids(from, message_type, code), "{from} {message_type} {code}");
        }
    }
}
