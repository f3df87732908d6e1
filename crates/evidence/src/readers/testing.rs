//! What the tests of readers share.

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::{Fact, State};

use crate::document::Document;
use crate::sink::Sink;

/// Facts that `read` finds in `input`.
pub(crate) fn facts(read: fn(&Document<'_>, &mut Sink<'_>), input: &[u8]) -> Vec<Fact> {
    let artifact = Artifact::new("test", input.to_vec(), None);
    let Ok(document) = Document::decode(&artifact) else { return Vec::new() };
    let mut sink = Sink::new(&document);
    read(&document, &mut sink);
    sink.into_facts()
}

/// Runs `read` over `input` with `byte` written at `at` and everything behind `end` cut off: it must not panic.
pub(crate) fn mutate(read: fn(&Document<'_>, &mut Sink<'_>), input: &str, (at, byte, end): (usize, u8, usize)) {
    let mut bytes = input.as_bytes()[..=end % input.len()].to_vec();
    let at = at % bytes.len();
    bytes[at] = byte;
    facts(read, &bytes);
}

/// One line per fact: `contoso.com domain.srv = found @4`, `machine kms.pinned-host absent @2`.
pub(crate) fn render(facts: &[Fact]) -> String {
    let mut lines = Vec::new();
    for fact in facts {
        let subject = if fact.subject.id.is_empty() { fact.subject.kind.name() } else { &fact.subject.id };
        let state = match &fact.state {
            State::Present(value) => format!("= {value}"),
            State::Absent => "absent".to_owned(),
            State::Unknown(why) => format!("unknown {why:?}"),
        };
        let line = fact.origins[0].line.map(|line| format!(" @{line}")).unwrap_or_default();
        lines.push(format!("{subject} {} {state}{line}", fact.key.name()));
    }
    lines.join("\n")
}

/// Asserts that `read` finds exactly `expect` in `input`, as [`render`] writes it. Indentation of `expect` and the
/// line break that begins `input` do not count.
pub(crate) fn check(read: fn(&Document<'_>, &mut Sink<'_>), input: &str, expect: &str) {
    let input = input.strip_prefix('\n').unwrap_or(input);
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let found = facts(read, input.as_bytes());
    assert_eq!(render(&found).lines().collect::<Vec<_>>(), expect, "\nin:\n{input}");
    for fact in &found {
        let origin = &fact.origins[0];
        assert!(origin.span.end <= input.len() && origin.span.start < origin.span.end, "{origin:?}");
        assert!(!origin.quote.is_empty());
    }
}
