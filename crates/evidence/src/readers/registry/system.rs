//! Keys beside those of the licensing service: policies, the machine's name, start of services, how the clock is kept.
//! Edition and build are read by `version.rs`.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{Entry, text};
use crate::readers::w32tm::configuration::source_of_values;
use crate::sink::Sink;

/// Start types of services ([MS-SCMR] section 3.1.4.11, read on 2026-11-24).
const START_AUTOMATIC: i64 = 2;
const START_MANUAL: i64 = 3;
const START_DISABLED: i64 = 4;

/// The key of the policy on rights of remote local administrators, below the hive, and its value, in lower case.
const POLICIES_OF_SYSTEM: &str = r"software\microsoft\windows\currentversion\policies\system";
const TOKEN_FILTER: &str = "localaccounttokenfilterpolicy";

/// The fact that a value which was asked for and is not there tells of.
pub(super) fn missing(path: &str, value: &str) -> Option<Key> {
    let path = path.to_ascii_lowercase();
    let is_of_system = path.strip_prefix("hkey_local_machine\\") == Some(POLICIES_OF_SYSTEM);
    (is_of_system && value == TOKEN_FILTER).then_some(Key::RemoteTokenFilter)
}

/// Puts what the key at `path` says into the sink. `complete`: no value of the key is missing among `entries`.
pub(super) fn tell(path: &str, entries: &[Entry], complete: bool, sink: &mut Sink<'_>) {
    let path = path.to_ascii_lowercase();
    let Some(path) = path.strip_prefix("hkey_local_machine\\") else { return };
    match path {
        r"software\policies\microsoft\windows nt\currentversion\software protection platform" => {
            policies(entries, sink);
        }
        POLICIES_OF_SYSTEM => token_filter(entries, complete, sink),
        _ => match below_control_set(path) {
            Some(r"control\computername\computername" | r"control\computername\activecomputername") => {
                if let Some(name) = find(entries, "ComputerName").filter(|entry| !entry.data.trim().is_empty()) {
                    text(Key::MachineName, name, sink);
                }
            }
            Some(r"services\sppsvc") => start_type(entries, complete, sink),
            Some(r"services\w32time\parameters") => time_source(entries, complete, sink),
            _ => {}
        },
    }
}

/// The path below `SYSTEM\CurrentControlSet`, or one of the numbered sets that raw hives have.
fn below_control_set(path: &str) -> Option<&str> {
    let (set, below) = path.strip_prefix("system\\")?.split_once('\\')?;
    let is_numbered = |set: &str| {
        set.strip_prefix("controlset").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    (set == "currentcontrolset" || is_numbered(set)).then_some(below)
}

fn find<'e>(entries: &'e [Entry], name: &str) -> Option<&'e Entry> {
    entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
}

fn policies(entries: &[Entry], sink: &mut Sink<'_>) {
    if let Some((entry, number)) = find(entries, "NoGenTicket").and_then(|entry| Some((entry, entry.number()?))) {
        sink.present(&Subject::machine(), Key::KmsNoGenuineTicket, Value::Flag(number == 1), entry.lines.clone());
    }
}

fn token_filter(entries: &[Entry], complete: bool, sink: &mut Sink<'_>) {
    match (find(entries, TOKEN_FILTER), entries) {
        (Some(entry), _) => {
            if let Some(number) = entry.number() {
                sink.present(
                    &Subject::machine(),
                    Key::RemoteTokenFilter,
                    Value::Flag(number == 1),
                    entry.lines.clone(),
                );
            }
        }
        (None, [first, .., last]) if complete => {
            let lines = *first.lines.start()..=*last.lines.end();
            sink.absent(&Subject::machine(), Key::RemoteTokenFilter, lines);
        }
        _ => {}
    }
}

fn start_type(entries: &[Entry], complete: bool, sink: &mut Sink<'_>) {
    let Some((entry, start)) = find(entries, "Start").and_then(|entry| Some((entry, entry.number()?))) else { return };
    let delayed = find(entries, "DelayedAutostart").and_then(Entry::number);
    let word = match (start, delayed) {
        (START_AUTOMATIC, Some(1..)) => "delayed",
        // A value that is not shown may be there.
        (START_AUTOMATIC, None) if !complete => return,
        (START_AUTOMATIC, _) => "automatic",
        (START_MANUAL, _) => "manual",
        (START_DISABLED, _) => "disabled",
        _ => return,
    };
    sink.word(&Subject::machine(), Key::ServiceStartType, word, entry.lines.clone());
}

/// `Type` of the time service (learn.microsoft.com, "Windows Time service tools and settings", read on 2026-11-24).
fn time_source(entries: &[Entry], complete: bool, sink: &mut Sink<'_>) {
    let Some(kind) = find(entries, "Type") else { return };
    let servers = find(entries, "NtpServer");
    // Which servers, is in a value that is not shown.
    if kind.data.trim().eq_ignore_ascii_case("NTP") && servers.is_none() && !complete {
        return;
    }
    if let Some(source) = source_of_values(&kind.data, servers.map(|entry| entry.data.as_str())) {
        let machine = Subject::machine();
        if source == "NoSync" {
            sink.present(&machine, Key::ClockSynchronised, Value::Flag(false), kind.lines.clone());
        }
        sink.present(&machine, Key::ClockConfiguredSource, Value::Text(source), kind.lines.clone());
    }
}
