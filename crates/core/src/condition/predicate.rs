//! Named predicates: the escape hatch for questions that data cannot put.

use super::evaluate::{Judgement, Scene};

/// A question that only code can answer. Prefer a derived fact: it shows up in reports, a predicate does not.
#[derive(Clone, Copy)]
pub struct Predicate {
    /// Its name in knowledge files.
    pub name: &'static str,
    judge: fn(&Scene<'_>) -> Judgement,
}

/// Every predicate. None is needed so far: derived facts (`derive.rs`) carry what spans several facts.
const PREDICATES: &[Predicate] = &[];

impl Predicate {
    /// The predicate called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        PREDICATES.iter().copied().find(|predicate| predicate.name == name)
    }

    /// Answers it.
    pub fn judge(&self, scene: &Scene<'_>) -> Judgement {
        (self.judge)(scene)
    }
}

impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Predicate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Predicate({})", self.name)
    }
}
