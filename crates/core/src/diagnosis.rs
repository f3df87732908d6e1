//! Diagnosis: facts and knowledge in, ranked findings and a verdict out.

mod rank;
mod verdict;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::code::ErrorCode;
use crate::condition::{Condition, Judgement, Missing, Scene};
use crate::derive;
use crate::fact::{Fact, FactBase, Subject, SubjectKind};
use crate::knowledge::{Cause, Check, Knowledge, Severity};
use crate::truth::Truth;

pub use verdict::Verdict;

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
    /// Facts that speak for it.
    pub holding: Vec<Fact>,
    /// Facts that speak against it.
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
/// the same findings on any day.
pub fn diagnose(
    facts: impl IntoIterator<Item = Fact>,
    knowledge: &Knowledge,
    as_of: Option<Timestamp>,
) -> Diagnosis<'_> {
    let mut base = FactBase::new(derive::join_licenses(facts));
    derive::derive(&mut base);
    let mut findings: Vec<Finding<'_>> =
        knowledge.causes.values().flat_map(|cause| judge_cause(cause, &base)).collect();
    rank::rank(&mut findings);
    let verdict = verdict::verdict(&findings, &base);
    let next_checks = rank::next_checks(&findings, verdict, &base, knowledge);
    let as_of = as_of.or_else(|| base.newest_time());
    Diagnosis { verdict, findings, next_checks, as_of, facts: base }
}

/// Findings of one cause: one per subject that the evidence touches, or one without subject.
fn judge_cause<'k>(cause: &'k Cause, facts: &FactBase) -> Vec<Finding<'k>> {
    let codes: Vec<(ErrorCode, &Fact)> =
        derive::open_codes(facts).into_iter().filter(|(code, _)| cause.codes.contains(code)).collect();
    let subjects: Vec<&Subject> = facts.subjects(cause.subject).collect();
    let scenes: Vec<Scene<'_>> = if subjects.is_empty() {
        vec![Scene { facts, subject: None }]
    } else {
        subjects.into_iter().map(|subject| Scene { facts, subject: Some(subject) }).collect()
    };
    let findings: Vec<Finding<'k>> = scenes.iter().filter_map(|scene| judge_subject(cause, scene, &codes)).collect();
    let raised: Vec<Finding<'k>> =
        findings.iter().filter(|finding| finding.status <= Status::Possible).cloned().collect();
    if !raised.is_empty() {
        return raised;
    }
    let excluded = findings.len() == scenes.len() && findings.iter().all(|finding| finding.status == Status::RuledOut);
    if !excluded && !codes.is_empty() && cause.severity != Severity::Benign {
        return vec![raised_by_code(cause, facts, &codes)];
    }
    merge(findings).into_iter().collect()
}

/// Subjects on which nothing was found are told as one: what is excluded or cannot be checked fills no page.
fn merge(findings: Vec<Finding<'_>>) -> Option<Finding<'_>> {
    let several = findings.len() > 1;
    let status = findings.iter().map(|finding| finding.status).max()?;
    let mut same = findings.into_iter().filter(|finding| finding.status == status);
    let mut merged = same.next()?;
    for finding in same {
        merged.holding = unique(merged.holding.into_iter().chain(finding.holding));
        merged.against = unique(merged.against.into_iter().chain(finding.against));
        merged.missing.extend(finding.missing);
    }
    merged.missing.sort();
    merged.missing.dedup();
    if several {
        merged.subject = None;
    }
    Some(merged)
}

/// A code that is typical of the cause raises it, and no more.
fn raised_by_code<'k>(cause: &'k Cause, facts: &FactBase, codes: &[(ErrorCode, &Fact)]) -> Finding<'k> {
    let mut subjects = facts.subjects(cause.subject);
    let subject = match (subjects.next(), subjects.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let scene = Scene { facts, subject };
    let missing = cause.conditions.strongest().map(|condition| condition.judge(&scene).missing).unwrap_or_default();
    Finding {
        cause,
        subject: subject.cloned(),
        status: Status::Possible,
        holding: unique(codes.iter().map(|(_, fact)| (*fact).clone())),
        against: Vec::new(),
        missing,
        seen_codes: seen(codes),
    }
}

fn judge_subject<'k>(cause: &'k Cause, scene: &Scene<'_>, codes: &[(ErrorCode, &Fact)]) -> Option<Finding<'k>> {
    let judge = |condition: &Option<Condition>| condition.as_ref().map(|condition| condition.judge(scene));
    let holds =
        |judgement: &Option<Judgement>| judgement.as_ref().is_some_and(|judgement| judgement.truth == Truth::True);
    let conditions = &cause.conditions;
    let (confirmed, likely, possible, ruled_out) = (
        judge(&conditions.confirmed),
        judge(&conditions.likely),
        judge(&conditions.possible),
        judge(&conditions.ruled_out),
    );
    let excluded = holds(&ruled_out);
    let ladder: Vec<&Judgement> = [&confirmed, &likely, &possible].into_iter().flatten().collect();
    let status = match (holds(&confirmed), excluded) {
        (true, false) => Status::Confirmed,
        (true, true) => Status::Likely,
        (false, true) => Status::RuledOut,
        (false, false) if holds(&likely) => Status::Likely,
        (false, false) if holds(&possible) => Status::Possible,
        (false, false) if ladder.iter().all(|judgement| judgement.truth == Truth::False) => Status::RuledOut,
        (false, false) => Status::NotCheckable,
    };
    let holding = match status {
        Status::RuledOut => Vec::new(),
        Status::NotCheckable => unique(ladder.iter().flat_map(|judgement| judgement.holding.clone())),
        _ => ladder
            .iter()
            .find(|judgement| judgement.truth == Truth::True)
            .map(|judgement| judgement.holding.clone())
            .unwrap_or_default(),
    };
    let mut against =
        if excluded { ruled_out.map(|judgement| judgement.holding).unwrap_or_default() } else { Vec::new() };
    if status == Status::RuledOut && !excluded {
        against = unique(ladder.iter().flat_map(|judgement| judgement.failing.clone()));
    }
    let mut missing = Vec::new();
    if status != Status::RuledOut {
        for judgement in ladder.iter().take_while(|judgement| judgement.truth != Truth::True) {
            missing
                .extend(judgement.missing.iter().filter(|item| !missing.contains(*item)).cloned().collect::<Vec<_>>());
        }
    }
    // Nothing in the evidence touches it: there is nothing to report.
    let touched = !holding.is_empty() || !against.is_empty();
    touched.then(|| Finding {
        cause,
        subject: scene.subject.cloned(),
        status,
        holding,
        against,
        missing,
        seen_codes: seen(codes),
    })
}

fn seen(codes: &[(ErrorCode, &Fact)]) -> Vec<ErrorCode> {
    let mut seen: Vec<ErrorCode> = codes.iter().map(|(code, _)| *code).collect();
    seen.sort_unstable();
    seen.dedup();
    seen
}

fn unique(facts: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    let mut kept: Vec<Fact> = Vec::new();
    for fact in facts {
        if !kept.contains(&fact) {
            kept.push(fact);
        }
    }
    kept
}
