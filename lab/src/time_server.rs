//! An SNTP server whose clock is as wrong as a trial wants (RFC 5905 section 7.3 for the packet).

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::dns::receive;
use crate::error::{LabError, Result};
use crate::namespace::Namespace;
use crate::serve::{Server, Stop};

/// The NTP port (RFC 5905 section 7.2).
const PORT: u16 = 123;
/// Length of a packet without extensions or authentication.
const PACKET_LENGTH: usize = 48;
/// Seconds from the NTP era (1900) to the Unix era (1970).
const UNIX_EPOCH_S: i64 = 2_208_988_800;

/// An SNTP server on port 123; it ends on drop.
#[derive(Debug)]
pub struct TimeServer {
    offset_s: Arc<AtomicI64>,
    _server: Server,
}

impl TimeServer {
    /// Answers when this returns, with this machine's time plus `offset_s`.
    pub fn start(namespace: &Namespace, address: IpAddr, offset_s: i64) -> Result<Self> {
        let socket = namespace.enter(|| {
            UdpSocket::bind((address, PORT)).map_err(LabError::io(format!("listen on {address} port {PORT}")))
        })?;
        let offset_s = Arc::new(AtomicI64::new(offset_s));
        let offset = Arc::clone(&offset_s);
        let server = Server::spawn(move |stop| answer_all(&socket, &offset, stop))?;
        Ok(Self { offset_s, _server: server })
    }

    /// Sets its clock.
    pub fn set_offset_s(&self, offset_s: i64) {
        self.offset_s.store(offset_s, Ordering::Relaxed);
    }
}

/// Asks a time server once, from inside a namespace, and returns by how many seconds its clock is ahead of this one.
pub fn ask_time(namespace: &Namespace, server: Ipv4Addr, limit: Duration) -> Result<i64> {
    // Version 4, mode 3; the transmit time comes back as the origin.
    let mut packet = [0; PACKET_LENGTH];
    packet[0] = 0x23;
    packet[40..].copy_from_slice(b"identity");
    let mut answer = [0; PACKET_LENGTH];
    let socket =
        namespace.enter(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).map_err(LabError::io("open a UDP socket")))?;
    let io = || LabError::io(format!("ask {server} for the time"));
    socket.set_read_timeout(Some(limit)).map_err(io())?;
    socket.connect((server, PORT)).map_err(io())?;
    socket.send(&packet).map_err(io())?;
    let length = receive(&socket, &mut answer).map_err(io())?;
    if length != PACKET_LENGTH || answer[24..32] != packet[40..] {
        return Err(LabError::Wire { subject: format!("time from {server}"), detail: format!("{answer:02x?}") });
    }
    let seconds = u32::from_be_bytes([answer[40], answer[41], answer[42], answer[43]]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(i64::from(seconds) - UNIX_EPOCH_S - i64::try_from(now).unwrap_or(0))
}

fn answer_all(socket: &UdpSocket, offset_s: &AtomicI64, stop: &Stop) {
    let mut buffer = [0; 512];
    while stop.wait_readable(socket.as_fd()) {
        let Ok((length, client)) = socket.recv_from(&mut buffer) else { continue };
        let Some(request) = buffer[..length].first_chunk::<PACKET_LENGTH>() else { continue };
        let now = timestamp(SystemTime::now(), offset_s.load(Ordering::Relaxed));
        if let Some(answer) = answer(request, now) {
            // A client that has gone already is no fault of this server.
            let _ = socket.send_to(&answer, client);
        }
    }
}

/// The answer to a client's packet (mode 3); nothing else is answered.
fn answer(request: &[u8; PACKET_LENGTH], now: [u8; 8]) -> Option<[u8; PACKET_LENGTH]> {
    const MODE_CLIENT: u8 = 3;
    const MODE_SERVER: u8 = 4;
    if request[0] & 0b111 != MODE_CLIENT {
        return None;
    }
    let version = request[0] & 0b11_1000;
    let mut answer = [0; PACKET_LENGTH];
    // No leap second, the client's version; stratum 2; the client's poll interval; a precision of 2^-20 s.
    answer[..4].copy_from_slice(&[version | MODE_SERVER, 2, request[2], 0xec]);
    // Reference id: the address of the source that a stratum 2 server follows.
    answer[12..16].copy_from_slice(&[192, 0, 2, 1]);
    // Reference, origin (the client's transmit time), receive and transmit time.
    answer[16..24].copy_from_slice(&now);
    answer[24..32].copy_from_slice(&request[40..48]);
    answer[32..40].copy_from_slice(&now);
    answer[40..48].copy_from_slice(&now);
    Some(answer)
}

/// An NTP timestamp: seconds modulo 2^32 and a binary fraction.
fn timestamp(now: SystemTime, offset_s: i64) -> [u8; 8] {
    let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(0) + UNIX_EPOCH_S + offset_s;
    let era_seconds = seconds.rem_euclid(1 << 32);
    let fraction = (u64::from(since_epoch.subsec_nanos()) << 32) / 1_000_000_000;
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&u32::try_from(era_seconds).unwrap_or(0).to_be_bytes());
    bytes[4..].copy_from_slice(&u32::try_from(fraction).unwrap_or(0).to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timestamp_counts_from_1900_and_adds_the_offset() {
        let now = UNIX_EPOCH + Duration::from_millis(1_500);
        assert_eq!(timestamp(now, 0), [0x83, 0xaa, 0x7e, 0x81, 0x80, 0, 0, 0]);
        assert_eq!(timestamp(now, -1), [0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0, 0]);
    }

    #[test]
    fn only_clients_are_answered() {
        let mut request = [0; PACKET_LENGTH];
        request[0] = 0x23;
        request[40..48].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
        let answer = answer(&request, [9; 8]).expect("a client's packet");
        assert_eq!((answer[0], answer[1]), (0x24, 2));
        assert_eq!(answer[24..32], [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(answer[40..48], [9; 8]);
        request[0] = 0x24;
        assert_eq!(super::answer(&request, [9; 8]), None);
    }
}
