//! ICMP echo (RFC 792, RFC 4443 section 4): the plainest question whether a host lives.

/// Echo request and reply types of ICMP for IPv4 (RFC 792).
const ECHO_V4: [u8; 2] = [8, 0];

/// Echo request and reply types of `ICMPv6` (RFC 4443 sections 4.1 and 4.2).
const ECHO_V6: [u8; 2] = [128, 129];

/// Type, code, checksum, identifier, sequence number.
const HEADER_BYTES: usize = 8;

/// The IP version that carries the message: types and checksum differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpVersion {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// An echo request with `nonce` as its data. For IPv6 the checksum stays zero: the system fills it in (RFC 3542
/// section 3.1).
pub fn encode_echo_request(version: IpVersion, nonce: u64) -> Vec<u8> {
    let request_type = if version == IpVersion::V4 { ECHO_V4[0] } else { ECHO_V6[0] };
    let [.., identifier_high, identifier_low] = nonce.to_be_bytes();
    let mut message = vec![request_type, 0, 0, 0, identifier_high, identifier_low, 0, 1];
    message.extend(nonce.to_be_bytes());
    if version == IpVersion::V4 {
        let sum = checksum(&message).to_be_bytes();
        message[2..4].copy_from_slice(&sum);
    }
    message
}

/// Whether the bytes are the echo reply that carries `nonce`. Identifiers are not compared, since unprivileged sockets
/// replace them; an IPv4 header in front, as raw sockets deliver it, is skipped.
pub fn is_echo_reply(version: IpVersion, bytes: &[u8], nonce: u64) -> bool {
    let reply_type = if version == IpVersion::V4 { ECHO_V4[1] } else { ECHO_V6[1] };
    let message = match bytes {
        // An IPv4 header starts with 4 and its length in words; echo replies start with their type, 0.
        [first, ..] if version == IpVersion::V4 && first >> 4 == 4 => {
            bytes.get(usize::from(first & 15) * 4..).unwrap_or_default()
        }
        _ => bytes,
    };
    message.first() == Some(&reply_type)
        && message.get(HEADER_BYTES..).is_some_and(|data| data.starts_with(&nonce.to_be_bytes()))
}

/// The Internet checksum (RFC 1071) of an even number of bytes.
fn checksum(message: &[u8]) -> u16 {
    let words = message.as_chunks::<2>().0.iter().map(|&pair| u16::from_be_bytes(pair));
    !words.fold(0_u16, |sum, word| {
        let (sum, carry) = sum.overflowing_add(word);
        sum + u16::from(carry)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: u64 = 0x0102_0304_0506_0708;

    #[test]
    fn request_bytes() {
        // Sum of the words: 0800 + 0708 + 0001 + 0102 + 0304 + 0506 + 0708 = 1f1d, complement e0e2.
        let expected = [8, 0, 0xe0, 0xe2, 7, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(encode_echo_request(IpVersion::V4, NONCE), expected);
        assert_eq!(encode_echo_request(IpVersion::V6, NONCE)[..4], [128, 0, 0, 0]);
        assert_eq!(checksum(&encode_echo_request(IpVersion::V4, u64::MAX)), 0);
    }

    #[test]
    fn recognises_its_reply() {
        let mut reply = encode_echo_request(IpVersion::V4, NONCE);
        assert!(!is_echo_reply(IpVersion::V4, &reply, NONCE), "our own request is no reply");
        reply[0] = 0;
        assert!(is_echo_reply(IpVersion::V4, &reply, NONCE));
        assert!(!is_echo_reply(IpVersion::V4, &reply, NONCE + 1));
        assert!(!is_echo_reply(IpVersion::V4, &reply[..12], NONCE));
        assert!(!is_echo_reply(IpVersion::V6, &reply, NONCE));
        let mut with_header = vec![0x45; 20];
        with_header.extend(&reply);
        assert!(is_echo_reply(IpVersion::V4, &with_header, NONCE));
        reply[0] = 129;
        assert!(is_echo_reply(IpVersion::V6, &reply, NONCE));
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, nonce: u64) {
            is_echo_reply(IpVersion::V4, &bytes, nonce);
            is_echo_reply(IpVersion::V6, &bytes, nonce);
        }
    }
}
