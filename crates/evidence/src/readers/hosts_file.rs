//! The hosts file: a whole file by its form, or what a command printed of it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use super::console;
use super::names::list;
use crate::document::Document;
use crate::sink::Sink;

/// Path of the file in command lines, with either kind of slash.
const PATH: &str = "drivers/etc/hosts";

/// Names of one line.
const NAMES_MAX: usize = 64;

/// Puts the lines of hosts files into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let all = 0..=document.lines.len().saturating_sub(1);
    if is_hosts_file(document) {
        return Entries::read(document, all.clone()).tell(Some(all), sink);
    }
    let mut index = 0;
    while index < document.lines.len() {
        index += 1;
        let Some(whole) = document.lines.get(index - 1).and_then(|line| shows(&line.text)) else { continue };
        let below = document.lines.iter().skip(index);
        let lines = below.take_while(|line| belongs(&line.text)).count();
        if lines > 0 {
            let last = index + lines - 1;
            // What does not belong to a hosts file may cut it off anywhere, but for the next prompt.
            let ended = document.lines.get(last + 1).is_none_or(|line| console::is_prompt(&line.text));
            Entries::read(document, index..=last).tell((whole && ended).then_some(index - 1..=last), sink);
            index += lines;
        }
    }
}

/// Whether the command prints the file: with true in whole, with false a selection of its lines.
fn shows(text: &str) -> Option<bool> {
    if !text.contains("hosts") && !text.contains("HOSTS") {
        return None;
    }
    let lower = text.trim().to_ascii_lowercase().replace('\\', "/");
    if !lower.contains(PATH) {
        return None;
    }
    let reads = ["type", "get-content", "gc", "cat", "more"]
        .iter()
        .any(|program| console::arguments(&lower, &format!("{program} ")).is_some() || begins(&lower, program));
    let selects = ["findstr", "select-string", "where"].iter().any(|program| lower.contains(program));
    (reads || (selects && begins(&lower, "findstr"))).then_some(!selects && !lower.contains('|'))
}

/// Whether the command line runs this program.
fn begins(text: &str, program: &str) -> bool {
    let command = text.rsplit_once('>').map_or(text, |(_, command)| command).trim_start();
    command.strip_prefix(program).is_some_and(|rest| rest.starts_with([' ', '"']))
}

/// Comments, blank lines and entries.
fn belongs(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.starts_with('#') || entry(text).is_some()
}

/// A file that has comments and entries, or the machine's own name for itself among them, and nothing else.
fn is_hosts_file(document: &Document<'_>) -> bool {
    let texts = || document.lines.iter().map(|line| line.text.trim());
    // Its sister for NetBIOS names looks the same.
    if texts().any(|text| text.starts_with('#') && text.to_ascii_lowercase().contains("lmhosts")) {
        return false;
    }
    let comments = texts().any(|text| text.starts_with('#'));
    // The comments of the file as Windows brings it along speak of it; without entries nothing else tells it from any
    // script's header.
    let known = texts().any(|text| text.starts_with('#') && text.to_ascii_lowercase().contains("hosts"));
    let entries = texts().any(|text| entry(text).is_some());
    let itself = texts().filter_map(entry).any(|(address, names)| {
        address.is_loopback() && names.iter().any(|name| name.eq_ignore_ascii_case("localhost"))
    });
    ((comments && (entries || known)) || itself)
        && document.lines.iter().all(|line| belongs(&line.text))
        && (entries || texts().any(|text| text.contains("localhost")))
}

/// Address and names of an entry.
fn entry(text: &str) -> Option<(IpAddr, Vec<&str>)> {
    let text = text.split_once('#').map_or(text, |(text, _)| text);
    let mut words = text.split_whitespace();
    let address = words.next().filter(|word| !word.starts_with('[')).and_then(console::address)?;
    let names: Vec<&str> = words.take(NAMES_MAX).collect();
    (!names.is_empty() && names.iter().all(|name| console::is_host_name(name))).then_some((address, names))
}

/// The entries of one file, by name.
struct Entries(BTreeMap<String, (Vec<IpAddr>, usize)>);

