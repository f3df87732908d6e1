//! Evaluation of conditions in three-valued logic, with the facts that decided.

use std::collections::BTreeSet;

use super::{Condition, Leaf, Quantifier, Relation, Test};
use crate::fact::{Current, FactBase, Key, State, Subject, SubjectKind, Value, Why};
use crate::truth::Truth;

/// Missing facts that a judgement keeps, about: what thousands of events lack is the same for each.
const MISSING_MAX: usize = 50;

/// What a condition is evaluated in: the facts, and the subject at hand.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// All facts.
    pub facts: &'a FactBase,
    /// The subject at hand; `None` when the evidence names none of the kind.
    pub subject: Option<&'a Subject>,
}

/// A fact that would have been needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// What is not known.
    pub key: Key,
    /// Of which subject, where one is named.
    pub subject: Option<Subject>,
    /// Why it is not known.
    pub why: Why,
}

/// The outcome of an evaluation and what it rests on. Facts are named by their position in the [`FactBase`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The outcome.
    pub truth: Truth,
    /// Facts that speak for the condition.
    pub holding: BTreeSet<usize>,
    /// Facts that speak against it.
    pub failing: BTreeSet<usize>,
    /// What would have been needed to tell.
    pub missing: BTreeSet<Missing>,
}

impl Judgement {
    fn constant(truth: Truth) -> Self {
        Self { truth, holding: BTreeSet::new(), failing: BTreeSet::new(), missing: BTreeSet::new() }
    }

    fn negated(self) -> Self {
        Self { truth: !self.truth, holding: self.failing, failing: self.holding, missing: self.missing }
    }
}

/// Joins judgements. What decided the outcome is kept: for a true outcome the facts that hold, for a false one the
/// facts that fail, for an open one both and what is missing.
fn join(parts: Vec<Judgement>, start: Truth, connect: fn(Truth, Truth) -> Truth) -> Judgement {
    let truth = parts.iter().fold(start, |truth, part| connect(truth, part.truth));
    let mut joined = Judgement::constant(truth);
    for part in parts {
        if truth == Truth::Unknown || part.truth == truth {
            joined.holding.extend(part.holding);
            joined.failing.extend(part.failing);
        }
        if truth == Truth::Unknown && part.truth == Truth::Unknown && joined.missing.len() < MISSING_MAX {
            joined.missing.extend(part.missing);
        }
    }
    joined
}

impl Condition {
    /// Evaluates the condition.
    pub fn judge(&self, scene: &Scene<'_>) -> Judgement {
        match self {
            Self::All(parts) => join(parts.iter().map(|part| part.judge(scene)).collect(), Truth::True, Truth::and),
            Self::Any(parts) => join(parts.iter().map(|part| part.judge(scene)).collect(), Truth::False, Truth::or),
            Self::Not(part) => part.judge(scene).negated(),
            Self::Some(quantifier) => some(quantifier, scene),
            Self::Every(quantifier) => every(quantifier, scene),
            Self::Leaf(leaf) => compare(leaf, scene),
            Self::Predicate(predicate) => predicate.judge(scene),
            Self::Constant(truth) => Judgement::constant(*truth),
        }
    }
}

fn subjects<'a>(quantifier: &Quantifier, scene: &Scene<'a>) -> Vec<&'a Subject> {
    scene
        .facts
        .subjects(quantifier.kind)
        .filter(|subject| match quantifier.relation {
            Relation::Free => true,
            Relation::Other => Some(*subject) != scene.subject,
            Relation::SameHost => {
                Some(*subject) != scene.subject && scene.subject.is_some_and(|own| own.host() == subject.host())
            }
        })
        .collect()
}

/// True if one satisfies it, false if every one that is meant does not, unknown if the evidence names none.
fn some(quantifier: &Quantifier, scene: &Scene<'_>) -> Judgement {
    let mut parts = Vec::new();
    for subject in subjects(quantifier, scene) {
        let inner = Scene { facts: scene.facts, subject: Some(subject) };
        let among = quantifier.among.as_ref().map(|among| among.judge(&inner));
        if among.as_ref().is_some_and(|among| among.truth == Truth::False) {
            continue;
        }
        let part = join(among.into_iter().chain([quantifier.each.judge(&inner)]).collect(), Truth::True, Truth::and);
        if part.truth == Truth::True {
            // One witness is proof; the others would only fill the page.
            return part;
        }
        parts.push(part);
    }
    if parts.is_empty() { nobody(quantifier, scene) } else { join(parts, Truth::False, Truth::or) }
}

