//! Paths to artifacts: files, folders, zip bundles and standard input.
//!
//! All paths of a run share one budget, so that a mistyped `/` ends and memory stays bounded.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::language::Language;
use kmsdoctor_evidence::bundle::{self, Budget, BundleNote};
use kmsdoctor_evidence::{ARTIFACT_BYTES_MAX, START_BYTES};

use crate::words::{self, pick};

/// Bytes that are taken from one file: more than an artifact may have, so that zip bundles fit.
const FILE_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Bytes of a run: all files and all that is unpacked from them.
const BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Entries of a run, in folders and archives: some hundred machines with some dozen files each.
const ENTRIES_MAX: usize = 16 * 1024;
/// Names that are read of one folder before they are sorted. No more than [`ENTRIES_MAX`] of them are looked at.
const NAMES_MAX: usize = 256 * 1024;
/// Notes on the entries of one archive; the others are counted.
const ARCHIVE_NOTES_MAX: usize = 20;
/// Depth of folders.
const DEPTH_MAX: usize = 16;

/// What was taken in.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// The artifacts, in the order of the paths.
    pub(crate) artifacts: Vec<Artifact>,
    /// What was left out, and why, for people.
    pub(crate) notes: Vec<String>,
    /// Paths that the user named and that cannot be opened.
    pub(crate) unopened: Vec<String>,
}

impl Input {
    /// Says on standard error which paths cannot be opened; whether all could be.
    pub(crate) fn say_unopened(&self, language: Language) -> bool {
        for text in &self.unopened {
            // Names that were typed may hold a key.
            anstream::eprintln!("{}: {}", words::error(language), kmsdoctor_core::mask::typed_text(text));
        }
        self.unopened.is_empty()
    }
}

/// Takes in every path; `-` is standard input.
pub(crate) fn take(paths: &[PathBuf], language: Language) -> Input {
    take_within(paths, language, Budget::new(ENTRIES_MAX, BYTES_MAX))
}

fn take_within(paths: &[PathBuf], language: Language, budget: Budget) -> Input {
    let mut taker = Taker { input: Input::default(), budget, is_over: false, language };
    for path in paths {
        if path.as_os_str() == "-" {
            taker.standard_input();
        } else if path.is_dir() {
            taker.folder(path, 0);
        } else {
            taker.file(path, true);
        }
    }
    taker.input
}

struct Taker {
    input: Input,
    budget: Budget,
    /// Something was left out because the budget is used up, and all after it is.
    is_over: bool,
    language: Language,
}

