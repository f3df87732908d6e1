//! Order of findings and of the checks that would settle what is open.

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};

use super::{Finding, NextCheck, Status, Verdict};
use crate::code::ErrorCode;
use crate::fact::{FactBase, Key, State, Subject};
use crate::knowledge::{Check, Knowledge, Severity};

/// Next checks shown: more than a person will run before looking again.
pub(super) const NEXT_CHECKS_MAX: usize = 5;

/// Most probable root cause first: by status, faults before what is benign, then weight; a consequence never stands
/// above its root.
pub(super) fn rank(findings: &mut Vec<Finding<'_>>, knowledge: &Knowledge) {
    findings.sort_by(|a, b| {
        let order = |finding: &Finding<'_>| {
            (
                finding.status,
                matches!(finding.cause.severity, Severity::Tool | Severity::Benign),
                Reverse(finding.cause.weight),
                Reverse(finding.seen_codes.len()),
            )
        };
        order(a).cmp(&order(b)).then_with(|| a.cause.id.cmp(&b.cause.id)).then_with(|| a.subject.cmp(&b.subject))
    });
    // Stable selection: the first finding that follows from no other waiting one. A cycle falls back to the order above.
    let mut waiting: VecDeque<Finding<'_>> = std::mem::take(findings).into();
    while let Some(first) = waiting.front() {
        let roots: BTreeSet<&str> =
            waiting.iter().filter(|root| root.status.carries()).map(|root| root.cause.id.as_str()).collect();
        let follows = |finding: &Finding<'_>| {
            roots.iter().any(|root| *root != finding.cause.id && leads_to(root, &finding.cause.id, knowledge))
        };
        let free = if follows(first) { waiting.iter().position(|finding| !follows(finding)).unwrap_or(0) } else { 0 };
        findings.extend(waiting.remove(free));
    }
}

/// Whether `to` follows from `from`, at once or through other causes.
fn leads_to(from: &str, to: &str, knowledge: &Knowledge) -> bool {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        for next in knowledge.causes.get(id).into_iter().flat_map(|cause| &cause.leads_to) {
            if next == to {
                return true;
            }
            if reached.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    false
}

/// Checks for what is open. First those that tell what the codes in the evidence do not, then those named by the most
/// findings, then the order in the causes, then the effort. What the evidence tells already is not asked again.
pub(super) fn next_checks<'k>(
    findings: &[Finding<'k>],
    verdict: Verdict,
    facts: &FactBase,
    knowledge: &'k Knowledge,
) -> Vec<NextCheck<'k>> {
    let settled = findings.iter().any(|finding| {
        finding.status == Status::Confirmed && matches!(finding.cause.severity, Severity::Fault | Severity::Command)
    });
    let open = findings.iter().filter(|finding| match finding.status {
        Status::Likely => true,
        Status::Possible => !settled,
        Status::NotCheckable => verdict == Verdict::Undetermined,
        Status::Confirmed | Status::RuledOut => false,
    });
    let mut wanted = Wanted { knowledge, facts, checks: Vec::new() };
    for finding in open {
        let telling = if settled { Vec::new() } else { wanted.telling(&finding.seen_codes) };
        for id in telling {
            wanted.add(id, finding, 0);
        }
        for (place, id) in finding.cause.checks.iter().enumerate() {
            wanted.add(id, finding, place + 1);
        }
    }
    let mut checks = wanted.checks;
    if checks.is_empty() && verdict == Verdict::Undetermined {
        let opening = knowledge.checks.values().filter(|check| !is_answered(check, None, facts));
        checks.extend(opening.filter_map(|check| {
            let next = NextCheck { check, subjects: Vec::new(), settles: Vec::new() };
            check.opening.map(|rank| (next, usize::from(rank)))
        }));
    }
    checks.sort_by_key(|(next, place)| {
        (
            *place > 0 || next.settles.is_empty(),
            Reverse(next.settles.len()),
            *place,
            next.check.effort,
            next.check.id.as_str(),
        )
    });
    checks.into_iter().map(|(next, _)| next).take(NEXT_CHECKS_MAX).collect()
}

/// Whether the evidence tells already what the check would tell of `own`: everything on that very subject, and
/// everything on some subject for facts of other kinds.
fn is_answered(check: &Check, own: Option<&Subject>, facts: &FactBase) -> bool {
    let known = |subject: &Subject, key: Key| !matches!(facts.state(subject, key), State::Unknown(_));
    let mut keys = check.keys().peekable();
    keys.peek().is_some()
        && keys.all(|key| match own.filter(|own| own.kind == key.subject_kind()) {
            Some(own) => known(own, key),
            None => facts.tells(key),
        })
}

/// Checks wanted by findings, each with the best place that a finding gives it.
struct Wanted<'a, 'k> {
    knowledge: &'k Knowledge,
    facts: &'a FactBase,
    checks: Vec<(NextCheck<'k>, usize)>,
}

impl<'k> Wanted<'_, 'k> {
    fn telling(&self, codes: &[ErrorCode]) -> Vec<&'k str> {
        let entries = codes.iter().filter_map(|code| self.knowledge.codes.get(code));
        entries.flat_map(|entry| entry.checks.iter().map(String::as_str)).collect()
    }

    fn add(&mut self, id: &str, finding: &Finding<'k>, place: usize) {
        let Some(check) =
            self.knowledge.checks.get(id).filter(|check| !is_answered(check, finding.subject.as_ref(), self.facts))
        else {
            return;
        };
        let index = self.checks.iter().position(|(next, _)| next.check.id == id).unwrap_or_else(|| {
            self.checks.push((NextCheck { check, subjects: Vec::new(), settles: Vec::new() }, place));
            self.checks.len() - 1
        });
        let (next, best) = &mut self.checks[index];
        *best = place.min(*best);
        // Values of several findings do not mix in one command.
        if next.subjects.is_empty() {
            next.subjects = finding.subjects(self.facts);
        }
        if !next.settles.contains(&finding.cause.id.as_str()) {
            next.settles.push(&finding.cause.id);
        }
    }
}
