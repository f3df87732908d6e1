//! `w32tm /monitor`: one block for each computer, `dc1.contoso.com[10.20.0.2:123]:`, and below it a line for NTP. Errors
//! are named by their constants.
//!
//! The offset is one against this machine's clock only where the line says so: in a domain it is one against the PDC.

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use crate::document::Document;
use crate::readers::console;
use crate::sink::Sink;

/// How the line begins that tells of NTP.
const NTP: &str = "NTP: ";

/// Lines of a block: the answer to the ping, NTP, reference, stratum.
const BLOCK_LINES_MAX: usize = 6;

/// "offset from local clock" (w32tm.exe 3608).
const LOCAL: [&str; 3] =
    ["offset from local clock", "ローカル コンピューターの時刻からのオフセット", "Offset von lokaler Zeit"];

/// Names of errors, and what they mean.
const ERRORS: [(&str, &str); 6] = [
    ("ERROR_TIMEOUT", "timeout"),
    ("WSAETIMEDOUT", "timeout"),
    ("WSAECONNRESET", "refused"),
    ("WSAECONNREFUSED", "refused"),
    ("WSAEHOSTUNREACH", "unreachable"),
    ("WSAENETUNREACH", "unreachable"),
];

/// Puts what the computers answered into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (index, line) in document.lines.iter().enumerate() {
        let Some(computer) = computer(line.text.trim()) else { continue };
        let below = document.lines.iter().enumerate().skip(index + 1).take(BLOCK_LINES_MAX);
        let mut block = below.take_while(|(_, line)| line.text.starts_with(char::is_whitespace));
        let Some((at, ntp)) = block.find_map(|(at, line)| Some((at, line.text.trim().strip_prefix(NTP)?))) else {
            continue;
        };
        let source = Subject::new(SubjectKind::TimeSource, computer);
        match offset(ntp) {
            Some(offset_s) => {
                sink.word(&source, Key::ClockOutcome, "answered", index..=at);
                if LOCAL.iter().any(|words| ntp.contains(words)) {
                    sink.present(&source, Key::ClockOffset, Value::Seconds(offset_s), at..=at);
                }
            }
            None => match ERRORS.iter().find(|(name, _)| ntp.contains(name)) {
                Some((_, outcome)) => sink.word(&source, Key::ClockOutcome, outcome, index..=at),
                None => sink.unknown(&source, Key::ClockOutcome, Why::NoAnswer, index..=at),
            },
        }
    }
}

/// `dc1.contoso.com *** PDC ***[10.20.0.2:123]:`.
fn computer(text: &str) -> Option<&str> {
    let (before, rest) = text.split_once('[')?;
    if !rest.ends_with(":123]:") {
        return None;
    }
    let name = before.split_whitespace().next()?;
    (console::is_host_name(name) || console::address(name).is_some()).then_some(name)
}

/// `+0.0123456s offset from …`.
fn offset(text: &str) -> Option<f64> {
    let number = text.split_once('s')?.0;
    number.parse().ok().filter(|offset_s: &f64| number.starts_with(['+', '-']) && offset_s.is_finite())
}
