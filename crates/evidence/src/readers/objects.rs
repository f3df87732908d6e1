//! Objects with named properties, in the forms in which people save them: PowerShell lists and tables, `wmic /value`,
//! JSON, CSV.
//!
//! The names of properties are those of the class, in every language, so they are all that tells what an object is.

mod csv;
mod json;
mod list;
mod table;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::document::Document;

pub(crate) use csv::records as csv;

/// Properties of one object that are kept apart; real classes have some hundred.
const PROPERTIES_MAX: usize = 512;

/// Lines of the document.
pub(crate) type Lines = RangeInclusive<usize>;

/// One property as it stands there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Property {
    /// Lower case, letters and digits only: `licensestatus`.
    pub(crate) name: String,
    /// `None` where the property is shown and has no value.
    pub(crate) value: Option<String>,
    pub(crate) lines: Lines,
}

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// Folded name of the property that holds it, if it is part of another one.
    pub(crate) name: String,
    pub(crate) properties: Vec<Property>,
    pub(crate) lines: Lines,
}

impl Record {
    fn new(name: &str, line: usize) -> Self {
        Self { name: name.to_owned(), properties: Vec::new(), lines: line..=line }
    }

    fn put(&mut self, name: &str, value: &str, lines: Lines) {
        let (first, last) = (*self.lines.start().min(lines.start()), *self.lines.end().max(lines.end()));
        self.lines = first..=last;
        if self.properties.len() < PROPERTIES_MAX {
            let value = value.trim();
            let value = (!value.is_empty()).then(|| value.to_owned());
            self.properties.push(Property { name: folded(name), value, lines });
        }
    }

    /// The property called by the first of `names` that is there.
    pub(crate) fn get(&self, names: &[&str]) -> Option<&Property> {
        names.iter().find_map(|name| self.properties.iter().find(|property| property.name == *name))
    }

    /// The value of the first of `names` that has one, with its place.
    pub(crate) fn value(&self, names: &[&str]) -> Option<(&str, &Lines)> {
        names.iter().find_map(|name| {
            let property = self.properties.iter().find(|property| property.name == *name)?;
            Some((property.value.as_deref()?, &property.lines))
        })
    }

    /// Whether one of these properties is shown, with or without a value.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.get(names).is_some()
    }
}

/// An object whose properties come one after the other from elsewhere.
pub(crate) struct RecordBuilder(Record);

impl RecordBuilder {
    /// An object that begins in `line`.
    pub(crate) fn new(line: usize) -> Self {
        Self(Record::new("", line))
    }

    /// Adds a property.
    pub(crate) fn put(&mut self, name: &str, value: &str, line: usize) {
        self.0.put(name, value, line..=line);
    }

    /// The object.
    pub(crate) fn finish(self) -> Record {
        self.0
    }
}

/// Every object of the document but those in CSV, in its order.
pub(crate) fn records(document: &Document<'_>) -> Vec<Record> {
    let mut records = json::records(&document.lines);
    records.extend(outside_json(document));
    records.sort_by_key(|record| *record.lines.start());
    records
}

/// Every object in lists and tables.
pub(crate) fn outside_json(document: &Document<'_>) -> Vec<Record> {
    let mut records = list::records(&document.lines);
    records.extend(table::records(&document.lines));
    records
}

/// Whether the document has one of these words (in lower case): saves looking for objects where there are none.
pub(crate) fn mentions(document: &Document<'_>, words: &[&str]) -> bool {
    document.lines.iter().any(|line| {
        let text = line.text.to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    })
}

/// `License Status`, `LicenseStatus` and `licenseStatus` are one name.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
