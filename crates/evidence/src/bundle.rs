//! Bundles: zip archives of artifacts.

use std::collections::{BTreeMap, HashSet};
use std::io::{Cursor, Read, Write};

use encoding_rs::SHIFT_JIS;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::mask;
use zip::read::{ZipFile, read_zipfile_from_stream};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use crate::ARTIFACT_BYTES_MAX;

mod budget;
mod note;

pub use budget::Budget;
pub use note::BundleNote;

/// Entries that are read, over all nested archives: a bundle of one machine has some dozen files, one of a site some
/// hundred.
const ENTRIES_MAX: usize = 4096;
/// An archive with a directory of more entries is not opened: each of them costs memory before the first is read.
const DIRECTORY_MAX: usize = 256 * 1024;
/// Bytes that are unpacked, over all nested archives, so that memory and time stay bounded.
const UNPACKED_BYTES_MAX: usize = 256 * 1024 * 1024;
/// An entry that grows more than this is no evidence: event exports shrink to a thirtieth.
const RATIO_MAX: usize = 200;
/// Up to this size the ratio tells nothing: a short file of blanks shrinks as much as a bomb.
const RATIO_FREE_BYTES: usize = 1024 * 1024;
/// Characters of a name, twice what Windows' whole paths have: an archive may give 64 KiB to each of its names, and all of
/// them are reported.
const NAME_CHARS_MAX: usize = 520;
/// Levels of archives: a mail's zip with a bundle in it.
const LEVELS_MAX: u32 = 2;

/// What a file held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The artifacts, in the order of the archive.
    pub artifacts: Vec<Artifact>,
    /// What was not taken, and why.
    pub notes: Vec<BundleNote>,
}

/// Why a bundle could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The archive refused an entry.
    #[error("cannot put `{name}` into the bundle")]
    Entry {
        /// Name of the artifact.
        name: String,
        /// What the archive says.
        source: ZipError,
    },
    /// The archive could not be completed.
    #[error("cannot complete the bundle")]
    Finish(#[source] ZipError),
}

/// Turns a file into artifacts: a zip archive into its entries, anything else into one artifact called `name`.
pub fn open(name: &str, bytes: Vec<u8>) -> Opened {
    let mut budget = Budget::new(ENTRIES_MAX, UNPACKED_BYTES_MAX.saturating_add(bytes.len()));
    open_within(name, bytes, &mut budget)
}

/// The same within what is left of `budget`, which pays for the file, for each entry of an archive and for every byte
/// that is unpacked, also of what is refused then.
pub fn open_within(name: &str, bytes: Vec<u8>, budget: &mut Budget) -> Opened {
    let mut opened = Opened { artifacts: Vec::new(), notes: Vec::new() };
    if !budget.take_bytes(bytes.len()) {
        opened.notes.push(BundleNote::OverBudget { entry: label(name) });
    } else if is_archive(&bytes) {
        let own = Budget::new(ENTRIES_MAX.min(budget.entries()), UNPACKED_BYTES_MAX.min(budget.bytes()));
        let mut unpacking = Unpacking { opened, budget: own.clone(), is_over: false };
        unpacking.archive(&label(name), "", &bytes, 1);
        *budget = Budget::new(
            budget.entries() - (own.entries() - unpacking.budget.entries()),
            budget.bytes() - (own.bytes() - unpacking.budget.bytes()),
        );
        opened = unpacking.opened;
    } else {
        opened.artifacts.push(Artifact::new(name, bytes, None));
    }
    opened
}

/// Name of a file as it may be shown: without product keys, without characters that act on a terminal or turn the text
/// around, and no longer than names are.
pub fn label(name: &str) -> String {
    let shown: Vec<char> = mask::product_keys_in_text(name)
        .chars()
        .map(|character| match character {
            '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '_',
            _ if character.is_control() => '_',
            _ => character,
        })
        .collect();
    match shown.len().checked_sub(NAME_CHARS_MAX) {
        // The end tells files of one folder apart.
        Some(excess @ 1..) => shown[..NAME_CHARS_MAX / 2]
            .iter()
            .chain(['…'].iter())
            .chain(&shown[NAME_CHARS_MAX / 2 + excess..])
            .collect(),
        _ => shown.into_iter().collect(),
    }
}

