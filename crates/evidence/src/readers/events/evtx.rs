//! Binary event logs (`.evtx`). Chunks of 64 KiB stand for themselves, so what is damaged in one leaves the others.
//!
//! Checksums are not compared: masking product keys at the door changes them, and a log that was copied while Windows
//! wrote to it has stale ones. What is damaged shows when it is parsed.

use std::sync::Arc;

use evtx::{EvtxChunkData, EvtxRecord, ParserSettings};
use kmsdoctor_core::artifact::Artifact;

use super::record::Record;
use super::source::Source;
use super::{Found, emit, newest, xml};
use crate::document::{Document, Line};
use crate::sink::Sink;
use crate::{ARTIFACT_BYTES_MAX, Partly, Reading, Unread};

/// What a file begins with.
const MARK: &[u8] = b"ElfFile\0";
/// The file's header with its padding ([MS-EVEN6] names neither; libyal's description of the format does).
const HEADER_BYTES: usize = 4096;
const CHUNK_BYTES: usize = 65536;
/// Header of a record, which the parser leaves out of what it calls a record, and the copy of its size behind it.
const RECORD_HEADER_BYTES: usize = 24;
const RECORD_TRAILER_BYTES: usize = 4;
/// Where the file's header has its number of chunks and its flags.
const CHUNKS_AT: usize = 42;
const FLAGS_AT: usize = 120;
/// Flag: Windows has the file open.
const IN_USE: u8 = 1;
/// What stands before the name of the source in a rendered record.
const PROVIDER: &str = "<Provider Name=\"";
/// Characters of data in a rendered line: quotes are shorter still.
const DATA_CHARS_MAX: usize = 400;

/// Reads a binary log; `None` if the artifact is none.
pub(crate) fn read(artifact: &Artifact) -> Option<Reading> {
    Some(walk(artifact, Log::default())?.finish(artifact))
}

/// The events of a binary log that bear on activation, as XML; none of a log without such events.
pub(crate) fn text(artifact: &Artifact) -> Option<String> {
    let log = walk(artifact, Log { kept: Some(String::new()), ..Log::default() })?;
    log.kept.filter(|text| !text.is_empty())
}

/// Whether the artifact is a binary log.
pub(crate) fn is_log(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK)
}

fn walk(artifact: &Artifact, mut log: Log) -> Option<Log> {
    let bytes = artifact.bytes();
    if !is_log(bytes) {
        return None;
    }
    log.partly.was_in_use = bytes.get(FLAGS_AT).is_some_and(|flags| flags & IN_USE != 0);
    let chunks = bytes.get(HEADER_BYTES..).unwrap_or_default();
    for (number, chunk) in chunks.chunks(CHUNK_BYTES).enumerate() {
        log.chunk(HEADER_BYTES + number * CHUNK_BYTES, chunk);
    }
    let expected = match bytes.get(CHUNKS_AT..CHUNKS_AT + 2) {
        Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => 0,
    };
    // A log cut within its header says nothing of its events, not even that it has none.
    log.partly.is_cut_off |= bytes.len() < HEADER_BYTES || chunks.len().div_ceil(CHUNK_BYTES) < expected;
    Some(log)
}

/// What was read so far.
#[derive(Default)]
struct Log {
    found: Vec<Found>,
    /// One for each event found.
    lines: Vec<Line>,
    partly: Partly,
    /// Whether any record could be read, of whatever source.
    has_records: bool,
    /// The records themselves, where they are wanted.
    kept: Option<String>,
}

impl Log {
    fn chunk(&mut self, start: usize, bytes: &[u8]) {
        if bytes.iter().all(|byte| *byte == 0) {
            return;
        }
        let is_cut_off = bytes.len() < CHUNK_BYTES;
        self.partly.is_cut_off |= is_cut_off;
        let mut whole = bytes.to_vec();
        whole.resize(CHUNK_BYTES, 0);
        let settings = Arc::new(ParserSettings::default().indent(false));
        let Ok(mut data) = EvtxChunkData::new(whole, false) else { return self.damaged_chunk(is_cut_off) };
        let Ok(mut chunk) = data.parse(settings) else { return self.damaged_chunk(is_cut_off) };
        for record in chunk.iter() {
            let read = record.is_ok_and(|record| self.record(start, bytes.len(), record));
            // Records behind the cut are told by it.
            self.partly.damaged_records += usize::from(!read && !is_cut_off);
        }
    }

    fn damaged_chunk(&mut self, is_cut_off: bool) {
        self.partly.damaged_chunks += usize::from(!is_cut_off);
    }

    /// Whether the record could be read.
    fn record(&mut self, chunk: usize, chunk_bytes: usize, record: EvtxRecord<'_>) -> bool {
        let (at, length) = (usize::try_from(record.binxml_offset), usize::try_from(record.binxml_size));
        let (at, length) = (at.unwrap_or(CHUNK_BYTES), length.unwrap_or(0));
        let begin = at.saturating_sub(RECORD_HEADER_BYTES).min(chunk_bytes.saturating_sub(1));
        let end = (at + length + RECORD_TRAILER_BYTES).clamp(begin + 1, chunk_bytes.max(begin + 1));
        let Ok(text) = record.into_xml() else { return false };
        self.has_records = true;
        // Most of a log is of other sources, and is not parsed any further.
        let provider = text.data.split_once(PROVIDER).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
        if !Source::of(provider).is_named() {
            return true;
        }
        if let Some(kept) = self.kept.as_mut().filter(|kept| kept.len() < ARTIFACT_BYTES_MAX / 2) {
            kept.push_str(&text.data);
            kept.push('\n');
        }
        let Some(mut record) = xml::parse(&text.data) else { return false };
        let line = self.lines.len();
        (record.lines, record.data_lines) = (line..line + 1, line..line + 1);
        let text = render(&record);
        if let Some(found) = record.found() {
            self.found.push(found);
            self.lines.push(Line { number: 0, span: chunk + begin..chunk + end, text });
        }
        self.partly.left_out += newest::keep(&mut self.found, newest::EVENTS_MAX * 2);
        true
    }

    fn finish(mut self, artifact: &Artifact) -> Reading {
        self.partly.left_out += newest::keep(&mut self.found, newest::EVENTS_MAX);
        self.found.sort_by_key(|event| *event.lines.start());
        let document = Document { artifact, lines: self.lines, encoding: "evtx" };
        let mut sink = Sink::new(&document);
        emit::emit(&mut self.found, &mut sink);
        let mut facts = sink.into_facts();
        facts.sort_by_key(|fact| fact.origins.first().map_or(0, |origin| origin.span.start));
        let unread = match (facts.is_empty(), self.has_records || self.partly == Partly::default()) {
            (false, _) => None,
            (true, true) => Some(Unread::NoActivationEvents),
            (true, false) => Some(Unread::Damaged),
        };
        let kind = if facts.is_empty() { "unknown" } else { "evtx" };
        Reading {
            kind: kind.to_owned(),
            facts,
            resources: Vec::new(),
            unread,
            partly: self.partly.of(),
            not_asked: Vec::new(),
        }
    }
}

/// The record as one line, for people.
fn render(record: &Record) -> String {
    let number = record.number.map(|number| format!(" #{number}")).unwrap_or_default();
    let computer = record.computer.as_deref().unwrap_or_default();
    let data = record.fields.iter().map(|field| field.value.trim()).collect::<Vec<_>>().join("; ");
    let data: String =
        data.chars().take(DATA_CHARS_MAX).map(|character| if character == '\n' { ' ' } else { character }).collect();
    format!("{} {} {}{number} {computer}: {data}", record.source_name, record.id, record.date)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod writer;
