//! Mistyped keys: five groups joined by dashes that would be a key but for a few characters.
//!
//! Names of machines and files are joined by hyphens too, so a mistyped key stands as a word of its own, and has fewer
//! characters that no key has than words have vowels.

use super::characters::{Class, Form, Mask, Text};
use super::{GROUP, Gap, LETTERS_MIN, Place, beginning, escapes};

const GROUPS: usize = 5;
/// Characters that no key has, in a mistyped one. Vowels are such, and five words have a vowel each.
const WRONG_MAX: usize = GROUPS - 1;

/// Masks the mistyped keys in `bytes`, whose characters begin at `start`, read as `form`; whether there were any.
pub(super) fn mask(bytes: &mut [u8], start: usize, form: Form) -> bool {
    let (mut position, is_bounded) = beginning(bytes, start, form);
    let mut is_changed = false;
    let (mut is_in_word, mut is_joined) = (!is_bounded, !is_bounded);
    // Where the word in question begins, and where the escape before it ends.
    let (mut word, mut escape_end) = (position, None);
    while let Some((character, length)) = (Text { bytes, form, start }).character(position) {
        let text = Text { bytes, form, start };
        let class = Class::of(character);
        if class.is_alphanumeric() {
            if !is_in_word {
                word = position;
            }
            is_in_word = true;
        } else {
            let is_lead = escapes::is_lead(character);
            if is_in_word && !is_joined && (is_lead || class == DASH) {
                // What looks like an escape may be a sign with a key behind it: `KEY=BCDFG-…`.
                let behind_escape = escape_end.filter(|end| *end > word).and_then(|end| find(text, end));
                let found = behind_escape.or_else(|| find(text, word));
                for (mask, (place, length)) in found.into_iter().flatten() {
                    mask.write(&mut bytes[place..place + length], form);
                    is_changed = true;
                }
            }
            is_joined = is_in_word && class == DASH;
            is_in_word = false;
            // Keys may stand within a tag.
            if is_lead && character != '<' {
                let text = Text { bytes, form, start };
                escape_end = escapes::escape(text, position).map(|(_, end)| end);
            }
        }
        position += length;
    }
    is_changed
}

/// What joins the groups of a key, and the parts of a name.
const DASH: Class = Class::Mark('-');

/// What is put for which characters of a mistyped key.
type Found = Vec<(Mask, Place)>;

/// The mistyped key that begins at `start`, if one does.
pub(super) fn find(text: Text<'_>, start: usize) -> Option<Found> {
    let mut position = start;
    let mut to_mask = Found::new();
    let (mut letters, mut wrong, mut odd_groups, mut is_masked) = (0, 0, 0, true);
    for index in 0..GROUPS {
        if index > 0 {
            let end = dash(text, position)?;
            position = Gap::at(text, end, Some(&mut false)).filter(Gap::is_wrap)?.end;
        }
        let is_last = index == GROUPS - 1;
        let mut length_of_group = 0;
        while let Some((character, length)) = text.character(position) {
            let class = Class::of(character);
            let mask = match class {
                Class::Letter { .. } | Class::Digit => Mask::Star,
                Class::Alphanumeric => Mask::Question,
                _ => break,
            };
            letters += usize::from(matches!(class, Class::Letter { .. }));
            wrong += usize::from(mask == Mask::Question);
            is_masked &= is_last || class == (Class::Letter { is_x: true });
            length_of_group += 1;
            if length_of_group > GROUP + 1 || wrong > WRONG_MAX {
                return None;
            }
            if !is_last {
                to_mask.push((mask, (position, length)));
            }
            position += length;
        }
        odd_groups += usize::from(length_of_group != GROUP);
        if length_of_group + 1 < GROUP || odd_groups > 1 {
            return None;
        }
    }
    let goes_on = || {
        let next = dash(text, position).and_then(|end| text.character(end));
        next.is_some_and(|(next, _)| Class::of(next).is_alphanumeric())
    };
    (letters >= LETTERS_MIN && !is_masked && !goes_on()).then_some(to_mask)
}

