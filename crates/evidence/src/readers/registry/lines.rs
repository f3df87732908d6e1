//! Keys and values in the two textual forms.

use std::ops::RangeInclusive;

use crate::document::Document;
use crate::readers::console;
use crate::readers::objects::{self, Record};

/// How `reg query` says that there is no such key or value.
const NOT_FOUND: [&str; 4] = [
    "The system was unable to find the specified registry key or value",
    "指定されたレジストリ キーまたは値が見つかりませんでした",
    "Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden",
    "系统找不到指定的注册表项或值",
];

/// Lines between a command and its answer, blank or wrapped.
const ANSWER_LINES_MAX: usize = 4;

/// Lines of a search's answer: some settings on three levels.
const SEARCH_LINES_MAX: usize = 200;

/// Settings whose absence tells something, where a search or a whole key shows it.
pub(in crate::readers) const SETTINGS_OF_CLIENT: [&str; 3] =
    ["KeyManagementServiceName", "KeyManagementServicePort", "KeyManagementServiceLookupDomain"];

/// Lines of one value in an export: 4 KiB have about 150.
const BINARY_LINES_MAX: usize = 512;

/// How `reg query` separates the texts of a list.
pub(in crate::readers) const LIST_SEPARATOR: &str = "\\0";

/// Width of a console window; a line as long as this may go on below.
const CONSOLE_COLUMNS: usize = 80;

/// A value of a key.
#[derive(Debug, Clone)]
pub(in crate::readers) struct Entry {
    pub(in crate::readers) name: String,
    /// Text, or a number as `0x…`.
    pub(in crate::readers) data: String,
    /// Where it stands (indices into the lines of the document).
    pub(in crate::readers) lines: RangeInclusive<usize>,
}

impl Entry {
    /// The number, from a DWORD or from digits in text.
    pub(super) fn number(&self) -> Option<i64> {
        let data = self.data.trim();
        match data.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).ok(),
            None => data.parse().ok(),
        }
    }
}

/// What the evidence tells of a key.
pub(in crate::readers) enum Item {
    /// A key with values.
    Key {
        path: String,
        line: usize,
        entries: Vec<Entry>,
        /// Something follows the values, and nothing shows that only some were asked for.
        complete: bool,
    },
    /// A value that was asked for and is not there.
    NotFound { path: String, value: String, lines: RangeInclusive<usize> },
}

/// Keys as `Get-ItemProperty` shows them: a list of properties, with the path among them.
pub(super) fn objects(document: &Document<'_>) -> Vec<Item> {
    if !objects::mentions(document, &["pspath"]) {
        return Vec::new();
    }
    let records = objects::records(document);
    let key = |record: &Record| {
        let (path, _) = record.value(&["pspath"])?;
        let path = key_path(path.split_once("Registry::").map_or(path, |(_, path)| path))?;
        let entries = record.properties.iter().filter(|property| !property.name.starts_with("ps")).map(|property| {
            let data = property.value.clone().unwrap_or_default();
            let data = data
                .strip_prefix('{')
                .and_then(|list| list.strip_suffix('}'))
                .map_or(data.clone(), |list| list.split(", ").collect::<Vec<_>>().join(LIST_SEPARATOR));
            Entry { name: property.name.clone(), data, lines: property.lines.clone() }
        });
        // `-Name` shows some values only, and looks the same.
        Some(Item::Key { path, line: *record.lines.start(), entries: entries.collect(), complete: false })
    };
    records.iter().filter_map(key).collect()
}

/// The keys in the order of the text.
pub(super) fn items(document: &Document<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut filtered = false;
    let mut export = false;
    let mut index = 0;
    while let Some(line) = document.lines.get(index) {
        let text = line.text.trim();
        if text.starts_with("Windows Registry Editor Version") || text == "REGEDIT4" {
            export = true;
        } else if let Some(query) = Query::read(document, index) {
            filtered = query.filtered;
            items.extend(query.found_none(document, index));
            items.extend(query.not_found(document, index));
        } else if let Some((path, lines)) = wrapped_key_path(document, index) {
            let (entries, next, ended) = entries(document, index + lines);
            let complete = !filtered && (ended || export);
            items.push(Item::Key { path, line: index, entries, complete });
            index = next;
            continue;
        }
        index += 1;
    }
    items
}

/// `HKEY_LOCAL_MACHINE\…` or `[HKEY_LOCAL_MACHINE\…]`, with the hive's name written out.
fn key_path(text: &str) -> Option<String> {
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let hive = ["HKEY_LOCAL_MACHINE\\", "HKLM\\"]
        .into_iter()
        .find(|hive| text.get(..hive.len()).is_some_and(|start| start.eq_ignore_ascii_case(hive)))?;
    (!text.contains("REG_")).then(|| format!("HKEY_LOCAL_MACHINE\\{}", text[hive.len()..].trim_end_matches('\\')))
}

