//! Tables and lists: `az … -o table`, `Format-Table` and `Format-List`, CSV of the portal and of Resource Graph.

use kmsdoctor_cloud::azure::{Body, EffectiveRoutes, Route, SecurityGroup, SecurityRule};

use super::{Reader, Source, command, routes, security};
use crate::document::{Document, Line};
use crate::readers::cloud::json::{self, Object, Value};
use crate::readers::console;
use crate::readers::objects::{self, Record, RecordBuilder};

/// How a Japanese portal is taken to call the column of next hops: the word of Microsoft's documentation [unverified].
pub(super) const NEXT_HOP_TYPE_JA: &str = "次ホップの種類";
/// Columns of effective routes, folded: the first is that of the tools, the others those of the portal.
const SOURCE: [&str; 2] = ["source", "ソース"];
const STATE: [&str; 2] = ["state", "状態"];
const PREFIXES: [&str; 3] = ["addressprefix", "addressprefixes", "アドレスプレフィックス"];
const NEXT_HOP: [&str; 2] = ["nexthoptype", NEXT_HOP_TYPE_JA];
const ADDRESS: [&str; 5] =
    ["nexthopip", "nexthopipaddress", "nexthoptypeipaddress", "次ホップの種類のipアドレス", "次ホップのipアドレス"];
const ROUTE_NAME: [&str; 3] = ["userdefinedroutename", "ユーザー定義ルート名", "name"];
/// Columns of rules, folded; those of the portal are not confirmed [unverified].
const DESTINATIONS: [&str; 3] = ["destinationaddressprefixes", "destinationaddressprefix", "destination"];
const DESTINATION_PORTS: [&str; 4] = ["destinationportranges", "destinationportrange", "destinationport", "port"];
const SOURCES: [&str; 3] = ["sourceaddressprefixes", "sourceaddressprefix", "source"];
const SOURCE_PORTS: [&str; 3] = ["sourceportranges", "sourceportrange", "sourceport"];
const ACCESS: [&str; 2] = ["access", "action"];
const RULE: [&[&str]; 4] = [&["priority"], &["direction"], &ACCESS, &DESTINATIONS];

impl Reader<'_> {
    /// Reads tables, lists and CSV.
    pub(super) fn records(&mut self, document: &Document<'_>) {
        let mut tables = tables(&document.lines);
        if document.lines.iter().any(|line| line.text.contains("NextHopType") && !line.text.contains('"')) {
            tables.push(objects::outside_json(document));
        }
        if document.lines.iter().any(|line| is_csv(&line.text)) {
            tables.push(objects::csv(document, is_header));
        }
        for records in tables {
            self.table(&records);
        }
    }

    /// The rows of one table.
    fn table(&mut self, records: &[Record]) {
        let (mut routes, mut rules) = (Vec::new(), Vec::new());
        for record in records {
            if is_route(|names| record.has(names)) {
                routes.extend(self.counts(1).then(|| self.route(record)));
            } else if is_rule(|names| record.has(names)) {
                rules.extend(self.counts(1).then(|| self.rule(record)));
            } else if record.has(&["properties"]) {
                self.row(record);
            }
        }
        let Some(lines) =
            records.first().zip(records.last()).map(|(first, last)| *first.lines.start()..=*last.lines.end())
        else {
            return;
        };
        let asked = command::above(&self.text.text[..self.text.start(*lines.start())]);
        let name = asked.as_ref().map(|id| id.name().to_owned());
        let origin = self.text.origin_of_lines(&lines);
        if !routes.is_empty() {
            let interface = asked.clone().filter(|id| id.as_str().contains('/'));
            let interface_name = name.clone().filter(|_| interface.is_none());
            self.put(Body::EffectiveRoutes(EffectiveRoutes { interface, interface_name, routes }), origin.clone());
        }
        if !rules.is_empty() {
            self.put(Body::SecurityGroup(SecurityGroup { id: None, name: name.unwrap_or_default(), rules }), origin);
        }
    }

    fn route(&self, record: &Record) -> Route {
        let text = |names: &[&str]| value(record, names);
        routes::Written {
            name: record.value(&ROUTE_NAME).map(|(name, _)| name.to_owned()).filter(|name| !is_nothing(name)),
            source: text(&SOURCE),
            state: text(&STATE),
            prefixes: &several(text(&PREFIXES)),
            next_hop: text(&NEXT_HOP),
            address: several(text(&ADDRESS)).first().copied(),
        }
        .route(self.text.origin_of_lines(&record.lines))
    }

    fn rule(&self, record: &Record) -> SecurityRule {
        let text = |names: &[&str]| value(record, names);
        let peers = |names: &[&str]| several(text(names)).into_iter().map(security::peer).collect::<Vec<_>>();
        let ports = |names: &[&str]| if record.has(names) { several(text(names)) } else { vec!["*"] };
        security::Written {
            name: text(&["name"]).to_owned(),
            priority: text(&["priority"]),
            direction: text(&["direction"]),
            access: text(&ACCESS),
            protocol: text(&["protocol"]),
            sources: peers(&SOURCES),
            source_ports: &ports(&SOURCE_PORTS),
            destinations: peers(&DESTINATIONS),
            destination_ports: &ports(&DESTINATION_PORTS),
        }
        .rule(self.text.origin_of_lines(&record.lines))
    }

    /// A row of Resource Graph: a resource whose objects are JSON in their cells.
    fn row(&mut self, record: &Record) {
        let mut object = Object::default();
        for property in &record.properties {
            let Some(cell) = &property.value else { continue };
            let value = if cell.starts_with(['{', '[']) {
                let Some((value, _)) = json::tree(cell, 0) else {
                    self.found.is_cut_off = true;
                    return;
                };
                value
            } else {
                Value::Text(cell.as_str().into())
            };
            object.members.push((property.name.as_str().into(), value));
        }
        self.resource(&object, Source::Lines(self.text, &record.lines), None);
    }
}

