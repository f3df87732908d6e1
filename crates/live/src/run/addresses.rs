//! Addresses of hosts, and what is asked of each address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use jiff::Timestamp;
use kmsdoctor_wire::dns::RecordType;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, LifeMethod, LookupOutcome, NotAsked, Outcome, Record, SignOfLife, SystemLookup, TraceMethod,
    Transcript,
};
use tokio::task::AbortHandle;

use super::questions::Purpose;
use super::{Event, Run};
use crate::{endpoint, gateway, life, system, time};

/// Addresses tried of one host. A server has a few; a name with dozens is no KMS host.
pub(crate) const ADDRESSES_PER_HOST_MAX: usize = 8;

/// A host whose addresses are looked for.
#[derive(Debug, Default)]
pub(super) struct Host {
    pub(super) addresses: Vec<IpAddr>,
    /// Those among them that the system's own lookup gives.
    pub(super) client_addresses: Vec<IpAddr>,
}

/// Signs of life of one address.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) signs: Vec<SignOfLife>,
    running: Vec<AbortHandle>,
}

impl Run<'_> {
    pub(super) fn addresses_of(&self, host: &str) -> &[IpAddr] {
        self.hosts.get(host).map(|host| host.addresses.as_slice()).unwrap_or_default()
    }

    /// Looks for the addresses of a host, once. They arrive through [`Self::take_addresses`].
    pub(super) fn find_addresses(&mut self, host: &str) {
        if self.hosts.contains_key(host) {
            return;
        }
        self.hosts.insert(host.to_owned(), Host::default());
        if let Ok(address) = host.parse() {
            self.take_addresses(host, &[address]);
        } else if host == "localhost" {
            // Never asked of a resolver (RFC 6761 section 6.3).
            self.take_addresses(host, &[Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        } else {
            let purpose = Purpose::Addresses { host: host.to_owned() };
            for record_type in [RecordType::A, RecordType::Aaaa] {
                self.ask_all(host, record_type, &purpose);
            }
            self.ask_system(host);
        }
    }

    /// The system's own lookup beside ours, unless the user wants the view of other resolvers.
    fn ask_system(&mut self, host: &str) {
        if !self.as_system {
            return;
        }
        self.say(&format!("system lookup {host}"));
        let (context, host) = (Arc::clone(&self.context), host.to_owned());
        self.tasks.spawn(async move {
            let lookup = system::lookup(&context, host).await;
            lookup.map_or(Event::OutOfTime, |(started_at, lookup)| Event::SystemLookup(started_at, lookup))
        });
    }

    pub(super) fn take_lookup(&mut self, started_at: Timestamp, lookup: SystemLookup) {
        if let LookupOutcome::Found { addresses } = &lookup.outcome {
            self.hosts.entry(lookup.name.clone()).or_default().client_addresses.clone_from(addresses);
            self.take_addresses(&lookup.name, addresses);
        }
        self.questions.push(Transcript::new(started_at, Record::SystemLookup(lookup)));
    }

    /// Starts everything that waited for these addresses.
    pub(super) fn take_addresses(&mut self, host: &str, addresses: &[IpAddr]) {
        for &address in addresses {
            let known = &mut self.hosts.entry(host.to_owned()).or_default().addresses;
            if known.contains(&address) {
                continue;
            }
            if known.len() >= ADDRESSES_PER_HOST_MAX {
                self.note(NotAsked::TooManyTargets);
                break;
            }
            known.push(address);
            let ports: Vec<u16> = self
                .endpoints
                .iter()
                .filter(|endpoint| endpoint.target.host == host)
                .map(|endpoint| endpoint.target.port)
                .collect();
            for port in ports {
                self.attempt((address, port).into());
            }
        }
        self.ask_known_addresses_for_time(host);
    }

    /// For an endpoint that was named after its host's addresses had come.
    pub(super) fn probe_known_addresses(&mut self, host: &str, port: u16) {
        for address in self.addresses_of(host).to_vec() {
            self.attempt((address, port).into());
        }
    }

    /// One connection per address and port, whichever names lead there.
    fn attempt(&mut self, address: SocketAddr) {
        if self.attempts.contains_key(&address) {
            return;
        }
        self.attempts.insert(address, None);
        self.say(&format!("RPC bind {address}"));
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let attempt = endpoint::attempt(&context, address).await;
            attempt.map_or(Event::OutOfTime, |(started_at, attempt)| Event::Attempt(started_at, attempt))
        });
        self.ask_for_life(address.ip());
    }

    fn ask_for_life(&mut self, address: IpAddr) {
        if self.life.contains_key(&address) {
            return;
        }
        let ports = life::PORTS.map(|port| LifeMethod::Tcp { port });
        let running = [LifeMethod::Icmp].into_iter().chain(ports).map(|method| {
            let context = Arc::clone(&self.context);
            self.tasks.spawn(async move {
                let sign = life::ask(&context, address, method).await;
                sign.map_or(Event::Nothing, Event::Life)
            })
        });
        let life = Life { signs: Vec::new(), running: running.collect() };
        self.life.insert(address, life);
    }

    pub(super) fn take_attempt(&mut self, started_at: Timestamp, attempt: ConnectionAttempt) {
        // Whoever answers a bind lives: waiting for ports that a firewall keeps silent would only make a healthy
        // check slow.
        if endpoint::proves_life(&attempt)
            && let Some(life) = self.life.get_mut(&attempt.address.ip())
        {
            life.running.drain(..).for_each(|task| task.abort());
        }
        if attempt.trace.as_ref().is_some_and(|trace| trace.method == TraceMethod::NotPermitted) {
            self.note(NotAsked::NoTrace);
        }
        if matches!(attempt.connect, Outcome::TimedOut | Outcome::Unreachable { .. })
            && !attempt.address.ip().is_loopback()
        {
            self.ask_gateways();
        }
        self.attempts.insert(attempt.address, Some((started_at, attempt)));
    }

    /// Once, where a host does not answer.
    fn ask_gateways(&mut self) {
        for address in std::mem::take(&mut self.gateways).into_iter().take(gateway::GATEWAYS_MAX) {
            self.say(&format!("gateway {address}"));
            let context = Arc::clone(&self.context);
            self.tasks.spawn(async move {
                let (started_at, gateway) = gateway::ask(&context, address).await;
                Event::Gateway(started_at, gateway)
            });
        }
    }

    pub(super) fn take_sign(&mut self, sign: SignOfLife) {
        self.life.entry(sign.address).or_default().signs.push(sign);
    }

    pub(super) fn ask_known_addresses_for_time(&mut self, host: &str) {
        let addresses = self.addresses_of(host).to_vec();
        let mut questions = Vec::new();
        for source in self.time_sources.iter_mut().filter(|source| source.host == host) {
            for &address in &addresses {
                if source.asked.iter().all(|asked| asked.is_ipv4() != address.is_ipv4()) {
                    let address = SocketAddr::new(address, source.port);
                    source.asked.push(address);
                    questions.push((source.source.clone(), address));
                }
            }
        }
        for (source, address) in questions {
            self.say(&format!("SNTP {address}"));
            let context = Arc::clone(&self.context);
            self.tasks
                .spawn(async move { time::ask(&context, source, address).await.map_or(Event::OutOfTime, Event::Time) });
        }
    }
}
