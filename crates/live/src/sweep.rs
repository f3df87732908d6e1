//! A sweep: many KMS endpoints, each with one connection and one RPC bind, as many at once as is allowed.
//!
//! Addresses come from the targets themselves or from DNS. What an endpoint answered is told as soon as it did. Silence
//! is asked again at once, and told when everything else is known: how many of those that answered had to be asked twice
//! tells how lossy the way is, and so how often silence must be asked before it counts.

mod loss;
mod names;
mod pace;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use kmsdoctor_wire::transcript::{ConnectionAttempt, DnsQuestion, Outcome};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::context::Context;
use crate::{endpoint, system};

use loss::Loss;
use names::{Answer, Hosts};
use pace::Pace;

/// Threads that hold conversations, beside the one that hands them out and tells what came: the system's part of a connection takes
/// most of its time, and one thread would wait for it.
const WORKERS: usize = 2;
/// Connections that are open at once however few sockets there are.
const CONNECTIONS_MIN: usize = 16;
/// Files that a process has open beside the connections.
const FILES_BESIDE: u64 = 64;
/// How often a connection is put off because the system has no socket for it, before that is what is told of it.
const PUT_OFF_MAX: u16 = 64;
/// How long nothing new is begun then.
const PUT_OFF_FOR: Duration = Duration::from_millis(20);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepTarget {
    /// One address and TCP port.
    Address(SocketAddr),
    /// A host by name, with its TCP port: every address that it has.
    Host {
        /// Host name.
        name: String,
        /// TCP port.
        port: u16,
    },
    /// Every host that the domain's `_vlmcs._tcp` SRV record advertises.
    Domain(String),
}

/// How it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepRequest {
    /// Resolvers to ask. Empty: those of the system, and for names that they do not know, the system itself.
    pub resolvers: Vec<SocketAddr>,
    /// Time for a connection, for a bind, and for a DNS question.
    pub deadline: Duration,
    /// How often a silent endpoint is asked, at least. Where answers get lost it is asked more often.
    pub attempts: NonZeroU32,
    /// Connections open at once.
    pub concurrency: usize,
    /// New connections in a second; `None` for as many as go.
    pub rate_per_s: Option<NonZeroU32>,
}

/// Who named an endpoint.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The target: a host, or a domain.
    pub target: String,
    /// The host with that address.
    pub host: String,
}

/// What was found out.
#[derive(Debug)]
pub enum Swept {
    /// One address.
    Endpoint {
        /// Who named it; `None` where the target is the address.
        origin: Option<Arc<Origin>>,
        /// How often it was asked.
        tries: u32,
        /// The last try.
        attempt: ConnectionAttempt,
    },
    /// A domain or host that led to no address.
    Nowhere {
        /// The target.
        target: String,
        /// The host without address; `None` for a domain without record.
        host: Option<String>,
        /// The question that was asked last; `None` where none could be.
        question: Option<DnsQuestion>,
    },
}

/// Hears of a sweep while it runs.
pub trait SweepObserver {
    /// Something was found out.
    fn found(&mut self, swept: Swept);
    /// `begun` targets have been begun so far, and more may come. Called some times a second.
    fn progress(&mut self, begun: u64);
}

/// How a sweep ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SweepEnd {
    /// Ctrl-C was pressed: what had not answered is not told.
    pub interrupted: bool,
    /// The system gives this program no sockets at all: nothing was asked.
    pub no_sockets: bool,
    /// How often an endpoint was asked that stayed silent.
    pub tries_max: u32,
    /// Part of the tries that got no answer from endpoints that do answer, between 0 and 1.
    pub loss: f64,
}

/// Asks every target. Blocks until all have answered or been given up, or until Ctrl-C. On a KMS port one RPC bind is sent
/// and nothing after it.
pub fn sweep(
    targets: impl IntoIterator<Item = SweepTarget>,
    request: &SweepRequest,
    observer: &mut dyn SweepObserver,
) -> SweepEnd {
    let Ok(runtime) = Builder::new_multi_thread().worker_threads(WORKERS).enable_io().enable_time().build() else {
        return SweepEnd { interrupted: false, no_sockets: true, tries_max: 0, loss: 0.0 };
    };
    let end = runtime.block_on(async {
        let mut targets = targets.into_iter();
        Sweep::new(request, &mut targets, observer).run().await
    });
    // A lookup by the system may still be running in its thread; nobody waits for it.
    Runtime::shutdown_background(runtime);
    end
}

/// One address that is to be asked, or asked again.
#[derive(Debug)]
struct Try {
    address: SocketAddr,
    /// Who wants to know stands in [`Sweep::named`]; else the address is the target.
    is_named: bool,
    tries: u32,
    put_off: u16,
}

/// An endpoint that names lead to. It is asked once for all of them.
#[derive(Debug)]
enum Named {
    Running(Vec<Arc<Origin>>),
    Known { tries: u32, attempt: Box<ConnectionAttempt> },
}

enum Event {
    Attempt(Try, ConnectionAttempt),
    Answer(Answer),
    OutOfTime,
}

