//! Pages of the reference, for a terminal.

use std::fmt::Write as _;

use anstyle::Style;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::reference::{Block, Item, Kind, Link, Page};

use crate::words::pick;

/// The page as text.
pub(crate) fn human(page: &Page, language: Language) -> String {
    let bold = Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}", page.title);
    if !page.title.starts_with(&page.id) {
        let _ = write!(text, "  {}", page.id);
    }
    text.push('\n');
    for block in &page.blocks {
        write_block(&mut text, block);
    }
    if !page.sources.is_empty() {
        heading(&mut text, pick(language, "出典", "Sources"));
        for source in &page.sources {
            let _ = writeln!(text, "  - {} ({} {})", source.name, pick(language, "確認日", "read"), source.read);
        }
    }
    text
}

pub(crate) fn heading(text: &mut String, heading: &str) {
    let bold = Style::new().bold();
    let _ = writeln!(text, "\n{bold}{heading}{bold:#}");
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Heading(title) => heading(text, title),
        Block::Text(body) => {
            for line in body.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        Block::Warning(warning) => {
            let bold = Style::new().bold();
            let _ = writeln!(text, "  {bold}! {warning}{bold:#}");
        }
        Block::Fields(fields) => {
            for (name, value) in fields {
                let _ = writeln!(text, "  {name}: {value}");
            }
        }
        Block::Items(items) => items.iter().for_each(|item| write_item(text, item)),
        Block::Links(links) => {
            for link in links {
                let _ = writeln!(text, "  - {}", line(link));
            }
        }
        Block::Table(head, rows) => {
            for row in rows {
                let cells: Vec<String> = head
                    .iter()
                    .zip(row)
                    .skip(1)
                    .filter(|(_, cell)| !cell.is_empty())
                    .map(|(name, cell)| format!("{name}: {cell}"))
                    .collect();
                let first = row.first().map(String::as_str).unwrap_or_default();
                let _ = match cells.as_slice() {
                    [only] if head.len() == 2 => writeln!(text, "  - {first}: {}", only_value(only)),
                    _ => writeln!(text, "  - {first} | {}", cells.join(" | ")),
                };
            }
        }
    }
}

/// A cell of a table of two columns needs no name.
fn only_value(cell: &str) -> &str {
    cell.split_once(": ").map_or(cell, |(_, value)| value)
}

/// An entry in one line.
pub(crate) fn line(link: &Link) -> String {
    let mut text = match link.kind {
        _ if link.title.is_empty() => link.id.clone(),
        // Known by their ids more than by their titles.
        Kind::Code | Kind::Event | Kind::Product | Kind::Setting | Kind::Endpoint => {
            format!("{}  {}", link.id, link.title)
        }
        _ => format!("{}  {}", link.title, link.id),
    };
    if let Some(remark) = &link.remark {
        let _ = write!(text, ": {remark}");
    }
    text
}

fn write_item(text: &mut String, item: &Item) {
    let _ = writeln!(text, "  {} {}", if item.tick { "[ ]" } else { "-" }, item.text);
    for (label, remark) in &item.remarks {
        let _ = writeln!(text, "      {label}: {remark}");
    }
    for (label, command) in &item.commands {
        let _ = writeln!(text, "      {label}\n      > {command}");
    }
}
