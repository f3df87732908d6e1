//! `route print`, in any language: rows of addresses. Read for AWS' link-local KMS addresses alone: a machine there needs
//! a host route to each by its present gateway, and an image from another network may keep routes by an old one.
//!
//! Routes to 169.254.169.254 say nothing: other clouds serve their metadata at it, too.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// KMS on AWS (AWS documentation of common messages, read on 2026-11-23).
const KMS: [Ipv4Addr; 2] = [Ipv4Addr::new(169, 254, 169, 250), Ipv4Addr::new(169, 254, 169, 251)];

const KMS_PORT: u16 = 1688;

/// Rows of one table: those of a router stay below, and each is compared with a few others only.
const ROWS_MAX: usize = 4096;

/// Puts the state of the routes into the sink, one table after another.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut table = Table::default();
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if console::is_prompt(text) {
            std::mem::take(&mut table).tell(sink);
        } else if let Some(row) = Row::read(text, index) {
            if row.is_default() && row.interface.is_some() && table.lines.is_some() && table.closed {
                std::mem::take(&mut table).tell(sink);
            }
            table.add(row, index);
        }
        // The persistent routes end a table; the next default route begins another.
        table.closed |= table.rows.iter().any(|row| row.interface.is_none()) && text.starts_with("====");
    }
    table.tell(sink);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gateway {
    OnLink,
    Address(Ipv4Addr),
}

/// One route.
#[derive(Debug)]
struct Row {
    destination: Ipv4Addr,
    mask: Ipv4Addr,
    gateway: Gateway,
    /// An active route names its interface, a persistent one does not.
    interface: Option<Ipv4Addr>,
    line: usize,
}

impl Row {
    /// `destination mask gateway interface metric` of an active route, `address mask gateway metric` of a persistent one.
    /// On-link takes the gateway's place in words of each language.
    fn read(text: &str, line: usize) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().take(8).collect();
        let address = |index: usize| words.get(index)?.parse::<Ipv4Addr>().ok();
        let (destination, mask) = (address(0)?, address(1)?);
        let metric = words.last()?;
        let bits = u32::from(mask);
        if bits.count_ones() != bits.leading_ones() || metric.parse::<Ipv4Addr>().is_ok() || words.len() < 4 {
            return None;
        }
        let gateway = address(2).map_or(Gateway::OnLink, Gateway::Address);
        let interface = address(words.len() - 2).filter(|_| words.len() > 4);
        // Without an interface the third word is the gateway of a persistent route.
        (interface.is_some() || words.len() == 4 && gateway != Gateway::OnLink).then_some(Self {
            destination,
            mask,
            gateway,
            interface,
            line,
        })
    }

    fn is_default(&self) -> bool {
        self.destination.is_unspecified() && self.mask.is_unspecified()
    }

    fn contains(&self, address: Ipv4Addr) -> bool {
        let mask = u32::from(self.mask);
        u32::from(address) & mask == u32::from(self.destination) & mask
    }
}

/// One output.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    lines: Option<RangeInclusive<usize>>,
    closed: bool,
}

impl Table {
    fn add(&mut self, row: Row, index: usize) {
        let first = self.lines.as_ref().map_or(index, |lines| *lines.start());
        self.lines = Some(first..=index);
        if self.rows.len() < ROWS_MAX {
            self.rows.push(row);
        }
    }

    fn tell(self, sink: &mut Sink<'_>) {
        let Some(lines) = self.lines.clone() else { return };
        let of_kms = |row: &&Row| KMS.contains(&row.destination) && row.mask == Ipv4Addr::BROADCAST;
        let on_aws = self.rows.iter().any(|row| of_kms(&row));
        // A selection of rows does not show that others are missing; a whole table has the loopback's route.
        let loopback = self.rows.iter().any(|row| row.destination.is_loopback() && row.interface.is_some());
        let machine = Subject::machine();
        if !on_aws {
            if loopback {
                sink.word(&machine, Key::MachineAwsRoutes, "missing", lines);
            }
            return;
        }
        sink.word(&machine, Key::MachineAwsRoutes, "present", lines.clone());
        for address in KMS {
            let path = Subject::new(SubjectKind::CloudPath, format!("aws {address}:{KMS_PORT}"));
            let routes = || self.rows.iter().filter(of_kms).filter(move |row| row.destination == address);
            let active = routes().find(|row| row.interface.is_some());
            let (state, lines) = match (active, routes().next()) {
                (Some(route), _) if self.reaches(route) => ("present", route.line..=route.line),
                (Some(route), _) | (None, Some(route)) => ("stale", route.line..=route.line),
                (None, None) if loopback => ("missing", lines.clone()),
                (None, None) => continue,
            };
            sink.word(&path, Key::CloudPathProvider, "aws", lines.clone());
            sink.word(&path, Key::CloudPathRoute, state, lines);
        }
    }

