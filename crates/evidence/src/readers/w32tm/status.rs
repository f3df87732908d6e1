//! `w32tm /query /status` and `/query /source`.
//!
//! The first three lines are numbers of a fixed form in every language. The lines below them are found by their label,
//! or else by their place.

use kmsdoctor_core::fact::{Key, Subject, Value, Why};

use crate::document::Document;
use crate::readers::console;
use crate::sink::Sink;

/// Lines of the answer, `/verbose` and wrapped lines included.
const BLOCK_LINES_MAX: usize = 24;

/// Lines below the first one that the next two take, wrapped ones included.
const HEAD_LINES_MAX: usize = 5;

/// Leap indicator of a clock that is not synchronised (RFC 5905 figure 9).
const LEAP_UNSYNCHRONISED: u8 = 3;

/// How the line begins that names the source (w32tm.exe string 2508; Chinese as seen).
const SOURCE_LABELS: [&str; 5] = ["Source", "ソース", "Quelle", "源", "來源"];

/// How the line begins that tells the last success (string 2555).
const SUCCESS_LABELS: [&str; 3] =
    ["Last Successful Sync Time", "最終正常同期時刻", "Letzte erfolgr. Synchronisierungszeit"];

/// Sources that mean "no source"; they are English in every language.
const NO_SOURCES: [&str; 2] = ["local cmos clock", "free-running system clock"];

/// How errors begin (string 1401).
const ERRORS: [&str; 3] =
    ["The following error occurred:", "次のエラーが発生しました。", "Folgender Fehler ist aufgetreten:"];

/// `ERROR_SERVICE_NOT_ACTIVE` and `E_ACCESSDENIED` as w32tm prints them.
const NOT_STARTED: &str = "0x80070426";
const ACCESS_DENIED: &str = "0x80070005";

/// Puts what the time service says of itself into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let mut index = 0;
    while index < document.lines.len() {
        let text = document.lines[index].text.trim();
        if let Some(leap) = leap(document, index) {
            index += Status::read(document, index, leap).tell(document, index, sink);
            continue;
        }
        if ERRORS.iter().any(|error| text.starts_with(error)) {
            // A long message goes on below.
            let below = document.lines.get(index + 1).map_or("", |line| line.text.trim());
            for (last, text) in [(index, text), (index + 1, below)] {
                if text.contains(NOT_STARTED) {
                    sink.present(&machine, Key::ClockSynchronised, Value::Flag(false), index..=last);
                } else if text.contains(ACCESS_DENIED) {
                    sink.unknown(&machine, Key::ClockSynchronised, Why::NotPermitted, index..=last);
                } else if !text.contains("0x") {
                    continue;
                }
                break;
            }
        } else if is_source_query(text) {
            source(document, index + 1, sink);
        }
        index += 1;
    }
}

/// Code of an error that stands on one line: `The following error occurred: No such host is known. (0x80072AF9)`.
pub(super) fn error(text: &str) -> Option<u32> {
    ERRORS.iter().find(|error| text.starts_with(*error))?;
    let (_, code) = text.rsplit_once("(0x")?;
    u32::from_str_radix(code.trim_end_matches([')', '.', '。']), 16).ok()
}

/// The leap indicator, if a status begins here: `0(…)`, `4 (…)`, `-23 (… ns …)` below one another.
fn leap(document: &Document<'_>, index: usize) -> Option<u8> {
    let leap = number(&document.lines.get(index)?.text)?.parse().ok().filter(|leap| *leap <= LEAP_UNSYNCHRONISED)?;
    // The rest of a wrapped line has no label.
    let below = document.lines.iter().skip(index + 1).take(HEAD_LINES_MAX);
    let mut below = below.filter(|line| console::labelled(&line.text).is_some());
    number(&below.next()?.text)?.parse::<u8>().ok()?;
    number(&below.next()?.text)?.parse::<i32>().ok()?;
    Some(leap)
}

/// Number of `label: 3(remark)`.
fn number(text: &str) -> Option<&str> {
    let (_, value) = console::labelled(text)?;
    let (number, _) = value.split_once('(')?;
    Some(number.trim())
}

