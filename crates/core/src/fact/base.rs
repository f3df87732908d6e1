//! The collection of all facts of an analysis, and which of them holds now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Fact, Key, State, Subject, SubjectKind, Value, Why};

/// Facts of different artifacts that are no further apart were true together: the questions of one live run, which
/// ends within a minute.
pub(crate) const SAME_MOMENT: SignedDuration = SignedDuration::from_mins(2);

/// Subjects of one kind that are looked at, but for attempts: hosts and domains of one incident stay far below, and
/// causes that compare each host with every other stay fast whatever somebody pastes.
pub const SUBJECTS_MAX: usize = 128;

/// All facts of one analysis. Older facts stay visible; [`FactBase::current`] tells which one holds.
#[derive(Debug, Clone, Default)]
pub struct FactBase {
    facts: Vec<Fact>,
    index: BTreeMap<Subject, BTreeMap<Key, Vec<usize>>>,
    subjects: BTreeMap<SubjectKind, BTreeSet<Subject>>,
    told: BTreeSet<Key>,
}

/// The fact that holds for a subject and key. Facts are named by their position in the collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Current {
    /// Nothing in the evidence speaks of it.
    Missing,
    /// This fact holds.
    Is(usize),
    /// These facts of the same weight contradict each other.
    Contradictory(Vec<usize>),
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
        if !matches!(fact.state, State::Unknown(_)) {
            self.told.insert(fact.key);
        }
        let subjects = self.subjects.entry(fact.subject.kind).or_default();
        if !subjects.contains(&fact.subject) {
            subjects.insert(fact.subject.clone());
        }
        let keys = self.index.entry(fact.subject.clone()).or_default();
        keys.entry(fact.key).or_default().push(self.facts.len());
        self.facts.push(fact);
    }

    /// Every fact, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter()
    }

    /// The fact at a position that [`FactBase::current`] named.
    pub fn fact(&self, position: usize) -> &Fact {
        &self.facts[position]
    }

    /// Number of facts.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// True without any fact.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Subjects of `kind`, in a fixed order; at most [`SUBJECTS_MAX`] but for attempts.
    pub fn subjects(&self, kind: SubjectKind) -> impl Iterator<Item = &Subject> {
        let limit = if kind == SubjectKind::Attempt { usize::MAX } else { SUBJECTS_MAX };
        self.subjects.get(&kind).into_iter().flatten().take(limit)
    }

    /// Number of subjects of `kind` that are not looked at.
    pub fn subjects_left_out(&self, kind: SubjectKind) -> usize {
        self.subjects.get(&kind).map_or(0, BTreeSet::len) - self.subjects(kind).count()
    }

    /// What the evidence contradicts itself on.
    pub fn contradictions(&self) -> impl Iterator<Item = (&Subject, Key)> {
        let told = self.index.iter().flat_map(|(subject, keys)| keys.keys().map(move |key| (subject, *key)));
        told.filter(|(subject, key)| matches!(self.current(subject, *key), Current::Contradictory(_)))
    }

    /// Whether the evidence tells `key` of any subject.
    pub fn tells(&self, key: Key) -> bool {
        self.told.contains(&key)
    }

    /// The first fact on `subject`, whatever it says.
    pub fn first_of(&self, subject: &Subject) -> Option<&Fact> {
        let positions = self.index.get(subject)?.values().flatten();
        positions.min().map(|position| &self.facts[*position])
    }

    /// Every fact on `key` of `subject`, oldest reading first.
    pub fn history(&self, subject: &Subject, key: Key) -> impl Iterator<Item = &Fact> {
        self.positions(subject, key).iter().map(|position| &self.facts[*position])
    }

    fn positions(&self, subject: &Subject, key: Key) -> &[usize] {
        self.index.get(subject).and_then(|keys| keys.get(&key)).map_or(&[], Vec::as_slice)
    }

    /// The fact that holds: what is known beats what is not, newer beats older, a later line of the same artifact
    /// beats an earlier one. Facts of different artifacts that cannot be ordered (dates within two minutes, or no
    /// date; but see [`Key::undated_is_newest`]) contradict each other where they differ, unless one of them is a word
    /// that one proof suffices for ([`Key::decisive_word`]), or all of them are the same told with different exactness
    /// ([`Key::is_told_in_parts`]): then the most exact holds. Measurements have their tolerance ([`Key::tolerance_s`]).
    pub fn current(&self, subject: &Subject, key: Key) -> Current {
        let mut newest_per_artifact: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unknown: Option<usize> = None;
        for &position in self.positions(subject, key) {
            let fact = &self.facts[position];
            if let State::Unknown(why) = fact.state {
                // The weightiest reason, so that the order of files does not matter.
                let weightier = |known: usize| matches!(self.facts[known].state, State::Unknown(other) if other < why);
                if unknown.is_none_or(weightier) {
                    unknown = Some(position);
                }
                continue;
            }
            let artifact = fact.origins.first().map_or("", |origin| origin.sha256.as_str());
            let newest = newest_per_artifact.entry(artifact).or_insert(position);
            if recency(fact) >= recency(&self.facts[*newest]) {
                *newest = position;
            }
        }
        let newest = newest_per_artifact.values().map(|position| recency(&self.facts[*position])).max();
        let candidates: Vec<usize> =
            newest_per_artifact.into_values().filter(|position| self.holds_beside(*position, newest)).collect();
        let state = |position: &usize| &self.facts[*position].state;
        let decisive = candidates.iter().find(
            |position| matches!(state(position), State::Present(Value::Word(word)) if Some(*word) == key.decisive_word()),
        );
        match (candidates.as_slice(), decisive) {
            ([], _) => unknown.map_or(Current::Missing, Current::Is),
            (_, Some(position)) => Current::Is(*position),
            ([first, rest @ ..], None) => {
                let longer = |one, other| if length(state(&other)) > length(state(&one)) { other } else { one };
                let exact = if key.is_told_in_parts() { rest.iter().copied().fold(*first, longer) } else { *first };
                let agrees = |other: &usize| {
                    let (exact, other) = (state(&exact), state(other));
                    key.is_duration() || other == exact || continues(key, exact, other) || is_close(key, exact, other)
                };
                if candidates.iter().all(agrees) { Current::Is(exact) } else { Current::Contradictory(candidates) }
            }
        }
    }

    /// Whether no newer fact makes this one history.
    fn holds_beside(&self, position: usize, newest: Option<(bool, Option<Timestamp>)>) -> bool {
        let fact = &self.facts[position];
        match (fact.time, newest.and_then(|(_, time)| time)) {
            (Some(time), Some(newest)) => newest.duration_since(time) <= SAME_MOMENT,
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// The fact that holds, if one does.
    pub fn known(&self, subject: &Subject, key: Key) -> Option<&Fact> {
        match self.current(subject, key) {
            Current::Is(position) => Some(&self.facts[position]),
            Current::Missing | Current::Contradictory(_) => None,
        }
    }

    /// State of the current fact; contradiction and absence of evidence are `Unknown`.
    pub fn state(&self, subject: &Subject, key: Key) -> State {
        match self.current(subject, key) {
            Current::Missing => State::Unknown(Why::NotInEvidence),
            Current::Is(position) => self.facts[position].state.clone(),
            Current::Contradictory(_) => State::Unknown(Why::Contradictory),
        }
    }

    /// Time of the newest dated fact: the moment at which the evidence is judged.
    pub fn newest_time(&self) -> Option<Timestamp> {
        self.facts.iter().filter_map(|fact| fact.time).max()
    }
}

/// Length of a text.
fn length(state: &State) -> usize {
    match state {
        State::Present(Value::Text(text)) => text.len(),
        _ => 0,
    }
}

/// Whether two measurements differ by no more than measuring does.
fn is_close(key: Key, one: &State, other: &State) -> bool {
    match (one, other, key.tolerance_s()) {
        (State::Present(Value::Seconds(one)), State::Present(Value::Seconds(other)), Some(tolerance_s)) => {
            (one - other).abs() <= tolerance_s
        }
        _ => false,
    }
}

/// Whether `exact` says the same as `part` and goes on behind a dot, or is the same but for case.
fn continues(key: Key, exact: &State, part: &State) -> bool {
    let (State::Present(Value::Text(exact)), State::Present(Value::Text(part))) = (exact, part) else { return false };
    key.is_told_in_parts()
        && exact.get(..part.len()).is_some_and(|front| front.eq_ignore_ascii_case(part))
        && exact.get(part.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What facts on one key are ordered by. An undated one stands last, but where the key says that it is the newest.
fn recency(fact: &Fact) -> (bool, Option<Timestamp>) {
    (fact.time.is_none() && fact.key.undated_is_newest(), fact.time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Origin, ValueType};

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
            text if key.value_type() == ValueType::Text => State::Present(Value::Text(text.to_owned())),
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
        check(Key::DomainSrv, &[("found", "a", None), ("no-such-name", "b", early)], Err(Why::Contradictory));
        check(status, &[("-", "a", early), ("licensed", "b", late)], Ok("licensed"));
        check(Key::DomainSrv, &[("found", "a", late), ("no-such-name", "b", later)], Err(Why::Contradictory));
        check(Key::ResolverOutcome, &[("answers", "a", late), ("timeout", "b", later)], Ok("answers"));
        check(Key::ResolverOutcome, &[("answers", "a", early), ("timeout", "b", later)], Ok("timeout"));
        check(Key::MachineScriptHost, &[("available", "a", None), ("disabled", "b", None)], Ok("disabled"));
    }

    #[test]
    fn measurements_may_differ_a_little() {
        let of = |seconds, artifact| fact(Key::ClockOffset, State::Present(Value::Seconds(seconds)), artifact, None);
        let state = |one, other| {
            let base = FactBase::new([of(one, "a"), of(other, "b")]);
            base.state(&Subject::new(SubjectKind::TimeSource, "x"), Key::ClockOffset)
        };
        assert_eq!(state(18_000.0, 18_000.4), State::Present(Value::Seconds(18_000.0)));
        assert_eq!(state(18_000.0, 18_002.0), State::Unknown(Why::Contradictory));
    }

    #[test]
    fn parts_of_a_value_do_not_contradict_it() {
        let (name, build) = (Key::MachineName, Key::MachineBuild);
        check(name, &[("PC1", "a", None), ("pc1.contoso.com", "b", None)], Ok("pc1.contoso.com"));
        check(name, &[("pc1", "a", None), ("pc10", "b", None)], Err(Why::Contradictory));
        check(name, &[("pc1.contoso.com", "a", None), ("pc1", "b", None), ("pc2", "c", None)], Err(Why::Contradictory));
        check(build, &[("10.0.20348", "a", None), ("10.0.20348.2322", "b", None)], Ok("10.0.20348.2322"));
        check(build, &[("10.0.20348.2322", "a", None), ("10.0.20348.1", "b", None)], Err(Why::Contradictory));
        let domain = Key::MachineDomain;
        check(domain, &[("contoso", "a", None), ("contoso.com", "b", None)], Err(Why::Contradictory));
    }
}
