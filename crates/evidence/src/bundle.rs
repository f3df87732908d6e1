//! Bundles: zip archives of artifacts.

use std::collections::HashSet;
use std::io::{Cursor, Read, Write};

use encoding_rs::SHIFT_JIS;
use kmsdoctor_core::artifact::Artifact;
use zip::read::{ZipFile, read_zipfile_from_stream};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use crate::ARTIFACT_BYTES_MAX;

/// Entries that are read, over all nested archives: a bundle of one machine has some dozen files, one of a site some
/// hundred.
const ENTRIES_MAX: usize = 4096;
/// Bytes that are unpacked, over all nested archives, so that memory stays bounded.
const UNPACKED_BYTES_MAX: usize = 256 * 1024 * 1024;
/// An entry that grows more than this is no evidence: event exports shrink to a thirtieth.
const RATIO_MAX: usize = 200;
/// Up to this size the ratio tells nothing: a short file of blanks shrinks as much as a bomb.
const RATIO_FREE_BYTES: usize = 1024 * 1024;
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

/// Something in a bundle that was not taken, or not in full.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleNote {
    /// The archive has more entries than are read.
    TooManyEntries {
        /// Name of the first entry that was left out.
        entry: String,
    },
    /// The entry is larger than an artifact may be, or the entries before it have used up what is unpacked in total.
    TooLarge {
        /// Name of the entry.
        entry: String,
    },
    /// The entry unpacks to far more than evidence does.
    RatioTooHigh {
        /// Name of the entry.
        entry: String,
    },
    /// An archive in an archive in an archive.
    TooDeep {
        /// Name of the inner archive.
        entry: String,
    },
    /// The name is absolute or leads out of the archive.
    UnsafeName {
        /// Name of the entry.
        entry: String,
    },
    /// A symbolic link.
    Link {
        /// Name of the entry.
        entry: String,
    },
    /// The entry needs a password.
    Encrypted {
        /// Name of the entry.
        entry: String,
    },
    /// The entry is packed by a method that is not known here.
    Unsupported {
        /// Name of the entry.
        entry: String,
    },
    /// The entry is damaged; what could be unpacked is among the artifacts.
    Damaged {
        /// Name of the entry.
        entry: String,
    },
    /// The archive has lost its directory, as a partial download has; what stands before the cut is among the artifacts.
    Truncated {
        /// Name of the archive.
        entry: String,
    },
}

