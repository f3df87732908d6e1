//! What is fuzzed: each function takes any bytes and must neither panic nor take long. `fuzz_targets/` gives them to
//! libFuzzer; `crates/evidence/tests/corpus.rs` replays `corpus/` through the same functions.

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::diagnosis::{Given, diagnose};
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::report;
use kmsdoctor_evidence::{Reading, bundle};

/// A target with the folder of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 8] = [
    ("console", console),
    ("events", events),
    ("evtx", evtx),
    ("registry", registry),
    ("hive", hive),
    ("archives", archives),
    ("json", json),
    ("analyze", analyze),
];

fn read(data: &[u8]) -> Reading {
    let reading = kmsdoctor_evidence::read(&Artifact::new("fuzz", data.to_vec(), None));
    for fact in &reading.facts {
        let origin = fact.origins.first().expect("every fact has an origin");
        assert!(origin.span.start <= origin.span.end, "{origin:?}");
        assert!(!origin.quote.contains(char::is_control), "{origin:?}");
    }
    // What is read does not depend on anything but the bytes.
    assert!(reading.facts.is_empty() == reading.unread.is_some() || reading.kind == "transcript", "{}", reading.kind);
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

/// The whole way: bytes to report, in both languages.
///
/// # Panics
/// Where the report is not of its own schema: that is the point.
pub fn analyze(data: &[u8]) {
    let opened = bundle::open("fuzz", data.to_vec());
    let facts = opened.artifacts.iter().flat_map(|artifact| kmsdoctor_evidence::read(artifact).facts);
    let diagnosis = diagnose(facts, Knowledge::embedded(), &Given::default());
    for language in Language::ALL {
        let report = report::build(
            &diagnosis,
            Vec::new(),
            Vec::new(),
            "2026-11-24T00:00:00Z".parse().expect("a time"),
            language,
        );
        assert_eq!(report.schema, report::SCHEMA);
    }
}