/// False if one fails it, true if there is one and all satisfy it, unknown if the evidence names none.
fn every(quantifier: &Quantifier, scene: &Scene<'_>) -> Judgement {
    let mut parts = Vec::new();
    // Subjects of which it is open whether they are meant: they can neither confirm nor refute.
    let mut open = Vec::new();
    for subject in subjects(quantifier, scene) {
        let inner = Scene { facts: scene.facts, subject: Some(subject) };
        let among = quantifier.among.as_ref().map(|among| among.judge(&inner));
        match among {
            Some(among) if among.truth == Truth::False => {}
            Some(among) if among.truth == Truth::Unknown => {
                let fails = quantifier.each.judge(&inner).truth != Truth::True;
                if fails { parts.push(among) } else { open.push(among) }
            }
            _ => parts.push(quantifier.each.judge(&inner)),
        }
    }
    match (parts.is_empty(), open.is_empty()) {
        (true, true) => nobody(quantifier, scene),
        (true, false) => join(open, Truth::True, Truth::and),
        (false, _) => join(parts, Truth::True, Truth::and),
    }
}

/// No subject to ask: unknown, and what is missing is what would have been asked.
fn nobody(quantifier: &Quantifier, scene: &Scene<'_>) -> Judgement {
    if quantifier.if_none != Truth::Unknown {
        return Judgement::constant(quantifier.if_none);
    }
    let inner = Scene { facts: scene.facts, subject: None };
    let asked = quantifier.each.judge(&inner);
    Judgement { missing: asked.missing, ..Judgement::constant(Truth::Unknown) }
}

fn compare(leaf: &Leaf, scene: &Scene<'_>) -> Judgement {
    let machine = Subject::machine();
    let subject = if leaf.key.subject_kind() == SubjectKind::Machine { Some(&machine) } else { scene.subject };
    let missing = |key: Key, why: Why| {
        let of = subject.filter(|subject| !subject.id.is_empty()).cloned();
        Judgement {
            missing: BTreeSet::from([Missing { key, subject: of, why }]),
            ..Judgement::constant(Truth::Unknown)
        }
    };
    let Some(subject) = subject else { return missing(leaf.key, Why::NotInEvidence) };
    let position = match scene.facts.current(subject, leaf.key) {
        Current::Missing => return missing(leaf.key, Why::NotInEvidence),
        Current::Contradictory(_) => return missing(leaf.key, Why::Contradictory),
        Current::Is(position) => position,
    };
    let truth = match &scene.facts.fact(position).state {
        State::Unknown(why) => return missing(leaf.key, *why),
        State::Absent => Truth::from(leaf.test == Test::ExistsNot),
        State::Present(value) => match &leaf.test {
            Test::BelowFact(other) => match scene.facts.state(subject, *other) {
                State::Present(limit) => match (as_number(value), as_number(&limit)) {
                    (Some(number), Some(limit)) => Truth::from(number < limit),
                    _ => Truth::Unknown,
                },
                State::Absent => Truth::False,
                State::Unknown(why) => return missing(*other, why),
            },
            test => Truth::from(passes(test, value)),
        },
    };
    let mut judgement = Judgement::constant(truth);
    match truth {
        Truth::True => judgement.holding.insert(position),
        Truth::False => judgement.failing.insert(position),
        Truth::Unknown => false,
    };
    judgement
}

fn passes(test: &Test, value: &Value) -> bool {
    match test {
        Test::OneOf(values) => values.iter().any(|wanted| match (wanted, value) {
            (Value::Text(wanted), Value::Text(value)) => wanted.eq_ignore_ascii_case(value),
            _ => wanted == value,
        }),
        Test::Above(limit) => as_number(value).is_some_and(|number| number > *limit),
        Test::Below(limit) => as_number(value).is_some_and(|number| number < *limit),
        Test::Outside(low, high) => as_number(value).is_some_and(|number| number < *low || number > *high),
        Test::HasBits(bits) => matches!(value, Value::Integer(number) if number & i64::from(*bits) == i64::from(*bits)),
        Test::Exists => true,
        Test::ExistsNot | Test::BelowFact(_) => false,
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "counts, minutes and ports are far below 2^52")]
        Value::Integer(number) => Some(*number as f64),
        Value::Seconds(seconds) => Some(*seconds),
        _ => None,
    }
}
