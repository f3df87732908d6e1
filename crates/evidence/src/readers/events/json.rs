//! Events as JSON: `Get-WinEvent | ConvertTo-Json`, one object per line, and converters of binary logs, which keep the
//! structure of the XML.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Deserializer, Map, Value};

use super::record::{Field, Joined, Record};
use super::source::Source;
use crate::document::Document;

/// Characters of one object: event 1003 of a machine with Office in five languages has some 100 000.
const OBJECT_CHARS_MAX: usize = 1024 * 1024;
/// Levels of objects and lists around an event.
const LEVELS_MAX: u32 = 4;
/// Values that are kept.
const FIELDS_MAX: usize = 48;

type Object = Map<String, Value>;

/// Lines that are gone over in vain before nothing more is tried: one object that is cut off has some hundred. What
/// only looks like objects, one in the other, would be read many times.
const VAIN_LINES_MAX: usize = 10_000;

/// Every event of the document. Objects begin on a line of their own, or follow each other in a list.
pub(super) fn events(joined: &Joined, document: &Document<'_>) -> Vec<Record> {
    let mut found = Vec::new();
    let (mut floor, mut vain_lines) = (0, 0);
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim_start();
        let inner = text.trim_start_matches(['[', ' ', ',']);
        let mut at = joined.start_of(index) + (line.text.len() - inner.len());
        if at < floor || !inner.starts_with('{') || vain_lines > VAIN_LINES_MAX {
            continue;
        }
        while joined.text[at..].starts_with('{') {
            let mut stream = Deserializer::from_str(joined.piece(at, OBJECT_CHARS_MAX)).into_iter::<Value>();
            let value = match stream.next() {
                Some(Ok(value)) => value,
                Some(Err(error)) => {
                    vain_lines += error.line();
                    break;
                }
                None => break,
            };
            let end = at + stream.byte_offset();
            let lines = joined.lines(at, end);
            collect(&value, &lines, LEVELS_MAX, &mut found);
            let rest = &joined.text[end..];
            at = end + (rest.len() - rest.trim_start_matches([',', ' ', '\n', '\r', '\t']).len());
            floor = at;
        }
    }
    for record in &mut found {
        record.data_lines = data_lines(document, &record.lines);
    }
    found
}

/// Events in a value, which may be one itself.
fn collect(value: &Value, lines: &Range<usize>, levels: u32, found: &mut Vec<Record>) {
    match value {
        Value::Object(object) => {
            if let Some(mut record) = event(object) {
                record.lines = lines.clone();
                found.push(record);
            } else if levels > 0 {
                for value in object.values() {
                    collect(value, lines, levels - 1, found);
                }
            }
        }
        Value::Array(values) if levels > 0 => {
            for value in values {
                collect(value, lines, levels - 1, found);
            }
        }
        _ => {}
    }
}

fn get<'v>(object: &'v Object, names: &[&str]) -> Option<&'v Value> {
    names.iter().find_map(|name| {
        object.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null()).map(|(_, value)| value)
    })
}

/// The text of a value, or of what stands for it where it has attributes.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Object(object) => get(object, &["#text", "value", "Value"]).and_then(text_of),
        Value::Null | Value::Array(_) => None,
    }
}

/// An attribute of an element: `{"#attributes": {"Name": …}}`, `{"Name": …}`, `{"@Name": …}`.
fn attribute<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    let attributes = object.get("#attributes").and_then(Value::as_object).unwrap_or(object);
    attributes.get(name).or_else(|| attributes.get(&format!("@{name}")))
}

fn event(object: &Object) -> Option<Record> {
    let system = get(object, &["System"]).and_then(Value::as_object).unwrap_or(object);
    let id = text_of(get(system, &["Id", "EventID", "event_id", "InstanceId"])?)?.trim().parse::<u32>().ok()?;
    let provider = get(system, &["ProviderName", "Provider", "Source", "SourceName", "source_name"]);
    let source_name = provider
        .and_then(|provider| attribute(provider, "Name").and_then(text_of).or_else(|| text_of(provider)))
        .unwrap_or_default();
    let created = get(system, &["TimeCreated", "SystemTime", "TimeGenerated", "time", "@timestamp"]);
    let date = created
        .and_then(|created| attribute(created, "SystemTime").and_then(text_of).or_else(|| text_of(created)))
        .unwrap_or_default();
    let mut fields = Vec::new();
    for list in ["Properties", "params", "EventData", "UserData", "ReplacementStrings"] {
        if let Some(value) = get(object, &[list]) {
            collect_fields("", value, LEVELS_MAX, &mut fields);
        }
    }
    let message = get(object, &["Message", "msg", "Description"]).or_else(|| {
        // The same message in several languages.
        object.iter().find(|(key, value)| key.starts_with("msg_") && value.is_string()).map(|(_, value)| value)
    });
    let message = message.and_then(text_of).unwrap_or_default();
    if source_name.is_empty() && date.is_empty() || message.is_empty() && fields.is_empty() {
        return None;
    }
    let time = time_of(&date);
    Some(Record {
        source: Source::of(&source_name),
        source_name,
        id: id & 0xffff,
        time,
        date: time.map_or(date, |time| time.to_string()),
        number: get(system, &["RecordId", "EventRecordID", "record", "Index"])
            .and_then(text_of)
            .and_then(|number| number.parse().ok()),
        computer: get(system, &["MachineName", "Computer"]).and_then(text_of).filter(|name| !name.is_empty()),
        fields,
        message,
        ..Record::default()
    })
}

fn collect_fields(name: &str, value: &Value, levels: u32, fields: &mut Vec<Field>) {
    if fields.len() >= FIELDS_MAX || levels == 0 {
        return;
    }
    match value {
        Value::Array(values) => {
            for value in values {
                collect_fields(name, value, levels - 1, fields);
            }
        }
        Value::Object(object) => {
            let own = object.get("Name").and_then(Value::as_str);
            let values = object.iter().filter(|(key, _)| !matches!(key.as_str(), "Name" | "#attributes" | "Binary"));
            for (key, value) in values {
                let is_value = ["Data", "#text", "Value", "@value"].iter().any(|word| key.eq_ignore_ascii_case(word));
                collect_fields(if is_value { own.unwrap_or(name) } else { key }, value, levels - 1, fields);
            }
        }
        // What PowerShell leaves of an object below its depth.
        Value::String(text) if text.trim().starts_with("System.Diagnostics.Eventing") => {}
        value => fields.extend(text_of(value).map(|value| Field { name: name.to_owned(), value })),
    }
}

/// `2026-01-05T09:13:33+09:00`, or `/Date(1767572013000)/` of Windows PowerShell, which is UTC.
fn time_of(text: &str) -> Option<Timestamp> {
    let milliseconds = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/"));
    match milliseconds {
        Some(number) => Timestamp::from_millisecond(number.parse().ok()?).ok(),
        None => text.parse().ok(),
    }
}

/// Where the message or the values stand in an object that goes over several lines.
fn data_lines(document: &Document<'_>, lines: &Range<usize>) -> Range<usize> {
    const NAMES: [&str; 6] = ["\"Message\"", "\"params\"", "\"Properties\"", "\"EventData\"", "\"message\"", "\"msg"];
    let inside = document.lines.get(lines.clone()).unwrap_or_default();
    let at = NAMES.iter().find_map(|name| inside.iter().position(|line| line.text.contains(name)));
    at.map_or(lines.clone(), |at| lines.start + at..lines.start + at + 1)
}
