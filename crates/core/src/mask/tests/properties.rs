use proptest::prelude::*;

use super::*;

/// What is put together to texts that hold keys, halves of keys and what looks like them.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[BCDFGHJKMPQRTVWXY2346789N]{5}",
        1 => "[BCDFGHJKMPQRTVWXY2346789N]{1,4}",
        1 => Just("XXXXX".to_owned()),
        6 => proptest::sample::select(vec![
            "-", "-", " ", "\n", "\r\n> ", ", ", ".", "\\n", "=\r\n", "=2D", "%2D", "&#45;", "&nbsp;", "\u{1b}[32m", "<b>", "*",
            "\u{200b}", "の", "A", "\\", "=", "%", "&", "<", "Ｂ", "－",
        ]).prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn length_stays_and_twice_is_once(bytes in proptest::collection::vec(prop_oneof![Just(b'B'), Just(b'7'), Just(b'-'), Just(0), Just(b'X'), Just(0x82), any::<u8>()], 0..300)) {
        let once = masked(&bytes);
        prop_assert_eq!(once.len(), bytes.len());
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn twice_is_once_for_all_that_looks_like_keys(pieces in proptest::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        let once = product_keys_in_text(&text);
        prop_assert_eq!(once.len(), text.len());
        prop_assert_eq!(product_keys_in_text(&once), once.as_str());
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let bytes = [&[0xff, 0xfe], &utf16(&text)[..]].concat();
        prop_assert_eq!(masked(&bytes), [&[0xff, 0xfe], &utf16(&once)[..]].concat());
    }

    #[test]
    fn no_key_survives(
        words in proptest::collection::vec("[BCDFGHJKMPQRTVWXY2346789N]{5}", 5..12),
        gaps in proptest::collection::vec(prop_oneof![Just("-"), Just("-\r\n"), Just("—"), Just("－ "), Just("."), Just("_"), Just("&#45;")], 11),
        before in "[A-Za-zぁ-ん .]{0,3}", after in "[A-Za-zぁ-ん .]{0,3}",
    ) {
        let has_letters = |words: &[String]| words.concat().bytes().filter(u8::is_ascii_alphabetic).count() >= LETTERS_MIN;
        prop_assume!(words.windows(5).all(has_letters) && !words.iter().any(|word| word == "XXXXX"));
        let mut text = before.clone();
        for (word, gap) in words.iter().zip(&gaps) {
            text.push_str(word);
            text.push_str(gap);
        }
        text.push_str(&after);
        let once = String::from_utf8(masked(text.as_bytes())).unwrap();
        prop_assert_eq!(once.len(), text.len());
        let left: Vec<bool> = words.iter().map(|word| once.contains(word.as_str())).collect();
        prop_assert!(!left.windows(5).any(|left| left.iter().all(|is_left| *is_left)), "{}", once);
        prop_assert_eq!(masked(once.as_bytes()), once.as_bytes());
    }
}
