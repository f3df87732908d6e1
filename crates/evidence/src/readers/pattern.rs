//! Forms that mean the same in every language: GUIDs, error codes, dates, host names with a port.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use kmsdoctor_core::code::{ErrorCode, narrow};

use super::console::{address, is_host_name};

/// Characters of a GUID without braces.
const GUID_CHARS: usize = 36;

/// True for a complete GUID without braces.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == GUID_CHARS
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The first complete GUID in `text`.
pub(crate) fn guid_in(text: &str) -> Option<&str> {
    let mut words = text.split(|character: char| !character.is_ascii_hexdigit() && character != '-');
    words.find(|word| is_guid(word))
}

/// Error codes written `0x` and eight digits, with their places.
pub(crate) fn codes_in(text: &str) -> Vec<(usize, ErrorCode)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for (at, _) in text.match_indices(['x', 'X']) {
        let is_start = at > 0 && bytes[at - 1] == b'0' && (at < 2 || !bytes[at - 2].is_ascii_alphanumeric());
        let digits = bytes[at + 1..].iter().take(9).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if is_start
            && digits == 8
            && let Some(code) = text.get(at - 1..at + 9).and_then(ErrorCode::parse)
        {
            found.push((at - 1, code));
        }
    }
    found
}

/// True for values that somebody has made unreadable: `XXXXX`, `xxxx-…`, `<host>`, `***`, `.......-b604`.
pub(crate) fn is_masked(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('<') && text.ends_with('>'))
        || ["xxx", "XXX", "***", "...", "…", "###"].iter().any(|mask| text.contains(mask))
}

/// Which of the two stands first in a date that does not begin with the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// A date with time that can be read in one way only, taken as UTC: year first, or a day above twelve.
pub(crate) fn date_in(text: &str) -> Option<Timestamp> {
    let date = match (civil_in(text, DateOrder::DayFirst), civil_in(text, DateOrder::MonthFirst)) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.or(other)?,
    };
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// A date with time as it stands there, without a zone. Where the year stands first, `order` does not matter.
///
/// A blank that got lost between date and time where a line was wrapped does no harm.
pub(crate) fn civil_in(text: &str, order: DateOrder) -> Option<DateTime> {
    let text: String = text.chars().map(narrow).collect();
    let mut numbers: Vec<&str> =
        text.split(|character: char| !character.is_ascii_digit()).filter(|part| !part.is_empty()).take(7).collect();
    let joined = numbers.get(2).copied().filter(|part| part.len() == 4 && numbers[0].len() == 4);
    if let Some(part) = joined {
        numbers.splice(2..3, [&part[..2], &part[2..]]);
    }
    let number = |index: usize| numbers.get(index).and_then(|part| part.parse::<i16>().ok());
    let (year, month, day) = match (numbers.as_slice(), order) {
        ([year, _, _, ..], _) if year.len() == 4 => (number(0)?, number(1)?, number(2)?),
        ([_, _, year, ..], DateOrder::DayFirst) if year.len() == 4 => (number(2)?, number(1)?, number(0)?),
        ([_, _, year, ..], DateOrder::MonthFirst) if year.len() == 4 => (number(2)?, number(0)?, number(1)?),
        _ => return None,
    };
    let afternoon = text.to_ascii_uppercase().contains("PM") || text.contains("午後");
    let morning = text.to_ascii_uppercase().contains("AM") || text.contains("午前");
    let hour = match number(3)? {
        12 if morning => 0,
        hour @ 0..12 if afternoon => hour + 12,
        hour => hour,
    };
    let small = |value: i16| i8::try_from(value).ok();
    let date = Date::new(year, small(month)?, small(day)?).ok()?;
    let time = Time::new(small(hour)?, small(number(4)?)?, small(number(5).unwrap_or(0))?, 0).ok()?;
    Some(DateTime::from_parts(date, time))
}

/// Host and port of `kms1.contoso.com:1688` or `[fd00::1]:1688`; the port may be missing.
pub(crate) fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let text = text.trim();
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port.trim().parse().ok()?)),
        _ => (text, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    (!is_masked(host) && (is_host_name(host) || address(host).is_some())).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_and_codes() {
        let guid = "de32eafd-aaee-4662-9444-c1befb41bde2";
        assert_eq!(guid_in(&format!("Activating ({guid}) ...")), Some(guid));
        assert_eq!(guid_in(&format!("{{{guid}}}")), Some(guid));
        assert_eq!(guid_in("de32eafd-aaee-4662-9444-c1befb41bde"), None);
        let codes = |text: &str| codes_in(text).into_iter().map(|(_, code)| code.0).collect::<Vec<_>>();
        assert_eq!(codes("Error: 0xC004F074 and (0x8007232B)。"), [0xC004_F074, 0x8007_232B]);
        assert_eq!(codes("0xC004F0741 10xC004F074 0xC004F07 x 0x"), [0_u32; 0]);
        assert_eq!(codes("コード0xC004F074です"), [0xC004_F074]);
    }

    #[test]
    fn dates() {
        let check = |text: &str, expect: &str| {
            assert_eq!(date_in(text).map(|time| time.to_string()).unwrap_or_default(), expect, "{text}");
        };
        check("2010/09/29 17:52", "2010-09-29T17:52:00Z");
        check("2010/9/29 7:52", "2010-09-29T07:52:00Z");
        check("2010/09/2917:52", "2010-09-29T17:52:00Z");
        check("1/14/2006 2:30", "2006-01-14T02:30:00Z");
        check("30/11/2024 7:36:14 PM", "2024-11-30T19:36:14Z");
        check("2020-03-13 12:05:14 AM", "2020-03-13T00:05:14Z");
        for text in [
            "1/2/2006 2:30",
            "2010/13/29 17:52",
            "2010/09/29",
            "",
            "<DateTime>",
            "29/29/2010 1:00",
            "9999999999/1/1 1:1",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn hosts() {
        let check = |text: &str, expect: Option<(&str, Option<u16>)>| {
            assert_eq!(host_and_port(text), expect.map(|(host, port)| (host.to_owned(), port)), "{text}");
        };
        check("kms1.contoso.com:1688", Some(("kms1.contoso.com", Some(1688))));
        check("kms1", Some(("kms1", None)));
        check("[fd00::1]:1688", Some(("fd00::1", Some(1688))));
        check("fd00::1", Some(("fd00::1", None)));
        check("0.0.0.0:0", Some(("0.0.0.0", Some(0))));
        for text in ["<KMS Host FQDN>:1688", "kms1:_1688", "", ":1688", "a b:1", "kms1:70000", "XXXXXX:1688"] {
            check(text, None);
        }
    }
}
