//! Paths to artifacts: files, folders, zip bundles and standard input.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::language::Language;
use kmsdoctor_evidence::bundle;

use crate::words::{self, pick};

/// Bytes that are taken from one file: more than an artifact may have, so that zip bundles fit, and still bounded.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Files taken from folders, so that a mistyped `/` ends.
const FILES_MAX: usize = 4096;
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

/// Takes in every path; `-` is standard input.
pub(crate) fn take(paths: &[PathBuf], language: Language) -> Input {
    let mut taker = Taker { input: Input::default(), files: 0, language };
    for path in paths {
        if path.as_os_str() == "-" {
            taker.add("stdin", read_limited(io::stdin().lock()), true);
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
    files: usize,
    language: Language,
}

impl Taker {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(&folder.display().to_string(), &error, depth == 0),
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_symlink() {
                self.note(&path, "シンボリック リンクのため読んでいません", "it is a symbolic link; it was not read");
            } else if metadata.is_dir() {
                if depth < DEPTH_MAX {
                    self.folder(&path, depth + 1);
                } else {
                    self.note(
                        &path,
                        "フォルダーの階層が深すぎるため読んでいません",
                        "folders are nested too deeply; it was not read",
                    );
                }
            } else if metadata.is_file() {
                if self.files == FILES_MAX {
                    self.note(
                        &path,
                        "ファイル数が多すぎるため、これ以降を読んでいません",
                        "too many files; this one and those after it were not read",
                    );
                    self.files += 1;
                }
                if self.files > FILES_MAX {
                    return;
                }
                self.files += 1;
                self.file(&path, false);
            }
        }
    }

    fn note(&mut self, path: &Path, japanese: &str, english: &str) {
        self.input.notes.push(format!("{}: {}", path.display(), pick(self.language, japanese, english)));
    }

    fn file(&mut self, path: &Path, named: bool) {
        let read = File::open(path).and_then(read_limited);
        self.add(&path.display().to_string(), read, named);
    }

    fn add(&mut self, name: &str, read: io::Result<Vec<u8>>, named: bool) {
        match read {
            Ok(bytes) => {
                let opened = bundle::open(name, bytes);
                self.input.notes.extend(opened.notes.iter().map(|note| words::bundle_note(note, self.language)));
                self.input.artifacts.extend(opened.artifacts);
            }
            Err(error) => self.refuse(name, &error, named),
        }
    }

    fn refuse(&mut self, name: &str, error: &io::Error, named: bool) {
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

fn read_limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more than 512 MiB"));
    }
    Ok(bytes)
}
