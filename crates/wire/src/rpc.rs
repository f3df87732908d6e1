//! DCE/RPC over a connection: the bind and what may answer it.
//!
//! Sources: C706 (The Open Group, *DCE 1.1: Remote Procedure Call*) chapter 12,
//! <https://pubs.opengroup.org/onlinepubs/009629399/chap12.htm> (table of message types read on 2026-11-23), and
//! \[MS-RPCE\] section 2.2.2 (2.2.2.5 read on 2026-11-23).
//!
//! **Invariant.** The one message that this module encodes is the bind. It neither encodes nor decodes requests and
//! responses, so that nothing here can take part in an activation: the question ends with "does this interface live
//! here?".

/// Encoded length of the bind: common header, bind body, one presentation context with one transfer syntax.
pub const BIND_BYTES: u16 = 72;

/// Longest reply that is read. A `bind_ack` has a few dozen bytes; more than this is no answer to a bind.
pub const REPLY_BYTES_MAX: usize = 8192;

/// Common header of every connection-oriented message (C706 section 12.6.3.1).
const HEADER_BYTES: usize = 16;

/// `rpc_vers` (C706 section 12.6.3.1).
const VERSION_MAJOR: u8 = 5;

/// Message types (C706 section 12.6.3.1, `PTYPE`).
const TYPE_FAULT: u8 = 3;
const TYPE_BIND: u8 = 11;
const TYPE_BIND_ACK: u8 = 12;
const TYPE_BIND_NAK: u8 = 13;

/// `PFC_FIRST_FRAG | PFC_LAST_FRAG` (C706 section 12.6.3.1): the message is one fragment.
const WHOLE_MESSAGE: u8 = 0x03;

/// Data representation: little-endian integers, ASCII, IEEE floats (C706 chapter 14).
const LITTLE_ENDIAN: [u8; 4] = [0x10, 0, 0, 0];

/// Fragment size offered in both directions, the one that Windows offers over TCP.
const FRAGMENT_BYTES_MAX: u16 = 5840;

/// The RPC interface on which a KMS host listens, 51c82175-844e-4750-b0d8-ec255555bc06, as endpoint listings of
/// Windows machines show it. UUIDs are encoded as in C706 appendix A with little-endian integers.
const KMS_INTERFACE: [u8; 16] = uuid(0x51c8_2175, 0x844e, 0x4750, [0xb0, 0xd8, 0xec, 0x25, 0x55, 0x55, 0xbc, 0x06]);

/// Interface version 1.0: major version in the lower half (C706 section 12.6.3.1, `p_syntax_id_t`).
const KMS_INTERFACE_VERSION: u32 = 1;

/// Transfer syntax NDR, 8a885d04-1ceb-11c9-9fe8-08002b104860 (C706 appendix I; \[MS-RPCE\] section 2.2.4.12).
const NDR: [u8; 16] = uuid(0x8a88_5d04, 0x1ceb, 0x11c9, [0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60]);

/// NDR version 2.0.
const NDR_VERSION: u32 = 2;

/// Context result "acceptance" (C706 section 12.6.3.1, `p_cont_def_result_t`).
const ACCEPTANCE: u16 = 0;

const fn uuid(first: u32, second: u16, third: u16, rest: [u8; 8]) -> [u8; 16] {
    let (a, b, c, d) = (first.to_le_bytes(), second.to_le_bytes(), third.to_le_bytes(), rest);
    [a[0], a[1], a[2], a[3], b[0], b[1], c[0], c[1], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]]
}

