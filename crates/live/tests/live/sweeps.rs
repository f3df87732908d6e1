//! Sweeps against servers on loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kmsdoctor_live::{SweepEnd, SweepObserver, SweepRequest, SweepTarget, Swept, sweep};
use kmsdoctor_wire::transcript::{ConnectionAttempt, Outcome};

use crate::LOCALHOST;
use crate::servers::{Behaviour, Reaction, contoso, listener, refusing, resolver, srv};

/// Everything that a sweep told.
#[derive(Default)]
struct Told(Vec<Swept>);

impl SweepObserver for Told {
    fn found(&mut self, swept: Swept) {
        self.0.push(swept);
    }

    fn progress(&mut self, _: u64) {}
}

impl Told {
    /// Target, host, outcome of connection, and tries of every endpoint, sorted.
    fn endpoints(&self) -> Vec<(String, String, &ConnectionAttempt, u32)> {
        let mut endpoints: Vec<_> = self
            .0
            .iter()
            .filter_map(|swept| match swept {
                Swept::Endpoint { origin, tries, attempt } => {
                    let (target, host) =
                        origin.as_ref().map_or(("", ""), |origin| (origin.target.as_str(), origin.host.as_str()));
                    Some((target.to_owned(), host.to_owned(), attempt, *tries))
                }
                Swept::Nowhere { .. } => None,
            })
            .collect();
        endpoints.sort_by_key(|(target, host, attempt, _)| (target.clone(), host.clone(), attempt.address));
        endpoints
    }

    fn nowhere(&self) -> Vec<(&str, Option<&str>)> {
        let nowhere = self.0.iter().filter_map(|swept| match swept {
            Swept::Nowhere { target, host, .. } => Some((target.as_str(), host.as_deref())),
            Swept::Endpoint { .. } => None,
        });
        nowhere.collect()
    }
}

fn request(deadline: Duration) -> SweepRequest {
    SweepRequest {
        resolvers: vec![],
        deadline,
        attempts: NonZeroU32::new(2).unwrap(),
        concurrency: 64,
        rate_per_s: None,
    }
}

fn run(targets: Vec<SweepTarget>, request: &SweepRequest) -> (Told, SweepEnd) {
    let mut told = Told::default();
    let end = sweep(targets, request, &mut told);
    assert!(!end.interrupted && !end.no_sockets);
    (told, end)
}

fn received(attempt: &ConnectionAttempt) -> bool {
    matches!(attempt.bind.as_ref().map(|bind| &bind.outcome), Some(Outcome::Received { .. }))
}

#[test]
fn every_address_is_told_once() {
    let (alive, sent) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let (_held, closed) = refusing(LOCALHOST);
    let targets = [alive, closed].repeat(50).into_iter().map(SweepTarget::Address).collect();
    let (told, end) = run(targets, &request(Duration::from_secs(5)));
    let endpoints = told.endpoints();
    assert_eq!(endpoints.len(), 100);
    for (_, _, attempt, tries) in endpoints {
        assert_eq!(tries, 1);
        assert!(if attempt.address == alive { received(attempt) } else { attempt.connect == Outcome::Refused });
    }
    assert!(end.loss.abs() < f64::EPSILON);
    // One bind on each connection, and nothing after it.
    for _ in 0..50 {
        assert_eq!(sent.recv().unwrap().len(), usize::from(kmsdoctor_wire::rpc::BIND_BYTES));
    }
}

#[test]
fn silence_is_asked_again_and_told_at_the_end() {
    let (silent, _sent) = listener(LOCALHOST.into(), 0, Behaviour::Silent);
    let (alive, _sent) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let targets = vec![SweepTarget::Address(silent), SweepTarget::Address(alive)];
    let deadline = Duration::from_millis(300);
    let started = Instant::now();
    let (told, end) = run(targets, &request(deadline));
    assert!(started.elapsed() >= 2 * deadline);
    let tries: Vec<(SocketAddr, u32)> =
        told.endpoints().iter().map(|(_, _, attempt, tries)| (attempt.address, *tries)).collect();
    assert!(tries.contains(&(silent, 2)) && tries.contains(&(alive, 1)), "{tries:?}");
    assert!(matches!(&told.0[1], Swept::Endpoint { attempt, .. } if attempt.address == silent));
    assert_eq!(end.tries_max, 2);
}