/// The key at `index` and the lines that it takes: a console of 80 columns breaks the path of the licensing service.
fn wrapped_key_path(document: &Document<'_>, index: usize) -> Option<(String, usize)> {
    let text = document.lines.get(index)?.text.trim_end();
    let path = key_path(text.trim())?;
    let below = document.lines.get(index + 1).map_or("", |line| line.text.trim_end());
    let is_rest = text.chars().count() >= CONSOLE_COLUMNS
        && below.starts_with(|first: char| first.is_alphanumeric() || first == '\\')
        && !below.contains("REG_")
        && key_path(below).is_none()
        && !console::is_prompt(below);
    if is_rest { key_path(&format!("{text}{below}")).map(|path| (path, 2)) } else { Some((path, 1)) }
}

/// The values below a key, the index of the line after them, and whether the text goes on after them.
fn entries(document: &Document<'_>, first: usize) -> (Vec<Entry>, usize, bool) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut index = first;
    while let Some(line) = document.lines.get(index) {
        let text = line.text.trim();
        if text.is_empty() || key_path(text).is_some() || console::is_prompt(text) {
            return (entries, index, true);
        }
        let below = document.lines.get(index + 1).map_or("", |line| line.text.trim());
        if let Some((entry, lines)) = binary_text(document, index) {
            entries.push(entry);
            index += lines;
        } else if let Some((entry, lines)) = exported(text, index, below).or_else(|| queried(text, index, below)) {
            entries.push(entry);
            index += lines;
        } else {
            // The rest of a long value, of which only the beginning matters.
            index += 1;
        }
    }
    (entries, index, false)
}

/// `    Name    REG_SZ    data`; a long line has its data below it.
fn queried(text: &str, index: usize, below: &str) -> Option<(Entry, usize)> {
    let at = text.find("REG_")?;
    let name = text[..at].trim().to_owned();
    let rest = &text[at..];
    let (_, data) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let data = data.trim();
    let wrapped = data.is_empty()
        && !below.is_empty()
        && !below.contains("REG_")
        && key_path(below).is_none()
        && !console::is_prompt(below);
    let (data, lines) = if wrapped { (below, 2) } else { (data, 1) };
    // `find` gives the name "(Default)" in the language of the system, and that is fine.
    (!name.is_empty()).then(|| (Entry { name, data: data.to_owned(), lines: index..=index + lines - 1 }, lines))
}

/// `"Name"="text"` and `"Name"=dword:0000001e`; other types have no setting that matters.
fn exported(text: &str, index: usize, below: &str) -> Option<(Entry, usize)> {
    let (name, rest) = text.strip_prefix('"')?.split_once('"')?;
    let rest = rest.trim_start().strip_prefix('=')?.trim();
    let (rest, lines) = if rest.is_empty() { (below, 2) } else { (rest, 1) };
    let data = if let Some(quoted) = rest.strip_prefix('"') {
        unescape(quoted.strip_suffix('"').unwrap_or(quoted))
    } else if let Some(digits) = rest.strip_prefix("dword:") {
        format!("0x{}", digits.trim())
    } else if rest == "-" {
        // The line deletes a value when it is imported: a script, and no state of a machine.
        return None;
    } else {
        rest.to_owned()
    };
    Some((Entry { name: name.to_owned(), data, lines: index..=index + lines - 1 }, lines))
}

/// `"Name"=hex(7):63,00,…`: texts and lists of texts, which an export writes as UTF-16; a backslash ends lines that go on.
fn binary_text(document: &Document<'_>, index: usize) -> Option<(Entry, usize)> {
    let text = document.lines.get(index)?.text.trim();
    let (name, rest) = text.strip_prefix('"')?.split_once("\"=hex(")?;
    let (kind, first) = rest.split_once("):")?;
    if !["1", "2", "7"].contains(&kind) {
        return None;
    }
    let mut digits = first.trim().to_owned();
    let mut taken = 1;
    while digits.ends_with('\\') && taken < BINARY_LINES_MAX {
        digits.pop();
        let Some(line) = document.lines.get(index + taken) else { break };
        digits.push_str(line.text.trim());
        taken += 1;
    }
    let bytes: Vec<u8> = digits.split(',').map_while(|byte| u8::from_str_radix(byte.trim(), 16).ok()).collect();
    Some((Entry { name: name.to_owned(), data: texts(&bytes), lines: index..=index + taken - 1 }, taken))
}

