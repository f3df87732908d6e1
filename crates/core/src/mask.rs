//! Masking of product keys at the door, before anything is hashed, stored or shown.
//!
//! A key is recognised by its form alone: five groups of five characters. The bytes may be text in any of the known
//! encodings or a binary file with text in it, so every encoding in question is tried on all of them.

/// Units of a gap between two groups: a line break and the indentation of a wrapped line fit.
const GAP_UNITS_MAX: usize = 64;
const GROUP: usize = 5;
const KEY: usize = 25;

/// Masks every product key in `bytes` in place, same length, but for its last five characters.
///
/// Groups may be separated by dashes of any kind, blanks, line breaks, several of these, or nothing. Takes linear time.
pub fn product_keys(bytes: &mut [u8]) {
    match bytes {
        [0xff, 0xfe, ..] => mask(bytes, 0, Form::Utf16Little),
        [0xfe, 0xff, ..] => mask(bytes, 0, Form::Utf16Big),
        // Without zeros there is no UTF-16: at least its line breaks have zeros.
        _ if !bytes.contains(&0) => {}
        _ => {
            // Text of one byte order can be read as the other one from the next byte on; the right one goes first.
            let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
            let orders = if zeros(0) > zeros(1) {
                [Form::Utf16Big, Form::Utf16Little]
            } else {
                [Form::Utf16Little, Form::Utf16Big]
            };
            for start in 0..2 {
                for order in orders {
                    mask(bytes, start, order);
                }
            }
        }
    }
    if std::str::from_utf8(bytes).is_err() {
        mask(bytes, 0, Form::Cp932);
    }
    mask(bytes, 0, Form::Utf8);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Also ASCII and, for the dashes and blanks, windows-1252.
    Utf8,
    Cp932,
    Utf16Little,
    Utf16Big,
}

/// What a character is to this search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter of the alphabet of keys, upper case.
    Letter(char),
    /// A digit of the alphabet of keys.
    Digit,
    /// Another letter or digit, which makes a longer word of what stands beside it.
    Alphanumeric,
    Dash,
    Blank,
    Break,
    /// `>`: stands before the lines of quoted mail.
    Quote,
    Other,
}

impl Class {
    fn is_key(self) -> bool {
        matches!(self, Self::Letter(_) | Self::Digit)
    }

    fn is_alphanumeric(self) -> bool {
        self.is_key() || self == Self::Alphanumeric
    }
}

/// Class of a character; letters and digits also in full-width form.
fn class_of(character: char) -> Class {
    let narrow = match character {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            char::from_u32(character as u32 - 0xfee0).unwrap_or(character)
        }
        other => other,
    };
    match narrow.to_ascii_uppercase() {
        letter if "BCDFGHJKMNPQRTVWXY".contains(letter) => Class::Letter(letter),
        '2' | '3' | '4' | '6' | '7' | '8' | '9' => Class::Digit,
        other if other.is_ascii_alphanumeric() => Class::Alphanumeric,
        '-'
        | '\u{ad}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{2500}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}'
        // The long vowel mark is typed for a dash.
        | '\u{30fc}'
        | '\u{ff70}' => Class::Dash,
        ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200d}' | '\u{202f}' | '\u{3000}' | '\u{feff}' => Class::Blank,
        '\r' | '\n' | '\u{2028}' | '\u{2029}' => Class::Break,
        '>' => Class::Quote,
        _ => Class::Other,
    }
}

/// Class and length in bytes of the character at `position`, which lies within `bytes`.
fn unit(bytes: &[u8], position: usize, form: Form) -> (Class, usize) {
    let byte = bytes[position];
    match form {
        Form::Utf16Little | Form::Utf16Big => match bytes.get(position + 1) {
            Some(second) => {
                let pair = [byte, *second];
                let value = if form == Form::Utf16Little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
                (char::from_u32(value.into()).map_or(Class::Other, class_of), 2)
            }
            None => (class_of(byte.into()), 1),
        },
        _ if byte.is_ascii() => (class_of(byte.into()), 1),
        Form::Utf8 => {
            let length = match byte {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 1,
            };
            let character = bytes
                .get(position..position + length)
                .and_then(|raw| std::str::from_utf8(raw).ok())
                .and_then(|text| text.chars().next());
            match (character, byte) {
                (Some(character), _) => (class_of(character), length),
                (None, 0x96 | 0x97 | 0xad) => (Class::Dash, 1),
                (None, 0xa0) => (Class::Blank, 1),
                (None, _) => (Class::Other, 1),
            }
        }
        Form::Cp932 => unit_of_cp932(byte, bytes.get(position + 1).copied()),
    }
}

