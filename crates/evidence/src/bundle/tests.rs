use proptest::prelude::*;

use super::*;

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn check(bytes: Vec<u8>, artifacts: &[(&str, &[u8])], notes: &[BundleNote]) {
    let opened = open("in.zip", bytes);
    let found: Vec<_> = opened.artifacts.iter().map(|artifact| (artifact.name(), artifact.bytes())).collect();
    assert_eq!(found, artifacts);
    assert_eq!(opened.notes, notes);
}

fn named(entry: &str) -> String {
    entry.to_owned()
}

#[test]
fn files_and_archives() {
    check(b"License Status: Licensed".to_vec(), &[("in.zip", b"License Status: Licensed")], &[]);
    check(Vec::new(), &[("in.zip", b"")], &[]);
    let inner = zip(&[("b.txt", b"b")]);
    check(zip(&[("a/a.txt", b"a"), ("inner.zip", &inner)]), &[("a/a.txt", b"a"), ("inner.zip/b.txt", b"b")], &[]);
    check(zip(&[]), &[], &[]);
    let outer = zip(&[("inner.zip", &zip(&[("more.zip", &inner)]))]);
    check(outer, &[], &[BundleNote::TooDeep { entry: named("inner.zip/more.zip") }]);
}

#[test]
fn names() {
    let unsafe_names = ["../a", "a/../../b", "/etc/passwd", "C:/a", "..\\a", "\\a"];
    for name in unsafe_names {
        let entry = name.replace('\\', "/");
        check(zip(&[(name, b"x"), ("b", b"b")]), &[("b", b"b")], &[BundleNote::UnsafeName { entry }]);
    }
    check(zip(&[("結果.txt", b"x")]), &[("結果.txt", b"x")], &[]);
    // The same length in CP932, which is what Windows' own zip folders write.
    let mut bytes = zip(&[("abcd.txt", b"x")]);
    while let Some(at) = bytes.windows(4).position(|window| window == b"abcd") {
        bytes[at..at + 4].copy_from_slice(b"\x8c\x8b\x89\xca");
    }
    check(bytes, &[("結果.txt", b"x")], &[]);
}

/// An archive of one entry whose name has as many bytes in CP932.
fn with_raw_name(name: &[u8]) -> Vec<u8> {
    let placeholder = "a".repeat(name.len());
    let mut bytes = zip(&[(&placeholder, b"x")]);
    while let Some(at) = bytes.windows(name.len()).position(|window| window == placeholder.as_bytes()) {
        bytes[at..at + name.len()].copy_from_slice(name);
    }
    bytes
}

#[test]
fn names_in_cp932_with_backslashes_in_their_characters() {
    // The second byte of 表 and ソ is a backslash: neither a folder, nor a separator.
    check(with_raw_name(b"\x95\x5c"), &[("表", b"x")], &[]);
    check(with_raw_name(b"\x83\x5c/\x95\x5c.txt"), &[("ソ/表.txt", b"x")], &[]);
    check(with_raw_name(b"..\x5c\x95\x5c"), &[], &[BundleNote::UnsafeName { entry: named("../表") }]);
    // Half-width katakana, and a user's folder in Japanese.
    check(with_raw_name(b"\xb6\xc5\x5c\x8e\x52.log"), &[("ｶﾅ/山.log", b"x")], &[]);
}

#[test]
fn folders_and_what_only_looks_like_one() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_directory("folder", SimpleFileOptions::default()).unwrap();
    writer.start_file("folder/a", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"x").unwrap();
    check(writer.finish().unwrap().into_inner(), &[("folder/a", b"x")], &[]);
    // A folder has no content.
    check(with_raw_name(b"a/"), &[("a/", b"x")], &[]);
}

