//! Windows: ICMP echo with few hops to pass, through the system's own service (`IcmpSendEcho`), without any privilege. It
//! shows the routers; TCP connections tell nobody who ended them.

use std::net::{IpAddr, SocketAddr};

use kmsdoctor_wire::transcript::{HopAnswer, TraceMethod};
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use winping::{Buffer, Error, Pinger};

use super::Heard;

pub(super) const METHOD: TraceMethod = TraceMethod::Icmp;

/// Types of ICMP messages (RFC 792, RFC 4443): for IPv4 and IPv6.
const UNREACHABLE: [u8; 2] = [3, 1];
const TIME_EXCEEDED: [u8; 2] = [11, 3];
/// Codes of "unreachable" (the same).
const NO_ROUTE: [u8; 2] = [0, 0];
const NO_HOST: [u8; 2] = [1, 3];

/// What an echo request that may pass so many hops comes to.
pub(super) async fn ask(address: SocketAddr, hops: u8, end: Instant) -> Heard {
    let timeout = end.saturating_duration_since(Instant::now()).as_millis();
    let timeout = u32::try_from(timeout).unwrap_or(u32::MAX).max(1);
    spawn_blocking(move || echo(address.ip(), hops, timeout)).await.unwrap_or(Heard::Nothing)
}

fn echo(address: IpAddr, hops: u8, timeout_ms: u32) -> Heard {
    let pinger = if address.is_ipv4() { Pinger::new_v4() } else { Pinger::new_v6() };
    let Some(mut pinger) = pinger else { return Heard::NotPermitted };
    pinger.set_ttl(hops);
    pinger.set_timeout(timeout_ms);
    let mut buffer = Buffer::new();
    let Err(error) = pinger.send(address, &mut buffer) else { return Heard::Answer(HopAnswer::Arrived) };
    let family = usize::from(address.is_ipv6());
    let (message_type, code) = match error {
        Error::TtlExpired => (TIME_EXCEEDED[family], 0),
        Error::NetUnreachable => (UNREACHABLE[family], NO_ROUTE[family]),
        Error::HostUnreachable => (UNREACHABLE[family], NO_HOST[family]),
        _ => return Heard::Nothing,
    };
    // Without a sender it is this machine that found no way.
    let from = buffer.responding_ip();
    from.map_or(Heard::Nothing, |from| Heard::Answer(HopAnswer::Icmp { from, message_type, code }))
}
