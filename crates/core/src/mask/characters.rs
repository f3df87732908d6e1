//! Characters of evidence in its several encodings, and what they are to the search for keys.

/// How the bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Also ASCII; a byte that is no UTF-8, such as a dash of windows-1252, is a character of its own.
    Utf8,
    Cp932,
    Utf16Little,
    Utf16Big,
}

/// What a character is to this search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter of the alphabet of keys.
    Letter {
        is_x: bool,
    },
    /// A digit of the alphabet of keys.
    Digit,
    /// Another letter or digit of ASCII, which makes a longer word of what stands beside it.
    Alphanumeric,
    Blank,
    Break,
    /// Takes no room, so it may stand anywhere in a key.
    Invisible,
    /// Stands before the lines of quoted mail.
    Quote,
    /// What keys are masked with.
    Star,
    /// Anything else. May separate groups; for all dashes it holds a hyphen.
    Mark(char),
}

impl Class {
    /// Class of a character; the full-width forms of ASCII are those of ASCII.
    pub(super) fn of(character: char) -> Self {
        match narrow(character).to_ascii_uppercase() {
            'X' => Self::Letter { is_x: true },
            'B'..='D' | 'F'..='H' | 'J' | 'K' | 'M' | 'N' | 'P'..='R' | 'T' | 'V' | 'W' | 'Y' => {
                Self::Letter { is_x: false }
            }
            '2'..='4' | '6'..='9' => Self::Digit,
            '0'..='9' | 'A'..='Z' => Self::Alphanumeric,
            ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => Self::Blank,
            '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Self::Break,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => Self::Invisible,
            '>' | '|' => Self::Quote,
            '*' => Self::Star,
            '\u{2010}'..='\u{2015}'
            | '\u{2043}'
            | '\u{2212}'
            | '\u{2500}'
            | '\u{fe58}'
            | '\u{fe63}'
            // The long vowel mark is typed for a dash.
            | '\u{30fc}'
            | '\u{ff70}' => Self::Mark('-'),
            other => Self::Mark(other),
        }
    }

    pub(super) fn is_key(self) -> bool {
        matches!(self, Self::Letter { .. } | Self::Digit)
    }

    pub(super) fn is_alphanumeric(self) -> bool {
        self.is_key() || self == Self::Alphanumeric
    }
}

fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    }
}

/// Bytes read in one of the forms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) form: Form,
    /// Where its characters begin; before it stands the second half of one.
    pub(super) start: usize,
}

impl Text<'_> {
    /// Character at `position` and its length in bytes; `None` at the end. What is no character of the form is
    /// U+FFFD.
    pub(super) fn character(self, position: usize) -> Option<(char, usize)> {
        let byte = *self.bytes.get(position)?;
        if position < self.start {
            return Some((byte.into(), 1));
        }
        Some(match self.form {
            Form::Utf16Little | Form::Utf16Big => match self.bytes.get(position + 1) {
                Some(second) => {
                    let pair = [byte, *second];
                    let value = if self.form == Form::Utf16Little {
                        u16::from_le_bytes(pair)
                    } else {
                        u16::from_be_bytes(pair)
                    };
                    (char::from_u32(value.into()).unwrap_or(char::REPLACEMENT_CHARACTER), 2)
                }
                None => (byte.into(), 1),
            },
            _ if byte.is_ascii() => (byte.into(), 1),
            Form::Utf8 => {
                let length = match byte {
                    0xc2..=0xdf => 2,
                    0xe0..=0xef => 3,
                    _ => 1,
                };
                self.bytes
                    .get(position..position + length)
                    .and_then(|raw| std::str::from_utf8(raw).ok())
                    .and_then(|text| text.chars().next())
                    .map_or((character_of_one_byte(byte), 1), |character| (character, length))
            }
            Form::Cp932 => character_of_cp932(byte, self.bytes.get(position + 1).copied()),
        })
    }

    /// The same where the character is one of ASCII.
    pub(super) fn ascii(self, position: usize) -> Option<(u8, usize)> {
        let (character, length) = self.character(position)?;
        u8::try_from(character).ok().filter(u8::is_ascii).map(|byte| (byte, length))
    }
}

/// What is no UTF-8 may be a dash of windows-1252.
fn character_of_one_byte(byte: u8) -> char {
    if matches!(byte, 0x96 | 0x97) { '-' } else { char::REPLACEMENT_CHARACTER }
}

/// Only what matters here is told apart.
fn character_of_cp932(lead: u8, trail: Option<u8>) -> (char, usize) {
    let (0x81..=0x9f | 0xe0..=0xfc, Some(trail @ (0x40..=0x7e | 0x80..=0xfc))) = (lead, trail) else {
        return (if lead == 0xb0 { '-' } else { char::REPLACEMENT_CHARACTER }, 1);
    };
    let character = match (lead, trail) {
        (0x82, 0x4f..=0x58) => (trail - 0x4f + b'0').into(),
        (0x82, 0x60..=0x79) => (trail - 0x60 + b'A').into(),
        (0x82, 0x81..=0x9a) => (trail - 0x81 + b'a').into(),
        (0x81, 0x5b..=0x5d | 0x7c) | (0x84, 0x9f) => '-',
        (0x81, 0x40) => ' ',
        (0x81, 0x84) => '>',
        (0x81, 0x96) => '*',
        _ => char::REPLACEMENT_CHARACTER,
    };
    (character, 2)
}

/// What is put for a character, as wide as the character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mask {
    /// `*`
    Star,
    /// `?`, for a character that no key has: that it was mistyped can still be told.
    Question,
}

impl Mask {
    /// Overwrites one character, same length.
    pub(super) fn write(self, place: &mut [u8], form: Form) {
        let (narrow, wide, wide_cp932) = match self {
            Self::Star => (b'*', '＊', [0x81, 0x96]),
            Self::Question => (b'?', '？', [0x81, 0x48]),
        };
        let mut buffer = [0; 4];
        let [high, low] = (wide as u16).to_be_bytes();
        let mask: &[u8] = match (form, &*place) {
            (_, [_]) => &[narrow],
            (Form::Utf16Little, [_, 0]) => &[narrow, 0],
            (Form::Utf16Big, [0, _]) => &[0, narrow],
            (Form::Utf16Little, _) => &[low, high],
            (Form::Utf16Big, _) => &[high, low],
            (Form::Cp932, _) => &wide_cp932,
            (Form::Utf8, _) => wide.encode_utf8(&mut buffer).as_bytes(),
        };
        for (byte, mask) in place.iter_mut().zip(mask) {
            *byte = *mask;
        }
    }
}
