//! Facts: typed statements read from artifacts, three-valued, with the place that they were read from.

mod base;
mod catalogue;
mod measured;
mod words;

pub(crate) use base::SAME_MOMENT;
pub use base::{Current, FactBase, SUBJECTS_MAX};
pub use catalogue::{Key, LICENSE_STATES, SubjectKind, ValueType};
pub use words::word_label;

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;

use crate::code::ErrorCode;
use crate::printable::printable;

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which one: `kms1.contoso.com:1688`, `contoso.com`, an activation ID. Empty for the one machine in question.
    pub id: String,
}

impl Subject {
    /// A subject of `kind` named `id`. Names of the network are compared without case and trailing dot.
    pub fn new(kind: SubjectKind, id: impl Into<String>) -> Self {
        // Names come from outside: they are printed, and must not fake output.
        let id = printable(&id.into());
        let id = id.trim().trim_end_matches('.');
        let id = if kind == SubjectKind::Attempt { id.to_owned() } else { id.to_lowercase() };
        Self { kind, id }
    }

    /// The machine in question.
    pub fn machine() -> Self {
        Self::new(SubjectKind::Machine, "")
    }

    /// A KMS host with its port.
    pub fn endpoint(host: &str, port: u16) -> Self {
        let host = host.trim().trim_end_matches('.');
        if host.contains(':') {
            Self::new(SubjectKind::Endpoint, format!("[{host}]:{port}"))
        } else {
            Self::new(SubjectKind::Endpoint, format!("{host}:{port}"))
        }
    }

    /// Host part of an endpoint, the whole id of anything else.
    pub fn host(&self) -> &str {
        match self.kind {
            SubjectKind::Endpoint => self
                .id
                .rsplit_once(':')
                .map_or(self.id.as_str(), |(host, _)| host.trim_start_matches('[').trim_end_matches(']')),
            _ => &self.id,
        }
    }

    /// Port of an endpoint.
    pub fn port(&self) -> Option<u16> {
        match self.kind {
            SubjectKind::Endpoint => self.id.rsplit_once(':')?.1.parse().ok(),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id)
    }
}

/// A present value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A word of the key's vocabulary (see [`ValueType::Word`]).
    Word(&'static str),
    /// Free text: names, versions.
    Text(String),
    /// A whole number; the unit stands in the key's name.
    Integer(i64),
    /// Seconds, signed.
    Seconds(f64),
    /// Yes or no.
    Flag(bool),
    /// An error code.
    Code(ErrorCode),
    /// A point in time (UTC).
    Time(Timestamp),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => formatter.write_str(word),
            Self::Text(text) => formatter.write_str(text),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Seconds(seconds) => write!(formatter, "{seconds:+.3}"),
            Self::Flag(flag) => write!(formatter, "{flag}"),
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Time(time) => write!(formatter, "{time}"),
        }
    }
}

/// Why something is not known. Missing evidence is a value, never `false`. Ordered by weight: how much was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Nothing in the evidence speaks of it.
    NotInEvidence,
    /// It was asked for and no answer came.
    NoAnswer,
    /// It is there but cannot be read (damaged, masked, in an unknown form).
    Unreadable,
    /// Two sources of the same weight contradict each other.
    Contradictory,
    /// The rights of the run did not suffice to see it.
    NotPermitted,
}

/// The state of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// It is there, with this value.
    Present(Value),
    /// The evidence shows that there is none (no value configured, no record).
    Absent,
    /// The evidence does not tell, and why.
    Unknown(Why),
}

/// Where a fact was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Name of the artifact.
    pub artifact: String,
    /// SHA-256 of the artifact: names may repeat, this does not.
    pub sha256: String,
    /// Byte span in the artifact that the fact rests on.
    pub span: Range<usize>,
    /// First line of the span, counted from 1; `None` where lines mean nothing (a live exchange).
    pub line: Option<u32>,
    /// The text of the span for people, one line, free of control characters, cut at 240 characters.
    pub quote: String,
}

/// A typed statement about a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub key: Key,
    /// The value, or that there is none, or that it is not known.
    pub state: State,
    /// When it was true, where the evidence dates it.
    pub time: Option<Timestamp>,
    /// Where it was read; several for a fact that was derived from others.
    pub origins: Vec<Origin>,
}

impl Fact {
    /// The value, if present.
    pub fn value(&self) -> Option<&Value> {
        match &self.state {
            State::Present(value) => Some(value),
            _ => None,
        }
    }
}
