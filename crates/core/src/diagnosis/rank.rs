//! Order of findings and of the checks that would settle what is open.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Finding, NextCheck, Status, Verdict};
use crate::knowledge::{Knowledge, Severity};

/// Next checks shown: more than a person will run before looking again.
const NEXT_CHECKS_MAX: usize = 5;

/// Most probable root cause first: by status, faults before what is benign, then weight; a consequence never stands
/// above its root.
pub(super) fn rank(findings: &mut Vec<Finding<'_>>) {
    findings.sort_by(|a, b| {
        let order = |finding: &Finding<'_>| (finding.status, finding.cause.severity == Severity::Benign, Reverse(finding.cause.weight), Reverse(finding.seen_codes.len()));
        order(a).cmp(&order(b)).then_with(|| a.cause.id.cmp(&b.cause.id)).then_with(|| a.subject.cmp(&b.subject))
    });
    // Stable selection: the first finding that follows from no other waiting one. A cycle falls back to the order above.
    let mut waiting = std::mem::take(findings);
    while !waiting.is_empty() {
        let free = waiting.iter().position(|finding| {
            !waiting.iter().any(|root| root.status.carries() && root.cause.id != finding.cause.id && root.cause.leads_to.contains(&finding.cause.id))
        });
        findings.push(waiting.remove(free.unwrap_or(0)));
    }
}

/// Checks for what is open: those named by the most findings first, then the order in the causes, then the effort.
pub(super) fn next_checks<'k>(findings: &[Finding<'k>], verdict: Verdict, knowledge: &'k Knowledge) -> Vec<NextCheck<'k>> {
    let settled = findings.iter().any(|finding| finding.status == Status::Confirmed && finding.cause.severity == Severity::Fault);
    let open: Vec<&Finding<'k>> = findings
        .iter()
        .filter(|finding| match finding.status {
            Status::Likely => true,
            Status::Possible => !settled,
            Status::NotCheckable => verdict == Verdict::Undetermined,
            Status::Confirmed | Status::RuledOut => false,
        })
        .collect();
    let mut checks: Vec<(NextCheck<'k>, usize)> = Vec::new();
    let mut counted = HashSet::new();
    for finding in &open {
        for (place, id) in finding.cause.checks.iter().enumerate() {
            let Some(check) = knowledge.checks.get(id) else { continue };
            let index = checks.iter().position(|(next, _)| next.check.id == *id).unwrap_or_else(|| {
                checks.push((NextCheck { check, subject: None, settles: Vec::new() }, 0));
                checks.len() - 1
            });
            let (next, rank) = &mut checks[index];
            if next.subject.is_none() {
                next.subject.clone_from(&finding.subject);
            }
            if counted.insert((id.as_str(), finding.cause.id.as_str())) {
                next.settles.push(&finding.cause.id);
                *rank += place;
            }
        }
    }
    if checks.is_empty() && verdict == Verdict::Undetermined {
        let general = knowledge.checks.values().filter(|check| check.effort == 1 && check.place != crate::knowledge::Place::Host);
        checks.extend(general.map(|check| (NextCheck { check, subject: None, settles: Vec::new() }, usize::from(check.id != "event-12288"))));
    }
    checks.sort_by(|(a, rank_a), (b, rank_b)| {
        b.settles.len().cmp(&a.settles.len()).then(rank_a.cmp(rank_b)).then(a.check.effort.cmp(&b.check.effort)).then(a.check.id.cmp(&b.check.id))
    });
    checks.into_iter().map(|(next, _)| next).take(NEXT_CHECKS_MAX).collect()
}
