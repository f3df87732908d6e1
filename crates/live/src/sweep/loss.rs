//! How lossy the way is, and how often silence has to be asked because of that.

/// Tries of one endpoint, however lossy the way is.
const TRIES_MAX: u32 = 10;
/// Endpoints that would answer and are missed, on average of sweeps.
const MISSED_MAX: f64 = 0.01;

/// What endpoints that answer show of the way.
#[derive(Debug, Default)]
pub(super) struct Loss {
    answers: u64,
    tries: u64,
}

impl Loss {
    /// An endpoint answered when it was asked for the `tries`th time.
    pub(super) fn answered(&mut self, tries: u32) {
        self.answers += 1;
        self.tries += u64::from(tries);
    }

    /// Part of the tries that got no answer.
    #[expect(clippy::cast_precision_loss, reason = "a part")]
    pub(super) fn part(&self) -> f64 {
        if self.tries == 0 { 0.0 } else { (self.tries - self.answers) as f64 / self.tries as f64 }
    }

    /// How often each of `silent` endpoints has to be asked, at least `tries_min`, until it is unlikely that one of them
    /// would have answered.
    pub(super) fn tries_wanted(&self, silent: usize, tries_min: u32) -> u32 {
        let part = self.part();
        if silent == 0 || part <= 0.0 {
            return tries_min;
        }
        let mut missed = f64::from(u32::try_from(silent).unwrap_or(u32::MAX));
        let mut tries = 0;
        while missed > MISSED_MAX && tries < TRIES_MAX {
            missed *= part;
            tries += 1;
        }
        tries.max(tries_min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_asked_until_it_is_unlikely_to_be_loss() {
        let mut loss = Loss::default();
        assert_eq!(loss.tries_wanted(1000, 2), 2);
        for _ in 0..90 {
            loss.answered(1);
        }
        assert_eq!(loss.tries_wanted(1000, 2), 2);
        for _ in 0..10 {
            loss.answered(2);
        }
        // 10 of 110 got lost: 1000 × (1/11)^5 < 0.01.
        assert_eq!(loss.tries_wanted(1000, 2), 5);
        assert_eq!(loss.tries_wanted(1, 2), 2);
        assert_eq!(loss.tries_wanted(0, 2), 2);
        assert_eq!(loss.tries_wanted(1000, 7), 7);
    }

    #[test]
    fn there_is_an_end() {
        let mut loss = Loss::default();
        loss.answered(100);
        assert_eq!(loss.tries_wanted(usize::MAX, 2), TRIES_MAX);
    }
}
