//! Conditions: how a cause asks for facts. Structured data, checked against the fact catalogue when it is loaded.
//!
//! ```toml
//! [confirmed]
//! all = [
//!   { fact = "endpoint.tcp", is = "refused" },
//!   { not = { some = "endpoint", where = { fact = "endpoint.rpc", is = "acknowledged" } } },
//! ]
//! ```
//!
//! A leaf compares one fact: `is`, `one_of`, `above`, `below`, `outside = [low, high]`, `has_bits`,
//! `below_fact = "other.fact"`, or `exists = true|false` (false: the evidence shows that there is none). Nodes: `all`, `any`, `not`,
//! `some = KIND, where = …` and `every = KIND, among = …, where = …` over the subjects of a kind (with `same = "host"`
//! or `other = true` to relate them to the subject at hand, and `if_none = false` where no such subject in the
//! evidence means that there is none), `use = NAME` for a shared condition, and
//! `predicate = NAME` for a question that only code can answer.

mod evaluate;
pub(crate) mod parse;
mod predicate;

pub use evaluate::{Judgement, Missing, Scene};
pub use parse::ConditionError;
pub use predicate::Predicate;

use crate::fact::{Key, SubjectKind, Value};
use crate::truth::Truth;

/// A checked condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every part holds.
    All(Vec<Self>),
    /// One part holds.
    Any(Vec<Self>),
    /// The part does not hold.
    Not(Box<Self>),
    /// One subject of the kind satisfies the part.
    Some(Quantifier),
    /// There is a subject among those meant, and every one of them satisfies the part.
    Every(Quantifier),
    /// A comparison of one fact.
    Leaf(Leaf),
    /// A question that only code can answer.
    Predicate(Predicate),
    /// A fixed truth: `always = true`, and what remains of a dropped leaf.
    Constant(Truth),
}

/// Subjects that a quantifier runs over, and what is asked of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantifier {
    /// Kind of the subjects.
    pub kind: SubjectKind,
    /// How they relate to the subject at hand.
    pub relation: Relation,
    /// Which of them are meant.
    pub among: Option<Box<Condition>>,
    /// What is asked of each.
    pub each: Box<Condition>,
    /// The outcome where the evidence names no such subject: unknown, unless the condition says that it means "no".
    pub if_none: Truth,
}

/// How quantified subjects relate to the subject at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Any subject of the kind.
    Free,
    /// The same host (endpoints and names), the subject itself left out.
    SameHost,
    /// Any but the subject itself.
    Other,
}

/// A comparison of one fact of the subject at hand (or of the machine).
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The fact.
    pub key: Key,
    /// The comparison.
    pub test: Test,
}

/// What a leaf asks of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of these values.
    OneOf(Vec<Value>),
    /// A number above this.
    Above(f64),
    /// A number below this.
    Below(f64),
    /// A number outside of this closed interval.
    Outside(f64, f64),
    /// A number (an error code's or flag field's bits) that has all of these bits.
    HasBits(u32),
    /// Any value.
    Exists,
    /// The evidence shows that there is none.
    ExistsNot,
    /// Less than the value of another fact of the same subject.
    BelowFact(Key),
}

impl Condition {
    /// Every leaf in it, in order.
    pub fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(part) => part.leaves(),
            Self::Some(quantifier) | Self::Every(quantifier) => {
                let mut leaves = quantifier.among.as_ref().map(|among| among.leaves()).unwrap_or_default();
                leaves.extend(quantifier.each.leaves());
                leaves
            }
            Self::Leaf(leaf) => vec![leaf],
            Self::Predicate(_) | Self::Constant(_) => Vec::new(),
        }
    }

    /// This condition as it would read without its `position`-th leaf (or predicate), for the test that each leaf
    /// decides some case: in `any` the leaf becomes false, elsewhere true. `None` if there are fewer leaves.
    pub fn without(&self, position: usize) -> Option<Self> {
        let mut copy = self.clone();
        copy.drop_leaf(&mut (position + 1), Truth::True).then_some(copy)
    }

    /// Counts `left` down at every leaf and replaces the one that reaches zero.
    fn drop_leaf(&mut self, left: &mut usize, neutral: Truth) -> bool {
        match self {
            Self::All(parts) => parts.iter_mut().any(|part| part.drop_leaf(left, Truth::True)),
            Self::Any(parts) => parts.iter_mut().any(|part| part.drop_leaf(left, Truth::False)),
            Self::Not(part) => part.drop_leaf(left, !neutral),
            Self::Some(quantifier) | Self::Every(quantifier) => {
                quantifier.among.as_mut().is_some_and(|among| among.drop_leaf(left, Truth::True))
                    || quantifier.each.drop_leaf(left, Truth::True)
            }
            Self::Leaf(_) | Self::Predicate(_) => {
                *left -= 1;
                if *left == 0 {
                    *self = Self::Constant(neutral);
                }
                *left == 0
            }
            Self::Constant(_) => false,
        }
    }
}
