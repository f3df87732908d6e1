//! The network world itself, looked at with plain sockets: what the scenarios rely on, without the product.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};
use kmsdoctor_lab::{
    Behaviour, FAULT_OPERATION_OUT_OF_RANGE, LabError, NameServer, Network, PDU_BIND, PDU_BIND_ACK, PDU_FAULT,
    PDU_REQUEST, PduLog, Result, SERVER, TcpServer, TimeServer, Trial, UNROUTED_HOST, Zone, ask, ask_time,
    host_address, host_address_v6,
};

/// Long enough for an answer on this machine, short enough to wait for in vain.
const LIMIT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    kmsdoctor_lab::run(&[
        Trial { name: "namespaces-go-away", run: namespaces_go_away },
        Trial { name: "bind-acknowledged-then-fault", run: bind_acknowledged_then_fault },
        Trial { name: "misbehaving-servers", run: misbehaving_servers },
        Trial { name: "dns-answers-and-reloads", run: dns_answers_and_reloads },
        Trial { name: "dns-fails-in-three-ways", run: dns_fails_in_three_ways },
        Trial { name: "time-server-offset", run: time_server_offset },
        Trial { name: "port-dropped-refused-reset", run: port_dropped_refused_reset },
        Trial { name: "hosts-that-are-gone", run: hosts_that_are_gone },
        Trial { name: "resolver-configuration", run: resolver_configuration },
    ])
}

fn kms(number: u8) -> SocketAddr {
    (host_address(number), 1688).into()
}

fn expect(condition: bool, what: &str, seen: impl std::fmt::Debug) -> Result<()> {
    let detail = format!("saw {seen:?}");
    condition.then_some(()).ok_or(LabError::Wire { subject: what.to_owned(), detail })
}

fn io(operation: &str) -> impl FnOnce(std::io::Error) -> LabError {
    |source| LabError::Io { operation: operation.to_owned(), source }
}

/// Connects from the client; the inner result is the socket's own.
fn connect(network: &Network, address: SocketAddr) -> Result<std::io::Result<TcpStream>> {
    network.client().enter(|| Ok(TcpStream::connect_timeout(&address, LIMIT)))
}

/// Connects, sends and returns what comes back until the end.
fn exchange(network: &Network, address: SocketAddr, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = connect(network, address).expect("the namespace is there")?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(bytes)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map(|_| answer)
}

fn pings(network: &Network, address: IpAddr) -> bool {
    let address = address.to_string();
    network.client().run("ping", &["-c", "1", "-W", "1", &address]).is_ok()
}

fn bind_pdu() -> Vec<u8> {
    // One context: an arbitrary interface with the NDR transfer syntax.
    let mut pdu = vec![5, 0, PDU_BIND, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0];
    pdu.extend([0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]);
    pdu.extend([0x22; 20]);
    pdu.extend([0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8]);
    pdu.extend([0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0]);
    pdu
}

fn read_pdu(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut pdu = vec![0; 16];
    stream.read_exact(&mut pdu).map_err(io("read a PDU"))?;
    pdu.resize(usize::from(u16::from_le_bytes([pdu[8], pdu[9]])), 0);
    stream.read_exact(&mut pdu[16..]).map_err(io("read a PDU"))?;
    Ok(pdu)
}

fn namespaces_go_away() -> Result<()> {
    let network = Network::create()?;
    let name = network.client().name().to_owned();
    let listed = || std::fs::exists(format!("/run/netns/{name}")).unwrap_or(false);
    expect(listed(), "namespace is there", &name)?;
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _network = network;
        // Not `panic!`: its message would look like a failure in the test's output.
        std::panic::resume_unwind(Box::new("rehearsed"));
    }));
    expect(panicked.is_err() && !listed(), "namespace is gone after a panic", &name)
}

