//! VAMT's computer information lists (`.cil`, `.cilx`): XML with computers, and their products below them.
//!
//! Versions of VAMT differ in their elements, so every attribute and every text of a product becomes a property: by
//! its own name (`ApplicationId`), and after that of its element (`Sku Id`, `LicenseStatus Status`).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Record;
use crate::document::Document;
use crate::readers::objects::RecordBuilder;

/// Words that stand in such a list (in lower case).
const MARKS: [&str; 2] = ["<softwarelicensingdata", "<computers"];
const COMPUTERS: [&str; 2] = ["computer", "machine"];
const PRODUCTS: [&str; 3] = ["product", "activeproduct", "softwarelicensingproduct"];
/// Depth of nesting that is followed: real lists have six levels.
const DEPTH_MAX: usize = 32;

/// The products of every list in the document, each with the name of its computer.
pub(super) fn records(document: &Document<'_>) -> Vec<Record> {
    if !crate::readers::objects::mentions(document, &MARKS) {
        return Vec::new();
    }
    let mut text = String::new();
    let mut starts = Vec::with_capacity(document.lines.len());
    for line in &document.lines {
        starts.push(text.len());
        text.push_str(&line.text);
        text.push('\n');
    }
    let Some(begin) = text.find('<') else { return Vec::new() };
    let mut reader = Reader::from_str(text.get(begin..).unwrap_or_default());
    reader.config_mut().check_end_names = false;
    let mut list = List::default();
    loop {
        let offset = begin + usize::try_from(reader.buffer_position()).unwrap_or(0);
        let line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                list.open(&start, line);
                if list.names.len() > DEPTH_MAX {
                    break;
                }
            }
            Ok(Event::Empty(start)) => {
                list.open(&start, line);
                list.close(line);
            }
            Ok(Event::Text(piece)) => list.content.push_str(&piece),
            Ok(Event::CData(piece)) => list.content.push_str(&piece),
            Ok(Event::End(_)) => list.close(line),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    list.finish()
}

#[derive(Default)]
struct List {
    names: Vec<String>,
    content: String,
    /// Name of the computer, its line, and the depth of its element.
    computer: Option<(String, usize, usize)>,
    /// The product and the depth of its element.
    product: Option<(RecordBuilder, usize)>,
    records: Vec<Record>,
}

impl List {
    fn open(&mut self, start: &BytesStart<'_>, line: usize) {
        let name = start.local_name().as_ref().to_ascii_lowercase();
        self.content.clear();
        let depth = self.names.len();
        if COMPUTERS.contains(&name.as_str()) {
            self.computer = Some((String::new(), line, depth));
        } else if self.product.is_none() && PRODUCTS.contains(&name.as_str()) {
            self.product = Some((RecordBuilder::new(line), depth));
        }
        for attribute in start.attributes().with_checks(false).flatten() {
            let key = attribute.key.local_name().as_ref().to_ascii_lowercase();
            self.property(&name, &key, &attribute.value, line);
        }
        self.names.push(name);
    }

    fn close(&mut self, line: usize) {
        let name = self.names.pop().unwrap_or_default();
        let content = std::mem::take(&mut self.content);
        if !content.trim().is_empty() {
            self.property("", &name, content.trim(), line);
        }
        let depth = self.names.len();
        if self.product.as_ref().is_some_and(|(_, begun)| *begun == depth) {
            self.end_product();
        }
        if self.computer.as_ref().is_some_and(|(.., begun)| *begun == depth) {
            self.computer = None;
        }
    }

    fn property(&mut self, element: &str, key: &str, value: &str, line: usize) {
        if let Some((product, _)) = &mut self.product {
            if !element.is_empty() {
                product.put(&format!("{element}{key}"), value, line);
            }
            product.put(key, value, line);
        } else if let Some((name, place, _)) = &mut self.computer
            && matches!(key, "name" | "computername" | "fullyqualifieddomainname")
            && name.is_empty()
        {
            value.trim().clone_into(name);
            *place = line;
        }
    }

    fn end_product(&mut self) {
        let Some((mut product, _)) = self.product.take() else { return };
        if let Some((name, line, _)) = self.computer.as_ref().filter(|(name, ..)| !name.is_empty()) {
            product.put("computername", name, *line);
        }
        self.records.push(product.finish());
    }

    /// The products, also one whose end is cut off.
    fn finish(mut self) -> Vec<Record> {
        self.end_product();
        self.records
    }
}