fn is_route(has: impl Fn(&[&str]) -> bool) -> bool {
    [&SOURCE[..], &STATE, &PREFIXES, &NEXT_HOP].iter().all(|names| has(names))
}

fn is_rule(has: impl Fn(&[&str]) -> bool) -> bool {
    RULE.iter().all(|names| has(names))
}

/// Whether a line may be the first one of CSV: looking at every line of JSON as CSV would take long.
fn is_csv(line: &str) -> bool {
    const MARKS: [&str; 4] = ["Next Hop Type", NEXT_HOP_TYPE_JA, "roperties", "irection"];
    !line.contains(['{', ':']) && line.contains([',', ';', '\t']) && MARKS.iter().any(|mark| line.contains(mark))
}

fn is_header(names: &[String]) -> bool {
    let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    is_route(has) || is_rule(has) || (has(&["properties"]) && has(&["type", "id"]))
}

fn value<'r>(record: &'r Record, names: &[&str]) -> &'r str {
    record.value(names).map_or("", |(value, _)| value)
}

/// The portal writes a dash where there is nothing.
fn is_nothing(text: &str) -> bool {
    text.trim_matches(['-', '\\', '{', '}']).is_empty()
}

/// The values in a cell: `10.0.0.0/16 10.1.0.0/16`, `{10.0.0.0/16, 10.1.0.0/16}`.
fn several(cell: &str) -> Vec<&str> {
    cell.split([' ', ',', ';', '{', '}']).filter(|part| !is_nothing(part)).collect()
}

/// Tables of `az … -o table`: names of one or several words, dashes below them, one row a line.
///
/// Cells are told by the two blanks between them and not by the place of the dashes: where names and addresses were replaced,
/// as redaction does, the columns do not stand where they stood.
fn tables(lines: &[Line]) -> Vec<Vec<Record>> {
    let mut tables = Vec::new();
    let mut index = 1;
    while index < lines.len() {
        let (above, is_dashes) = (&lines[index - 1].text, is_dashes(&lines[index].text));
        index += 1;
        if !is_dashes {
            continue;
        }
        let names = cells(above);
        if !is_header(&names.iter().map(|name| objects::folded(name)).collect::<Vec<_>>()) {
            continue;
        }
        let mut records = Vec::new();
        while let Some(line) =
            lines.get(index).filter(|line| !line.text.trim().is_empty() && !console::is_prompt(&line.text))
        {
            let mut record = RecordBuilder::new(index);
            let cells = cells(&line.text);
            for (column, name) in names.iter().enumerate() {
                record.put(name, cells.get(column).copied().unwrap_or_default(), index);
            }
            records.push(record.finish());
            index += 1;
        }
        tables.push(records);
    }
    tables
}

fn is_dashes(text: &str) -> bool {
    text.starts_with("--") && text.bytes().all(|byte| matches!(byte, b'-' | b' ' | b'\r'))
}

fn cells(text: &str) -> Vec<&str> {
    text.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}