fn bind_acknowledged_then_fault() -> Result<()> {
    let (network, log) = (Network::create()?, PduLog::default());
    for address in [host_address(1), host_address_v6(1)] {
        network.add_host(address)?;
        let address = (address, 1688).into();
        let _server = TcpServer::start(network.server(), address, Behaviour::AcknowledgeBind, &log)?;
        let mut stream = connect(&network, address)?.map_err(io("connect"))?;
        stream.set_read_timeout(Some(LIMIT)).map_err(io("set a limit"))?;
        stream.write_all(&bind_pdu()).map_err(io("send a bind"))?;
        let answer = read_pdu(&mut stream)?;
        expect(answer[2] == PDU_BIND_ACK, "bind is acknowledged", &answer)?;
        // A request of 24 bytes without any argument, then a second bind: both are refused.
        let mut request = vec![5, 0, PDU_REQUEST, 3, 0x10, 0, 0, 0, 24, 0, 0, 0, 2, 0, 0, 0];
        request.extend([0; 8]);
        for pdu in [request, bind_pdu()] {
            stream.write_all(&pdu).map_err(io("send a later PDU"))?;
            let answer = read_pdu(&mut stream)?;
            let refused = answer[24..28] == FAULT_OPERATION_OUT_OF_RANGE.to_le_bytes();
            expect(answer[2] == PDU_FAULT && refused, "a later PDU gets a fault", &answer)?;
        }
    }
    let expected = [PDU_BIND, PDU_REQUEST, PDU_BIND].repeat(2);
    expect(log.types() == expected, "the log has every PDU", log.types())
}

fn misbehaving_servers() -> Result<()> {
    let (network, log) = (Network::create()?, PduLog::default());
    network.add_host(host_address(1))?;
    let answer = |behaviour| {
        let _server = TcpServer::start(network.server(), kms(1), behaviour, &log)?;
        Ok::<_, LabError>(exchange(&network, kms(1), &bind_pdu()).map_err(|error| error.kind()))
    };
    let http = answer(Behaviour::AnswerHttp)?;
    let is_http = http.as_ref().is_ok_and(|bytes| bytes.starts_with(b"HTTP/1.1 400"));
    expect(is_http, "HTTP server", &http)?;
    for behaviour in [Behaviour::ResetOnAccept, Behaviour::ResetOnData] {
        let reset = answer(behaviour)?;
        // The reset may overtake the bind.
        let kinds = [Err(ErrorKind::ConnectionReset), Err(ErrorKind::BrokenPipe)];
        expect(kinds.contains(&reset), "reset after accept", (behaviour, &reset))?;
    }
    let closed = answer(Behaviour::CloseOnAccept)?;
    let without_a_byte = [Ok(vec![]), Err(ErrorKind::ConnectionReset)];
    expect(without_a_byte.contains(&closed), "closed after accept", &closed)?;
    let silent = answer(Behaviour::StaySilent)?;
    expect(silent == Err(ErrorKind::WouldBlock), "silent server", &silent)?;
    let _server = TcpServer::start(network.server(), kms(1), Behaviour::RejectInterface, &log)?;
    let mut stream = connect(&network, kms(1))?.map_err(io("connect"))?;
    stream.write_all(&bind_pdu()).map_err(io("send a bind"))?;
    let pdu = read_pdu(&mut stream)?;
    let rejected = pdu[2] == PDU_BIND_ACK && pdu[36..40] == [2, 0, 1, 0];
    expect(rejected, "interface is rejected", &pdu)
}

fn zone() -> Zone {
    Zone::new("contoso.example").host("kms1", host_address(1)).service("kms1", 1688)
}

fn dns_answers_and_reloads() -> Result<()> {
    let network = Network::create()?;
    let mut server = NameServer::start(&network, &zone())?;
    let question = |name, record_type| ask(network.client(), (SERVER, 53).into(), name, record_type, LIMIT);
    let srv = question("_vlmcs._tcp.contoso.example.", RecordType::SRV)?;
    let found = srv.answers.iter().any(|record| {
        matches!(&record.data, RData::SRV(srv) if srv.port == 1688
            && srv.target.to_string() == "kms1.contoso.example.")
    });
    expect(found, "SRV record", &srv.answers)?;
    let address = question("kms1.contoso.example.", RecordType::A)?;
    let ip = address.answers.first().and_then(|record| record.data.ip_addr());
    expect(ip == Some(host_address(1)), "A record", &address.answers)?;
    server.publish(&Zone::new("contoso.example"))?;
    let gone = question("_vlmcs._tcp.contoso.example.", RecordType::SRV)?;
    let code = gone.metadata.response_code;
    expect(code == ResponseCode::NXDomain, "record removed by a reload", code)?;
    server.publish(&zone())?;
    let back = question("_vlmcs._tcp.contoso.example.", RecordType::SRV)?;
    expect(!back.answers.is_empty(), "record back after a reload", &back.answers)
}