    /// Whether the route's gateway is one that this machine has, or lies in a network that it is connected to. Without
    /// such networks in the text the route is taken as it stands.
    fn reaches(&self, route: &Row) -> bool {
        let Gateway::Address(gateway) = route.gateway else { return true };
        let connected = || {
            self.rows.iter().filter(|row| {
                row.interface.is_some()
                    && row.gateway == Gateway::OnLink
                    && row.mask != Ipv4Addr::BROADCAST
                    && !row.destination.is_loopback()
                    && !row.destination.is_multicast()
            })
        };
        let default =
            self.rows.iter().any(|row| row.is_default() && row.gateway == route.gateway && row.interface.is_some());
        default || connected().next().is_none() || connected().any(|row| row.contains(gateway))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const TABLE: &str = "
IPv4 Route Table
===========================================================================
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0        10.20.0.1       10.20.0.31     15
        10.20.0.0    255.255.255.0         On-link        10.20.0.31    271
        127.0.0.0        255.0.0.0         On-link         127.0.0.1    331
";

    #[test]
    fn routes_by_the_present_gateway() {
        check(
            &format!(
                "{TABLE}  169.254.169.250  255.255.255.255        10.20.0.1       10.20.0.31     15\n  169.254.169.251  255.255.255.255        10.20.0.1       10.20.0.31     15\n"
            ),
            "machine machine.aws-routes = present @5
             aws 169.254.169.250:1688 cloud-path.provider = aws @8
             aws 169.254.169.250:1688 cloud-path.route = present @8
             aws 169.254.169.251:1688 cloud-path.provider = aws @9
             aws 169.254.169.251:1688 cloud-path.route = present @9",
        );
    }

    #[test]
    fn old_gateways() {
        let persistent = "
===========================================================================
固定ルート:
  ネットワーク アドレス          ネットマスク  ゲートウェイ アドレス  メトリック
  169.254.169.250  255.255.255.255        10.99.0.1      15
===========================================================================
";
        check(
            &format!("{}{persistent}", TABLE.replace("On-link", "リンク上")),
            "machine machine.aws-routes = present @5
             aws 169.254.169.250:1688 cloud-path.provider = aws @12
             aws 169.254.169.250:1688 cloud-path.route = stale @12
             aws 169.254.169.251:1688 cloud-path.provider = aws @5
             aws 169.254.169.251:1688 cloud-path.route = missing @5",
        );
        check(
            &format!(
                "{}  169.254.169.250  255.255.255.255        10.99.0.1       10.20.0.31     15\n",
                TABLE.replace("On-link", "Auf Verbindung")
            ),
            "machine machine.aws-routes = present @5
             aws 169.254.169.250:1688 cloud-path.provider = aws @8
             aws 169.254.169.250:1688 cloud-path.route = stale @8
             aws 169.254.169.251:1688 cloud-path.provider = aws @5
             aws 169.254.169.251:1688 cloud-path.route = missing @5",
        );
    }

    #[test]
    fn a_table_without_them() {
        check(
            &format!("{TABLE}  169.254.169.254  255.255.255.255        10.20.0.1       10.20.0.31     15\n"),
            "machine machine.aws-routes = missing @5",
        );
    }

    #[test]
    fn a_selection_shows_what_it_has() {
        check(
            "C:\\>route print -4 | findstr 169.254.169.25\n  169.254.169.250  255.255.255.255        10.20.0.1       10.20.0.31     15\n",
            "machine machine.aws-routes = present @2
             aws 169.254.169.250:1688 cloud-path.provider = aws @2
             aws 169.254.169.250:1688 cloud-path.route = present @2",
        );
    }

    #[test]
    fn other_rows_say_nothing() {
        check("10.20.0.5 255.255.255.0 is the network", "");
        check("169.254.169.250 is AWS' KMS", "");
        check("10.20.0.5 10.20.0.6 10.20.0.7 10.20.0.8", "");
    }

    proptest! {
        #[test]
        fn never_panics(rows in proptest::collection::vec("(169\\.254\\.169\\.25[0-9]|0\\.0\\.0\\.0|127\\.0\\.0\\.0)? ?(255\\.255\\.255\\.255|0\\.0\\.0\\.0)? ?(10\\.0\\.0\\.1 ){0,3}[0-9]{0,3}\\PC{0,6}", 0..20)) {
            testing::facts(read, rows.join("\n").as_bytes());
        }
    }
}
