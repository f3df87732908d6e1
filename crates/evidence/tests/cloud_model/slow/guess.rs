//! Guesses at what the exports do not say: a walk asks, and is done once for each combination of answers.

/// The answers of one walk.
pub(crate) struct Guess {
    answers: Vec<(String, bool)>,
    /// Questions that the walk has asked for the first time so far.
    asked: usize,
}

impl Guess {
    /// Whether it is so. The same question has the same answer throughout a walk.
    pub(crate) fn ask(&mut self, question: &str) -> bool {
        if let Some((_, answer)) = self.answers[..self.asked].iter().find(|(known, _)| known == question) {
            return *answer;
        }
        if self.asked == self.answers.len() {
            self.answers.push((question.to_owned(), false));
        }
        self.asked += 1;
        self.answers[self.asked - 1].1
    }
}

/// What every combination of answers leads to.
pub(crate) fn every<T>(mut walk: impl FnMut(&mut Guess) -> T) -> Vec<T> {
    let mut results = Vec::new();
    let mut answers = Vec::new();
    loop {
        let mut guess = Guess { answers, asked: 0 };
        results.push(walk(&mut guess));
        answers = guess.answers;
        // Count on, like a binary number: what was asked last changes first.
        while answers.last().is_some_and(|(_, answer)| *answer) {
            answers.pop();
        }
        match answers.last_mut() {
            Some((_, answer)) => *answer = true,
            None => return results,
        }
    }
}

#[test]
fn every_combination_is_walked_once() {
    let walk = |guess: &mut Guess| (guess.ask("a"), guess.ask("a"), if guess.ask("b") { guess.ask("c") } else { true });
    let walked = every(walk);
    let mut expected = Vec::new();
    for a in [false, true] {
        expected.extend([(a, a, true), (a, a, false), (a, a, true)]);
    }
    assert_eq!(walked, expected);
}