/// Stays silent on the first `silent` connections and acknowledges the others.
fn lossy(silent: u32) -> SocketAddr {
    let listener = TcpListener::bind((LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (good, _sent) = super::servers::listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let seen = Arc::new(AtomicU32::new(0));
    thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming().flatten() {
            if seen.fetch_add(1, Ordering::Relaxed) < silent {
                held.push(stream);
            } else {
                let mut to = std::net::TcpStream::connect(good).unwrap();
                let (mut from, mut back) = (stream.try_clone().unwrap(), to.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut from, &mut to));
                thread::spawn(move || std::io::copy(&mut back, &mut &stream));
            }
        }
    });
    address
}

#[test]
fn where_answers_get_lost_silence_is_asked_more_often() {
    // Five answer at the second try only; the sixth would at the fourth.
    let mut targets: Vec<SweepTarget> = (0..5).map(|_| SweepTarget::Address(lossy(1))).collect();
    let last = lossy(3);
    targets.push(SweepTarget::Address(last));
    let (told, end) = run(targets, &request(Duration::from_millis(300)));
    for (_, _, attempt, tries) in told.endpoints() {
        assert!(received(attempt), "{attempt:?}");
        assert_eq!(tries, if attempt.address == last { 4 } else { 2 });
    }
    assert!((0.4..0.7).contains(&end.loss), "{}", end.loss);
}

#[test]
fn names_lead_to_addresses_and_each_address_is_asked_once() {
    let (alive, sent) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let services = vec![(alive.port(), "kms1.contoso.com"), (alive.port(), "gone.contoso.com")];
    let server = resolver(contoso(services, |name| (name == "kms1.contoso.com").then_some(LOCALHOST)));
    let targets = vec![
        SweepTarget::Domain("contoso.com".to_owned()),
        SweepTarget::Host { name: "kms1.contoso.com".to_owned(), port: alive.port() },
        SweepTarget::Domain("fabrikam.com".to_owned()),
    ];
    let (told, _) = run(targets, &SweepRequest { resolvers: vec![server], ..request(Duration::from_secs(5)) });
    let names: Vec<(String, String)> = told
        .endpoints()
        .into_iter()
        .map(|(target, host, attempt, _)| {
            assert!(received(attempt));
            (target, host)
        })
        .collect();
    let pair = |target: &str, host: &str| (target.to_owned(), host.to_owned());
    assert_eq!(names, [pair("contoso.com", "kms1.contoso.com"), pair("kms1.contoso.com", "kms1.contoso.com")]);
    let mut nowhere = told.nowhere();
    nowhere.sort_unstable();
    assert_eq!(nowhere, [("contoso.com", Some("gone.contoso.com")), ("fabrikam.com", None)]);
    drop(sent.recv().unwrap());
    assert!(sent.try_recv().is_err(), "the address was asked twice");
}

#[test]
fn a_resolver_that_fails_is_followed_by_the_next() {
    let (alive, _sent) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let failing = resolver(|_, _| Reaction::Code(2));
    let silent = resolver(|_, _| Reaction::Silence);
    let port = alive.port();
    let server = resolver(move |query, _| match query.name.as_str() {
        "_vlmcs._tcp.contoso.com" => Reaction::Records(srv(&[(port, "127.0.0.1")])),
        _ => Reaction::Code(3),
    });
    let resolvers = vec![silent, failing, server];
    let targets = vec![SweepTarget::Domain("contoso.com".to_owned())];
    let (told, _) = run(targets, &SweepRequest { resolvers, ..request(Duration::from_millis(300)) });
    assert_eq!(told.endpoints().len(), 1, "{:?}", told.nowhere());
}

#[test]
fn a_rate_is_kept() {
    let (_held, closed) = refusing(Ipv4Addr::LOCALHOST);
    let targets = vec![SweepTarget::Address(closed); 40];
    let started = Instant::now();
    run(targets, &SweepRequest { rate_per_s: NonZeroU32::new(100), ..request(Duration::from_secs(5)) });
    // The bucket holds five at most.
    assert!(started.elapsed() >= Duration::from_millis(340), "{:?}", started.elapsed());
}
