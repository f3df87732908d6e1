//! Tags and text, one after the other, as lines.

use html5gum::Span;

use crate::document::{LINES_MAX, Line};

/// Longest name of a property.
const NAME_CHARS_MAX: usize = 40;

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 41] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "option",
    "p",
    "section",
    "select",
    "summary",
    "title",
    "ul",
];

/// Elements that begin and end a row of a table.
const ROWS: [&str; 5] = ["table", "tbody", "tfoot", "thead", "tr"];

/// Elements that keep blanks and line breaks.
const KEPT: [&str; 4] = ["listing", "pre", "textarea", "xmp"];

/// Elements whose content nobody sees.
const HIDDEN: [&str; 2] = ["script", "style"];

/// A finished cell.
struct Cell {
    text: String,
    is_heading: bool,
}

/// The lines so far and the open one.
pub(super) struct Writer<'s> {
    source: &'s [Line],
    /// Where each source line begins in the text of the tokenizer.
    starts: Vec<usize>,
    lines: Vec<Line>,
    is_full: bool,
    /// Finished cells of the row.
    cells: Vec<Cell>,
    /// Whether a cell is open, and whether it is a heading.
    cell: Option<bool>,
    /// Names of properties, if the table is one of objects.
    names: Vec<String>,
    text: String,
    /// Blanks stand between the text and what follows.
    is_apart: bool,
    /// Ends of lines between the text and what follows. They count only if something does: the end of a paragraph ends no
    /// row.
    breaks: usize,
    /// Elements that are open and keep blanks.
    kept: usize,
    is_hidden: bool,
    /// The source line that is read.
    at: usize,
    /// First and last source line of the open line.
    place: Option<(usize, usize)>,
}

impl<'s> Writer<'s> {
    pub(super) fn new(source: &'s [Line], starts: Vec<usize>) -> Self {
        Self {
            source,
            starts,
            lines: Vec::new(),
            is_full: false,
            cells: Vec::new(),
            cell: None,
            names: Vec::new(),
            text: String::new(),
            is_apart: false,
            breaks: 0,
            kept: 0,
            is_hidden: false,
            at: 0,
            place: None,
        }
    }

    /// The lines; `None` if they are too many.
    pub(super) fn finish(mut self) -> Option<Vec<Line>> {
        self.end_line();
        (!self.is_full).then_some(self.lines)
    }

    /// A start tag.
    pub(super) fn open(&mut self, name: &[u8]) {
        match name {
            b"br" => self.breaks += 1,
            b"td" | b"th" => {
                self.close_cell();
                if !self.text.is_empty() {
                    self.end_line();
                }
                self.cell = Some(name == b"th");
            }
            _ if is_of(name, &HIDDEN) => self.is_hidden = true,
            _ if is_of(name, &ROWS) => self.end_row(name),
            _ if is_of(name, &KEPT) => {
                self.end_block();
                self.kept += 1;
            }
            _ if is_of(name, &BLOCKS) => self.end_block(),
            _ => {}
        }
    }

    /// An end tag.
    pub(super) fn close(&mut self, name: &[u8]) {
        match name {
            b"td" | b"th" => self.close_cell(),
            _ if is_of(name, &HIDDEN) => self.is_hidden = false,
            _ if is_of(name, &ROWS) => self.end_row(name),
            _ if is_of(name, &KEPT) => {
                self.end_block();
                self.kept = self.kept.saturating_sub(1);
            }
            _ if is_of(name, &BLOCKS) => {
                self.end_block();
                // What somebody has put behind the document is text as it stands there.
                if name == b"html" {
                    self.kept = 1;
                }
            }
            _ => {}
        }
    }

    /// Text between tags, with its character references put in.
    pub(super) fn text(&mut self, value: &[u8], place: Span<usize>) {
        if self.is_hidden {
            return;
        }
        while self.goes_on_before(place.start) {
            self.at += 1;
        }
        for character in String::from_utf8_lossy(value).chars() {
            match character {
                '\n' => {
                    self.breaks += usize::from(self.kept > 0);
                    self.is_apart = true;
                    // A line break that is written as a reference is none of the source.
                    self.at += usize::from(self.goes_on_before(place.end));
                }
                ' ' | '\t' | '\r' | '\u{c}' if self.kept == 0 => self.is_apart = true,
                // Mail programs write the blanks of console output so.
                '\u{a0}' => self.push(' '),
                character => self.push(character),
            }
        }
    }

