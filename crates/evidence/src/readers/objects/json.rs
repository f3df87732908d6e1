//! JSON anywhere in a document, with the lines that every value stands in; what is cut off is read as far as it goes.

use super::{Record, folded};
use crate::document::Line;

/// Depth of nesting that is followed: WMI objects and metadata of clouds have less than ten levels.
const DEPTH_MAX: usize = 64;
/// Lines of one string, which a console may have wrapped: a signature of 8 KiB has a hundred at 80 columns.
const STRING_LINES_MAX: usize = 256;
/// Values of one document, so that memory stays bounded.
const VALUES_MAX: usize = 500_000;
/// Longest name of a property: it is copied for every element of an array.
const NAME_BYTES_MAX: usize = 200;
/// Longest number or word outside of quotation marks.
const WORD_CHARS_MAX: usize = 40;

pub(super) fn records(lines: &[Line]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut values = 0;
    let mut index = 0;
    while index < lines.len() && values < VALUES_MAX {
        let Some(start) = start(&lines[index].text) else {
            index += 1;
            continue;
        };
        let mut parser =
            Parser { cursor: Cursor { lines, line: index, at: start }, stack: Vec::new(), records: Vec::new(), values };
        parser.run();
        values = parser.values;
        // What stopped it may itself be the beginning of something.
        index = parser.cursor.line.max(index + 1);
        records.append(&mut parser.records);
    }
    records.retain(|record| !record.properties.is_empty());
    records
}

/// Where JSON begins in a line: at its front, or behind a prompt or label.
fn start(text: &str) -> Option<usize> {
    let front = text.len() - text.trim_start().len();
    if text[front..].starts_with(['{', '[']) {
        return Some(front);
    }
    text.find("{\"").into_iter().chain(text.find("[{")).min()
}

struct Cursor<'l> {
    lines: &'l [Line],
    line: usize,
    at: usize,
}

impl Cursor<'_> {
    /// The next character; a line break at the end of each line.
    fn next(&mut self) -> Option<char> {
        let text = &self.lines.get(self.line)?.text;
        let Some(character) = text.get(self.at..).and_then(|rest| rest.chars().next()) else {
            self.line += 1;
            self.at = 0;
            return Some('\n');
        };
        self.at += character.len_utf8();
        Some(character)
    }

    fn peek(&self) -> Option<char> {
        let text = &self.lines.get(self.line)?.text;
        Some(text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('\n'))
    }
}

enum Frame {
    /// An object, and the name whose value comes next.
    Object { record: usize, key: Option<(String, usize)> },
    /// An array that is the value of `key`.
    Array { key: String, line: usize },
}

struct Parser<'l> {
    cursor: Cursor<'l>,
    stack: Vec<Frame>,
    records: Vec<Record>,
    values: usize,
}

impl Parser<'_> {
    /// Reads one value, as far as it is well-formed.
    fn run(&mut self) {
        while self.step().is_some() && !self.stack.is_empty() {}
    }

    /// Reads one token; `None` where it is no JSON, or too much of it.
    fn step(&mut self) -> Option<()> {
        let line = self.cursor.line;
        let character = self.cursor.next()?;
        match character {
            ' ' | '\t' | '\n' | '\r' => {}
            '{' => {
                let (name, _) = self.key();
                self.count()?;
                self.records.push(Record::new(&name, line));
                self.push(Frame::Object { record: self.records.len() - 1, key: None })?;
            }
            '[' => {
                let (key, line) = self.key();
                self.push(Frame::Array { key, line })?;
            }
            '}' => match self.stack.pop()? {
                Frame::Object { record, .. } => {
                    let record = self.records.get_mut(record)?;
                    record.lines = *record.lines.start()..=line;
                }
                Frame::Array { .. } => return None,
            },
            ']' => match self.stack.pop()? {
                Frame::Array { .. } => {}
                Frame::Object { .. } => return None,
            },
            ',' => {
                if let Some(Frame::Object { key, .. }) = self.stack.last_mut() {
                    *key = None;
                }
            }
            '"' => {
                let text = self.string()?;
                match self.stack.last_mut()? {
                    Frame::Object { key, .. } if key.is_none() => {
                        *key = Some((folded(&text), line)).filter(|(name, _)| name.len() <= NAME_BYTES_MAX);
                        if key.is_none() {
                            return None;
                        }
                        self.colon()?;
                    }
                    _ => self.value(&text, line)?,
                }
            }
            character if character.is_ascii_alphanumeric() || character == '-' => {
                let word = self.word(character)?;
                self.value(if word == "null" { "" } else { &word }, line)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn push(&mut self, frame: Frame) -> Option<()> {
        self.stack.push(frame);
        (self.stack.len() <= DEPTH_MAX).then_some(())
    }

    /// The name whose value comes next; elements of an array go by the array's.
    fn key(&mut self) -> (String, usize) {
        let line = self.cursor.line;
        match self.stack.last_mut() {
            Some(Frame::Object { key, .. }) => key.take().unwrap_or_else(|| (String::new(), line)),
            Some(Frame::Array { key, line }) => (key.clone(), *line),
            None => (String::new(), line),
        }
    }

    fn value(&mut self, text: &str, line: usize) -> Option<()> {
        self.count()?;
        let (name, first) = match self.stack.last_mut()? {
            Frame::Object { key, .. } => key.take()?,
            Frame::Array { key, .. } => (key.clone(), line),
        };
        let record = self.stack.iter().rev().find_map(|frame| match frame {
            Frame::Object { record, .. } => Some(*record),
            Frame::Array { .. } => None,
        });
        if let Some(record) = record.and_then(|record| self.records.get_mut(record)) {
            let last = self.cursor.line.min(self.cursor.lines.len().saturating_sub(1)).max(first);
            record.put(&name, text, first..=last);
        }
        Some(())
    }

    /// Objects and values so far.
    fn count(&mut self) -> Option<()> {
        self.values += 1;
        (self.values <= VALUES_MAX).then_some(())
    }

    fn colon(&mut self) -> Option<()> {
        loop {
            match self.cursor.next()? {
                ':' => return Some(()),
                ' ' | '\t' | '\n' | '\r' => {}
                _ => return None,
            }
        }
    }

    /// The rest of a number or of `true`, `false`, `null`.
    fn word(&mut self, first: char) -> Option<String> {
        let mut word = String::from(first);
        while let Some(character) = self.cursor.peek()
            && (character.is_ascii_alphanumeric() || matches!(character, '.' | '+' | '-'))
        {
            word.push(character);
            self.cursor.next();
            if word.len() > WORD_CHARS_MAX {
                return None;
            }
        }
        let is_known = matches!(word.as_str(), "true" | "false" | "null") || word.parse::<f64>().is_ok();
        is_known.then_some(word)
    }

    /// The rest of a string. A string has no line breaks: those in it are the console's.
    fn string(&mut self) -> Option<String> {
        let first = self.cursor.line;
        let mut text = String::new();
        loop {
            match self.cursor.next()? {
                '"' => return Some(text),
                '\n' if self.cursor.line - first > STRING_LINES_MAX => return None,
                '\n' => {}
                '\\' => match self.cursor.next()? {
                    'n' | 'r' | 't' | 'b' | 'f' => text.push(' '),
                    'u' => {
                        let mut code = 0;
                        for _ in 0..4 {
                            code = code * 16 + self.cursor.next()?.to_digit(16)?;
                        }
                        // Halves of pairs stand for characters that no property of interest has.
                        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    other => text.push(other),
                },
                character => text.push(character),
            }
        }
    }
}
