//! The smallest RPC server there can be: it acknowledges a bind and answers everything else with a fault.
//!
//! Source: C706 "DCE 1.1: Remote Procedure Call" (The Open Group), chapter 12 and appendix E,
//! <https://pubs.opengroup.org/onlinepubs/9629399/>.

use std::sync::{Arc, Mutex, PoisonError};

/// PDU type `request` (C706 section 12.6.4.9).
pub const PDU_REQUEST: u8 = 0;
/// PDU type `fault` (C706 section 12.6.4.7).
pub const PDU_FAULT: u8 = 3;
/// PDU type `bind` (C706 section 12.6.4.3).
pub const PDU_BIND: u8 = 11;
/// PDU type `bind_ack` (C706 section 12.6.4.4).
pub const PDU_BIND_ACK: u8 = 12;
/// Fault status `nca_s_op_rng_error`: the server has no operation with this number (C706 appendix E).
pub const FAULT_OPERATION_OUT_OF_RANGE: u32 = 0x1C01_0002;

/// Length of the header that all connection-oriented PDUs share (C706 section 12.6.3.1).
pub(crate) const HEADER_LENGTH: usize = 16;
/// First fragment and last fragment, little-endian integers, ASCII, IEEE floats.
const FLAGS_WHOLE: u8 = 0x03;
const LITTLE_ENDIAN: [u8; 4] = [0x10, 0, 0, 0];
/// The NDR transfer syntax 8a885d04-1ceb-11c9-9fe8-08002b104860, version 2 (C706 chapter 14).
const NDR: [u8; 20] =
    [0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0];
/// Length of an interface or transfer syntax: UUID and version.
const SYNTAX_LENGTH: usize = 20;

/// Every PDU type that servers of one trial received, in order of arrival.
#[derive(Debug, Clone, Default)]
pub struct PduLog {
    types: Arc<Mutex<Vec<u8>>>,
}

impl PduLog {
    /// All types seen so far.
    pub fn types(&self) -> Vec<u8> {
        self.types.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn record(&self, pdu_type: u8) {
        self.types.lock().unwrap_or_else(PoisonError::into_inner).push(pdu_type);
    }
}

/// What a server says about the interfaces that a bind asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interfaces {
    /// All are known: the bind is acknowledged.
    Known,
    /// None is known: a `bind_ack` in which every context is rejected, as from another RPC service.
    Unknown,
}

/// The header fields that an answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) pdu_type: u8,
    pub(crate) fragment_length: usize,
    call_id: [u8; 4],
}

impl Header {
    /// Reads the header of a version 5 little-endian PDU; anything else is no RPC to this server.
    pub(crate) fn read(bytes: &[u8; HEADER_LENGTH]) -> Option<Self> {
        let fragment_length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let plausible = bytes[0] == 5 && bytes[4] == LITTLE_ENDIAN[0];
        (plausible && fragment_length >= HEADER_LENGTH).then_some(Self {
            pdu_type: bytes[2],
            fragment_length,
            call_id: [bytes[12], bytes[13], bytes[14], bytes[15]],
        })
    }
}

/// The answer to one PDU. Only the first PDU of a connection can be a bind that is acknowledged.
pub(crate) fn answer(header: Header, body: &[u8], first: bool, interfaces: Interfaces) -> Vec<u8> {
    if first
        && header.pdu_type == PDU_BIND
        && let Some(results) = context_results(body, interfaces)
    {
        return bind_ack(header, body, &results);
    }
    fault(header)
}

/// One result per presentation context of a bind body, or nothing when the body is malformed.
fn context_results(body: &[u8], interfaces: Interfaces) -> Option<Vec<[u8; 4 + SYNTAX_LENGTH]>> {
    const ACCEPTANCE: [u8; 4] = [0, 0, 0, 0];
    // Provider rejection (2): abstract syntax (1) or proposed transfer syntaxes (2) not supported.
    const INTERFACE_UNKNOWN: [u8; 4] = [2, 0, 1, 0];
    const TRANSFER_SYNTAX_UNKNOWN: [u8; 4] = [2, 0, 2, 0];
    // Sizes (4), association group (4), number of contexts (1), padding (3).
    let count = *body.get(8)?;
    let mut rest = body.get(12..)?;
    let mut results = Vec::new();
    for _ in 0..count {
        // Context id (2), number of transfer syntaxes (1), padding (1), interface (20).
        let offered_length = usize::from(*rest.get(2)?) * SYNTAX_LENGTH;
        let offered = rest.get(4 + SYNTAX_LENGTH..4 + SYNTAX_LENGTH + offered_length)?;
        rest = &rest[4 + SYNTAX_LENGTH + offered_length..];
        let verdict = if interfaces == Interfaces::Unknown {
            INTERFACE_UNKNOWN
        } else if offered.chunks_exact(SYNTAX_LENGTH).any(|syntax| syntax == NDR) {
            ACCEPTANCE
        } else {
            TRANSFER_SYNTAX_UNKNOWN
        };
        let mut result = [0; 4 + SYNTAX_LENGTH];
        result[..4].copy_from_slice(&verdict);
        if verdict == ACCEPTANCE {
            result[4..].copy_from_slice(&NDR);
        }
        results.push(result);
    }
    Some(results)
}

