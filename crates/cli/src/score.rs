//! What an answer in a blind drill is worth.

use std::collections::BTreeSet;

use kmsdoctor_core::knowledge::Knowledge;

/// The answer where nothing is broken.
pub(crate) const HEALTHY: &str = "healthy";

/// How good an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Score {
    /// It names every cause, and nothing else.
    Right,
    /// It names one of several causes, or one of the same area.
    Near,
    /// It is neither.
    Wrong,
}

impl Score {
    /// Holds an answer against the causes that are to be found; none of them means that nothing is broken.
    pub(crate) fn of(answer: &[String], causes: &[&str], knowledge: &Knowledge) -> Self {
        let named: BTreeSet<&str> = answer.iter().map(String::as_str).collect();
        let expected: BTreeSet<&str> =
            if causes.is_empty() { [HEALTHY].into() } else { causes.iter().copied().collect() };
        let area = |id: &str| knowledge.causes.get(id).map(|cause| cause.area.as_str());
        let areas: BTreeSet<&str> = expected.iter().filter_map(|id| area(id)).collect();
        if named == expected {
            Self::Right
        } else if named.iter().any(|id| expected.contains(id) || area(id).is_some_and(|area| areas.contains(area))) {
            Self::Near
        } else {
            Self::Wrong
        }
    }
}

/// The scores of all rounds.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) right: u32,
    pub(crate) near: u32,
    pub(crate) wrong: u32,
}

impl Tally {
    pub(crate) fn add(&mut self, score: Score) {
        match score {
            Score::Right => self.right += 1,
            Score::Near => self.near += 1,
            Score::Wrong => self.wrong += 1,
        }
    }
}

/// Ids in a line; commas between them are as good as spaces.
pub(crate) fn words(line: &str) -> Vec<String> {
    let words = line.split([' ', '\t', '\r', '\n', ',', '、', '\u{3000}']);
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Whether a word can be an answer.
pub(crate) fn is_answer(word: &str, knowledge: &Knowledge) -> bool {
    word == HEALTHY || knowledge.causes.contains_key(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, causes: &[&str], expect: Score) {
        let answer = words(line);
        assert!(answer.iter().all(|word| is_answer(word, Knowledge::embedded())), "{line}");
        assert_eq!(Score::of(&answer, causes, Knowledge::embedded()), expect, "{line}");
    }

    #[test]
    fn answers() {
        check("dns-srv-missing\r\n", &["dns-srv-missing"], Score::Right);
        check(" DNS-SRV-Missing ", &["dns-srv-missing"], Score::Right);
        check("dns-srv-stale", &["dns-srv-missing"], Score::Near);
        check("net-port-refused", &["dns-srv-missing"], Score::Wrong);
        check("healthy", &["dns-srv-missing"], Score::Wrong);
        check("healthy", &[], Score::Right);
        check("dns-srv-missing", &[], Score::Wrong);
    }

    #[test]
    fn several_causes_are_all_to_be_named() {
        let both = ["dns-srv-stale", "client-clock-skew"];
        check("client-clock-skew, dns-srv-stale", &both, Score::Right);
        check("client-clock-skew、dns-srv-stale", &both, Score::Right);
        check("client-clock-skew", &both, Score::Near);
        check("net-not-kms", &both, Score::Wrong);
        // To name everything is no diagnosis.
        check("client-clock-skew dns-srv-stale net-not-kms", &both, Score::Near);
    }

    #[test]
    fn what_is_no_cause_is_no_answer() {
        assert!(!is_answer("dns-srv", Knowledge::embedded()));
        assert!(words(" ,、\n").is_empty());
    }
}
