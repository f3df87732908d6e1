//! PowerShell's `Test-NetConnection`: blocks of `ComputerName : …` lines, whose property names are English in every
//! language, and the warnings above them.
//!
//! `TcpTestSucceeded : False` says that the port did not open and not how, so the outcome is `failed`. A ping that
//! failed proves nothing: many hosts and firewalls drop it. Where the network says that nobody is there
//! (`DestinationHostUnreachable`), it does (see `ping.rs`).

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// The first property of a block.
const FIRST: &str = "ComputerName";

/// Lines of a block: the detailed form with its routes and names stays below.
const BLOCK_LINES_MAX: usize = 64;

/// A property and the line that it stands on.
type Property<'d> = Option<(&'d str, usize)>;

/// One block.
#[derive(Default)]
struct Block<'d> {
    computer: Property<'d>,
    address: Property<'d>,
    port: Property<'d>,
    ping: Property<'d>,
    tcp: Property<'d>,
    /// Line of the warning that the network knows no such host.
    gone: Option<usize>,
}

/// Puts everything that Test-NetConnection said into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut warnings: Vec<(usize, &str, u16)> = Vec::new();
    let mut unresolved: Option<usize> = None;
    let mut gone: Option<usize> = None;
    let mut index = 0;
    while index < document.lines.len() {
        let text = document.lines[index].text.trim();
        if let Some((host, port)) = failed_connection(text) {
            warnings.push((index, host, port));
        } else if text.contains("Name resolution of ") && text.contains(" failed") {
            unresolved = Some(index);
        } else if text.contains("Ping to ") && text.contains("DestinationHostUnreachable") {
            gone = Some(index);
        } else if property(text).is_some_and(|(name, _)| name == FIRST) {
            let (mut block, lines) = Block::read(document, index);
            block.gone = gone.take();
            // The block repeats what the warnings above it say.
            let port = block.port();
            let others = warnings.drain(..).filter(|(_, _, warned)| Some(*warned) != port);
            others.for_each(|warning| tell_failed(warning, sink));
            block.tell(index..=index + lines - 1, unresolved.take(), sink);
            index += lines;
            continue;
        }
        index += 1;
    }
    for warning in warnings {
        tell_failed(warning, sink);
    }
}

/// A warning whose block is not there.
fn tell_failed((index, host, port): (usize, &str, u16), sink: &mut Sink<'_>) {
    sink.word(&Subject::endpoint(host, port), Key::EndpointTcp, "failed", index..=index);
}

impl<'d> Block<'d> {
    /// The block that begins at `first`, and its lines.
    fn read(document: &'d Document<'_>, first: usize) -> (Self, usize) {
        let mut block = Self::default();
        let mut lines = 0;
        for (index, line) in document.lines.iter().enumerate().skip(first).take(BLOCK_LINES_MAX) {
            let text = line.text.trim();
            let continued = line.text.starts_with(char::is_whitespace) && !text.is_empty();
            match property(text) {
                Some((FIRST, _)) if lines > 0 => break,
                Some((name, value)) => block.take(name, value, index),
                // A long value goes on below, indented.
                None if continued => {}
                None => break,
            }
            lines = index - first + 1;
        }
        (block, lines)
    }

    fn take(&mut self, name: &str, value: &'d str, index: usize) {
        let property = match name {
            FIRST => &mut self.computer,
            "RemoteAddress" => &mut self.address,
            "RemotePort" => &mut self.port,
            "PingSucceeded" => &mut self.ping,
            "TcpTestSucceeded" => &mut self.tcp,
            _ => return,
        };
        *property = Some((value, index));
    }

    fn port(&self) -> Option<u16> {
        self.port?.0.parse().ok()
    }

