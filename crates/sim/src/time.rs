//! An SNTP responder whose clock is as wrong as a scenario wants.
//!
//! Sources: RFC 4330 section 5 (what a server answers), RFC 5905 section 7.3 (the message) and section 6 (timestamps).

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::net::UdpSocket;

/// Length of a message without extension fields and digest.
const MESSAGE_BYTES: usize = 48;
const MODE_CLIENT: u8 = 3;
const MODE_SERVER: u8 = 4;
/// The version in the first byte; the leap indicator above it stays 0, no warning.
const VERSION_MASK: u8 = 0b00_111_000;
/// A secondary server, which follows a better clock.
const STRATUM: u8 = 2;
/// Precision of the clock: 2^-20 s, a microsecond.
const PRECISION: i8 = -20;
/// The clock that it claims to follow (RFC 5737 address, which nobody has).
const REFERENCE_ID: [u8; 4] = [192, 0, 2, 1];
/// Seconds from 1900-01-01, the prime epoch, to 1970-01-01.
const UNIX_EPOCH_S: i64 = 2_208_988_800;

/// Serves until it is dropped, `offset_s` ahead of this machine's clock.
pub(crate) async fn serve(socket: UdpSocket, offset_s: i64) {
    let mut buffer = [0; 512];
    loop {
        // Errors tell of clients that did not wait for their answer.
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else { continue };
        if let Some(answer) = answer(&buffer[..length], timestamp(SystemTime::now(), offset_s)) {
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

/// The answer to a client's request; nothing else is answered.
fn answer(request: &[u8], now: [u8; 8]) -> Option<[u8; MESSAGE_BYTES]> {
    let request = request.first_chunk::<MESSAGE_BYTES>()?;
    if request[0] & 0b111 != MODE_CLIENT {
        return None;
    }
    let mut answer = [0; MESSAGE_BYTES];
    // Version and poll interval are the client's. Root delay and dispersion (bytes 4 to 11) stay 0.
    answer[..4].copy_from_slice(&[
        request[0] & VERSION_MASK | MODE_SERVER,
        STRATUM,
        request[2],
        PRECISION.cast_unsigned(),
    ]);
    answer[12..16].copy_from_slice(&REFERENCE_ID);
    // Reference, originate (the client's transmit timestamp), receive, transmit.
    answer[16..24].copy_from_slice(&now);
    answer[24..32].copy_from_slice(&request[40..48]);
    answer[32..40].copy_from_slice(&now);
    answer[40..48].copy_from_slice(&now);
    Some(answer)
}

/// Seconds since 1900, modulo an era, and the fraction of a second in units of 2^-32 s.
fn timestamp(now: SystemTime, offset_s: i64) -> [u8; 8] {
    let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(0) + UNIX_EPOCH_S + offset_s;
    let in_era = u64::try_from(seconds.rem_euclid(1 << 32)).unwrap_or(0);
    let fraction = (u64::from(since_epoch.subsec_nanos()) << 32) / 1_000_000_000;
    (in_era << 32 | fraction).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kmsdoctor_wire::sntp::{decode_reply, encode_request};

    use super::*;

    #[test]
    fn the_client_reads_the_time_that_was_meant() {
        let now = UNIX_EPOCH + Duration::from_millis(1_795_000_000_500);
        let answered = answer(&encode_request(7), timestamp(now, 3_600)).expect("a client's request");
        let reply = decode_reply(&answered, 7).expect("an answer to it");
        assert_eq!((reply.leap, reply.version, reply.stratum), (0, 4, STRATUM));
        let expected = jiff::Timestamp::from_millisecond(1_795_003_600_500).expect("a time");
        assert_eq!((reply.receive, reply.transmit), (Some(expected), Some(expected)));
    }

    #[test]
    fn only_clients_are_answered() {
        let mut request = encode_request(1);
        assert!(answer(&request[..47], [0; 8]).is_none());
        for mode in (0..8).filter(|mode| *mode != MODE_CLIENT) {
            request[0] = request[0] & !0b111 | mode;
            assert!(answer(&request, [0; 8]).is_none(), "mode {mode}");
        }
    }
}
