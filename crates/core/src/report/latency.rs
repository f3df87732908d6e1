//! How long each stage of the way to KMS took.

use serde::Serialize;

use crate::fact::{Fact, FactBase, Key, Subject, SubjectKind, Value};

/// How long one stage took, from its question to its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LatencyEntry {
    /// DNS server, KMS host with port, or time source.
    pub subject: String,
    /// `dns`, `connect`, `bind` or `time`.
    pub stage: &'static str,
    /// The shortest of its times, in microseconds.
    pub least_us: i64,
    /// The longest.
    pub most_us: i64,
}

/// In the order of the way.
const STAGES: [(SubjectKind, Key, &str); 4] = [
    (SubjectKind::Resolver, Key::ResolverAnswerTime, "dns"),
    (SubjectKind::Endpoint, Key::EndpointConnectTime, "connect"),
    (SubjectKind::Endpoint, Key::EndpointBindTime, "bind"),
    (SubjectKind::TimeSource, Key::ClockRoundTrip, "time"),
];

/// Whatever was measured.
pub(super) fn entries(facts: &FactBase) -> Vec<LatencyEntry> {
    let of_stage =
        |(kind, key, stage)| facts.subjects(kind).filter_map(move |subject| entry(facts, subject, key, stage));
    STAGES.into_iter().flat_map(of_stage).collect()
}

fn entry(facts: &FactBase, subject: &Subject, key: Key, stage: &'static str) -> Option<LatencyEntry> {
    let number = |fact: &Fact| match fact.value() {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    };
    let times_us: Vec<i64> = facts.history(subject, key).filter_map(number).collect();
    let (least_us, most_us) = (*times_us.iter().min()?, *times_us.iter().max()?);
    Some(LatencyEntry { subject: subject.id.clone(), stage, least_us, most_us })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Origin, State};

    #[test]
    fn several_answers_of_one_server() {
        let server = Subject::new(SubjectKind::Resolver, "10.0.0.1");
        let fact = |time_us, artifact: &str| {
            let (artifact, sha256, quote) = (artifact.to_owned(), artifact.to_owned(), String::new());
            let origins = vec![Origin { artifact, sha256, span: 0..1, line: None, quote }];
            let (key, state) = (Key::ResolverAnswerTime, State::Present(Value::Integer(time_us)));
            Fact { subject: server.clone(), key, state, time: None, origins }
        };
        let facts = FactBase::new([fact(400, "a"), fact(2_000_000, "b"), fact(900, "c")]);
        assert_eq!(facts.contradictions().count(), 0, "they are of different questions");
        let expect = LatencyEntry { subject: "10.0.0.1".to_owned(), stage: "dns", least_us: 400, most_us: 2_000_000 };
        assert_eq!(entries(&facts), [expect]);
        assert_eq!(entries(&FactBase::new([])), []);
    }
}
