//! What is fuzzed: each function takes any bytes and must neither panic nor take long. `fuzz_targets/` gives them to
//! libFuzzer; `crates/evidence/tests/corpus.rs` replays `corpus/` through the same functions.

use kmsdoctor_cloud::{Resource, paths};
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::diagnosis::{Given, diagnose};
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::report;
use kmsdoctor_evidence::{Reading, bundle};
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, DnsQuestion, EndpointProbe, Exchange, HostPort, Outcome, ProbeReason, Record, TimeQuestion,
    Transcript, Transport,
};
use kmsdoctor_wire::{dns, icmp, rpc, sntp};

/// A target with the folder of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 13] = [
    ("console", console),
    ("events", events),
    ("evtx", evtx),
    ("registry", registry),
    ("hive", hive),
    ("archives", archives),
    ("json", json),
    ("cloud", cloud),
    ("analyze", analyze),
    ("dns", dns_message),
    ("sntp", sntp_message),
    ("rpc", rpc_message),
    ("transcript", transcript),
];

/// When the exchanges of the targets happened.
const MOMENT: &str = "2026-11-24T00:00:00Z";
/// The nonce of the request that SNTP replies are held against.
const NONCE: u64 = 0x0123_4567_89AB_CDEF;

fn read(data: &[u8]) -> Reading {
    let reading = kmsdoctor_evidence::read(&Artifact::new("fuzz", data.to_vec(), None));
    for fact in &reading.facts {
        let origin = fact.origins.first().expect("every fact has an origin");
        assert!(origin.span.start <= origin.span.end, "{origin:?}");
        assert!(!origin.quote.contains(char::is_control), "{origin:?}");
    }
    // What is read does not depend on anything but the bytes.
    let is_empty = reading.facts.is_empty() && reading.resources.is_empty();
    assert!(is_empty == reading.unread.is_some() || reading.kind == "transcript", "{}", reading.kind);
    reading
}

/// Output of consoles, in whatever encoding.
pub fn console(data: &[u8]) {
    read(data);
}