struct Sweep<'a> {
    context: Arc<Context>,
    request: &'a SweepRequest,
    targets: &'a mut dyn Iterator<Item = SweepTarget>,
    has_targets: bool,
    observer: &'a mut dyn SweepObserver,
    tasks: JoinSet<Event>,
    /// Connections that may be open at once.
    limit: usize,
    pace: Pace,
    /// To be asked before new targets are taken.
    ready: VecDeque<Try>,
    /// Silent so far.
    silent: Vec<(Try, ConnectionAttempt)>,
    named: BTreeMap<SocketAddr, Named>,
    hosts: Hosts,
    loss: Loss,
    begun: u64,
    progress_at: Instant,
    tries_max: u32,
}

/// Time between two reports of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

impl<'a> Sweep<'a> {
    fn new(
        request: &'a SweepRequest,
        targets: &'a mut dyn Iterator<Item = SweepTarget>,
        observer: &'a mut dyn SweepObserver,
    ) -> Self {
        let wanted = u64::try_from(request.concurrency).unwrap_or(u64::MAX).saturating_add(FILES_BESIDE);
        // Where the limit cannot be told, running out of sockets is noticed all the same.
        let files = rlimit::increase_nofile_limit(wanted).unwrap_or(u64::MAX);
        let sockets = usize::try_from(files.saturating_sub(FILES_BESIDE)).unwrap_or(usize::MAX);
        let is_own = request.resolvers.is_empty();
        let resolvers = if is_own { system::read().resolvers } else { request.resolvers.clone() };
        Self {
            context: Arc::new(Context::open_ended(request.deadline)),
            request,
            targets,
            has_targets: true,
            observer,
            tasks: JoinSet::new(),
            limit: request.concurrency.min(sockets).max(CONNECTIONS_MIN.min(request.concurrency)),
            pace: Pace::new(request.rate_per_s),
            ready: VecDeque::new(),
            silent: Vec::new(),
            named: BTreeMap::new(),
            hosts: Hosts::new(resolvers, is_own),
            loss: Loss::default(),
            begun: 0,
            progress_at: Instant::now(),
            tries_max: 0,
        }
    }

    async fn run(mut self) -> SweepEnd {
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        let interrupted = loop {
            self.begin();
            let can_begin = self.has_work() && self.tasks.len() < self.limit;
            if self.tasks.is_empty() && !can_begin {
                if self.ask_silence_again() {
                    continue;
                }
                break false;
            }
            tokio::select! {
                biased;
                Some(event) = self.tasks.join_next(), if !self.tasks.is_empty() => {
                    self.take(event.unwrap_or(Event::OutOfTime));
                    while let Some(event) = self.tasks.try_join_next() {
                        self.take(event.unwrap_or(Event::OutOfTime));
                    }
                }
                () = sleep_until(self.pace.next()), if can_begin => {}
                // So that progress is told, and what was found is shown, while nothing answers.
                () = sleep_until(self.progress_at) => {}
                Ok(()) = &mut interrupt => break true,
            }
        };
        if !interrupted {
            self.tell_silence();
        }
        SweepEnd { interrupted, no_sockets: false, tries_max: self.tries_max, loss: self.loss.part() }
    }

    fn has_work(&self) -> bool {
        self.has_targets || !self.ready.is_empty()
    }

    /// Begins what may be begun now.
    fn begin(&mut self) {
        let now = Instant::now();
        if now >= self.progress_at {
            self.progress_at = now + PROGRESS_EVERY;
            self.observer.progress(self.begun);
        }
        while self.tasks.len() < self.limit && self.pace.may_begin() {
            if let Some(again) = self.ready.pop_front() {
                self.ask(again);
            } else if let Some(target) = self.next_target() {
                self.begun += 1;
                match target {
                    SweepTarget::Address(address) => {
                        self.ask(Try { address, is_named: false, tries: 0, put_off: 0 });
                    }
                    SweepTarget::Host { name, port } => {
                        self.pace.begun();
                        self.find(&Arc::new(Origin { target: name.clone(), host: name }), port);
                    }
                    SweepTarget::Domain(domain) => {
                        self.pace.begun();
                        let question = self.hosts.ask_for_services(&self.context, domain);
                        self.tasks.spawn(async move { Event::Answer(question.await) });
                    }
                }
            } else {
                break;
            }
        }
    }

    fn next_target(&mut self) -> Option<SweepTarget> {
        let target = if self.has_targets { self.targets.next() } else { None };
        self.has_targets = target.is_some();
        target
    }