    /// The host as it was asked for, else its address.
    fn host(&self) -> Option<&'d str> {
        let named = self
            .computer
            .map(|(name, _)| name)
            .filter(|name| console::is_host_name(name) || console::address(name).is_some());
        named.or_else(|| self.address.map(|(address, _)| address).filter(|address| console::address(address).is_some()))
    }

    fn tell(&self, lines: RangeInclusive<usize>, unresolved: Option<usize>, sink: &mut Sink<'_>) {
        let Some(host) = self.host() else { return };
        let resolved = self.address.filter(|(address, _)| console::address(address).is_some());
        if console::is_host_name(host) {
            let name = Subject::new(SubjectKind::Name, host);
            match (resolved, unresolved) {
                (Some((_, index)), _) => sink.word(&name, Key::NameAddress, "found", *lines.start()..=index),
                // It does not say whether the name is missing or the server silent.
                (None, Some(warning)) => sink.unknown(&name, Key::NameAddress, Why::NoAnswer, warning..=warning),
                (None, None) => {}
            }
        }
        let Some(port) = self.port() else { return self.tell_ping(host, *lines.start(), sink) };
        // Without an address nothing was connected to.
        if resolved.is_none() && unresolved.is_some() {
            return;
        }
        let endpoint = Subject::endpoint(host, port);
        let tcp = self.tcp.and_then(|(value, index)| Some((truth(value)?, index)));
        if let Some((opened, index)) = tcp {
            let outcome = if opened { "open" } else { "failed" };
            sink.word(&endpoint, Key::EndpointTcp, outcome, *lines.start()..=index);
        }
        let ping = self.ping.and_then(|(value, index)| Some((truth(value)?, index)));
        match (tcp, ping) {
            (_, Some((true, index))) | (Some((true, index)), _) => {
                sink.present(&endpoint, Key::EndpointAlive, Value::Flag(true), *lines.start()..=index);
            }
            (_, Some((false, _))) if let Some(gone) = self.gone => {
                sink.present(&endpoint, Key::EndpointAlive, Value::Flag(false), gone..=gone);
            }
            (_, Some((false, index))) => sink.unknown(&endpoint, Key::EndpointAlive, Why::NoAnswer, index..=index),
            _ => {}
        }
    }
}

impl Block<'_> {
    /// Without a port only the ping says something, of the host and its address.
    fn tell_ping(&self, host: &str, first: usize, sink: &mut Sink<'_>) {
        let Some((answers, index)) = self.ping.and_then(|(value, index)| Some((truth(value)?, index))) else { return };
        let address = self.address.map(|(address, _)| address).filter(|address| console::address(address).is_some());
        for name in [Some(host), address.filter(|address| *address != host)].into_iter().flatten() {
            let name = Subject::new(SubjectKind::Name, name);
            match (answers, self.gone) {
                (true, _) => sink.present(&name, Key::NameAlive, Value::Flag(true), first..=index),
                (false, Some(gone)) => sink.present(&name, Key::NameAlive, Value::Flag(false), gone..=gone),
                (false, None) => sink.unknown(&name, Key::NameAlive, Why::NoAnswer, index..=index),
            }
        }
    }
}

/// `Name : value`; names are one word, apart from `PingReplyDetails (RTT)`.
fn property(text: &str) -> Option<(&str, &str)> {
    let (name, value) = console::labelled(text)?;
    let plain = name.strip_suffix("(RTT)").unwrap_or(name).trim();
    plain.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some((name, value))
}

