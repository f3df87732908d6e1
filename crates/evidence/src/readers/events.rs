//! Events of the licensing services: what the client asked a KMS host (12288), what it got (12289), what the host
//! served (12290), and failures that the client reports (8198, 8200, 8208, 8233).
//!
//! They come as XML, as text with a header, or as a bare message that somebody copied. The payload looks the same in
//! all of them and in every language, so it is found by its shape; the header adds time and computer.

mod emit;
mod failure;
mod header;
mod payload;
mod xml;

use std::ops::RangeInclusive;

use jiff::Timestamp;

use crate::document::Document;
use crate::sink::Sink;
use header::Header;
use payload::Payload;

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
    /// Time of the event as it stands there.
    date: String,
    number: Option<u64>,
    computer: Option<(String, usize)>,
}

/// Puts the events of the document into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let (found, _) = find(document);
    emit::emit(&found, sink);
}

/// For every line whether it belongs to an event, so that codes in it are not taken for the result of a command.
pub(crate) fn lines_of_events(document: &Document<'_>) -> Vec<bool> {
    find(document).1
}

fn find(document: &Document<'_>) -> (Vec<Found>, Vec<bool>) {
    let mut owned = vec![false; document.lines.len()];
    let mut found = Vec::new();
    for event in xml::events(document) {
        owned[event.lines.clone()].fill(true);
        if event.is_licensing {
            found.extend(found_in_xml(event));
        }
    }
    let texts: Vec<&str> = document.lines.iter().map(|line| line.text.as_str()).collect();
    for header in header::headers(&document.lines, |index| !owned[index]) {
        let body = &texts[header.body.clone()];
        let taken = if header.is_licensing { found_in_text(&header, body, &mut found) } else { None };
        let taken = taken.unwrap_or_else(|| failure::paragraph(body));
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

fn found_in_xml(event: xml::XmlEvent) -> Option<Found> {
    let payload = if COMMA_EVENTS.contains(&event.id) {
        let whole = event.data.join(", ");
        event.data.iter().map(String::as_str).chain([whole.as_str()]).find_map(payload::parse)
    } else if failure::EVENTS.contains(&event.id) {
        let data: Vec<&str> = event.data.iter().map(String::as_str).collect();
        Some(Payload::Failure(failure::read(event.id, &data).0))
    } else {
        return None;
    };
    Some(Found {
        event: payload.as_ref().map_or(event.id, Payload::event),
        payload,
        lines: event.data_lines.start..=event.data_lines.end.saturating_sub(1).max(event.data_lines.start),
        date: event.time.map(|time| time.to_string()).unwrap_or_default(),
        time: event.time,
        number: event.number,
        computer: event.computer.map(|name| (name, event.lines.start)),
    })
}

/// The payload of an event with a header; returns the number of lines of `body` that belong to it.
fn found_in_text(header: &Header, body: &[&str], found: &mut Vec<Found>) -> Option<usize> {
    let (payload, begin, taken) = if COMMA_EVENTS.contains(&header.id) {
        match (0..body.len()).find_map(|index| Some((index, payload::at(&body[index..])?))) {
            Some((index, (payload, taken))) => (Some(payload), index, index + taken),
            None => (None, 0, failure::paragraph(body)),
        }
    } else if failure::EVENTS.contains(&header.id) {
        let (failure, taken) = failure::read(header.id, body);
        (Some(Payload::Failure(failure)), 0, taken)
    } else {
        return None;
    };
    let first = header.body.start + begin;
    let last = (header.body.start + taken).saturating_sub(1).max(first);
    found.push(Found {
        event: payload.as_ref().map_or(header.id, Payload::event),
        lines: if body.is_empty() { header.lines.start..=header.lines.end.saturating_sub(1) } else { first..=last },
        payload,
        time: header.time,
        date: header.date.clone(),
        number: header.number,
        computer: header.computer.clone(),
    });
    Some(taken)
}

/// A payload without header; returns the number of lines that belong to it.
fn found_bare(texts: &[&str], index: usize, found: &mut Vec<Found>) -> Option<usize> {
    let rest = &texts[index..];
    let (payload, taken) = payload::at(rest).or_else(|| {
        let event = failure::event_of_sentence(rest[0])?;
        let (failure, taken) = failure::read(event, rest);
        // Without a code it is somebody's prose.
        failure.code.map(|_| (Payload::Failure(failure), taken))
    })?;
    found.push(Found {
        event: payload.event(),
        payload: Some(payload),
        lines: index..=index + taken - 1,
        time: None,
        date: String::new(),
        number: None,
        computer: None,
    });
    Some(taken)
}

#[cfg(test)]
mod tests;
