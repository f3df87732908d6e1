use proptest::prelude::*;

use super::*;

/// Not a key: the alphabet in order, in the form of a key.
const GROUPS: [&str; 5] = ["BCDFG", "HJKMP", "QRTVW", "XY234", "6789N"];

fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    product_keys(&mut bytes);
    bytes
}

fn check(text: &str, expect: &str) {
    assert_eq!(String::from_utf8(masked(text.as_bytes())).unwrap(), expect);
    let encoders: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];
    for encode in encoders {
        // With and without mark, and at an odd place of a binary file.
        for mark in [&[][..], &[0xfeff]] {
            // Out of step, full-width characters have no one reading.
            for shift in 0..=usize::from(text.is_ascii() && mark.is_empty()) {
                let bytes = |text: &str| {
                    [0].into_iter()
                        .take(shift)
                        .chain(mark.iter().copied().chain(text.encode_utf16()).flat_map(encode))
                        .collect::<Vec<_>>()
                };
                assert_eq!(masked(&bytes(text)), bytes(expect), "UTF-16 {text:?}");
            }
        }
    }
}

#[test]
fn whatever_separates_the_groups() {
    for gap in [
        "-",
        "－",
        "‐",
        "–",
        "—",
        "ー",
        "−",
        " ",
        "  ",
        "\u{3000}",
        "\t",
        "\r\n",
        "\n",
        "-\r\n",
        "- ",
        " - ",
        "-\n                ",
        "-\r\n> ",
        "",
    ] {
        let text = format!("key: {}.\r\n", GROUPS.join(gap));
        let expect = format!("key: {}.\r\n", ["*****", "*****", "*****", "*****", "6789N"].join(gap));
        check(&text, &expect);
        check(&text.to_lowercase(), &expect.to_lowercase());
    }
    check("BCDFG-HJKMP QRTVW\nXY2346789N", "*****-***** *****\n*****6789N");
    check("キーはBCDFG-HJKMP-QRTVW-XY234-6789Nです。", "キーは*****-*****-*****-*****-6789Nです。");
    check(
        "ＢＣＤＦＧ－ＨＪＫＭＰ－ＱＲＴＶＷ－ＸＹ２３４－６７８９Ｎ\n",
        "＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－６７８９Ｎ\n",
    );
}

#[test]
fn cp932() {
    // "キー" before and "です" after the key; the trail byte of キ is a letter of ASCII.
    let text = b"\x83\x4c\x81\x5bBCDFG-HJKMP-QRTVW-XY234-6789N\x82\xc5\x82\xb7";
    assert_eq!(masked(text), b"\x83\x4c\x81\x5b*****-*****-*****-*****-6789N\x82\xc5\x82\xb7");
    let text = b"\x83\x41BCDFGHJKMPQRTVWXY2346789N\x83\x41";
    assert_eq!(masked(text), b"\x83\x41********************6789N\x83\x41");
    // Full width, full-width dashes.
    let wide = |text: &str| {
        text.bytes()
            .flat_map(|byte| match byte {
                b'-' => [0x81, 0x7c],
                b'*' => [0x81, 0x96],
                b'0'..=b'9' => [0x82, byte - b'0' + 0x4f],
                _ => [0x82, byte - b'A' + 0x60],
            })
            .collect::<Vec<u8>>()
    };
    assert_eq!(masked(&wide("BCDFG-HJKMP-QRTVW-XY234-6789N")), wide("*****-*****-*****-*****-6789N"));
    // Dashes of windows-1252.
    assert_eq!(masked(b"BCDFG\x96HJKMP\x96QRTVW\x97XY234\x966789N"), b"*****\x96*****\x96*****\x97*****\x966789N");
}

#[test]
fn what_is_no_key_stays() {
    for text in [
        "XXXXX-XXXXX-XXXXX-XXXXX-J464C",
        "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx",
        "*****-*****-*****-*****-6789N",
        "ABCDFG-HJKMP-QRTVW-XY234-6789N",
        "BCDFG-HJKMP-QRTVW-XY234-6789N1",
        "BCDFG-HJKMP-QRTVW-XY234",
        "BCDFG-HJKMP-QRTVW-XY234-6789",
        "BCDFG HJKMP QRTVW XYNNN BBBBB",
        "23467 23467 23467 23467 23467",
        "BCDFGHJKMPQRTVWXY2346789NB",
        "Extended PID: 03612-04297-000-000000-03-1033-17763.0000-1862025",
        "de32eafd-aaee-4662-9444-c1befb41bde2",
        "BCDFG-HJKMP-\r\nand then QRTVW-XY234-6789N",
    ] {
        check(text, text);
    }
}

#[test]
fn neighbours() {
    check(
        "BCDFG-HJKMP-QRTVW-XY234-6789N-BCDFG-HJKMP-QRTVW-XY234",
        "*****-*****-*****-*****-*****-*****-*****-*****-XY234",
    );
    check("XXXXX-HJKMP-QRTVW-XY234-6789N", "*****-*****-*****-*****-6789N");
    check(
        "BCDFG-HJKMP-QRTVW-XY234-6789N, BCDFG-HJKMP-QRTVW-XY234-6789N",
        "*****-*****-*****-*****-6789N, *****-*****-*****-*****-6789N",
    );
}

#[test]
fn hostile_input_takes_linear_time() {
    // Each of these took quadratic time if a start were tried at every byte without bounds.
    for pattern in [
        "B",
        "BCDFG ",
        "BCDFG-",
        "BCDFG                                                               ",
        "-",
        "\u{ff22}",
    ] {
        let mut bytes = pattern.repeat(512 * 1024 / pattern.len()).into_bytes();
        bytes.push(0);
        product_keys(&mut bytes);
    }
}

proptest! {
    #[test]
    fn length_stays_and_twice_is_once(bytes in proptest::collection::vec(prop_oneof![Just(b'B'), Just(b'7'), Just(b'-'), Just(0), Just(b'X'), Just(0x82), any::<u8>()], 0..300)) {
        let once = masked(&bytes);
        prop_assert_eq!(once.len(), bytes.len());
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn no_key_survives(
        words in proptest::collection::vec("[BCDFGHJKMPQRTVWXY2346789N]{5}", 5..12),
        gaps in proptest::collection::vec(prop_oneof![Just("-"), Just("-\r\n"), Just("—"), Just("－ ")], 11),
        before in "[ぁ-ん .]{0,3}", after in "[ぁ-ん .]{0,3}",
    ) {
        let mut text = before;
        for (word, gap) in words.iter().zip(&gaps) {
            text.push_str(word);
            text.push_str(gap);
        }
        text.push_str(&after);
        let once = String::from_utf8(masked(text.as_bytes())).unwrap();
        prop_assert_eq!(once.len(), text.len());
        let runs = once.split(|character: char| !character.is_ascii_alphanumeric()).filter(|run| !run.is_empty()).count();
        prop_assert!(runs < 5 || words.iter().any(|word| word == "XXXXX"), "{}", once);
        prop_assert_eq!(masked(once.as_bytes()), once.as_bytes());
    }
}