fn truth(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Host and port of `WARNING: TCP connect to (10.0.0.20 : 1688) failed`; only the first word is translated. Older
/// versions write `TCP connect to 10.0.0.20:1688 failed`.
fn failed_connection(text: &str) -> Option<(&str, u16)> {
    let (_, rest) = text.split_once("TCP connect to ")?;
    let target = rest.trim_end_matches('.').strip_suffix(" failed")?;
    let target = target.trim().trim_start_matches('(').trim_end_matches(')');
    let (host, port) = target.rsplit_once(':')?;
    let host = host.trim();
    let known = console::is_host_name(host) || console::address(host).is_some();
    Some((host, port.trim().parse().ok()?)).filter(|_| known)
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
    fn an_open_port() {
        check(
            "
PS C:\\> Test-NetConnection kms1.contoso.com -Port 1688


ComputerName     : kms1.contoso.com
RemoteAddress    : 10.20.0.5
RemotePort       : 1688
InterfaceAlias   : Ethernet
SourceAddress    : 10.20.7.31
TcpTestSucceeded : True

",
            "kms1.contoso.com name.address = found @4
             kms1.contoso.com:1688 endpoint.tcp = open @4
             kms1.contoso.com:1688 endpoint.alive = true @4",
        );
    }

    #[test]
    fn a_closed_port_does_not_say_how() {
        for warning in ["WARNING", "警告", "WARNUNG"] {
            check(
                &format!(
                    "{warning}: TCP connect to (10.20.0.5 : 1688) failed

ComputerName           : 10.20.0.5
RemoteAddress          : 10.20.0.5
RemotePort             : 1688
InterfaceAlias         : イーサネット
SourceAddress          : 10.20.7.31
PingSucceeded          : True
PingReplyDetails (RTT) : 2 ms
TcpTestSucceeded       : False"
                ),
                "10.20.0.5:1688 endpoint.tcp = failed @3
                 10.20.0.5:1688 endpoint.alive = true @3",
            );
        }
    }

    #[test]
    fn a_failed_ping_proves_nothing() {
        check(
            "
警告: TCP connect to (10.20.0.5 : 1700) failed
警告: Ping to 10.20.0.5 failed with status: TimedOut

ComputerName           : kms1
RemoteAddress          : 10.20.0.5
RemotePort             : 1700
PingSucceeded          : False
PingReplyDetails (RTT) : 0 ms
TcpTestSucceeded       : False
",
            "kms1 name.address = found @4
             kms1:1700 endpoint.tcp = failed @4
             kms1:1700 endpoint.alive unknown NoAnswer @7",
        );
    }

    #[test]
    fn the_network_says_that_nobody_is_there() {
        for warning in ["WARNING: Ping to", "警告: Ping to"] {
            check(
                &format!(
                    "{warning} 10.20.0.5 failed with status: DestinationHostUnreachable\n\nComputerName : 10.20.0.5\nRemoteAddress : 10.20.0.5\nRemotePort : 1688\nPingSucceeded : False\nTcpTestSucceeded : False"
                ),
                "10.20.0.5:1688 endpoint.tcp = failed @3
                 10.20.0.5:1688 endpoint.alive = false @1",
            );
        }
    }

    #[test]
    fn a_ping_without_a_port() {
        check(
            "ComputerName           : kms1.contoso.com\nRemoteAddress          : 10.20.0.5\nPingSucceeded          : True\n",
            "kms1.contoso.com name.address = found @1
             kms1.contoso.com name.alive = true @1
             10.20.0.5 name.alive = true @1",
        );
        check(
            "ComputerName           : 10.20.0.5\nRemoteAddress          : 10.20.0.5\nPingSucceeded          : False\n",
            "10.20.0.5 name.alive unknown NoAnswer @3",
        );
    }

    #[test]
    fn a_name_that_does_not_resolve_is_no_closed_port() {
        check(
            "
WARNING: Name resolution of kms9.contoso.com failed

ComputerName   : kms9.contoso.com
RemoteAddress  :
RemotePort     : 1688
TcpTestSucceeded : False
",
            "kms9.contoso.com name.address unknown NoAnswer @1",
        );
    }

    #[test]
    fn a_warning_alone_is_evidence() {
        check(
            "WARNING: TCP connect to (kms1.contoso.com : 1688) failed",
            "kms1.contoso.com:1688 endpoint.tcp = failed @1",
        );
        check("警告: TCP connect to (fd00::5 : 1688) failed", "[fd00::5]:1688 endpoint.tcp = failed @1");
    }

    #[test]
    fn several_blocks_each_count() {
        check(
            "
ComputerName     : kms1
RemotePort       : 1688
TcpTestSucceeded : True
ComputerName     : kms2
RemotePort       : 1688
TcpTestSucceeded : False",
            "kms1:1688 endpoint.tcp = open @1
             kms1:1688 endpoint.alive = true @1
             kms2:1688 endpoint.tcp = failed @4",
        );
    }

    #[test]
    fn placeholders_and_quiet_answers_say_nothing() {
        check(
            "ComputerName     : <host>\nRemoteAddress    : <address>\nRemotePort       : 1688\nTcpTestSucceeded : True",
            "",
        );
        check("PS C:\\> Test-NetConnection kms1 -Port 1688 -InformationLevel Quiet\nTrue", "");
        check("TCP connect to (x : 99999) failed", "");
        check(
            "ComputerName     : <host>\nRemoteAddress    : 10.20.0.5\nRemotePort       : 1688\nTcpTestSucceeded : False",
            "10.20.0.5:1688 endpoint.tcp = failed @1",
        );
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(ComputerName|RemoteAddress|RemotePort|TcpTestSucceeded|PingSucceeded|TCP connect to \\(| failed)? ?:? ?\\PC{0,12}", 0..20)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
