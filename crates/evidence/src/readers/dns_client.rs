//! PowerShell's `Get-DnsClientServerAddress`: rows or lists whose column names are English in every language.

use std::net::IpAddr;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use super::console;
use super::names::{is_default_server, list};
use crate::document::Document;
use crate::sink::Sink;

/// The column or property.
const COLUMN: &str = "ServerAddresses";

/// Rows below a heading: interfaces of one machine, twice.
const ROWS_MAX: usize = 128;

/// Puts the DNS servers that are set into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut index = 0;
    while index < document.lines.len() {
        let text = document.lines.get(index).map_or("", |line| line.text.trim());
        let is_heading = text.ends_with(COLUMN) && !text.contains(':') && text.split_whitespace().count() >= 2;
        let is_property = console::labelled(text).is_some_and(|(name, _)| name == COLUMN);
        index += if is_heading || is_property { table(document, index, sink) } else { 1 };
    }
}

/// The rows below the heading at `first`, or the list that it stands in; returns its lines.
fn table(document: &Document<'_>, first: usize, sink: &mut Sink<'_>) -> usize {
    let mut servers: Vec<(IpAddr, usize)> = Vec::new();
    let mut lines = 0;
    for (index, line) in document.lines.iter().enumerate().skip(first).take(ROWS_MAX) {
        let text = line.text.trim();
        if (text.is_empty() && lines > 1) || console::is_prompt(text) {
            break;
        }
        lines += 1;
        let Some((_, rest)) = text.split_once('{') else { continue };
        let Some((items, _)) = rest.split_once('}') else { continue };
        for server in items.split(',').filter_map(console::address).filter(|server| !is_default_server(*server)) {
            if servers.iter().all(|(known, _)| *known != server) {
                servers.push((server, index));
            }
        }
    }
    if let (Some((_, from)), Some((_, to))) = (servers.first(), servers.last()) {
        let text = Value::Text(list(servers.iter().map(|(server, _)| server)));
        sink.present(&Subject::machine(), Key::MachineDnsServers, text, *from..=*to);
    }
    for (server, line) in servers {
        let resolver = Subject::new(SubjectKind::Resolver, server.to_string());
        sink.present(&resolver, Key::ResolverConfigured, Value::Flag(true), line..=line);
    }
    lines.max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn tables() {
        check(
            "
InterfaceAlias               Interface Address ServerAddresses
                             Index     Family
--------------               --------- ------- ---------------
イーサネット                        12 IPv4    {10.20.0.2, 10.20.0.3}
イーサネット                        12 IPv6    {fec0:0:0:ffff::1, ::1}
Loopback Pseudo-Interface 1          1 IPv4    {}
",
            "machine machine.dns-servers = 10.20.0.2, 10.20.0.3, ::1 @4
             10.20.0.2 resolver.configured = true @4
             10.20.0.3 resolver.configured = true @4
             ::1 resolver.configured = true @5",
        );
        check(
            "InterfaceAlias  : Ethernet\nAddressFamily   : 2\nServerAddresses : {10.20.0.2}\n",
            "machine machine.dns-servers = 10.20.0.2 @3
             10.20.0.2 resolver.configured = true @3",
        );
    }

    #[test]
    fn other_text_says_nothing() {
        check("please look at ServerAddresses\n{see above}", "");
        check("Addresses\n{10.20.0.2}", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(x ServerAddresses|\\{10\\.0\\.0\\.1)?\\PC{0,9}\\}?", 0..12)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
