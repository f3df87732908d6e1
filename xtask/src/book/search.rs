//! The search index of the book: one line per entry, found by any part of its text, in Japanese too.

use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::reference::{Block, Entry, Kind, Page};

use super::layout;

/// Characters of an entry's text that are searched.
const TEXT_CHARACTERS_MAX: usize = 1500;

/// A script that gives the index to `theme/search.js`.
pub(super) fn index(knowledge: &Knowledge, language: Language) -> String {
    let mut entries = Vec::new();
    for kind in Kind::ALL {
        for entry in kind.entries(knowledge) {
            entries.push(line(&entry, knowledge, language));
        }
    }
    format!("window.kmsdoctorIndex = {};\n", serde_json::Value::Array(entries))
}

fn line(entry: &Entry<'_>, knowledge: &Knowledge, language: Language) -> serde_json::Value {
    let page = entry.page(knowledge, language);
    let (file, anchor) = layout::place(page.kind, &page.id);
    let file = file.replace(".md", ".html");
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    let mut names = vec![page.id.clone()];
    names.extend(entry.aliases());
    serde_json::json!([format!("{file}{anchor}"), page.title, page.kind.label(language), names.join("\n"), text(&page)])
}

fn text(page: &Page) -> String {
    let mut text = String::new();
    for block in &page.blocks {
        let part = match block {
            Block::Text(part) | Block::Warning(part) => part.clone(),
            Block::Fields(fields) => fields.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" "),
            Block::Items(items) => items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(" "),
            Block::Heading(_) | Block::Links(_) | Block::Table(..) => continue,
        };
        text.push_str(&part);
        text.push(' ');
        if text.chars().count() > TEXT_CHARACTERS_MAX {
            break;
        }
    }
    text.chars().take(TEXT_CHARACTERS_MAX).collect::<String>().replace('\n', " ")
}
