//! Writes binary logs for tests: file header, chunks, records, and their XML as tokens without templates. Names stand in
//! one list behind the records, and there are no checksums, as the flags say.

use jiff::Timestamp;

const NO_CRC32: u32 = 4;
const NAMES_AT: usize = 60_000;
const CHUNK_HEADER: usize = 512;

/// One event; `data` are pairs of name and value, with an empty name where the value has none.
#[derive(Clone, Copy)]
pub(crate) struct Event<'a> {
    pub(crate) source: &'a str,
    pub(crate) id: u32,
    pub(crate) number: u64,
    pub(crate) time: &'a str,
    pub(crate) computer: &'a str,
    pub(crate) data: &'a [(&'a str, &'a str)],
}

/// A log with one chunk for each list of events.
pub(crate) fn log(chunks: &[&[Event<'_>]]) -> Vec<u8> {
    let mut file = vec![0; 4096];
    put(&mut file, 0, b"ElfFile\0");
    put(&mut file, 32, &128_u32.to_le_bytes());
    put(&mut file, 36, &[1, 0, 3, 0, 0, 16]);
    put(&mut file, 42, &u16::try_from(chunks.len()).unwrap().to_le_bytes());
    put(&mut file, 120, &NO_CRC32.to_le_bytes());
    for events in chunks {
        file.extend(chunk(events));
    }
    file
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}

fn chunk(events: &[Event<'_>]) -> Vec<u8> {
    let mut names = Names::default();
    let mut records = Vec::new();
    let mut last = CHUNK_HEADER;
    for event in events {
        last = CHUNK_HEADER + records.len();
        records.extend(record(event, &mut names));
    }
    let mut chunk = vec![0; 65536];
    put(&mut chunk, 0, b"ElfChnk\0");
    let ids = [events.first(), events.last()].map(|event| event.map_or(0, |event| event.number));
    for (at, id) in [(8, ids[0]), (16, ids[1]), (24, ids[0]), (32, ids[1])] {
        put(&mut chunk, at, &id.to_le_bytes());
    }
    let free = CHUNK_HEADER + records.len();
    assert!(free < NAMES_AT, "the events do not fit into a chunk");
    for (at, value) in [(40, 128), (44, last), (48, free)] {
        put(&mut chunk, at, &u32::try_from(value).unwrap().to_le_bytes());
    }
    put(&mut chunk, 120, &NO_CRC32.to_le_bytes());
    put(&mut chunk, CHUNK_HEADER, &records);
    put(&mut chunk, 128, &u32::try_from(NAMES_AT).unwrap().to_le_bytes());
    let table = names.table();
    put(&mut chunk, NAMES_AT, &table);
    chunk
}

/// The names of elements and attributes, each with its place.
#[derive(Default)]
struct Names(Vec<(String, usize)>);

impl Names {
    /// Link, hash and length before a name, and its end.
    const FRAME: usize = 10;

    fn at(&mut self, name: &str) -> [u8; 4] {
        let known = self.0.iter().find(|(known, _)| known == name).map(|(_, at)| *at);
        let at = known.unwrap_or_else(|| {
            let at = self.0.last().map_or(NAMES_AT, |(last, at)| at + Self::FRAME + 2 * last.len());
            self.0.push((name.to_owned(), at));
            at
        });
        u32::try_from(at).unwrap().to_le_bytes()
    }

    fn table(&self) -> Vec<u8> {
        let mut table = Vec::new();
        for (index, (name, _)) in self.0.iter().enumerate() {
            let next = self.0.get(index + 1).map_or(0, |(_, at)| *at);
            table.extend(u32::try_from(next).unwrap().to_le_bytes());
            table.extend([0, 0]);
            table.extend(text(name));
            table.extend([0, 0]);
        }
        table
    }
}

/// Length and characters.
fn text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = u16::try_from(units.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

fn record(event: &Event<'_>, names: &mut Names) -> Vec<u8> {
    let mut xml = vec![0x0f, 1, 1, 0];
    open(&mut xml, names, "Event", &[]);
    open(&mut xml, names, "System", &[]);
    element(&mut xml, names, "Provider", &[("Name", event.source)], "");
    element(&mut xml, names, "EventID", &[("Qualifiers", "16384")], &event.id.to_string());
    element(&mut xml, names, "TimeCreated", &[("SystemTime", event.time)], "");
    element(&mut xml, names, "EventRecordID", &[], &event.number.to_string());
    element(&mut xml, names, "Computer", &[], event.computer);
    xml.push(0x04);
    open(&mut xml, names, "EventData", &[]);
    for (name, value) in event.data {
        let attributes = [("Name", *name)];
        element(&mut xml, names, "Data", if name.is_empty() { &[] } else { &attributes }, value);
    }
    xml.extend([0x04, 0x04, 0x00]);
    let time: Timestamp = event.time.parse().unwrap();
    let time = (time.as_second() + 11_644_473_600).cast_unsigned() * 10_000_000;
    let size = u32::try_from(24 + xml.len() + 4).unwrap();
    let mut record = vec![0x2a, 0x2a, 0, 0];
    record.extend(size.to_le_bytes());
    record.extend(event.number.to_le_bytes());
    record.extend(time.to_le_bytes());
    record.extend(xml);
    record.extend(size.to_le_bytes());
    record
}

/// The sizes of elements and of lists of attributes, which no reader needs, are left zero.
fn open(xml: &mut Vec<u8>, names: &mut Names, name: &str, attributes: &[(&str, &str)]) {
    xml.push(if attributes.is_empty() { 0x01 } else { 0x41 });
    xml.extend([0; 4]);
    xml.extend(names.at(name));
    if !attributes.is_empty() {
        xml.extend([0; 4]);
    }
    for (name, value) in attributes {
        xml.push(0x06);
        xml.extend(names.at(name));
        push_value(xml, value);
    }
    xml.push(0x02);
}

fn push_value(xml: &mut Vec<u8>, value: &str) {
    xml.extend([0x05, 0x01]);
    xml.extend(text(value));
}

fn element(xml: &mut Vec<u8>, names: &mut Names, name: &str, attributes: &[(&str, &str)], value: &str) {
    open(xml, names, name, attributes);
    if !value.is_empty() {
        push_value(xml, value);
    }
    xml.push(0x04);
}
