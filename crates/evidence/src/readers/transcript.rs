//! Transcripts of live exchanges (`kmsdoctor.transcript/1`).
//!
//! A live run records bytes and errors; what they say is decided here, by pure functions, so that a bundle gives the
//! same facts as the run itself. Every fact is dated with the beginning of its exchange.

mod client;
pub(crate) mod dns;
pub(crate) mod endpoint;
mod latency;
mod scope;
mod system;
#[cfg(test)]
mod tests;
mod time;
mod way;

use kmsdoctor_wire::transcript::{FORMAT, Outcome, Record, Transcript};

use crate::document::Document;
use crate::sink::Sink;
use crate::{Reading, Unread};

/// What every version of the format begins with.
const MARK: &str = "\"kmsdoctor.transcript/";

/// The transcript that a document is, or that it is a damaged one; `None` if it is none.
pub(crate) fn parse(document: &Document<'_>) -> Option<Result<Transcript, Unread>> {
    let first = document.lines.iter().find(|line| !line.text.trim().is_empty())?;
    if !first.text.trim_start().starts_with('{') || !document.lines.iter().any(|line| line.text.contains(MARK)) {
        return None;
    }
    let text = document.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    Some(match serde_json::from_str::<Transcript>(&text) {
        Ok(transcript) if transcript.format == FORMAT => Ok(transcript),
        _ => Err(Unread::Damaged),
    })
}

/// Facts of a transcript; `None` if the document is none.
pub(crate) fn read(document: &Document<'_>) -> Option<Reading> {
    let transcript = match parse(document)? {
        Ok(transcript) => transcript,
        Err(why) => return Some(Reading::unread(why)),
    };
    let mut sink = Sink::new(document);
    sink.at(Some(transcript.started_at));
    match &transcript.record {
        Record::Scope(scope) => scope::read(scope, &mut sink),
        Record::Dns(question) => dns::read(question, &mut sink),
        Record::Endpoint(probe) => endpoint::read(probe, &mut sink),
        Record::Time(question) => time::read(question, &mut sink),
        Record::SystemLookup(lookup) => system::read(lookup, &mut sink),
    }
    latency::read(&transcript.record, &mut sink);
    let facts = sink.into_facts();
    // A control probe of a name without addresses, say: whole, and nothing in it.
    let unread = facts.is_empty().then_some(Unread::NothingExchanged);
    let not_asked = match transcript.record {
        Record::Scope(scope) => scope.not_asked,
        _ => Vec::new(),
    };
    Some(Reading { kind: "transcript".to_owned(), facts, resources: Vec::new(), unread, partly: None, not_asked })
}

/// `(0.4 ms)`.
fn milliseconds(elapsed_us: u64) -> String {
    format!("({}.{} ms)", elapsed_us / 1000, elapsed_us % 1000 / 100)
}

/// An outcome in a few words, for quotes.
fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Received { data } => format!("{} bytes received", data.0.len()),
        Outcome::Connected => "connected".to_owned(),
        Outcome::TimedOut => "timed out".to_owned(),
        Outcome::KeptBack => "kept back by this machine".to_owned(),
        Outcome::Refused => "refused".to_owned(),
        Outcome::Reset => "reset".to_owned(),
        Outcome::Closed { data } if data.0.is_empty() => "closed without a byte".to_owned(),
        Outcome::Closed { data } => format!("closed after {} bytes", data.0.len()),
        Outcome::Unreachable { os_error: Some(number) } => format!("unreachable (os error {number})"),
        Outcome::Unreachable { os_error: None } => "unreachable".to_owned(),
        // The system's words have its number.
        Outcome::Failed { text, .. } => format!("not sent, {text}"),
    }
}
