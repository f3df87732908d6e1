mod fixtures;

use std::net::SocketAddr;

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::Fact;
use kmsdoctor_wire::dns::RecordType;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, DomainSource, Exchange, Hop, HopAnswer, HostPort, LifeMethod, LookupOutcome, NotAsked, Outcome,
    ProbeReason, Record, Scope, ScopeDomain, SettingsKey, SettingsValue, SystemLookup, Trace, TraceMethod, Transcript,
    Transport,
};
use proptest::prelude::*;

use self::fixtures::{
    address, attempt, bind, bind_ack, bind_nak, connected, dns, fault, ntp_reply, probe, received, response, sign, srv,
    started_at, time, try_dns,
};
use crate::readers::testing::render;
use crate::{Unread, read};

mod questions;
mod times;
mod traces;

fn facts(record: Record) -> Vec<Fact> {
    let json = serde_json::to_vec_pretty(&Transcript::new(started_at(), record)).unwrap();
    let reading = read(&Artifact::new("test", json, None));
    assert_eq!(reading.kind, "transcript");
    for fact in &reading.facts {
        assert_eq!(fact.time, Some(started_at()));
        assert_eq!(fact.origins[0].line, None);
    }
    reading.facts
}

/// All facts but how long something took.
fn check(record: Record, expect: &str) {
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let facts = facts(record).into_iter().filter(|fact| !fact.key.is_duration());
    assert_eq!(render(&facts.collect::<Vec<_>>()).lines().collect::<Vec<_>>(), expect);
}

fn quotes(record: Record) -> Vec<String> {
    let facts = facts(record).into_iter().filter(|fact| !fact.key.is_duration());
    let mut quotes: Vec<String> = facts.map(|fact| fact.origins[0].quote.clone()).collect();
    quotes.dedup();
    quotes
}

#[test]
fn scope_of_discovery() {
    let domain = |name: &str, source| ScopeDomain { name: name.to_owned(), source };
    let scope = Scope {
        machine: Some("PC-0042".to_owned()),
        domains: vec![
            domain("contoso.com", DomainSource::Primary),
            domain("branch.contoso.com", DomainSource::SearchList),
            domain("Contoso.com.", DomainSource::SearchList),
        ],
        time_sources: vec!["dc1.contoso.com".to_owned()],
        utc_offset_s: Some(32_400),
        ..Scope::default()
    };
    check(
        Record::Scope(scope),
        "machine machine.name = PC-0042
         machine machine.utc-offset-minutes = 540
         machine scope.path = true
         machine scope.discovery = true
         machine scope.time = true
         machine machine.domain = contoso.com
         branch.contoso.com domain.lookup = false
         contoso.com domain.lookup = true",
    );
}

#[test]
fn scope_of_hosts_and_of_nothing() {
    let host = HostPort { host: "fd00::5".to_owned(), port: 1688 };
    check(
        Record::Scope(Scope { hosts: vec![host], ..Scope::default() }),
        "machine scope.path = true\n[fd00::5]:1688 endpoint.asked = true",
    );
    check(
        Record::Scope(Scope { not_asked: vec![NotAsked::NoDomain], ..Scope::default() }),
        "machine scope.path = true\nmachine scope.discovery unknown NoAnswer",
    );
}

const LICENSING: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

fn settings(below: &str, values: &[(&str, &str)]) -> SettingsKey {
    let value = |(name, data): &(&str, &str)| SettingsValue { name: (*name).to_owned(), data: (*data).to_owned() };
    SettingsKey { path: format!("{LICENSING}{below}"), values: values.iter().map(value).collect() }
}

fn scope_of_client(settings: Vec<SettingsKey>) -> Record {
    let domain = |name: &str, source| ScopeDomain { name: name.to_owned(), source };
    let domains = vec![domain("fabrikam.com", DomainSource::Forced), domain("contoso.com", DomainSource::Primary)];
    Record::Scope(Scope { domains, client_settings: Some(settings), ..Scope::default() })
}