impl Entries {
    fn read(document: &Document<'_>, lines: RangeInclusive<usize>) -> Self {
        let mut entries: BTreeMap<String, (Vec<IpAddr>, usize)> = BTreeMap::new();
        for index in lines {
            let Some((address, names)) = document.lines.get(index).and_then(|line| entry(line.text.trim())) else {
                continue;
            };
            for name in names {
                let (known, _) =
                    entries.entry(name.trim_end_matches('.').to_ascii_lowercase()).or_insert((Vec::new(), index));
                // Windows takes the first line of each family.
                if known.iter().all(|other| other.is_ipv4() != address.is_ipv4()) {
                    known.push(address);
                }
            }
        }
        Self(entries)
    }

    /// Puts them into the sink; `whole` are the lines of a file that was printed in whole.
    fn tell(&self, whole: Option<RangeInclusive<usize>>, sink: &mut Sink<'_>) {
        for (name, (addresses, line)) in self.0.iter().filter(|(name, _)| *name != "localhost") {
            let name = Subject::new(SubjectKind::Name, name);
            sink.present(&name, Key::NameHostsFile, Value::Text(list(addresses)), *line..=*line);
        }
        if let Some(lines) = whole {
            let count = i64::try_from(self.0.len()).unwrap_or(i64::MAX);
            sink.present(&Subject::machine(), Key::MachineHostsEntries, Value::Integer(count), lines);
        }
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

    #[test]
    fn a_whole_file() {
        check(
            "
# hosts of this machine
127.0.0.1       localhost
10.20.0.99      kms1.contoso.com kms1   # old host
# 10.20.0.5     kms2.contoso.com
fd00::99        KMS1.contoso.com
10.20.0.98      kms1
",
            "kms1 name.hosts-file = 10.20.0.99 @3
             kms1.contoso.com name.hosts-file = 10.20.0.99, fd00::99 @3
             machine machine.hosts-entries = 3 @1",
        );
        check(
            "# This is a sample HOSTS file.\n#\n#\t127.0.0.1       localhost\n",
            "machine machine.hosts-entries = 0 @1",
        );
    }

    #[test]
    fn a_whole_file_without_comments() {
        check(
            "127.0.0.1 localhost\n::1 localhost\n10.20.0.99 kms1.contoso.com\n",
            "kms1.contoso.com name.hosts-file = 10.20.0.99 @3
             machine machine.hosts-entries = 2 @1",
        );
    }

    #[test]
    fn printed_by_a_command() {
        for command in [
            r"C:\>type C:\Windows\System32\drivers\etc\hosts",
            r"PS C:\> Get-Content $env:windir\System32\drivers\etc\hosts",
            r"type %windir%\system32\drivers\etc\hosts",
        ] {
            check(
                &format!("{command}\n# comment\n127.0.0.1 kms1.contoso.com\n\nC:\\>"),
                "kms1.contoso.com name.hosts-file = 127.0.0.1 @3
                 machine machine.hosts-entries = 1 @1",
            );
        }
        check(
            "C:\\>findstr /i kms %windir%\\system32\\drivers\\etc\\hosts\n10.20.0.99 kms1.contoso.com\n",
            "kms1.contoso.com name.hosts-file = 10.20.0.99 @2",
        );
        check(
            "C:\\>type %windir%\\system32\\drivers\\etc\\hosts | findstr kms\n10.20.0.99 kms1.contoso.com\n",
            "kms1.contoso.com name.hosts-file = 10.20.0.99 @2",
        );
    }

    #[test]
    fn lists_and_prose_are_no_hosts_file() {
        check("10.20.0.5 kms1.contoso.com\n10.20.0.6 kms2.contoso.com\n", "");
        check("# Servers\n10.20.0.5 kms1.contoso.com\nplease check\n", "");
        check("# build script\n# for hosts\n", "");
        check("# This is a sample LMHOSTS file\n10.20.0.5 kms1 #PRE\n", "");
        check(
            "C:\\>type C:\\Windows\\System32\\drivers\\etc\\hosts\n10.20.0.5 kms1.contoso.com\nand so on",
            "kms1.contoso.com name.hosts-file = 10.20.0.5 @2",
        );
        check("The file is C:\\Windows\\System32\\drivers\\etc\\hosts.\n10.20.0.5 kms1\n", "");
        check("C:\\>notepad C:\\Windows\\System32\\drivers\\etc\\hosts\n10.20.0.5 kms1\n", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(# |type x\\\\drivers\\\\etc\\\\hosts|10\\.0\\.0\\.1 )?(kms1)?\\PC{0,9}", 0..20)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
