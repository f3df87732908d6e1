//! Readers: artifact in, facts out. Pure functions of the bytes.
//!
//! **Invariants.** No I/O and no clock: a reader sees one artifact and nothing else, so facts do not depend on the
//! order in which files come. What an artifact is follows from its content, never from its name. Readers state what
//! the text says; what it means is the knowledge's business. Nothing that is read can fail the analysis: what cannot
//! be read is listed with the reason.
//!
//! Start reading at [`read`], then [`document`] (bytes → lines) and one reader, such as `readers/slmgr.rs`.

pub mod bundle;
pub mod document;
pub mod reach;
mod readers;
pub mod redact;
mod sink;

use kmsdoctor_cloud::Resource;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::Fact;
use kmsdoctor_wire::transcript::NotAsked;

use document::Document;
pub use sink::Sink;

/// Largest artifact that is read, in bytes: event exports of a busy host stay well below, and memory stays bounded.
pub const ARTIFACT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Largest hive that is read, in bytes: `SOFTWARE` of a machine of some years has 100 to 200 MiB, of which few are looked at.
pub const HIVE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Bytes of the beginning of a file by which [`bytes_max`] tells its limit.
pub const START_BYTES: usize = 128;

/// Largest artifact that is read, of those that begin like this.
pub fn bytes_max(start: &[u8]) -> usize {
    if readers::hive::is_hive(start) { HIVE_BYTES_MAX } else { ARTIFACT_BYTES_MAX }
}

/// Why nothing was read from an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It has no bytes, or nothing but white space.
    Empty,
    /// It is no text in a known encoding and no known binary format.
    Binary,
    /// It is text, and no reader found anything in it.
    NotRecognised,
    /// It is an archive of a kind that is not unpacked here (7z, RAR, CAB, gzip …).
    OtherArchive,
    /// It is larger than [`bytes_max`].
    TooLarge,
    /// It begins like a known format and is damaged or cut off.
    Damaged,
    /// It is whole, and nothing was exchanged in it.
    NothingExchanged,
    /// It is an event log, and none of its events bear on activation.
    NoActivationEvents,
}

/// What was not read of an artifact of which something was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Partly {
    /// Parts of a binary log that are damaged as a whole, of 64 KiB each.
    pub damaged_chunks: usize,
    /// Single records that are damaged.
    pub damaged_records: usize,
    /// Its end is missing.
    pub is_cut_off: bool,
    /// Events that were left out, the oldest ones, because there are too many.
    pub left_out: usize,
    /// It was copied while Windows was writing to it, so that its newest records may be missing.
    pub was_in_use: bool,
    /// A hive of which keys or values are damaged or missing, or whose newest changes are in its log only.
    pub is_damaged_hive: bool,
}

impl Partly {
    /// `None` if all of it was read.
    fn of(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }

    /// Whether something was lost that may be what matters.
    pub fn is_damaged(&self) -> bool {
        self.damaged_chunks > 0 || self.damaged_records > 0 || self.is_cut_off || self.is_damaged_hive
    }
}

/// What was read from an artifact.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Kinds of content found, joined by `+` (`slmgr+events`); `transcript` for live exchanges, `unknown` if none.
    pub kind: String,
    /// The facts, in the order of the artifact.
    pub facts: Vec<Fact>,
    /// What a cloud's export describes. What follows from it takes all exports together: [`kmsdoctor_cloud::paths`].
    pub resources: Vec<Resource>,
    /// Why there is nothing, if there are none.
    pub unread: Option<Unread>,
    /// What was not read, if that is not all of it.
    pub partly: Option<Partly>,
    /// What a live run could not ask, in a transcript of its scope.
    pub not_asked: Vec<NotAsked>,
}

impl Reading {
    fn unread(why: Unread) -> Self {
        Self {
            kind: "unknown".to_owned(),
            facts: Vec::new(),
            resources: Vec::new(),
            unread: Some(why),
            partly: None,
            not_asked: Vec::new(),
        }
    }
}

/// Reads one artifact with every reader that recognises something in it.
pub fn read(artifact: &Artifact) -> Reading {
    if artifact.bytes().len() > bytes_max(artifact.bytes()) {
        return Reading::unread(Unread::TooLarge);
    }
    if readers::hive::is_hive(artifact.bytes()) {
        return readers::hive::read(artifact);
    }
    if let Some(reading) = readers::events::evtx::read(artifact) {
        return reading;
    }
    if bundle::is_other_archive(artifact.bytes()) {
        return Reading::unread(Unread::OtherArchive);
    }
    let document = match Document::decode(artifact) {
        Ok(document) => document,
        Err(why) => return Reading::unread(why),
    };
    if let Some(reading) = readers::transcript::read(&document) {
        return reading;
    }
    let mut facts = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    let mut partly = Partly::default();
    let (clouds, export) = readers::cloud::read(&document);
    // A subscription's export has a million lines: what is no console output is not read as such.
    let document = document.without(&export.lines);
    for reader in readers::TEXT_READERS {
        let mut sink = Sink::new(&document);
        (reader.read)(&document, &mut sink);
        partly.left_out += sink.left_out();
        let found = sink.into_facts();
        if !found.is_empty() {
            kinds.push(reader.kind);
            facts.extend(found);
        }
    }
    if facts.is_empty() && export.resources.is_empty() {
        return Reading::unread(Unread::NotRecognised);
    }
    for kind in clouds {
        // A routing table gives facts, and is what a cloud is judged by, too.
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    partly.is_cut_off |= export.is_cut_off;
    let resources = export.resources;
    facts.sort_by_key(|fact| fact.origins.first().map_or(0, |origin| origin.span.start));
    Reading { kind: kinds.join("+"), facts, resources, unread: None, partly: partly.of(), not_asked: Vec::new() }
}

#[cfg(test)]
mod tests;
