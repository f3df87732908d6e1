//! The collection of all facts of an analysis, and which of them holds now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Fact, Key, State, Subject, SubjectKind, Value, Why};

/// Facts of different artifacts that are no further apart were true together: the questions of one live run, which
/// ends within a minute.
const SAME_MOMENT: SignedDuration = SignedDuration::from_mins(2);

/// All facts of one analysis. Older facts stay visible; [`FactBase::current`] tells which one holds.
#[derive(Debug, Clone, Default)]
pub struct FactBase {
    facts: Vec<Fact>,
    index: BTreeMap<(Subject, Key), Vec<usize>>,
    subjects: BTreeSet<Subject>,
}

/// The fact that holds for a subject and key.
#[derive(Debug, Clone, PartialEq)]
pub enum Current<'a> {
    /// Nothing in the evidence speaks of it.
    Missing,
    /// This fact holds.
    Is(&'a Fact),
    /// These facts of the same weight contradict each other.
    Contradictory(Vec<&'a Fact>),
}

impl FactBase {
    /// Collects `facts`. Their order matters only within one artifact, where later lines are newer.
    pub fn new(facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut base = Self::default();
        for fact in facts {
            base.insert(fact);
        }
        base
    }

    /// Adds one fact.
    pub fn insert(&mut self, fact: Fact) {
        let position = self.facts.len();
        self.subjects.insert(fact.subject.clone());
        self.index.entry((fact.subject.clone(), fact.key)).or_default().push(position);
        self.facts.push(fact);
    }

    /// Every fact, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter()
    }

    /// Number of facts.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// True without any fact.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Subjects of `kind`, in a fixed order.
    pub fn subjects(&self, kind: SubjectKind) -> impl Iterator<Item = &Subject> {
        self.subjects.iter().filter(move |subject| subject.kind == kind)
    }

    /// Every fact on `key` of `subject`, oldest reading first.
    pub fn history(&self, subject: &Subject, key: Key) -> impl Iterator<Item = &Fact> {
        self.index.get(&(subject.clone(), key)).into_iter().flatten().map(|position| &self.facts[*position])
    }

    /// The fact that holds: what is known beats what is not, newer beats older (for undated facts see
    /// [`Key::undated_is_newest`]), a later line of the same artifact beats an earlier one. Facts of different artifacts within [`SAME_MOMENT`] cannot be ordered: where they differ,
    /// a word that one proof suffices for wins ([`Key::decisive_word`]), else they contradict each other.
    pub fn current(&self, subject: &Subject, key: Key) -> Current<'_> {
        let mut newest_per_artifact: BTreeMap<&str, &Fact> = BTreeMap::new();
        let mut unknown = None;
        for fact in self.history(subject, key) {
            if let State::Unknown(_) = fact.state {
                unknown = Some(fact);
                continue;
            }
            let artifact = fact.origins.first().map_or("", |origin| origin.sha256.as_str());
            let newest = newest_per_artifact.entry(artifact).or_insert(fact);
            if recency(fact) >= recency(newest) {
                *newest = fact;
            }
        }
        let newest = newest_per_artifact.values().copied().max_by_key(|fact| recency(fact));
        let same_moment = |fact: &&&Fact| match (fact.time, newest.and_then(|newest| newest.time)) {
            (Some(time), Some(newest)) => newest.duration_since(time) <= SAME_MOMENT,
            (time, newest) => time == newest,
        };
        let candidates: Vec<&Fact> = newest_per_artifact.values().filter(same_moment).copied().collect();
        let decisive = candidates
            .iter()
            .find(|fact| matches!(fact.state, State::Present(Value::Word(word)) if Some(word) == key.decisive_word()));
        match (candidates.as_slice(), decisive) {
            ([], _) => unknown.map_or(Current::Missing, Current::Is),
            (_, Some(fact)) => Current::Is(fact),
            ([first, rest @ ..], None) if rest.iter().all(|other| other.state == first.state) => Current::Is(first),
            _ => Current::Contradictory(candidates),
        }
    }

    /// State of the current fact; contradiction and absence of evidence are `Unknown`.
    pub fn state(&self, subject: &Subject, key: Key) -> State {
        match self.current(subject, key) {
            Current::Missing => State::Unknown(Why::NotInEvidence),
            Current::Is(fact) => fact.state.clone(),
            Current::Contradictory(_) => State::Unknown(Why::Contradictory),
        }
    }

    /// Time of the newest dated fact: the moment at which the evidence is judged.
    pub fn newest_time(&self) -> Option<Timestamp> {
        self.facts.iter().filter_map(|fact| fact.time).max()
    }
}

