//! `pfirewall.log`: packets to the KMS port that Windows Firewall dropped, on their way out of a client or into a host. Its header says in which order the fields stand; without it
//! (`findstr` leaves it out) they are those that Windows writes.
//!
//! Drops are not logged unless somebody asked for it, so a log without them shows nothing.

use kmsdoctor_core::fact::{Key, Subject, Value};

use crate::document::Document;
use crate::sink::Sink;

/// How the header begins that names the fields.
const FIELDS: &str = "#Fields:";

/// Fields of Windows' log, version 1.5.
const DEFAULT: &str = "date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path";

const KMS_PORT: &str = "1688";

/// Places of the fields that matter.
struct Places {
    action: usize,
    protocol: usize,
    port: usize,
    path: usize,
}

impl Places {
    fn of(fields: &str) -> Option<Self> {
        let place = |name: &str| fields.split_whitespace().position(|field| field == name);
        Some(Self {
            action: place("action")?,
            protocol: place("protocol")?,
            port: place("dst-port")?,
            path: place("path")?,
        })
    }
}

/// Puts dropped requests into the sink: the last one of each direction, which is the newest.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let Some(mut places) = Places::of(DEFAULT) else { return };
    let (mut sent, mut received) = (None, None);
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some(header) = text.strip_prefix(FIELDS) {
            places = Places::of(header).unwrap_or(places);
        } else {
            match path_of_dropped_request(text, &places) {
                Some("SEND") => sent = Some(index),
                Some("RECEIVE") => received = Some(index),
                _ => {}
            }
        }
    }
    for (key, last) in [(Key::FirewallDropLogged, sent), (Key::HostFirewallDropLogged, received)] {
        if let Some(index) = last {
            sink.present(&Subject::machine(), key, Value::Flag(true), index..=index);
        }
    }
}

/// `SEND`, `RECEIVE` or another path of a packet to the KMS port that was dropped.
fn path_of_dropped_request<'t>(text: &'t str, places: &Places) -> Option<&'t str> {
    // A date begins every record.
    let is_record = text.as_bytes().first().is_some_and(u8::is_ascii_digit) && text.contains(" DROP ");
    if !is_record {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is = |place: usize, word: &str| words.get(place) == Some(&word);
    let is_request = is(places.action, "DROP") && is(places.protocol, "TCP") && is(places.port, KMS_PORT);
    words.get(places.path).copied().filter(|_| is_request)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::readers::firewall::read;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const LOG: &str = "
#Version: 1.5
#Software: Microsoft Windows Firewall
#Time Format: Local
#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path

2026-11-20 08:15:00 ALLOW TCP 10.20.7.31 10.20.0.2 50122 445 0 - 0 0 0 - - - SEND
2026-11-20 08:15:01 DROP TCP 10.20.7.31 10.20.0.5 50123 1688 0 - 0 0 0 - - - SEND
2026-11-20 08:15:03 DROP TCP 10.20.7.31 10.20.0.5 50123 1688 0 - 0 0 0 - - - SEND
2026-11-20 08:15:04 DROP UDP 10.20.7.31 10.20.0.5 50123 1688 0 - - - - - - - SEND
";

    #[test]
    fn dropped_requests() {
        check(LOG, "machine firewall.drop-logged = true @8");
        check(
            "2026-11-20 08:15:01 DROP TCP 10.20.7.31 10.20.0.5 50123 1688 52 S 1 0 64240 - - - SEND 1234",
            "machine firewall.drop-logged = true @1",
        );
        check(
            "#Fields: date time action protocol src-ip dst-ip dst-port path\n2026-11-20 08:15:01 DROP TCP 10.20.7.31 10.20.0.5 1688 SEND",
            "machine firewall.drop-logged = true @2",
        );
    }

    #[test]
    fn requests_that_a_host_dropped() {
        check(
            "2026-11-20 08:15:01 DROP TCP 10.20.7.31 10.20.0.5 50123 1688 52 S 1 0 64240 - - - RECEIVE",
            "machine host.firewall-drop-logged = true @1",
        );
    }

    #[test]
    fn other_records_say_nothing() {
        for record in [
            "2026-11-20 08:15:01 DROP TCP 10.20.7.31 10.20.0.5 50123 1688 52 S 1 0 64240 - - - FORWARD",
            "2026-11-20 08:15:01 ALLOW TCP 10.20.7.31 10.20.0.5 50123 1688 52 S 1 0 64240 - - - SEND",
            "2026-11-20 08:15:01 DROP TCP 10.20.7.31 10.20.0.5 1688 50123 52 S 1 0 64240 - - - SEND",
            "DROP TCP to 1688 SEND",
        ] {
            check(record, "");
        }
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
            testing::mutate(read, LOG, damage);
        }
    }
}
