//! The sink: where readers put facts, so that every fact carries its place.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::{Fact, Key, Origin, State, Subject, Value, Why};
use kmsdoctor_core::printable::{harmless, printable};

use crate::document::{Document, Line};

/// Characters of a quote: enough for one console line of 120 columns, twice.
const QUOTE_CHARS_MAX: usize = 240;

/// Collects the facts of one reader over one document.
pub struct Sink<'a> {
    document: &'a Document<'a>,
    facts: Vec<Fact>,
    time: Option<Timestamp>,
    left_out: usize,
}

impl<'a> Sink<'a> {
    /// An empty sink. Facts have no time until [`Sink::at`] is called.
    pub fn new(document: &'a Document<'a>) -> Self {
        Self { document, facts: Vec::new(), time: None, left_out: 0 }
    }

    /// Dates the facts that follow.
    pub fn at(&mut self, time: Option<Timestamp>) {
        self.time = time;
    }

    /// `key` of `subject` is `value`, as the lines with these indices (into `document.lines`) say.
    pub fn present(&mut self, subject: &Subject, key: Key, value: Value, lines: RangeInclusive<usize>) {
        let value = match value {
            Value::Text(text) => Value::Text(printable(&text)),
            value => value,
        };
        self.put(subject, key, State::Present(value), lines);
    }

    /// Like [`Sink::present`] for a word of the key's vocabulary; a word outside of it is a programming error and is
    /// recorded as unreadable rather than dropped.
    pub fn word(&mut self, subject: &Subject, key: Key, word: &str, lines: RangeInclusive<usize>) {
        let state = key.word(word).map_or(State::Unknown(Why::Unreadable), |word| State::Present(Value::Word(word)));
        debug_assert!(!matches!(state, State::Unknown(_)), "`{word}` is no word of {}", key.name());
        self.put(subject, key, state, lines);
    }

    /// Like [`Sink::word`] for lines that hold what no report may show: `quote` stands for them.
    pub fn word_quoted_as(
        &mut self,
        subject: &Subject,
        key: Key,
        word: &str,
        lines: RangeInclusive<usize>,
        quote: &str,
    ) {
        self.word(subject, key, word, lines);
        if let Some(origin) = self.facts.last_mut().and_then(|fact| fact.origins.first_mut()) {
            origin.quote = quote_of(quote);
        }
    }

    /// The lines show that there is no `key`.
    pub fn absent(&mut self, subject: &Subject, key: Key, lines: RangeInclusive<usize>) {
        self.put(subject, key, State::Absent, lines);
    }

    /// The lines speak of `key` and do not tell it.
    pub fn unknown(&mut self, subject: &Subject, key: Key, why: Why, lines: RangeInclusive<usize>) {
        self.put(subject, key, State::Unknown(why), lines);
    }

    /// A fact whose quote is not a line of text but a rendering of a live exchange.
    pub fn exchange(&mut self, subject: &Subject, key: Key, state: State, quote: &str) {
        let artifact = self.document.artifact;
        let origin = Origin {
            artifact: artifact.name().to_owned(),
            sha256: artifact.sha256().to_owned(),
            span: 0..artifact.bytes().len(),
            line: None,
            quote: quote_of(quote),
        };
        self.facts.push(Fact { subject: subject.clone(), key, state, time: self.time, origins: vec![origin] });
    }

    /// The artifact that is read.
    pub(crate) fn artifact(&self) -> &'a Artifact {
        self.document.artifact
    }

    /// What the facts are dated with.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// So many events were recognised and not read, because there are too many of them.
    pub fn leave_out(&mut self, events: usize) {
        self.left_out += events;
    }

    /// Events that were recognised and not read.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// What was said of the machine.
    pub(crate) fn keys_of_machine(&self) -> BTreeSet<Key> {
        let machine = Subject::machine();
        self.facts.iter().filter(|fact| fact.subject == machine).map(|fact| fact.key).collect()
    }

    /// An empty sink over the same document.
    pub(crate) fn beside(&self) -> Self {
        Self::new(self.document)
    }

    /// Takes over facts of another sink of the same document.
    pub(crate) fn append(&mut self, facts: Vec<Fact>) {
        self.facts.extend(facts);
    }

    /// The collected facts.
    pub fn into_facts(self) -> Vec<Fact> {
        self.facts
    }

    fn put(&mut self, subject: &Subject, key: Key, state: State, lines: RangeInclusive<usize>) {
        let artifact = self.document.artifact;
        let lines: &[Line] = self.document.lines.get(lines).unwrap_or_default();
        let span = lines.first().map_or(0, |line| line.span.start)..lines.last().map_or(0, |line| line.span.end);
        let text = lines.iter().map(|line| line.text.trim()).collect::<Vec<_>>().join(" ");
        let origin = Origin {
            artifact: artifact.name().to_owned(),
            sha256: artifact.sha256().to_owned(),
            span,
            line: lines.first().map(|line| line.number).filter(|number| *number > 0),
            quote: quote_of(&text),
        };
        self.facts.push(Fact { subject: subject.clone(), key, state, time: self.time, origins: vec![origin] });
    }
}

/// One line of harmless text.
pub(crate) fn quote_of(text: &str) -> String {
    let mut quote = String::new();
    for (count, character) in text.trim().chars().enumerate() {
        if count == QUOTE_CHARS_MAX {
            quote.push('…');
            break;
        }
        quote.push(harmless(character));
    }
    quote
}
