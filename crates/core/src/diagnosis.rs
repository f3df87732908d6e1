//! Diagnosis: facts and knowledge in, ranked findings and a verdict out.

mod judge;
mod rank;
mod verdict;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::code::ErrorCode;
use crate::condition::Missing;
use crate::derive;
use crate::fact::{Fact, FactBase, Subject, SubjectKind};
use crate::knowledge::{Cause, Check, Knowledge};

pub use verdict::Verdict;

/// Facts that are kept for and against a finding: more than anybody reads, and a log of thousands of events stays small.
pub const EVIDENCE_MAX: usize = 50;

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The evidence shows it.
    Confirmed,
    /// The evidence points to it; one thing is open.
    Likely,
    /// The evidence raises it and does not tell it from its rivals.
    Possible,
    /// The evidence excludes it.
    RuledOut,
    /// Some of what it takes is there, and what would decide is missing.
    NotCheckable,
}

impl Status {
    /// Its name in JSON reports and knowledge cases.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
            Self::Possible => "possible",
            Self::RuledOut => "ruled-out",
            Self::NotCheckable => "not-checkable",
        }
    }

    /// Confirmed or likely: it carries a verdict.
    pub fn carries(self) -> bool {
        matches!(self, Self::Confirmed | Self::Likely)
    }
}

/// A cause held against the evidence, for one subject.
#[derive(Debug, Clone)]
pub struct Finding<'k> {
    /// The cause.
    pub cause: &'k Cause,
    /// What it was found on; `None` when the evidence names none.
    pub subject: Option<Subject>,
    /// How sure.
    pub status: Status,
    /// Facts that speak for it, at most [`EVIDENCE_MAX`].
    pub holding: Vec<Fact>,
    /// Facts that speak against it, at most [`EVIDENCE_MAX`].
    pub against: Vec<Fact>,
    /// What would have been needed to say more.
    pub missing: Vec<Missing>,
    /// Codes in the evidence with which it is typically seen.
    pub seen_codes: Vec<ErrorCode>,
}

impl Finding<'_> {
    /// The subjects whose values go into commands: those that it speaks of, its own first, and where the evidence knows
    /// just one domain or endpoint, that.
    pub fn subjects(&self, facts: &FactBase) -> Vec<Subject> {
        let own = self.subject.iter();
        let missing = self.missing.iter().filter_map(|missing| missing.subject.as_ref());
        let only = [SubjectKind::Domain, SubjectKind::Endpoint].into_iter().filter_map(|kind| {
            let mut subjects = facts.subjects(kind);
            subjects.next().filter(|_| subjects.next().is_none())
        });
        let mut subjects: Vec<Subject> = Vec::new();
        for subject in own.chain(self.holding.iter().map(|fact| &fact.subject)).chain(missing).chain(only) {
            if !subjects.contains(subject) {
                subjects.push(subject.clone());
            }
        }
        subjects
    }
}

/// A check worth running next.
#[derive(Debug, Clone)]
pub struct NextCheck<'k> {
    /// The check.
    pub check: &'k Check,
    /// Subjects whose values go into its command.
    pub subjects: Vec<Subject>,
    /// Causes that it would settle.
    pub settles: Vec<&'k str>,
}

/// The outcome of an analysis.
#[derive(Debug, Clone)]
pub struct Diagnosis<'k> {
    /// The verdict.
    pub verdict: Verdict,
    /// Findings, root cause first.
    pub findings: Vec<Finding<'k>>,
    /// What to check next, the most telling first.
    pub next_checks: Vec<NextCheck<'k>>,
    /// The moment at which the evidence was judged: its newest dated fact, unless given.
    pub as_of: Option<Timestamp>,
    /// All facts, derived ones included.
    pub facts: FactBase,
}

/// Diagnoses. `as_of` overrides the moment of judgement, which is else the newest dated fact: the same evidence gives
/// the same findings on any day. What is dated later than `as_of` is left out.
pub fn diagnose(
    facts: impl IntoIterator<Item = Fact>,
    knowledge: &Knowledge,
    as_of: Option<Timestamp>,
) -> Diagnosis<'_> {
    let in_time = |fact: &Fact| as_of.is_none_or(|as_of| fact.time.is_none_or(|time| time <= as_of));
    let mut base = FactBase::new(derive::join_licenses(facts.into_iter().filter(in_time)));
    derive::derive(&mut base);
    let as_of = as_of.or_else(|| base.newest_time());
    let mut findings: Vec<Finding<'_>> =
        knowledge.causes.values().flat_map(|cause| judge::judge_cause(cause, &base)).collect();
    rank::rank(&mut findings, knowledge);
    let verdict = verdict::verdict(&findings, &base, as_of);
    let next_checks = rank::next_checks(&findings, verdict, &base, knowledge);
    Diagnosis { verdict, findings, next_checks, as_of, facts: base }
}