#[test]
fn a_pinned_host_takes_the_place_of_discovery() {
    let scope = || {
        scope_of_client(vec![
            settings("", &[("DiscoveredKeyManagementServiceName", "kms2.contoso.com")]),
            settings(
                r"\55c92734-d682-4d71-983e-d6ec3f16059f",
                &[("KeyManagementServiceName", "kms1.contoso.com"), ("KeyManagementServicePort", "1700")],
            ),
        ])
    };
    check(
        scope(),
        "machine scope.path = true
         machine scope.discovery = false
         machine machine.domain = contoso.com
         contoso.com domain.lookup = true
         fabrikam.com domain.lookup = false
         machine kms.pinned-host absent
         machine kms.pinned-port absent
         machine kms.lookup-domain absent
         machine kms.pinned-host = kms1.contoso.com
         kms1.contoso.com:1700 endpoint.pinned = true
         machine kms.pinned-port = 1700
         machine kms.cached-host = kms2.contoso.com",
    );
    let quotes = quotes(scope());
    let name =
        r"SoftwareProtectionPlatform\55c92734-d682-4d71-983e-d6ec3f16059f: KeyManagementServiceName = kms1.contoso.com";
    assert!(quotes.iter().any(|quote| quote.ends_with(name)), "{quotes:?}");
}

#[test]
fn a_lookup_domain_leaves_other_domains_out() {
    check(
        scope_of_client(vec![settings("", &[("KeyManagementServiceLookupDomain", "fabrikam.com")])]),
        "machine scope.path = true
         machine scope.discovery = true
         machine machine.domain = contoso.com
         contoso.com domain.lookup = false
         machine kms.pinned-host absent
         machine kms.pinned-port absent
         machine kms.lookup-domain = fabrikam.com
         fabrikam.com domain.lookup = true",
    );
}

#[test]
fn what_the_system_says_of_a_name() {
    let lookup = |outcome| {
        let name = "KMS1.contoso.com".to_owned();
        Record::SystemLookup(SystemLookup { name, outcome, elapsed_us: 1_200 })
    };
    let found = || lookup(LookupOutcome::Found { addresses: vec!["fd00::5".parse().unwrap(), [10, 0, 0, 9].into()] });
    check(found(), "kms1.contoso.com name.client-address = 10.0.0.9, fd00::5");
    assert_eq!(quotes(found()), ["system lookup KMS1.contoso.com: 10.0.0.9, fd00::5 (1.2 ms)"]);
    let failed = |os_error, text: &str| lookup(LookupOutcome::Failed { os_error, text: text.to_owned() });
    for none in [
        failed(Some(11001), "No such host is known."),
        failed(None, "failed to lookup address information: Name or service not known"),
    ] {
        check(none, "kms1.contoso.com name.client-address absent");
    }
    for open in [failed(Some(11002), "try again"), failed(None, "try again"), lookup(LookupOutcome::TimedOut)] {
        check(open, "kms1.contoso.com name.client-address unknown NoAnswer");
    }
}

#[test]
fn only_addresses_that_the_client_uses_count() {
    let other = |outcome| ConnectionAttempt { address: "10.0.0.9:1688".parse().unwrap(), ..attempt(outcome) };
    let attempts = vec![connected(bind(received(&bind_ack(0)))), other(Outcome::Refused)];
    let Record::Endpoint(mut probe) = probe("kms1.contoso.com", vec![ProbeReason::Asked], attempts, Vec::new()) else {
        unreachable!()
    };
    probe.client_addresses = vec![[10, 0, 0, 9].into()];
    let asked = "kms1.contoso.com:1688 endpoint.asked = true\n";
    let refused = "kms1.contoso.com:1688 endpoint.tcp = refused\nkms1.contoso.com:1688 endpoint.alive = true";
    check(Record::Endpoint(probe.clone()), &format!("{asked}{refused}"));
    // Where none of them was tried, what was tried counts.
    probe.client_addresses = vec![[10, 0, 0, 8].into()];
    assert!(render(&facts(Record::Endpoint(probe))).contains("endpoint.rpc = acknowledged"));
}

const SERVICE: &str = "_vlmcs._tcp.contoso.com";

#[test]
fn records_found() {
    let record = || {
        dns(SERVICE, RecordType::Srv, |sent| {
            response(sent, 0, &[srv(0, 1688, "kms1.contoso.com"), srv(10, 1700, "kms2.contoso.com")])
        })
    };
    check(
        record(),
        "10.0.0.1 resolver.outcome = answers
         contoso.com domain.srv = found
         contoso.com domain.srv-count = 2
         contoso.com domain.srv-targets = kms1.contoso.com:1688, kms2.contoso.com:1700
         kms1.contoso.com:1688 endpoint.advertised = true
         kms2.contoso.com:1700 endpoint.advertised = true",
    );
    assert_eq!(
        quotes(record()),
        ["SRV _vlmcs._tcp.contoso.com @10.0.0.1:53: kms1.contoso.com:1688, kms2.contoso.com:1700 (0.4 ms)"]
    );
}

