//! Live runs against servers on loopback: what they leave behind, and how long they take.

mod servers;
mod sweeps;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use kmsdoctor_live::{CheckRequest, KMS_PORT, check, transcripts};
use kmsdoctor_wire::dns::{RecordType, Response, ResponseCode};
use kmsdoctor_wire::rpc::{self, Foreign, Reply};
use kmsdoctor_wire::sntp;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, DnsQuestion, DomainSource, EndpointProbe, LifeMethod, LookupOutcome, NotAsked, Outcome,
    ProbeReason, Record, Scope, SystemLookup, TimeQuestion, Trace, TraceMethod, Transcript, Transport,
};

use servers::{Answer, Behaviour, Reaction, contoso, listener, refusing, resolver, srv, time_server};

const LOCALHOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

fn request(deadline: Duration) -> CheckRequest {
    CheckRequest { domains: Vec::new(), hosts: Vec::new(), resolvers: Vec::new(), time_sources: Vec::new(), deadline }
}

/// Discovery in `contoso.com` through one resolver.
fn discovery(resolver: SocketAddr, deadline: Duration) -> CheckRequest {
    CheckRequest { domains: vec!["Contoso.com.".to_owned()], resolvers: vec![resolver], ..request(deadline) }
}

/// Only the host of this address.
fn host(address: SocketAddr, deadline: Duration) -> CheckRequest {
    CheckRequest { hosts: vec![(address.ip().to_string(), Some(address.port()))], ..request(deadline) }
}

fn run(request: &CheckRequest) -> Vec<Transcript> {
    transcripts(request, &mut |_| {})
}

fn scope(transcripts: &[Transcript]) -> &Scope {
    match &transcripts[0].record {
        Record::Scope(scope) => scope,
        other => panic!("{other:?}"),
    }
}

fn questions<'a>(transcripts: &'a [Transcript], name: &str, kind: RecordType) -> Vec<&'a DnsQuestion> {
    let question = |transcript: &'a Transcript| match &transcript.record {
        Record::Dns(question) => Some(question),
        _ => None,
    };
    let wanted = |question: &&DnsQuestion| question.name == name && question.record_type == kind.as_str();
    transcripts.iter().filter_map(question).filter(wanted).collect()
}

fn endpoints(transcripts: &[Transcript]) -> Vec<&EndpointProbe> {
    let endpoint = |transcript: &'_ Transcript| matches!(transcript.record, Record::Endpoint(_));
    let probe = |transcript| match transcript {
        &Transcript { record: Record::Endpoint(ref probe), .. } => probe,
        other => panic!("{other:?}"),
    };
    transcripts.iter().filter(|transcript| endpoint(transcript)).map(probe).collect()
}

fn times(transcripts: &[Transcript]) -> Vec<&TimeQuestion> {
    let time = |transcript: &'_ Transcript| matches!(transcript.record, Record::Time(_));
    let question = |transcript| match transcript {
        &Transcript { record: Record::Time(ref question), .. } => question,
        other => panic!("{other:?}"),
    };
    transcripts.iter().filter(|transcript| time(transcript)).map(question).collect()
}

/// The only attempt at the endpoint with this port.
fn attempt(transcripts: &[Transcript], port: u16) -> &ConnectionAttempt {
    let probe = endpoints(transcripts).into_iter().find(|probe| probe.endpoint.port == port).unwrap();
    assert_eq!(probe.attempts.len(), 1);
    &probe.attempts[0]
}

fn bind_outcome(attempt: &ConnectionAttempt) -> &Outcome {
    assert_eq!(attempt.connect, Outcome::Connected);
    &attempt.bind.as_ref().unwrap().outcome
}

fn reply(attempt: &ConnectionAttempt) -> Reply {
    match bind_outcome(attempt) {
        Outcome::Received { data } => rpc::decode_reply(&data.0),
        other => panic!("{other:?}"),
    }
}

