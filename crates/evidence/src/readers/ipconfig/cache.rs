//! `ipconfig /displaydns`, in any language: a name above a line of dashes, then records whose data stands in the last
//! field, and what the cache keeps of names that do not exist.
//!
//! Cached lines of the hosts file look the same; what sets them apart is the hosts file alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use crate::document::Document;
use crate::readers::console;
use crate::readers::names::{SERVICE_PREFIX, list};
use crate::sink::Sink;

/// Dashes below a name (ipconfig.exe 10593 has forty).
const DASHES_MIN: usize = 20;

/// Lines below the data of a service: priority, weight, port.
const BELOW_LINES_MAX: usize = 3;

/// "Name does not exist." and "No records of type" (ipconfig.exe 10591, 10590).
const NOT_THERE: [&str; 3] = ["Name does not exist", "名前が存在しません", "Der Name ist nicht vorhanden"];
const NO_RECORDS: [&str; 3] = ["No records of type", "のレコードがありません", "Keine Einträge vom Typ"];

/// Numbers of record types.
const TYPE_SRV: &str = "33";

/// What the cache keeps of one name.
#[derive(Default)]
struct Entry {
    addresses: BTreeSet<IpAddr>,
    services: BTreeSet<(String, u16)>,
    not_there: bool,
    /// It has no SRV record.
    no_service: bool,
    lines: Option<RangeInclusive<usize>>,
}

/// Puts what the cache keeps into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut index = 0;
    while index < document.lines.len() {
        index += match Record::read(document, index) {
            Some(record) => record.add(index, &mut entries),
            None => nothing(document, index, &mut entries).unwrap_or(1),
        };
    }
    for (name, entry) in &entries {
        tell(name, entry, sink);
    }
}

/// Below a name and dashes: that it does not exist, or has no record of a type. Returns the lines that took.
fn nothing(document: &Document<'_>, index: usize, entries: &mut BTreeMap<String, Entry>) -> Option<usize> {
    let text = |lines: usize| document.lines.get(index + lines).map(|line| line.text.trim());
    let dashes = text(1).filter(|text| text.len() >= DASHES_MIN && text.bytes().all(|byte| byte == b'-'));
    let owner = text(0).filter(|text| dashes.is_some() && console::is_host_name(text))?;
    let said = text(2)?;
    let contains = |words: &[&str]| words.iter().any(|words| said.contains(words));
    let whole = contains(&NOT_THERE);
    if !whole && !contains(&NO_RECORDS) {
        return None;
    }
    let of_services = said.contains("SRV") || said.split_whitespace().any(|word| word == TYPE_SRV);
    let entry = entry_of(entries, owner, index..=index + 2);
    entry.not_there |= whole;
    entry.no_service |= whole || of_services;
    Some(3)
}

/// A record: name, type, time to live, length of data, section, and the data, each on a line of its own. Several records
/// of one name stand below one another without its heading.
struct Record<'d> {
    owner: &'d str,
    kind: &'d str,
    data: &'d str,
    /// Lines below the data: priority, weight and port of a service.
    below: Vec<&'d str>,
    lines: usize,
}

impl<'d> Record<'d> {
    fn read(document: &'d Document<'_>, index: usize) -> Option<Self> {
        let field = |lines: usize| {
            let text = document.lines.get(index + lines)?.text.as_str();
            console::labelled(text).filter(|_| text.starts_with(char::is_whitespace)).map(|(_, value)| value)
        };
        let number = |lines: usize| field(lines).filter(|value| value.parse::<u32>().is_ok());
        let owner = field(0).filter(|name| console::is_host_name(name))?;
        let kind = number(1)?;
        number(2).and(number(3))?;
        let data = field(5)?;
        let below = document.lines.iter().skip(index + 6).take(BELOW_LINES_MAX).map(|line| line.text.trim());
        let below: Vec<&str> = below.take_while(|text| text.parse::<u16>().is_ok()).collect();
        let lines = 6 + below.len();
        Some(Self { owner, kind, data, below, lines })
    }

    /// Adds it to the entries; returns its lines.
    fn add(&self, index: usize, entries: &mut BTreeMap<String, Entry>) -> usize {
        let lines = index..=index + self.lines - 1;
        match (self.kind, console::address(self.data), self.below.as_slice()) {
            ("1" | "28", Some(address), _) => {
                entry_of(entries, self.owner, lines).addresses.insert(address);
            }
            (TYPE_SRV, None, [_, _, port]) if console::is_host_name(self.data) => {
                if let Ok(port) = port.parse() {
                    entry_of(entries, self.owner, lines).services.insert((name_of(self.data), port));
                }
            }
            _ => {}
        }
        self.lines
    }
}

