//! SNTP (RFC 4330, RFC 5905 section 14): one question, one answer, and the arithmetic.

use jiff::Timestamp;

/// Length of a message without extension fields and digest (RFC 5905 section 7.3).
pub const MESSAGE_BYTES: usize = 48;

/// UDP port of NTP (RFC 5905 section 7.2).
pub const PORT: u16 = 123;

/// Leap 0, version 4, mode 3 (client) (RFC 5905 section 7.3).
const CLIENT_V4: u8 = 0b00_100_011;

/// Mode of a server's answer (RFC 5905 figure 10).
const MODE_SERVER: u8 = 4;

/// Seconds from 1900-01-01, the prime epoch, to 1970-01-01 (RFC 5905 figure 4).
const UNIX_EPOCH_S: i64 = 2_208_988_800;

/// Seconds in an era (RFC 5905 section 6).
const ERA_S: i64 = 1 << 32;

/// The request. `nonce` fills the transmit timestamp, which a server copies into its answer unread: a random value
/// there proves the answer and tells nobody the local time.
pub fn encode_request(nonce: u64) -> [u8; MESSAGE_BYTES] {
    let mut message = [0; MESSAGE_BYTES];
    message[0] = CLIENT_V4;
    message[40..48].copy_from_slice(&nonce.to_be_bytes());
    message
}

/// The nonce of a request, as a transcript's reader needs it.
pub fn decode_nonce(request: &[u8]) -> Result<u64, SntpError> {
    let message = message(request)?;
    match message[0] & 7 {
        3 => Ok(u64_at(message, 40)),
        mode => Err(SntpError::Mode { mode }),
    }
}

/// Why bytes are no answer to our request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SntpError {
    /// Shorter than a message.
    #[error("{bytes} bytes are no NTP message, which has at least {MESSAGE_BYTES}")]
    Short {
        /// Length of the message.
        bytes: usize,
    },
    /// Not of the mode expected here.
    #[error("NTP message of unexpected mode {mode}")]
    Mode {
        /// The mode, 0 to 7.
        mode: u8,
    },
    /// The originate timestamp is not our nonce: a stray or forged answer.
    #[error("the NTP answer belongs to another request")]
    Originate,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Leap indicator 0 to 3; 3 means that the server's clock is not synchronised.
    pub leap: u8,
    /// Protocol version, 0 to 7.
    pub version: u8,
    /// Always 4, server.
    pub mode: u8,
    /// 1 primary, 2 to 15 secondary, 16 and more unsynchronised, 0 a kiss-o'-death.
    pub stratum: u8,
    /// With stratum 0: the four-letter code that says why there is no time, such as `RATE` or `DENY`.
    pub kiss_code: Option<String>,
    /// When the request arrived, by the server's clock; `None` when the field is zero, "unknown".
    pub receive: Option<Timestamp>,
    /// When the answer left, by the server's clock; `None` when the field is zero, "unknown".
    pub transmit: Option<Timestamp>,
}

/// Reads the answer to the request with this `nonce`.
pub fn decode_reply(bytes: &[u8], nonce: u64) -> Result<Reply, SntpError> {
    let message = message(bytes)?;
    let mode = message[0] & 7;
    if mode != MODE_SERVER {
        return Err(SntpError::Mode { mode });
    }
    if u64_at(message, 24) != nonce {
        return Err(SntpError::Originate);
    }
    let stratum = message[1];
    Ok(Reply {
        leap: message[0] >> 6,
        version: message[0] >> 3 & 7,
        mode,
        stratum,
        kiss_code: (stratum == 0).then(|| kiss_code([message[12], message[13], message[14], message[15]])),
        receive: timestamp(u64_at(message, 32)),
        transmit: timestamp(u64_at(message, 40)),
    })
}

/// Offset of the server's clock against ours and round-trip delay, both in seconds (RFC 5905 section 8).
///
/// `t1` request left (our clock), `t2` request arrived (server's), `t3` answer left (server's), `t4` answer arrived
/// (ours). A positive offset means that our clock is behind.
pub fn offset_and_delay(t1: Timestamp, t2: Timestamp, t3: Timestamp, t4: Timestamp) -> (f64, f64) {
    let there = seconds_between(t1, t2);
    let back = seconds_between(t4, t3);
    (f64::midpoint(there, back), there - back)
}

fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

fn message(bytes: &[u8]) -> Result<&[u8; MESSAGE_BYTES], SntpError> {
    bytes.first_chunk().ok_or(SntpError::Short { bytes: bytes.len() })
}

