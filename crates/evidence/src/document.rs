//! Documents: the bytes of an artifact as lines of text, each with its byte span in the artifact. Of HTML these are the
//! lines that a browser shows.

mod form;
mod html;

use std::ops::Range;

use kmsdoctor_core::artifact::Artifact;

use self::form::{Form, is_odd};
use crate::Unread;

/// Lines of a document: an export of 64 MiB has about a million, and a file of line breaks alone must not take
/// fifty times its size in memory.
const LINES_MAX: usize = 2_000_000;

/// One line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1; 0 where lines mean nothing, as for the records of a binary file.
    pub number: u32,
    /// Bytes of the line in the artifact, without the line break. Of HTML those of the source lines that it is made of.
    pub span: Range<usize>,
    /// The decoded text, without the line break and without marks of quoted mail, otherwise as it is.
    pub text: String,
}

/// A decoded artifact.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Where it comes from.
    pub artifact: &'a Artifact,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Name of the encoding found: `utf-8`, `utf-16le`, `utf-16be`, `cp932`, `windows-1252`; `evtx` for a binary log
    /// and `hive` for a registry hive, whose records are rendered as one line each.
    pub encoding: &'static str,
}

impl<'a> Document<'a> {
    /// Decodes an artifact by its content: byte order marks, UTF-16 without mark by its zero bytes, UTF-8, else CP932,
    /// else windows-1252. A damaged character becomes U+FFFD and does not change the encoding of the rest.
    pub fn decode(artifact: &'a Artifact) -> Result<Self, Unread> {
        let bytes = artifact.bytes();
        let (form, start) = Form::of(bytes)?;
        let spans = form.spans(bytes, start).ok_or(Unread::TooLarge)?;
        let mut lines = Vec::with_capacity(spans.len());
        for (number, span) in (1..).zip(spans) {
            lines.push(form.line(number, span, bytes));
        }
        let damaged = lines.iter().flat_map(|line| line.text.chars()).filter(|character| is_odd(*character)).count();
        let characters = lines.iter().map(|line| line.text.len()).sum::<usize>();
        if matches!(form, Form::Utf16(_)) && damaged * 4 > characters {
            return Err(Unread::Binary);
        }
        if lines.iter().all(|line| line.text.chars().all(is_blank)) {
            return Err(Unread::Empty);
        }
        if let Some(first) = html::begins(&lines) {
            lines = html::lines(lines, first).ok_or(Unread::TooLarge)?;
        }
        unquote(&mut lines);
        Ok(Self { artifact, lines, encoding: form.name() })
    }

    /// The document but for the lines with these numbers, counted from 0 and in their order.
    pub(crate) fn without(mut self, lines: &[Range<usize>]) -> Self {
        let mut lines = lines.iter().peekable();
        let mut number = 0;
        self.lines.retain(|_| {
            while lines.next_if(|taken| taken.end <= number).is_some() {}
            let is_taken = lines.peek().is_some_and(|taken| taken.contains(&number));
            number += 1;
            !is_taken
        });
        self
    }

    /// A binary artifact as its records: where each stands, and what it says, as a line of text.
    pub(crate) fn of_records(
        artifact: &'a Artifact,
        encoding: &'static str,
        records: Vec<(Range<usize>, String)>,
    ) -> Self {
        let lines = records.into_iter().map(|(span, text)| Line { number: 0, span, text }).collect();
        Self { artifact, lines, encoding }
    }
}

/// Lines in a row that begin with `>` before they count as a quotation of mail: prompts of nslookup, which look the
/// same, have answers between them.
const QUOTED_LINES_MIN: usize = 3;

/// Takes the marks of quoted mail (`> `, `>> `) off.
fn unquote(lines: &mut [Line]) {
    for quoted in lines.chunk_by_mut(|line, next| line.text.starts_with('>') == next.text.starts_with('>')) {
        if quoted.len() >= QUOTED_LINES_MIN {
            for line in quoted.iter_mut().filter(|line| line.text.starts_with('>')) {
                let rest = line.text.trim_start_matches('>');
                line.text = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
            }
        }
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\0' | '\u{1a}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
