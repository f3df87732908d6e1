//! Values of properties.

use jiff::Timestamp;
use kmsdoctor_core::code::ErrorCode;

use crate::readers::pattern::date_in;

/// How WMI says that a counter has no value.
const NONE: i64 = u32::MAX as i64;

/// A whole number; −1 also where it is printed without its sign.
pub(super) fn number(text: &str) -> Option<i64> {
    let number: i64 = text.trim().parse().ok()?;
    Some(if number == NONE { -1 } else { number })
}

/// Yes or no, as number or word.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        text => text.parse::<i64>().ok().map(|number| number != 0),
    }
}

/// An error code: signed or unsigned decimal, or hex. Small decimal numbers are none.
pub(super) fn code(text: &str) -> Option<ErrorCode> {
    let text = text.trim().trim_end_matches('.');
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // Eight decimal digits would be taken for hex.
        return match text.parse::<i64>().ok()? {
            number @ 0x1000_0000..=0xFFFF_FFFF => u32::try_from(number).ok().map(ErrorCode),
            number @ -0x8000_0000..=-1 => i32::try_from(number).ok().map(|number| ErrorCode(number.cast_unsigned())),
            _ => None,
        };
    }
    ErrorCode::parse(text).filter(|code| !code.is_success())
}

/// A point in time: JSON of Windows PowerShell, ISO 8601, CIM, or a date that can be read in one way only. 1601 is none.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let milliseconds = text.trim_start_matches('\\').strip_prefix("/Date(");
    let time = if let Some(rest) = milliseconds {
        let digits = rest.split(|end: char| !end.is_ascii_digit() && end != '-').next()?;
        Timestamp::from_millisecond(digits.parse().ok()?).ok()?
    } else if let Ok(time) = text.parse::<Timestamp>() {
        time
    } else if let Some((digits, _)) = text.split_once('.').filter(|(digits, _)| digits.len() == 14) {
        let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
        let date = format!("{}-{}-{} {}:{}", part(0..4), part(4..6), part(6..8), part(8..10), part(10..12));
        date_in(&date)?
    } else {
        date_in(text)?
    };
    let year = time.to_string().get(..4)?.parse::<i32>().ok()?;
    (year > 1970).then_some(time)
}

/// A name, unless it stands for none. `Get-OSLicenseInfo` writes words where nothing is set.
pub(super) fn name(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_none = ["", "n/a", "not set", "null", "{}"].contains(&text.to_ascii_lowercase().as_str());
    (!is_none).then_some(text)
}
