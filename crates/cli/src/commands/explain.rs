//! `kmsdoctor explain`: what a code, an event, a term, a cause means.

use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::reference::find;

use crate::arguments::{Explain, PageFormat};
use crate::render;
use crate::render::explain;

pub(crate) fn run(arguments: &Explain, language: Language) -> anyhow::Result<u8> {
    let knowledge = Knowledge::embedded();
    if let Some(kind) = arguments.list {
        let text = match arguments.format {
            PageFormat::Json => render::json(&explain::listing_json(kind, knowledge, language))?,
            PageFormat::Human | PageFormat::Markdown => explain::listing(kind, knowledge, language),
        };
        render::write(&text, arguments.format.has_colours(), &arguments.common, language)?;
        return Ok(crate::EXIT_HEALTHY);
    }
    let term = arguments.term.join(" ");
    let answer = find(&term, knowledge);
    let text = match arguments.format {
        PageFormat::Human => explain::human(&answer, &term, knowledge, arguments.common.verbose, language),
        PageFormat::Json => render::json(&explain::json(&answer, &term, knowledge, language))?,
        PageFormat::Markdown => explain::markdown(&answer, &term, knowledge, language),
    };
    render::write(&text, arguments.format.has_colours(), &arguments.common, language)?;
    let is_known = !answer.entries.is_empty() || answer.is_choice;
    Ok(if is_known { crate::EXIT_HEALTHY } else { crate::EXIT_UNDETERMINED })
}
