//! What a bind is answered with.
//!
//! Source: C706 (The Open Group, *DCE 1.1: Remote Procedure Call*) chapter 12 and appendix E,
//! <https://pubs.opengroup.org/onlinepubs/009629399/chap12.htm>.

/// Length of the header that all messages share (C706 section 12.6.3.1).
pub(crate) const HEADER_BYTES: usize = 16;
/// Longest message that is taken: the fragment size that Windows offers.
pub(crate) const MESSAGE_BYTES_MAX: usize = 5840;

const TYPE_FAULT: u8 = 3;
const TYPE_BIND: u8 = 11;
const TYPE_BIND_ACK: u8 = 12;
/// First and last fragment; little-endian integers, ASCII, IEEE floats.
const WHOLE_MESSAGE: u8 = 0x03;
const LITTLE_ENDIAN: [u8; 4] = [0x10, 0, 0, 0];
/// `nca_s_op_rng_error`, "no operation with this number" (C706 appendix E).
const OPERATION_OUT_OF_RANGE: u32 = 0x1c01_0002;
/// NDR 2.0, as a transfer syntax is encoded.
const NDR: [u8; 20] =
    [0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0];
/// Acceptance; provider rejection because the interface is not known (C706 section 12.6.3.1, `p_cont_def_result_t`).
const ACCEPTED: [u8; 4] = [0, 0, 0, 0];
const INTERFACE_UNKNOWN: [u8; 4] = [2, 0, 1, 0];

/// Whether the interface that a bind asks for is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    Known,
    Unknown,
}

/// Length of the message that begins with this header; `None` for what is no RPC message that is answered here.
pub(crate) fn message_bytes(header: &[u8; HEADER_BYTES]) -> Option<usize> {
    let length = usize::from(u16::from_le_bytes([header[8], header[9]]));
    let is_rpc = header[0] == 5 && header[4] == LITTLE_ENDIAN[0];
    (is_rpc && (HEADER_BYTES..=MESSAGE_BYTES_MAX).contains(&length)).then_some(length)
}

/// The answer to the first message of a connection: an acknowledgement of a bind with one context, else a fault. Every later
/// message gets [`fault`].
pub(crate) fn answer(message: &[u8], interface: Interface) -> Vec<u8> {
    // Header, fragment sizes, association group, one context with an id, one transfer syntax and the interface: the form in
    // which a bind is asked for here.
    let (Some(&TYPE_BIND), Some(call), Some(sizes), Some(&1), Some(context)) =
        (message.get(2), message.get(12..16), message.get(16..20), message.get(24), message.get(28..32))
    else {
        return fault(message);
    };
    if context[2] == 0 || message.len() < 32 + 2 * NDR.len() {
        return fault(message);
    }
    let mut body = Vec::with_capacity(64);
    body.extend(sizes);
    body.extend(0x4b44_u32.to_le_bytes());
    // Secondary address: the port as text, with a zero at its end, counted; then the results at a multiple of four.
    body.extend([5, 0]);
    body.extend(b"1688\0");
    body.resize((HEADER_BYTES + body.len()).next_multiple_of(4) - HEADER_BYTES, 0);
    body.extend([1, 0, 0, 0]);
    match interface {
        Interface::Known => {
            body.extend(ACCEPTED);
            body.extend(NDR);
        }
        Interface::Unknown => {
            body.extend(INTERFACE_UNKNOWN);
            body.extend([0; NDR.len()]);
        }
    }
    whole(TYPE_BIND_ACK, call, &body)
}

/// A fault in answer to `message`.
pub(crate) fn fault(message: &[u8]) -> Vec<u8> {
    // Allocation hint (4), context (2), cancel count (1), reserved (1), status (4), reserved (4).
    let mut body = [0; 16];
    body[8..12].copy_from_slice(&OPERATION_OUT_OF_RANGE.to_le_bytes());
    whole(TYPE_FAULT, message.get(12..16).unwrap_or(&[0; 4]), &body)
}

fn whole(message_type: u8, call: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER_BYTES + body.len()).unwrap_or(u16::MAX);
    let mut message = Vec::with_capacity(HEADER_BYTES + body.len());
    message.extend([5, 0, message_type, WHOLE_MESSAGE]);
    message.extend(LITTLE_ENDIAN);
    message.extend(length.to_le_bytes());
    message.extend([0, 0]);
    message.extend(call);
    message.extend(body);
    message
}

#[cfg(test)]
mod tests {
    use kmsdoctor_wire::rpc::{Reply, decode_reply, encode_bind};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bind_is_acknowledged_or_rejected() {
        let answered = answer(&encode_bind(7), Interface::Known);
        assert_eq!(decode_reply(&answered), Reply::Acknowledged { secondary_address: "1688".to_owned() });
        assert_eq!(answered[12..16], [7, 0, 0, 0]);
        let answered = answer(&encode_bind(7), Interface::Unknown);
        assert_eq!(decode_reply(&answered), Reply::ContextRejected { result: 2, reason: 1 });
    }

    #[test]
    fn everything_else_gets_a_fault() {
        let refused = Reply::Fault { status: OPERATION_OUT_OF_RANGE };
        for message_type in (0..=u8::MAX).filter(|message_type| *message_type != TYPE_BIND) {
            let mut message = encode_bind(1);
            message[2] = message_type;
            assert_eq!(decode_reply(&answer(&message, Interface::Known)), refused, "type {message_type}");
        }
        for bytes in 0..encode_bind(1).len() {
            assert_eq!(decode_reply(&answer(&encode_bind(1)[..bytes], Interface::Known)), refused, "cut after {bytes}");
        }
        assert_eq!(decode_reply(&fault(&encode_bind(1))), refused);
    }

    proptest! {
        #[test]
        fn never_panics(message in proptest::collection::vec(any::<u8>(), 0..128), header: [u8; HEADER_BYTES]) {
            answer(&message, Interface::Known);
            message_bytes(&header);
        }
    }
}
