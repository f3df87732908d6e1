//! `kmsdoctor cloud`: follow the way to KMS through a cloud's network, from its exports.

use kmsdoctor_cloud::change::Form;
use kmsdoctor_core::diagnosis::{Given, Verdict};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::report::Note;

use crate::analysis::{self, Analysis};
use crate::arguments::{ChangeForm, Cloud, ReportFormat};
use crate::input::Input;
use crate::redaction::Redaction;
use crate::{input, paths, render, save, words};

pub(crate) fn run(arguments: &Cloud, language: Language) -> anyhow::Result<u8> {
    if let Some(path) = &arguments.save_evidence {
        save::check_free(path, language)?;
    }
    let mut redaction = Redaction::of(&arguments.redact, language)?;
    let exports = input::take(&arguments.exports, language);
    let assumed = input::take(&arguments.assumed, language);
    let is_opened = exports.say_unopened(language) & assumed.say_unopened(language);
    // An assumption that is not made must not pass for one that changes nothing.
    if !is_opened && (exports.artifacts.is_empty() || !assumed.unopened.is_empty()) {
        return Ok(crate::EXIT_USAGE);
    }
    let Input { artifacts, mut notes, .. } = exports;
    notes.extend(assumed.notes);
    let cloud = analysis::Cloud { assumed: &assumed.artifacts, form: form(arguments.form) };
    let mut analysis =
        analysis::analyse(&artifacts, notes, &Given::default(), Some(&cloud), redaction.as_mut(), language);
    judge(&mut analysis, language);
    let saved = save::all(arguments.save_evidence.as_deref(), &artifacts, redaction.as_mut(), language);
    let common = &arguments.common;
    let text = match arguments.format {
        ReportFormat::Json => render::json(&analysis.report)?,
        ReportFormat::Human => render::human::cloud(&analysis, language, common.verbose),
        ReportFormat::Html => render::html::report(&analysis, language),
    };
    render::write(&text, arguments.format == ReportFormat::Human, common, language)?;
    saved?;
    Ok(if is_opened { super::status(&analysis) } else { crate::EXIT_USAGE })
}

/// The verdict of this command is on the paths as they are, whatever else is in the evidence.
fn judge(analysis: &mut Analysis, language: Language) {
    let mut verdict = paths::verdict(&analysis.report.paths);
    if analysis.is_incomplete && verdict == Verdict::Healthy {
        verdict = Verdict::Undetermined;
    }
    analysis.diagnosis.verdict = verdict;
    analysis.report.verdict = verdict.name();
    if analysis.report.paths.is_empty() {
        let text = words::paths::nothing_described(analysis.has_exports, language).to_owned();
        analysis.report.notes.insert(0, Note { level: "warning", text });
        // What other evidence leaves open was not asked.
        analysis.diagnosis.next_checks.clear();
        analysis.report.next_checks.clear();
    }
}

fn form(form: ChangeForm) -> Form {
    match form {
        ChangeForm::Az => Form::Az,
        ChangeForm::Bicep => Form::Bicep,
        ChangeForm::Terraform => Form::Terraform,
        ChangeForm::Portal => Form::Portal,
    }
}
