//! Sockets of a world, at ports that follow from its seed.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, UdpSocket};
use std::ops::Range;

use tokio::net::TcpSocket;

use crate::dice::Dice;

/// Below the ports that systems give to connections (32768 and above on Linux, 49152 and above elsewhere), so that those of
/// the check itself are not in the way.
const PORTS: Range<u16> = 20_000..32_000;
/// Ports that are tried before giving up.
const TRIES_MAX: usize = 64;

/// Opens something at the first port of the dice that is free.
pub(crate) fn at_free_port<T>(
    address: Ipv4Addr,
    dice: &mut Dice,
    mut open: impl FnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<(u16, T)> {
    let mut tries = TRIES_MAX;
    loop {
        let port = PORTS.start + dice.below(PORTS.end - PORTS.start);
        match open(SocketAddrV4::new(address, port).into()) {
            Ok(opened) => return Ok((port, opened)),
            Err(error) if error.kind() == ErrorKind::AddrInUse && tries > 0 => tries -= 1,
            Err(error) => return Err(error),
        }
    }
}

/// A TCP socket that listens.
pub(crate) fn listening(address: SocketAddr) -> io::Result<tokio::net::TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

/// A UDP socket that hears everybody.
pub(crate) fn hearing(address: SocketAddr) -> io::Result<tokio::net::UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    tokio::net::UdpSocket::from_std(socket)
}

/// A UDP and a TCP socket with the same port.
pub(crate) fn both(address: SocketAddr) -> io::Result<(tokio::net::UdpSocket, tokio::net::TcpListener)> {
    Ok((hearing(address)?, listening(address)?))
}

/// Keeps a TCP port closed: whoever connects is refused, and nobody else opens it meanwhile.
pub(crate) fn refusing(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(address)?;
    Ok(socket)
}

/// Keeps a UDP port closed: a socket that hears only itself counts as none for everybody else.
pub(crate) fn deaf(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.connect(address)?;
    Ok(socket)
}

/// A TCP port that drops connections as a packet filter does: on Linux the queue of a listener that never accepts
/// holds one connection, and requests beyond it get no answer.
#[cfg(target_os = "linux")]
pub(crate) fn dropping(address: SocketAddr) -> io::Result<(tokio::net::TcpListener, Vec<std::net::TcpStream>)> {
    /// A connection on loopback is there at once; one that is not by now is being dropped.
    const PATIENCE: std::time::Duration = std::time::Duration::from_millis(200);

    let socket = TcpSocket::new_v4()?;
    socket.bind(address)?;
    let listener = socket.listen(0)?;
    let fill = || std::net::TcpStream::connect_timeout(&address, PATIENCE);
    let queued = std::iter::repeat_with(fill).map_while(Result::ok).collect();
    Ok((listener, queued))
}