    /// Whether the next source line begins at `place` or before it.
    fn goes_on_before(&self, place: usize) -> bool {
        self.starts.get(self.at + 1).is_some_and(|start| *start <= place)
    }

    fn push(&mut self, character: char) {
        let begins_cell = self.cell.is_some() && self.text.is_empty() && !self.cells.is_empty();
        if self.breaks > 0 && !begins_cell {
            self.end_lines();
        }
        self.breaks = 0;
        if self.is_apart && self.kept == 0 && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.is_apart = false;
        self.text.push(character);
        self.place = Some((self.place.map_or(self.at, |(first, _)| first), self.at));
    }

    /// A line ends here if something follows.
    fn end_block(&mut self) {
        if !self.text.is_empty() {
            self.breaks = self.breaks.max(1);
        }
        self.is_apart = false;
    }

    /// Ends the open line and adds the empty ones between it and what follows.
    fn end_lines(&mut self) {
        let (cell, breaks) = (self.cell, self.breaks);
        let empty = breaks - usize::from(self.end_line());
        for _ in 0..empty {
            self.put(String::new(), (self.at, self.at));
        }
        self.cell = cell;
    }

    fn close_cell(&mut self) {
        if let Some(is_heading) = self.cell.take() {
            let text = std::mem::take(&mut self.text).trim().to_owned();
            self.cells.push(Cell { text, is_heading });
            self.breaks = 0;
            self.is_apart = false;
        }
    }

    fn end_row(&mut self, name: &[u8]) {
        let breaks = self.breaks;
        self.breaks = breaks.saturating_sub(usize::from(self.end_line()));
        if name == b"table" {
            self.names.clear();
        }
    }

    /// Ends the open line or row; whether there was one.
    fn end_line(&mut self) -> bool {
        self.close_cell();
        let mut cells = std::mem::take(&mut self.cells);
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text).trim_end().to_owned();
            cells.push(Cell { text, is_heading: false });
        }
        self.is_apart = false;
        let Some(place) = self.place.take() else { return false };
        if cells.len() > 1 && cells.iter().all(|cell| cell.is_heading) {
            self.names = names(&cells);
        } else if cells.len() == self.names.len() {
            for (index, cell) in cells.iter().enumerate() {
                self.put(format!("{} : {}", self.names[index], cell.text), place);
            }
            self.put(String::new(), place);
            return true;
        }
        self.put(joined(&cells), place);
        true
    }

    /// Adds a line made of these source lines.
    fn put(&mut self, text: String, (first, last): (usize, usize)) {
        if self.lines.len() >= LINES_MAX {
            self.is_full = true;
        } else if let (Some(first), Some(last)) = (self.source.get(first), self.source.get(last)) {
            self.lines.push(Line { number: first.number, span: first.span.start..last.span.end, text });
        }
    }
}

fn is_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|known| known.as_bytes() == name)
}

/// The names of properties that these headings are: those of a class have several words written as one. Headings for
/// people have blanks.
fn names(headings: &[Cell]) -> Vec<String> {
    let is_name = |cell: &Cell| {
        (1..=NAME_CHARS_MAX).contains(&cell.text.len())
            && cell.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let has_words = |cell: &Cell| {
        cell.text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    };
    if headings.iter().all(is_name) && headings.iter().any(has_words) {
        headings.iter().map(|cell| cell.text.clone()).collect()
    } else {
        Vec::new()
    }
}

/// A row as a line: `label: value`, or its cells side by side.
fn joined(cells: &[Cell]) -> String {
    let end = cells.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
    match &cells[..end] {
        [label, value] if !label.text.is_empty() => {
            let label = label.text.trim_end_matches([':', '：']).trim_end();
            format!("{label}: {}", value.text)
        }
        cells => {
            let texts = cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty());
            texts.collect::<Vec<_>>().join("  ")
        }
    }
}