/// The text or the list of texts that the registry keeps as these bytes.
pub(in crate::readers) fn texts(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| pair.iter().rev().fold(0, |unit, byte| (unit << 8) | u16::from(*byte)))
        .collect();
    let text = String::from_utf16_lossy(&units);
    text.split('\0').filter(|text| !text.is_empty()).collect::<Vec<_>>().join(LIST_SEPARATOR)
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut escaped = false;
    for character in text.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(character);
            escaped = false;
        }
    }
    plain
}

/// A `reg query` command.
struct Query {
    path: String,
    value: Option<String>,
    /// Text that names of values are searched for (`/f`).
    search: Option<String>,
    /// It asks for some values only.
    filtered: bool,
    /// Lines that the command takes.
    lines: usize,
}

impl Query {
    /// The command at `index`; a long one goes on below.
    fn read(document: &Document<'_>, index: usize) -> Option<Self> {
        let text = document.lines.get(index)?.text.trim();
        let arguments = console::arguments(text, "reg")
            .filter(|arguments| arguments.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("query")))?;
        let mut command = arguments[5..].to_owned();
        let mut lines = 1;
        // An open quotation mark shows that the path goes on.
        while command.matches('"').count() % 2 == 1 && lines < ANSWER_LINES_MAX {
            let Some(line) = document.lines.get(index + lines) else { break };
            command.push_str(line.text.trim_end());
            lines += 1;
        }
        let words = words(&command);
        let path = words.first().and_then(|word| key_path(word))?;
        let option = |name: &str| words.iter().position(|word| word.eq_ignore_ascii_case(name));
        let value = option("/v").and_then(|at| words.get(at + 1)).cloned();
        let search = option("/f").and_then(|at| words.get(at + 1)).cloned();
        let filtered = ["/v", "/ve", "/f", "/t"].into_iter().any(|name| option(name).is_some());
        Some(Self { path, value, search, filtered, lines })
    }

    /// The settings that a search (`/f KeyManagementService`) covers and does not list. Only the footer with the number of
    /// matches shows that the listing is whole.
    fn found_none(&self, document: &Document<'_>, index: usize) -> Vec<Item> {
        let Some(search) = self.search.as_ref().filter(|search| !search.contains(['*', '?'])) else {
            return Vec::new();
        };
        let answer = index + self.lines;
        let mut listed: Vec<String> = Vec::new();
        let mut footer = None;
        for (at, line) in document.lines.iter().enumerate().skip(answer).take(SEARCH_LINES_MAX) {
            let text = line.text.trim();
            if let Some(position) = text.find("REG_") {
                listed.push(text[..position].trim().to_ascii_lowercase());
            } else if console::is_prompt(text) {
                break;
            } else if key_path(text).is_none()
                && !line.text.starts_with(' ')
                && text.contains(|digit: char| digit.is_ascii_digit())
            {
                footer = Some(at);
                break;
            }
        }
        let Some(footer) = footer else { return Vec::new() };
        SETTINGS_OF_CLIENT
            .into_iter()
            .filter(|name| name.to_ascii_lowercase().contains(&search.to_ascii_lowercase()))
            .filter(|name| !listed.contains(&name.to_ascii_lowercase()))
            .map(|name| Item::NotFound { path: self.path.clone(), value: name.to_owned(), lines: index..=footer })
            .collect()
    }

    /// The answer that there is no such value, if it is that.
    fn not_found(self, document: &Document<'_>, index: usize) -> Option<Item> {
        let value = self.value?;
        let answer = index + self.lines;
        for (at, line) in document.lines.iter().enumerate().skip(answer).take(ANSWER_LINES_MAX) {
            let text = line.text.trim();
            let below = document.lines.get(at + 1).map_or("", |line| line.text.trim());
            let wrapped = format!("{text} {below}");
            if let Some(last) = [(at, text), (at + 1, wrapped.as_str())]
                .into_iter()
                .find_map(|(last, text)| is_not_found(text).then_some(last))
            {
                return Some(Item::NotFound {
                    path: self.path,
                    value,
                    lines: index..=last.min(document.lines.len() - 1),
                });
            }
            if !text.is_empty() {
                return None;
            }
        }
        None
    }
}

fn is_not_found(text: &str) -> bool {
    NOT_FOUND.iter().any(|words| text.contains(words))
}

/// Words of a command; quotation marks keep blanks together.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '"' => quoted = !quoted,
            character if character.is_whitespace() && !quoted => words.push(String::new()),
            character => {
                if let Some(word) = words.last_mut() {
                    word.push(character);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
