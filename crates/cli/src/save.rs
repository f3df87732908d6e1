//! Files that are written beside the report: bundles and maps of redaction. Nothing is overwritten silently.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::language::Language;
use kmsdoctor_evidence::bundle;

use crate::redaction::Redaction;
use crate::words::pick;

/// Fails if there is something at the path of a bundle.
pub(crate) fn check_free(path: &Path, language: Language) -> anyhow::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        let path = path.display();
        match language {
            Language::Japanese => {
                anyhow::bail!("{path} は既にあります。上書きはしません。別の名前を --save に指定してください。")
            }
            Language::English => {
                anyhow::bail!("{path} exists already and is not overwritten. Give --save another name.")
            }
        }
    }
    Ok(())
}

/// Saves the bundle that was asked for, redacted where that was asked for, and then the map with all tokens.
pub(crate) fn all(
    path: Option<&Path>,
    artifacts: &[Artifact],
    mut redaction: Option<&mut Redaction>,
    language: Language,
) -> anyhow::Result<()> {
    let saved = match (path, redaction.as_deref_mut()) {
        (None, _) => Ok(()),
        (Some(path), None) => write_bundle(path, artifacts, language),
        (Some(path), Some(redaction)) => write_bundle(path, &redaction.artifacts(artifacts, language), language),
    };
    // The map also has the tokens of the report.
    let kept = redaction.map_or(Ok(()), |redaction| redaction.keep(language));
    saved.and(kept)
}

fn write_bundle(path: &Path, artifacts: &[Artifact], language: Language) -> anyhow::Result<()> {
    let bytes = bundle::write(artifacts)?;
    let written =
        OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| file.write_all(&bytes));
    written.with_context(|| match language {
        Language::Japanese => format!("バンドル {} を作れません", path.display()),
        Language::English => format!("the bundle {} cannot be made", path.display()),
    })?;
    anstream::eprintln!("{}: {}", pick(language, "バンドルを保存しました", "bundle saved"), path.display());
    Ok(())
}

/// Writes a file that its owner alone may read, where the platform has that: a new one beside it, which then takes its
/// place, so that a failure leaves the old one whole.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = create_private(&part).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&part, path));
    if placed.is_err() {
        // What cannot be removed was perhaps never made.
        let _ = fs::remove_file(&part);
    }
    placed
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        options.mode(0o600);
    }
    options.open(path)
}
