//! `kmsdoctor analyze`: diagnose from files.

use kmsdoctor_core::diagnosis::Given;
use kmsdoctor_core::language::Language;

use crate::arguments::Analyze;
use crate::redaction::Redaction;
use crate::{analysis, approved, input, save};

pub(crate) fn run(arguments: &Analyze, language: Language) -> anyhow::Result<u8> {
    if let Some(path) = &arguments.save_evidence {
        save::check_free(path, language)?;
    }
    let given = Given { as_of: arguments.as_of, approved: approved::of(&arguments.policy, language)? };
    let mut redaction = Redaction::of(&arguments.redact, language)?;
    let input = input::take(&arguments.paths, language);
    let is_opened = input.say_unopened(language);
    if !is_opened && input.artifacts.is_empty() {
        return Ok(crate::EXIT_USAGE);
    }
    let analysis = analysis::analyse(&input.artifacts, input.notes, &given, None, redaction.as_mut(), language);
    let saved = save::all(arguments.save_evidence.as_deref(), &input.artifacts, redaction.as_mut(), language);
    let status = super::finish(&analysis, arguments.format, &arguments.common, language)?;
    saved?;
    // What could be opened is reported; that a path could not be is the exit status.
    Ok(if is_opened { status } else { crate::EXIT_USAGE })
}
