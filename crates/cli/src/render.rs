//! Output: human, JSON and HTML, to standard output or a file.

pub(crate) mod checklist;
pub(crate) mod drill;
mod evidence;
pub(crate) mod explain;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod page;
mod paths;
pub(crate) mod probe;

use std::fs;
use std::io::Write;

use anyhow::Context;
use kmsdoctor_core::language::Language;
use serde::Serialize;

use crate::arguments::Common;

/// Pretty JSON with a newline at its end.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// Writes the result to standard output, or to the file that was asked for. Colours go to terminals only.
pub(crate) fn write(text: &str, has_colours: bool, common: &Common, language: Language) -> anyhow::Result<()> {
    if let Some(path) = &common.output {
        let plain = if has_colours { anstream::adapter::strip_str(text).to_string() } else { text.to_owned() };
        return fs::write(path, plain).with_context(|| match language {
            Language::Japanese => format!("{} に書き込めません", path.display()),
            Language::English => format!("{} cannot be written", path.display()),
        });
    }
    let outcome = if has_colours {
        anstream::stdout().write_all(text.as_bytes())
    } else {
        std::io::stdout().write_all(text.as_bytes())
    };
    match outcome {
        // `kmsdoctor … | head`: the reader has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
