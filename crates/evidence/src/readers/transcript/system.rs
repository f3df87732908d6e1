//! Names as the system of the client looks them up.

use std::collections::BTreeSet;

use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value, Why};
use kmsdoctor_wire::transcript::{LookupOutcome, SystemLookup};

use super::milliseconds;
use crate::readers::names;
use crate::sink::Sink;

/// Error numbers with which Windows says that there is no such name or no address: `WSAHOST_NOT_FOUND`,
/// `WSANO_DATA`.
const NOT_FOUND: [i32; 2] = [11001, 11004];

/// The same in the words of glibc, of musl and of macOS, which give no number.
const NOT_FOUND_WORDS: [&str; 4] = [
    "Name or service not known",
    "No address associated with hostname",
    "Name does not resolve",
    "nodename nor servname",
];

/// The address that the client takes for the name.
pub(super) fn read(lookup: &SystemLookup, sink: &mut Sink<'_>) {
    let (state, words) = match &lookup.outcome {
        LookupOutcome::Found { addresses } => {
            let list = names::list(addresses.iter().collect::<BTreeSet<_>>());
            (State::Present(Value::Text(list.clone())), list)
        }
        LookupOutcome::Failed { os_error, text } if says_none(*os_error, text) => (State::Absent, text.clone()),
        LookupOutcome::Failed { text, .. } => (State::Unknown(Why::NoAnswer), text.clone()),
        LookupOutcome::TimedOut => (State::Unknown(Why::NoAnswer), "timed out".to_owned()),
    };
    let quote = format!("system lookup {}: {words} {}", lookup.name, milliseconds(lookup.elapsed_us));
    sink.exchange(&Subject::new(SubjectKind::Name, &lookup.name), Key::NameClientAddress, state, &quote);
}

fn says_none(os_error: Option<i32>, text: &str) -> bool {
    match os_error {
        Some(number) => NOT_FOUND.contains(&number),
        None => NOT_FOUND_WORDS.iter().any(|words| text.contains(words)),
    }
}