fn response(exchange: &kmsdoctor_wire::transcript::Exchange) -> Response {
    match &exchange.outcome {
        Outcome::Received { data } => Response::decode(&data.0).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn discovery_leads_to_a_bind_and_nothing_after_it() {
    let (host, received) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let server = resolver(contoso(vec![(host.port(), "KMS1.contoso.com")], |_| Some(LOCALHOST)));
    let transcripts = run(&discovery(server, Duration::from_secs(5)));

    let scope = scope(&transcripts);
    assert_eq!((scope.domains[0].name.as_str(), scope.domains[0].source), ("contoso.com", DomainSource::Given));
    assert_eq!((scope.resolvers.as_slice(), scope.not_asked.as_slice()), (&[server][..], &[][..]));

    let question = questions(&transcripts, "_vlmcs._tcp.contoso.com", RecordType::Srv)[0];
    assert_eq!((question.server, question.exchanges.len()), (server, 1));
    assert_eq!(response(&question.exchanges[0]).services[0].target, "kms1.contoso.com");
    assert_eq!(questions(&transcripts, "kms1.contoso.com", RecordType::A).len(), 1);
    assert_eq!(questions(&transcripts, "kms1.contoso.com", RecordType::Aaaa).len(), 1);

    let probes = endpoints(&transcripts);
    let advertised = ProbeReason::Advertised { domain: "contoso.com".to_owned() };
    assert_eq!((probes[0].endpoint.port, &probes[0].reasons), (host.port(), &vec![advertised]));
    assert_eq!((probes[1].endpoint.port, &probes[1].reasons), (KMS_PORT, &vec![ProbeReason::DefaultPort]));
    assert!(matches!(reply(attempt(&transcripts, host.port())), Reply::Acknowledged { .. }));

    // The client closed in good order, and the bind is all it ever said.
    assert_eq!(received.recv_timeout(Duration::from_secs(5)).unwrap(), rpc::encode_bind(1));
}

#[test]
fn outcomes_of_connections() {
    let outcome = |behaviour| {
        let (address, _received) = listener(LOCALHOST.into(), 0, behaviour);
        let transcripts = run(&host(address, Duration::from_millis(500)));
        attempt(&transcripts, address.port()).clone()
    };
    let silent = outcome(Behaviour::Silent);
    assert_eq!(bind_outcome(&silent), &Outcome::TimedOut);
    assert!(silent.bind.unwrap().elapsed_us >= 490_000);
    assert_eq!(
        bind_outcome(&outcome(Behaviour::Close)),
        &Outcome::Closed { data: kmsdoctor_wire::hex::Hex::default() }
    );
    assert_eq!(reply(&outcome(Behaviour::Http)), Reply::Foreign { what: Foreign::Http });
    let reset = outcome(Behaviour::Reset);
    assert_eq!(bind_outcome(&reset), &Outcome::Reset);
}

#[test]
fn a_refusing_port_on_a_living_host() {
    let (_held, address) = refusing(LOCALHOST);
    let transcripts = run(&host(address, Duration::from_secs(5)));
    let attempt = attempt(&transcripts, address.port());
    assert_eq!((&attempt.connect, &attempt.bind), (&Outcome::Refused, &None));
    let probe = endpoints(&transcripts)[0];
    let proves_life =
        |outcome: &Outcome| matches!(outcome, Outcome::Connected | Outcome::Refused | Outcome::Received { .. });
    assert!(probe.signs_of_life.len() >= 3);
    assert!(probe.signs_of_life.iter().all(|sign| proves_life(&sign.outcome)), "{:?}", probe.signs_of_life);
}

/// A listener whose queue is full drops further SYNs on Linux, as a filter does.
#[cfg(target_os = "linux")]
#[test]
fn a_port_that_drops_connections() {
    use std::net::TcpStream;

    let (socket, address) = refusing(LOCALHOST);
    socket.listen(0).unwrap();
    let fill = || TcpStream::connect_timeout(&address, Duration::from_millis(100));
    let _queued: Vec<_> = std::iter::repeat_with(fill).map_while(Result::ok).collect();
    let transcripts = run(&host(address, Duration::from_millis(400)));
    let attempt = attempt(&transcripts, address.port());
    assert_eq!((&attempt.connect, &attempt.bind), (&Outcome::TimedOut, &None));
    assert!((390_000..700_000).contains(&attempt.connect_us), "{}", attempt.connect_us);
    // Nobody between here and there, and nobody there.
    assert_eq!(attempt.trace, Some(Trace { method: TraceMethod::Tcp, asked: 30, hops: vec![] }));
}

/// Silence and a cut connection are held against a port on which nothing listens.
#[test]
fn connections_that_lead_nowhere_have_a_control() {
    for (behaviour, is_asked) in [
        (Behaviour::Silent, true),
        (Behaviour::Close, true),
        (Behaviour::Reset, true),
        (Behaviour::Acknowledge, false),
        (Behaviour::Http, false),
    ] {
        let (address, _received) = listener(LOCALHOST.into(), 0, behaviour);
        let transcripts = run(&host(address, Duration::from_millis(400)));
        let control = attempt(&transcripts, address.port()).control.clone();
        let expected = is_asked.then_some((LifeMethod::Tcp { port: 1 }, Outcome::Refused));
        assert_eq!(control.map(|control| (control.method, control.outcome)), expected);
    }
}

#[test]
fn named_hosts_are_judged_without_discovery() {
    let (address, _received) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let server = resolver(|_, _| panic!("an address needs no DNS"));
    let both = CheckRequest { resolvers: vec![server], ..host(address, Duration::from_secs(5)) };
    let transcripts = run(&both);
    assert!(scope(&transcripts).domains.is_empty());
    assert_eq!(scope(&transcripts).hosts[0].port, address.port());
    assert!(transcripts.iter().all(|transcript| !matches!(transcript.record, Record::Dns(_))));
    assert_eq!(endpoints(&transcripts)[0].reasons, [ProbeReason::Asked]);
}

#[test]
fn an_endpoint_with_several_reasons_is_probed_once() {
    let (address, received) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let server = resolver(contoso(vec![(address.port(), "kms1.contoso.com")], |_| Some(LOCALHOST)));
    let mut both = discovery(server, Duration::from_secs(5));
    both.hosts = vec![("KMS1.contoso.com".to_owned(), Some(address.port()))];
    // The same address under another name needs no second connection either.
    both.hosts.push((LOCALHOST.to_string(), Some(address.port())));
    let transcripts = run(&both);
    let probes = endpoints(&transcripts);
    assert_eq!(probes[0].reasons, [ProbeReason::Asked, ProbeReason::Advertised { domain: "contoso.com".to_owned() }]);
    let same_port = probes.iter().filter(|probe| probe.endpoint.port == address.port());
    assert!(same_port.clone().count() == 2 && same_port.clone().all(|probe| probe.attempts.len() == 1));
    received.recv_timeout(Duration::from_secs(5)).unwrap();
    assert!(received.try_recv().is_err(), "a second connection");
}

#[test]
fn a_lost_datagram_is_sent_again() {
    let server = resolver(|query, number| match (query.record_type, number) {
        (RecordType::Srv, 0) => Reaction::Silence,
        _ => Reaction::Code(3),
    });
    let transcripts = run(&discovery(server, Duration::from_millis(900)));
    let question = questions(&transcripts, "_vlmcs._tcp.contoso.com", RecordType::Srv)[0];
    assert_eq!(question.exchanges.len(), 2);
    assert_eq!(question.exchanges[0].outcome, Outcome::TimedOut);
    assert_eq!(question.exchanges[0].sent, question.exchanges[1].sent);
    assert_eq!(response(&question.exchanges[1]).code, ResponseCode::NameError);
}

#[test]
fn strays_are_not_taken_for_answers() {
    let server = resolver(|query, _| match query.record_type {
        RecordType::Srv => Reaction::StraysThen(Vec::new()),
        _ => Reaction::Code(3),
    });
    let transcripts = run(&discovery(server, Duration::from_secs(5)));
    let question = questions(&transcripts, "_vlmcs._tcp.contoso.com", RecordType::Srv)[0];
    assert_eq!(question.exchanges.len(), 1);
    assert_eq!(response(&question.exchanges[0]).code, ResponseCode::NoError);
}

#[test]
fn a_truncated_answer_is_asked_for_over_tcp() {
    let (address, _received) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let port = address.port();
    let server = resolver(move |query, _| match (query.record_type, query.name.as_str()) {
        (RecordType::Srv, "_vlmcs._tcp.contoso.com") => Reaction::Truncated(srv(&[(port, "kms1.contoso.com")])),
        (RecordType::A, _) => Reaction::Records(vec![Answer::A(LOCALHOST)]),
        _ => Reaction::Code(3),
    });
    let transcripts = run(&discovery(server, Duration::from_secs(5)));
    let question = questions(&transcripts, "_vlmcs._tcp.contoso.com", RecordType::Srv)[0];
    let transports: Vec<_> = question.exchanges.iter().map(|exchange| exchange.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
    assert_eq!(response(&question.exchanges[1]).services.len(), 1);
    assert!(matches!(reply(attempt(&transcripts, port)), Reply::Acknowledged { .. }));
}

#[test]
fn after_servfail_the_checks_of_the_resolver_are_told_apart() {
    let ask = |validating: bool| {
        let server = resolver(move |query, _| match (query.record_type, query.checking_disabled) {
            (RecordType::Srv, true) if validating => Reaction::Records(srv(&[(KMS_PORT, "kms1.contoso.com")])),
            _ => Reaction::Code(2),
        });
        let transcripts = run(&discovery(server, Duration::from_secs(5)));
        assert!(endpoints(&transcripts).is_empty(), "the client gets no record");
        questions(&transcripts, "_vlmcs._tcp.contoso.com", RecordType::Srv)[0].clone()
    };
    let codes = |exchanges: &[kmsdoctor_wire::transcript::Exchange]| {
        exchanges.iter().map(|exchange| response(exchange).code).collect::<Vec<_>>()
    };
    let validating = ask(true);
    // Asked once more, so that a failure of a moment is none of validation.
    assert_eq!(codes(&validating.exchanges), [ResponseCode::ServerFailure; 2]);
    assert_eq!(codes(&validating.unchecked), [ResponseCode::NoError]);
    let failing = ask(false);
    assert_eq!(codes(&failing.exchanges), [ResponseCode::ServerFailure]);
    assert_eq!(codes(&failing.unchecked), [ResponseCode::ServerFailure]);
}

#[test]
fn a_failure_of_a_moment_is_overcome() {
    let server = resolver(|query, number| match (query.record_type, query.checking_disabled, number) {
        (RecordType::Srv, false, 0) => Reaction::Code(2),
        (RecordType::Srv, _, _) if query.name.starts_with("_vlmcs") => {
            Reaction::Records(srv(&[(KMS_PORT, "kms1.contoso.com")]))
        }
        _ => Reaction::Code(3),
    });
    let transcripts = run(&discovery(server, Duration::from_secs(5)));
    assert_eq!(endpoints(&transcripts)[0].endpoint.host, "kms1.contoso.com");
}

#[test]
fn every_resolver_is_asked_for_itself() {
    let (address, _received) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let has = resolver(contoso(vec![(address.port(), "kms1.contoso.com")], |_| Some(LOCALHOST)));
    let lacks = resolver(|_, _| Reaction::Code(3));
    let asked = CheckRequest { resolvers: vec![lacks, has], ..discovery(has, Duration::from_secs(5)) };
    let transcripts = run(&asked);
    let outcome = |question: &DnsQuestion| (question.server, response(&question.exchanges[0]).code);
    let mut outcomes: Vec<_> =
        questions(&transcripts, "_vlmcs._tcp.contoso.com", RecordType::Srv).into_iter().map(outcome).collect();
    outcomes.sort_by_key(|(server, _)| *server == has);
    assert_eq!(outcomes, [(lacks, ResponseCode::NameError), (has, ResponseCode::NoError)]);
    assert!(matches!(reply(attempt(&transcripts, address.port())), Reply::Acknowledged { .. }));
}

#[test]
fn a_silent_resolver_does_not_hold_up_the_run() {
    let deadline = Duration::from_millis(600);
    let server = resolver(|_, _| Reaction::Silence);
    let started = Instant::now();
    let transcripts = run(&discovery(server, deadline));
    assert!(started.elapsed() <= deadline + Duration::from_millis(500), "{:?}", started.elapsed());
    let question = questions(&transcripts, "_vlmcs._tcp.contoso.com", RecordType::Srv)[0];
    assert!(question.exchanges.iter().all(|exchange| exchange.outcome == Outcome::TimedOut));
    assert!(endpoints(&transcripts).is_empty());
}

#[test]
fn eight_hosts_of_which_four_are_dead_take_no_longer_than_one() {
    let names = [
        "a.contoso.com",
        "b.contoso.com",
        "c.contoso.com",
        "d.contoso.com",
        "e.contoso.com",
        "f.contoso.com",
        "g.contoso.com",
        "h.contoso.com",
    ];
    let behaviour = |index| if index % 2 == 0 { Behaviour::Silent } else { Behaviour::Acknowledge };
    let held: Vec<_> = (0..names.len()).map(|index| listener(LOCALHOST.into(), 0, behaviour(index))).collect();
    let services = held.iter().zip(names).map(|((address, _), name)| (address.port(), name)).collect();
    let server = resolver(contoso(services, |_| Some(LOCALHOST)));
    let deadline = Duration::from_secs(1);
    let started = Instant::now();
    let transcripts = run(&discovery(server, deadline));
    assert!(started.elapsed() <= deadline + Duration::from_millis(500), "{:?}", started.elapsed());
    for (index, (address, _)) in held.iter().enumerate() {
        let attempt = attempt(&transcripts, address.port());
        match behaviour(index) {
            Behaviour::Silent => assert_eq!(bind_outcome(attempt), &Outcome::TimedOut),
            _ => assert!(matches!(reply(attempt), Reply::Acknowledged { .. })),
        }
    }
}

#[test]
fn hundreds_of_advertised_hosts_are_cut() {
    let server = resolver(|query, _| {
        let target = |index| Answer::Srv { priority: 0, port: KMS_PORT, target: format!("h{index}.contoso.com") };
        match query.record_type {
            RecordType::Srv if query.name.starts_with("_vlmcs") => Reaction::Records((0..200).map(target).collect()),
            _ => Reaction::Code(3),
        }
    });
    let transcripts = run(&discovery(server, Duration::from_secs(5)));
    assert_eq!(endpoints(&transcripts).len(), 64);
    assert_eq!(scope(&transcripts).not_asked, [NotAsked::TooManyTargets]);
}

/// The lookups by the system that a run for this host leaves behind.
fn lookups(resolvers: Vec<SocketAddr>) -> Vec<SystemLookup> {
    let hosts = vec![("kms1.contoso.invalid".to_owned(), None)];
    let transcripts = run(&CheckRequest { hosts, resolvers, ..request(Duration::from_millis(400)) });
    let lookup = |transcript: Transcript| match transcript.record {
        Record::SystemLookup(lookup) => Some(lookup),
        _ => None,
    };
    transcripts.into_iter().filter_map(lookup).collect()
}

#[test]
fn the_system_is_asked_for_names_unless_other_resolvers_are() {
    let lookups_by_system = lookups(Vec::new());
    assert_eq!(lookups_by_system.len(), 1);
    assert_eq!(lookups_by_system[0].name, "kms1.contoso.invalid");
    // No such name exists (RFC 6761 section 6.4); a resolver out of reach leaves it open.
    assert!(!matches!(lookups_by_system[0].outcome, LookupOutcome::Found { .. }));
    assert!(lookups(vec![resolver(|_, _| Reaction::Code(3))]).is_empty());
}

#[test]
fn a_named_time_source_is_asked_again_after_a_loss() {
    let address = time_server(true);
    let (host_address, _received) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let asked = CheckRequest { time_sources: vec![address.to_string()], ..host(host_address, Duration::from_secs(1)) };
    let transcripts = run(&asked);
    let times = times(&transcripts);
    assert_eq!((times.len(), times[0].address), (1, Some(address)));
    let exchange = times[0].exchange.as_ref().unwrap();
    let Outcome::Received { data } = &exchange.outcome else { panic!("{exchange:?}") };
    let reply = sntp::decode_reply(&data.0, sntp::decode_nonce(&exchange.sent.0).unwrap()).unwrap();
    assert_eq!(reply.stratum, 2);
    assert!(times[0].sent_at <= times[0].received_at);
    assert_eq!(scope(&transcripts).time_sources, [address.to_string()]);
}

#[test]
fn every_named_time_source_is_asked_once() {
    let (one, other) = (time_server(false), time_server(false));
    let (host_address, _received) = listener(LOCALHOST.into(), 0, Behaviour::Acknowledge);
    let time_sources = vec![one.to_string(), other.to_string(), format!(" {one}")];
    let transcripts = run(&CheckRequest { time_sources, ..host(host_address, Duration::from_secs(5)) });
    let mut asked: Vec<_> = times(&transcripts).iter().filter_map(|question| question.address).collect();
    asked.sort_unstable();
    let mut expected = vec![one, other];
    expected.sort_unstable();
    assert_eq!(asked, expected);
}

#[test]
fn domain_controllers_are_the_time_sources_of_a_domain() {
    let server = resolver(|query, _| match (query.record_type, query.name.as_str()) {
        (RecordType::Srv, "_ldap._tcp.dc._msdcs.contoso.com") => {
            Reaction::Records(srv(&[(389, "dc1.contoso.com"), (389, "dc2.contoso.com"), (389, "dc3.contoso.com")]))
        }
        _ => Reaction::Code(3),
    });
    let transcripts = run(&discovery(server, Duration::from_secs(5)));
    assert_eq!(scope(&transcripts).time_sources, ["dc1.contoso.com", "dc2.contoso.com"]);
    let times = times(&transcripts);
    assert_eq!(times.len(), 2);
    assert!(times.iter().all(|question| question.address.is_none() && question.exchange.is_none()));
}

#[test]
fn check_returns_named_artifacts() {
    let (address, _received) = listener(IpAddr::from([127, 0, 0, 1]), 0, Behaviour::Acknowledge);
    let mut said = 0;
    let artifacts = check(&host(address, Duration::from_secs(5)), &mut |_| said += 1);
    // The hosts file is the machine's own, which may have none.
    let (hosts_file, artifacts): (Vec<_>, Vec<_>) =
        artifacts.into_iter().partition(|artifact| artifact.name() == "live/hosts.txt");
    assert!(hosts_file.len() <= 1);
    let names: Vec<_> = artifacts.iter().map(|artifact| artifact.name().to_owned()).collect();
    let endpoint = format!("live/endpoint/127.0.0.1-{}.json", address.port());
    assert_eq!(names, ["live/scope.json".to_owned(), endpoint, "live/endpoint/127.0.0.1-1688.json".to_owned()]);
    assert!(said >= 1);
    for artifact in &artifacts {
        let transcript: Transcript = serde_json::from_slice(artifact.bytes()).unwrap();
        assert_eq!(artifact.collected_at(), Some(transcript.started_at));
    }
}
