//! The collection of all facts of an analysis, and which of them holds now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Fact, Key, State, Subject, SubjectKind, Why};

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

    /// The fact that holds: what is known beats what is not, newer beats older, a later line of the same artifact
    /// beats an earlier one. Facts that cannot be ordered and differ contradict each other.
    pub fn current(&self, subject: &Subject, key: Key) -> Current<'_> {
        let mut last_per_artifact: BTreeMap<(Option<Timestamp>, &str), &Fact> = BTreeMap::new();
        let mut unknown = None;
        for fact in self.history(subject, key) {
            if let State::Unknown(_) = fact.state {
                unknown = Some(fact);
                continue;
            }
            let artifact = fact.origins.first().map_or("", |origin| origin.sha256.as_str());
            last_per_artifact.insert((fact.time, artifact), fact);
        }
        let newest = last_per_artifact.keys().map(|(time, _)| *time).max();
        let candidates: Vec<&Fact> = last_per_artifact.iter().filter(|((time, _), _)| Some(*time) == newest).map(|(_, fact)| *fact).collect();
        match candidates.as_slice() {
            [] => unknown.map_or(Current::Missing, Current::Is),
            [first, rest @ ..] if rest.iter().all(|other| other.state == first.state) => Current::Is(first),
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