#[test]
fn records_missing() {
    let record = || dns(SERVICE, RecordType::Srv, |sent| response(sent, 3, &[]));
    check(record(), "10.0.0.1 resolver.outcome = answers\ncontoso.com domain.srv = no-such-name");
    assert_eq!(quotes(record()), ["SRV _vlmcs._tcp.contoso.com @10.0.0.1:53: NXDOMAIN (0.4 ms)"]);
    check(
        dns(SERVICE, RecordType::Srv, |sent| response(sent, 0, &[])),
        "10.0.0.1 resolver.outcome = answers\ncontoso.com domain.srv = no-data",
    );
    check(
        dns(SERVICE, RecordType::Srv, |sent| response(sent, 0, &[srv(0, 0, "")])),
        "10.0.0.1 resolver.outcome = answers\ncontoso.com domain.srv = no-data",
    );
}

#[test]
fn a_resolver_that_fails_leaves_the_domain_open() {
    for (code, outcome) in [(2, "server-failure"), (5, "server-failure"), (4, "server-failure")] {
        check(
            dns(SERVICE, RecordType::Srv, |sent| response(sent, code, &[])),
            &format!("10.0.0.1 resolver.outcome = {outcome}\ncontoso.com domain.srv unknown NoAnswer"),
        );
    }
    for (outcome, state, why) in [
        (Outcome::TimedOut, "= timeout", "NoAnswer"),
        (Outcome::Refused, "= unreachable", "NoAnswer"),
        (Outcome::Unreachable { os_error: Some(101) }, "= unreachable", "NoAnswer"),
        (Outcome::Failed { os_error: None, text: "no socket".to_owned() }, "unknown NotPermitted", "NotPermitted"),
        (received(b"garbage"), "unknown Unreadable", "Unreadable"),
    ] {
        check(
            dns(SERVICE, RecordType::Srv, |_| outcome.clone()),
            &format!("10.0.0.1 resolver.outcome {state}\ncontoso.com domain.srv unknown {why}"),
        );
    }
    // An answer to another question is none.
    check(
        dns(SERVICE, RecordType::Srv, |_| response(&try_dns(7, "_vlmcs._tcp.fabrikam.com", RecordType::Srv), 3, &[])),
        "10.0.0.1 resolver.outcome unknown Unreadable\ncontoso.com domain.srv unknown Unreadable",
    );
}

#[test]
fn the_last_answer_counts_over_either_transport() {
    let Record::Dns(mut question) = dns(SERVICE, RecordType::Srv, |_| Outcome::TimedOut) else { unreachable!() };
    let sent = try_dns(9, SERVICE, RecordType::Srv);
    let Outcome::Received { mut data } = response(&sent, 0, &[]) else { unreachable!() };
    data.0[2] |= 0x02; // TC
    let truncated = Outcome::Received { data };
    question.exchanges.push(fixtures::exchange(Transport::Udp, sent.clone(), truncated));
    // Truncated and empty, and nothing came over TCP: whether there are records is not known.
    question.exchanges.push(fixtures::exchange(Transport::Tcp, sent.clone(), Outcome::TimedOut));
    check(
        Record::Dns(question.clone()),
        "10.0.0.1 resolver.outcome = answers\ncontoso.com domain.srv unknown NoAnswer",
    );
    // The stream's two bytes of length may be recorded with the message.
    let Outcome::Received { data } = response(&sent, 0, &[srv(0, 1688, "kms1")]) else { unreachable!() };
    let length = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
    question.exchanges.push(fixtures::exchange(Transport::Tcp, length(&sent), received(&length(&data.0))));
    check(
        Record::Dns(question),
        "10.0.0.1 resolver.outcome = answers
         contoso.com domain.srv = found
         contoso.com domain.srv-count = 1
         contoso.com domain.srv-targets = kms1:1688
         kms1:1688 endpoint.advertised = true",
    );
}