/// The entry of `owner`; its lines are those of its first record.
fn entry_of<'e>(entries: &'e mut BTreeMap<String, Entry>, owner: &str, lines: RangeInclusive<usize>) -> &'e mut Entry {
    let entry = entries.entry(name_of(owner)).or_default();
    entry.lines.get_or_insert(lines);
    entry
}

fn name_of(text: &str) -> String {
    text.trim_end_matches('.').to_ascii_lowercase()
}

fn tell(name: &str, entry: &Entry, sink: &mut Sink<'_>) {
    let Some(lines) = entry.lines.clone() else { return };
    if let Some(domain) = name.strip_prefix(SERVICE_PREFIX) {
        let domain = Subject::new(SubjectKind::Domain, domain);
        if !entry.services.is_empty() {
            let targets = entry.services.iter().map(|(host, port)| Subject::endpoint(host, *port));
            sink.present(&domain, Key::DomainCachedSrv, Value::Text(list(targets)), lines);
        } else if entry.no_service {
            sink.absent(&domain, Key::DomainCachedSrv, lines);
        }
        return;
    }
    let subject = Subject::new(SubjectKind::Name, name);
    if !entry.addresses.is_empty() {
        sink.present(&subject, Key::NameCachedAddress, Value::Text(list(&entry.addresses)), lines);
    } else if entry.not_there && !name.starts_with('_') {
        sink.absent(&subject, Key::NameCachedAddress, lines);
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

    const ENGLISH: &str = "
Windows IP Configuration

    kms1.contoso.com
    ----------------------------------------
    Record Name . . . . . : kms1.contoso.com
    Record Type . . . . . : 1
    Time To Live  . . . . : 1117
    Data Length . . . . . : 4
    Section . . . . . . . : Answer
    A (Host) Record . . . : 10.20.0.99


    Record Name . . . . . : kms1.contoso.com
    Record Type . . . . . : 28
    Time To Live  . . . . : 1117
    Data Length . . . . . : 16
    Section . . . . . . . : Answer
    AAAA Record . . . . . : fd00::99


    _vlmcs._tcp.contoso.com
    ----------------------------------------
    Record Name . . . . . : _vlmcs._tcp.contoso.com
    Record Type . . . . . : 33
    Time To Live  . . . . : 3000
    Data Length . . . . . : 16
    Section . . . . . . . : Answer
    SRV Record  . . . . . : kms1.contoso.com
                            0
                            100
                            1688


    kms9.contoso.com
    ----------------------------------------
    Name does not exist.


    files.contoso.com
    ----------------------------------------
    No records of type AAAA

";

    #[test]
    fn records_and_what_does_not_exist() {
        check(
            ENGLISH,
            "contoso.com domain.cached-srv = kms1.contoso.com:1688 @23
             kms1.contoso.com name.cached-address = 10.20.0.99, fd00::99 @5
             kms9.contoso.com name.cached-address absent @34",
        );
    }

    #[test]
    fn other_languages() {
        check(
            "
    kms1.contoso.com
    ----------------------------------------
    レコード名 . . . . . . . : kms1.contoso.com
    レコードの種類 . . . . . : 1
    Time To Live  . . . .  . : 1117
    データの長さ . . . . . . : 4
    セクション . . . . . . . : 回答
    A (ホスト) レコード. . . : 10.20.0.99

    _vlmcs._tcp.contoso.com
    ----------------------------------------
    名前が存在しません。

    kms2.contoso.com
    ----------------------------------------
    Eintragsname . . . . . : kms2.contoso.com
    Eintragstyp . . . . . : 1
    Gültigkeitsdauer  . . . . : 1117
    Datenlänge . . . . . : 4
    Abschnitt. . . . . . . : Antwort
    (Host-)A-Eintrag  . . : 10.20.0.98
",
            "contoso.com domain.cached-srv absent @10
             kms1.contoso.com name.cached-address = 10.20.0.99 @3
             kms2.contoso.com name.cached-address = 10.20.0.98 @16",
        );
        check(
            "    _vlmcs._tcp.contoso.com\n    ----------------------------------------\n    タイプ SRV のレコードがありません\n",
            "contoso.com domain.cached-srv absent @1",
        );
    }

    #[test]
    fn other_tables_say_nothing() {
        check("Rule\n-----------------------------\nEnabled: Yes\n", "");
        check("    kms1.contoso.com\n    ----------------------------------------\n    up since: 1\n", "");
        check(
            "    kms1.contoso.com\n    ----------------------------------------\n    Zeitüberschreitung vom Typ A",
            "",
        );
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
            testing::mutate(read, ENGLISH, damage);
        }
    }
}
