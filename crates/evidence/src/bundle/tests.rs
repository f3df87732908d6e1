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

#[test]
fn what_is_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    check(writer.finish().unwrap().into_inner(), &[], &[BundleNote::Link { entry: named("link") }]);

    let zeros = vec![b' '; 2 * 1024 * 1024];
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
