//! Packets to the KMS port as `tshark` and `pktmon` print them (the latter like `tcpdump`): flags of the handshake, and
//! nothing else. What the packets carry is not looked at.
//!
//! Two outcomes are told: a request to connect that was answered with a reset, and one that was sent again and got no
//! answer. A handshake that succeeded says only that the capture shows no fault of this kind.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kmsdoctor_core::fact::{Key, Subject};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// The KMS port.
const KMS_PORT: u16 = 1688;

/// Connections of one capture that are followed.
const CONNECTIONS_MAX: usize = 4096;

/// Puts the outcomes of connections to the KMS port into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut connections: BTreeMap<(IpAddr, IpAddr, u16), Connection> = BTreeMap::new();
    // pktmon prints a packet once for every component that it passes; the first appearance counts.
    let mut repeated = false;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some((_, appearance)) = text.split_once(" Appearance ") {
            repeated = !appearance.starts_with("1,") && !appearance.starts_with("1 ");
        }
        let Some(packet) = Packet::read(text).filter(|_| !repeated) else { continue };
        let Some((server, client, port, to_server)) = packet.ends() else { continue };
        let key = (server, client, port);
        if connections.len() < CONNECTIONS_MAX || connections.contains_key(&key) {
            connections.entry(key).or_default().add(&packet.flags, to_server, index);
        }
    }
    let mut servers: BTreeMap<IpAddr, Vec<&Connection>> = BTreeMap::new();
    for ((server, _, _), connection) in &connections {
        servers.entry(*server).or_default().push(connection);
    }
    for (server, connections) in servers {
        if connections.iter().any(|connection| connection.opened) {
            continue;
        }
        let endpoint = Subject::endpoint(&server.to_string(), KMS_PORT);
        let refused = connections.iter().find_map(|connection| Some((*connection.syns.first()?, connection.reset?)));
        let silent = connections.iter().find(|connection| connection.syns.len() >= 2 && !connection.answered);
        if let Some((first, last)) = refused {
            sink.word(&endpoint, Key::EndpointTcp, "refused", first..=last);
        } else if let Some([first, .., last]) = silent.map(|connection| connection.syns.as_slice()) {
            sink.word(&endpoint, Key::EndpointTcp, "timeout", *first..=*last);
        }
    }
}

/// What was seen of one connection.
#[derive(Default)]
struct Connection {
    /// Lines of the requests to connect, the first and the last one.
    syns: Vec<usize>,
    opened: bool,
    answered: bool,
    /// Line of the reset that answered the request.
    reset: Option<usize>,
}

