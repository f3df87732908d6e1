//! `DigitalProductId` and `DigitalProductId4` of the registry hold the whole product key in a form that is easily turned
//! back. Neither is read here: they are told by their first eight bytes, and what follows is blanked, in binary
//! files and in the textual forms that tools give to bytes.

/// First eight bytes (length and version) and length of each structure.
const STRUCTURES: [([u8; 8], usize); 2] = [([0xa4, 0, 0, 0, 3, 0, 0, 0], 164), ([0xf8, 4, 0, 0, 4, 0, 0, 0], 1272)];

/// The first eight bytes as Base64, as far as whole characters go, and characters of the whole.
const BASE64: [(&[u8], usize); 2] = [(b"pAAAAAMAAAA", 220), (b"+AQAAAQAAAA", 1696)];

/// Characters between two bytes in text: a comma, a backslash, a line break and the indentation of the next line.
const SEPARATORS_MAX: usize = 32;

/// Blanks what follows the head of each such structure in `bytes`, same length.
pub(super) fn product_ids(bytes: &mut [u8]) {
    if bytes.contains(&0) {
        binary(bytes);
        for start in 0..2 {
            text(bytes, Units { start, low: 0, width: 2 });
            text(bytes, Units { start, low: 1, width: 2 });
        }
    }
    text(bytes, Units { start: 0, low: 0, width: 1 });
}

fn binary(bytes: &mut [u8]) {
    let mut position = 0;
    while let Some(rest) = bytes.get_mut(position..) {
        let found = STRUCTURES.iter().find(|(head, _)| rest.starts_with(head));
        position += match found {
            Some((head, length)) => {
                let end = rest.len().min(*length);
                rest[head.len()..end].fill(0);
                end
            }
            None => 1,
        };
    }
}

/// How characters of ASCII stand in the bytes.
#[derive(Clone, Copy)]
struct Units {
    /// Where they begin.
    start: usize,
    /// Where in a unit the character stands; the rest of it is zero.
    low: usize,
    /// Bytes of a unit.
    width: usize,
}

impl Units {
    fn get(self, bytes: &[u8], index: usize) -> Option<u8> {
        let at = self.start + index * self.width;
        let unit = bytes.get(at..at + self.width)?;
        let is_ascii = unit.iter().enumerate().all(|(place, byte)| place == self.low || *byte == 0);
        // What is no character of ASCII is nothing that is looked for.
        Some(if is_ascii { unit[self.low] } else { 0xff })
    }

    fn set(self, bytes: &mut [u8], index: usize, value: u8) {
        if let Some(place) = bytes.get_mut(self.start + index * self.width + self.low) {
            *place = value;
        }
    }
}

fn text(bytes: &mut [u8], units: Units) {
    let mut index = 0;
    while let Some(character) = units.get(bytes, index) {
        let end = match character {
            b'a' | b'A' | b'f' | b'F' => hexadecimal(bytes, units, index),
            b'1' | b'2' => decimal(bytes, units, index),
            b'p' | b'+' => base64(bytes, units, index),
            _ => None,
        };
        index = end.unwrap_or(index + 1);
    }
}

/// The next character from `index` on that is no separator, and its place.
fn next(bytes: &[u8], units: Units, index: usize) -> Option<(usize, u8)> {
    (index..index + SEPARATORS_MAX).find_map(|index| {
        let character = units.get(bytes, index)?;
        (!matches!(character, b',' | b' ' | b'\t' | b'\r' | b'\n' | b'\\')).then_some((index, character))
    })
}

/// `A400000003000000…` or `a4,00,00,00,03,00,00,00,…`, also broken over lines.
fn hexadecimal(bytes: &mut [u8], units: Units, start: usize) -> Option<usize> {
    let digit = |bytes: &[u8], index: usize| {
        next(bytes, units, index).and_then(|(at, character)| Some((at, char::from(character).to_digit(16)?)))
    };
    let follows = |head: &[u8; 8]| {
        let mut index = start;
        for nibble in head.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
            let (at, value) = digit(bytes, index)?;
            if value != u32::from(nibble) {
                return None;
            }
            index = at + 1;
        }
        Some(index)
    };
    let (mut index, length) = STRUCTURES.iter().find_map(|(head, length)| Some((follows(head)?, *length)))?;
    for _ in 0..(length - 8) * 2 {
        let Some((at, _)) = digit(bytes, index) else { break };
        units.set(bytes, at, b'0');
        index = at + 1;
    }
    Some(index)
}

