//! `Name : value` below one another (`Format-List`), and `Name=value` (`wmic … /value`).

use super::{Lines, PROPERTIES_MAX, Record, folded};
use crate::document::Line;
use crate::readers::console;

/// Blank lines that end an object of `wmic`, which puts one between properties when its output is saved.
const WMIC_BLANKS_MIN: usize = 2;
/// Indentation of a value that goes on below.
const CONTINUATION_INDENT_MIN: usize = 4;
/// Widths at which a console cuts a value anywhere; a shorter line was broken between words.
const WIDTHS: [usize; 3] = [80, 100, 120];
/// Longest name of a property.
const NAME_CHARS_MAX: usize = 80;

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Colon,
    Equals,
}

pub(super) fn records(lines: &[Line]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut open = Open::default();
    for (index, line) in lines.iter().enumerate() {
        let text = line.text.as_str();
        if text.trim().is_empty() {
            open.blanks += 1;
            if open.form == Some(Form::Colon) || open.blanks >= WMIC_BLANKS_MIN {
                open.close(&mut records);
            }
            continue;
        }
        if let Some((form, name, value)) = property(text) {
            if open.form != Some(form) || open.has(name) {
                open.close(&mut records);
            }
            open.push(form, name, value, index);
        } else if open.form == Some(Form::Colon) && open.blanks == 0 && is_continuation(text) {
            let above = index.checked_sub(1).and_then(|above| lines.get(above)).map_or("", |line| line.text.trim_end());
            open.extend(text, index, is_cut(above));
        } else {
            open.close(&mut records);
        }
        open.blanks = 0;
    }
    open.close(&mut records);
    records
}

/// The object that is being read.
#[derive(Default)]
struct Open {
    form: Option<Form>,
    properties: Vec<(String, String, Lines)>,
    blanks: usize,
}

impl Open {
    fn has(&self, name: &str) -> bool {
        let name = folded(name);
        self.properties.len() >= PROPERTIES_MAX || self.properties.iter().any(|(known, ..)| *known == name)
    }

    fn push(&mut self, form: Form, name: &str, value: &str, index: usize) {
        self.form = Some(form);
        self.properties.push((folded(name), value.to_owned(), index..=index));
    }

    fn extend(&mut self, text: &str, index: usize, is_cut: bool) {
        if let Some((_, value, lines)) = self.properties.last_mut() {
            if !is_cut {
                value.push(' ');
            }
            value.push_str(text.trim());
            *lines = *lines.start()..=index;
        }
    }

    fn close(&mut self, records: &mut Vec<Record>) {
        if let Some((_, _, first)) = self.properties.first() {
            let mut record = Record::new("", *first.start());
            for (name, value, lines) in self.properties.drain(..) {
                record.put(&name, &value, lines);
            }
            records.push(record);
        }
        *self = Self::default();
    }
}

/// The blank before the colon tells a list of PowerShell from any `label: value`.
fn property(text: &str) -> Option<(Form, &str, &str)> {
    let at = text.find([':', '='])?;
    let (name, value) = (&text[..at], &text[at + 1..]);
    let form = if text[at..].starts_with(':') { Form::Colon } else { Form::Equals };
    let is_set_off = match form {
        Form::Colon => name.ends_with(' ') && (value.is_empty() || value.starts_with(' ')),
        Form::Equals => !name.ends_with(' '),
    };
    let name = name.trim();
    let is_name = name.len() <= NAME_CHARS_MAX
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    (is_set_off && is_name).then_some((form, name, value))
}

fn is_cut(line: &str) -> bool {
    let width = line.chars().count();
    WIDTHS.iter().any(|full| width == *full || width + 1 == *full)
}

fn is_continuation(text: &str) -> bool {
    text.chars().take_while(|character| *character == ' ').count() >= CONTINUATION_INDENT_MIN
        && !console::is_prompt(text)
}
