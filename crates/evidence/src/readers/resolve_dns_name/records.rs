//! Records: tables below `Name Type TTL Section …`, or lists of `Name : …` lines.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::name_of;
use crate::document::Document;
use crate::readers::console;

/// Rows of one table: a name with more addresses, or a service with more hosts, is none.
const ROWS_MAX: usize = 256;

/// Lines of one list.
const LIST_LINES_MAX: usize = 16;

/// One record.
pub(super) struct Record {
    pub(super) owner: String,
    pub(super) data: Data,
    pub(super) lines: RangeInclusive<usize>,
}

/// What it says.
pub(super) enum Data {
    Address(IpAddr),
    Service(String, u16),
    /// The owner of a zone, which stands for "no such record".
    Authority,
}

/// The records of the table or list that begins at `index`, and its lines.
pub(super) fn read(document: &Document<'_>, index: usize) -> Option<(Vec<Record>, usize)> {
    let text = document.lines.get(index)?.text.trim();
    if text.starts_with("Name ") && !text.contains(':') { table(document, index) } else { list(document, index) }
}

fn table(document: &Document<'_>, first: usize) -> Option<(Vec<Record>, usize)> {
    let columns: Vec<&str> = document.lines.get(first)?.text.split_whitespace().collect();
    if !columns.starts_with(&["Name", "Type", "TTL", "Section"]) {
        return None;
    }
    let place = |name: &str| columns.iter().position(|column| *column == name);
    let mut records = Vec::new();
    let mut lines = 1;
    for (index, line) in document.lines.iter().enumerate().skip(first + 1).take(ROWS_MAX) {
        let cells: Vec<&str> = line.text.split_whitespace().collect();
        let [owner, kind, ..] = cells.as_slice() else { break };
        lines = index - first + 1;
        if owner.starts_with("--") {
            continue;
        }
        let cell = |name: &str| place(name).and_then(|place| cells.get(place)).copied();
        let data = data(kind, cell("IPAddress"), cell("NameTarget"), cell("Port"));
        if let Some(data) = data.filter(|_| console::is_host_name(owner)) {
            records.push(Record { owner: name_of(owner), data, lines: index..=index });
        }
    }
    Some((records, lines))
}

fn list(document: &Document<'_>, first: usize) -> Option<(Vec<Record>, usize)> {
    let field = |index: usize| console::labelled(&document.lines.get(index)?.text);
    let (label, owner) = field(first)?;
    let (kind_label, kind) = field(first + 1)?;
    if label != "Name" || !matches!(kind_label, "QueryType" | "Type") || !console::is_host_name(owner) {
        return None;
    }
    let (mut address, mut target, mut port) = (None, None, None);
    let mut lines = 2;
    for index in first + 2..first + LIST_LINES_MAX {
        let Some((label, value)) = field(index) else { break };
        match label {
            "IP4Address" | "IP6Address" | "IPAddress" => address = Some(value),
            "NameTarget" | "NameHost" => target = Some(value),
            "Port" => port = Some(value),
            _ => {}
        }
        lines = index - first + 1;
    }
    let record = data(kind, address, target, port).map(|data| Record {
        owner: name_of(owner),
        data,
        lines: first..=first + lines - 1,
    });
    Some((record.into_iter().collect(), lines))
}

fn data(kind: &str, address: Option<&str>, target: Option<&str>, port: Option<&str>) -> Option<Data> {
    match kind {
        "A" | "AAAA" => address.and_then(console::address).map(Data::Address),
        "SRV" => {
            let target = target.filter(|target| console::is_host_name(target))?;
            Some(Data::Service(name_of(target), port?.parse().ok()?))
        }
        "SOA" => Some(Data::Authority),
        _ => None,
    }
}
