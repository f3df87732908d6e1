//! Lines as the script wrote them: consoles cut long ones at their width.

use std::ops::RangeInclusive;

use crate::document::Line;

/// Widths of consoles.
const WIDTHS: [usize; 3] = [80, 100, 120];
/// The longest line of a document was cut at the width of an unusual console, if it is at least so long.
const WIDEST_MIN: usize = 70;
/// Pieces of one line: the longest, a URL with its label, fits into three lines of 80.
const PIECES_MAX: usize = 6;

/// One line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) text: String,
    /// Lines of the document that it stands in.
    pub(super) lines: RangeInclusive<usize>,
}

/// Joins what was cut. `begins` tells that a line begins something of its own; lines that are not `is_free` are left out.
pub(super) fn outputs(lines: &[Line], is_free: impl Fn(usize) -> bool, begins: impl Fn(&str) -> bool) -> Vec<Output> {
    let widest = lines.iter().map(|line| width(line.text.trim_end())).max().unwrap_or(0);
    let is_cut = |line: &str, next: &str| {
        let indentation = next.chars().take_while(|character| *character == ' ').count();
        // Copies of documents are indented as a whole.
        [0, indentation].into_iter().any(|indentation| {
            let width = width(line).saturating_sub(indentation);
            // A wide character that does not fit leaves the last column empty.
            WIDTHS.iter().any(|full| width == *full || width + 1 == *full)
                || (width >= WIDEST_MIN && width + indentation == widest)
        })
    };
    let mut outputs: Vec<Output> = Vec::new();
    let mut previous: Option<usize> = None;
    for (index, line) in lines.iter().enumerate() {
        if !is_free(index) {
            previous = None;
            continue;
        }
        let text = line.text.trim_end();
        let joins = previous.is_some_and(|previous| is_cut(lines[previous].text.trim_end_matches(['\r', '\n']), text))
            && !text.trim().is_empty()
            && !begins(text);
        match outputs.last_mut() {
            Some(output) if joins && index - output.lines.start() < PIECES_MAX => {
                output.text.push_str(text.trim_start());
                output.lines = *output.lines.start()..=index;
            }
            _ => outputs.push(Output { text: text.to_owned(), lines: index..=index }),
        }
        previous = Some(index);
    }
    outputs
}

/// Columns of a text.
fn width(text: &str) -> usize {
    text.chars().map(|character| if is_wide(character) { 2 } else { 1 }).sum()
}

fn is_wide(character: char) -> bool {
    matches!(
        character,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}'
    )
}
