//! `kmsdoctor explain`: what a code, an event, a term, a cause means.

use std::io::Read;

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::reference::find;
use kmsdoctor_evidence::document::Document;

use crate::arguments::{Explain, PageFormat};
use crate::render;
use crate::render::explain;

/// Bytes of a pasted message that are read from standard input: more than any message has.
const INPUT_BYTES_MAX: u64 = 64 * 1024;

/// A message from standard input, in whatever encoding.
fn standard_input() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().take(INPUT_BYTES_MAX).read_to_end(&mut bytes)?;
    let artifact = Artifact::new("-", bytes, None);
    let lines = Document::decode(&artifact).map(|document| document.lines).unwrap_or_default();
    Ok(lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n"))
}

pub(crate) fn run(arguments: &Explain, language: Language) -> anyhow::Result<u8> {
    let knowledge = Knowledge::embedded();
    if let Some(kind) = arguments.list {
        let text = match arguments.format {
            PageFormat::Json => render::json(&explain::listing_json(kind, knowledge, language))?,
            PageFormat::Human => explain::listing(kind, knowledge, language),
            PageFormat::Markdown => explain::listing_markdown(kind, knowledge, language),
        };
        render::write(&text, arguments.format.has_colours(), &arguments.common, language)?;
        return Ok(crate::EXIT_HEALTHY);
    }
    let term = match arguments.term.as_slice() {
        [only] if only == "-" => standard_input()?,
        words => words.join(" "),
    };
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
