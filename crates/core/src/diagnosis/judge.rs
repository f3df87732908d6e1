//! One cause held against the facts.

use std::collections::BTreeSet;

use super::{EVIDENCE_MAX, Finding, Status};
use crate::code::ErrorCode;
use crate::condition::{Condition, Judgement, Missing, Scene};
use crate::derive;
use crate::fact::{Current, Fact, FactBase, Key, State, Subject};
use crate::knowledge::{Cause, Severity};
use crate::truth::Truth;

/// The outcome for one subject, or for several that share it.
struct Judged<'a> {
    subject: Option<&'a Subject>,
    status: Status,
    holding: BTreeSet<usize>,
    against: BTreeSet<usize>,
    missing: BTreeSet<Missing>,
}

/// Findings of one cause: one per subject on which it is found, or one for all on which it is not.
pub(super) fn judge_cause<'k>(cause: &'k Cause, facts: &FactBase) -> Vec<Finding<'k>> {
    let codes: Vec<(ErrorCode, usize)> =
        derive::open_codes(facts).into_iter().filter(|(code, _)| cause.codes.contains(code)).collect();
    let seen_codes: BTreeSet<ErrorCode> = codes.iter().map(|(code, _)| *code).collect();
    let finding = |judged: Judged<'_>| Finding {
        cause,
        machine: 0,
        subject: judged.subject.cloned(),
        status: judged.status,
        holding: take(&judged.holding, facts),
        against: take(&judged.against, facts),
        missing: judged.missing.into_iter().collect(),
        seen_codes: seen_codes.iter().copied().collect(),
    };
    let subjects: Vec<Option<&Subject>> = match facts.subjects(cause.subject).map(Some).collect::<Vec<_>>() {
        none if none.is_empty() => vec![None],
        subjects => subjects,
    };
    let count = subjects.len();
    let judged: Vec<Judged<'_>> =
        subjects.into_iter().filter_map(|subject| judge_subject(cause, &Scene { facts, subject })).collect();
    if judged.iter().any(|judged| judged.status <= Status::Possible) {
        return judged.into_iter().filter(|judged| judged.status <= Status::Possible).map(finding).collect();
    }
    let excluded = judged.len() == count && judged.iter().all(|judged| judged.status == Status::RuledOut);
    if !excluded && !codes.is_empty() && cause.severity != Severity::Benign {
        return vec![finding(raised_by_code(cause, facts, &codes))];
    }
    merge(judged).map(finding).into_iter().collect()
}

fn take(positions: &BTreeSet<usize>, facts: &FactBase) -> Vec<Fact> {
    positions.iter().take(EVIDENCE_MAX).map(|position| facts.fact(*position).clone()).collect()
}

/// Subjects on which nothing was found are told as one: what is excluded or cannot be checked fills no page.
fn merge(judged: Vec<Judged<'_>>) -> Option<Judged<'_>> {
    let several = judged.len() > 1;
    let status = judged.iter().map(|judged| judged.status).max()?;
    let mut same = judged.into_iter().filter(|judged| judged.status == status);
    let mut merged = same.next()?;
    for other in same {
        merged.holding.extend(other.holding);
        merged.against.extend(other.against);
        merged.missing.extend(other.missing);
    }
    if several {
        merged.subject = None;
    }
    Some(merged)
}

/// A code that is typical of the cause raises it, and no more.
fn raised_by_code<'a>(cause: &Cause, facts: &'a FactBase, codes: &[(ErrorCode, usize)]) -> Judged<'a> {
    let mut subjects = facts.subjects(cause.subject);
    let subject = match (subjects.next(), subjects.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let scene = Scene { facts, subject };
    let missing = cause.conditions.strongest().map(|condition| condition.judge(&scene).missing).unwrap_or_default();
    let holding = codes.iter().map(|(_, position)| *position).collect();
    Judged { subject, status: Status::Possible, holding, against: BTreeSet::new(), missing }
}

fn judge_subject<'a>(cause: &Cause, scene: &Scene<'a>) -> Option<Judged<'a>> {
    let judge = |condition: &Option<Condition>| condition.as_ref().map(|condition| condition.judge(scene));
    let holds =
        |judgement: &Option<Judgement>| judgement.as_ref().is_some_and(|judgement| judgement.truth == Truth::True);
    let conditions = &cause.conditions;
    let (confirmed, likely, possible) =
        (judge(&conditions.confirmed), judge(&conditions.likely), judge(&conditions.possible));
    let ruled_out = judge(&conditions.ruled_out);
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
    let all = |part: fn(&Judgement) -> &BTreeSet<usize>| -> BTreeSet<usize> {
        ladder.iter().flat_map(|judgement| part(judgement).iter().copied()).collect()
    };
    let holding = match status {
        Status::RuledOut => BTreeSet::new(),
        Status::NotCheckable => all(|judgement| &judgement.holding),
        _ => {
            let decisive = ladder.iter().find(|judgement| judgement.truth == Truth::True);
            let mut holding = decisive.map(|judgement| judgement.holding.clone()).unwrap_or_default();
            holding.extend(shown(cause, scene));
            holding
        }
    };
    let against = match (excluded, status) {
        (true, _) => ruled_out.as_ref().map(|judgement| judgement.holding.clone()).unwrap_or_default(),
        (false, Status::RuledOut) => all(|judgement| &judgement.failing),
        (false, _) => BTreeSet::new(),
    };
    let open = ladder.iter().take_while(|judgement| judgement.truth != Truth::True);
    let missing = match status {
        Status::RuledOut => BTreeSet::new(),
        _ => open.flat_map(|judgement| judgement.missing.iter().cloned()).collect(),
    };
    // Nothing in the evidence touches it: there is nothing to report.
    let touched = !holding.is_empty() || !against.is_empty();
    touched.then_some(Judged { subject: scene.subject, status, holding, against, missing })
}

/// What belongs to the picture without deciding anything, as far as it is known.
fn shown(cause: &Cause, scene: &Scene<'_>) -> Vec<usize> {
    let Some(subject) = scene.subject else { return Vec::new() };
    let position = |key: &Key| match scene.facts.current(subject, *key) {
        Current::Is(position) if !matches!(scene.facts.fact(position).state, State::Unknown(_)) => Some(position),
        _ => None,
    };
    cause.shows.iter().filter_map(position).collect()
}