#[test]
fn one_address_family_alone_settles_only_what_it_can() {
    let ask = |record_type, code, records: &[fixtures::Answer]| {
        dns("kms1.contoso.com", record_type, |sent| response(sent, code, records))
    };
    let name = |facts: &str| {
        let lines = facts.split(", ").map(|fact| format!("kms1.contoso.com {fact}"));
        format!("10.0.0.1 resolver.outcome = answers\n{}", lines.collect::<Vec<_>>().join("\n"))
    };
    check(
        ask(RecordType::A, 0, &[address("10.0.0.5")]),
        &name("name.ipv4 = found, name.address = found, name.dns-ipv4 = 10.0.0.5"),
    );
    check(
        ask(RecordType::Aaaa, 0, &[address("fd00::5")]),
        &name("name.ipv6 = found, name.address = found, name.dns-ipv6 = fd00::5"),
    );
    check(ask(RecordType::A, 3, &[]), &name("name.ipv4 = no-such-name, name.address = no-such-name"));
    check(ask(RecordType::Aaaa, 3, &[]), &name("name.ipv6 = no-such-name"));
    check(ask(RecordType::A, 0, &[]), &name("name.ipv4 = no-data"));
    check(ask(RecordType::Aaaa, 0, &[]), &name("name.ipv6 = no-data"));
    check(
        dns("kms1", RecordType::A, |_| Outcome::TimedOut),
        "10.0.0.1 resolver.outcome = timeout\nkms1 name.ipv4 unknown NoAnswer\nkms1 name.address unknown NoAnswer",
    );
}

/// No client asks a server there, so nobody is led to these addresses.
#[test]
fn a_server_on_another_port_gives_clients_nothing() {
    let Record::Dns(mut question) =
        dns("kms1.contoso.com", RecordType::A, |sent| response(sent, 0, &[address("127.0.0.5")]))
    else {
        unreachable!()
    };
    question.server = "127.0.0.1:5353".parse().unwrap();
    check(
        Record::Dns(question),
        "127.0.0.1:5353 resolver.outcome = answers
         kms1.contoso.com name.ipv4 = found
         kms1.contoso.com name.address = found",
    );
}

#[test]
fn other_services_only_show_the_resolver() {
    check(
        dns("_ldap._tcp.dc._msdcs.contoso.com", RecordType::Srv, |sent| response(sent, 3, &[])),
        "10.0.0.1 resolver.outcome = answers",
    );
    let Record::Dns(mut question) = dns(SERVICE, RecordType::Srv, |sent| response(sent, 3, &[])) else {
        unreachable!()
    };
    question.server = "[fd00::1]:5353".parse().unwrap();
    check(Record::Dns(question), "[fd00::1]:5353 resolver.outcome = answers\ncontoso.com domain.srv = no-such-name");
}

#[test]
fn a_healthy_host() {
    let reasons = vec![ProbeReason::Advertised { domain: "contoso.com".to_owned() }, ProbeReason::Asked];
    let record = || probe("kms1.contoso.com", reasons.clone(), vec![connected(bind(received(&bind_ack(0))))], vec![]);
    check(
        record(),
        "kms1.contoso.com:1688 endpoint.advertised = true
         kms1.contoso.com:1688 endpoint.asked = true
         kms1.contoso.com:1688 endpoint.tcp = open
         kms1.contoso.com:1688 endpoint.rpc = acknowledged
         kms1.contoso.com:1688 endpoint.slow = false
         kms1.contoso.com:1688 endpoint.alive = true",
    );
    assert_eq!(
        quotes(record())[2..4],
        ["TCP 10.0.0.5:1688: connected (0.3 ms)", "RPC bind 10.0.0.5:1688: bind_ack, KMS interface accepted (1.2 ms)"]
    );
}

#[test]
fn a_reset_that_comes_before_the_connection_was_noticed() {
    let mut attempt = connected(bind(Outcome::TimedOut));
    (attempt.connect, attempt.bind) = (Outcome::Reset, None);
    check(
        probe("kms1", vec![], vec![attempt], vec![]),
        "kms1:1688 endpoint.tcp = open\nkms1:1688 endpoint.rpc = reset\nkms1:1688 endpoint.alive = true",
    );
}

#[test]
fn a_control_probe_is_neither_advertised_nor_asked_for() {
    check(
        probe("kms1", vec![ProbeReason::DefaultPort], vec![], vec![]),
        "kms1:1688 endpoint.advertised = false\nkms1:1688 endpoint.asked = false",
    );
}

