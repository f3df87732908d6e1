//! Events as XML, one or several with anything between them: `wevtutil`, Event Viewer's copy, saved exports, and the
//! records of a binary log once they are rendered.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::record::{Field, Joined, Record};
use super::source::Source;

/// Characters of one event that are parsed: real ones have some thousand.
const EVENT_CHARS_MAX: usize = 64 * 1024;
const OPEN: &str = "<Event";
const CLOSE: &str = "</Event>";
/// Data elements that are kept: events of Defender have some twenty.
const DATA_MAX: usize = 48;

/// Every event of the document.
pub(super) fn events(joined: &Joined) -> Vec<Record> {
    let text = &joined.text;
    let mut found = Vec::new();
    let mut close = 0;
    let mut open = next_open(text, 0);
    while let Some(start) = open {
        open = next_open(text, start + 1);
        if close <= start {
            close = text[start..].find(CLOSE).map_or(text.len(), |at| start + at + CLOSE.len());
        }
        // One that is cut off ends where the next one begins.
        let end = open.map_or(close, |next| next.min(close));
        if let Some(mut record) = parse(joined.piece(start, (end - start).min(EVENT_CHARS_MAX))) {
            let data = record.data_lines.clone();
            record.lines = joined.lines(start, end);
            record.data_lines = if data.is_empty() {
                record.lines.clone()
            } else {
                joined.line_of(start + data.start)..joined.line_of(start + data.end) + 1
            };
            found.push(record);
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
pub(super) fn parse(text: &str) -> Option<Record> {
    let mut record = Record::default();
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut element = String::new();
    let mut name = String::new();
    let mut content = String::new();
    let (mut has_id, mut in_user_data) = (false, false);
    let mut begin = 0;
    loop {
        let place = usize::try_from(reader.buffer_position()).unwrap_or(0);
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                name = attributes(&start, &mut record);
                start.local_name().as_ref().clone_into(&mut element);
                in_user_data |= element == "UserData";
                content.clear();
                begin = place;
            }
            Ok(Event::Empty(start)) => {
                attributes(&start, &mut record);
            }
            Ok(Event::Text(piece)) => content.push_str(&piece),
            Ok(Event::GeneralRef(name)) => content.push(character_of(&name)),
            Ok(Event::CData(piece)) => content.push_str(&piece),
            Ok(Event::End(end)) => {
                let value = content.trim();
                match element.as_str() {
                    "EventID" => {
                        let id = value.parse::<u32>().ok();
                        has_id |= id.is_some();
                        record.id = id.unwrap_or(0) & 0xffff;
                    }
                    "EventRecordID" => record.number = value.parse().ok(),
                    "Computer" => record.computer = (!value.is_empty()).then(|| value.to_owned()),
                    // Some providers put elements with names of their own there.
                    _ if (element == "Data" || (in_user_data && !value.is_empty()))
                        && record.fields.len() < DATA_MAX =>
                    {
                        if record.fields.is_empty() {
                            record.data_lines.start = begin;
                        }
                        record.data_lines.end = place;
                        let name = if name.is_empty() && element != "Data" { &element } else { &name };
                        record.fields.push(Field { name: name.clone(), value: value.to_owned() });
                    }
                    _ => {}
                }
                in_user_data &= end.local_name().as_ref() != "UserData";
                element.clear();
                name.clear();
                content.clear();
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    has_id.then_some(record)
}

/// Takes what stands in attributes, and gives the name of the element.
fn attributes(start: &BytesStart<'_>, record: &mut Record) -> String {
    let mut name = String::new();
    for attribute in start.attributes().with_checks(false).flatten() {
        let value: String = attribute.value.lines().map(str::trim).collect();
        match (start.local_name().as_ref(), attribute.key.local_name().as_ref()) {
            ("Provider", "Name") => {
                record.source = Source::of(&value);
                record.source_name = value;
            }
            ("TimeCreated", "SystemTime") => {
                record.time = value.parse().ok();
                record.date = record.time.map(|time| time.to_string()).unwrap_or_default();
            }
            (_, "Name") => name = value,
            _ => {}
        }
    }
    name
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
