//! Tables: what Event Viewer saves as CSV or as text with tabs, and `Get-WinEvent | Export-Csv`. Messages go over several
//! lines between quotation marks.

use super::header::{Header, Label, label_named};
use super::source::Source;
use crate::document::Line;

/// Lines of one row: event 1003 of a machine with Office has some hundred.
const ROW_LINES_MAX: usize = 200;
/// Columns looked at: `Export-Csv` writes some thirty.
const COLUMNS_MAX: usize = 64;
const SEPARATORS: [char; 3] = [',', '\t', ';'];
/// Rows whose quotation marks are never closed, before nothing more is tried: a table that is cut off has one.
const OPEN_ROWS_MAX: usize = 50;
/// Columns that must be known before a line is the head of a table.
const LABELS_MIN: usize = 3;
/// Event Viewer's columns, which are the same in every language: level, time, source, number, category; the message
/// has no head.
const VIEWER: [Label; 6] = [Label::Other, Label::Date, Label::Source, Label::Id, Label::Other, Label::Message];

/// An event in a row, and its message.
pub(super) struct Row {
    pub(super) header: Header,
    pub(super) body: Vec<String>,
}

/// Every event in the lines that are not `owned`.
pub(super) fn rows(lines: &[Line], owned: &[bool]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut table: Option<(char, Vec<Option<Label>>)> = None;
    let (mut index, mut open_rows) = (0, 0);
    while index < lines.len() && open_rows < OPEN_ROWS_MAX {
        let is_free = !owned.get(index).copied().unwrap_or(false);
        if !is_free || lines[index].text.trim().is_empty() {
            table = None;
            index += 1;
            continue;
        }
        if let Some(head) = head_of(&lines[index].text) {
            table = Some(head);
            index += 1;
            continue;
        }
        let viewer = viewer_row(&lines[index].text).map(|separator| (separator, VIEWER.map(Some).to_vec()));
        // The head tells, if it is the head of this table.
        let found = table.take().into_iter().chain(viewer).find_map(|(separator, labels)| {
            let cells = cells(lines, index, separator);
            open_rows += usize::from(cells.is_none());
            let cells = cells?;
            let end = cells.last().map_or(index, |cell| cell.last) + 1;
            Some((row(&cells, &labels, index..end)?, (separator, labels)))
        });
        index += 1;
        if let Some((row, labels)) = found {
            index = row.header.lines.end;
            rows.push(row);
            table = Some(labels);
        }
    }
    rows
}

/// A cell, with the lines that it stands in.
#[derive(Debug, PartialEq)]
struct Cell {
    text: String,
    first: usize,
    last: usize,
}

/// The head of a table: separator and what the columns are about.
fn head_of(text: &str) -> Option<(char, Vec<Option<Label>>)> {
    let text = text.trim_start_matches('\u{feff}');
    SEPARATORS.into_iter().find_map(|separator| {
        if !text.contains(separator) {
            return None;
        }
        let names = text.split(separator).take(COLUMNS_MAX).map(|name| name.trim().trim_matches('"'));
        let mut labels: Vec<Option<Label>> = names.map(label_named).collect();
        let known = labels.iter().flatten().count();
        if known < LABELS_MIN || !labels.contains(&Some(Label::Id)) {
            return None;
        }
        if !labels.contains(&Some(Label::Message)) {
            labels.push(Some(Label::Message));
        }
        Some((separator, labels))
    })
}

/// The separator, if the line is the beginning of a row as Event Viewer writes it.
fn viewer_row(text: &str) -> Option<char> {
    SEPARATORS.into_iter().find(|separator| {
        let mut cells = text.split(*separator).map(|cell| cell.trim().trim_matches('"')).skip(2);
        let (source, id) = (cells.next(), cells.next());
        id.is_some_and(|id| id.parse::<u32>().is_ok()) && source.is_some_and(|source| Source::of(source).is_named())
    })
}

/// The cells of the row that begins in line `start`; `None` if a quotation mark is never closed.
fn cells(lines: &[Line], start: usize, separator: char) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    let mut cell = Cell { text: String::new(), first: start, last: start };
    let mut in_quotes = false;
    for (index, line) in lines.iter().enumerate().skip(start).take(ROW_LINES_MAX) {
        let mut characters = line.text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if in_quotes && characters.peek() == Some(&'"') => {
                    characters.next();
                    cell.text.push('"');
                }
                '"' if in_quotes => in_quotes = false,
                // Only at the front: Event Viewer leaves marks inside of a cell as they are.
                '"' if cell.text.trim().is_empty() => in_quotes = true,
                _ if character == separator && !in_quotes => {
                    cell.last = index;
                    cells.push(cell);
                    if cells.len() > COLUMNS_MAX {
                        return None;
                    }
                    cell = Cell { text: String::new(), first: index, last: index };
                }
                _ => cell.text.push(character),
            }
        }
        cell.last = index;
        if !in_quotes {
            cells.push(cell);
            return Some(cells);
        }
        cell.text.push('\n');
    }
    None
}

fn row(cells: &[Cell], labels: &[Option<Label>], lines: std::ops::Range<usize>) -> Option<Row> {
    let mut header = Header { body: lines.end..lines.end, lines, ..Header::default() };
    let mut body = Vec::new();
    for (cell, label) in cells.iter().zip(labels) {
        let Some(label) = label else { continue };
        header.take(*label, cell.text.trim(), cell.first);
        if *label == Label::Message {
            header.body = cell.first..cell.last + 1;
            body = cell.text.lines().map(str::to_owned).collect();
        }
    }
    (header.id > 0).then_some(Row { header, body })
}
