//! What every exchange shares: the time that is left and the number of sockets.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::OVERTIME;

/// Sockets for each kind of exchange. Together they stay below 1024, the usual limit of open files on Linux; the kinds
/// have their own so that signs of life never keep a bind waiting.
const DNS_SOCKETS_MAX: usize = 192;
const ENDPOINT_SOCKETS_MAX: usize = 384;
const LIFE_SOCKETS_MAX: usize = 256;
/// Ways traced at once; each takes a socket for every hop.
const TRACES_MAX: usize = 4;

/// An exchange with less time than this is not begun: its silence would say nothing about the peer.
const EXCHANGE_TIME_MIN: Duration = Duration::from_millis(20);

/// Longer than any sweep.
const NO_END: Duration = Duration::from_hours(10 * 365 * 24);

/// What an exchange is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// DNS questions, and the few about time.
    Question,
    /// Connections to KMS ports.
    Endpoint,
    /// Signs of life, and controls.
    Life,
    /// The way to an endpoint.
    Trace,
}

/// The bounds of one run.
#[derive(Debug)]
pub(crate) struct Context {
    deadline: Duration,
    run_end: Instant,
    questions: Semaphore,
    endpoints: Semaphore,
    life: Semaphore,
    traces: Semaphore,
}

impl Context {
    /// Bounds of a run that begins now.
    pub(crate) fn new(deadline: Duration) -> Self {
        Self {
            deadline,
            run_end: Instant::now() + deadline + OVERTIME,
            questions: Semaphore::new(DNS_SOCKETS_MAX),
            endpoints: Semaphore::new(ENDPOINT_SOCKETS_MAX),
            life: Semaphore::new(LIFE_SOCKETS_MAX),
            traces: Semaphore::new(TRACES_MAX),
        }
    }

    /// Bounds of exchanges without a common end.
    pub(crate) fn open_ended(deadline: Duration) -> Self {
        Self { run_end: Instant::now() + NO_END, ..Self::new(deadline) }
    }

    /// When the run is over.
    pub(crate) fn run_end(&self) -> Instant {
        self.run_end
    }

    /// Waits for a socket; `None` when the time of the run is over before there is one.
    pub(crate) async fn enter(&self, kind: Kind) -> Option<SemaphorePermit<'_>> {
        let sockets = match kind {
            Kind::Question => &self.questions,
            Kind::Endpoint => &self.endpoints,
            Kind::Life => &self.life,
            Kind::Trace => &self.traces,
        };
        let permit = timeout_at(self.run_end, sockets.acquire()).await.ok()?.ok()?;
        (Instant::now() + EXCHANGE_TIME_MIN <= self.run_end).then_some(permit)
    }

    /// When an exchange that begins now has to end.
    pub(crate) fn exchange_end(&self) -> Instant {
        self.run_end.min(Instant::now() + self.deadline)
    }
}

/// A number that nobody can guess: the standard library seeds its hashers from the system's random source.
pub(crate) fn unguessable() -> u64 {
    RandomState::new().build_hasher().finish()
}
