use super::*;

mod properties;

/// Not a key: the alphabet in order, in the form of a key.
const GROUPS: [&str; 5] = ["BCDFG", "HJKMP", "QRTVW", "XY234", "6789N"];
const STARS: &str = "*****";

pub(super) fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    product_keys(&mut bytes);
    bytes
}

pub(super) fn check(text: &str, expect: &str) {
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

/// A key with `gap` between its groups, and the same masked.
fn with_gap(gap: &str) -> (String, String) {
    (GROUPS.join(gap), [STARS, STARS, STARS, STARS, GROUPS[4]].join(gap))
}

fn check_gap(gap: &str) {
    let (key, masked) = with_gap(gap);
    check(&format!("key: {key}.\r\n"), &format!("key: {masked}.\r\n"));
    check(&format!("key: {}.\r\n", key.to_lowercase()), &format!("key: {}.\r\n", masked.to_lowercase()));
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
        "_",
        "/",
        ".",
        ":",
        ", ",
        "; ",
        "+",
        "\" \"",
        "\",\r\n  \"",
        "', '",
        " の ",
        "・",
        "\u{fffd}",
        "\u{ad}",
        "\u{200b}",
        // UTF-8 read as windows-1252.
        "â€“",
    ] {
        check_gap(gap);
    }
    check("BCDFG-HJKMP QRTVW\nXY2346789N", "*****-***** *****\n*****6789N");
    check("キーはBCDFG-HJKMP-QRTVW-XY234-6789Nです。", "キーは*****-*****-*****-*****-6789Nです。");
    check(
        "ＢＣＤＦＧ－ＨＪＫＭＰ－ＱＲＴＶＷ－ＸＹ２３４－６７８９Ｎ\n",
        "＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－６７８９Ｎ\n",
    );
}

#[test]
fn escaped_separators() {
    for gap in [
        // HTML, also escaped twice.
        "&#8209;",
        "&#x2011;",
        "&#45;",
        "&ndash;",
        "&mdash;",
        "&nbsp;",
        "&shy;",
        "&amp;#45;",
        "&amp;ndash;",
        "<br>",
        "</td><td class=\"key\">",
        // JSON.
        "\\u2011",
        "\\u002d",
        "\\u002d\\n",
        "\\\\u002D",
        "\\n",
        "\\r\\n",
        "\\\\n",
        "\\t",
        "\\\",\\\"",
        // URLs, also escaped twice.
        "%20",
        "%2D",
        "%2d",
        "%252D",
        "%E2%80%91",
        "%81%7C",
        // Mail.
        "=2D",
        "=\r\n-",
        "-=\r\n",
        "=E2=80=91",
        // Consoles.
        "-\u{1b}[0m\u{1b}[1;32m",
        "\u{1b}[0m-",
        "\\u001b[33m-",
        "\\x1b[33m-",
        "\u{1b}(B-",
        // No escapes, although they look like some.
        "=",
        "%",
        "\\",
        "&",
    ] {
        check_gap(gap);
    }
}

#[test]
fn what_stands_beside() {
    let escapes = [
        "\\n",
        "\\r\\n",
        "\\t",
        "\\\\n",
        "\\u0020",
        "\u{1b}[32m",
        "\u{1b}[1;38;5;82m",
        "\\u001b[32m",
        "\u{1b}(B",
        "%20",
        "%0A",
        "%3D",
        "%2520",
        "=20",
        "=3D",
        "&nbsp;",
        "&#160;",
        "<b>",
    ];
    for gap in ["-", "/", " ", "\n", ""] {
        let (key, masked) = with_gap(gap);
        for before in escapes {
            check(&format!("x{before}{key}{before}"), &format!("x{before}{masked}{before}"));
            let lower = (key.to_lowercase(), masked.to_lowercase());
            check(&format!("x{before}{}{before}", lower.0), &format!("x{before}{}{before}", lower.1));
        }
    }
    let (key, masked) = with_gap("-");
    for (before, after) in [("A", ""), ("Key", ""), ("", "1"), ("", "Edition"), ("KEY_", "_OLD"), ("C:\\n", "")] {
        check(&format!("{before}{key}{after}"), &format!("{before}{masked}{after}"));
    }
    // The letter after the backslash is the first one of a key.
    check("C:\\ncdfg-hjkmp-qrtvw-xy234-678\u{39}b", "C:\\*****-*****-*****-*****-6789b");
}

