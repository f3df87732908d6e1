//! One module per command.

pub(crate) mod analyze;
pub(crate) mod check;
pub(crate) mod checklist;
pub(crate) mod cloud;
pub(crate) mod drill;
pub(crate) mod explain;
pub(crate) mod probe;

use kmsdoctor_core::diagnosis::Verdict;
use kmsdoctor_core::language::Language;

use crate::analysis::Analysis;
use crate::arguments::{Common, ReportFormat};
use crate::render;

/// Writes the analysis as asked and gives the exit status of its verdict.
fn finish(analysis: &Analysis, format: ReportFormat, common: &Common, language: Language) -> anyhow::Result<u8> {
    let text = match format {
        ReportFormat::Json => render::json(&analysis.report)?,
        ReportFormat::Human => render::human::report(analysis, language, common.verbose),
        ReportFormat::Html => render::html::report(analysis, language),
    };
    render::write(&text, format == ReportFormat::Human, common, language)?;
    Ok(status(analysis))
}

/// The exit status of a verdict.
fn status(analysis: &Analysis) -> u8 {
    match analysis.diagnosis.verdict {
        Verdict::Healthy => crate::EXIT_HEALTHY,
        Verdict::Problem => crate::EXIT_PROBLEM,
        Verdict::Undetermined => crate::EXIT_UNDETERMINED,
    }
}
