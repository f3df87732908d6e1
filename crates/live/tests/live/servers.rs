//! Servers on loopback that behave as a test tells them to. Their threads end with the test process.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use kmsdoctor_wire::dns::{Query, RecordType};
use kmsdoctor_wire::{rpc, sntp};
use socket2::{Domain, SockRef, Socket, Type};

/// One record of an answer; its owner is the name asked for.
pub(crate) enum Answer {
    Srv { priority: u16, port: u16, target: String },
    A(Ipv4Addr),
}

/// What a resolver does with a query.
pub(crate) enum Reaction {
    Records(Vec<Answer>),
    Code(u8),
    Silence,
    /// Header with the TC bit over UDP, these records over TCP.
    Truncated(Vec<Answer>),
    /// Two strays first: another id, another question.
    StraysThen(Vec<Answer>),
}

/// A resolver over UDP and TCP. `resolve` is a closure so that it can know the ports of other servers;
/// its number counts the queries for the same name and type from 0.
pub(crate) fn resolver(mut resolve: impl FnMut(&Query, usize) -> Reaction + Send + Clone + 'static) -> SocketAddr {
    let (udp, tcp) = same_port();
    let address = udp.local_addr().unwrap();
    let mut over_tcp = resolve.clone();
    thread::spawn(move || {
        let mut seen = Vec::new();
        let mut buffer = [0; 2048];
        while let Ok((length, peer)) = udp.recv_from(&mut buffer) {
            let message = &buffer[..length];
            let query = Query::decode(message).expect("a well-formed query");
            let key = (query.name.clone(), query.record_type);
            let number = seen.iter().filter(|&known| *known == key).count();
            seen.push(key);
            let send = |bytes: &[u8]| udp.send_to(bytes, peer).map(drop).unwrap();
            match resolve(&query, number) {
                Reaction::Records(records) => send(&response(message, 0, false, &records)),
                Reaction::Code(code) => send(&response(message, code, false, &[])),
                Reaction::Silence => {}
                Reaction::Truncated(_) => send(&response(message, 0, true, &[])),
                Reaction::StraysThen(records) => {
                    let mut other_id = response(message, 3, false, &[]);
                    other_id[0] ^= 0xFF;
                    send(&other_id);
                    let other = Query::new(query.id, "elsewhere.example", query.record_type).unwrap();
                    send(&response(&other.encode().unwrap(), 3, false, &[]));
                    send(&response(message, 0, false, &records));
                }
            }
        }
    });
    thread::spawn(move || {
        for mut stream in tcp.incoming().flatten() {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut message).unwrap();
            let query = Query::decode(&message).expect("a well-formed query");
            if let Reaction::Truncated(records) = over_tcp(&query, 0) {
                let answer = response(&message, 0, false, &records);
                stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
                // In two parts, as streams may deliver it.
                stream.write_all(&answer[..20]).unwrap();
                stream.write_all(&answer[20..]).unwrap();
            }
        }
    });
    address
}

/// A UDP and a TCP socket on one port. The system picks it, so that another process may hold its sibling.
fn same_port() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        match TcpListener::bind(udp.local_addr().unwrap()) {
            Ok(tcp) => return (udp, tcp),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no port is free for UDP and TCP");
}

fn response(query: &[u8], code: u8, truncated: bool, records: &[Answer]) -> Vec<u8> {
    let name_end = 12 + query[12..].iter().position(|&byte| byte == 0).unwrap() + 1;
    let mut message = vec![query[0], query[1], 0x81 | u8::from(truncated) << 1, 0x80 | code, 0, 1];
    message.extend(u16::try_from(records.len()).unwrap().to_be_bytes());
    message.extend([0; 4]);
    message.extend(&query[12..name_end + 4]);
    for record in records {
        let (kind, data) = match record {
            Answer::Srv { priority, port, target } => (33_u16, srv_data(*priority, *port, target)),
            Answer::A(address) => (1, address.octets().to_vec()),
        };
        message.extend([0xc0, 12]);
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        message.extend(data);
    }
    message
}