#[test]
fn a_line_break_anywhere() {
    let breaks = [
        "\n",
        "\r\n",
        "\r\n    ",
        "  \r\n\t",
        "\n> ",
        "\r\n> > ",
        "\n| ",
        "\r\r\n",
        "=\r\n",
        "\\\r\n  ",
        "\\n",
        "\\r\\n    ",
        "\u{1b}[K\r\n",
        "\u{1b}[0m",
        "<br>\r\n",
        "<wbr>",
        "&shy;",
        "\u{200b}",
        "\u{3000}\n\u{3000}",
    ];
    for gap in ["-", "\u{2011}", ".", " ", ""] {
        let (key, masked) = with_gap(gap);
        let characters: Vec<char> = key.chars().collect();
        let stars: Vec<char> = masked.chars().collect();
        for at in 1..characters.len() {
            for line_break in breaks {
                let wrap = |characters: &[char]| {
                    let (left, right) = characters.split_at(at);
                    [":", &left.iter().collect::<String>(), line_break, &right.iter().collect::<String>(), "."].concat()
                };
                check(&wrap(&characters), &wrap(&stars));
            }
        }
    }
    // A narrow console breaks it more than once.
    check("Key: BCDFG-HJ\r\nKMP-QRTV\r\nW-XY234-\r\n6789N\r\n", "Key: *****-**\r\n***-****\r\n*-*****-\r\n6789N\r\n");
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
    // "の" between the groups.
    let joined = |groups: [&str; 5]| groups.map(str::as_bytes).join(&b"\x82\xcc"[..]);
    assert_eq!(masked(&joined(GROUPS)), joined([STARS, STARS, STARS, STARS, GROUPS[4]]));
    // Dashes of windows-1252.
    assert_eq!(masked(b"BCDFG\x96HJKMP\x96QRTVW\x97XY234\x966789N"), b"*****\x96*****\x96*****\x97*****\x966789N");
}