#[test]
fn what_answers_the_bind() {
    let closed = |data: &[u8]| Outcome::Closed { data: kmsdoctor_wire::hex::Hex(data.to_vec()) };
    for (outcome, word) in [
        (received(&bind_ack(2)), "= rejected"),
        (received(&bind_nak()), "= rejected"),
        (received(&fault()), "= rejected"),
        (received(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "= foreign"),
        (received(&bind_ack(0)[..20]), "= foreign"),
        (closed(b""), "= closed"),
        (closed(b"SSH-2.0"), "= foreign"),
        (closed(&bind_ack(0)), "= acknowledged"),
        (Outcome::Reset, "= reset"),
        (Outcome::TimedOut, "= silent"),
        (Outcome::Refused, "unknown NoAnswer"),
    ] {
        let received = matches!(outcome, Outcome::Received { .. });
        let slow = if received { "\nkms1:1688 endpoint.slow = false" } else { "" };
        check(
            probe("kms1", vec![], vec![connected(bind(outcome))], vec![]),
            &format!(
                "kms1:1688 endpoint.tcp = open\nkms1:1688 endpoint.rpc {word}{slow}\nkms1:1688 endpoint.alive = true"
            ),
        );
    }
    // Cut short by the end of the run: with less than a second, with less than 3 times what the connection took, without having been sent.
    for (connect_us, elapsed_us) in [(400, Some(999_999)), (1_030_000, Some(2_120_000)), (400, None)] {
        let mut attempt = connected(bind(Outcome::TimedOut));
        attempt.connect_us = connect_us;
        attempt.bind = elapsed_us.map(|elapsed_us| Exchange { elapsed_us, ..bind(Outcome::TimedOut) });
        check(
            probe("kms1", vec![], vec![attempt], vec![]),
            "kms1:1688 endpoint.tcp = open\nkms1:1688 endpoint.rpc unknown NoAnswer\nkms1:1688 endpoint.alive = true",
        );
    }
}

#[test]
fn the_best_of_several_addresses() {
    let failed = |number| Outcome::Failed { os_error: Some(number), text: "not permitted".to_owned() };
    let unreachable = || Outcome::Unreachable { os_error: Some(101) };
    for (outcomes, tcp) in [
        (vec![Outcome::TimedOut, Outcome::Refused], "= refused"),
        (vec![Outcome::TimedOut, Outcome::TimedOut], "= timeout"),
        // No route for IPv6 must not hide what IPv4 shows.
        (vec![unreachable(), Outcome::TimedOut], "= timeout"),
        (vec![unreachable(), unreachable()], "= unreachable"),
        (vec![failed(1)], "= blocked-locally"),
        (vec![Outcome::KeptBack], "= blocked-locally"),
        (vec![Outcome::KeptBack, Outcome::TimedOut], "= timeout"),
        (vec![failed(97)], "unknown NotPermitted"),
        (vec![failed(97), Outcome::TimedOut], "= timeout"),
    ] {
        let attempts = outcomes.into_iter().map(attempt).collect();
        let found = render(&facts(probe("kms1", vec![], attempts, vec![])));
        assert_eq!(found.lines().next(), Some(format!("kms1:1688 endpoint.tcp {tcp}").as_str()));
    }
    let binds =
        vec![connected(bind(Outcome::Reset)), connected(bind(received(&bind_ack(0)))), attempt(Outcome::TimedOut)];
    check(
        probe("kms1", vec![], binds, vec![]),
        "kms1:1688 endpoint.tcp = open
         kms1:1688 endpoint.rpc = acknowledged
         kms1:1688 endpoint.slow = false
         kms1:1688 endpoint.alive = true",
    );
}

#[test]
fn signs_of_life() {
    let icmp = |outcome| sign(LifeMethod::Icmp, outcome);
    let tcp = |outcome| sign(LifeMethod::Tcp { port: 445 }, outcome);
    let forbidden = || Outcome::Failed { os_error: Some(1), text: "not permitted".to_owned() };
    for (signs, alive) in [
        (vec![icmp(received(b"")), tcp(Outcome::TimedOut)], Some("= true")),
        (vec![icmp(Outcome::TimedOut), tcp(Outcome::Refused)], Some("= true")),
        (vec![icmp(Outcome::TimedOut), tcp(Outcome::TimedOut)], Some("= false")),
        (vec![icmp(forbidden()), tcp(Outcome::Unreachable { os_error: None })], Some("= false")),
        (vec![icmp(forbidden())], Some("unknown NotPermitted")),
        (vec![icmp(Outcome::TimedOut), tcp(Outcome::KeptBack)], Some("= false")),
        (vec![tcp(Outcome::KeptBack)], Some("unknown NotPermitted")),
        (vec![], None),
    ] {
        let found = render(&facts(probe("kms1", vec![], vec![attempt(Outcome::TimedOut)], signs)));
        let expect = alive.map(|alive| format!("kms1:1688 endpoint.alive {alive}"));
        assert_eq!(found.lines().nth(1), expect.as_deref());
    }
    let dead =
        probe("kms1", vec![], vec![attempt(Outcome::TimedOut)], vec![icmp(Outcome::TimedOut), tcp(Outcome::TimedOut)]);
    assert_eq!(quotes(dead)[1], "ICMP 10.0.0.5: timed out (0.2 ms); TCP 10.0.0.5:445: timed out (0.2 ms)");
    // The port refuses: the host is there, whatever the other signs say.
    check(
        probe("kms1", vec![], vec![attempt(Outcome::Refused)], vec![icmp(Outcome::TimedOut)]),
        "kms1:1688 endpoint.tcp = refused\nkms1:1688 endpoint.alive = true",
    );
}

#[test]
fn transcripts_of_earlier_versions_are_read() {
    let json = r#"{"format":"kmsdoctor.transcript/1","started_at":"2026-11-23T09:00:00Z","kind":"endpoint",
        "endpoint":{"host":"kms1","port":1688},"reasons":[{"is":"asked"}],"signs_of_life":[],
        "attempts":[{"address":"10.0.0.5:1688","connect":{"is":"timed-out"},"connect_us":3000000,"bind":null}]}"#;
    let reading = read(&Artifact::new("test", json.as_bytes().to_vec(), None));
    assert_eq!(render(&reading.facts), "kms1:1688 endpoint.asked = true\nkms1:1688 endpoint.tcp = timeout");
}

