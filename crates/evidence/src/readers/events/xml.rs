//! Events as XML, one or several with anything between them: `wevtutil`, Event Viewer's copy, saved exports.

use std::ops::Range;

use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::header::is_licensing;
use crate::document::Document;

/// Characters of one event that are parsed: real ones have some thousand.
const EVENT_CHARS_MAX: usize = 64 * 1024;
const OPEN: &str = "<Event";
const CLOSE: &str = "</Event>";
/// Data elements that are kept.
const DATA_MAX: usize = 32;

/// One event.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct XmlEvent {
    pub(crate) id: u32,
    pub(crate) is_licensing: bool,
    pub(crate) time: Option<Timestamp>,
    pub(crate) number: Option<u64>,
    pub(crate) computer: Option<String>,
    pub(crate) data: Vec<String>,
    /// Lines of the document, from the first to the one behind the last.
    pub(crate) lines: Range<usize>,
    /// Lines of the data.
    pub(crate) data_lines: Range<usize>,
}

/// Every event of the document.
pub(crate) fn events(document: &Document<'_>) -> Vec<XmlEvent> {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(document.lines.len());
    for line in &document.lines {
        starts.push(text.len());
        text.push_str(&line.text);
        text.push('\n');
    }
    let line_of = |offset: usize| starts.partition_point(|start| *start <= offset).saturating_sub(1);
    let mut found = Vec::new();
    let mut close = 0;
    let mut open = next_open(&text, 0);
    while let Some(start) = open {
        open = next_open(&text, start + 1);
        if close <= start {
            close = text[start..].find(CLOSE).map_or(text.len(), |at| start + at + CLOSE.len());
        }
        // One that is cut off ends where the next one begins.
        let end = open.map_or(close, |next| next.min(close));
        let cut = end.min(start + EVENT_CHARS_MAX);
        let cut = (start..=cut).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
        if let Some(mut event) = parse(&text[start..cut]) {
            let data = event.data_lines.clone();
            event.lines = line_of(start)..line_of(end.saturating_sub(1)) + 1;
            event.data_lines = if data.is_empty() {
                event.lines.clone()
            } else {
                line_of(start + data.start)..line_of(start + data.end) + 1
            };
            found.push(event);
        }
    }
    found
}

/// Where the next event begins; not `<Events>`, `<EventData>`, `<EventID>`.
fn next_open(text: &str, from: usize) -> Option<usize> {
    let mut tags = text.get(from..)?.match_indices(OPEN).map(|(at, _)| from + at);
    tags.find(|at| text[at + OPEN.len()..].starts_with([' ', '>', '\n', '\t']))
}

/// Reads as far as the text is well-formed. `data_lines` is a span of bytes here.
fn parse(text: &str) -> Option<XmlEvent> {
    let mut event = XmlEvent { is_licensing: true, ..XmlEvent::default() };
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut element = String::new();
    let mut content = String::new();
    let mut has_id = false;
    let mut begin = 0;
    loop {
        let place = usize::try_from(reader.buffer_position()).unwrap_or(0);
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                attributes(&start, &mut event);
                start.local_name().as_ref().clone_into(&mut element);
                content.clear();
                begin = place;
            }
            Ok(Event::Empty(start)) => attributes(&start, &mut event),
            Ok(Event::Text(piece)) => content.push_str(&piece),
            Ok(Event::GeneralRef(name)) => content.push(character_of(&name)),
            Ok(Event::CData(piece)) => content.push_str(&piece),
            Ok(Event::End(_)) => {
                let value = content.trim();
                match element.as_str() {
                    "EventID" => {
                        let id = value.parse::<u32>().ok();
                        has_id |= id.is_some();
                        event.id = id.unwrap_or(0) & 0xffff;
                    }
                    "EventRecordID" => event.number = value.parse().ok(),
                    "Computer" => event.computer = (!value.is_empty()).then(|| value.to_owned()),
                    "Data" if event.data.len() < DATA_MAX => {
                        if event.data.is_empty() {
                            event.data_lines.start = begin;
                        }
                        event.data_lines.end = place;
                        // Where the console wrapped the line inside the element.
                        event.data.push(value.lines().map(str::trim).collect());
                    }
                    _ => {}
                }
                element.clear();
                content.clear();
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    has_id.then_some(event)
}

fn attributes(start: &BytesStart<'_>, event: &mut XmlEvent) {
    for attribute in start.attributes().with_checks(false).flatten() {
        let value: String = attribute.value.lines().map(str::trim).collect();
        match (start.local_name().as_ref(), attribute.key.local_name().as_ref()) {
            ("Provider", "Name") => event.is_licensing = is_licensing(&value),
            ("TimeCreated", "SystemTime") => event.time = value.parse().ok(),
            _ => {}
        }
    }
}

/// The five entities that XML knows by itself, and numbers.
fn character_of(name: &str) -> char {
    match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            });
            number.and_then(char::from_u32).unwrap_or('\u{fffd}')
        }
    }
}
