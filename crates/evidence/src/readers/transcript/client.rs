//! The settings of the machine's own KMS client: values of the registry, read as those that somebody exports.

use kmsdoctor_core::fact::Fact;
use kmsdoctor_wire::transcript::SettingsKey;

use crate::document::Document;
use crate::readers::registry::{self, Entry, Item, SETTINGS_OF_CLIENT};
use crate::sink::Sink;

/// Facts of the settings, each with the value that it rests on as its quote.
pub(super) fn facts(settings: &[SettingsKey], sink: &Sink<'_>) -> Vec<Fact> {
    let mut lines = Vec::new();
    let items = settings.iter().flat_map(|key| items(key, &mut lines)).collect();
    let artifact = sink.artifact();
    let records = lines.into_iter().map(|line| (0..artifact.bytes().len(), line)).collect();
    let document = Document::of_records(artifact, "transcript", records);
    let mut told = Sink::new(&document);
    told.at(sink.time());
    registry::tell(items, &mut told);
    told.into_facts()
}

/// The key with its values, and settings that it has not: the run reads all of them.
fn items(key: &SettingsKey, lines: &mut Vec<String>) -> Vec<Item> {
    let path = format!(r"HKEY_LOCAL_MACHINE\{}", key.path);
    let mut line = |text: String| {
        lines.push(text);
        lines.len() - 1
    };
    let first = line(format!(r"HKLM\{}", key.path));
    let entry = |value: &kmsdoctor_wire::transcript::SettingsValue| {
        let index = line(format!(r"HKLM\{}: {} = {}", key.path, value.name, value.data));
        Entry { name: value.name.clone(), data: value.data.clone(), lines: index..=index }
    };
    let entries: Vec<Entry> = key.values.iter().map(entry).collect();
    let is_missing = |name: &&str| entries.iter().all(|entry| !entry.name.eq_ignore_ascii_case(name));
    let missing = SETTINGS_OF_CLIENT.into_iter().filter(is_missing).map(|name| Item::NotFound {
        path: path.clone(),
        value: name.to_owned(),
        lines: first..=first,
    });
    let mut items: Vec<Item> = missing.collect();
    items.push(Item::Key { path, line: first, entries, complete: false });
    items
}
