//! A world that runs: the servers of a scenario on loopback, in a thread of their own.

use std::any::Any;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::{self, JoinHandle};

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::dice::Dice;
use crate::dns::{self, Zone};
use crate::ports::{at_free_port, both, deaf, hearing, listening, refusing};
use crate::responder;
use crate::scenario::{Advertised, Dns, Door, Host, Scenario, View};
use crate::time;

/// Where KMS hosts listen unless they are told otherwise (Microsoft Learn, `SetKeyManagementServiceListeningPort` of
/// `SoftwareLicensingService`, read on 2026-11-23).
const KMS_PORT: u16 = 1688;

/// Names as Microsoft's own examples use them.
const DOMAINS: [&str; 4] = ["contoso.com", "corp.contoso.com", "fabrikam.com", "ad.fabrikam.com"];
const LABELS: [&str; 8] = ["kms1", "kms2", "srv01", "srv02", "lic01", "lic02", "tokyo-kms", "osaka-kms"];

/// Purposes of dice. The first belongs to the order of scenarios, those from the last on to hosts.
const NAMES: u64 = 1;
const DNS_PORT: u64 = 2;
const TIME_PORT: u64 = 3;
const WRONG_PORT: u64 = 4;
const HOST_PORTS: u64 = 5;

/// Last byte of the addresses of the server that has DNS and time, and of the first host.
const SERVER: u8 = 1;
const FIRST_HOST: u8 = 11;

/// What somebody who looks at the world has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directions {
    /// Domain whose KMS hosts are looked for.
    pub domain: Option<String>,
    /// Host that is looked at instead.
    pub host: Option<String>,
    /// The DNS server.
    pub resolver: SocketAddr,
    /// The time source.
    pub time_source: SocketAddr,
}

/// A world; its servers end when it is dropped.
#[derive(Debug)]
pub struct World {
    directions: Directions,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl World {
    /// Starts the servers, which answer when this returns. Names, addresses and ports follow from the seed; where a port is
    /// taken, the next one of the seed is.
    pub fn start(scenario: &Scenario, seed: u64) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        // Sockets are made within the runtime that serves them.
        let (directions, held) = runtime.block_on(async { Building::new(seed)?.build(scenario) })?;
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new().name("world".to_owned()).spawn(move || {
            // Either way the end has come.
            let _ = runtime.block_on(ended);
            drop(held);
        })?;
        Ok(Self { directions, end: Some(end), thread: Some(thread) })
    }

    /// How to look at it.
    pub fn directions(&self) -> &Directions {
        &self.directions
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It fails only where a server panicked, and then has ended as well.
            let _ = thread.join();
        }
    }
}

/// What has to stay open as long as the world runs.
type Held = Vec<Box<dyn Any + Send>>;

/// A world that is being built.
struct Building {
    seed: u64,
    domain: &'static str,
    labels: [&'static str; LABELS.len()],
    /// Second and third byte of the addresses; `None` where this machine has one loopback address alone.
    network: Option<[u8; 2]>,
    held: Held,
}

impl Building {
    fn new(seed: u64) -> io::Result<Self> {
        let mut dice = Dice::new(seed, NAMES);
        let domain = DOMAINS[usize::from(dice.below(4))];
        let mut labels = LABELS;
        dice.shuffle(&mut labels);
        // Neither 127.0.x.y nor 127.x.255.y, where others may have something.
        let mut byte = || u8::try_from(1 + dice.below(250)).unwrap_or(1);
        let network = [byte(), byte()];
        let has_network = match UdpSocket::bind((at(Some(network), SERVER), 0)) {
            Ok(_) => true,
            // Linux and Windows have all of 127.0.0.0/8, others often 127.0.0.1 alone.
            Err(error) if error.kind() == ErrorKind::AddrNotAvailable => false,
            Err(error) => return Err(error),
        };
        Ok(Self { seed, domain, labels, network: has_network.then_some(network), held: Held::new() })
    }

