//! Checklists as JSON (`kmsdoctor.checklist/1`): parts with their lines.

use kmsdoctor_core::reference::{Block, Item, Page};
use serde_json::{Value, json};

/// The parts of a checklist: each heading with what stands below it.
pub(crate) fn parts(page: &Page) -> Vec<Value> {
    let mut parts: Vec<(Option<&String>, Vec<&String>, Vec<Value>)> = Vec::new();
    for block in &page.blocks {
        if let Block::Heading(title) = block {
            parts.push((Some(title), Vec::new(), Vec::new()));
            continue;
        }
        if parts.is_empty() {
            parts.push((None, Vec::new(), Vec::new()));
        }
        let Some((_, texts, items)) = parts.last_mut() else { continue };
        match block {
            Block::Text(text) | Block::Warning(text) => texts.push(text),
            Block::Items(lines) => items.extend(lines.iter().map(item)),
            Block::Fields(fields) => {
                items.extend(fields.iter().map(|(name, value)| json!({"text": format!("{name}: {value}")})));
            }
            Block::Heading(_) | Block::Links(_) | Block::Table(..) => {}
        }
    }
    parts.into_iter().map(|(title, texts, items)| json!({"title": title, "texts": texts, "items": items})).collect()
}

fn item(item: &Item) -> Value {
    let pairs = |pairs: &[(String, String)]| -> Vec<Value> {
        pairs.iter().map(|(label, text)| json!({"label": label, "text": text})).collect()
    };
    json!({"text": item.text, "to_tick": item.tick, "remarks": pairs(&item.remarks), "commands": pairs(&item.commands)})
}
