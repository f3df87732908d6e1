//! Redacted evidence: artifacts whose names, addresses, users and ids are tokens, and that give the same findings.
//!
//! Text is written again as UTF-8. Transcripts are rewritten field by field, and the messages in them, so that they stay
//! transcripts. HTML, hives and binary logs are written as the text of what is read of them; other binary files have no
//! redacted form.

#[cfg(test)]
mod tests;
mod transcript;

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::redact::{Form, Redactor};

use crate::bytes_max;
use crate::document::Document;
use crate::readers::events::evtx;
use crate::readers::{hive, transcript as reader};

/// Learns what is said in an artifact, so that it is found in all of them. Learn the facts first.
pub fn learn(artifact: &Artifact, redactor: &mut Redactor) {
    redactor.learn_text(artifact.name());
    match content(artifact) {
        Some(Content::Text(text)) => redactor.learn_text(&text),
        Some(Content::Transcript(transcript)) => transcript::learn(&transcript, redactor),
        None => {}
    }
}

/// The redacted form of an artifact; none of a binary file that is not read as text.
pub fn artifact(artifact: &Artifact, redactor: &mut Redactor) -> Option<Artifact> {
    let bytes = match content(artifact)? {
        Content::Text(text) => redactor.text(&text, Form::Evidence).into_bytes(),
        Content::Transcript(mut transcript) => {
            transcript::rewrite(&mut transcript, redactor);
            serde_json::to_vec_pretty(&*transcript).ok()?
        }
    };
    let name = redactor.text(artifact.name(), Form::Evidence);
    Some(Artifact::new(name, bytes, artifact.collected_at()))
}

enum Content {
    Text(String),
    Transcript(Box<kmsdoctor_wire::transcript::Transcript>),
}

fn content(artifact: &Artifact) -> Option<Content> {
    if artifact.bytes().len() > bytes_max(artifact.bytes()) {
        return None;
    }
    if hive::is_hive(artifact.bytes()) {
        return hive::text(artifact).map(Content::Text);
    }
    if evtx::is_log(artifact.bytes()) {
        return evtx::text(artifact).map(Content::Text);
    }
    let document = Document::decode(artifact).ok()?;
    if let Some(transcript) = reader::parse(&document) {
        // One that is damaged is no text either: names stand in its messages as digits.
        return transcript.ok().map(|transcript| Content::Transcript(Box::new(transcript)));
    }
    let mut text = String::new();
    for line in &document.lines {
        text.push_str(&line.text);
        text.push('\n');
    }
    Some(Content::Text(text))
}