/// `164, 0, 0, 0, 3, 0, 0, 0, …`, as PowerShell and JSON write bytes.
fn decimal(bytes: &mut [u8], units: Units, start: usize) -> Option<usize> {
    let number = |bytes: &[u8], index: usize| {
        let (at, _) = next(bytes, units, index)?;
        let (mut value, mut end) = (0_u32, at);
        while let Some(digit @ b'0'..=b'9') = units.get(bytes, end) {
            value = value * 10 + u32::from(digit - b'0');
            end += 1;
            if end > at + 3 {
                return None;
            }
        }
        (end > at).then_some((at, end, value))
    };
    let follows = |head: &[u8; 8]| {
        let mut index = start;
        for byte in head {
            let (_, end, value) = number(bytes, index)?;
            if value != u32::from(*byte) {
                return None;
            }
            index = end;
        }
        Some(index)
    };
    let (mut index, length) = STRUCTURES.iter().find_map(|(head, length)| Some((follows(head)?, *length)))?;
    for _ in 0..length - 8 {
        let Some((at, end, _)) = number(bytes, index) else { break };
        units.set(bytes, at, b'0');
        // Blanks, since JSON has no numbers with zeros before them.
        (at + 1..end).for_each(|place| units.set(bytes, place, b' '));
        index = end;
    }
    Some(index)
}

fn base64(bytes: &mut [u8], units: Units, start: usize) -> Option<usize> {
    let follows = |head: &[u8]| (0..head.len()).all(|place| units.get(bytes, start + place) == Some(head[place]));
    let (head, length) = BASE64.iter().find(|(head, _)| follows(head))?;
    let mut index = start + head.len();
    for _ in head.len()..*length {
        let Some((at, character)) = next(bytes, units, index) else { break };
        if !(character.is_ascii_alphanumeric() || matches!(character, b'+' | b'/')) {
            break;
        }
        units.set(bytes, at, b'A');
        index = at + 1;
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A structure whose every byte after its head is `fill`.
    fn structure(which: usize, fill: u8) -> Vec<u8> {
        let (head, length) = STRUCTURES[which];
        let mut bytes = vec![fill; length];
        bytes[..8].copy_from_slice(&head);
        bytes
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}"))
    }

    fn check(before: &[u8], expect: &[u8]) {
        let mut bytes = before.to_vec();
        product_ids(&mut bytes);
        assert!(bytes == expect, "{}", String::from_utf8_lossy(&bytes));
    }

    /// In ASCII and in both orders of UTF-16, also out of step.
    fn check_text(before: &str, expect: &str) {
        check(before.as_bytes(), expect.as_bytes());
        let encoders: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];
        for encode in encoders {
            for shift in [&[][..], b"\0"] {
                let wide = |text: &str| [shift, &text.encode_utf16().flat_map(encode).collect::<Vec<u8>>()].concat();
                check(&wide(before), &wide(expect));
            }
        }
    }

    #[test]
    fn binary_structures() {
        for which in 0..2 {
            let around = |bytes: &[u8]| [b"vk\0", bytes, b"behind"].concat();
            check(&around(&structure(which, 0x5a)), &around(&structure(which, 0)));
            // Cut off.
            check(&structure(which, 0x5a)[..20], &structure(which, 0)[..20]);
        }
    }

    #[test]
    fn textual_forms() {
        type Write = fn(&[u8]) -> String;
        let forms: [Write; 4] = [
            hex,
            |bytes| {
                let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                hex.chunks(20).map(|line| line.join(",")).collect::<Vec<_>>().join(",\\\r\n  ")
            },
            |bytes| {
                let hex = hex(bytes);
                // Broken by a console of 79 columns, between the two digits of a byte.
                hex.as_bytes().chunks(79).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n")
            },
            |bytes| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",\r\n    "),
        ];
        for which in 0..2 {
            for form in forms {
                let around = |text: &str| format!("DigitalProductId    REG_BINARY    {text}\r\nnext");
                // The numbers of one digit look the same before and after.
                let (before, expect) = (form(&structure(which, 7)), form(&structure(which, 0)));
                check_text(&around(&before), &around(&expect));
            }
        }
        check_text("[164, 0, 0, 0, 3, 0, 0, 0, 53, 155]", "[164, 0, 0, 0, 3, 0, 0, 0, 0 , 0  ]");
        check_text("\"pAAAAAMAAAA1NTA0MS0w\"", "\"pAAAAAMAAAAAAAAAAAAA\"");
        check_text("x+AQAAAQAAAA1NTA/MS0w", "x+AQAAAQAAAAAAAAAAAAA");
        for other in ["a4,00,00,00,04,00,00,00,11", "A4 is paper", "164, 0, 0, 0, 2, 0, 0, 0, 53", "1.0.0.0.3.0.0.0"] {
            check_text(other, other);
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(bytes in proptest::collection::vec(prop_oneof![Just(0_u8), Just(b'0'), Just(b'3'), Just(b'a'), Just(b'4'), Just(b','), any::<u8>()], 0..200), at in 0_usize..200, which in 0_usize..2) {
            let at = at.min(bytes.len());
            let all = [&bytes[..at], &structure(which, 9)[..40], &bytes[at..]].concat();
            let mut once = all.clone();
            product_ids(&mut once);
            prop_assert_eq!(once.len(), all.len());
            let mut twice = once.clone();
            product_ids(&mut twice);
            prop_assert_eq!(twice, once);
        }
    }
}
