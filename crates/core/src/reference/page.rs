//! A page: what is known of one entry, ready to be shown.

use super::Kind;
use crate::knowledge::Source;

/// What is known of one entry, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What the entry is.
    pub kind: Kind,
    /// Its id: what leads to this page.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it holds, from the top.
    pub blocks: Vec<Block>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// Text in Markdown: paragraphs, numbered and plain lists, code spans.
    Text(String),
    /// A warning that has to be seen.
    Warning(String),
    /// Names and values.
    Fields(Vec<(String, String)>),
    /// A list, each with a nested remark and commands.
    Items(Vec<Item>),
    /// Other pages.
    Links(Vec<Link>),
    /// A table: heads, rows.
    Table(Vec<String>, Vec<Vec<String>>),
}

/// A line of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// What it says, Markdown in one line.
    pub text: String,
    /// Remarks below it: label and text.
    pub remarks: Vec<(String, String)>,
    /// Commands below it: label and command.
    pub commands: Vec<(String, String)>,
    /// It is to be ticked off.
    pub tick: bool,
}

/// A way to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What the other entry is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it has to do with this one.
    pub remark: Option<String>,
}
