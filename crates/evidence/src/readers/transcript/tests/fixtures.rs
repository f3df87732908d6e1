//! Transcripts made of wire types, and answers as servers send them.

use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};
use kmsdoctor_wire::dns::{Query, RecordType};
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::rpc;
use kmsdoctor_wire::sntp;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, DnsQuestion, EndpointProbe, Exchange, HostPort, LifeMethod, Outcome, ProbeReason, Record,
    SignOfLife, TimeQuestion, Transport,
};

use super::host_address;

/// Nonce of the time questions.
const NONCE: u64 = 0x0102_0304_0506_0708;

/// Type and data of a record.
pub(super) type Answer = (u16, Vec<u8>);

pub(super) fn started_at() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

pub(super) fn received(data: &[u8]) -> Outcome {
    Outcome::Received { data: Hex(data.to_vec()) }
}

pub(super) fn exchange(transport: Transport, sent: Vec<u8>, outcome: Outcome) -> Exchange {
    Exchange { transport, sent: Hex(sent), outcome, elapsed_us: 450 }
}

pub(super) fn try_dns(id: u16, name: &str, record_type: RecordType) -> Vec<u8> {
    Query::new(id, name, record_type).unwrap().encode().unwrap()
}

/// A question to 10.0.0.1 with one try, whose outcome follows from what was sent.
pub(super) fn dns(name: &str, record_type: RecordType, outcome: impl FnOnce(&[u8]) -> Outcome) -> Record {
    let sent = try_dns(7, name, record_type);
    let outcome = outcome(&sent);
    Record::Dns(DnsQuestion {
        server: SocketAddr::from(([10, 0, 0, 1], 53)),
        name: name.to_owned(),
        record_type: record_type.to_string(),
        exchanges: vec![exchange(Transport::Udp, sent, outcome)],
        unchecked: Vec::new(),
    })
}

/// The answer to `sent` with this response code, its records owned by the name asked for.
pub(super) fn response(sent: &[u8], code: u8, records: &[Answer]) -> Outcome {
    let name = sent[12..].iter().position(|byte| *byte == 0).unwrap();
    let question = &sent[12..12 + name + 5];
    let mut message =
        vec![sent[0], sent[1], 0x81, 0x80 | code, 0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0];
    message.extend(question);
    for (record_type, data) in records {
        message.extend([0xc0, 12]);
        message.extend(record_type.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        message.extend(data);
    }
    received(&message)
}

pub(super) fn srv(priority: u16, port: u16, target: &str) -> Answer {
    let mut data = [priority, 0, port].into_iter().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    for label in target.split('.').filter(|label| !label.is_empty()) {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend(label.as_bytes());
    }
    data.push(0);
    (33, data)
}

pub(super) fn address(text: &str) -> Answer {
    match text.parse().unwrap() {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (28, address.octets().to_vec()),
    }
}

pub(super) fn probe(
    host: &str,
    reasons: Vec<ProbeReason>,
    attempts: Vec<ConnectionAttempt>,
    signs_of_life: Vec<SignOfLife>,
) -> Record {
    let endpoint = HostPort { host: host.to_owned(), port: 1688 };
    Record::Endpoint(EndpointProbe { endpoint, reasons, client_addresses: Vec::new(), attempts, signs_of_life })
}

pub(super) fn attempt(connect: Outcome) -> ConnectionAttempt {
    ConnectionAttempt::new(host_address(), connect, 300)
}

pub(super) fn connected(bind: Exchange) -> ConnectionAttempt {
    ConnectionAttempt { bind: Some(bind), ..attempt(Outcome::Connected) }
}

pub(super) fn bind(outcome: Outcome) -> Exchange {
    let elapsed_us = if outcome == Outcome::TimedOut { 2_000_000 } else { 1200 };
    Exchange { transport: Transport::Tcp, sent: Hex(rpc::encode_bind(1)), outcome, elapsed_us }
}

pub(super) fn sign(method: LifeMethod, outcome: Outcome) -> SignOfLife {
    SignOfLife { address: host_address().ip(), method, outcome, elapsed_us: 200 }
}

/// A whole RPC message of this type, little-endian.
fn rpc_message(message_type: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![5, 0, message_type, 3, 0x10, 0, 0, 0];
    message.extend(u16::try_from(16 + body.len()).unwrap().to_le_bytes());
    message.extend([0, 0, 1, 0, 0, 0]);
    message.extend(body);
    message
}

/// `bind_ack` with this result for the one context.
pub(super) fn bind_ack(result: u8) -> Vec<u8> {
    let mut body = vec![0xd0, 0x16, 0xd0, 0x16, 1, 0, 0, 0];
    body.extend([5, 0]);
    body.extend(b"1688\0");
    body.push(0);
    body.extend([1, 0, 0, 0, result, 0, 1, 0]);
    body.extend([0; 20]);
    rpc_message(12, &body)
}

pub(super) fn bind_nak() -> Vec<u8> {
    rpc_message(13, &[4, 0, 1, 5, 0, 0])
}

pub(super) fn fault() -> Vec<u8> {
    rpc_message(3, &[0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0x1c, 0, 0, 0, 0])
}

/// A question to 10.0.0.2 that took 20 ms.
pub(super) fn time(outcome: Outcome) -> Record {
    let sent = sntp::encode_request(NONCE).to_vec();
    Record::Time(TimeQuestion {
        source: "dc1.contoso.com".to_owned(),
        address: Some(SocketAddr::from(([10, 0, 0, 2], 123))),
        sent_at: started_at(),
        received_at: started_at() + SignedDuration::from_millis(20),
        exchange: Some(Exchange { transport: Transport::Udp, sent: Hex(sent), outcome, elapsed_us: 20_000 }),
    })
}

/// A reply from a source that is `offset_s` ahead and answers in no time.
pub(super) fn ntp_reply(leap: u8, stratum: u8, offset_s: i64) -> Outcome {
    let at = started_at() + SignedDuration::from_millis(offset_s * 1000 + 10);
    let seconds = u64::try_from(at.as_second() + 2_208_988_800).unwrap();
    let fraction = (u64::try_from(at.subsec_nanosecond()).unwrap() << 32) / 1_000_000_000;
    let stamp = (seconds << 32 | fraction).to_be_bytes();
    let mut message = vec![0; 48];
    message[0] = leap << 6 | 4 << 3 | 4;
    message[1] = stratum;
    message[24..32].copy_from_slice(&NONCE.to_be_bytes());
    message[32..40].copy_from_slice(&stamp);
    message[40..48].copy_from_slice(&stamp);
    received(&message)
}
