//! `w32tm /query /configuration`: names are those of registry values and stand in English in every language; behind each
//! value its origin stands in parentheses.
//!
//! It shows what is set, not what happens: the source that is in use is the status' business.

use kmsdoctor_core::fact::{Key, Subject, Value};

use crate::document::Document;
use crate::readers::console;
use crate::sink::Sink;

/// Lines of the section of the NTP client.
const SECTION_LINES_MAX: usize = 40;

/// How the time service may be told to synchronise (`Type` of the registry).
const TYPES: [&str; 4] = ["NoSync", "NTP", "NT5DS", "AllSync"];

/// Puts the settings of the NTP client into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    for (index, line) in document.lines.iter().enumerate() {
        if !is_client(line.text.trim()) {
            continue;
        }
        let (mut kind, mut servers) = (None, None);
        for (at, line) in document.lines.iter().enumerate().skip(index + 1).take(SECTION_LINES_MAX) {
            let text = line.text.trim();
            // Blank lines and headings end the section.
            let Some((name, value)) = console::labelled(text) else { break };
            let value = value.rsplit_once(" (").map_or(value, |(value, _)| value).trim();
            match name {
                "Type" if TYPES.contains(&value) => kind = Some((value, at)),
                "NtpServer" if !value.is_empty() => servers = Some((value, at)),
                _ => {}
            }
        }
        let Some((kind, at)) = kind else { continue };
        let source = source(kind, servers.map(|(servers, _)| servers));
        let at_source = servers.filter(|_| kind == "NTP").map_or(at, |(_, at)| at);
        sink.present(&machine, Key::ClockConfiguredSource, Value::Text(source), at_source..=at_source);
        if kind == "NoSync" {
            sink.present(&machine, Key::ClockSynchronised, Value::Flag(false), at..=at);
        }
    }
}

/// `NtpClient (Local)`, where the origin is translated.
fn is_client(text: &str) -> bool {
    text.strip_prefix("NtpClient").is_some_and(|rest| rest.trim_start().starts_with('(') && rest.ends_with(')'))
}

/// Where the time is taken from, by `Type` and `NtpServer`: the names of servers count for `NTP` alone.
fn source(kind: &str, servers: Option<&str>) -> String {
    match (kind, servers) {
        ("NTP", Some(servers)) => plain(servers),
        _ => kind.to_owned(),
    }
}

/// The same for values of the registry; `None` if `Type` is none that is known.
pub(crate) fn source_of_values(kind: &str, servers: Option<&str>) -> Option<String> {
    let kind = TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(kind.trim()))?;
    Some(source(kind, servers.map(str::trim).filter(|servers| !servers.is_empty())))
}

/// Names without their flags: `time.contoso.com,0x9 dc1.contoso.com,0x8`.
fn plain(servers: &str) -> String {
    let name = |server: &str| server.split_once(',').map_or(server, |(name, _)| name).to_owned();
    servers.split_whitespace().map(name).collect::<Vec<_>>().join(", ")
}