/// A bind to the KMS interface: version 5.0, one presentation context, no authentication (C706 section 12.6.4.3).
pub fn encode_bind(call_id: u32) -> Vec<u8> {
    let mut message = Vec::with_capacity(usize::from(BIND_BYTES));
    // Common header.
    message.extend([VERSION_MAJOR, 0, TYPE_BIND, WHOLE_MESSAGE]);
    message.extend(LITTLE_ENDIAN);
    message.extend(BIND_BYTES.to_le_bytes());
    message.extend([0, 0]); // no authentication
    message.extend(call_id.to_le_bytes());
    // Bind body: fragment sizes, a new association group, one context.
    message.extend(FRAGMENT_BYTES_MAX.to_le_bytes());
    message.extend(FRAGMENT_BYTES_MAX.to_le_bytes());
    message.extend([0; 4]);
    message.extend([1, 0, 0, 0]);
    // Context 0 with one transfer syntax.
    message.extend([0, 0, 1, 0]);
    message.extend(KMS_INTERFACE);
    message.extend(KMS_INTERFACE_VERSION.to_le_bytes());
    message.extend(NDR);
    message.extend(NDR_VERSION.to_le_bytes());
    message
}

/// What came back after a bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// `bind_ack` with an accepted context: the KMS interface lives here.
    Acknowledged {
        /// The host's secondary address, its port number as text over TCP.
        secondary_address: String,
    },
    /// `bind_ack` that does not accept the context: an RPC server without the KMS interface.
    ContextRejected {
        /// 1 user rejection, 2 provider rejection, 3 negotiate acknowledgement (\[MS-RPCE\] section 2.2.2.4).
        result: u16,
        /// 0 not specified, 1 abstract syntax not supported, 2 transfer syntaxes not supported, 3 local limit exceeded
        /// (C706 section 12.6.3.1, `p_provider_reason_t`).
        reason: u16,
    },
    /// `bind_nak`: the RPC server refuses the association.
    BindNak {
        /// `provider_reject_reason`: 0 not specified, 1 temporary congestion, 2 local limit exceeded, 4 protocol version,
        /// 8 authentication type not recognised, 9 invalid checksum (\[MS-RPCE\] section 2.2.2.5).
        reason: u16,
    },
    /// A fault in answer to the bind.
    Fault {
        /// The status (C706 appendix E, \[MS-RPCE\] section 2.2.2.8).
        status: u32,
    },
    /// Something that is no answer to a bind.
    Foreign {
        /// What it looks like.
        what: Foreign,
    },
    /// Too few bytes to say.
    Incomplete,
}

/// What answered instead of an RPC server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Foreign {
    /// A web server or proxy.
    Http,
    /// A TLS server.
    Tls,
    /// An SSH server.
    Ssh,
    /// An SMB server.
    Smb,
    /// A greeting of FTP or SMTP (`220 …`, or a refusal such as `421 …` and `554 …`).
    FtpOrSmtp,
    /// A mailbox server (POP3 `+OK`, IMAP `* OK`).
    Mailbox,
    /// A remote desktop server (TPKT, RFC 1006).
    Rdp,
    /// An RPC message that does not answer a bind.
    OtherRpc,
    /// Nothing that is known here.
    Unknown,
}

impl Foreign {
    /// The name of the protocol, or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Tls => "TLS",
            Self::Ssh => "SSH",
            Self::Smb => "SMB",
            Self::FtpOrSmtp => "FTP/SMTP",
            Self::Mailbox => "POP3/IMAP",
            Self::Rdp => "RDP",
            Self::OtherRpc => "other RPC",
            Self::Unknown => "unknown",
        }
    }
}

/// How many bytes make the message whole, as far as these first bytes tell; `None` when they are too few.
/// Never more than [`REPLY_BYTES_MAX`]. Foreign bytes are whole as they are: there is nothing more to wait for.
pub fn expected_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [] => None,
        _ if may_be_rpc(bytes) => {
            let length = usize::from(Reader::new(bytes)?.u16_at(8)?);
            Some(length.clamp(HEADER_BYTES, REPLY_BYTES_MAX))
        }
        // Fewer than this tell no protocol from another.
        _ if bytes.len() < 8 => None,
        _ => Some(bytes.len().min(REPLY_BYTES_MAX)),
    }
}

/// Reads what came back after a bind. Bytes after the first message are ignored.
pub fn decode_reply(bytes: &[u8]) -> Reply {
    if bytes.is_empty() {
        return Reply::Incomplete;
    }
    if !may_be_rpc(bytes) {
        return Reply::Foreign { what: foreign(bytes) };
    }
    let Some(length) = expected_length(bytes) else { return Reply::Incomplete };
    let Some(message) = bytes.get(..length) else { return Reply::Incomplete };
    decode_message(message).unwrap_or(Reply::Foreign { what: Foreign::OtherRpc })
}

