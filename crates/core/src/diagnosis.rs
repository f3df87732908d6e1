//! Diagnosis: facts and knowledge in, ranked findings and a verdict out.

mod judge;
mod machines;
mod rank;
mod verdict;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::approved::Approved;
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
    /// Of which machine: a position in [`Diagnosis::machines`].
    pub machine: usize,
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

/// One machine of an analysis.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its name; `None` where the evidence names none, or does not tell whose the facts are.
    pub name: Option<String>,
    /// The verdict on it.
    pub verdict: Verdict,
    /// Its facts, derived ones included, and those that lie between machines.
    pub facts: FactBase,
}

/// The outcome of an analysis.
#[derive(Debug, Clone)]
pub struct Diagnosis<'k> {
    /// The verdict: a problem where one machine has one.
    pub verdict: Verdict,
    /// Findings, root cause first.
    pub findings: Vec<Finding<'k>>,
    /// What to check next, the most telling first.
    pub next_checks: Vec<NextCheck<'k>>,
    /// The moment at which the evidence was judged: its newest dated fact, unless given.
    pub as_of: Option<Timestamp>,
    /// The machines that the evidence speaks of, at least one.
    pub machines: Vec<Machine>,
}

impl Diagnosis<'_> {
    /// The facts of the first machine: of the only one in most analyses.
    pub fn facts(&self) -> &FactBase {
        &self.machines[0].facts
    }

    /// The facts of the machine that a finding is of.
    pub fn facts_of(&self, finding: &Finding<'_>) -> &FactBase {
        &self.machines[finding.machine].facts
    }

    /// Name of the machine that a finding is of, where there are several.
    pub fn machine_of(&self, finding: &Finding<'_>) -> Option<&str> {
        if self.machines.len() > 1 { self.machines[finding.machine].name.as_deref() } else { None }
    }
}

/// What is given beside the evidence.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The moment of judgement, instead of the newest dated fact. What is dated later is left out.
    pub as_of: Option<Timestamp>,
    /// The list of approved KMS hosts.
    pub approved: Option<Approved>,
}

/// Diagnoses, machine by machine. The same evidence gives the same findings on any day: it is judged at its newest dated
/// fact, unless another moment is given.
pub fn diagnose<'k>(facts: impl IntoIterator<Item = Fact>, knowledge: &'k Knowledge, given: &Given) -> Diagnosis<'k> {
    let in_time = |fact: &Fact| given.as_of.is_none_or(|as_of| fact.time.is_none_or(|time| time <= as_of));
    let facts: Vec<Fact> = facts.into_iter().filter(in_time).collect();
    let as_of = given.as_of.or_else(|| facts.iter().filter_map(|fact| fact.time).max());
    let mut findings: Vec<Finding<'_>> = Vec::new();
    let mut machines = Vec::new();
    let mut wanted: Vec<Vec<NextCheck<'_>>> = Vec::new();
    let derived = |part: machines::Part| {
        let mut base =
            FactBase::new(derive::related_names(derive::compare_resolvers(derive::join_licenses(part.facts))));
        derive::derive(&mut base, knowledge, given.approved.as_ref());
        (part.name, base)
    };
    let mut parts: Vec<derive::MachineFacts> = machines::split(facts).into_iter().map(derived).collect();
    derive::join_hosts(&mut parts, knowledge);
    for (position, (name, base)) in parts.into_iter().enumerate() {
        let mut own: Vec<Finding<'_>> =
            knowledge.causes.values().flat_map(|cause| judge::judge_cause(cause, &base)).collect();
        for finding in &mut own {
            finding.machine = position;
        }
        rank::rank(&mut own, knowledge);
        let verdict = verdict::verdict(&own, &base, as_of);
        wanted.push(rank::next_checks(&own, verdict, &base, knowledge));
        findings.extend(own);
        machines.push(Machine { name, verdict, facts: base });
    }
    if machines.len() > 1 {
        told_once(&mut findings);
        rank::rank(&mut findings, knowledge);
    }
    let verdict = verdict::of_all(&machines);
    // Where all is well, a machine of which only the name is known leaves nothing to ask.
    let is_asked = |machine: &Machine| verdict != Verdict::Healthy || machine.verdict == Verdict::Healthy;
    let of_asked = machines.iter().zip(wanted).filter(|(machine, _)| is_asked(machine));
    let mut next_checks: Vec<NextCheck<'_>> = Vec::new();
    for next in of_asked.flat_map(|(_, checks)| checks) {
        let is_same = |known: &NextCheck<'_>| known.check.id == next.check.id && known.subjects == next.subjects;
        if !next_checks.iter().any(is_same) {
            next_checks.push(next);
        }
    }
    next_checks.truncate(rank::NEXT_CHECKS_MAX);
    Diagnosis { verdict, findings, next_checks, as_of, machines }
}

/// What lies between machines is found on each of them, and a request that a host served on both: told once, for the
/// machine that comes first. What is excluded or cannot be checked is told once per cause.
fn told_once(findings: &mut Vec<Finding<'_>>) {
    let mut kept: Vec<Finding<'_>> = Vec::new();
    for finding in std::mem::take(findings) {
        let same = |other: &Finding<'_>| {
            let rests_on_the_same = || {
                let origins = |finding: &Finding<'_>| {
                    finding.holding.iter().flat_map(|fact| fact.origins.clone()).collect::<Vec<_>>()
                };
                origins(other) == origins(&finding)
            };
            other.machine != finding.machine
                && other.cause.id == finding.cause.id
                && other.status == finding.status
                && (finding.status > Status::Possible || rests_on_the_same())
        };
        if !kept.iter().any(same) {
            kept.push(finding);
        }
    }
    *findings = kept;
}