#[test]
fn a_name_without_addresses_was_not_connected_to() {
    check(probe("kms1", vec![ProbeReason::Asked], vec![], vec![]), "kms1:1688 endpoint.asked = true");
}

#[test]
fn damaged_and_other_json() {
    let json = serde_json::to_string(&Transcript::new(started_at(), Record::Scope(Scope::default()))).unwrap();
    for damaged in [
        json.replace("transcript/1", "transcript/2"),
        json[..json.len() - 3].to_owned(),
        json.replace("scope", "dream"),
    ] {
        let reading = read(&Artifact::new("test", damaged.into_bytes(), None));
        assert_eq!((reading.unread, reading.facts.len()), (Some(Unread::Damaged), 0));
    }
    let reading = read(&Artifact::new("test", b"{\"format\": \"something else\"}".to_vec(), None));
    assert_eq!(reading.unread, Some(Unread::NotRecognised));
    // Saved again by an editor: byte order mark and other line breaks.
    let saved = format!("\u{feff}{}", json.replace(',', ",\r\n"));
    assert_eq!(read(&Artifact::new("test", saved.into_bytes(), None)).facts.len(), 2);
}

proptest! {
    #[test]
    fn never_panics_on_any_bytes_received(sent in proptest::collection::vec(any::<u8>(), 0..80), data in proptest::collection::vec(any::<u8>(), 0..120)) {
        let answer = received(&data);
        facts(dns(SERVICE, RecordType::Srv, |_| answer.clone()));
        facts(probe("kms1", vec![], vec![connected(bind(answer.clone()))], vec![]));
        facts(time(answer.clone()));
        let Record::Dns(mut question) = dns(SERVICE, RecordType::Aaaa, |_| answer.clone()) else { unreachable!() };
        question.exchanges = vec![fixtures::exchange(Transport::Tcp, sent, answer)];
        facts(Record::Dns(question));
    }

    #[test]
    fn never_panics_on_mutated_text(at in 0..400usize, byte: u8) {
        let record = dns(SERVICE, RecordType::Srv, |sent| response(sent, 0, &[srv(0, 1688, "kms1.contoso.com")]));
        let mut json = serde_json::to_vec(&Transcript::new(started_at(), record)).unwrap();
        let at = at % json.len();
        json[at] = byte;
        read(&Artifact::new("test", json, None));
    }
}

/// The address that the fixtures' KMS host has.
fn host_address() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 5], 1688))
}