fn decode_message(message: &[u8]) -> Option<Reply> {
    let reader = Reader::new(message)?;
    if usize::from(reader.u16_at(8)?) != message.len() {
        return None; // shorter than a header or longer than any answer to a bind
    }
    match reader.u8_at(2)? {
        TYPE_BIND_ACK => {
            // C706 section 12.6.4.4: fragment sizes and group, secondary address (counted, with a zero at its end),
            // padding to four bytes, then a counted list of results.
            let address_bytes = usize::from(reader.u16_at(24)?);
            let address = message.get(26..26 + address_bytes)?;
            let results = (26 + address_bytes).next_multiple_of(4);
            let count = reader.u8_at(results)?;
            let (result, reason) = (reader.u16_at(results + 4)?, reader.u16_at(results + 6)?);
            match (count, result) {
                (0, _) => None,
                (_, ACCEPTANCE) => {
                    let address = String::from_utf8_lossy(address);
                    Some(Reply::Acknowledged { secondary_address: address.trim_end_matches('\0').to_owned() })
                }
                _ => Some(Reply::ContextRejected { result, reason }),
            }
        }
        // C706 section 12.6.4.5.
        TYPE_BIND_NAK => Some(Reply::BindNak { reason: reader.u16_at(16)? }),
        // C706 section 12.6.4.7: allocation hint, context, cancel count, then the status.
        TYPE_FAULT => Some(Reply::Fault { status: reader.u32_at(24)? }),
        _ => None,
    }
}

/// Whether the bytes begin like a connection-oriented RPC message: version 5.0 or 5.1, a known integer format.
fn may_be_rpc(bytes: &[u8]) -> bool {
    bytes.first() == Some(&VERSION_MAJOR)
        && bytes.get(1).is_none_or(|&minor| minor <= 1)
        && bytes.get(4).is_none_or(|&format| matches!(format >> 4, 0 | 1))
}

fn foreign(bytes: &[u8]) -> Foreign {
    let starts = |text: &str| bytes.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()));
    if ["HTTP/", "<!DOCTYPE", "<html"].into_iter().any(starts) {
        return Foreign::Http;
    }
    if starts("SSH-") {
        return Foreign::Ssh;
    }
    if ["+OK", "* OK", "* BYE"].into_iter().any(starts) {
        return Foreign::Mailbox;
    }
    match bytes {
        // TLS record header (RFC 8446 section 5.1): type 20 to 23, version 3.x.
        [20..=23, 3, 0..=4, ..] => Foreign::Tls,
        // SMB over TCP: zero, a length of three bytes, then SMB1, SMB2 or SMB3's magic ([MS-SMB2] section 2.1).
        [0, _, _, _, 0xFD..=0xFF, b'S', b'M', b'B', ..] => Foreign::Smb,
        // Three digits and a blank or hyphen (RFC 959 section 4.2, RFC 5321 section 4.2).
        [b'2' | b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..] => Foreign::FtpOrSmtp,
        [3, 0, ..] => Foreign::Rdp,
        _ => Foreign::Unknown,
    }
}

/// Reads integers in the byte order that the message announces.
struct Reader<'a> {
    message: &'a [u8],
    little_endian: bool,
}

impl<'a> Reader<'a> {
    fn new(message: &'a [u8]) -> Option<Self> {
        Some(Self { message, little_endian: message.get(4)? >> 4 == 1 })
    }

    fn u8_at(&self, offset: usize) -> Option<u8> {
        self.message.get(offset).copied()
    }

    fn u16_at(&self, offset: usize) -> Option<u16> {
        let bytes = *self.message.get(offset..)?.first_chunk()?;
        Some(if self.little_endian { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32_at(&self, offset: usize) -> Option<u32> {
        let bytes = *self.message.get(offset..)?.first_chunk()?;
        Some(if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}

#[cfg(test)]
mod tests;
