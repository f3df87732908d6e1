//! Events of the licensing services: what the client asked a KMS host (12288), what it got (12289), what the host
//! served (12290), failures that the client reports (8198, 8200, 8208, 8233), and what else tells of licences, the
//! service and the host; besides, events of other sources that explain a failed activation.
//!
//! They come as XML, JSON, tables, text with a header, a bare message that somebody copied, or a binary log. The
//! payload looks the same in all of them and in every language, so it is found by its shape; the header adds time and
//! computer.

mod beside;
mod emit;
pub(crate) mod evtx;
mod failure;
mod header;
mod json;
mod newest;
mod payload;
mod record;
mod source;
mod statement;
mod table;
mod xml;
mod zone;

use std::ops::RangeInclusive;

use jiff::Timestamp;

use crate::document::Document;
use crate::sink::Sink;
use header::Header;
use payload::Payload;
use record::{Field, Joined};
use source::Source;

/// Events whose payload is a comma string.
const COMMA_EVENTS: [u32; 3] = [12288, 12289, 12290];

/// One event, wherever it was found.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    /// `None` if the event is there and its payload is not, or cannot be read.
    payload: Option<Payload>,
    event: u32,
    /// Lines that the payload stands in.
    lines: RangeInclusive<usize>,
    /// Event time, where its zone is known.
    time: Option<Timestamp>,
    /// The same, where the form itself is sure of the zone.
    recorded_at: Option<Timestamp>,
    /// Time of the event as it stands there.
    date: String,
    number: Option<u64>,
    computer: Option<(String, usize)>,
}

/// Puts the events of the document into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let (mut found, _) = find(document);
    sink.leave_out(newest::keep(&mut found, newest::EVENTS_MAX));
    found.sort_by_key(|event| *event.lines.start());
    emit::emit(&mut found, sink);
}

/// For every line whether it belongs to an event, so that codes in it are not taken for the result of a command.
pub(crate) fn lines_of_events(document: &Document<'_>) -> Vec<bool> {
    find(document).1
}

fn find(document: &Document<'_>) -> (Vec<Found>, Vec<bool>) {
    let mut owned = vec![false; document.lines.len()];
    let mut found = Vec::new();
    if document.lines.iter().any(|line| line.text.contains(['<', '{'])) {
        let joined = Joined::of(document);
        let records = xml::events(&joined).into_iter().chain(json::events(&joined, document));
        for record in records {
            owned[record.lines.clone()].fill(true);
            found.extend(record.found());
        }
    }
    for row in table::rows(&document.lines, &owned) {
        let body: Vec<&str> = row.body.iter().map(String::as_str).collect();
        found_in_text(&row.header, &body, &mut found);
        owned[row.header.lines.clone()].fill(true);
    }
    let texts: Vec<&str> = document.lines.iter().map(|line| line.text.as_str()).collect();
    for header in header::headers(&document.lines, |index| !owned[index]) {
        let body = &texts[header.body.clone()];
        let taken = found_in_text(&header, body, &mut found).unwrap_or_else(|| failure::paragraph(body));
        owned[header.lines.clone()].fill(true);
        owned[header.body.start..header.body.start + taken].fill(true);
    }
    let mut index = 0;
    while index < texts.len() {
        let taken = if owned[index] { None } else { found_bare(&texts, index, &mut found) };
        if let Some(taken) = taken {
            owned[index..index + taken].fill(true);
        }
        index += taken.unwrap_or(1);
    }
    found.sort_by_key(|event| *event.lines.start());
    (found, owned)
}

/// What became of an event.
#[derive(Debug, PartialEq)]
enum Decoded {
    /// It is none of those that are read, or says nothing about activation.
    NotRead,
    /// It is one of them, and cannot be read.
    Unreadable,
    Is(Payload),
}

impl Decoded {
    fn of(payload: Option<Payload>) -> Self {
        payload.map_or(Self::Unreadable, Self::Is)
    }
}

/// What an event says by its values, or by the lines of its message.
fn decode(source: Source, event: u32, fields: &[Field], lines: &[&str]) -> Decoded {
    if source.is_licensing() && COMMA_EVENTS.contains(&event) {
        // Where the console wrapped the line inside the element.
        let values: Vec<String> = fields.iter().map(|field| field.value.lines().map(str::trim).collect()).collect();
        let whole = values.join(", ");
        let in_values = values.iter().map(String::as_str).chain([whole.as_str()]).find_map(payload::parse);
        let in_lines = || (0..lines.len()).find_map(|index| payload::at(&lines[index..]));
        return Decoded::of(in_values.or_else(|| in_lines().map(|(payload, _)| payload)));
    }
    if source.is_licensing() && failure::EVENTS.contains(&event) {
        return Decoded::Is(Payload::Failure(failure::read(event, lines).0));
    }
    let statements = match source {
        Source::Licensing | Source::Unknown => statement::read(source, event, fields, lines),
        _ => beside::read(source, event, fields, lines),
    };
    if statements.is_empty() { Decoded::NotRead } else { Decoded::Is(Payload::Statements(event, statements)) }
}

/// The payload of an event with a header; returns the number of lines of `body` that belong to it.
fn found_in_text(header: &Header, body: &[&str], found: &mut Vec<Found>) -> Option<usize> {
    let (payload, begin, taken) = if header.source.is_licensing() && COMMA_EVENTS.contains(&header.id) {
        match (0..body.len()).find_map(|index| Some((index, payload::at(&body[index..])?))) {
            Some((index, (payload, taken))) => (Some(payload), index, index + taken),
            None => (None, 0, failure::paragraph(body)),
        }
    } else if header.source.is_licensing() && failure::EVENTS.contains(&header.id) {
        let (failure, taken) = failure::read(header.id, body);
        (Some(Payload::Failure(failure)), 0, taken)
    } else {
        let taken = statement::extent(body);
        match decode(header.source, header.id, &[], body.get(..taken)?) {
            Decoded::NotRead => return None,
            Decoded::Unreadable => (None, 0, taken),
            Decoded::Is(payload) => (Some(payload), 0, taken),
        }
    };
    let first = header.body.start + begin;
    let last = (header.body.start + taken).saturating_sub(1).max(first);
    found.push(Found {
        event: payload.as_ref().map_or(header.id, Payload::event),
        lines: if body.is_empty() { header.lines.start..=header.lines.end.saturating_sub(1) } else { first..=last },
        payload,
        time: header.time,
        recorded_at: None,
        date: header.date.clone(),
        number: header.number,
        computer: header.computer.clone(),
    });
    Some(taken)
}

/// A payload without header; returns the number of lines that belong to it.
fn found_bare(texts: &[&str], index: usize, found: &mut Vec<Found>) -> Option<usize> {
    let rest = &texts[index..];
    let (payload, taken) = payload::at(rest)
        .or_else(|| {
            let event = failure::event_of_sentence(rest[0])?;
            let (failure, taken) = failure::read(event, rest);
            // Without a code it is somebody's prose.
            failure.code.map(|_| (Payload::Failure(failure), taken))
        })
        .or_else(|| {
            let event = statement::event_of_sentence(rest[0])?;
            let taken = statement::extent(rest);
            match decode(Source::Licensing, event, &[], rest.get(..taken)?) {
                Decoded::Is(payload) => Some((payload, taken)),
                Decoded::NotRead | Decoded::Unreadable => None,
            }
        })?;
    found.push(Found {
        event: payload.event(),
        payload: Some(payload),
        lines: index..=index + taken - 1,
        time: None,
        recorded_at: None,
        date: String::new(),
        number: None,
        computer: None,
    });
    Some(taken)
}

#[cfg(test)]
mod tests;