/// What facts on one key are ordered by: an undated one is older than any dated one, unless the key says otherwise.
fn recency(fact: &Fact) -> (bool, Option<Timestamp>) {
    (fact.time.is_some() != fact.key.undated_is_newest(), fact.time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Origin;

    fn fact(key: Key, state: State, artifact: &str, time: Option<&str>) -> Fact {
        let origin = Origin {
            artifact: artifact.into(),
            sha256: artifact.into(),
            span: 0..1,
            line: Some(1),
            quote: String::new(),
        };
        let time = time.map(|time| time.parse().expect("a time"));
        Fact { subject: Subject::new(key.subject_kind(), "x"), key, state, time, origins: vec![origin] }
    }

    fn check(key: Key, readings: &[(&str, &str, Option<&str>)], expect: Result<&str, Why>) {
        let word = |word: &str| match word {
            "?" => State::Unknown(Why::NoAnswer),
            "-" => State::Absent,
            word => State::Present(Value::Word(key.word(word).expect("a word of the key"))),
        };
        let facts: Vec<Fact> =
            readings.iter().map(|(text, artifact, time)| fact(key, word(text), artifact, *time)).collect();
        let expect = match expect {
            Ok(text) => word(text),
            Err(why) => State::Unknown(why),
        };
        let subject = Subject::new(key.subject_kind(), "x");
        let base = FactBase::new(facts.clone());
        assert_eq!(base.state(&subject, key), expect, "{readings:?}");
        if readings.iter().map(|(_, artifact, _)| artifact).collect::<BTreeSet<_>>().len() == readings.len() {
            let reversed = FactBase::new(facts.into_iter().rev());
            assert_eq!(reversed.state(&subject, key), expect, "{readings:?} in reverse");
        }
    }

    #[test]
    fn what_holds() {
        let (early, late, later) =
            (Some("2026-11-01T00:00:00Z"), Some("2026-11-02T00:00:00Z"), Some("2026-11-02T00:01:00Z"));
        let status = Key::LicenseStatus;
        check(status, &[], Err(Why::NotInEvidence));
        check(status, &[("?", "a", None)], Err(Why::NoAnswer));
        check(status, &[("licensed", "a", None), ("?", "b", late)], Ok("licensed"));
        check(status, &[("licensed", "a", None), ("notification", "a", None)], Ok("notification"));
        check(status, &[("licensed", "a", None), ("notification", "b", None)], Err(Why::Contradictory));
        check(status, &[("licensed", "a", None), ("licensed", "b", None)], Ok("licensed"));
        check(status, &[("notification", "a", early), ("licensed", "b", late)], Ok("licensed"));
        check(status, &[("notification", "a", None), ("licensed", "b", early)], Ok("notification"));
        check(Key::DomainSrv, &[("found", "a", None), ("no-such-name", "b", early)], Ok("no-such-name"));
        check(status, &[("-", "a", early), ("licensed", "b", late)], Ok("licensed"));
        check(Key::DomainSrv, &[("found", "a", late), ("no-such-name", "b", later)], Err(Why::Contradictory));
        check(Key::ResolverOutcome, &[("answers", "a", late), ("timeout", "b", later)], Ok("answers"));
        check(Key::ResolverOutcome, &[("answers", "a", early), ("timeout", "b", later)], Ok("timeout"));
    }
}