fn srv_data(priority: u16, port: u16, target: &str) -> Vec<u8> {
    let mut data = [priority.to_be_bytes(), [0; 2], port.to_be_bytes()].concat();
    for label in target.split('.') {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend(label.bytes());
    }
    data.push(0);
    data
}

/// The usual resolver: SRV of `contoso.com` from `services`, A of any target from `address_of`.
pub(crate) fn contoso(
    services: Vec<(u16, &'static str)>,
    address_of: fn(&str) -> Option<Ipv4Addr>,
) -> impl FnMut(&Query, usize) -> Reaction + Send + Clone {
    move |query, _| match (query.record_type, query.name.as_str()) {
        (RecordType::Srv, "_vlmcs._tcp.contoso.com") => Reaction::Records(srv(&services)),
        (RecordType::A, name) => match address_of(name) {
            Some(address) => Reaction::Records(vec![Answer::A(address)]),
            None => Reaction::Code(3),
        },
        (RecordType::Aaaa, _) => Reaction::Records(Vec::new()),
        (RecordType::Srv, _) => Reaction::Code(3),
    }
}

pub(crate) fn srv(services: &[(u16, &str)]) -> Vec<Answer> {
    let record = |&(port, target): &(u16, &str)| Answer::Srv { priority: 0, port, target: target.to_owned() };
    services.iter().map(record).collect()
}

/// What listens on a port does with a connection.
#[derive(Clone, Copy)]
pub(crate) enum Behaviour {
    /// Accepts the bind; refuses to know anything else.
    Acknowledge,
    Silent,
    Reset,
    Close,
    Http,
}

/// A listener; the receiver gets everything that a client sent, once the client has closed.
pub(crate) fn listener(address: IpAddr, port: u16, behaviour: Behaviour) -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind((address, port)).unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                let _ = sender.send(serve(stream, behaviour));
            });
        }
    });
    (address, receiver)
}

fn serve(mut stream: TcpStream, behaviour: Behaviour) -> Vec<u8> {
    let mut received = vec![0; usize::from(rpc::BIND_BYTES)];
    match behaviour {
        Behaviour::Acknowledge => {
            stream.read_exact(&mut received).unwrap();
            stream.write_all(&bind_ack()).unwrap();
        }
        Behaviour::Silent => received.clear(),
        Behaviour::Reset => {
            stream.read_exact(&mut received).unwrap();
            SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
            return received;
        }
        Behaviour::Close => {
            stream.read_exact(&mut received).unwrap();
            return received;
        }
        Behaviour::Http => {
            stream.read_exact(&mut received).unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        }
    }
    let _ = stream.read_to_end(&mut received);
    received
}

/// The acknowledgement of a bind with an accepted context (C706 section 12.6.4.4).
fn bind_ack() -> Vec<u8> {
    let mut message = vec![5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0];
    message.extend([0xd0, 0x16, 0xd0, 0x16, 1, 0, 0, 0, 5, 0]);
    message.extend(b"1688\0\0");
    message.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    message.extend([0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 8, 0, 0x2b, 0x10, 0x48, 0x60]);
    message.extend([2, 0, 0, 0]);
    message
}

/// A port that refuses: the socket holds it and does not listen.
pub(crate) fn refusing(address: Ipv4Addr) -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((address, 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// A time server. The first request stays unanswered if `lossy`.
pub(crate) fn time_server(lossy: bool) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 512];
        let mut answers = !lossy;
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            let nonce = sntp::decode_nonce(&buffer[..length]).expect("a request");
            if answers {
                let mut reply = [0; sntp::MESSAGE_BYTES];
                reply[..2].copy_from_slice(&[0x24, 2]);
                reply[24..32].copy_from_slice(&nonce.to_be_bytes());
                reply[32..40].copy_from_slice(&0xE000_0000_0000_0000_u64.to_be_bytes());
                reply[40..48].copy_from_slice(&0xE000_0000_0000_0000_u64.to_be_bytes());
                socket.send_to(&reply, peer).unwrap();
            }
            answers = true;
        }
    });
    address
}