#[test]
fn names_that_repeat() {
    let mut bytes = zip(&[("a", b"first"), ("b", b"second"), ("c", b"c")]);
    while let Some(at) = bytes.windows(7).position(|window| window == b"bsecond") {
        bytes[at] = b'a';
    }
    let directory = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let second = bytes[..directory].windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[second + 46] = b'a';
    check(bytes, &[("a", b"second"), ("c", b"c")], &[BundleNote::SameName { entry: named("in.zip") }]);
}

#[test]
fn methods_that_are_not_known() {
    // Deflate64, which Windows' own zip folders use for large files, LZMA, WavPack, and none at all.
    for method in [9, 14, 97, 200] {
        let mut bytes = zip(&[("a", b"x"), ("b", b"b")]);
        let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        bytes[8] = method;
        bytes[directory + 10] = method;
        check(bytes, &[("b", b"b")], &[BundleNote::Unsupported { entry: named("a") }]);
    }
}

#[test]
fn long_names_are_shortened() {
    let name = format!("start{}end", "x".repeat(60_000));
    let opened = open("in.zip", zip(&[(&name, b"x")]));
    let shown = opened.artifacts[0].name();
    assert!(shown.starts_with("startxxx") && shown.ends_with("xxxend") && shown.contains('…'));
    assert_eq!(shown.chars().count(), NAME_CHARS_MAX + 1);
}

#[test]
fn archives_of_other_kinds_are_told() {
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    for bytes in [b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), b"MSCF\0\0\0\0x".to_vec(), b"\x1f\x8b\x08\0".to_vec(), tar] {
        assert_eq!(crate::read(&Artifact::new("a", bytes, None)).unread, Some(crate::Unread::OtherArchive));
    }
}

#[test]
fn what_is_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    check(writer.finish().unwrap().into_inner(), &[], &[BundleNote::Link { entry: named("link") }]);

    let zeros = vec![b' '; 2 * 1024 * 1024];
    // A directory that alone would fill the memory.
    let huge = [b"PK\x05\x06", &b"PK\x01\x02".repeat(DIRECTORY_MAX + 1)[..]].concat();
    check(huge, &[], &[BundleNote::TooManyEntries { entry: named("in.zip") }]);
    check(zip(&[("bomb", &zeros), ("b", b"b")]), &[("b", b"b")], &[BundleNote::RatioTooHigh { entry: named("bomb") }]);

    let many: Vec<String> = (0..=ENTRIES_MAX).map(|index| format!("{index}")).collect();
    let entries: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let opened = open("in.zip", zip(&entries));
    assert_eq!(opened.artifacts.len(), ENTRIES_MAX);
    assert_eq!(opened.notes, [BundleNote::TooManyEntries { entry: ENTRIES_MAX.to_string() }]);

    // The flag for encryption in both headers.
    let mut bytes = zip(&[("a", b"x")]);
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[directory + 8] |= 1;
    check(bytes, &[], &[BundleNote::Encrypted { entry: named("a") }]);
}

/// The archive of one entry again, with `count` entries in its directory that share it.
fn shared(one: &[u8], count: u32) -> Vec<u8> {
    let at = one.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let (local, directory) = one.split_at(at);
    let (header, end) = directory.split_at(directory.len() - 22);
    let mut bytes = local.to_vec();
    for number in 0..count {
        let mut header = header.to_vec();
        header[46..50].copy_from_slice(format!("{number:04}").as_bytes());
        bytes.extend(header);
    }
    let directory_length = u32::try_from(bytes.len() - local.len()).unwrap();
    let mut end = end.to_vec();
    let count = u16::try_from(count).unwrap().to_le_bytes();
    end[8..10].copy_from_slice(&count);
    end[10..12].copy_from_slice(&count);
    end[12..16].copy_from_slice(&directory_length.to_le_bytes());
    bytes.extend(end);
    bytes
}

