//! Documents: the bytes of an artifact as lines of text, each with its byte span in the artifact.

use std::ops::Range;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};
use kmsdoctor_core::artifact::Artifact;

use crate::Unread;

/// Lines of a document: an export of 64 MiB has about a million, and a file of line breaks alone must not take
/// fifty times its size in memory.
const LINES_MAX: usize = 2_000_000;
/// Bytes looked at to tell UTF-16 without a mark: several screens of console output.
const PATTERN_BYTES: usize = 64 * 1024;
/// How many valid multi-byte sequences make up for an invalid one: CP932 read as UTF-8 has fewer valid than invalid.
const VALID_PER_INVALID_MIN: usize = 4;

/// One line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1; 0 where lines mean nothing, as for the records of a binary file.
    pub number: u32,
    /// Bytes of the line in the artifact, without the line break.
    pub span: Range<usize>,
    /// The decoded text, without the line break and without marks of quoted mail, otherwise as it is.
    pub text: String,
}

/// A decoded artifact.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Where it comes from.
    pub artifact: &'a Artifact,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Name of the encoding found: `utf-8`, `utf-16le`, `utf-16be`, `cp932`, `windows-1252`; `evtx` for a binary log
    /// and `hive` for a registry hive, whose records are rendered as one line each.
    pub encoding: &'static str,
}

impl<'a> Document<'a> {
    /// Decodes an artifact by its content: byte order marks, UTF-16 without mark by its zero bytes, UTF-8, else CP932,
    /// else windows-1252. A damaged character becomes U+FFFD and does not change the encoding of the rest.
    pub fn decode(artifact: &'a Artifact) -> Result<Self, Unread> {
        let bytes = artifact.bytes();
        let (form, start) = Form::of(bytes)?;
        let spans = match form {
            Form::Utf16(order) => lines_of_utf16(bytes, start, order),
            Form::Utf8 | Form::Legacy(_) => lines_of_bytes(bytes, start),
        }
        .ok_or(Unread::TooLarge)?;
        let mut lines = Vec::with_capacity(spans.len());
        for (number, span) in (1..).zip(spans) {
            lines.push(form.line(number, span, bytes));
        }
        let damaged = lines.iter().flat_map(|line| line.text.chars()).filter(|character| is_odd(*character)).count();
        let characters = lines.iter().map(|line| line.text.len()).sum::<usize>();
        if matches!(form, Form::Utf16(_)) && damaged * 4 > characters {
            return Err(Unread::Binary);
        }
        if lines.iter().all(|line| line.text.chars().all(is_blank)) {
            return Err(Unread::Empty);
        }
        unquote(&mut lines);
        Ok(Self { artifact, lines, encoding: form.name() })
    }

    /// A binary artifact as its records: where each stands, and what it says, as a line of text.
    pub(crate) fn of_records(
        artifact: &'a Artifact,
        encoding: &'static str,
        records: Vec<(Range<usize>, String)>,
    ) -> Self {
        let lines = records.into_iter().map(|(span, text)| Line { number: 0, span, text }).collect();
        Self { artifact, lines, encoding }
    }
}

/// Lines in a row that begin with `>` before they count as a quotation of mail: prompts of nslookup, which look the
/// same, have answers between them.
const QUOTED_LINES_MIN: usize = 3;

/// Takes the marks of quoted mail (`> `, `>> `) off.
fn unquote(lines: &mut [Line]) {
    for quoted in lines.chunk_by_mut(|line, next| line.text.starts_with('>') == next.text.starts_with('>')) {
        if quoted.len() >= QUOTED_LINES_MIN {
            for line in quoted.iter_mut().filter(|line| line.text.starts_with('>')) {
                let rest = line.text.trim_start_matches('>');
                line.text = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// How the bytes are to be read.
#[derive(Debug, Clone, Copy)]
enum Form {
    Utf8,
    Utf16(Order),
    /// One or two bytes for a character, line breaks as in ASCII.
    Legacy(&'static Encoding),
}

impl Form {
    /// The form of `bytes`, and where the text begins after the mark.
    fn of(bytes: &[u8]) -> Result<(Self, usize), Unread> {
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

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16(Order::Little) => "utf-16le",
            Self::Utf16(Order::Big) => "utf-16be",
            Self::Legacy(encoding) if encoding == SHIFT_JIS => "cp932",
            Self::Legacy(_) => "windows-1252",
        }
    }

    /// The line at `span`; a byte order mark at its beginning, left by joining files, is no part of it.
    fn line(self, number: u32, span: Range<usize>, bytes: &[u8]) -> Line {
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
fn is_odd(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{e}'..='\u{19}' | '\u{1c}'..='\u{1f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}'..='\u{ffff}')
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\0' | '\u{1a}' | '\u{feff}')
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

#[cfg(test)]
mod tests;
