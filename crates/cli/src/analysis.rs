//! From artifacts to a report: the same way for a live run and for files that somebody mailed.

use jiff::Timestamp;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::diagnosis::{Diagnosis, Given, Verdict, diagnose};
use kmsdoctor_core::fact::Fact;
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::redact::Form;
use kmsdoctor_core::report::{self, ArtifactEntry, Note, Report};
use kmsdoctor_evidence::{Reading, Unread};
use kmsdoctor_wire::transcript::NotAsked;

use crate::redaction::Redaction;
use crate::words;

/// A diagnosis with its report.
pub(crate) struct Analysis {
    /// For people.
    pub(crate) diagnosis: Diagnosis<'static>,
    /// For machines.
    pub(crate) report: Report,
}

/// Reads and diagnoses `artifacts`.
pub(crate) fn analyse(
    artifacts: &[Artifact],
    notes: Vec<String>,
    given: &Given,
    redaction: Option<&mut Redaction>,
    language: Language,
) -> Analysis {
    // What was left out may be what matters: then health is not claimed.
    let mut incomplete = !notes.is_empty();
    let mut notes: Vec<Note> = notes.into_iter().map(|text| Note { level: "warning", text }).collect();
    let mut facts: Vec<Fact> = Vec::new();
    let mut resources = Vec::new();
    let mut entries = Vec::new();
    for artifact in artifacts {
        let reading = kmsdoctor_evidence::read(artifact);
        entries.push(entry(artifact, &reading, language));
        notes.extend(
            reading
                .not_asked
                .iter()
                .map(|what| Note { level: "warning", text: words::not_asked(*what, language).to_owned() }),
        );
        if let Some(partly) = &reading.partly {
            let texts = words::partly(partly, language).into_iter();
            notes.extend(texts.map(|text| Note { level: "warning", text: format!("{}: {text}", artifact.name()) }));
        }
        incomplete |= reading.not_asked.contains(&NotAsked::Interrupted);
        incomplete |= matches!(reading.unread, Some(Unread::Damaged | Unread::TooLarge));
        incomplete |= reading.partly.is_some_and(|partly| partly.is_damaged());
        facts.extend(reading.facts);
        resources.extend(reading.resources);
    }
    let paths = kmsdoctor_cloud::paths(&resources);
    facts.extend(paths.iter().flat_map(kmsdoctor_cloud::Path::facts));
    let redactor = redaction.map(|redaction| redaction.learn(artifacts, &facts));
    let mut diagnosis = diagnose(facts, Knowledge::embedded(), given);
    if incomplete && diagnosis.verdict == Verdict::Healthy {
        diagnosis.verdict = Verdict::Undetermined;
        notes.push(Note { level: "warning", text: words::incomplete(language).to_owned() });
    }
    // Judged by what is there; shown by tokens.
    if let Some(redactor) = redactor {
        redactor.diagnosis(&mut diagnosis);
        for entry in &mut entries {
            entry.name = redactor.text(&entry.name, Form::Report);
        }
        for note in &mut notes {
            note.text = redactor.text(&note.text, Form::Report);
        }
    }
    let report = report::build(&diagnosis, entries, notes, Timestamp::now(), language);
    Analysis { diagnosis, report }
}

fn entry(artifact: &Artifact, reading: &Reading, language: Language) -> ArtifactEntry {
    ArtifactEntry {
        name: artifact.name().to_owned(),
        kind: reading.kind.clone(),
        bytes: artifact.bytes().len(),
        sha256: artifact.sha256().to_owned(),
        facts: reading.facts.len(),
        unread: reading.unread.map(|unread| words::unread(unread, language).to_owned()),
    }
}
