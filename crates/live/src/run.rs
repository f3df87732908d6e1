//! One run: everything that can be asked at once is asked at once.
//!
//! The conductor holds what is known so far and a set of tasks, one per exchange. Each answer may start more tasks: an
//! SRV record its target's addresses, an address its connection. Nothing waits for anything it does not need.

mod addresses;
mod questions;
mod targets;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, EndpointProbe, NotAsked, Record, Scope, ScopeDomain, SignOfLife, SystemLookup, TimeQuestion,
    Transcript,
};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::CheckRequest;
use crate::context::Context;
use crate::dns::Asked;
use crate::system::{self, System};

use addresses::{Host, Life};
use questions::Purpose;
use targets::{Endpoint, TimeSource};

pub(crate) use addresses::ADDRESSES_PER_HOST_MAX;
pub(crate) use questions::SERVICE_PREFIX;
pub(crate) use targets::ADVERTISED_MAX;

/// Every exchange ends with the run; what has not reported this long after it is cut off.
const CUT_OFF_AFTER: Duration = Duration::from_millis(50);

/// Something that a task found out.
enum Event {
    Dns(Purpose, Asked),
    SystemLookup(Timestamp, SystemLookup),
    Attempt(Timestamp, ConnectionAttempt),
    Life(SignOfLife),
    Time(TimeQuestion),
    /// The system does not let us ask this; there is nothing to record.
    Nothing,
    OutOfTime,
}

/// Runs everything that `request` asks for.
pub(crate) fn conduct(request: &CheckRequest, progress: &mut dyn FnMut(&str)) -> Vec<Transcript> {
    let started_at = Timestamp::now();
    let Ok(runtime) = Builder::new_current_thread().enable_io().enable_time().build() else {
        let scope = Scope { not_asked: vec![NotAsked::NoSockets], ..Scope::default() };
        return vec![Transcript::new(started_at, Record::Scope(scope))];
    };
    let transcripts = runtime.block_on(async {
        let mut run = Run::new(request, progress);
        run.begin(request);
        run.listen().await;
        run.finish(started_at)
    });
    // A lookup by the system may still be running in its thread; nobody waits for it.
    Runtime::shutdown_background(runtime);
    transcripts
}

struct Run<'a> {
    context: Arc<Context>,
    /// Names are looked up as the system does it, too: the resolvers are its own.
    as_system: bool,
    progress: &'a mut dyn FnMut(&str),
    tasks: JoinSet<Event>,
    scope: Scope,
    hosts: BTreeMap<String, Host>,
    endpoints: Vec<Endpoint>,
    attempts: BTreeMap<SocketAddr, Option<(Timestamp, ConnectionAttempt)>>,
    life: BTreeMap<IpAddr, Life>,
    time_sources: Vec<TimeSource>,
    questions: Vec<Transcript>,
    times: Vec<Transcript>,
}

impl<'a> Run<'a> {
    fn new(request: &CheckRequest, progress: &'a mut dyn FnMut(&str)) -> Self {
        Self {
            context: Arc::new(Context::new(request.deadline)),
            as_system: request.resolvers.is_empty(),
            progress,
            tasks: JoinSet::new(),
            scope: Scope::default(),
            hosts: BTreeMap::new(),
            endpoints: Vec::new(),
            attempts: BTreeMap::new(),
            life: BTreeMap::new(),
            time_sources: Vec::new(),
            questions: Vec::new(),
            times: Vec::new(),
        }
    }

    fn begin(&mut self, request: &CheckRequest) {
        let System { machine, utc_offset_s, mut domains, resolvers, client_settings } = system::read();
        (self.scope.machine, self.scope.utc_offset_s) = (machine, utc_offset_s);
        let resolvers = if request.resolvers.is_empty() { resolvers } else { request.resolvers.clone() };
        self.take_resolvers(&resolvers);
        self.take_hosts(&request.hosts);
        // Whoever names hosts or domains asks about these, not about what this machine has set.
        if request.hosts.is_empty() && request.domains.is_empty() {
            self.take_client_settings(client_settings, &mut domains);
        }
        if request.hosts.is_empty() || !request.domains.is_empty() {
            self.discover(&request.domains, domains, request.time_sources.is_empty());
        }
        for source in &request.time_sources {
            self.take_time_source(source);
        }
    }

