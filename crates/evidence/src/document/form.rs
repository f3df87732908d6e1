//! How the bytes of a text are to be read: the encoding, told by the bytes alone, and where lines end.

use std::ops::Range;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{LINES_MAX, Line};
use crate::Unread;

/// Bytes looked at to tell UTF-16 without a mark: several screens of console output.
const PATTERN_BYTES: usize = 64 * 1024;
/// How many valid multi-byte sequences make up for an invalid one: CP932 read as UTF-8 has fewer valid than invalid.
const VALID_PER_INVALID_MIN: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// How the bytes are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Utf8,
    Utf16(Order),
    /// One or two bytes for a character, line breaks as in ASCII.
    Legacy(&'static Encoding),
}

impl Form {
    /// The form of `bytes`, and where the text begins after the mark.
    pub(super) fn of(bytes: &[u8]) -> Result<(Self, usize), Unread> {
        match bytes {
            [] => return Err(Unread::Empty),
            [0xef, 0xbb, 0xbf, ..] => return Ok((Self::Utf8, 3)),
            [0xff, 0xfe, ..] => return Ok((Self::Utf16(Order::Little), 2)),
            [0xfe, 0xff, ..] => return Ok((Self::Utf16(Order::Big), 2)),
            _ => {}
        }
        if let Some(order) = order_of_zeros(bytes) {
            return Ok((Self::Utf16(order), 0));
        }
        // A crash leaves logs with a tail of zeros; the text before it counts.
        let text = &bytes[..bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)];
        if text.is_empty() || has_many_controls(text) {
            return Err(Unread::Binary);
        }
        if is_utf8(text) { Ok((Self::Utf8, 0)) } else { legacy(text).map(|encoding| (Self::Legacy(encoding), 0)) }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16(Order::Little) => "utf-16le",
            Self::Utf16(Order::Big) => "utf-16be",
            Self::Legacy(encoding) if encoding == SHIFT_JIS => "cp932",
            Self::Legacy(_) => "windows-1252",
        }
    }

    /// Where the lines of a text that begins at `start` stand; `None` if there are too many.
    pub(super) fn spans(self, bytes: &[u8], start: usize) -> Option<Vec<Range<usize>>> {
        match self {
            Self::Utf16(order) => lines_of_utf16(bytes, start, order),
            Self::Utf8 | Self::Legacy(_) => lines_of_bytes(bytes, start),
        }
    }

    /// The line at `span`; a byte order mark at its beginning, left by joining files, is no part of it.
    pub(super) fn line(self, number: u32, span: Range<usize>, bytes: &[u8]) -> Line {
        let raw = &bytes[span.clone()];
        let encoding = match self {
            Self::Utf16(Order::Little) => UTF_16LE,
            Self::Utf16(Order::Big) => UTF_16BE,
            Self::Legacy(encoding) => encoding,
            Self::Utf8 => {
                // A line of another console appended to a UTF-8 file keeps its own encoding.
                let encoding = if is_utf8(raw) { None } else { Some(SHIFT_JIS) };
                let decoded =
                    encoding.and_then(|encoding| encoding.decode_without_bom_handling_and_without_replacement(raw));
                let text =
                    decoded.map_or_else(|| String::from_utf8_lossy(raw).into_owned(), std::borrow::Cow::into_owned);
                return match text.strip_prefix('\u{feff}') {
                    Some(rest) => Line { number, span: span.start + 3..span.end, text: rest.to_owned() },
                    None => Line { number, span, text },
                };
            }
        };
        let (text, _) = encoding.decode_without_bom_handling(raw);
        match (self, text.strip_prefix('\u{feff}')) {
            (Self::Utf16(_), Some(rest)) => Line { number, span: span.start + 2..span.end, text: rest.to_owned() },
            _ => Line { number, span, text: text.into_owned() },
        }
    }
}

/// The byte order of UTF-16 without mark: ASCII characters, which every console output has, put zeros on one side.
fn order_of_zeros(bytes: &[u8]) -> Option<Order> {
    let sample = &bytes[..bytes.len().min(PATTERN_BYTES)];
    let (mut first, mut second, mut units) = (0_usize, 0_usize, 0_usize);
    for unit in sample.chunks_exact(2) {
        units += 1;
        // A unit of two zeros tells nothing.
        if unit[0] == 0 && unit[1] != 0 {
            first += 1;
        } else if unit[1] == 0 && unit[0] != 0 {
            second += 1;
        }
    }
    let (more, less, order) = if second > first { (second, first, Order::Little) } else { (first, second, Order::Big) };
    (units >= 2 && more * 20 >= units && more > less * 10).then_some(order)
}

