//! The text of a document in one piece, and where in the artifact each part of it stands.

use std::ops::{Range, RangeInclusive};

use kmsdoctor_core::fact::Origin;

use crate::document::Document;
use crate::sink::quote_of;

/// Bytes of a text of which a quote is made: an object begins with its name, or soon says it.
const QUOTE_BYTES: usize = 600;

/// A document's lines, joined by line breaks.
pub(crate) struct Text<'d> {
    document: &'d Document<'d>,
    /// The joined lines.
    pub(crate) joined: String,
    /// Where each line begins in it.
    starts: Vec<usize>,
}

impl<'d> Text<'d> {
    /// The text of a document.
    pub(crate) fn new(document: &'d Document<'d>) -> Self {
        let mut text = String::with_capacity(document.lines.iter().map(|line| line.text.len() + 1).sum());
        let mut starts = Vec::with_capacity(document.lines.len());
        for line in &document.lines {
            starts.push(text.len());
            text.push_str(&line.text);
            text.push('\n');
        }
        Self { document, joined: text, starts }
    }

    /// Number of the line that holds the byte at `at`, counted from 0.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// Where the line with this number begins.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.joined.len())
    }

    /// The lines in which nothing but this part of the text stands; none if there are none.
    pub(crate) fn whole_lines(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let (mut first, mut end) = (self.line(part.start), self.line(part.end.saturating_sub(1)) + 1);
        first += usize::from(!self.joined[self.start(first)..part.start].trim().is_empty());
        end -= usize::from(!self.joined[part.end..self.start(end)].trim().is_empty());
        (first < end).then_some(first..end)
    }

    /// Where a part of the text comes from.
    pub(crate) fn origin(&self, part: &Range<usize>) -> Origin {
        let (first, last) = (self.line(part.start), self.line(part.end.saturating_sub(1)));
        let span = self.place(first, part.start).start..self.place(last, part.end).end;
        self.of(first, span, self.joined.get(part.clone()).unwrap_or_default())
    }

    /// Where whole lines come from.
    pub(crate) fn origin_of_lines(&self, lines: &RangeInclusive<usize>) -> Origin {
        let at = |line: usize| self.document.lines.get(line).map_or(0..0, |line| line.span.clone());
        let text = self.joined.get(self.start(*lines.start())..self.start(lines.end() + 1)).unwrap_or_default();
        self.of(*lines.start(), at(*lines.start()).start..at(*lines.end()).end, text)
    }

    /// The byte at `at` in the artifact; where decoding changed the line, all of the line.
    fn place(&self, line: usize, at: usize) -> Range<usize> {
        let Some(found) = self.document.lines.get(line) else { return 0..0 };
        if found.text.len() == found.span.len() {
            let place = (found.span.start + at.saturating_sub(self.start(line))).min(found.span.end);
            place..place
        } else {
            found.span.clone()
        }
    }

    fn of(&self, line: usize, span: Range<usize>, text: &str) -> Origin {
        let artifact = self.document.artifact;
        let end = text.floor_char_boundary(QUOTE_BYTES);
        let words: Vec<&str> = text.get(..end).unwrap_or_default().split_whitespace().collect();
        Origin {
            artifact: artifact.name().to_owned(),
            sha256: artifact.sha256().to_owned(),
            span,
            line: self.document.lines.get(line).map(|line| line.number).filter(|number| *number > 0),
            quote: quote_of(&words.join(" ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use kmsdoctor_core::artifact::Artifact;

    use super::*;

    #[test]
    fn parts_are_found_in_the_artifact() {
        let artifact = Artifact::new("a.json", b"\xef\xbb\xbfaz\r\n{\r\n  \"name\": 1\r\n}\r\n".to_vec(), None);
        let document = Document::decode(&artifact).expect("text");
        let text = Text::new(&document);
        let from = text.joined.find('{').expect("an object");
        let origin = text.origin(&(from..text.joined.len() - 1));
        assert_eq!((origin.line, origin.quote.as_str()), (Some(2), "{ \"name\": 1 }"));
        assert_eq!(&artifact.bytes()[origin.span], b"{\r\n  \"name\": 1\r\n}");
        let whole = |from: usize, to: usize| text.whole_lines(&(from..to));
        assert_eq!(whole(from, text.joined.len() - 1), Some(1..4));
        assert_eq!((whole(from + 2, from + 8), whole(from, from + 4)), (None, Some(1..2)));
        let lines = text.origin_of_lines(&(0..=1));
        assert_eq!((lines.line, lines.quote.as_str(), lines.span), (Some(1), "az {", 3..8));
    }

    #[test]
    fn where_decoding_changes_a_line_its_whole_place_counts() {
        let bytes = "\u{feff}[1, 22]".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let artifact = Artifact::new("a.json", bytes, None);
        let document = Document::decode(&artifact).expect("text");
        assert_eq!(Text::new(&document).origin(&(4..6)).span, 2..16);
    }
}
