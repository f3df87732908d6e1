//! Comma-separated values (`Export-Csv`, VAMT's `Export List`): one object a row.

use super::{Record, folded};
use crate::document::{Document, Line};

/// Lines of one row: a quoted value may have line breaks.
const ROW_LINES_MAX: usize = 16;
/// Columns of a table; VAMT has some forty.
const COLUMNS_MAX: usize = 256;
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// Every row below a line whose fields, folded, are names that `is_header` knows.
pub(crate) fn records(document: &Document<'_>, is_header: fn(&[String]) -> bool) -> Vec<Record> {
    let lines = &document.lines;
    let mut records = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let header = SEPARATORS.into_iter().find_map(|separator| {
            let (fields, _) = row(lines, index, separator)?;
            let names: Vec<String> = fields.iter().map(|field| folded(field)).collect();
            is_header(&names).then_some((separator, names))
        });
        index += 1;
        let Some((separator, names)) = header else { continue };
        while let Some((fields, taken)) = row(lines, index, separator).filter(|(fields, _)| fields.len() == names.len())
        {
            let mut record = Record::new("", index);
            for (name, value) in names.iter().zip(&fields) {
                record.put(name, value, index..=index + taken - 1);
            }
            records.push(record);
            index += taken;
        }
    }
    records
}

/// The fields of the row that begins at `index`, and its lines.
fn row(lines: &[Line], index: usize, separator: char) -> Option<(Vec<String>, usize)> {
    if !lines.get(index)?.text.contains(separator) {
        return None;
    }
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for (taken, line) in (1..=ROW_LINES_MAX).zip(lines.get(index..)?) {
        let mut characters = line.text.trim_end_matches('\r').chars().peekable();
        while let Some(character) = characters.next() {
            let field = fields.last_mut()?;
            match character {
                '"' if quoted && characters.peek() == Some(&'"') => {
                    characters.next();
                    field.push('"');
                }
                '"' => quoted = !quoted,
                character if character == separator && !quoted => fields.push(String::new()),
                character => field.push(character),
            }
            if fields.len() > COLUMNS_MAX {
                return None;
            }
        }
        if !quoted {
            return (fields.len() > 1).then_some((fields, taken));
        }
        if let Some(field) = fields.last_mut() {
            field.push(' ');
        }
    }
    None
}