impl Taker {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(&folder.display().to_string(), &error, depth == 0),
        };
        let mut paths = Vec::new();
        for entry in entries.take(NAMES_MAX) {
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(error) => {
                    self.refuse(&folder.display().to_string(), &error, false);
                    break;
                }
            }
        }
        paths.sort();
        for path in paths {
            if self.is_over(&path) {
                return;
            }
            match fs::symlink_metadata(&path) {
                Err(error) => self.refuse(&path.display().to_string(), &error, false),
                Ok(metadata) if metadata.is_symlink() => {
                    self.note(
                        &path,
                        "シンボリック リンクのため読んでいません",
                        "it is a symbolic link; it was not read",
                    );
                }
                Ok(metadata) if metadata.is_dir() && depth < DEPTH_MAX => self.folder(&path, depth + 1),
                Ok(metadata) if metadata.is_dir() => self.note(
                    &path,
                    "フォルダーの階層が深すぎるため読んでいません",
                    "folders are nested too deeply; it was not read",
                ),
                Ok(metadata) if metadata.is_file() => self.file(&path, false),
                Ok(_) => self.note(
                    &path,
                    "通常のファイルではないため読んでいません",
                    "it is no regular file; it was not read",
                ),
            }
        }
    }

    /// Charges for one entry. If nothing is left, notes once that it and those after it are left out.
    fn is_over(&mut self, path: &Path) -> bool {
        if !self.is_over && (self.budget.is_used_up() || !self.budget.take_entry()) {
            self.end(&path.display().to_string());
        }
        self.is_over
    }

    fn end(&mut self, name: &str) {
        self.is_over = true;
        let text = pick(
            self.language,
            "1 回に読み込める量 (合計 1 GiB、16,384 件) に達したため、これ以降を読んでいません。分けて実行してください",
            "the limit of one run (1 GiB and 16,384 entries in total) is reached; \
             this one and those after it were not read. Analyse fewer files at a time",
        );
        self.note_name(name, text);
    }

    fn note(&mut self, path: &Path, japanese: &str, english: &str) {
        self.note_name(&path.display().to_string(), pick(self.language, japanese, english));
    }

    fn note_name(&mut self, name: &str, text: &str) {
        let stop = pick(self.language, "。", ".");
        self.input.notes.push(format!("{}: {text}{stop}", bundle::label(name)));
    }

    fn standard_input(&mut self) {
        if !self.is_over(Path::new("stdin")) {
            match read_limited(io::stdin().lock()) {
                Ok(bytes) => self.add("stdin", bytes),
                Err(error) => self.refuse("stdin", &error, true),
            }
        }
    }

    /// Takes in a file that the user named, or one of a folder.
    fn file(&mut self, path: &Path, named: bool) {
        if named && self.is_over(path) {
            return;
        }
        let name = path.display().to_string();
        match self.read(path, named) {
            Ok(Content::Bytes(bytes)) => self.add(&name, bytes),
            Ok(Content::TooLarge) => self.bundle_note(&BundleNote::TooLarge { entry: bundle::label(&name) }),
            Ok(Content::OverBudget) => self.end(&name),
            Err(error) => self.refuse(&name, &error, named),
        }
    }

    /// Reads a file, unless its length alone says that it cannot be used.
    fn read(&self, path: &Path, named: bool) -> io::Result<Content> {
        let mut file = File::open(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        if length > FILE_BYTES_MAX {
            return if named { Err(too_large()) } else { Ok(Content::TooLarge) };
        }
        if !named && length > ARTIFACT_BYTES_MAX {
            let mut start = Vec::new();
            file.by_ref().take(START_BYTES as u64).read_to_end(&mut start)?;
            if !bundle::is_archive(&start) && length > kmsdoctor_evidence::bytes_max(&start) {
                return Ok(Content::TooLarge);
            }
            file = File::open(path)?;
        }
        if length > self.budget.bytes() {
            return Ok(Content::OverBudget);
        }
        read_limited(file).map(Content::Bytes)
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let opened = bundle::open_within(name, bytes, &mut self.budget);
        self.input.artifacts.extend(opened.artifacts);
        let mut left_out = 0_usize;
        for (index, note) in opened.notes.iter().enumerate() {
            match note {
                // Of the run. An archive has a budget of its own besides.
                BundleNote::OverBudget { entry } | BundleNote::TooManyEntries { entry } if self.budget.is_used_up() => {
                    self.end(entry);
                }
                _ if index < ARCHIVE_NOTES_MAX => self.bundle_note(note),
                _ => left_out += 1,
            }
        }
        if left_out > 0 {
            let text = match self.language {
                Language::Japanese => format!("このほかに {left_out} 件を、同様の理由で読んでいません"),
                Language::English => format!("{left_out} more entries were left out for such reasons"),
            };
            self.note_name(name, &text);
        }
    }

    fn bundle_note(&mut self, note: &BundleNote) {
        self.input.notes.push(words::bundle_note(note, self.language));
    }

    fn refuse(&mut self, name: &str, error: &io::Error, named: bool) {
        let name = bundle::label(name);
        let text = match self.language {
            Language::Japanese => format!("{name} を開けません ({error})。パスと読み取り権限を確認してください。"),
            Language::English => format!("{name} cannot be opened ({error}). Check the path and the right to read it."),
        };
        if named {
            self.input.unopened.push(text.clone());
        }
        self.input.notes.push(text);
    }
}

/// What came of reading a file.
enum Content {
    Bytes(Vec<u8>),
    /// Neither an artifact nor an archive can be so large.
    TooLarge,
    /// It does not fit in what is left of the run.
    OverBudget,
}