    fn build(mut self, scenario: &Scenario) -> io::Result<(Directions, Held)> {
        let setup = scenario.setup;
        let mut zone = Zone::new(self.domain)?;
        for (number, host) in (0..).zip(setup.hosts.iter().copied()) {
            self.add_host(number, host, &mut zone)?;
        }
        let directions = Directions {
            domain: (setup.view == View::Domain).then(|| self.domain.to_owned()),
            host: (setup.view == View::FirstHost).then(|| self.host_name(0)),
            resolver: self.start_dns(setup.dns, &zone)?,
            time_source: self.start_time(setup.clock_offset_s)?,
        };
        Ok((directions, self.held))
    }

    fn dice(&self, purpose: u64) -> Dice {
        Dice::new(self.seed, purpose)
    }

    fn host_name(&self, number: u8) -> String {
        format!("{}.{}", self.labels[usize::from(number)], self.domain)
    }

    fn add_host(&mut self, number: u8, host: Host, zone: &mut Zone) -> io::Result<()> {
        let (name, address) = (self.host_name(number), at(self.network, FIRST_HOST + number));
        let port = if host.advertised == Advertised::AnotherPort {
            self.open(host.door, (address, KMS_PORT).into())?;
            let (port, closed) = at_free_port(address, &mut self.dice(WRONG_PORT), refusing)?;
            self.held.push(Box::new(closed));
            port
        } else {
            let mut dice = self.dice(HOST_PORTS + u64::from(number));
            at_free_port(address, &mut dice, |address| self.open(host.door, address))?.0
        };
        if host.has_address {
            zone.add_host(&name, address)?;
        }
        if host.advertised != Advertised::Nothing {
            zone.advertise(self.domain, &name, port)?;
        }
        Ok(())
    }

    fn open(&mut self, door: Door, address: SocketAddr) -> io::Result<()> {
        match door {
            Door::Serves(behaviour) => {
                tokio::spawn(responder::serve(listening(address)?, behaviour));
            }
            Door::Refuses => self.held.push(Box::new(refusing(address)?)),
            #[cfg(target_os = "linux")]
            Door::Drops => self.held.push(Box::new(crate::ports::dropping(address)?)),
        }
        Ok(())
    }

    fn start_dns(&mut self, state: Dns, zone: &Zone) -> io::Result<SocketAddr> {
        let (address, mut dice) = (at(self.network, SERVER), self.dice(DNS_PORT));
        let (port, server): (u16, Box<dyn Any + Send>) = match state {
            Dns::Answers | Dns::Fails | Dns::FailsValidation => {
                let (port, sockets) = at_free_port(address, &mut dice, both)?;
                (port, Box::new(dns::serve(zone, state, sockets)))
            }
            Dns::Silent => {
                let (port, sockets) = at_free_port(address, &mut dice, both)?;
                (port, Box::new(sockets))
            }
            Dns::Stopped => {
                let (port, socket) = at_free_port(address, &mut dice, deaf)?;
                (port, Box::new(socket))
            }
        };
        self.held.push(server);
        Ok((address, port).into())
    }

    fn start_time(&self, offset_s: i64) -> io::Result<SocketAddr> {
        let address = at(self.network, SERVER);
        let (port, socket) = at_free_port(address, &mut self.dice(TIME_PORT), hearing)?;
        tokio::spawn(time::serve(socket, offset_s));
        Ok((address, port).into())
    }
}

fn at(network: Option<[u8; 2]>, number: u8) -> Ipv4Addr {
    network.map_or(Ipv4Addr::LOCALHOST, |[second, third]| Ipv4Addr::new(127, second, third, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy(seed: u64) -> World {
        World::start(Scenario::find("healthy").expect("a scenario"), seed).expect("it starts")
    }

    #[test]
    fn the_same_seed_gives_the_same_world_again() {
        let first = healthy(0x5eed).directions().clone();
        // Only now that the first one has ended its ports are free.
        assert_eq!(healthy(0x5eed).directions(), &first);
        assert_ne!(healthy(0x5eee).directions(), &first);
    }

    #[test]
    fn two_worlds_of_one_seed_do_not_meet() {
        let (one, other) = (healthy(77), healthy(77));
        assert_ne!(one.directions().resolver, other.directions().resolver);
        assert_ne!(one.directions().time_source, other.directions().time_source);
    }

    #[test]
    fn worlds_stay_on_loopback() {
        for seed in 0..20 {
            let directions = healthy(seed).directions().clone();
            assert!(directions.resolver.ip().is_loopback() && directions.time_source.ip().is_loopback());
        }
    }
}
