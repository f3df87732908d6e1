//! Texts of a cause: Markdown with six sections, the same in both languages.

use crate::language::Language;

/// A section of a cause's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What is wrong.
    Fault,
    /// How we know.
    Evidence,
    /// What to do.
    Remedy,
    /// How to go back.
    Undo,
    /// How to prevent it.
    Prevention,
    /// What it is not.
    Rivals,
}

impl Section {
    /// Every section, in the order of the files.
    pub const ALL: [Self; 6] = [Self::Fault, Self::Evidence, Self::Remedy, Self::Undo, Self::Prevention, Self::Rivals];

    /// The heading in the files and in reports.
    pub fn heading(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Fault, Language::Japanese) => "何が起きているか",
            (Self::Fault, Language::English) => "What is wrong",
            (Self::Evidence, Language::Japanese) => "判定の根拠",
            (Self::Evidence, Language::English) => "How we know",
            (Self::Remedy, Language::Japanese) => "対処",
            (Self::Remedy, Language::English) => "What to do",
            (Self::Undo, Language::Japanese) => "元に戻すには",
            (Self::Undo, Language::English) => "How to go back",
            (Self::Prevention, Language::Japanese) => "再発防止",
            (Self::Prevention, Language::English) => "How to prevent it",
            (Self::Rivals, Language::Japanese) => "似ているが違うもの",
            (Self::Rivals, Language::English) => "What it is not",
        }
    }
}

/// The sections of a cause in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    pub(super) japanese: Vec<String>,
    pub(super) english: Vec<String>,
}

impl Text {
    /// The Markdown below a section's heading.
    pub fn section(&self, section: Section, language: Language) -> &str {
        let texts = match language {
            Language::Japanese => &self.japanese,
            Language::English => &self.english,
        };
        texts.get(section as usize).map_or("", String::as_str)
    }
}

/// Splits a file into its sections; the error says in words what does not fit.
pub(super) fn sections(markdown: &str, language: Language) -> Result<Vec<String>, String> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in markdown.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            found.push((heading.trim().to_owned(), String::new()));
        } else if let Some((_, body)) = found.last_mut() {
            body.push_str(line);
            body.push('\n');
        } else if !line.trim().is_empty() && !line.starts_with("# ") {
            return Err(format!("text before the first section: `{line}`"));
        }
    }
    let expected: Vec<&str> = Section::ALL.iter().map(|section| section.heading(language)).collect();
    let headings: Vec<&str> = found.iter().map(|(heading, _)| heading.as_str()).collect();
    if headings != expected {
        return Err(format!("sections must be exactly {expected:?}, found {headings:?}"));
    }
    if let Some((heading, _)) = found.iter().find(|(_, body)| body.trim().is_empty()) {
        return Err(format!("section `{heading}` is empty"));
    }
    Ok(found.into_iter().map(|(_, body)| body.trim().to_owned()).collect())
}
