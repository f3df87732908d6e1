//! DNS questions and answers (RFC 1035, RFC 2782 for SRV, RFC 6891 for EDNS0).
//!
//! Only what discovery needs: SRV, A and AAAA. Encoding and decoding of names and records is hickory-proto's work;
//! this module narrows it to a small typed result that survives hostile answers.

mod rewrite;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hickory_proto::op::{Edns, Header, Message, MessageType, OpCode, Query as HickoryQuery};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType as HickoryType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

pub use rewrite::rewrite;

/// UDP payload that a query announces: fits any path without fragments (DNS flag day 2020, dnsflagday.net/2020).
pub const UDP_PAYLOAD_BYTES: u16 = 1232;

/// Length of the message header (RFC 1035 section 4.1.1).
const HEADER_BYTES: usize = 12;

/// Aliases followed inside one answer. Real chains are shorter than this; a longer one is a loop or hostile.
const ALIASES_MAX: usize = 16;

/// Why a message could not be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// The text is no domain name: empty, a label over 63 or a name over 255 bytes, or not IDNA.
    #[error("{name:?} cannot be written as a DNS name")]
    Name {
        /// The text.
        name: String,
    },
    /// The query could not be encoded.
    #[error("the DNS query for {name:?} could not be encoded")]
    Encode {
        /// The name asked for.
        name: String,
    },
    /// Shorter than a message header.
    #[error("{bytes} bytes are no DNS message, its header alone has {HEADER_BYTES}")]
    Short {
        /// Length of the message.
        bytes: usize,
    },
    /// A response where a query was expected, or the other way round, or no standard query at all.
    #[error("the DNS message is no {expected}")]
    WrongKind {
        /// What was expected.
        expected: &'static str,
    },
    /// The message breaks the format.
    #[error("malformed DNS message near offset {offset}")]
    Malformed {
        /// Offset up to which it could be read, in bytes.
        offset: usize,
    },
}

/// The record types that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordType {
    /// Service location (RFC 2782).
    Srv,
    /// IPv4 address.
    A,
    /// IPv6 address (RFC 3596).
    Aaaa,
}

impl RecordType {
    /// The name used in zone files and transcripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Srv => "SRV",
            Self::A => "A",
            Self::Aaaa => "AAAA",
        }
    }

    fn hickory(self) -> HickoryType {
        match self {
            Self::Srv => HickoryType::SRV,
            Self::A => HickoryType::A,
            Self::Aaaa => HickoryType::AAAA,
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for RecordType {
    type Err = UnknownRecordType;

    fn from_str(text: &str) -> Result<Self, UnknownRecordType> {
        [Self::Srv, Self::A, Self::Aaaa]
            .into_iter()
            .find(|record_type| record_type.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownRecordType)
    }
}

/// A record type that is never asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record type is none of SRV, A and AAAA")]
pub struct UnknownRecordType;

/// One question with its message id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Message id, chosen by the caller; it should be hard to guess.
    pub id: u16,
    /// Name asked for, without trailing dot, lower case, IDNA form.
    pub name: String,
    /// Record type asked for.
    pub record_type: RecordType,
    /// The CD bit: a resolver that validates gives the records although they fail its checks (RFC 4035 section 3.2.2).
    pub checking_disabled: bool,
}

impl Query {
    /// A question for `name`, which may be written in Unicode and with a trailing dot.
    pub fn new(id: u16, name: &str, record_type: RecordType) -> Result<Self, DnsError> {
        Ok(Self { id, name: plain(&parse_name(name)?), record_type, checking_disabled: false })
    }

    /// The message: recursion desired, EDNS0 with [`UDP_PAYLOAD_BYTES`].
    pub fn encode(&self) -> Result<Vec<u8>, DnsError> {
        let mut message = Message::new(self.id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.metadata.checking_disabled = self.checking_disabled;
        message.add_query(HickoryQuery::query(parse_name(&self.name)?, self.record_type.hickory()));
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD_BYTES);
        message.set_edns(edns);
        message.to_vec().map_err(|_| DnsError::Encode { name: self.name.clone() })
    }

    /// Reads a query back, as a transcript's reader does to know what was asked.
    pub fn decode(bytes: &[u8]) -> Result<Self, DnsError> {
        let (header, question, _) = read_start(bytes, MessageType::Query)?;
        let question = question.ok_or(DnsError::Malformed { offset: HEADER_BYTES })?;
        let record_type = question.record_type.ok_or(DnsError::WrongKind { expected: "query for SRV, A or AAAA" })?;
        let checking_disabled = header.metadata.checking_disabled;
        Ok(Self { id: header.metadata.id, name: question.name, record_type, checking_disabled })
    }
}

/// The response codes that mean something for discovery (RFC 1035 section 4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseCode {
    /// The name exists; there may still be no record of the type.
    NoError,
    /// NXDOMAIN: the name does not exist.
    NameError,
    /// SERVFAIL: the server could not find out.
    ServerFailure,
    /// REFUSED: the server does not answer this client.
    Refused,
    /// Any other code, as its number.
    Other(u16),
}

/// One SRV record (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SrvRecord {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among equals.
    pub weight: u16,
    /// TCP port of the service.
    pub port: u16,
    /// Host name in lower case without trailing dot; empty when the record says "no service here" (target `.`).
    pub target: String,
}

/// The question section of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Name in lower case without trailing dot.
    pub name: String,
    /// Its type; `None` for one that is never asked for.
    pub record_type: Option<RecordType>,
}