/// The lines of a status that matter, each with its place.
struct Status<'d> {
    leap: u8,
    success: Option<&'d str>,
    source: Option<(&'d str, usize)>,
    lines: usize,
}

impl<'d> Status<'d> {
    fn read(document: &'d Document<'_>, first: usize, leap: u8) -> Self {
        let mut status = Self { leap, success: None, source: None, lines: 1 };
        // Two lines below the reference, `0x0A000003 (…)`, stands the source, with the last success between them.
        let mut reference = None;
        for (index, line) in document.lines.iter().enumerate().skip(first + 1).take(BLOCK_LINES_MAX) {
            let text = line.text.trim();
            if console::is_prompt(text) {
                break;
            }
            let Some((label, value)) = console::labelled(text) else { continue };
            let below_reference = reference.map(|reference: usize| index - reference);
            if SUCCESS_LABELS.contains(&label) || (below_reference == Some(1) && status.success.is_none()) {
                status.success = Some(value);
            } else if SOURCE_LABELS.contains(&label) || (below_reference == Some(2) && status.source.is_none()) {
                status.source = Some((value, index));
            } else if value.starts_with("0x") && value.contains('(') {
                reference = Some(index);
            } else {
                continue;
            }
            status.lines = index - first + 1;
            if status.source.is_some() {
                break;
            }
        }
        status
    }

    /// Puts it into the sink; returns the lines that it takes.
    fn tell(&self, document: &Document<'_>, first: usize, sink: &mut Sink<'_>) -> usize {
        let machine = Subject::machine();
        if let Some((source, index)) = self.source {
            sink_source(source, index, sink);
        }
        let no_source = self.source.is_some_and(|(source, _)| is_no_source(source));
        let last = self.source.map_or(first, |(_, index)| index);
        // A time is digits in every language; "unspecified" has none.
        let succeeded =
            self.success.is_some_and(|success| success.contains(|character: char| character.is_ascii_digit()));
        if no_source {
            sink.present(&machine, Key::ClockSynchronised, Value::Flag(false), last..=last);
        } else if self.leap != LEAP_UNSYNCHRONISED {
            sink.present(&machine, Key::ClockSynchronised, Value::Flag(true), first..=first);
        } else if succeeded {
            // A virtual machine whose host gives the time shows this shortly after each start of the service.
            sink.unknown(&machine, Key::ClockSynchronised, Why::Contradictory, first..=first);
        } else {
            sink.present(&machine, Key::ClockSynchronised, Value::Flag(false), first..=first);
        }
        self.lines.min(document.lines.len() - first)
    }
}

fn is_no_source(source: &str) -> bool {
    NO_SOURCES.contains(&source.to_ascii_lowercase().as_str())
}

/// The source without the flags behind it (`time.contoso.com,0x9`).
fn sink_source(source: &str, index: usize, sink: &mut Sink<'_>) {
    let name = source.split_once(',').map_or(source, |(name, _)| name).trim();
    if !name.is_empty() {
        sink.present(&Subject::machine(), Key::ClockSource, Value::Text(name.to_owned()), index..=index);
    }
}

fn is_source_query(text: &str) -> bool {
    let Some(arguments) = console::arguments(text, "w32tm") else { return false };
    let has = |option: &str| arguments.split_whitespace().any(|word| word.eq_ignore_ascii_case(option));
    has("/query") && has("/source")
}

/// The answer to `/query /source`: one line with nothing but the source.
fn source(document: &Document<'_>, index: usize, sink: &mut Sink<'_>) {
    let Some(line) = document.lines.get(index) else { return };
    let text = line.text.trim();
    if text.is_empty() || console::is_prompt(text) || ERRORS.iter().any(|error| text.starts_with(error)) {
        return;
    }
    sink_source(text, index, sink);
    if is_no_source(text) {
        sink.present(&Subject::machine(), Key::ClockSynchronised, Value::Flag(false), index..=index);
    }
}
