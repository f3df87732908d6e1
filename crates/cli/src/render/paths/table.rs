//! Many paths as a table, by verdict.

use std::collections::HashMap;
use std::fmt::Write as _;

use anstyle::Style;
use kmsdoctor_cloud::picture::columns;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::printable;

use super::{Group, VERDICTS, words, write_more};
use crate::words::pick;

/// Rows of a verdict that are shown; with `-v` all are.
const ROWS_MAX: usize = 40;
/// Rows of paths that reach KMS.
const HEALTHY_ROWS_MAX: usize = 5;
/// Columns of a cell; what is longer is cut. The last cell is not.
const CELL_MAX: usize = 36;
/// Elements that are counted.
const ELEMENTS_MAX: usize = 10;

pub(super) fn write(text: &mut String, groups: &[Group<'_>], language: Language, is_verbose: bool) {
    for verdict in VERDICTS {
        let rows: Vec<&Group<'_>> = groups.iter().filter(|group| group.first().verdict == verdict).collect();
        if !rows.is_empty() {
            write_verdict(text, verdict, &rows, language, is_verbose);
        }
    }
}

fn write_verdict(text: &mut String, verdict: &str, groups: &[&Group<'_>], language: Language, is_verbose: bool) {
    let (style, label) = (super::style(verdict), words::verdict(verdict, language));
    let count: usize = groups.iter().map(|group| group.len()).sum();
    let _ = writeln!(text, "\n{style}{label}{style:#} ({count})");
    if verdict == "blocked" {
        write_elements(text, groups, language);
    }
    let shown = match verdict {
        _ if is_verbose => groups.len(),
        "reaches" => HEALTHY_ROWS_MAX,
        _ => ROWS_MAX,
    };
    let has_assumed = groups.iter().any(|group| group.assumed.is_some());
    let mut rows = vec![head(verdict, has_assumed, language)];
    rows.extend(groups.iter().take(shown).map(|group| row(group, has_assumed, language)));
    write_rows(text, &rows);
    if groups.len() > shown {
        write_more(text, groups.len() - shown, language);
    }
}

/// What blocks, and how many paths each: one route table often blocks a whole network.
fn write_elements(text: &mut String, groups: &[&Group<'_>], language: Language) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for group in groups {
        *counts.entry(group.reason().unwrap_or_default()).or_default() += group.len();
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(element, count)| (std::cmp::Reverse(*count), *element));
    let named = counts.iter().take(ELEMENTS_MAX).map(|(element, count)| format!("{} ({count})", printable(element)));
    let _ = writeln!(
        text,
        "  {}: {}",
        pick(language, "止めているもの", "blocked by"),
        named.collect::<Vec<_>>().join(pick(language, "、", ", "))
    );
}

fn head(verdict: &str, has_assumed: bool, language: Language) -> Vec<String> {
    let last = match verdict {
        "blocked" => pick(language, "止めているもの", "blocked by"),
        "cannot-tell" => pick(language, "足りないもの", "wanting"),
        _ => "",
    };
    let mut cells = vec![
        pick(language, "コンピューター", "machine"),
        pick(language, "インターフェイス", "interface"),
        pick(language, "KMS のアドレス", "address of KMS"),
        pick(language, "判定", "verdict"),
    ];
    if has_assumed {
        cells.push(pick(language, "仮定", "assumed"));
    }
    cells.push(last);
    cells.into_iter().map(str::to_owned).collect()
}

fn row(group: &Group<'_>, has_assumed: bool, language: Language) -> Vec<String> {
    let path = group.first();
    let verdict = |verdict| words::verdict(verdict, language).to_owned();
    let mut cells = vec![
        path.machine.clone().unwrap_or_else(|| "-".to_owned()),
        path.interface.clone(),
        group.addresses(),
        verdict(path.verdict),
    ];
    if has_assumed {
        cells.push(group.assumed.map_or_else(|| "-".to_owned(), verdict));
    }
    cells.push(group.reason().unwrap_or_default().to_owned());
    cells
}

fn write_rows(text: &mut String, rows: &[Vec<String>]) {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let count = cells.first().map_or(0, Vec::len);
    let width = |column: usize| cells.iter().map(|row| columns(&row[column]).min(CELL_MAX)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    for (index, row) in cells.iter().enumerate() {
        let mut line = String::from(" ");
        for (column, cell) in row.iter().enumerate() {
            let is_last = column + 1 == count;
            let shown = if is_last { cell.clone() } else { cut(cell, CELL_MAX) };
            let padding = if is_last { 0 } else { widths[column].saturating_sub(columns(&shown)) + 1 };
            let _ = write!(line, " {shown}{}", " ".repeat(padding));
        }
        let style = if index == 0 { Style::new().dimmed() } else { Style::new() };
        let _ = writeln!(text, "{style}{}{style:#}", line.trim_end());
    }
}

/// `text` in at most `limit` columns.
fn cut(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let mut cut = String::new();
    for character in text.chars() {
        if columns(&cut) + columns(character.encode_utf8(&mut [0; 4])) + 1 > limit {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}
