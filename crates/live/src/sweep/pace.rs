//! How fast connections are begun: a bucket that fills at the rate and holds a twentieth of a second's worth.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

/// Parts of a second that the bucket holds.
const BUCKETS_PER_S: f64 = 20.0;

/// Lets connections begin at a rate.
#[derive(Debug)]
pub(super) struct Pace {
    per_s: Option<f64>,
    tokens: f64,
    filled_at: Instant,
    /// Nothing begins before.
    not_before: Instant,
}

impl Pace {
    pub(super) fn new(per_s: Option<NonZeroU32>) -> Self {
        let now = Instant::now();
        Self { per_s: per_s.map(|rate| f64::from(rate.get())), tokens: 1.0, filled_at: now, not_before: now }
    }

    /// Whether one more may begin now.
    pub(super) fn may_begin(&mut self) -> bool {
        let now = Instant::now();
        if let Some(per_s) = self.per_s {
            let filled = now.saturating_duration_since(self.filled_at).as_secs_f64() * per_s;
            self.tokens = (self.tokens + filled).min((per_s / BUCKETS_PER_S).max(1.0));
            self.filled_at = now;
        }
        now >= self.not_before && (self.per_s.is_none() || self.tokens >= 1.0)
    }

    /// One has begun.
    pub(super) fn begun(&mut self) {
        self.tokens -= 1.0;
    }

    /// When to ask again.
    pub(super) fn next(&self) -> Instant {
        let missing = self.per_s.map_or(0.0, |per_s| ((1.0 - self.tokens) / per_s).max(0.0));
        self.not_before.max(self.filled_at + Duration::from_secs_f64(missing))
    }

    /// Nothing begins for so long.
    pub(super) fn pause(&mut self, time: Duration) {
        self.not_before = Instant::now() + time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_rate_holds() {
        let mut pace = Pace::new(NonZeroU32::new(100));
        let started = Instant::now();
        let mut begun = 0_u32;
        while started.elapsed() < Duration::from_secs(2) {
            if pace.may_begin() {
                pace.begun();
                begun += 1;
            } else {
                tokio::time::sleep_until(pace.next()).await;
            }
        }
        assert!((195..=206).contains(&begun), "{begun}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_rate_everything_may_begin_but_in_a_pause() {
        let mut pace = Pace::new(None);
        for _ in 0..10_000 {
            assert!(pace.may_begin());
            pace.begun();
        }
        pace.pause(Duration::from_millis(20));
        assert!(!pace.may_begin());
        tokio::time::sleep_until(pace.next()).await;
        assert!(pace.may_begin());
    }
}
