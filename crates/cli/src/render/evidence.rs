//! Findings and what they rest on, for people.

use kmsdoctor_core::diagnosis::{Diagnosis, Finding};
use kmsdoctor_core::fact::{Fact, Key, Origin, SubjectKind, Value, word_label};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::printable;

use crate::words::pick;

/// Findings that carry the verdict. Those of one cause on several paths of a network are told together: they have one remedy.
pub(super) fn carried<'f, 'k>(diagnosis: &'f Diagnosis<'k>) -> Vec<Vec<&'f Finding<'k>>> {
    let mut carried: Vec<Vec<&Finding<'_>>> = Vec::new();
    for finding in diagnosis.findings.iter().filter(|finding| finding.status.carries()) {
        let is_on_path = finding.subject.as_ref().is_some_and(|subject| subject.kind == SubjectKind::CloudPath);
        let is_alike = |told: &Finding<'_>| {
            (&told.cause.id, told.status, told.machine) == (&finding.cause.id, finding.status, finding.machine)
        };
        match carried.iter_mut().find(|told| is_on_path && is_alike(told[0])) {
            Some(told) => told.push(finding),
            None => carried.push(vec![finding]),
        }
    }
    carried
}

/// Facts by the place that they were read from, with what each says: one place often says several things.
pub(super) fn places(facts: &[Fact], language: Language) -> Vec<(&Origin, Vec<String>)> {
    let mut places: Vec<(&Origin, Vec<String>)> = Vec::new();
    for fact in facts {
        let said = said(fact, language);
        for origin in &fact.origins {
            match places.iter_mut().find(|(known, _)| *known == origin) {
                Some((_, sayings)) if sayings.contains(&said) => {}
                Some((_, sayings)) => sayings.push(said.clone()),
                None => places.push((origin, vec![said.clone()])),
            }
        }
    }
    places
}

fn said(fact: &Fact, language: Language) -> String {
    let label = fact.key.label(language);
    match fact.value() {
        Some(Value::Flag(true)) => label.to_owned(),
        Some(Value::Flag(false)) => format!("{label}: {}", pick(language, "いいえ", "no")),
        Some(Value::Word(word)) => format!("{label}: {}", word_label(word, language)),
        Some(Value::Integer(flags)) if fact.key == Key::AttemptFlags => format!("{label}: 0x{flags:08X}"),
        Some(value) => format!("{label}: {}", printable(&value.to_string())),
        None => format!("{label}: {}", pick(language, "なし", "none")),
    }
}

/// `events.txt:12`.
pub(super) fn place(artifact: &str, line: Option<u32>) -> String {
    match line {
        Some(line) => format!("{}:{line}", printable(artifact)),
        None => printable(artifact),
    }
}