impl Connection {
    fn add(&mut self, flags: &Flags, to_server: bool, index: usize) {
        if to_server && flags.syn && !flags.ack {
            if self.syns.len() >= 2 {
                self.syns.pop();
            }
            self.syns.push(index);
        } else if !to_server {
            self.answered = true;
            self.opened |= flags.syn && flags.ack;
            if flags.reset && !self.opened && !self.syns.is_empty() {
                self.reset.get_or_insert(index);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Flags {
    syn: bool,
    ack: bool,
    reset: bool,
}

/// Ends and flags of one packet.
#[derive(Debug)]
struct Packet {
    source: (IpAddr, u16),
    destination: (IpAddr, u16),
    flags: Flags,
}

impl Packet {
    fn read(text: &str) -> Option<Self> {
        tcpdump(text).or_else(|| tshark(text))
    }

    /// Server, client, client's port, and whether it goes to the server.
    fn ends(&self) -> Option<(IpAddr, IpAddr, u16, bool)> {
        match (self.source, self.destination) {
            ((client, port), (server, KMS_PORT)) => Some((server, client, port, true)),
            ((server, KMS_PORT), (client, port)) => Some((server, client, port, false)),
            _ => None,
        }
    }
}

/// `10.20.7.31.50123 > 10.20.0.5.1688: Flags [S], seq …`.
fn tcpdump(text: &str) -> Option<Packet> {
    let (ends, rest) = text.split_once(": Flags [")?;
    let (flags, _) = rest.split_once(']')?;
    let (before, destination) = ends.rsplit_once(" > ")?;
    let source = before.split_whitespace().next_back()?;
    let end = |text: &str| {
        let (address, port) = text.rsplit_once('.')?;
        Some((console::address(address)?, port.parse().ok()?))
    };
    let has = |flag: char| flags.contains(flag);
    let flags = Flags { syn: has('S'), ack: has('.'), reset: has('R') };
    Some(Packet { source: end(source)?, destination: end(destination.trim())?, flags })
}

/// `1 0.000 10.20.7.31 → 10.20.0.5 TCP 66 50123 → 1688 [SYN] Seq=0 …`, with an arrow of either kind.
fn tshark(text: &str) -> Option<Packet> {
    let words: Vec<&str> = text.split_whitespace().take(16).collect();
    let arrow = |word: &&str| matches!(*word, "→" | "->");
    let mut arrows = words.iter().enumerate().filter(|(_, word)| arrow(word)).map(|(place, _)| place);
    let (hosts, ports) = (arrows.next()?, arrows.next()?);
    let around = |place: usize| Some((words.get(place.checked_sub(1)?)?, words.get(place + 1)?));
    let (source, destination) = around(hosts)?;
    let (source_port, destination_port) = around(ports)?;
    words.get(hosts..ports)?.iter().find(|word| **word == "TCP")?;
    // Flags stand in brackets behind the ports; other brackets, such as `[TCP Retransmission]`, before them.
    let (_, rest) = text.split_once(&format!("{destination_port} ["))?;
    let (flags, _) = rest.split_once(']')?;
    let has = |flag: &str| flags.split(',').any(|word| word.trim() == flag);
    Some(Packet {
        source: (console::address(source)?, source_port.parse().ok()?),
        destination: (console::address(destination)?, destination_port.parse().ok()?),
        flags: Flags { syn: has("SYN"), ack: has("ACK"), reset: has("RST") },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const SYN: &str =
        "    1   0.000000   10.20.7.31 → 10.20.0.5    TCP 66 50123 → 1688 [SYN] Seq=0 Win=64240 Len=0 MSS=1460";
    const AGAIN: &str =
        "    2   1.011000   10.20.7.31 → 10.20.0.5    TCP 66 [TCP Retransmission] 50123 → 1688 [SYN] Seq=0 Win=64240";
    const RESET: &str =
        "    3   1.012000   10.20.0.5 → 10.20.7.31   TCP 54 1688 → 50123 [RST, ACK] Seq=1 Ack=1 Win=0 Len=0";
    const OPENED: &str =
        "    3   1.012000   10.20.0.5 → 10.20.7.31   TCP 66 1688 → 50123 [SYN, ACK] Seq=0 Ack=1 Win=65535";

    #[test]
    fn tshark() {
        check(&format!("{SYN}\n{RESET}"), "10.20.0.5:1688 endpoint.tcp = refused @1");
        check(&format!("{SYN}\n{AGAIN}"), "10.20.0.5:1688 endpoint.tcp = timeout @1");
        check(&format!("{SYN}\n{AGAIN}").replace('→', "->"), "10.20.0.5:1688 endpoint.tcp = timeout @1");
        check(SYN, "");
        check(RESET, "");
        check(&format!("{SYN}\n{OPENED}\n{RESET}"), "");
        check(&format!("{SYN}\n{AGAIN}\n{OPENED}"), "");
    }

    #[test]
    fn pktmon() {
        let packet = |time: &str, number: u8, appearance: u8, packet: &str| {
            format!(
                "{time} PktGroupId {number}, PktNumber 1, Appearance {appearance}, Direction Tx , Type Ethernet , Component 1, Edge 1, Filter 1, OriginalSize 66, LoggedSize 66\n\t00-15-5D-00-00-01 > 00-15-5D-00-00-02, ethertype IPv4 (0x0800), length 66: {packet}\n"
            )
        };
        let syn = "10.20.7.31.50123 > 10.20.0.5.1688: Flags [S], seq 1, win 64240, length 0";
        let once = format!("{}{}", packet("08:15:00.1", 1, 1, syn), packet("08:15:00.1", 1, 2, syn));
        check(&once, "");
        check(&format!("{once}{}", packet("08:15:01.1", 2, 1, syn)), "10.20.0.5:1688 endpoint.tcp = timeout @2");
        let reset = "10.20.0.5.1688 > 10.20.7.31.50123: Flags [R.], seq 0, ack 2, win 0, length 0";
        check(&format!("{once}{}", packet("08:15:01.1", 2, 1, reset)), "10.20.0.5:1688 endpoint.tcp = refused @2");
    }

    #[test]
    fn other_packets_and_prose_say_nothing() {
        check(&format!("{SYN}\n{AGAIN}").replace("1688", "443"), "");
        check("we saw 10.20.7.31 -> 10.20.0.5 and 50123 -> 1688 [SYN] twice", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(10\\.20\\.0\\.5 → 10\\.20\\.0\\.6 TCP|10\\.20\\.0\\.5\\.1688 > 10\\.20\\.0\\.6\\.5: Flags \\[)? ?(5 → 1688 \\[|S\\])?\\PC{0,9}", 0..20)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
