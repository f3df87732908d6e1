//! The time zone that is set: `tzutil /g`, `Get-TimeZone`, `w32tm /tz`.
//!
//! Windows names zones in English in every language (`Tokyo Standard Time`); `w32tm` prints the translated name.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{command_line, console, objects};
use crate::document::Document;
use crate::sink::Sink;

/// Longest name of a zone.
const NAME_CHARS_MAX: usize = 64;
/// Lines below `w32tm /tz` in which the name of standard time stands.
const TZ_LINES_MAX: usize = 3;
/// How the name of standard time begins in them; the labels are not translated.
const STANDARD_NAME: &str = "[Standard Name:\"";

/// Puts the zone into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let lines = &document.lines;
    if let Some(index) = only_line(document).filter(|index| is_zone(lines[*index].text.trim())) {
        // The answer alone, saved to a file.
        tell(lines[index].text.trim(), index, sink);
    }
    for (index, line) in lines.iter().enumerate() {
        let text = line.text.trim();
        if console::arguments(text, "tzutil").is_some_and(|arguments| arguments.eq_ignore_ascii_case("/g")) {
            let below = lines.iter().enumerate().skip(index + 1);
            let answer = below.map(|(at, line)| (at, line.text.trim())).find(|(_, text)| !text.is_empty());
            // The name may be followed by the next prompt on the same line: tzutil ends without a line break.
            let answer = answer.map(|(at, text)| (at, before_prompt(text)));
            if let Some((at, zone)) = answer.filter(|(_, text)| is_zone(text)) {
                tell(zone, at, sink);
            }
        } else if text.starts_with("Time zone: Current:TIME_ZONE_ID_") {
            let below = lines.iter().enumerate().skip(index).take(TZ_LINES_MAX);
            let mut names = below.filter_map(|(at, line)| {
                let (_, rest) = line.text.split_once(STANDARD_NAME)?;
                Some((at, rest.split_once('"')?.0))
            });
            if let Some((at, zone)) = names.next().filter(|(_, zone)| !zone.is_empty()) {
                tell(zone, at, sink);
            }
        }
    }
    if objects::mentions(document, &["baseutcoffset"]) {
        for record in objects::records(document) {
            if record.has(&["baseutcoffset"])
                && let Some((zone, lines)) = record.value(&["id"])
                && !command_line::is_of_another_machine(document, *lines.start())
            {
                tell(zone, *lines.start(), sink);
            }
        }
    }
}

/// The only line that has text.
fn only_line(document: &Document<'_>) -> Option<usize> {
    let mut lines = document.lines.iter().enumerate().filter(|(_, line)| !line.text.trim().is_empty());
    let (index, _) = lines.next()?;
    lines.next().is_none().then_some(index)
}

fn tell(zone: &str, index: usize, sink: &mut Sink<'_>) {
    if zone.chars().count() <= NAME_CHARS_MAX {
        sink.present(&Subject::machine(), Key::MachineTimeZone, Value::Text(zone.to_owned()), index..=index);
    }
}

/// What stands before `C:\>` on the same line.
fn before_prompt(text: &str) -> &str {
    let at = text.as_bytes().windows(3).position(|three| three[0].is_ascii_alphabetic() && &three[1..] == b":\\");
    at.map_or(text, |at| &text[..at])
}

/// `Tokyo Standard Time`, `W. Europe Standard Time_dstoff`, `UTC`, `UTC+09`.
fn is_zone(text: &str) -> bool {
    let name = text.strip_suffix("_dstoff").unwrap_or(text);
    let is_plain = name.chars().all(|character| character.is_ascii_alphanumeric() || " .+-()".contains(character));
    let utc = name.strip_prefix("UTC").is_some_and(|rest| rest.bytes().all(|byte| !byte.is_ascii_alphabetic()));
    is_plain && name.len() <= NAME_CHARS_MAX && (utc || (name.ends_with(" Standard Time") && name.len() > 14))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn tzutil() {
        check("C:\\>tzutil /g\nTokyo Standard Time", "machine machine.time-zone = Tokyo Standard Time @2");
        check("C:\\>tzutil /g\nTokyo Standard TimeC:\\>ver", "machine machine.time-zone = Tokyo Standard Time @2");
        check("tzutil.exe /g\n\nUTC\n", "machine machine.time-zone = UTC @3");
        check(
            "C:\\>tzutil /g\nW. Europe Standard Time_dstoff",
            "machine machine.time-zone = W. Europe Standard Time_dstoff @2",
        );
        check("Tokyo Standard Time\n", "machine machine.time-zone = Tokyo Standard Time @1");
        check("C:\\>tzutil /l\n(UTC+09:00) Osaka, Sapporo, Tokyo\nTokyo Standard Time\n", "");
        check("C:\\>tzutil /g\n'tzutil' is not recognized", "");
        check("Standard Time", "");
    }

    #[test]
    fn get_time_zone() {
        check(
            "Id                         : Tokyo Standard Time\nDisplayName                : (UTC+09:00) 大阪、札幌、東京\nStandardName               : 東京 (標準時)\nBaseUtcOffset              : 09:00:00\n",
            "machine machine.time-zone = Tokyo Standard Time @1",
        );
    }

    #[test]
    fn w32tm_tz() {
        check(
            "Time zone: Current:TIME_ZONE_ID_UNKNOWN Bias: -540min (UTC=LocalTime+Bias)\n  [Standard Name:\"東京 (標準時)\" Bias:0min Date:(unspecified)]\n  [Daylight Name:\"東京 (夏時間)\" Bias:-60min Date:(unspecified)]\n",
            "machine machine.time-zone = 東京 (標準時) @2",
        );
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(C:\\\\>tzutil /g|BaseUtcOffset : |Id : |Time zone: Current:TIME_ZONE_ID_)?\\PC{0,12}( Standard Time)?", 0..12)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