/// A response, reduced to what discovery needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Message id.
    pub id: u16,
    /// Response code.
    pub code: ResponseCode,
    /// The TC bit: the answer did not fit and has to be asked for again over TCP.
    pub truncated: bool,
    /// The question that it answers; some servers leave it out of errors.
    pub question: Option<Question>,
    /// SRV records of the name asked for, in the order of the answer.
    pub services: Vec<SrvRecord>,
    /// A and AAAA records of the name asked for, aliases followed, without repetition.
    pub addresses: Vec<IpAddr>,
    /// Names that CNAME records led to, in order, lower case, without trailing dot.
    pub aliases: Vec<String>,
}

impl Response {
    /// Reads a response. One that is truncated within a record keeps its header and question.
    pub fn decode(bytes: &[u8]) -> Result<Self, DnsError> {
        let (header, question, mut decoder) = read_start(bytes, MessageType::Response)?;
        let mut response = Self {
            id: header.metadata.id,
            code: match u16::from(header.metadata.response_code) {
                0 => ResponseCode::NoError,
                2 => ResponseCode::ServerFailure,
                3 => ResponseCode::NameError,
                5 => ResponseCode::Refused,
                other => ResponseCode::Other(other),
            },
            truncated: header.metadata.truncation,
            question,
            services: Vec::new(),
            addresses: Vec::new(),
            aliases: Vec::new(),
        };
        // Only the answer section is read: what a server adds after it cannot spoil the answer.
        let answers = usize::from(header.counts.answers);
        match Message::read_records(&mut decoder, answers, false, OpCode::Query) {
            Ok((records, _, _)) => response.take_answers(&records),
            Err(_) if response.truncated => {}
            Err(_) => return Err(DnsError::Malformed { offset: decoder.index() }),
        }
        Ok(response)
    }

    /// Whether this is the response to `query`: same id and same question. An error without a question section
    /// counts, since some servers send it so.
    pub fn is_answer_to(&self, query: &Query) -> bool {
        self.id == query.id
            && match &self.question {
                Some(question) => question.name == query.name && question.record_type == Some(query.record_type),
                None => self.code != ResponseCode::NoError,
            }
    }

    fn take_answers(&mut self, records: &[Record]) {
        let Some(question) = &self.question else { return };
        let mut name = question.name.clone();
        let internet = || records.iter().filter(|record| record.dns_class == DNSClass::IN);
        while self.aliases.len() < ALIASES_MAX {
            let next = internet().find_map(|record| match &record.data {
                RData::CNAME(target) if plain(&record.name) == name => Some(plain(&target.0)),
                _ => None,
            });
            match next {
                Some(next) if !self.aliases.contains(&next) => {
                    self.aliases.push(next.clone());
                    name = next;
                }
                _ => break,
            }
        }
        for record in internet().filter(|record| plain(&record.name) == name) {
            match &record.data {
                RData::SRV(srv) => self.services.push(SrvRecord {
                    priority: srv.priority,
                    weight: srv.weight,
                    port: srv.port,
                    target: plain(&srv.target),
                }),
                RData::A(address) => self.take_address(IpAddr::V4(address.0)),
                RData::AAAA(address) => self.take_address(IpAddr::V6(address.0)),
                _ => {}
            }
        }
    }

    fn take_address(&mut self, address: IpAddr) {
        if !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }
}

/// Header and question; the decoder stands at the answer section.
fn read_start(bytes: &[u8], kind: MessageType) -> Result<(Header, Option<Question>, BinDecoder<'_>), DnsError> {
    if bytes.len() < HEADER_BYTES {
        return Err(DnsError::Short { bytes: bytes.len() });
    }
    let mut decoder = BinDecoder::new(bytes);
    let header = Header::read(&mut decoder).map_err(|_| DnsError::Malformed { offset: decoder.index() })?;
    if header.metadata.message_type != kind || header.metadata.op_code != OpCode::Query {
        let expected = if kind == MessageType::Query { "standard query" } else { "response to a query" };
        return Err(DnsError::WrongKind { expected });
    }
    let question = match header.counts.queries {
        0 => None,
        1 => {
            let query =
                HickoryQuery::read(&mut decoder).map_err(|_| DnsError::Malformed { offset: decoder.index() })?;
            let record_type = [RecordType::Srv, RecordType::A, RecordType::Aaaa]
                .into_iter()
                .find(|kind| kind.hickory() == query.query_type && query.query_class == DNSClass::IN);
            Some(Question { name: plain(&query.name), record_type })
        }
        // More than one question has no defined meaning (RFC 9619).
        _ => return Err(DnsError::Malformed { offset: HEADER_BYTES }),
    };
    Ok((header, question, decoder))
}

fn parse_name(text: &str) -> Result<Name, DnsError> {
    let error = || DnsError::Name { name: text.to_owned() };
    // "Relaxed" lets names pass that DNS allows and IDNA does not, such as `my_host`.
    let mut name = Name::from_str_relaxed(text).map_err(|_| error())?;
    if name.is_root() || text.is_empty() {
        return Err(error());
    }
    name.set_fqdn(true);
    Ok(name)
}

/// Lower case, without trailing dot; bytes that are no host name characters are escaped.
fn plain(name: &Name) -> String {
    let mut text = name.to_ascii();
    text.make_ascii_lowercase();
    if text.ends_with('.') {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests;
