//! Characters that are written as several: escapes of JSON, URLs, HTML and mail, and the colours of a console.
//!
//! Their letters and digits would otherwise belong to the groups of a key beside them.

use super::characters::{Class, Text};

/// Longer tags and entities are taken for text, so that a search for their end is bounded.
const TAG_CHARACTERS_MAX: usize = 256;
const NAME_CHARACTERS_MAX: usize = 10;
const PARAMETERS_MAX: usize = 32;
/// Backslashes before one letter, `%25` in one another: text that was escaped several times.
const NESTING_MAX: usize = 4;

const ESCAPE: u32 = 0x1b;

/// Whether an escape can begin with this character.
pub(super) fn is_lead(character: char) -> bool {
    matches!(character, '\\' | '%' | '=' | '&' | '<' | '^' | '`' | '\u{1b}')
}

/// What the escape that begins at `position` stands for, and where it ends. Never a letter or a digit.
pub(super) fn escape(text: Text<'_>, position: usize) -> Option<(Class, usize)> {
    let (lead, length) = text.ascii(position)?;
    let next = position + length;
    match lead {
        b'\\' => continuation(text, next).or_else(|| backslash(text, next)),
        b'%' => percent(text, next),
        b'=' => continuation(text, next).or_else(|| byte(text, next)),
        b'^' | b'`' => continuation(text, next),
        b'&' => entity(text, next),
        b'<' => tag(text, next),
        0x1b => sequence(text, next).map(|end| (Class::Break, end)),
        _ => None,
    }
}

/// A line that goes on in the next one: `\` of scripts, `=` of mail, `^` and `` ` `` of consoles.
fn continuation(text: Text<'_>, mut position: usize) -> Option<(Class, usize)> {
    for _ in 0..NESTING_MAX {
        let (byte, length) = text.ascii(position)?;
        position += length;
        match byte {
            b' ' | b'\t' => {}
            b'\r' | b'\n' => return Some((Class::Break, position)),
            _ => return None,
        }
    }
    None
}

fn backslash(text: Text<'_>, mut position: usize) -> Option<(Class, usize)> {
    for _ in 0..NESTING_MAX {
        let (byte, length) = text.ascii(position)?;
        position += length;
        return match byte {
            b'\\' => continue,
            b'n' | b'r' => Some((Class::Break, position)),
            b't' | b'f' | b'v' | b'b' => Some((Class::Blank, position)),
            b'e' => meaning(text, ESCAPE, position),
            b'u' => hex(text, position, 4).and_then(|(value, end)| meaning(text, value, end)),
            b'x' => hex(text, position, 2).and_then(|(value, end)| meaning(text, value, end)),
            _ => None,
        };
    }
    None
}

/// The percent sign itself may be escaped, once or more.
fn percent(text: Text<'_>, mut position: usize) -> Option<(Class, usize)> {
    for _ in 0..NESTING_MAX {
        match hex(text, position, 2)? {
            (0x25, end) if hex(text, end, 2).is_some() => position = end,
            _ => break,
        }
    }
    byte(text, position)
}

/// Two hexadecimal digits.
fn byte(text: Text<'_>, position: usize) -> Option<(Class, usize)> {
    let (value, end) = hex(text, position, 2)?;
    // Part of a longer character.
    if value > 0x7f { Some((Class::Mark(char::REPLACEMENT_CHARACTER), end)) } else { meaning(text, value, end) }
}

/// What follows `&`; the ampersand itself may be escaped, once or more.
fn entity(text: Text<'_>, mut position: usize) -> Option<(Class, usize)> {
    for _ in 0..NESTING_MAX {
        let name = Name::at(text, position)?;
        position = name.end;
        let class = match name.as_str() {
            "amp" if Name::at(text, position).is_some() => continue,
            "nbsp" | "ensp" | "emsp" | "thinsp" | "numsp" | "puncsp" | "hairsp" => Class::Blank,
            "shy" | "zwnj" | "zwj" | "lrm" | "rlm" => Class::Invisible,
            "gt" => Class::Quote,
            "ndash" | "mdash" | "minus" | "hyphen" | "dash" | "horbar" => Class::Mark('-'),
            other => match other.strip_prefix('#') {
                Some(number) => {
                    let value = match number.strip_prefix(['x', 'X']) {
                        Some(digits) => u32::from_str_radix(digits, 16),
                        None => number.parse(),
                    };
                    return meaning(text, value.ok()?, position);
                }
                None => Class::Mark('&'),
            },
        };
        return Some((class, position));
    }
    None
}

/// Name or number of an entity.
#[derive(Default)]
struct Name {
    bytes: [u8; NAME_CHARACTERS_MAX],
    length: usize,
    /// Where its semicolon ends.
    end: usize,
}

impl Name {
    fn at(text: Text<'_>, mut position: usize) -> Option<Self> {
        let mut name = Self::default();
        loop {
            let (byte, length) = text.ascii(position)?;
            position += length;
            match byte {
                b';' if name.length > 0 => return Some(Self { end: position, ..name }),
                b'#' if name.length == 0 => {}
                _ if byte.is_ascii_alphanumeric() => {}
                _ => return None,
            }
            *name.bytes.get_mut(name.length)? = byte;
            name.length += 1;
        }
    }

    fn as_str(&self) -> &str {
        // All of it is ASCII.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// A tag of HTML or XML: it may stand within a group, as `<wbr>` does.
fn tag(text: Text<'_>, mut position: usize) -> Option<(Class, usize)> {
    let (first, _) = text.ascii(position)?;
    if !(first.is_ascii_alphabetic() || matches!(first, b'/' | b'!')) {
        return None;
    }
    for _ in 0..TAG_CHARACTERS_MAX {
        let (character, length) = text.character(position)?;
        position += length;
        match character {
            '>' => return Some((Class::Break, position)),
            // Nor is every `<` of hostile input followed to the same end.
            '<' => return None,
            _ => {}
        }
    }
    None
}

/// End of a control sequence of a terminal (`[32m`) or a change of character set (`(B`), after the escape character.
fn sequence(text: Text<'_>, mut position: usize) -> Option<usize> {
    let (kind, length) = text.ascii(position)?;
    position += length;
    match kind {
        b'(' | b')' | b'*' | b'+' | b'$' => text.ascii(position).map(|(_, length)| position + length),
        b'[' => {
            for _ in 0..PARAMETERS_MAX {
                let (byte, length) = text.ascii(position)?;
                position += length;
                match byte {
                    0x20..=0x3f => {}
                    0x40..=0x7e => return Some(position),
                    _ => return None,
                }
            }
            None
        }
        _ => None,
    }
}

/// Class of an escaped character; an escaped escape character begins a sequence.
fn meaning(text: Text<'_>, value: u32, end: usize) -> Option<(Class, usize)> {
    if value == ESCAPE {
        return Some((Class::Break, sequence(text, end).unwrap_or(end)));
    }
    let class = char::from_u32(value).map_or(Class::Mark(char::REPLACEMENT_CHARACTER), Class::of);
    (!class.is_alphanumeric()).then_some((class, end))
}

/// A number of exactly `digits` hexadecimal digits, and its end.
fn hex(text: Text<'_>, mut position: usize, digits: usize) -> Option<(u32, usize)> {
    let mut value = 0;
    for _ in 0..digits {
        let (byte, length) = text.ascii(position)?;
        value = value * 16 + char::from(byte).to_digit(16)?;
        position += length;
    }
    Some((value, position))
}