fn dns_fails_in_three_ways() -> Result<()> {
    let network = Network::create()?;
    let mut server = NameServer::start(&network, &zone())?;
    let question = || {
        let name = "kms1.contoso.example.";
        ask(network.client(), (SERVER, 53).into(), name, RecordType::A, LIMIT)
    };
    let kind = |result: &Result<_>| match result {
        Err(LabError::Io { source, .. }) => Some(source.kind()),
        _ => None,
    };
    network.add_firewall_rule("udp dport 53 drop")?;
    network.add_firewall_rule("tcp dport 53 drop")?;
    let silent = question();
    expect(kind(&silent) == Some(ErrorKind::WouldBlock), "silent DNS", &silent)?;
    network.clear_firewall()?;
    server.stop();
    let refused = question();
    expect(kind(&refused) == Some(ErrorKind::ConnectionRefused), "stopped DNS", &refused)?;
    server.start_with(&zone().unloadable())?;
    let code = question()?.metadata.response_code;
    expect(code == ResponseCode::ServFail, "failing DNS", code)?;
    server.stop();
    server.start_with(&zone())?;
    let answer = question()?;
    expect(!answer.answers.is_empty(), "repaired DNS", &answer.answers)
}

fn time_server_offset() -> Result<()> {
    let network = Network::create()?;
    let server = TimeServer::start(network.server(), SERVER.into(), 18_000)?;
    let offset_s = || ask_time(network.client(), SERVER, LIMIT);
    let wrong = offset_s()?;
    expect((17_999..=18_001).contains(&wrong), "five hours", wrong)?;
    server.set_offset_s(0);
    let right = offset_s()?;
    expect((-1..=1).contains(&right), "right time", right)
}

fn port_dropped_refused_reset() -> Result<()> {
    let (network, log) = (Network::create()?, PduLog::default());
    network.add_host(host_address(1))?;
    let kind = || Ok::<_, LabError>(connect(&network, kms(1))?.map(drop).map_err(|e| e.kind()));
    let refused = kind()?;
    expect(refused == Err(ErrorKind::ConnectionRefused), "nothing listens", refused)?;
    let _server = TcpServer::start(network.server(), kms(1), Behaviour::AcknowledgeBind, &log)?;
    let open = kind()?;
    expect(open.is_ok(), "server listens", open)?;
    network.add_firewall_rule("tcp dport 1688 drop")?;
    let dropped = kind()?;
    expect(dropped == Err(ErrorKind::TimedOut), "port dropped", dropped)?;
    expect(pings(&network, host_address(1)), "the host still pings", "no reply")?;
    network.clear_firewall()?;
    network.add_firewall_rule("tcp dport 1688 tcp flags & psh == psh reject with tcp reset")?;
    let reset = exchange(&network, kms(1), &bind_pdu()).map_err(|error| error.kind());
    expect(reset == Err(ErrorKind::ConnectionReset), "reset on the path", &reset)?;
    network.clear_firewall()?;
    expect(kind()?.is_ok(), "repaired", "no connection")
}

fn hosts_that_are_gone() -> Result<()> {
    let network = Network::create()?;
    let kind = |address: IpAddr| {
        let address = (address, 1688).into();
        Ok::<_, LabError>(connect(&network, address)?.map(drop).map_err(|error| error.kind()))
    };
    network.add_host(host_address(1))?;
    expect(pings(&network, host_address(1)), "host pings", "no reply")?;
    network.remove_host(host_address(1))?;
    // Within one second the address resolution is still trying; a longer wait would say "no route to host".
    let dead = kind(host_address(1))?;
    expect(dead == Err(ErrorKind::TimedOut), "host is gone", dead)?;
    network.add_host(host_address(1))?;
    expect(pings(&network, host_address(1)), "host is back", "no reply")?;
    let unrouted = kind(UNROUTED_HOST)?;
    expect(unrouted == Err(ErrorKind::HostUnreachable), "router has no route", unrouted)?;
    network.add_host(UNROUTED_HOST)?;
    expect(pings(&network, UNROUTED_HOST), "routed host pings", "no reply")
}

fn resolver_configuration() -> Result<()> {
    let network = Network::create()?;
    let text = format!("nameserver {SERVER}\nsearch contoso.example\n");
    network.client().set_resolver_configuration(&text)?;
    let seen = network.client().run("cat", &["/etc/resolv.conf"])?;
    expect(seen == text, "resolv.conf in the client", seen)
}
