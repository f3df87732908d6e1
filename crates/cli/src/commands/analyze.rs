//! `kmsdoctor analyze`: diagnose from files.

use kmsdoctor_core::language::Language;

use crate::analysis;
use crate::arguments::Analyze;
use crate::{input, words};

pub(crate) fn run(arguments: &Analyze, language: Language) -> anyhow::Result<u8> {
    let input = input::take(&arguments.paths, language);
    for text in &input.unopened {
        // Names that were typed may hold a key.
        anstream::eprintln!("{}: {}", words::error(language), kmsdoctor_core::mask::typed_text(text));
    }
    if !input.unopened.is_empty() && input.artifacts.is_empty() {
        return Ok(crate::EXIT_USAGE);
    }
    let analysis = analysis::analyse(&input.artifacts, input.notes, arguments.as_of, language);
    let status = super::finish(&analysis, arguments.format, &arguments.common, language)?;
    // What could be opened is reported; that a path could not be is the exit status.
    Ok(if input.unopened.is_empty() { status } else { crate::EXIT_USAGE })
}
