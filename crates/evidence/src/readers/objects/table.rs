//! Tables of PowerShell (`Format-Table`): names, dashes below them, one object a line.

use super::Record;
use crate::document::Line;
use crate::readers::console;

/// Columns of one table: a console is not wider.
const COLUMNS_MAX: usize = 32;

pub(super) fn records(lines: &[Line]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut index = 1;
    while let Some(line) = lines.get(index) {
        let columns = columns(&lines[index - 1].text, &line.text);
        index += 1;
        let Some(columns) = columns else { continue };
        while let Some(line) = lines.get(index) {
            let text = line.text.trim_end();
            if text.is_empty() || console::is_prompt(text) {
                break;
            }
            let mut record = Record::new("", index);
            for ((name, _), value) in columns.iter().zip(cells(text, &columns)) {
                record.put(name, &value, index..=index);
            }
            records.push(record);
            index += 1;
        }
    }
    records
}

/// Names of the columns and where they begin, if `dashes` stands below `names`.
fn columns(names: &str, dashes: &str) -> Option<Vec<(String, usize)>> {
    if !dashes.trim_start().starts_with('-') || !dashes.trim_end().chars().all(|character| "- ".contains(character)) {
        return None;
    }
    let names: Vec<&str> = names.split_whitespace().collect();
    let mut starts = Vec::new();
    let mut before = ' ';
    for (place, character) in dashes.chars().enumerate() {
        if character == '-' && before == ' ' {
            starts.push(place);
        }
        before = character;
    }
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let fits = (2..=COLUMNS_MAX).contains(&names.len()) && names.len() == starts.len() && names.iter().all(is_name);
    fits.then(|| names.into_iter().map(str::to_owned).zip(starts).collect())
}

/// The cells of a line. Numbers stand at the right of their column and may begin before its name.
fn cells(text: &str, columns: &[(String, usize)]) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let start_of = |column: usize| {
        let Some((_, start)) = columns.get(column) else { return characters.len() };
        let mut start = (*start).min(characters.len());
        while column > 0 && start > 0 && characters.get(start).is_some_and(|here| *here != ' ') {
            if characters[start - 1] == ' ' {
                break;
            }
            start -= 1;
        }
        start
    };
    (0..columns.len())
        .map(|column| {
            let (start, end) = (start_of(column), start_of(column + 1));
            characters.get(start..end).unwrap_or_default().iter().collect::<String>()
        })
        .collect()
}