#[test]
fn entries_that_share_their_data() {
    let content = b"License Status: Licensed\r\n".repeat(1000);
    let one = zip(&[("0000", &content)]);
    let mut expect = Vec::new();
    for number in 1..400 {
        expect.push(BundleNote::Shared { entry: format!("{number:04}") });
    }
    check(shared(&one, 400), &[("0000", &content)], &expect);
    // Unpacked once: the budget has lost the archive, the content and the entries.
    let archive = shared(&one, 400);
    let mut budget = Budget::new(1000, 1_000_000);
    let left = Budget::new(600, 1_000_000 - archive.len() - content.len());
    open_within("in.zip", archive, &mut budget);
    assert_eq!(budget, left);

    // The second entry begins within the data of the first one, which is an archive itself.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    writer.start_file("0000", stored).unwrap();
    let inner = zip(&[("inner", b"x")]);
    writer.write_all(&[b"#", &inner[..]].concat()).unwrap();
    let mut bytes = shared(&writer.finish().unwrap().into_inner(), 2);
    let second = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let inner_at = u32::try_from(bytes.windows(5).position(|window| window == b"#PK\x03\x04").unwrap() + 1).unwrap();
    bytes[second + 42..second + 46].copy_from_slice(&inner_at.to_le_bytes());
    let opened = open("in.zip", bytes);
    assert_eq!(opened.artifacts.len(), 1);
    assert_eq!(opened.notes, [BundleNote::Shared { entry: named("0001") }]);
}

#[test]
fn bombs_cost_no_more_than_they_claim() {
    let content = vec![b' '; 2 * RATIO_FREE_BYTES];
    let honest = zip(&[("a", &content), ("b", &content)]);
    let lying_about = |size: usize| {
        let mut bytes = honest.clone();
        for (signature, place) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
            let headers: Vec<usize> = (0..bytes.len() - 4).filter(|at| &bytes[*at..at + 4] == signature).collect();
            assert_eq!(headers.len(), 2);
            for at in headers {
                bytes[at + place..at + place + 4].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
            }
        }
        bytes
    };
    let high = |entry: &str| BundleNote::RatioTooHigh { entry: named(entry) };
    let damaged = |entry: &str| BundleNote::Damaged { entry: named(entry) };
    for (bytes, notes) in [
        (honest.clone(), [high("a"), high("b")]),
        (lying_about(1), [damaged("a"), damaged("b")]),
        (lying_about(RATIO_FREE_BYTES / 2), [damaged("a"), damaged("b")]),
    ] {
        let whole = Budget::new(10, 4 * RATIO_FREE_BYTES);
        let mut budget = whole.clone();
        let length = bytes.len();
        let opened = open_within("in.zip", bytes, &mut budget);
        assert_eq!(opened.notes, notes);
        let unpacked: usize = opened.artifacts.iter().map(|artifact| artifact.bytes().len()).sum();
        assert!(unpacked <= RATIO_FREE_BYTES);
        assert_eq!(budget, Budget::new(8, whole.bytes() - length - unpacked));
    }
}

#[test]
fn one_budget_for_several_files() {
    let archive = zip(&[("a", b"aaaa"), ("b", b"bbbb"), ("c", b"")]);
    let mut budget = Budget::new(5, 2 * archive.len() + 100);
    assert!(open_within("1.zip", archive.clone(), &mut budget).notes.is_empty());
    let second = open_within("2.zip", archive.clone(), &mut budget);
    assert_eq!(second.notes, [BundleNote::TooManyEntries { entry: named("c") }]);
    assert!(budget.is_used_up());

    let mut budget = Budget::new(10, archive.len() + 6);
    let opened = open_within("1.zip", archive, &mut budget);
    assert_eq!((opened.artifacts.len(), &opened.notes[..]), (1, &[BundleNote::OverBudget { entry: named("b") }][..]));
    let opened = open_within("plain", b"x".to_vec(), &mut budget);
    assert_eq!(
        (opened.artifacts.len(), &opened.notes[..]),
        (0, &[BundleNote::OverBudget { entry: named("plain") }][..])
    );

    // The end of an archive within another one is the end of both.
    let inner = zip(&[("a", b"aaaa"), ("b", b"bbbb")]);
    let outer = zip(&[("inner.zip", &inner), ("c", b"c")]);
    let opened = open_within("1.zip", outer.clone(), &mut Budget::new(10, outer.len() + inner.len() + 6));
    assert_eq!(opened.notes, [BundleNote::OverBudget { entry: named("inner.zip/b") }]);
}