fn u64_at(message: &[u8; MESSAGE_BYTES], offset: usize) -> u64 {
    message[offset..offset + 8].iter().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

fn kiss_code(code: [u8; 4]) -> String {
    code.into_iter().filter(u8::is_ascii_graphic).map(char::from).collect()
}

/// The time of an NTP timestamp; zero means "unknown". RFC 4330 section 3: with the first bit set the era began in
/// 1900, else in 2036, which covers 1968 to 2104.
fn timestamp(fixed_point: u64) -> Option<Timestamp> {
    if fixed_point == 0 {
        return None;
    }
    let seconds = i64::try_from(fixed_point >> 32).ok()?;
    let era_start_s = if seconds >= ERA_S / 2 { 0 } else { ERA_S };
    let fraction = u128::from(fixed_point & 0xFFFF_FFFF);
    let nanoseconds = i32::try_from((fraction * 1_000_000_000) >> 32).ok()?;
    Timestamp::new(seconds + era_start_s - UNIX_EPOCH_S, nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: u64 = 0x1122_3344_5566_7788;

    fn answer(first: u8, stratum: u8, receive: u64, transmit: u64) -> Vec<u8> {
        let mut bytes = vec![0; MESSAGE_BYTES];
        bytes[0] = first;
        bytes[1] = stratum;
        bytes[24..32].copy_from_slice(&NONCE.to_be_bytes());
        bytes[32..40].copy_from_slice(&receive.to_be_bytes());
        bytes[40..48].copy_from_slice(&transmit.to_be_bytes());
        bytes
    }

    #[test]
    fn request_is_client_version_4_with_nothing_but_the_nonce() {
        let request = encode_request(NONCE);
        assert_eq!(request[0], 0x23);
        assert!(request[1..40].iter().all(|&byte| byte == 0));
        assert_eq!(decode_nonce(&request), Ok(NONCE));
    }

    #[test]
    fn reads_an_answer() {
        // 0xE0000000 s after 1900: 3758096384 - 2208988800 = 1549107584 s after 1970.
        let reply = decode_reply(&answer(0x24, 2, 0xE000_0000_8000_0000, 0xE000_0001_4000_0000), NONCE).unwrap();
        assert_eq!((reply.leap, reply.version, reply.mode, reply.stratum), (0, 4, 4, 2));
        assert_eq!(reply.kiss_code, None);
        assert_eq!(reply.receive, Some(Timestamp::new(1_549_107_584, 500_000_000).unwrap()));
        assert_eq!(reply.transmit, Some(Timestamp::new(1_549_107_585, 250_000_000).unwrap()));
    }

    #[test]
    fn eras_change_in_2036() {
        // The last and the first representable second around 2036-02-07T06:28:16Z.
        let before = timestamp(0xFFFF_FFFF_0000_0000).unwrap();
        let after = timestamp(0x0000_0000_8000_0000).unwrap();
        assert_eq!(before.to_string(), "2036-02-07T06:28:15Z");
        assert_eq!(after.to_string(), "2036-02-07T06:28:16.5Z");
        assert_eq!(timestamp(0), None);
    }

    #[test]
    fn kiss_of_death_keeps_its_code() {
        let mut bytes = answer(0xE4, 0, 0, 0);
        bytes[12..16].copy_from_slice(b"RATE");
        let reply = decode_reply(&bytes, NONCE).unwrap();
        assert_eq!((reply.leap, reply.stratum, reply.kiss_code.as_deref()), (3, 0, Some("RATE")));
        assert_eq!((reply.receive, reply.transmit), (None, None));
    }

    #[test]
    fn refuses_what_is_no_answer_to_us() {
        assert_eq!(decode_reply(&[0x24; 47], NONCE), Err(SntpError::Short { bytes: 47 }));
        assert_eq!(decode_reply(&answer(0x23, 2, 1, 1), NONCE), Err(SntpError::Mode { mode: 3 }));
        assert_eq!(decode_reply(&answer(0x24, 2, 1, 1), NONCE + 1), Err(SntpError::Originate));
        assert_eq!(decode_nonce(&answer(0x24, 2, 1, 1)), Err(SntpError::Mode { mode: 4 }));
    }

    #[test]
    fn offset_and_delay_follow_the_rfc() {
        let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
        // Our clock is five minutes behind; 20 ms there, 10 ms work, 40 ms back.
        let (offset, delay) = offset_and_delay(at(0), at(300_020), at(300_030), at(70));
        assert!((offset - 299.99).abs() < 1e-9, "{offset}");
        assert!((delay - 0.06).abs() < 1e-9, "{delay}");
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, nonce: u64) {
            let _ = decode_reply(&bytes, nonce);
            let _ = decode_nonce(&bytes);
        }

        #[test]
        fn every_stamp_has_a_time(stamp in 1..u64::MAX) {
            prop_assert!(timestamp(stamp).is_some());
        }
    }
}