impl BundleNote {
    /// Name of the entry that the note is about.
    pub fn entry(&self) -> &str {
        match self {
            Self::TooManyEntries { entry }
            | Self::TooLarge { entry }
            | Self::RatioTooHigh { entry }
            | Self::TooDeep { entry }
            | Self::UnsafeName { entry }
            | Self::Link { entry }
            | Self::Encrypted { entry }
            | Self::Unsupported { entry }
            | Self::Damaged { entry }
            | Self::Truncated { entry } => entry,
        }
    }
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
    let mut opener = Opener {
        opened: Opened { artifacts: Vec::new(), notes: Vec::new() },
        entries_left: ENTRIES_MAX,
        bytes_left: UNPACKED_BYTES_MAX,
    };
    if is_archive(&bytes) {
        opener.archive(name, "", &bytes, 1);
    } else {
        opener.opened.artifacts.push(Artifact::new(name, bytes, None));
    }
    opener.opened
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

/// The form of a local header, of the end of an empty archive.
fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
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

/// Name of an entry; `Err` with the name if it is absolute or leads out of the archive.
fn safe_name(raw: &[u8]) -> Result<String, String> {
    let name = std::str::from_utf8(raw)
        .map_or_else(|_| SHIFT_JIS.decode_without_bom_handling(raw).0.into_owned(), str::to_owned);
    let name = name.replace('\\', "/");
    let is_unsafe = name.starts_with('/')
        || name.as_bytes().get(1) == Some(&b':')
        || name.contains('\0')
        || name.split('/').any(|part| part == "..");
    if is_unsafe { Err(name) } else { Ok(name) }
}

struct Opener {
    opened: Opened,
    entries_left: usize,
    bytes_left: usize,
}

impl Opener {
    /// Takes the entries of the archive `name` with `prefix` before their names.
    fn archive(&mut self, name: &str, prefix: &str, bytes: &[u8], level: u32) {
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
            self.opened.notes.push(BundleNote::Truncated { entry: name.to_owned() });
            self.stream(prefix, bytes, level);
            return;
        };
        for index in 0..archive.len() {
            let Ok(header) = archive.by_index_raw(index) else {
                self.opened.notes.push(BundleNote::Damaged { entry: format!("{prefix}#{}", index + 1) });
                continue;
            };
            let named = safe_name(header.name_raw());
            let entry = format!("{prefix}{}", named.as_ref().unwrap_or_else(|name| name));
            let (is_directory, is_link, is_encrypted) = (header.is_dir(), header.is_symlink(), header.encrypted());
            drop(header);
            if self.entries_left == 0 {
                self.opened.notes.push(BundleNote::TooManyEntries { entry });
                return;
            }
            self.entries_left -= 1;
            if is_directory {
                continue;
            }
            let refusal = if named.is_err() {
                Some(BundleNote::UnsafeName { entry: entry.clone() })
            } else if is_link {
                Some(BundleNote::Link { entry: entry.clone() })
            } else if is_encrypted {
                Some(BundleNote::Encrypted { entry: entry.clone() })
            } else {
                None
            };
            if let Some(note) = refusal {
                self.opened.notes.push(note);
                continue;
            }
            match archive.by_index(index) {
                Ok(file) => self.entry(entry, file, level),
                Err(ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_)) => {
                    self.opened.notes.push(BundleNote::Unsupported { entry });
                }
                Err(_) => self.opened.notes.push(BundleNote::Damaged { entry }),
            }
        }
    }

    /// Takes what an archive without directory has before the cut.
    fn stream(&mut self, prefix: &str, bytes: &[u8], level: u32) {
        let mut rest = bytes;
        while let Ok(Some(file)) = read_zipfile_from_stream(&mut rest) {
            let named = safe_name(file.name_raw());
            let entry = format!("{prefix}{}", named.as_ref().unwrap_or_else(|name| name));
            if self.entries_left == 0 {
                self.opened.notes.push(BundleNote::TooManyEntries { entry });
                return;
            }
            self.entries_left -= 1;
            if named.is_err() {
                self.opened.notes.push(BundleNote::UnsafeName { entry });
            } else if file.encrypted() {
                self.opened.notes.push(BundleNote::Encrypted { entry });
                return;
            } else if !file.is_dir() {
                self.entry(entry, file, level);
            }
        }
    }

    /// Unpacks one entry within the limits.
    fn entry<R: Read>(&mut self, entry: String, file: ZipFile<'_, R>, level: u32) {
        let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
        let size_max = ARTIFACT_BYTES_MAX.min(self.bytes_left);
        let ratio_max = packed.saturating_mul(RATIO_MAX).max(RATIO_FREE_BYTES);
        let limit = size_max.min(ratio_max);
        let mut bytes = Vec::new();
        let outcome = file.take(limit as u64 + 1).read_to_end(&mut bytes);
        if bytes.len() > limit {
            let note =
                if limit == size_max { BundleNote::TooLarge { entry } } else { BundleNote::RatioTooHigh { entry } };
            self.opened.notes.push(note);
            return;
        }
        self.bytes_left -= bytes.len();
        if outcome.is_err() {
            self.opened.notes.push(BundleNote::Damaged { entry: entry.clone() });
            if bytes.is_empty() {
                return;
            }
        }
        if !is_archive(&bytes) {
            self.opened.artifacts.push(Artifact::new(entry, bytes, None));
        } else if level < LEVELS_MAX {
            self.archive(&entry, &format!("{entry}/"), &bytes, level + 1);
        } else {
            self.opened.notes.push(BundleNote::TooDeep { entry });
        }
    }
}

#[cfg(test)]
mod tests;
