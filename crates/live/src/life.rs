//! Signs of life of a host beside its KMS port.

use std::net::IpAddr;

use kmsdoctor_wire::icmp::{self, IpVersion};
use kmsdoctor_wire::transcript::{LifeMethod, Outcome, SignOfLife};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::context::{Context, Kind, unguessable};
use crate::outcome::microseconds;
use crate::{tcp, udp};

/// Ports where Windows servers answer or refuse: RPC endpoint mapper, SMB, DNS. A refusal proves life as well.
pub(crate) const PORTS: [u16; 3] = [135, 445, 53];

/// Asks for one sign of life; `None` when the system does not let us ask, or the time of the run was over before.
pub(crate) async fn ask(context: &Context, address: IpAddr, method: LifeMethod) -> Option<SignOfLife> {
    let _permit = context.enter(Kind::Life).await?;
    let started = Instant::now();
    let outcome = match method {
        LifeMethod::Icmp => echo(context, address).await?,
        LifeMethod::Tcp { port } => match tcp::connect((address, port).into(), context.exchange_end()).await {
            Ok(_) => Outcome::Connected,
            Err(outcome) => outcome,
        },
    };
    Some(SignOfLife { address, method, outcome, elapsed_us: microseconds(started.elapsed()) })
}

async fn echo(context: &Context, address: IpAddr) -> Option<Outcome> {
    let version = if address.is_ipv4() { IpVersion::V4 } else { IpVersion::V6 };
    let socket = echo_socket(address)?;
    let nonce = unguessable();
    let message = icmp::encode_echo_request(version, nonce);
    let is_reply = |bytes: &[u8]| icmp::is_echo_reply(version, bytes, nonce);
    match udp::exchange(&socket, &message, context.exchange_end(), is_reply).await {
        // The local system did not let the request out: nothing was asked.
        Outcome::Failed { .. } => None,
        outcome => Some(outcome),
    }
}

/// A socket for echo requests: unprivileged where the system has that (Linux' `ping_group_range`, macOS), else raw.
fn echo_socket(address: IpAddr) -> Option<UdpSocket> {
    let (domain, protocol) = match address {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let open = |kind| Socket::new(domain, kind, Some(protocol));
    let socket = open(Type::DGRAM).or_else(|_| open(Type::RAW)).ok()?;
    socket.set_nonblocking(true).ok()?;
    socket.connect(&std::net::SocketAddr::new(address, 0).into()).ok()?;
    UdpSocket::from_std(socket.into()).ok()
}