/// Control characters that no console writes, in more than one of twenty bytes (or in most of a short text).
fn has_many_controls(bytes: &[u8]) -> bool {
    let controls = bytes.iter().filter(|byte| is_control(**byte)).count();
    controls * 2 > bytes.len() || (controls > 2 && controls * 20 > bytes.len())
}

/// Tabulator, line breaks, form feed, backspace, escape and the end mark Ctrl-Z do stand in saved output.
fn is_control(byte: u8) -> bool {
    byte == 0x7f || (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x08 | 0x1b | 0x1a))
}

/// True if the bytes are UTF-8 but for single damaged or cut characters.
fn is_utf8(bytes: &[u8]) -> bool {
    let Err(error) = std::str::from_utf8(bytes) else { return true };
    if error.error_len().is_none() {
        return true; // the very end is cut off
    }
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    valid >= invalid * VALID_PER_INVALID_MIN
}

/// CP932, or windows-1252 where single letters with marks stand between ASCII as in German text.
fn legacy(bytes: &[u8]) -> Result<&'static Encoding, Unread> {
    let (mut kana, mut letters, mut others) = (0_usize, 0_usize, 0_usize);
    let mut position = 0;
    while let Some(byte) = bytes.get(position).copied() {
        let next = bytes.get(position + 1).copied().unwrap_or(b' ');
        let before = if position == 0 { b' ' } else { bytes[position - 1] };
        // Lead bytes of punctuation, Latin, hiragana, katakana and Greek or Cyrillic.
        if matches!(byte, 0x81..=0x84) && next >= 0x40 && next != 0x7f {
            kana += 1;
            position += 1;
        } else if byte >= 0xc0 && before.is_ascii() && next.is_ascii() {
            letters += 1;
        } else if byte >= 0x80 {
            others += 1;
        }
        position += 1;
    }
    if letters > kana && letters > others {
        return Ok(WINDOWS_1252);
    }
    let (text, damaged) = SHIFT_JIS.decode_without_bom_handling(bytes);
    if damaged {
        let replaced = text.chars().filter(|character| *character == char::REPLACEMENT_CHARACTER).count();
        let ascii = bytes.iter().filter(|byte| byte.is_ascii()).count();
        let foreign = bytes.len() - ascii;
        // The ASCII part of a text in yet another encoding is still worth reading; anything else is no text.
        if replaced * 10 > foreign && ascii * 10 < bytes.len() * 7 {
            return Err(Unread::Binary);
        }
    }
    Ok(SHIFT_JIS)
}

/// Characters that no text contains in numbers: wrongly guessed UTF-16 is full of them.
pub(super) fn is_odd(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{e}'..='\u{19}' | '\u{1c}'..='\u{1f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}'..='\u{ffff}')
}

/// Spans of lines that end with CR LF, LF or CR; `None` if there are too many. No trail byte of CP932 is a line break.
fn lines_of_bytes(bytes: &[u8], start: usize) -> Option<Vec<Range<usize>>> {
    let mut spans = Vec::new();
    let (mut begin, mut position) = (start, start);
    while let Some(byte) = bytes.get(position) {
        if matches!(byte, b'\n' | b'\r') {
            spans.push(begin..position);
            position += usize::from(*byte == b'\r' && bytes.get(position + 1) == Some(&b'\n'));
            begin = position + 1;
            if spans.len() > LINES_MAX {
                return None;
            }
        }
        position += 1;
    }
    if begin < bytes.len() {
        spans.push(begin..bytes.len());
    }
    Some(spans)
}

/// The same for UTF-16; an odd last byte belongs to the last line.
fn lines_of_utf16(bytes: &[u8], start: usize, order: Order) -> Option<Vec<Range<usize>>> {
    let unit = |position: usize| {
        let pair = bytes.get(position..position + 2)?;
        let pair = [pair[0], pair[1]];
        Some(if order == Order::Little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let mut spans = Vec::new();
    let (mut begin, mut position) = (start, start);
    while let Some(value) = unit(position) {
        if value == u16::from(b'\n') || value == u16::from(b'\r') {
            spans.push(begin..position);
            if value == u16::from(b'\r') && unit(position + 2) == Some(u16::from(b'\n')) {
                position += 2;
            }
            begin = position + 2;
            if spans.len() > LINES_MAX {
                return None;
            }
        }
        position += 2;
    }
    if begin < bytes.len() {
        spans.push(begin..bytes.len());
    }
    Some(spans)
}