fn bind_ack(header: Header, bind: &[u8], results: &[[u8; 4 + SYNTAX_LENGTH]]) -> Vec<u8> {
    const ASSOCIATION_GROUP: [u8; 4] = 0x4b44_u32.to_le_bytes();
    const SECONDARY_ADDRESS: &[u8] = b"1688\0";
    // The sizes that the client proposed are taken as they are.
    let mut body = bind[..4].to_vec();
    body.extend(ASSOCIATION_GROUP);
    body.extend([u8::try_from(SECONDARY_ADDRESS.len()).unwrap_or(0), 0]);
    body.extend(SECONDARY_ADDRESS);
    body.resize(body.len().next_multiple_of(4), 0);
    // The count came from one byte of the bind.
    body.extend([u8::try_from(results.len()).unwrap_or(u8::MAX), 0, 0, 0]);
    body.extend(results.iter().flatten());
    pdu(PDU_BIND_ACK, header, &body)
}

fn fault(header: Header) -> Vec<u8> {
    // Allocation hint (4), context (2), cancel count (1), reserved (1), status (4), reserved (4).
    let mut body = [0; 16];
    body[8..12].copy_from_slice(&FAULT_OPERATION_OUT_OF_RANGE.to_le_bytes());
    pdu(PDU_FAULT, header, &body)
}

fn pdu(pdu_type: u8, header: Header, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER_LENGTH + body.len()).unwrap_or(u16::MAX);
    let mut bytes = vec![5, 0, pdu_type, FLAGS_WHOLE];
    bytes.extend(LITTLE_ENDIAN);
    bytes.extend(length.to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(header.call_id);
    bytes.extend(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An arbitrary interface: the responder does not look at it.
    const INTERFACE: [u8; 20] = [0x11; 20];

    fn header(pdu_type: u8) -> Header {
        Header { pdu_type, fragment_length: 72, call_id: [7, 0, 0, 0] }
    }

    fn bind_body(transfer_syntax: [u8; 20]) -> Vec<u8> {
        let mut body = vec![0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0];
        body.extend(INTERFACE);
        body.extend(transfer_syntax);
        body
    }

    /// Offset of the first result: header 16, body 8, address 2 + 5, padding 1, count 4.
    const RESULT: usize = 36;

    #[test]
    fn first_bind_is_acknowledged() {
        let bytes = answer(header(PDU_BIND), &bind_body(NDR), true, Interfaces::Known);
        assert_eq!(bytes[..4], [5, 0, PDU_BIND_ACK, 3]);
        assert_eq!(usize::from(u16::from_le_bytes([bytes[8], bytes[9]])), bytes.len());
        assert_eq!(bytes[12], 7, "call id is echoed");
        assert_eq!(bytes[RESULT..RESULT + 4], [0, 0, 0, 0], "acceptance");
        assert_eq!(bytes[RESULT + 4..], NDR);
    }

    #[test]
    fn unknown_interface_or_transfer_syntax_is_rejected_in_the_bind_ack() {
        let bytes = answer(header(PDU_BIND), &bind_body(NDR), true, Interfaces::Unknown);
        assert_eq!((bytes[2], &bytes[RESULT..RESULT + 4]), (PDU_BIND_ACK, &[2, 0, 1, 0][..]));
        let bytes = answer(header(PDU_BIND), &bind_body([9; 20]), true, Interfaces::Known);
        assert_eq!((bytes[2], &bytes[RESULT..RESULT + 4]), (PDU_BIND_ACK, &[2, 0, 2, 0][..]));
    }

    #[test]
    fn everything_else_gets_a_fault() {
        for (pdu_type, first) in (0..=u8::MAX).map(|pdu_type| (pdu_type, pdu_type != PDU_BIND)) {
            let bytes = answer(header(pdu_type), &bind_body(NDR), first, Interfaces::Known);
            assert_eq!((bytes[2], bytes.len()), (PDU_FAULT, 32), "type {pdu_type}");
            assert_eq!(bytes[24..28], FAULT_OPERATION_OUT_OF_RANGE.to_le_bytes());
        }
        for length in 0..bind_body(NDR).len() {
            let body = &bind_body(NDR)[..length];
            let bytes = answer(header(PDU_BIND), body, true, Interfaces::Known);
            assert_eq!(bytes[2], PDU_FAULT, "a bind cut after {length} bytes");
        }
    }

    #[test]
    fn other_bytes_are_no_header() {
        assert_eq!(Header::read(b"GET / HTTP/1.1\r\n"), None);
        assert_eq!(Header::read(&[5, 0, 11, 3, 0, 0, 0, 0, 72, 0, 0, 0, 0, 0, 0, 0]), None);
        let bytes = [5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 7, 0, 0, 0];
        assert_eq!(Header::read(&bytes), Some(header(PDU_BIND)));
    }
}
