//! `portqry`, which speaks English alone: a port that listens, refuses, or does not answer.

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// How a query begins; the target stands below, after blank lines.
const TITLE: &str = "Querying target system called:";

/// Lines below the title in which the target stands.
const TARGET_LINES_MAX: usize = 3;

/// Outcomes behind the port. A filtered port is one from which nothing came back.
const OUTCOMES: [(&str, &str); 3] = [("LISTENING", "open"), ("NOT LISTENING", "refused"), ("FILTERED", "timeout")];

/// Puts what portqry found into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut target: Option<(&str, usize)> = None;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if text == TITLE {
            let mut below = document.lines.iter().skip(index + 1).take(TARGET_LINES_MAX).map(|line| line.text.trim());
            let name = below.find(|text| !text.is_empty());
            target = name.filter(|name| is_target(name)).map(|name| (name, index));
        } else if let Some(asked) = console::arguments(text, "portqry").and_then(asked) {
            target = Some((asked, index));
        } else if console::is_prompt(text) {
            target = None;
        } else if let Some((target, first)) = target {
            answer(target, first, index, text, sink);
        }
    }
}

fn answer(target: &str, first: usize, index: usize, text: &str, sink: &mut Sink<'_>) {
    let name =
        Some(target).filter(|target| console::is_host_name(target)).map(|name| Subject::new(SubjectKind::Name, name));
    if let (Some(address), Some(name)) = (text.strip_prefix("Name resolved to ").and_then(console::address), &name) {
        sink.present(name, Key::NameClientAddress, Value::Text(address.to_string()), index..=index);
    } else if let (true, Some(name)) = (text.starts_with("Failed to resolve name to IP address"), &name) {
        sink.unknown(name, Key::NameAddress, Why::NoAnswer, index..=index);
    } else if let Some((port, outcome)) = outcome(text) {
        // The target stands with the title, which a wrapped or cut text may have far above.
        let lines = if first < index { first..=index } else { index..=index };
        sink.word(&Subject::endpoint(target, port), Key::EndpointTcp, outcome, lines);
    }
}

fn is_target(text: &str) -> bool {
    console::is_host_name(text) || console::address(text).is_some()
}

/// The host behind `-n`.
fn asked(arguments: &str) -> Option<&str> {
    let mut words = arguments.split_whitespace();
    words.find(|word| matches!(*word, "-n" | "/n" | "-N"))?;
    words.next().filter(|word| is_target(word))
}

/// `TCP port 1688 (unknown service): FILTERED`.
fn outcome(text: &str) -> Option<(u16, &'static str)> {
    let (head, said) = text.strip_prefix("TCP port ")?.rsplit_once(": ")?;
    let port = head.split_whitespace().next()?.parse().ok()?;
    let (_, outcome) = OUTCOMES.into_iter().find(|(words, _)| *words == said.trim())?;
    Some((port, outcome))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    fn output(outcome: &str) -> String {
        format!(
            "C:\\>portqry -n kms1.contoso.com -e 1688 -p tcp\n\nQuerying target system called:\n\n kms1.contoso.com\n\nAttempting to resolve name to IP address...\n\n\nName resolved to 10.20.0.5\n\nquerying...\n\nTCP port 1688 (unknown service): {outcome}\n"
        )
    }

    #[test]
    fn outcomes() {
        for (said, expect) in [("LISTENING", "open"), ("NOT LISTENING", "refused"), ("FILTERED", "timeout")] {
            check(
                &output(said),
                &format!(
                    "kms1.contoso.com name.client-address = 10.20.0.5 @10
                     kms1.contoso.com:1688 endpoint.tcp = {expect} @3"
                ),
            );
        }
    }

    #[test]
    fn names_and_cut_texts() {
        check(
            "Querying target system called:\n\n kms9.contoso.com\n\nAttempting to resolve name to IP address...\n\nFailed to resolve name to IP address\n",
            "kms9.contoso.com name.address unknown NoAnswer @7",
        );
        check(
            "portqry -n 10.20.0.5 -e 1688\nTCP port 1688 (unknown service): FILTERED",
            "10.20.0.5:1688 endpoint.tcp = timeout @1",
        );
        check("TCP port 1688 (unknown service): FILTERED", "");
        check(
            &output("LISTENING or FILTERED").replace("TCP port", "UDP port"),
            "kms1.contoso.com name.client-address = 10.20.0.5 @10",
        );
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(Querying target system called:|TCP port 1688 |portqry -n )?\\PC{0,12}", 0..12)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