/// Where the dash at `position` ends, as it stands or escaped.
fn dash(text: Text<'_>, position: usize) -> Option<usize> {
    let (character, length) = text.character(position)?;
    let (class, end) = escapes::is_lead(character)
        .then(|| escapes::escape(text, position))
        .flatten()
        .unwrap_or((Class::of(character), position + length));
    (class == DASH).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, masked};

    /// A mistyped key, and the same masked.
    const MISTYPED: (&str, &str) = (concat!("BCDFG-HJ0MP", "-QRTVW-XY234-6789N"), "*****-**?**-*****-*****-6789N");

    fn check_joined(dash: &str) {
        let [mistyped, masked] = [MISTYPED.0, MISTYPED.1].map(|text| text.replace('-', dash));
        check(&format!("key: {mistyped}.\r\n"), &format!("key: {masked}.\r\n"));
        check(&format!("key: {}.\r\n", mistyped.to_lowercase()), &format!("key: {}.\r\n", masked.to_lowercase()));
    }

    #[test]
    fn wrong_missing_and_further_characters() {
        check("BCDFG-HJKMP-QRTVW-XY234-67O92", "*****-*****-*****-*****-67O92");
        check(concat!("A1DFG-HJKMP", "-QRTVW-XY2O4-678L2"), "??***-*****-*****-***?*-678L2");
        check("BCDFG-HJKMP-QRTVW-XY234-6789", "*****-*****-*****-*****-6789");
        check("BCDFG-HJKMP-QRTVW-XY234-6789NB", "*****-*****-*****-*****-6789NB");
        check("BCDF-HJKMP-QRTVW-XY234-6789N", "****-*****-*****-*****-6789N");
        check("BCDFG-HJKMPQ-QRTVW-XY0E4-6789N", "*****-******-*****-**??*-6789N");
        check("XXXXX-HJKMP-QRTVW-XY234-6789", "*****-*****-*****-*****-6789");
        check(
            "ＢＣＤＦＧ－ＨＪ０ＭＰ－ＱＲＴＶＷ－ＸＹ２３４－６７８９\n",
            "＊＊＊＊＊－＊＊？＊＊－＊＊＊＊＊－＊＊＊＊＊－６７８９\n",
        );
    }

    #[test]
    fn whatever_dash_joins_the_groups() {
        for dash in [
            "-",
            "－",
            "‐",
            "\u{2011}",
            "–",
            "—",
            "ー",
            "−",
            "-\r\n",
            "-\n                ",
            "-\u{200b}",
            "&#8209;",
            "&ndash;",
            "\\u2011",
            "\\u002d\\n",
            "%2D",
            "%252D",
            "=2D",
            "-=\r\n",
        ] {
            check_joined(dash);
        }
        let windows_1252 =
            |text: &str| text.bytes().map(|byte| if byte == b'-' { 0x96 } else { byte }).collect::<Vec<_>>();
        assert_eq!(masked(&windows_1252(MISTYPED.0)), windows_1252(MISTYPED.1));
        // "キー" before and "です" after it, in code page 932, whose dashes are two bytes.
        let cp932 = |text: &str| {
            let dashes = text.as_bytes().split(|byte| *byte == b'-').collect::<Vec<_>>().join(&b"\x81\x7c"[..]);
            [b"\x83\x4c\x81\x5b", &dashes[..], b"\x82\xc5\x82\xb7"].concat()
        };
        assert_eq!(masked(&cp932(MISTYPED.0)), cp932(MISTYPED.1));
        // A full-width A, which no key has.
        let mistyped = b"\x82\x60CDFG-HJKMP-QRTVW-XY234-6789N";
        assert_eq!(masked(mistyped), b"\x81\x48****-*****-*****-*****-6789N");
    }

    #[test]
    fn what_stands_beside() {
        let (mistyped, masked) = MISTYPED;
        for (before, after) in [
            ("キー", "です"),
            ("\\n", "\\n"),
            ("\\t", "\\r\\n"),
            ("\"", "\""),
            ("%20", "%20"),
            ("PIDKEY=", "&x"),
            ("KEY_", "_OLD"),
            ("C:\\", ".txt"),
            ("\u{1b}[32m", "\u{1b}[0m"),
            ("<b>", "</b>"),
            ("<td title='", "'>"),
            ("/inpkey:", " -"),
            ("--", "--"),
        ] {
            check(&format!("{before}{mistyped}{after}"), &format!("{before}{masked}{after}"));
        }
        // The first letters look like an escape.
        check(
            "BCDFG-HJKMP-QRTVW-XY234-6789N BCDFG-HJKMP-QRTVW-XY234-6789",
            "*****-*****-*****-*****-6789N *****-*****-*****-*****-6789",
        );
        check(concat!("KEY=BCDFG-HJKM0", "-QRTVW-XY234-6789N"), "KEY=*****-****?-*****-*****-6789N");
    }

    #[test]
    fn what_is_no_mistyped_key_stays() {
        for text in [
            "XXXXX-XXXXX-XXXXX-XXXXX-XXXX",
            "xxxxx-xxxxx-xxxxx-xxxxx-J464O",
            "*****-*****-*****-*****-67O92",
            "*****-**?**-*****-*****-67892",
            "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
            "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY",
            "12345-67890-12345-67890-1234",
            // Two groups that are not of five; four groups; six; groups too long.
            "BCDF-HJKMP-QRTVW-XY234-6789",
            "BCDFG-HJKMP-QRTVW-XY23O",
            "BCDFG-HJKMP-QRTVW-XY234-6789-BCDFG",
            "BCDFG-HJKMPQR-QRTVW-XY234-6789N",
            // No strong separators.
            "BCDFG HJ0MP QRTVW XY234 6789N",
            "BCDFG.HJ0MP.QRTVW.XY234.6789N",
            "BCDFG - HJ0MP - QRTVW - XY234 - 6789N",
            "- BCDFG\n- HJ0MP\n- QRTVW\n- XY234\n- 6789N",
            // Parts of longer names, and words.
            "pc-bcdfg-hjkmp-qrtvw-xy234-6789",
            "bcdfg-hjkmp-qrtvw-xy234-6789-pc",
            concat!("host corp1-tokyo", "-build-agent-00001.contoso.com"),
            "three-weeks-after-first-start",
            "de32eafd-aaee-4662-9444-c1befb41bde2",
            "00392-20000-00001-AA942",
            concat!("00392-20000", "-00001-00942-AA942"),
            "55041-04297-000-000000-03-1033-9200.0000-2732012",
            "123456-765432-123456-765432-123456-765432-123456-765432-123456",
            "234678-234678-234678-234678-23467",
            "Microsoft-Windows-Security-SPP",
        ] {
            check(text, text);
        }
    }
}
