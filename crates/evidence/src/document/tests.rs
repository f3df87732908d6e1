use encoding_rs::{SHIFT_JIS, WINDOWS_1252};
use kmsdoctor_core::artifact::Artifact;
use proptest::prelude::*;

use super::form::Order;
use super::*;

const JAPANESE: &str = "ライセンスの状態: 通知\r\n通知の理由: 0xC004F00F\r\n";
const ENGLISH: &str = "License Status: Licensed\r\n\r\nCurrent count: 2\r\n";
const GERMAN: &str =
    "Lizenzstatus: Lizenziert\r\nEs wurde kein Schlüssel für die Aktivierung gefunden.\r\nÜbermäßig große Öffnung\r\n";

fn utf16(text: &str, order: Order, mark: bool) -> Vec<u8> {
    let mark = mark.then_some('\u{feff}');
    let units = mark.into_iter().chain(text.chars()).collect::<String>().encode_utf16().collect::<Vec<_>>();
    units
        .into_iter()
        .flat_map(|unit| if order == Order::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

fn check(bytes: &[u8], encoding: &str, lines: &[&str]) {
    let artifact = Artifact::new("test", bytes.to_vec(), None);
    let document = Document::decode(&artifact).unwrap();
    assert_eq!(document.encoding, encoding);
    assert_eq!(document.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), lines);
    for (index, line) in document.lines.iter().enumerate() {
        assert_eq!(line.number as usize, index + 1);
    }
}

fn check_unread(bytes: &[u8], why: Unread) {
    let artifact = Artifact::new("test", bytes.to_vec(), None);
    assert_eq!(Document::decode(&artifact).map(|document| document.lines), Err(why), "{bytes:?}");
}

#[test]
fn every_encoding() {
    for text in [JAPANESE, ENGLISH] {
        let lines: Vec<&str> = text.lines().collect();
        check(text.as_bytes(), "utf-8", &lines);
        check(format!("\u{feff}{text}").as_bytes(), "utf-8", &lines);
        for mark in [false, true] {
            check(&utf16(text, Order::Little, mark), "utf-16le", &lines);
            check(&utf16(text, Order::Big, mark), "utf-16be", &lines);
        }
    }
    check(&SHIFT_JIS.encode(JAPANESE).0, "cp932", &JAPANESE.lines().collect::<Vec<_>>());
    check(&WINDOWS_1252.encode(GERMAN).0, "windows-1252", &GERMAN.lines().collect::<Vec<_>>());
}

#[test]
fn line_breaks_and_spans() {
    check(b"a\r\nb\nc\rd\n\ne", "utf-8", &["a", "b", "c", "d", "", "e"]);
    check(b"a\n", "utf-8", &["a"]);
    let bytes = utf16("\u{feff}", Order::Little, false)
        .into_iter()
        .chain(utf16("名前\r\nb", Order::Little, false))
        .collect::<Vec<_>>();
    let artifact = Artifact::new("test", bytes, None);
    let document = Document::decode(&artifact).unwrap();
    assert_eq!(document.lines[0].span, 2..6);
    assert_eq!(document.lines[1].span, 10..12);
    let artifact = Artifact::new("test", "名\r\nb".as_bytes().to_vec(), None);
    let document = Document::decode(&artifact).unwrap();
    assert_eq!((document.lines[0].span.clone(), document.lines[1].span.clone()), (0..3, 5..6));
    // A mark in the middle comes from joining files.
    check("a\n\u{feff}b\n".as_bytes(), "utf-8", &["a", "b"]);
}

#[test]
fn quoted_mail() {
    check(
        b"Hello,\n> Name: x\n>   indented\n>\n>> twice\nbye",
        "utf-8",
        &["Hello,", "Name: x", "  indented", "", "twice", "bye"],
    );
    // Prompts of nslookup.
    check(
        b"> set type=srv\n> _vlmcs._tcp.contoso.com\nServer: x",
        "utf-8",
        &["> set type=srv", "> _vlmcs._tcp.contoso.com", "Server: x"],
    );
}

#[test]
fn damage_does_not_change_the_encoding() {
    let mut bytes = JAPANESE.as_bytes().to_vec();
    bytes.truncate(bytes.len() - 4);
    bytes.extend("理".as_bytes().iter().take(2));
    check(&bytes, "utf-8", &["ライセンスの状態: 通知", "通知の理由: 0xC004F0\u{fffd}"]);
    let mut bytes = JAPANESE.as_bytes().to_vec();
    bytes[1] = b'x';
    let artifact = Artifact::new("test", bytes, None);
    assert_eq!(Document::decode(&artifact).unwrap().encoding, "utf-8");
    // Odd length and unpaired surrogates.
    let mut bytes = utf16(ENGLISH, Order::Little, true);
    bytes.extend([0x00, 0xd8, 0x41]);
    let artifact = Artifact::new("test", bytes, None);
    assert_eq!(Document::decode(&artifact).unwrap().lines[0].text, "License Status: Licensed");
    // A CP932 line in a UTF-8 file.
    let mut bytes = JAPANESE.repeat(4).into_bytes();
    bytes.extend_from_slice(&SHIFT_JIS.encode("名前").0);
    let artifact = Artifact::new("test", bytes, None);
    assert_eq!(Document::decode(&artifact).unwrap().lines.last().unwrap().text, "名前");
    // A log that a crash filled up with zeros.
    let mut bytes = ENGLISH.as_bytes().to_vec();
    bytes.extend([0; 500]);
    let artifact = Artifact::new("test", bytes, None);
    assert_eq!(Document::decode(&artifact).unwrap().lines[2].text, "Current count: 2");
}

#[test]
fn no_text() {
    check_unread(b"", Unread::Empty);
    check_unread(b"\xef\xbb\xbf", Unread::Empty);
    check_unread(b"\xff\xfe", Unread::Empty);
    check_unread(b" \r\n\t\n", Unread::Empty);
    check_unread("\u{3000}\n".as_bytes(), Unread::Empty);
    check_unread(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x02\x08\x06\0\0\0", Unread::Binary);
    check_unread(&[0; 64], Unread::Binary);
    let noise: Vec<u8> =
        (0_u32..4096).map(|index| (index.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    check_unread(&noise, Unread::Binary);
    check_unread(&vec![b'\n'; LINES_MAX + 2], Unread::TooLarge);
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let artifact = Artifact::new("test", bytes, None);
        if let Ok(document) = Document::decode(&artifact) {
            let mut end = 0;
            for line in &document.lines {
                prop_assert!(line.span.start >= end && line.span.end >= line.span.start);
                end = line.span.end;
            }
            prop_assert!(end <= artifact.bytes().len());
        }
    }

    #[test]
    fn text_comes_back_in_every_unicode_form(text in "([ -~]{0,30}[ぁ-んァ-ヶ一-龠]{0,9}[!-~]\n){1,8}") {
        let lines: Vec<&str> = text.lines().collect();
        check(format!("\u{feff}{text}").as_bytes(), "utf-8", &lines);
        check(&utf16(&text, Order::Little, true), "utf-16le", &lines);
        check(&utf16(&text, Order::Big, true), "utf-16be", &lines);
    }
}
