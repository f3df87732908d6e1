//! `kmsdoctor checklist`: what to look at in the first minutes, in a situation, or for a cause.

use anyhow::bail;
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::reference::{CAUSE_FREE, checklist};
use serde_json::json;

use crate::arguments::{Checklist, PageFormat};
use crate::render::{self, page};

pub(crate) fn run(arguments: &Checklist, language: Language) -> anyhow::Result<u8> {
    let knowledge = Knowledge::embedded();
    let Some(page) = checklist(arguments.situation.as_deref(), knowledge, language) else {
        let mut known = vec![CAUSE_FREE];
        known.extend(knowledge.checklists.keys().map(String::as_str));
        let (known, name) = (known.join(", "), arguments.situation.as_deref().unwrap_or_default());
        let name = render::explain::shown(name);
        match language {
            Language::Japanese => bail!(
                "「{name}」のチェックリストはありません。{known} か、原因の ID (kmsdoctor explain --list cause) を指定してください"
            ),
            Language::English => bail!(
                "there is no checklist “{name}”: give {known}, or the id of a cause (kmsdoctor explain --list cause)"
            ),
        }
    };
    let text = match arguments.format {
        PageFormat::Human => page::human(&page, language),
        PageFormat::Markdown => page.markdown(language, 1, &|_| None),
        PageFormat::Json => render::json(&json!({
            "schema": "kmsdoctor.checklist/1", "id": page.id, "title": page.title,
            "parts": render::checklist::parts(&page),
        }))?,
    };
    render::write(&text, arguments.format.has_colours(), &arguments.common, language)?;
    Ok(crate::EXIT_HEALTHY)
}