/// Packs artifacts. The same artifacts give the same bytes on any day and any machine, so nothing is lost by packing
/// but the time of collection, which transcripts carry themselves.
pub fn write(artifacts: &[Artifact]) -> Result<Vec<u8>, WriteError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut taken = HashSet::new();
    for artifact in artifacts {
        let name = entry_name(artifact.name(), &mut taken);
        writer
            .start_file(name.as_str(), options)
            .and_then(|()| writer.write_all(artifact.bytes()).map_err(ZipError::Io))
            .map_err(|source| WriteError::Entry { name, source })?;
    }
    Ok(writer.finish().map_err(WriteError::Finish)?.into_inner())
}

/// Whether a file that begins like this is an archive: the form of a local header, of the end of an empty archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether a file that begins like this is an archive that is not unpacked here: 7z, RAR, CAB, gzip, xz, bzip2, Zstandard, tar.
pub(crate) fn is_other_archive(bytes: &[u8]) -> bool {
    let heads: [&[u8]; 7] = [
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
        b"MSCF\0\0\0\0",
        b"\x1f\x8b\x08",
        b"\xfd7zXZ\0",
        b"BZh91AY&SY",
        b"\x28\xb5\x2f\xfd",
    ];
    heads.iter().any(|head| bytes.starts_with(head)) || bytes.get(257..262) == Some(b"ustar")
}

/// A relative name that no other entry has.
fn entry_name(name: &str, taken: &mut HashSet<String>) -> String {
    let name: String = name
        .chars()
        .map(|character| if character.is_control() || character == ':' { '_' } else { character })
        .collect();
    let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let base = if parts.is_empty() { "artifact".to_owned() } else { parts.join("/") };
    let mut unique = base.clone();
    let mut number = 2_u32;
    while !taken.insert(unique.clone()) {
        unique = format!("{number}-{}", base.replace('/', "_"));
        number += 1;
    }
    unique
}

/// What the archive says of an entry.
struct Header {
    name: String,
    kind: Kind,
    /// Where it stands in the archive, with its header.
    start: u64,
    end: u64,
    /// Bytes that the archive has of it.
    packed: u64,
}

#[derive(Clone, Copy)]
enum Kind {
    File,
    Directory,
    Link,
    Encrypted,
    /// Packed by a method that is not known here.
    Unsupported,
    /// The name is absolute or leads out of the archive.
    Unsafe,
}

impl Header {
    /// Of an entry in an archive of `length` bytes, which may claim to have more.
    fn of<R: Read>(file: &ZipFile<'_, R>, length: u64) -> Self {
        let raw = file.name_raw();
        let name = std::str::from_utf8(raw)
            .map_or_else(|_| SHIFT_JIS.decode_without_bom_handling(raw).0.into_owned(), str::to_owned)
            .replace('\\', "/");
        let is_unsafe = name.starts_with('/')
            || name.as_bytes().get(1) == Some(&b':')
            || name.contains('\0')
            || name.split('/').any(|part| part == "..");
        // By the decoded name: the second byte of some characters of CP932 is a backslash.
        let kind = if name.ends_with('/') && file.size() == 0 {
            Kind::Directory
        } else if is_unsafe {
            Kind::Unsafe
        } else if file.is_symlink() {
            Kind::Link
        } else if file.encrypted() {
            Kind::Encrypted
        } else if !matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            Kind::Unsupported
        } else {
            Kind::File
        };
        let start = file.header_start();
        let data_start = file.data_start().unwrap_or(start);
        let end = data_start.saturating_add(file.compressed_size()).min(length);
        Self { name, kind, start, end, packed: end.saturating_sub(data_start) }
    }
}

struct Unpacking {
    opened: Opened,
    budget: Budget,
    /// Something was left out because the budget is used up, and all after it is.
    is_over: bool,
}