#[test]
fn what_is_no_key_stays() {
    for text in [
        "XXXXX-XXXXX-XXXXX-XXXXX-J464C",
        "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx",
        "*****-*****-*****-*****-6789N",
        "BCDFG-HJKMP-QRTVW-XY234",
        "BCDFG HJKMP QRTVW XY234 6789",
        "BCDFG HJKMP QRTVW XYNNN BBBBB",
        "23467 23467 23467 23467 23467",
        "23467-23467-23467-23467-2346\u{37}",
        "49664, 49667, 49668, 49669, 49676 (HTTPD)",
        "BCDFGHJKMPQRTVWXY2346789NB",
        "ABCDFGHJKMPQRTVWXY2346789N",
        "ABCDFG HJKMP QRTVW XY234 6789N",
        "Extended PID: 03612-04297-000-000000-03-1033-17763.0000-1862025",
        "00392-20000-00001-AA942, 55041-04297-000-000000-03-1033-9200.0000-2732012",
        "de32eafd-aaee-4662-9444-c1befb41bde2",
        "{DDFBCDBF-BCDF-BCDF-BCDF-BBCCDDFF2233}\r\n{22334466-7788-9922-BBCC-DDFF22334466}",
        "2346789\r\n2346789-2346789-2346789-2346789-2346789-2346789-2346789-2346789",
        "234678-234678-234678-234678-234678-234678-234678-234678-234678",
        "BCDF2346789BCDF2346789BCDF2346789BCDF2346789",
        "D4:2B:C7:F9:6D:42:BC:F7:98:23:46:78:9B:CD:F2",
        "bcdfg.hjkmp.qrtvw.contoso.com:1688",
        "BCDFGという機器と、HJKMPという機器と、QRTVWという機器と、XY234という機器と、6789Nという機器",
        "PYGMY NYMPH CRYPT TRYST GYPSY",
        "0xC004F074, 0x00000000, kms.contoso.com:1688, 2b7c43f9-6dd2, 2026/11/23 4:36, 0, 5, 264960",
        "QlJDRg+HJKMP/QRTVW/XY234+BCDFGHJ",
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
    for gap in ["-", "_", " ", ""] {
        let (key, masked) = with_gap(gap);
        for between in ["\n", "\r\n", ",", ", ", "\",\"", "\\n", "&#44;"] {
            let list = |key: &str| [key, key, key].join(between);
            check(&list(&key), &list(&masked));
        }
    }
    let masked_before = "XXXXX-XXXXX-XXXXX-XXXXX-J464C\nXXXXX-XXXXX-XXXXX-XXXXX-6F4BT";
    check(masked_before, masked_before);
    check("49667 BCDFG-HJKMP-QRTVW-XY234-6789N", "49667 *****-*****-*****-*****-6789N");
    check("49667 49668 BCDFG-HJKMP-QRTVW-XY234-6789N", "49667 ***** *****-*****-*****-*****-6789N");
}

/// The stars of a key end the word before it, which may be a key too.
#[test]
fn a_key_without_separators_before_another_key() {
    let (key, masked_key) = with_gap(", ");
    let plain = GROUPS.concat();
    let masked_plain = format!("{}{}", STARS.repeat(4), GROUPS[4]);
    for after in ["", "\u{200b}T2J66", " and more"] {
        check(&format!("{plain}{key}{after}"), &format!("{masked_plain}{masked_key}{after}"));
        check(&format!("x {plain}{key}{after}"), &format!("x {masked_plain}{masked_key}{after}"));
    }
}

#[test]
fn what_somebody_typed_shows_no_mistyped_key() {
    let check = |text: &str, expect: &str| assert_eq!(typed_text(text), expect, "{text}");
    check("BCDFG-HJKMP-QRTVW-XY234-67O92", "*****-*****-*****-*****-67O92");
    check("BCDFG-HJKMP-QRTVW-XY234-6789", "*****-*****-*****-*****-6789");
    check("/ipk BCDFG-HJKMP-QRTVW-XY234-678O2.", "/ipk *****-*****-*****-*****-678O2.");
    for text in ["net-port-refused", "55c92734-d682-4d71-983e-d6ec3f16059f", "2026-11-24", "0xC004F074", ""] {
        check(text, text);
    }
}

#[test]
fn names() {
    assert_eq!(
        product_keys_in_text("バックアップ/BCDFG-HJKMP-QRTVW-XY234-6789N.txt"),
        "バックアップ/*****-*****-*****-*****-6789N.txt"
    );
    assert_eq!(
        product_keys_in_text("ＢＣＤＦＧ－ＨＪＫＭＰ－ＱＲＴＶＷ－ＸＹ２３４－６７８９Ｎ"),
        "＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－６７８９Ｎ"
    );
    assert_eq!(product_keys_in_text("\0keys.txt"), "\0keys.txt");
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
        "2\n",
        "B\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
        "22222-",
        "22222-22222-22222-22222-BBBB\u{42} ",
        "B=",
        "B\\",
        "\\",
        "%25",
        "&amp;",
        "<a",
        "B<a                                                                                                   >",
        "\u{1b}[",
        "XXXXX-",
        "BCDFG.BCDFG-",
        "BCDFA-",
        "BCDFA-\n                                                         ",
        "BCDFA-BCDFA-BCDFA-BCDFA-BCDFA-A ",
    ] {
        let mut bytes = pattern.repeat(128 * 1024 / pattern.len()).into_bytes();
        bytes.push(0);
        product_keys(&mut bytes);
    }
}
