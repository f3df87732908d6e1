//! One event as its form gives it, before it is known what it says.

use std::ops::Range;

use jiff::Timestamp;

use super::payload::Payload;
use super::source::Source;
use super::{Decoded, Found, decode};
use crate::document::Document;

/// A value of an event, with the name that some providers give to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// An event with named or numbered values: from XML, a binary log or JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Record {
    pub(crate) source: Source,
    /// The source as it stands there.
    pub(crate) source_name: String,
    pub(crate) id: u32,
    /// When it was logged, where the zone is certain.
    pub(crate) time: Option<Timestamp>,
    /// The time as it stands there.
    pub(crate) date: String,
    pub(crate) number: Option<u64>,
    pub(crate) computer: Option<String>,
    pub(crate) fields: Vec<Field>,
    /// The message, where the form carries it; the fields go first.
    pub(crate) message: String,
    /// Lines of the document, from the first to the one behind the last.
    pub(crate) lines: Range<usize>,
    /// Lines of the data.
    pub(crate) data_lines: Range<usize>,
}

impl Record {
    /// What it says; `None` if it is none of the events that are read.
    pub(super) fn found(self) -> Option<Found> {
        let lines: Vec<&str> = self.fields.iter().flat_map(|field| lines_of(&field.value)).collect();
        let message: Vec<&str> = lines_of(&self.message).collect();
        let mut decoded = decode(self.source, self.id, &self.fields, &lines);
        if !matches!(decoded, Decoded::Is(_)) && !message.is_empty() {
            decoded = match decode(self.source, self.id, &[], &message) {
                Decoded::NotRead => decoded,
                by_message => by_message,
            };
        }
        let payload = match decoded {
            Decoded::NotRead => return None,
            Decoded::Unreadable => None,
            Decoded::Is(payload) => Some(payload),
        };
        Some(Found {
            event: payload.as_ref().map_or(self.id, Payload::event),
            payload,
            lines: self.data_lines.start..=self.data_lines.end.saturating_sub(1).max(self.data_lines.start),
            date: self.date,
            time: self.time,
            recorded_at: self.time,
            number: self.number,
            computer: self.computer.map(|name| (name, self.lines.start)),
        })
    }
}

/// Lines with something in them: data may be indented and wrapped by the console.
fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The text of a document in one piece, for forms that go over line breaks.
pub(super) struct Joined {
    pub(super) text: String,
    starts: Vec<usize>,
}

impl Joined {
    pub(super) fn of(document: &Document<'_>) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(document.lines.len());
        for line in &document.lines {
            starts.push(text.len());
            text.push_str(&line.text);
            text.push('\n');
        }
        Self { text, starts }
    }

    /// The line in which the character at `offset` stands.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Where a line begins.
    pub(super) fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// Lines of the characters from `start` to the one behind the last.
    pub(super) fn lines(&self, start: usize, end: usize) -> Range<usize> {
        self.line_of(start)..self.line_of(end.saturating_sub(1).max(start)) + 1
    }

    /// The text from `start`, at most `length` bytes of it.
    pub(super) fn piece(&self, start: usize, length: usize) -> &str {
        let cut = start.saturating_add(length).min(self.text.len());
        let cut = (start..=cut).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(start);
        self.text.get(start..cut).unwrap_or_default()
    }
}