impl Unpacking {
    /// Takes the entries of the archive `name` with `prefix` before their names.
    fn archive(&mut self, name: &str, prefix: &str, bytes: &[u8], level: u32) {
        if bytes.windows(4).filter(|window| window == b"PK\x01\x02").nth(DIRECTORY_MAX).is_some() {
            return self.note(BundleNote::TooManyEntries { entry: name.to_owned() });
        }
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
            self.note(BundleNote::Truncated { entry: name.to_owned() });
            return self.stream(prefix, bytes, level);
        };
        if archive.has_duplicate_names() {
            // Of entries with one name the directory gives the last one only.
            self.note(BundleNote::SameName { entry: name.to_owned() });
        }
        let mut taken = Ranges::default();
        for index in 0..archive.len() {
            let header = archive.by_index_raw(index).map(|file| Header::of(&file, bytes.len() as u64));
            let shown = header.as_ref().map_or_else(|_| format!("#{}", index + 1), |header| header.name.clone());
            let entry = label(&format!("{prefix}{shown}"));
            if self.is_over(&entry) {
                return;
            }
            let Ok(header) = header else {
                self.note(BundleNote::Damaged { entry });
                continue;
            };
            match header.kind {
                Kind::File => {}
                Kind::Directory => continue,
                kind => {
                    self.refuse(entry, kind);
                    continue;
                }
            }
            if !taken.insert(header.start, header.end) {
                self.note(BundleNote::Shared { entry });
                continue;
            }
            match archive.by_index(index) {
                Ok(file) => self.entry(entry, file, header.packed, level),
                Err(_) => self.note(BundleNote::Damaged { entry }),
            }
        }
    }

    /// Takes what an archive without directory has before the cut.
    fn stream(&mut self, prefix: &str, bytes: &[u8], level: u32) {
        let mut rest = bytes;
        while let Ok(Some(file)) = read_zipfile_from_stream(&mut rest) {
            let header = Header::of(&file, bytes.len() as u64);
            let entry = label(&format!("{prefix}{}", header.name));
            if self.is_over(&entry) {
                return;
            }
            match header.kind {
                Kind::File => self.entry(entry, file, header.packed, level),
                kind => self.refuse(entry, kind),
            }
        }
    }

    fn refuse(&mut self, entry: String, kind: Kind) {
        match kind {
            Kind::File | Kind::Directory => {}
            Kind::Link => self.note(BundleNote::Link { entry }),
            Kind::Encrypted => self.note(BundleNote::Encrypted { entry }),
            Kind::Unsupported => self.note(BundleNote::Unsupported { entry }),
            Kind::Unsafe => self.note(BundleNote::UnsafeName { entry }),
        }
    }

    fn note(&mut self, note: BundleNote) {
        self.opened.notes.push(note);
    }

    /// Charges for `entry`. If nothing is left, notes once that it and those after it are left out.
    fn is_over(&mut self, entry: &str) -> bool {
        if self.is_over {
            return true;
        }
        if self.budget.bytes() == 0 {
            self.end(BundleNote::OverBudget { entry: entry.to_owned() });
        } else if !self.budget.take_entry() {
            self.end(BundleNote::TooManyEntries { entry: entry.to_owned() });
        }
        self.is_over
    }

    fn end(&mut self, note: BundleNote) {
        self.is_over = true;
        self.note(note);
    }

    /// Unpacks one entry, of which the archive has `packed` bytes, within the limits.
    fn entry<R: Read>(&mut self, entry: String, file: ZipFile<'_, R>, packed: u64, level: u32) {
        let packed = usize::try_from(packed).unwrap_or(usize::MAX);
        let ratio_max = packed.saturating_mul(RATIO_MAX).max(RATIO_FREE_BYTES);
        let refusal = |size: usize| {
            if size > ratio_max {
                Some(BundleNote::RatioTooHigh { entry: entry.clone() })
            } else if size > ARTIFACT_BYTES_MAX {
                Some(BundleNote::TooLarge { entry: entry.clone() })
            } else {
                None
            }
        };
        // What the archive itself says costs nothing; it may be a lie.
        if let Some(note) = refusal(usize::try_from(file.size()).unwrap_or(usize::MAX)) {
            return self.note(note);
        }
        let limit = ratio_max.min(ARTIFACT_BYTES_MAX).min(self.budget.bytes());
        let mut bytes = Vec::new();
        let outcome = file.take(limit as u64 + 1).read_to_end(&mut bytes);
        // Before anything is refused: that it was unpacked is what costs.
        let fits = self.budget.take_bytes(bytes.len());
        if let Some(note) = refusal(bytes.len()) {
            return self.note(note);
        }
        if !fits {
            return self.end(BundleNote::OverBudget { entry });
        }
        if outcome.is_err() {
            self.note(BundleNote::Damaged { entry: entry.clone() });
            if bytes.is_empty() {
                return;
            }
        }
        if !is_archive(&bytes) {
            self.opened.artifacts.push(Artifact::new(entry, bytes, None));
        } else if level < LEVELS_MAX {
            self.archive(&entry, &format!("{entry}/"), &bytes, level + 1);
        } else {
            self.note(BundleNote::TooDeep { entry });
        }
    }
}

/// Parts of an archive that belong to an entry.
#[derive(Default)]
struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// Takes `start..end`, unless some of it was taken before.
    fn insert(&mut self, start: u64, end: u64) -> bool {
        let is_free = self.0.range(..end).next_back().is_none_or(|(_, taken)| *taken <= start);
        if is_free {
            self.0.insert(start, end);
        }
        is_free
    }
}

#[cfg(test)]
mod tests;
