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
            "\u{200b}", "の", "A", "\\", "=", "%", "&", "<", "Ｂ", "－", "E", "0-", "?",
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

    #[test]
    fn no_mistyped_key_survives(
        words in proptest::collection::vec("[BCDFGHJKMPQRTVWXY2346789N]{5}", 5),
        wrong in proptest::collection::vec((0..5_usize, 0..5_usize, proptest::sample::select(vec!['0', '1', '5', 'A', 'E', 'I', 'l', 'o', 's', 'u', 'z'])), 0..3),
        odd in proptest::option::of((0..5_usize, any::<bool>())),
        dash in proptest::sample::select(vec!["-", "－", "–", "ー", "&#45;", "\\u2011", "-\r\n"]),
        // Five letters behind it could be the end of a key whose first group is the second one here.
        before in "|[A-Za-z0-9 ]{0,9}[ :=\"（]|キー", after in "|[ ,.)\"）][A-Za-z0-9 ]{0,4}|です",
    ) {
        let mut typed: Vec<Vec<char>> = words.iter().map(|word| word.chars().collect()).collect();
        for (group, at, character) in wrong {
            typed[group][at] = character;
        }
        if let Some((group, is_missing)) = odd {
            if is_missing { typed[group].pop(); } else { typed[group].push('B'); }
        }
        let typed: Vec<String> = typed.into_iter().map(|group| group.into_iter().collect()).collect();
        let front = typed[..4].concat();
        prop_assume!(typed.concat().chars().filter(|character| matches!(Class::of(*character), Class::Letter { .. })).count() >= LETTERS_MIN);
        prop_assume!(!front.chars().all(|character| character == 'X'));
        let text = format!("{before}{}{after}", typed.join(dash));
        let once = product_keys_in_text(&text);
        prop_assert_eq!(once.len(), text.len());
        prop_assert!(typed[..4].iter().all(|group| !once[before.len()..].contains(group.as_str())), "{}", once);
        prop_assert!(once.contains(typed[4].as_str()), "{}", once);
        prop_assert_eq!(product_keys_in_text(&once), once.as_str());
    }
}
