//! A page as Markdown: what the book and `--format markdown` print.

use std::fmt::Write as _;

use super::{Block, Item, Link, Page};
use crate::language::Language;

impl Page {
    /// The page as Markdown, its title a heading of `level` (1 for a page of its own). `address` gives the way to
    /// another page; without one a link is its id.
    pub fn markdown(&self, language: Language, level: usize, address: &dyn Fn(&Link) -> Option<String>) -> String {
        let mut text = String::new();
        let (title, part) = ("#".repeat(level), "#".repeat(level + 1));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{title} {}\n", escape(&self.title));
        if self.title != self.id && !self.title.starts_with(&self.id) {
            let _ = writeln!(text, "`{}`\n", self.id);
        }
        for block in &self.blocks {
            write_block(&mut text, block, &part, address);
        }
        if !self.sources.is_empty() {
            let (heading, read) = match language {
                Language::Japanese => ("出典", "確認日"),
                Language::English => ("Sources", "read"),
            };
            let _ = writeln!(text, "{part} {heading}\n");
            for source in &self.sources {
                let _ = writeln!(text, "- {} ({read} {})", escape(&source.name), source.read);
            }
        }
        let mut text = text.trim_end().to_owned();
        text.push('\n');
        text
    }
}

/// Signs that Markdown would take for its own; code spans stay as they are.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (position, part) in text.split('`').enumerate() {
        if position > 0 {
            escaped.push('`');
        }
        for character in part.chars() {
            if position % 2 == 0 && matches!(character, '<' | '>' | '*' | '_' | '[' | ']') {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }
    escaped
}

/// Neither empty nor an item of a list.
fn is_prose(line: &str) -> bool {
    !line.trim().is_empty()
        && !line.trim_start().starts_with(|first: char| first.is_ascii_digit() || "-*|".contains(first))
}

fn write_block(text: &mut String, block: &Block, part: &str, address: &dyn Fn(&Link) -> Option<String>) {
    match block {
        Block::Heading(heading) => {
            let _ = writeln!(text, "{part} {}\n", escape(heading));
        }
        Block::Text(body) => {
            let mut lines = body.lines().peekable();
            while let Some(line) = lines.next() {
                // Each sentence keeps its line, as in a terminal.
                let breaks = lines.peek().is_some_and(|next| is_prose(line) && is_prose(next));
                let _ = writeln!(text, "{}{}", escape(line), if breaks { "  " } else { "" });
            }
            text.push('\n');
        }
        Block::Warning(warning) => {
            let _ = writeln!(text, "> ⚠ {}\n", escape(warning));
        }
        Block::Fields(fields) => {
            for (name, value) in fields {
                let _ = writeln!(text, "- **{}**: {}", escape(name), escape(value));
            }
            text.push('\n');
        }
        Block::Items(items) => {
            for item in items {
                write_item(text, item);
            }
            text.push('\n');
        }
        Block::Links(links) => {
            for link in links {
                let name = if link.title.is_empty() { link.id.clone() } else { escape(&link.title) };
                let remark = link.remark.as_ref().map(|remark| format!(": {}", escape(remark))).unwrap_or_default();
                let _ = match address(link) {
                    Some(address) if link.title.is_empty() => writeln!(text, "- [`{name}`]({address}){remark}"),
                    Some(address) => writeln!(text, "- [{name}]({address}) `{}`{remark}", link.id),
                    None => writeln!(text, "- {name} `{}`{remark}", link.id),
                };
            }
            text.push('\n');
        }
        Block::Table(head, rows) => {
            let cell = |value: &String| escape(value).replace('|', "\\|").replace('\n', " ");
            let line = |cells: &[String]| format!("| {} |", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
            let _ = writeln!(text, "{}", line(head));
            let _ = writeln!(text, "|{}", " --- |".repeat(head.len()));
            for row in rows {
                let _ = writeln!(text, "{}", line(row));
            }
            text.push('\n');
        }
    }
}

fn write_item(text: &mut String, item: &Item) {
    let tick = if item.tick { "[ ] " } else { "" };
    let _ = writeln!(text, "- {tick}{}", escape(&item.text));
    for (label, remark) in &item.remarks {
        let _ = writeln!(text, "  - {}: {}", escape(label), escape(remark));
    }
    for (label, command) in &item.commands {
        let _ =
            writeln!(text, "  - {}:\n\n    ```text\n    {}\n    ```\n", escape(label), command.replace('\n', "\n    "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_markdown_are_escaped_outside_of_code() {
        assert_eq!(escape("a <b> `c <d> _e_` _f_"), "a \\<b\\> `c <d> _e_` \\_f\\_");
    }
}
