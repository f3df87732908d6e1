//! Raw hives of the registry (`SOFTWARE`, `SYSTEM`, and keys saved with `reg save`): the same keys as in `registry.rs`.
//!
//! Only named values of named keys are read: what is asked for here is bounded by the tables below, whatever the hive
//! holds, and values with product keys are not among them. Damaged hives are read as far as they go.

mod cells;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt::Write as _;
use std::ops::Range;

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::{Fact, State};

use self::cells::{Cells, Node, Value};
use super::registry::{self, Entry, Item, SETTINGS_OF_CLIENT};
use super::version;
use crate::document::Document;
use crate::sink::Sink;
use crate::{Partly, Reading, Unread};

/// The licensing service's key, in which values of the whole machine stand.
const SPP: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

/// Application IDs of Windows, of Office 2013 and later, and of Office 2010: their subkeys of [`SPP`] have the settings of
/// the application, and in subkeys those of products.
const APPLICATIONS: [&str; 3] = [
    "55c92734-d682-4d71-983e-d6ec3f16059f",
    "0ff1ce15-a989-479d-af46-f275c6370663",
    "59a52881-a989-479d-af46-f275c6370663",
];

/// Office's own service on Windows 7 has a key of its own.
const OFFICE_SERVICE: &str = r"SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform";

/// Products of an application that are looked at. A machine has one or two with settings; a host some dozen.
const PRODUCTS_MAX: usize = 256;

const SPP_VALUES: [&str; 11] = [
    "KeyManagementServiceName",
    "KeyManagementServicePort",
    "KeyManagementServiceLookupDomain",
    "DiscoveredKeyManagementServiceName",
    "DiscoveredKeyManagementServiceMachineName",
    "VLActivationType",
    "KeyManagementServiceListeningPort",
    "DisableDnsPublishing",
    "DnsDomainPublishList",
    "VLActivationInterval",
    "VLRenewalInterval",
];

/// The key of edition and build, of which `version.rs` makes facts.
const VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const VERSION_VALUES: [&str; 4] = ["EditionID", "CurrentBuild", "CurrentBuildNumber", "UBR"];

/// Other keys with the values that are read: of the whole hive, and below `SYSTEM\ControlSet00n`.
const POLICIES: &str = r"SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform";
const POLICIES_OF_SYSTEM: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";
const TOKEN_FILTER: &str = "LocalAccountTokenFilterPolicy";
const CONTROL_SET: [(&str, &[&str]); 4] = [
    (r"Control\ComputerName\ComputerName", &["ComputerName"]),
    (r"Services\Tcpip\Parameters", &["Domain", "DhcpDomain"]),
    (r"Services\sppsvc", &["Start", "DelayedAutostart"]),
    (r"Services\W32Time\Parameters", &["Type", "NtpServer"]),
];

/// Whether the bytes are a hive's: text that begins with the same four letters has no zeros behind them.
pub(crate) fn is_hive(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"regf").is_some_and(|rest| rest.is_empty() || rest.iter().take(64).any(|byte| *byte == 0))
}

/// Reads a hive.
pub(crate) fn read(artifact: &Artifact) -> Reading {
    let Some(cells) = Cells::open(artifact.bytes()) else { return Reading::unread(Unread::Damaged) };
    let mut walk = Walk { cells, records: Vec::new(), items: Vec::new(), version: Vec::new() };
    walk.all();
    let Walk { cells, records, items, version } = walk;
    let document = Document::of_records(artifact, "hive", records);
    let mut sink = Sink::new(&document);
    registry::tell(items, &mut sink);
    let mut facts = sink.into_facts();
    let document = Document::of_records(artifact, "hive", version);
    let mut sink = Sink::new(&document);
    version::read(&document, &mut sink);
    facts.extend(sink.into_facts());
    let is_known = |fact: &Fact| !matches!(fact.state, State::Unknown(_));
    if !facts.iter().any(is_known) {
        return Reading::unread(if cells.is_partial() { Unread::Damaged } else { Unread::NotRecognised });
    }
    let partly = Partly { is_damaged_hive: cells.is_partial(), ..Partly::default() };
    Reading {
        kind: "hive".to_owned(),
        facts,
        resources: Vec::new(),
        unread: None,
        partly: partly.of(),
        not_asked: Vec::new(),
    }
}