fn unit_of_cp932(lead: u8, trail: Option<u8>) -> (Class, usize) {
    let trail = match (lead, trail) {
        (0xb0, _) => return (Class::Dash, 1),
        (0x81..=0x9f | 0xe0..=0xfc, Some(trail @ (0x40..=0x7e | 0x80..=0xfc))) => trail,
        _ => return (Class::Other, 1),
    };
    let class = match (lead, trail) {
        (0x82, 0x4f..=0x58) => class_of((trail - 0x4f + b'0').into()),
        (0x82, 0x60..=0x79) => class_of((trail - 0x60 + b'A').into()),
        (0x82, 0x81..=0x9a) => class_of((trail - 0x81 + b'a').into()),
        (0x81, 0x5b..=0x5d | 0x7c) | (0x84, 0x9f) => Class::Dash,
        (0x81, 0x40) => Class::Blank,
        (0x81, 0x84) => Class::Quote,
        _ => Class::Other,
    };
    (class, 2)
}

/// Masks the keys in `bytes[start..]`, read as `form`.
fn mask(bytes: &mut [u8], start: usize, form: Form) {
    let mut position = start;
    let mut within_word = start > 0 && class_of(bytes[0].into()).is_alphanumeric();
    while position < bytes.len() {
        let (class, length) = unit(bytes, position, form);
        if class.is_key()
            && !within_word
            && let Some(places) = key_at(bytes, position, form)
        {
            for (place, length) in &places[..KEY - GROUP] {
                write_star(&mut bytes[*place..*place + *length], form);
            }
            // The last group may be the first one of another match.
            position = places[KEY - GROUP].0;
            continue;
        }
        within_word = class.is_alphanumeric();
        position += length;
    }
}

/// Place and length of the 25 characters of the key that begins at `position`, if one does.
fn key_at(bytes: &[u8], mut position: usize, form: Form) -> Option<[(usize, usize); KEY]> {
    let mut places = [(0, 0); KEY];
    let (mut has_letter, mut has_digit, mut is_dashed, mut is_masked) = (false, false, true, true);
    for (index, place) in places.iter_mut().enumerate() {
        if index > 0 && index % GROUP == 0 {
            let (end, dashed) = gap(bytes, position, form)?;
            position = end;
            is_dashed &= dashed;
        }
        if position >= bytes.len() {
            return None;
        }
        let (class, length) = unit(bytes, position, form);
        match class {
            Class::Letter(letter) => {
                has_letter = true;
                is_masked &= index >= KEY - GROUP || letter == 'X';
            }
            Class::Digit => {
                has_digit = true;
                is_masked &= index >= KEY - GROUP;
            }
            _ => return None,
        }
        *place = (position, length);
        position += length;
    }
    let ends = position >= bytes.len() || !unit(bytes, position, form).0.is_alphanumeric();
    // Without dashes it could be words or a table of numbers. Somebody masked a key of X before.
    (ends && !is_masked && (is_dashed || (has_letter && has_digit))).then_some(places)
}

/// End of the gap that begins at `position`, and whether there is a dash in it.
fn gap(bytes: &[u8], mut position: usize, form: Form) -> Option<(usize, bool)> {
    let (mut dashed, mut broken) = (false, false);
    for _ in 0..GAP_UNITS_MAX {
        if position >= bytes.len() {
            return None;
        }
        let (class, length) = unit(bytes, position, form);
        match class {
            Class::Dash => dashed = true,
            Class::Break => broken = true,
            Class::Blank => {}
            Class::Quote if broken => {}
            _ => return Some((position, dashed)),
        }
        position += length;
    }
    None
}

/// Overwrites one character with a star of the same length.
fn write_star(place: &mut [u8], form: Form) {
    let star: &[u8] = match (form, &*place) {
        (Form::Utf16Little, [_, 0]) => &[b'*', 0],
        (Form::Utf16Big, [0, _]) => &[0, b'*'],
        (Form::Utf16Little, _) => &[0x0a, 0xff],
        (Form::Utf16Big, _) => &[0xff, 0x0a],
        (Form::Cp932, [_, _]) => &[0x81, 0x96],
        (Form::Utf8, [_, _, _]) => "＊".as_bytes(),
        _ => b"*",
    };
    for (byte, star) in place.iter_mut().zip(star) {
        *byte = *star;
    }
}

#[cfg(test)]
mod tests;
