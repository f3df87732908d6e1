//! `route print`, in any language: rows of addresses. Read for AWS' link-local KMS addresses alone: a machine there needs
//! a host route to each. Whether those that are there lead anywhere is judged by `kmsdoctor_cloud::aws`, together with what
//! AWS says of the machine; that there are none is a fact of the machine, which matters only if it runs there.
//!
//! Routes to 169.254.169.254 say nothing: other clouds serve their metadata at it, too.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use kmsdoctor_cloud::aws::KMS;
use kmsdoctor_core::fact::{Key, Subject};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// Rows of one table: those of a router stay below, and each is compared with a few others only.
const ROWS_MAX: usize = 4096;

/// Says of each table whether it has routes to KMS on AWS.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for table in tables(document) {
        let state = if table.leads_to_kms() {
            "present"
        } else if table.is_whole() {
            "missing"
        } else {
            continue;
        };
        sink.word(&Subject::machine(), Key::MachineAwsRoutes, state, table.lines);
    }
}

/// Every table of the document.
pub(crate) fn tables(document: &Document<'_>) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut table = Table::default();
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if console::is_prompt(text) {
            tables.push(std::mem::take(&mut table));
        } else if let Some(row) = Row::read(text, index) {
            if row.is_default() && row.interface.is_some() && !table.rows.is_empty() && table.closed {
                tables.push(std::mem::take(&mut table));
            }
            table.add(row, index);
        }
        // The persistent routes end a table; the next default route begins another.
        table.closed |= table.has_persistent && text.starts_with("====");
    }
    tables.push(table);
    tables.retain(|table| !table.rows.is_empty());
    tables
}

/// One route.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) destination: Ipv4Addr,
    pub(crate) mask: Ipv4Addr,
    /// `None`: the network itself.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// An active route names its interface, a persistent one does not.
    pub(crate) interface: Option<Ipv4Addr>,
    /// A persistent route may have a word instead.
    pub(crate) metric: Option<u32>,
    /// Where it stands.
    pub(crate) line: usize,
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
        let gateway = address(2);
        let interface = address(words.len() - 2).filter(|_| words.len() > 4);
        // Without an interface the third word is the gateway of a persistent route.
        (interface.is_some() || words.len() == 4 && gateway.is_some()).then_some(Self {
            destination,
            mask,
            gateway,
            interface,
            metric: metric.parse().ok(),
            line,
        })
    }

    fn is_default(&self) -> bool {
        self.destination.is_unspecified() && self.mask.is_unspecified()
    }

    /// Whether it is a host route to KMS on AWS.
    fn is_to_kms(&self) -> bool {
        KMS.contains(&self.destination) && self.mask == Ipv4Addr::BROADCAST
    }
}

/// One output.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its routes.
    pub(crate) rows: Vec<Row>,
    /// Where it stands.
    pub(crate) lines: RangeInclusive<usize>,
    has_persistent: bool,
    closed: bool,
}

impl Default for Table {
    fn default() -> Self {
        Self { rows: Vec::new(), lines: 0..=0, has_persistent: false, closed: false }
    }
}

impl Table {
    fn add(&mut self, row: Row, index: usize) {
        let first = if self.rows.is_empty() { index } else { *self.lines.start() };
        self.lines = first..=index;
        self.has_persistent |= row.interface.is_none();
        if self.rows.len() < ROWS_MAX {
            self.rows.push(row);
        }
    }

    /// Whether it has routes to KMS on AWS.
    pub(crate) fn leads_to_kms(&self) -> bool {
        self.rows.iter().any(Row::is_to_kms)
    }

    /// A selection of rows does not show that others are missing; a whole table has the loopback's route.
    pub(crate) fn is_whole(&self) -> bool {
        self.rows.iter().any(|row| row.destination.is_loopback() && row.interface.is_some())
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
            "machine machine.aws-routes = present @5",
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
            "machine machine.aws-routes = present @5",
        );
        check(
            &format!(
                "{}  169.254.169.250  255.255.255.255        10.99.0.1       10.20.0.31     15\n",
                TABLE.replace("On-link", "Auf Verbindung")
            ),
            "machine machine.aws-routes = present @5",
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
            "machine machine.aws-routes = present @2",
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