/// Events as text and XML: bare, and as part of a document.
pub fn events(data: &[u8]) {
    read(data);
    read(&[b"<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">", data].concat());
}

/// Binary event logs: with a file header before them, so that more than the first check is reached.
pub fn evtx(data: &[u8]) {
    read(data);
    read(&[b"ElfFile\0", data].concat());
}

/// Exports of the registry as text.
pub fn registry(data: &[u8]) {
    read(data);
    read(&[b"Windows Registry Editor Version 5.00\r\n\r\n", data].concat());
}

/// Raw hives.
pub fn hive(data: &[u8]) {
    read(data);
    read(&[b"regf", data].concat());
}

/// Archives, nested and damaged.
///
/// # Panics
/// Where a name would lead out of a folder: that is the point.
pub fn archives(data: &[u8]) {
    for bytes in [data.to_vec(), [b"PK\x03\x04", data].concat()] {
        for artifact in bundle::open("fuzz.zip", bytes).artifacts {
            let leads_out = artifact.name().split(['/', '\\']).any(|part| part == "..");
            assert!(!leads_out, "{}", artifact.name());
        }
    }
}

/// JSON objects and lines.
pub fn json(data: &[u8]) {
    read(data);
    read(&[b"{", data, b"}"].concat());
    read(&[b"[", data, b"]"].concat());
}

/// Exports of clouds: what is described, and the way to KMS through it.
///
/// # Panics
/// Where a resource does not say where it was read: that is the point.
pub fn cloud(data: &[u8]) {
    for bytes in [data.to_vec(), [b"{\"value\": [", data].concat(), [b"$ az network nic list\n[", data, b"]"].concat()]
    {
        let resources = read(&bytes).resources;
        for Resource { origin, .. } in &resources {
            assert!(origin.span.start <= origin.span.end && origin.span.end <= bytes.len(), "{origin:?}");
            assert!(!origin.quote.contains(char::is_control), "{origin:?}");
        }
        paths(&resources);
    }
}

/// The whole way: bytes to report, in both languages.
///
/// # Panics
/// Where the report is not of its own schema: that is the point.
pub fn analyze(data: &[u8]) {
    let opened = bundle::open("fuzz", data.to_vec());
    let facts = opened.artifacts.iter().flat_map(|artifact| kmsdoctor_evidence::read(artifact).facts);
    let diagnosis = diagnose(facts, Knowledge::embedded(), &Given::default());
    for language in Language::ALL {
        let report = report::build(&diagnosis, Vec::new(), Vec::new(), MOMENT.parse().expect("a time"), language);
        assert_eq!(report.schema, report::SCHEMA);
    }
}

/// Messages of DNS: as question and as response, rewritten for a redacted bundle, and read from a transcript.
///
/// # Panics
/// Where rewriting with the same names and addresses changes what is read: that is the point.
pub fn dns_message(data: &[u8]) {
    if let Ok(query) = dns::Query::decode(data) {
        // Not every name that a message can carry is one to ask for.
        if dns::Query::new(query.id, &query.name, query.record_type).is_ok_and(|asked| asked == query) {
            let again = query.encode().expect("a question that can be asked");
            assert_eq!(dns::Query::decode(&again).expect("what was encoded"), query);
        }
    }
    if let Ok(response) = dns::Response::decode(data) {
        let rewritten = dns::rewrite(data, &mut str::to_owned, &mut |address| address);
        if let Ok(again) = dns::Response::decode(&rewritten) {
            assert_eq!((again.id, again.code), (response.id, response.code));
        }
    }
    let query = dns::Query::new(1, "_vlmcs._tcp.contoso.com", dns::RecordType::Srv).expect("a name");
    let exchanges = vec![exchange(Transport::Udp, query.encode().expect("a question"), data)];
    read_record(Record::Dns(DnsQuestion {
        server: ([192, 0, 2, 53], 53).into(),
        name: query.name.clone(),
        record_type: "SRV".to_owned(),
        unchecked: exchanges.clone(),
        exchanges,
    }));
}

/// Replies of time servers, by themselves and in a transcript.
///
/// # Panics
/// Where a reply passes that does not answer the request: that is the point.
pub fn sntp_message(data: &[u8]) {
    let mut answering = data.to_vec();
    // Few inputs guess the nonce by themselves.
    if let Some(originate) = answering.get_mut(24..32) {
        originate.copy_from_slice(&NONCE.to_be_bytes());
    }
    if sntp::decode_reply(data, NONCE).is_ok() {
        assert_eq!(data[24..32], NONCE.to_be_bytes());
    }
    let _ = sntp::decode_nonce(data);
    read_record(Record::Time(TimeQuestion {
        source: "time.contoso.com".to_owned(),
        address: Some(([192, 0, 2, 123], 123).into()),
        sent_at: MOMENT.parse().expect("a time"),
        received_at: MOMENT.parse().expect("a time"),
        exchange: Some(exchange(Transport::Udp, sntp::encode_request(NONCE).to_vec(), &answering)),
    }));
}

/// Replies of RPC servers and of whatever else listens there, and echo replies.
pub fn rpc_message(data: &[u8]) {
    let _ = rpc::decode_reply(data);
    let _ = rpc::expected_length(data);
    for version in [icmp::IpVersion::V4, icmp::IpVersion::V6] {
        let _ = icmp::is_echo_reply(version, data, NONCE);
    }
    let address = ([192, 0, 2, 10], 1688).into();
    let mut attempt = ConnectionAttempt::new(address, Outcome::Connected, 100);
    attempt.bind = Some(exchange(Transport::Tcp, rpc::encode_bind(1), data));
    read_record(Record::Endpoint(EndpointProbe {
        endpoint: HostPort { host: "kms1.contoso.com".to_owned(), port: 1688 },
        reasons: vec![ProbeReason::Asked],
        client_addresses: Vec::new(),
        attempts: vec![attempt],
        signs_of_life: Vec::new(),
    }));
}

/// Transcripts as somebody mailed them.
pub fn transcript(data: &[u8]) {
    read(data);
    read(&[b"{\"format\":\"kmsdoctor.transcript/1\",\"started_at\":\"2026-11-24T00:00:00Z\",", data].concat());
}

fn exchange(transport: Transport, sent: Vec<u8>, data: &[u8]) -> Exchange {
    let outcome = Outcome::Received { data: Hex(data.to_vec()) };
    Exchange { transport, sent: Hex(sent), outcome, elapsed_us: 1_000 }
}

fn read_record(record: Record) {
    let transcript = Transcript::new(MOMENT.parse().expect("a time"), record);
    let reading = read(&serde_json::to_vec(&transcript).expect("a transcript"));
    assert_eq!(reading.kind, "transcript");
}