/// What is read of a hive, as `reg query` would print it; none of one in which nothing is.
pub(crate) fn text(artifact: &Artifact) -> Option<String> {
    let cells = Cells::open(artifact.bytes())?;
    let mut walk = Walk { cells, records: Vec::new(), items: Vec::new(), version: Vec::new() };
    walk.all();
    let mut text = String::new();
    for (_, line) in &walk.version {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    let mut not_found = String::new();
    for item in &walk.items {
        match item {
            Item::Key { path, entries, .. } => {
                let _ = writeln!(text, "{path}");
                for entry in entries {
                    let data: String = entry.data.chars().filter(|character| !character.is_control()).collect();
                    let _ = writeln!(text, "    {}    {}    {data}", entry.name, kind(&data));
                }
                text.push('\n');
            }
            Item::NotFound { path, value, .. } => {
                let _ = writeln!(not_found, "C:\\>reg query \"{path}\" /v {value}\n{NOT_FOUND}\n");
            }
        }
    }
    text.push_str(&not_found);
    (!text.trim().is_empty()).then_some(text)
}

/// What `reg query` says of a value that is not there.
const NOT_FOUND: &str = "ERROR: The system was unable to find the specified registry key or value.";

struct Walk<'a> {
    cells: Cells<'a>,
    /// What was read: its place, and a line of text for people.
    records: Vec<(Range<usize>, String)>,
    items: Vec<Item>,
    /// The key of edition and build as `reg query` prints it.
    version: Vec<(Range<usize>, String)>,
}

