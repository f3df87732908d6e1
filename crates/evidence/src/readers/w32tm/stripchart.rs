//! `w32tm /stripchart`: offsets against a time source, with the picture or with `/dataonly`.
//!
//! Lines of samples look the same in every language: `09:56:11 d:+00.0312s o:+00.0528s [ … ]`,
//! `09:56:11, +00.0528s`, and `09:56:11 error: 0x800705B4`, where only the word is translated.

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::status;
use crate::document::Document;
use crate::readers::console;
use crate::sink::Sink;

/// Id of a source whose name was not pasted with its samples.
const UNNAMED: &str = "w32tm /stripchart";

/// How a chart begins, and words further on (w32tm.exe strings 3173 and 3174).
const FORMS: [(&str, &str); 4] =
    [("Tracking ", ""), ("Nachverfolgung von ", ""), ("", " を追跡中"), ("", " wird verfolgt")];

/// Lines from the command to the first sample, or to the error in its place.
const HEADER_LINES_MAX: usize = 4;

/// Digits behind the point of an offset: w32tm counts in units of 100 ns.
const FRACTION_DIGITS: usize = 7;

/// Puts the offset against every source that was tracked into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut chart = Chart::new(UNNAMED);
    let mut begun = 0;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some(source) = tracked(text) {
            std::mem::replace(&mut chart, Chart::new(source)).tell(sink);
            begun = index;
        } else if let Some(computer) = computer(text) {
            std::mem::replace(&mut chart, Chart::new(computer)).tell(sink);
            begun = index;
        } else if let Some(code) = status::error(text).filter(|code| outcome(*code).is_some()) {
            // The chart ended before its first sample. Further below it is another command's error.
            if index - begun <= HEADER_LINES_MAX {
                chart.errors.push((code, index));
            }
        } else if let Some(sample) = sample(text) {
            match sample {
                Sample::Offset(offset_s) => chart.offsets.push((offset_s, index)),
                Sample::Error(code) => chart.errors.push((code, index)),
            }
        }
    }
    chart.tell(sink);
}

/// The samples against one source.
struct Chart<'d> {
    source: &'d str,
    offsets: Vec<(f64, usize)>,
    errors: Vec<(u32, usize)>,
}

enum Sample {
    Offset(f64),
    Error(u32),
}

impl<'d> Chart<'d> {
    fn new(source: &'d str) -> Self {
        Self { source, offsets: Vec::new(), errors: Vec::new() }
    }

    fn tell(mut self, sink: &mut Sink<'_>) {
        let source = Subject::new(SubjectKind::TimeSource, self.source);
        // The median: one late packet must not decide. Of two in the middle, the lower, since a line is quoted.
        self.offsets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        // Errors without a chart's beginning may be any log's.
        if let Some((offset_s, line)) = self.offsets.get(self.offsets.len().saturating_sub(1) / 2) {
            sink.word(&source, Key::ClockOutcome, "answered", *line..=*line);
            sink.present(&source, Key::ClockOffset, Value::Seconds(*offset_s), *line..=*line);
        } else if let Some((code, line)) = self.errors.last().filter(|_| self.source != UNNAMED) {
            match outcome(*code) {
                Some(outcome) => sink.word(&source, Key::ClockOutcome, outcome, *line..=*line),
                None => sink.unknown(&source, Key::ClockOutcome, Why::NoAnswer, *line..=*line),
            }
        }
    }
}

/// What an error means, by the numbers of `WinError.h`.
pub(super) fn outcome(code: u32) -> Option<&'static str> {
    match code {
        0x8007_05B4 | 0x8007_274C => Some("timeout"), // ERROR_TIMEOUT, WSAETIMEDOUT
        0x8007_2746 | 0x8007_274D => Some("refused"), // WSAECONNRESET (ICMP port unreachable), WSAECONNREFUSED
        0x8007_2743 | 0x8007_2751 => Some("unreachable"), // WSAENETUNREACH, WSAEHOSTUNREACH
        0x8007_2AF9..=0x8007_2AFC => Some("unresolved"), // WSAHOST_NOT_FOUND to WSANO_DATA
        _ => None,
    }
}

/// Name of the source that a chart begins with. Where its words are not known, the address and port in brackets
/// (`[10.0.0.1:123]`) show what it is.
fn tracked(text: &str) -> Option<&str> {
    let before = text.split_once('[').map_or(text, |(before, _)| before);
    let said = FORMS.iter().find(|(start, words)| text.starts_with(start) && text.contains(words));
    let mut words = match said {
        Some((start, _)) => before[start.len()..].split_whitespace(),
        None if text.contains(":123]") => before.split_whitespace(),
        None => return None,
    };
    let name = match said {
        Some(_) => words.next(),
        None => words.find(|word| word.contains(['.', ':'])),
    };
    name.map(|name| name.trim_end_matches(['.', '。'])).filter(|name| is_name(name))
}

fn is_name(text: &str) -> bool {
    console::is_host_name(text) || console::address(text).is_some()
}

/// The source in a command line, for charts that fail before they name it.
fn computer(text: &str) -> Option<&str> {
    let arguments = console::arguments(text, "w32tm")?;
    if !arguments.to_ascii_lowercase().contains("/stripchart") {
        return None;
    }
    let word = arguments.split_whitespace().find(|word| word.to_ascii_lowercase().starts_with("/computer:"))?;
    word.split_once(':').map(|(_, name)| name).filter(|name| is_name(name))
}

fn sample(text: &str) -> Option<Sample> {
    let (time, rest) = text.split_once([' ', ','])?;
    if !is_time(time) {
        return None;
    }
    let rest = rest.trim();
    let offset = match rest.split_once("o:") {
        Some((_, offset)) if rest.starts_with("d:") => offset,
        _ if rest.starts_with(['+', '-']) => rest,
        _ => {
            let (_, code) = rest.rsplit_once(": 0x")?;
            return u32::from_str_radix(code, 16).ok().map(Sample::Error);
        }
    };
    let (number, _) = offset.split_once('s')?;
    let (_, fraction) = number.split_once('.')?;
    let exact = fraction.len() == FRACTION_DIGITS;
    number.parse().ok().filter(|offset_s: &f64| exact && offset_s.is_finite()).map(Sample::Offset)
}

/// `09:56:11`.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() == 3
        && parts.iter().all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}