#[test]
fn names_in_notes_are_masked() {
    let bytes = zip(&[("../BCDFG-HJKMP-QRTVW-XY234-6789N.txt", b"x"), ("../\u{1b}[2Ja\u{202e}b", b"x")]);
    let opened = open("in.zip", bytes);
    let names: Vec<&str> = opened.notes.iter().map(BundleNote::entry).collect();
    assert_eq!(names, ["../*****-*****-*****-*****-6789N.txt", "../_[2Ja_b"]);
    let opened = open("BCDFG-HJKMP-QRTVW-XY234-6789N.zip", b"PK\x03\x04".to_vec());
    assert_eq!(opened.notes[0].entry(), "*****-*****-*****-*****-6789N.zip");
}

#[test]
fn a_cut_archive_gives_what_stands_before_the_cut() {
    let noise: Vec<u8> =
        (0_u32..4000).map(|index| b'a' + (index.wrapping_mul(2_654_435_761) >> 28).to_le_bytes()[0]).collect();
    let bytes = zip(&[("a", b"first"), ("b", &noise)]);
    let opened = open("in.zip", bytes[..bytes.len() / 2].to_vec());
    assert_eq!(opened.notes[0], BundleNote::Truncated { entry: named("in.zip") });
    assert_eq!((opened.artifacts[0].name(), opened.artifacts[0].bytes()), ("a", &b"first"[..]));
    check(b"PK\x03\x04".to_vec(), &[], &[BundleNote::Truncated { entry: named("in.zip") }]);
}

#[test]
fn written_names_are_safe_and_unique() {
    let artifact = |name: &str| Artifact::new(name, b"x".to_vec(), None);
    let bytes = write(&[
        artifact("/tmp/a"),
        artifact("../a"),
        artifact("a"),
        artifact(""),
        artifact("C:\\x\\y"),
        artifact("dns/srv.json"),
    ])
    .unwrap();
    let opened = open("in.zip", bytes);
    let names: Vec<&str> = opened.artifacts.iter().map(Artifact::name).collect();
    assert_eq!(names, ["tmp/a", "a", "2-a", "artifact", "C_/x/y", "dns/srv.json"]);
    assert!(opened.notes.is_empty());
}

proptest! {
    #[test]
    fn open_of_write_is_the_same(files in proptest::collection::vec(("[a-z]{1,3}(/[a-z]{1,3})?", proptest::collection::vec(any::<u8>(), 0..200)), 0..6)) {
        let artifacts: Vec<Artifact> = files
            .into_iter()
            .filter(|(_, bytes)| !is_archive(bytes))
            .map(|(name, bytes)| Artifact::new(name, bytes, None))
            .collect();
        let bytes = write(&artifacts).unwrap();
        prop_assert_eq!(&bytes, &write(&artifacts).unwrap());
        let opened = open("x", bytes);
        prop_assert!(opened.notes.is_empty());
        let contents = |artifacts: &[Artifact]| artifacts.iter().map(|artifact| artifact.sha256().to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(contents(&opened.artifacts), contents(&artifacts));
    }

    #[test]
    fn damaged_archives_never_panic(cut in 0_usize..400, places in proptest::collection::vec((0_usize..400, any::<u8>()), 0..6)) {
        let mut bytes = zip(&[("a", b"License Status: Licensed"), ("dir/b", &[7; 100]), ("c.zip", &zip(&[("d", b"x")]))]);
        let length = bytes.len();
        for (place, value) in places {
            bytes[place % length] = value;
        }
        bytes.truncate(length - cut % length);
        open("in.zip", bytes);
    }
}