impl Walk<'_> {
    fn all(&mut self) {
        let Some(root) = self.cells.root() else { return };
        if let Some(key) = self.key(&root, VERSION) {
            let (values, _) = self.cells.values(&key, &VERSION_VALUES);
            self.version.push((key.span(), format!("HKEY_LOCAL_MACHINE\\{VERSION}")));
            let line =
                |value: Value| (value.span, format!("    {}    {}    {}", value.name, kind(&value.data), value.data));
            self.version.extend(values.into_iter().map(line));
        }
        if let Some(key) = self.key(&root, POLICIES) {
            self.take(POLICIES, &key, &["NoGenTicket"]);
        }
        if let Some(key) = self.key(&root, POLICIES_OF_SYSTEM) {
            self.token_filter(&key);
        }
        if let Some(key) = self.key(&root, SPP) {
            self.licensing(&key);
        }
        if let Some(key) = self.key(&root, OFFICE_SERVICE) {
            self.take(OFFICE_SERVICE, &key, &SPP_VALUES);
        }
        match self.control_set(&root) {
            Some((name, set)) => {
                for (below, values) in CONTROL_SET {
                    if let Some(key) = self.below(&set, below) {
                        self.take(&format!(r"SYSTEM\{name}\{below}"), &key, values);
                    }
                }
            }
            // `reg save` of a single key.
            None => {
                for (below, values) in CONTROL_SET {
                    let path = format!(r"SYSTEM\CurrentControlSet\{below}");
                    if let Some(key) = saved(&root, &path) {
                        self.take(&path, &key, values);
                    }
                }
            }
        }
    }

    /// The key at `path`, whose first part is the hive itself, or the root if that key alone was saved.
    fn key(&self, root: &Node, path: &str) -> Option<Node> {
        let (_, below) = path.split_once('\\')?;
        self.below(root, below).or_else(|| saved(root, path))
    }

    fn below(&self, key: &Node, path: &str) -> Option<Node> {
        path.split('\\').try_fold(key.clone(), |key, name| self.cells.subkey(&key, name))
    }

    /// The control set that is in use, and its name.
    fn control_set(&self, root: &Node) -> Option<(String, Node)> {
        let select = self.cells.subkey(root, "Select")?;
        let (values, _) = self.cells.values(&select, &["Current"]);
        let number: u32 = values.first()?.data.strip_prefix("0x").and_then(|hex| u32::from_str_radix(hex, 16).ok())?;
        let name = format!("ControlSet{number:03}");
        self.cells.subkey(root, &name).map(|set| (name, set))
    }

    /// The licensing service's settings on all three levels.
    fn licensing(&mut self, key: &Node) {
        let is_whole = self.take(SPP, key, &SPP_VALUES);
        if is_whole {
            let line = self.record(key.span(), format!("HKLM\\{SPP}"));
            for value in SETTINGS_OF_CLIENT {
                if !self.has(SPP, value) {
                    let path = format!("HKEY_LOCAL_MACHINE\\{SPP}");
                    self.items.push(Item::NotFound { path, value: value.to_owned(), lines: line..=line });
                }
            }
        }
        for id in APPLICATIONS {
            let Some(application) = self.cells.subkey(key, id) else { continue };
            let path = format!("{SPP}\\{id}");
            self.take(&path, &application, &SPP_VALUES);
            for product in self.cells.subkeys(&application, PRODUCTS_MAX) {
                self.take(&format!("{path}\\{}", product.name()), &product, &SPP_VALUES);
            }
        }
    }

    /// The policy on rights of remote local administrators; hardly any machine has it.
    fn token_filter(&mut self, key: &Node) {
        let is_whole = self.take(POLICIES_OF_SYSTEM, key, &[TOKEN_FILTER]);
        if is_whole && !self.has(POLICIES_OF_SYSTEM, TOKEN_FILTER) {
            let line = self.record(key.span(), format!("HKLM\\{POLICIES_OF_SYSTEM}"));
            let path = format!("HKEY_LOCAL_MACHINE\\{POLICIES_OF_SYSTEM}");
            self.items.push(Item::NotFound { path, value: TOKEN_FILTER.to_owned(), lines: line..=line });
        }
    }

    fn has(&self, path: &str, value: &str) -> bool {
        self.items.iter().any(|item| match item {
            Item::Key { path: known, entries, .. } => {
                known.ends_with(path) && entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(value))
            }
            Item::NotFound { .. } => false,
        })
    }

    /// Takes the values called `names` of a key; whether all of its values could be looked at.
    fn take(&mut self, path: &str, key: &Node, names: &[&str]) -> bool {
        let (values, is_whole) = self.cells.values(key, names);
        let mut entries = Vec::new();
        for value in values {
            let line = self.record(value.span, format!("HKLM\\{path}: {} = {}", value.name, value.data));
            entries.push(Entry { name: value.name, data: value.data, lines: line..=line });
        }
        if !entries.is_empty() {
            let line = *entries[0].lines.start();
            let path = format!("HKEY_LOCAL_MACHINE\\{path}");
            // What the licensing service's key does not have is told below, value by value.
            self.items.push(Item::Key { complete: is_whole && !path.ends_with(SPP), path, line, entries });
        }
        is_whole
    }

    fn record(&mut self, span: Range<usize>, text: String) -> usize {
        self.records.push((span, text));
        self.records.len() - 1
    }
}

/// Type of a value by its data: numbers are written as such.
fn kind(data: &str) -> &'static str {
    match data {
        _ if data.starts_with("0x") => "REG_DWORD",
        _ if data.contains("\\0") => "REG_MULTI_SZ",
        _ => "REG_SZ",
    }
}

/// The root, if `reg save` wrote the hive of the key at `path`: it keeps the key's name.
fn saved(root: &Node, path: &str) -> Option<Node> {
    let name = path.rsplit('\\').next()?;
    // A name as common as these is no proof of the place.
    let is_telling = !matches!(name, "CurrentVersion" | "Parameters" | "System");
    (is_telling && root.name().eq_ignore_ascii_case(name)).then(|| root.clone())
}