    fn ask(&mut self, mut again: Try) {
        self.pace.begun();
        again.tries += 1;
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let attempt = endpoint::ask(&context, again.address).await;
            Event::Attempt(again, attempt)
        });
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Attempt(asked, attempt) => self.take_attempt(asked, attempt),
            Event::Answer(Answer::Services { domain, services, question }) => {
                if services.is_empty() {
                    self.observer.found(Swept::Nowhere { target: domain.clone(), host: None, question });
                }
                for (host, port) in services {
                    self.find(&Arc::new(Origin { target: domain.clone(), host }), port);
                }
            }
            Event::Answer(Answer::Addresses { host, addresses, question }) => {
                for (origin, port) in self.hosts.know(&host, addresses.clone(), question.clone()) {
                    self.lead(&origin, port, &addresses, question.as_ref());
                }
            }
            // Only a task that was called off ends without an event.
            Event::OutOfTime => {}
        }
    }

    /// Looks for the addresses of a host, and asks them.
    fn find(&mut self, origin: &Arc<Origin>, port: u16) {
        if let Ok(address) = origin.host.parse::<IpAddr>() {
            return self.lead(origin, port, &[address], None);
        }
        match self.hosts.find(&self.context, origin, port) {
            names::Found::Known(addresses, question) => self.lead(origin, port, &addresses, question.as_ref()),
            names::Found::Asked(question) => {
                self.tasks.spawn(async move { Event::Answer(question.await) });
            }
            names::Found::Waiting => {}
        }
    }

    /// A name led to these addresses.
    fn lead(&mut self, origin: &Arc<Origin>, port: u16, addresses: &[IpAddr], question: Option<&DnsQuestion>) {
        if addresses.is_empty() {
            let (target, host) = (origin.target.clone(), Some(origin.host.clone()));
            self.observer.found(Swept::Nowhere { target, host, question: question.cloned() });
        }
        for &address in addresses {
            let address = SocketAddr::new(address, port);
            match self.named.get_mut(&address) {
                Some(Named::Running(origins)) => origins.push(Arc::clone(origin)),
                Some(Named::Known { tries, attempt }) => {
                    let (tries, attempt, origin) = (*tries, *attempt.clone(), Some(Arc::clone(origin)));
                    self.observer.found(Swept::Endpoint { origin, tries, attempt });
                }
                None => {
                    self.named.insert(address, Named::Running(vec![Arc::clone(origin)]));
                    self.ready.push_back(Try { address, is_named: true, tries: 0, put_off: 0 });
                }
            }
        }
    }

    fn take_attempt(&mut self, mut asked: Try, attempt: ConnectionAttempt) {
        if is_out_of_sockets(&attempt) && asked.put_off < PUT_OFF_MAX {
            // Fewer at once, then. This was no try.
            self.limit = (self.limit * 3 / 4).max(CONNECTIONS_MIN);
            self.pace.pause(PUT_OFF_FOR);
            asked.tries -= 1;
            asked.put_off += 1;
            self.ready.push_back(asked);
        } else if !is_silent(&attempt) {
            self.loss.answered(asked.tries);
            self.tell(&asked, attempt);
        } else if asked.tries < self.request.attempts.get() {
            self.ready.push_back(asked);
        } else {
            self.silent.push((asked, attempt));
        }
    }

    /// Whether there is silence that has to be asked once more.
    fn ask_silence_again(&mut self) -> bool {
        let tries = self.loss.tries_wanted(self.silent.len(), self.request.attempts.get());
        let (again, enough) = std::mem::take(&mut self.silent).into_iter().partition(|(asked, _)| asked.tries < tries);
        self.silent = enough;
        let again: Vec<_> = again;
        self.ready.extend(again.into_iter().map(|(asked, _)| asked));
        !self.ready.is_empty()
    }

    fn tell_silence(&mut self) {
        for (asked, attempt) in std::mem::take(&mut self.silent) {
            self.tries_max = self.tries_max.max(asked.tries);
            self.tell(&asked, attempt);
        }
    }

    fn tell(&mut self, asked: &Try, attempt: ConnectionAttempt) {
        let tries = asked.tries;
        if !asked.is_named {
            return self.observer.found(Swept::Endpoint { origin: None, tries, attempt });
        }
        let known = Named::Known { tries, attempt: Box::new(attempt.clone()) };
        if let Some(Named::Running(origins)) = self.named.insert(asked.address, known) {
            for origin in origins {
                let attempt = attempt.clone();
                self.observer.found(Swept::Endpoint { origin: Some(origin), tries, attempt });
            }
        }
    }
}

/// Nothing came, which may be for the loss of a packet, or for a queue of this machine that was full.
fn is_silent(attempt: &ConnectionAttempt) -> bool {
    let bind = attempt.bind.as_ref().map(|exchange| &exchange.outcome);
    attempt.connect == Outcome::TimedOut || bind == Some(&Outcome::TimedOut)
}

/// The local system had no socket, no buffer or no port left: EMFILE, ENFILE, ENOBUFS, EADDRNOTAVAIL; `WSAEMFILE`,
/// `WSAENOBUFS`, `WSAEADDRNOTAVAIL`.
fn is_out_of_sockets(attempt: &ConnectionAttempt) -> bool {
    match &attempt.connect {
        Outcome::Failed { os_error: Some(number), .. } => {
            let numbers: &[i32] = if cfg!(windows) { &[10024, 10055] } else { &[24, 23, 105, 55] };
            numbers.contains(number)
        }
        // To an IPv6 address it means that this machine has no IPv6.
        Outcome::Unreachable { os_error: Some(number) } if attempt.address.is_ipv4() => {
            *number == if cfg!(windows) { 10049 } else { 99 }
        }
        _ => false,
    }
}
