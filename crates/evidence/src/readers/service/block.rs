//! Blocks and table rows that describe the service.
//!
//! `sc` and `psservice` print numbers with untranslated names (`STATE : 1  STOPPED`), PowerShell English property names.

use kmsdoctor_core::fact::{Key, Subject, Why};

use super::{NAME, state};
use crate::document::Document;
use crate::readers::{command_line, console};
use crate::sink::Sink;

/// Lines of a block: `sc qc` with its dependencies, `psservice` with a wrapped description, `Format-List *`.
const BLOCK_LINES_MAX: usize = 40;

/// Lines above a row in which the rule below the headings of a table stands: one row is asked for, or a few.
const RULE_LINES_MAX: usize = 8;

/// A word of the vocabulary, or why it is not known, and its line.
type Told = Option<(Result<&'static str, Why>, usize)>;

/// Puts every block and row into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        // Most lines end here.
        if !contains_name(text) {
            continue;
        }
        let block = match console::labelled(text) {
            Some((label, value)) if value.eq_ignore_ascii_case(NAME) => Block::read(document, index, label),
            _ => Block::of_row(document, index),
        };
        if !block.is_elsewhere && !command_line::is_of_another_machine(document, index) {
            block.tell(index, sink);
        }
    }
}

fn contains_name(text: &str) -> bool {
    text.as_bytes().windows(NAME.len()).any(|window| window.eq_ignore_ascii_case(NAME.as_bytes()))
}

#[derive(Default)]
struct Block {
    state: Told,
    start: Told,
    is_delayed: Option<bool>,
    is_elsewhere: bool,
}

impl Block {
    /// The block whose first line, with `first` as its label, stands at `index`.
    fn read(document: &Document<'_>, index: usize, first: &str) -> Self {
        let mut block = Self::default();
        for (at, line) in document.lines.iter().enumerate().skip(index + 1).take(BLOCK_LINES_MAX) {
            if console::is_prompt(&line.text) {
                break;
            }
            let Some((label, value)) = console::labelled(&line.text) else { continue };
            if label == first {
                break;
            }
            block.take(label, value, at);
        }
        block
    }

    fn take(&mut self, label: &str, value: &str, at: usize) {
        let words: Vec<&str> = value.split_whitespace().take(3).collect();
        let start = match (label, words.as_slice()) {
            ("MachineName", [name]) => {
                self.is_elsewhere = *name != ".";
                return;
            }
            ("DelayedAutoStart", [flag]) => {
                self.is_delayed = Some(flag.eq_ignore_ascii_case("true"));
                return;
            }
            // `Status : OK` of Win32_Service is no state.
            ("Status" | "State", [word]) => {
                if let Some(word) = state(word) {
                    self.state = Some((Ok(word), at));
                }
                return;
            }
            ("StartType" | "StartupType" | "StartMode", [word]) => start_of_property(word),
            (_, [number, name, ..]) => {
                if let Some(word) = numbered_state(number, name) {
                    self.state = Some((Ok(word), at));
                }
                numbered_start(number, name, words.get(2).copied())
            }
            _ => None,
        };
        if let Some(start) = start {
            self.start = Some((start, at));
        }
    }

    /// The row of a table: `Stopped  sppsvc  Software Protection`, or `sppsvc  Stopped  Automatic` below its headings.
    fn of_row(document: &Document<'_>, index: usize) -> Self {
        let mut block = Self::default();
        let text = document.lines[index].text.trim();
        let words: Vec<&str> = text.split_whitespace().take(4).collect();
        let is_rule = |text: &str| {
            text.contains("---") && text.chars().all(|character| character == '-' || character.is_whitespace())
        };
        let has_rule = || {
            let above = document.lines[..index].iter().rev().take(RULE_LINES_MAX);
            above.map(|line| line.text.trim()).any(is_rule)
        };
        match words.as_slice() {
            [word, name, _, ..] if name.eq_ignore_ascii_case(NAME) && text.contains("  ") => {
                block.state = state(word).map(|word| (Ok(word), index));
            }
            [name, rest @ ..] if name.eq_ignore_ascii_case(NAME) && !rest.is_empty() && has_rule() => {
                block.state = rest.iter().find_map(|word| state(word)).map(|word| (Ok(word), index));
                block.start = rest.iter().find_map(|word| start_of_property(word)).map(|start| (start, index));
            }
            _ => {}
        }
        block
    }

    fn tell(self, first: usize, sink: &mut Sink<'_>) {
        let start = match (self.start, self.is_delayed) {
            (Some((Err(_), at)), Some(is_delayed)) => Some((Ok(if is_delayed { "delayed" } else { "automatic" }), at)),
            (start, _) => start,
        };
        for (key, told) in [(Key::ServiceState, self.state), (Key::ServiceStartType, start)] {
            let Some((told, at)) = told else { continue };
            // A long block is quoted by the lines that matter.
            let lines = if at - first <= 3 { first..=at } else { at..=at };
            match told {
                Ok(word) => sink.word(&Subject::machine(), key, word, lines),
                Err(why) => sink.unknown(&Subject::machine(), key, why, lines),
            }
        }
    }
}

/// `1  STOPPED`; the number must say the same.
fn numbered_state(number: &str, name: &str) -> Option<&'static str> {
    let word = state(name)?;
    let expected = match word {
        "stopped" => "1",
        "start-pending" => "2",
        "stop-pending" => "3",
        _ => "4",
    };
    (number == expected).then_some(word)
}

/// `2   AUTO_START  (DELAYED)`.
fn numbered_start(number: &str, name: &str, flag: Option<&str>) -> Option<Result<&'static str, Why>> {
    match (number, name) {
        ("2", "AUTO_START") if flag.is_some_and(|flag| flag.contains("DELAYED")) => Some(Ok("delayed")),
        ("2", "AUTO_START") => Some(Ok("automatic")),
        ("3", "DEMAND_START") => Some(Ok("manual")),
        ("4", "DISABLED") => Some(Ok("disabled")),
        _ => None,
    }
}

/// `Automatic` of .NET and `Auto` of WMI leave open whether the start is delayed.
fn start_of_property(word: &str) -> Option<Result<&'static str, Why>> {
    match word.to_ascii_lowercase().as_str() {
        "automatic" | "auto" => Some(Err(Why::NotInEvidence)),
        "automaticdelayedstart" => Some(Ok("delayed")),
        "manual" => Some(Ok("manual")),
        "disabled" => Some(Ok("disabled")),
        _ => None,
    }
}