    /// Takes in what the tasks find out until there is none left, or no time, or Ctrl-C is pressed.
    async fn listen(&mut self) {
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        let mut cut_off = pin!(sleep_until(self.context.run_end() + CUT_OFF_AFTER));
        loop {
            tokio::select! {
                biased;
                joined = self.tasks.join_next() => match joined {
                    Some(Ok(event)) => self.take(event),
                    // A task that was called off because its answer is no longer needed.
                    Some(Err(_)) => {}
                    None => break,
                },
                Ok(()) = &mut interrupt => return self.note(NotAsked::Interrupted),
                () = &mut cut_off => return self.note(NotAsked::OutOfTime),
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Dns(purpose, asked) => self.take_answer(purpose, asked),
            Event::SystemLookup(started_at, lookup) => self.take_lookup(started_at, lookup),
            Event::Attempt(started_at, attempt) => self.take_attempt(started_at, attempt),
            Event::Life(sign) => self.take_sign(sign),
            Event::Time(question) => {
                self.times.push(Transcript::new(question.sent_at, Record::Time(question)));
            }
            Event::Nothing => {}
            Event::OutOfTime => self.note(NotAsked::OutOfTime),
        }
    }

    /// Puts the transcripts together: scope, questions, endpoints, time.
    fn finish(mut self, started_at: Timestamp) -> Vec<Transcript> {
        let mut transcripts = Vec::new();
        let endpoints: Vec<_> = self.endpoints.iter().map(|endpoint| self.probe(endpoint)).collect();
        // Whoever ended the run did not wait for addresses: that none came says nothing then.
        let waited = !self.scope.not_asked.contains(&NotAsked::Interrupted);
        for source in self.time_sources.iter().filter(|_| waited) {
            if source.asked.is_empty() {
                let question = source.without_address();
                self.times.push(Transcript::new(source.named_at, Record::Time(question)));
            }
        }
        transcripts.push(Transcript::new(started_at, Record::Scope(self.scope)));
        transcripts.append(&mut self.questions);
        transcripts.extend(endpoints);
        transcripts.append(&mut self.times);
        transcripts
    }

    fn probe(&self, endpoint: &Endpoint) -> Transcript {
        let host = self.hosts.get(&endpoint.target.host);
        let addresses = self.addresses_of(&endpoint.target.host);
        let port = endpoint.target.port;
        let attempts: Vec<_> =
            addresses.iter().filter_map(|&address| self.attempts.get(&(address, port).into())?.clone()).collect();
        let started_at = attempts.iter().map(|(at, _)| *at).min().unwrap_or(endpoint.named_at);
        let signs_of_life = addresses.iter().filter_map(|address| self.life.get(address));
        let probe = EndpointProbe {
            endpoint: endpoint.target.clone(),
            reasons: endpoint.reasons.clone(),
            client_addresses: host.map(|host| host.client_addresses.clone()).unwrap_or_default(),
            signs_of_life: signs_of_life.flat_map(|life| life.signs.clone()).collect(),
            attempts: attempts.into_iter().map(|(_, attempt)| attempt).collect(),
        };
        Transcript::new(started_at, Record::Endpoint(probe))
    }

    fn note(&mut self, not_asked: NotAsked) {
        if !self.scope.not_asked.contains(&not_asked) {
            self.scope.not_asked.push(not_asked);
        }
    }

    fn say(&mut self, words: &str) {
        (self.progress)(words);
    }

    fn discover(&mut self, given: &[String], own: Vec<ScopeDomain>, with_time: bool) {
        let domains = self.choose_domains(given, own);
        for domain in domains {
            self.ask_for_services(&domain, with_time);
            self.scope.domains.push(domain);
        }
    }
}