fn read_limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > FILE_BYTES_MAX { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "more than 512 MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that goes away with its owner.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
            let path = std::env::temp_dir().join(format!("kmsdoctor-input-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            for (name, bytes) in files {
                let file = path.join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, bytes).unwrap();
            }
            Self(path)
        }

        fn take(&self, language: Language, budget: Budget) -> Input {
            take_within(std::slice::from_ref(&self.0), language, budget)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// Names of what was taken, without the folder.
    fn names(input: &Input) -> Vec<&str> {
        input.artifacts.iter().filter_map(|artifact| artifact.name().rsplit(['/', '\\']).next()).collect()
    }

    fn zip<N: AsRef<str>>(entries: &[N]) -> Vec<u8> {
        let artifacts: Vec<_> =
            entries.iter().map(|name| Artifact::new(name.as_ref(), b"12345".to_vec(), None)).collect();
        bundle::write(&artifacts).unwrap()
    }

    #[test]
    fn one_budget_of_bytes() {
        let folder = Folder::new("bytes", &[("a", b"1234"), ("b", b"1234"), ("c", b""), ("d/e", b"1234")]);
        for (language, text) in [(Language::English, "is reached"), (Language::Japanese, "に達した")] {
            let input = folder.take(language, Budget::new(100, 7));
            assert_eq!(names(&input), ["a"]);
            assert_eq!(input.notes.len(), 1);
            assert!(input.notes[0].contains(text), "{:?}", input.notes);
            let first = folder.0.join("b").display().to_string();
            assert!(input.notes[0].starts_with(&format!("{first}: ")), "{:?}", input.notes);
            assert!(input.unopened.is_empty());
        }
        let input = folder.take(Language::English, Budget::new(100, 100));
        assert_eq!((names(&input), input.notes.len()), (vec!["a", "b", "c", "e"], 0));
    }

    #[test]
    fn one_budget_of_entries_over_folders_and_archives() {
        let archive = zip(&["x", "y", "z"]);
        let folder = Folder::new("entries", &[("a.zip", &archive), ("b.zip", &archive), ("c", b"1")]);
        let input = folder.take(Language::English, Budget::new(7, 1_000_000));
        assert_eq!(names(&input), ["x", "y", "z", "x", "y"]);
        assert_eq!(input.notes.len(), 1, "{:?}", input.notes);
        assert!(input.notes[0].starts_with("z: "), "{:?}", input.notes);

        // Exactly used up by an archive: the next file is the first one left out.
        let input = folder.take(Language::English, Budget::new(4, 1_000_000));
        assert_eq!(names(&input), ["x", "y", "z"]);
        assert_eq!(input.notes.len(), 1, "{:?}", input.notes);
        assert!(input.notes[0].contains("b.zip: "), "{:?}", input.notes);
    }

    #[test]
    fn many_notes_on_one_archive_are_counted() {
        let mut bytes = zip(&(0..30).map(|number| format!("dd{number:02}")).collect::<Vec<_>>());
        while let Some(at) = bytes.windows(2).position(|window| window == b"dd") {
            bytes[at..at + 2].copy_from_slice(b"C:");
        }
        let folder = Folder::new("notes", &[("a.zip", &bytes)]);
        let input = folder.take(Language::English, Budget::new(100, 100_000));
        assert_eq!((input.artifacts.len(), input.notes.len()), (0, 21));
        assert!(
            input.notes[20].ends_with("a.zip: 10 more entries were left out for such reasons."),
            "{:?}",
            input.notes
        );
    }

    #[test]
    fn large_files_of_a_folder_are_not_read() {
        let folder = Folder::new("large", &[("b", b"1")]);
        // Without content, so without room on the disk.
        let large = File::create(folder.0.join("a")).unwrap();
        large.set_len(ARTIFACT_BYTES_MAX as u64 + 1).unwrap();
        let input = folder.take(Language::English, Budget::new(10, 100));
        assert_eq!(names(&input), ["b"]);
        assert!(input.notes[0].contains("too large"), "{:?}", input.notes);
    }

    #[test]
    fn notes_hold_no_keys() {
        let path = PathBuf::from("BCDFG-HJKMP-QRTVW-XY234-6789N.txt");
        let input = take(&[path], Language::English);
        assert!(input.unopened[0].starts_with("*****-*****-*****-*****-6789N.txt"), "{:?}", input.unopened);
    }

    #[test]
    fn folders_that_are_nested_too_deeply() {
        let deep = format!("{}a", "d/".repeat(DEPTH_MAX + 1));
        let folder = Folder::new("deep", &[(&deep, b"1"), ("z", b"1"), (&deep[2..], b"1")]);
        for (language, text) in [(Language::English, "nested too deeply"), (Language::Japanese, "階層が深すぎる")]
        {
            let input = folder.take(language, Budget::new(100, 100));
            assert_eq!(names(&input), ["a", "z"]);
            assert_eq!(input.notes.len(), 1);
            assert!(input.notes[0].contains(text), "{:?}", input.notes);
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;

        let folder = Folder::new("links", &[("d/a", b"1"), ("z", b"1")]);
        symlink(folder.0.join("z"), folder.0.join("b")).unwrap();
        // To itself, from below.
        symlink(&folder.0, folder.0.join("d/loop")).unwrap();
        symlink("/no/such/file", folder.0.join("x")).unwrap();
        for (language, text) in [(Language::English, "symbolic link"), (Language::Japanese, "シンボリック リンク")]
        {
            let input = folder.take(language, Budget::new(100, 100));
            assert_eq!(names(&input), ["a", "z"]);
            assert_eq!(input.notes.len(), 3, "{:?}", input.notes);
            assert!(input.notes.iter().all(|note| note.contains(text)), "{:?}", input.notes);
            assert!(input.unopened.is_empty());
        }
        // What the user names is what the user wants.
        let named = take(&[folder.0.join("b")], Language::English);
        assert_eq!((names(&named), named.notes.len()), (vec!["b"], 0));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_gives_a_note() {
        let folder = Folder::new("special", &[("b", b"1")]);
        let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("a")).unwrap();
        let input = folder.take(Language::English, Budget::new(10, 100));
        assert_eq!(names(&input), ["b"]);
        assert!(input.notes[0].contains("no regular file"), "{:?}", input.notes);
    }
}
