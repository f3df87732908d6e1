//! One module per command.

pub(crate) mod analyze;
pub(crate) mod check;
pub(crate) mod checklist;
pub(crate) mod drill;
pub(crate) mod explain;
pub(crate) mod probe;

use kmsdoctor_core::diagnosis::Verdict;
use kmsdoctor_core::language::Language;

use crate::analysis::Analysis;
use crate::arguments::{Common, Format};
use crate::render;

/// Writes the analysis as asked and gives the exit status of its verdict.
fn finish(analysis: &Analysis, format: Format, common: &Common, language: Language) -> anyhow::Result<u8> {
    let text = match format {
        Format::Json => render::json(&analysis.report)?,
        Format::Human => render::human::report(analysis, language, common.verbose),
    };
    render::write(&text, format.has_colours(), common, language)?;
    Ok(match analysis.diagnosis.verdict {
        Verdict::Healthy => crate::EXIT_HEALTHY,
        Verdict::Problem => crate::EXIT_PROBLEM,
        Verdict::Undetermined => crate::EXIT_UNDETERMINED,
    })
}
