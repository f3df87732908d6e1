//! What policies set in the registry, each value once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;

use crate::readers::registry::{Entry, Item};

/// Values by key and name in lower case. None where policies differ and nothing shows which of them prevails.
#[derive(Default)]
pub(super) struct Values(BTreeMap<(String, String), Option<(String, Entry)>>);

impl Values {
    /// Adds what a policy sets at `path` below `HKEY_LOCAL_MACHINE`. What was added before prevails.
    pub(super) fn add_below(&mut self, path: &str, entry: Entry) {
        let key = (path.to_lowercase(), entry.name.to_lowercase());
        self.0.entry(key).or_insert_with(|| Some((path.to_owned(), entry)));
    }

    /// Adds what one of several policies sets, in no order.
    pub(super) fn add(&mut self, path: &str, entry: Entry) {
        match self.0.entry((path.to_lowercase(), entry.name.to_lowercase())) {
            Place::Vacant(place) => {
                place.insert(Some((path.to_owned(), entry)));
            }
            Place::Occupied(mut place) => {
                if place.get().as_ref().is_some_and(|(_, known)| known.data != entry.data) {
                    place.insert(None);
                }
            }
        }
    }

    /// The keys with their values. What else stands in a key, policies do not tell.
    pub(super) fn items(self) -> Vec<Item> {
        let values: Vec<(String, Entry)> = self.0.into_values().flatten().collect();
        let keys = values.chunk_by(|(path, _), (next, _)| path.eq_ignore_ascii_case(next));
        let item = |values: &[(String, Entry)]| {
            let (path, first) = values.first()?;
            Some(Item::Key {
                path: format!("HKEY_LOCAL_MACHINE\\{path}"),
                line: *first.lines.start(),
                entries: values.iter().map(|(_, entry)| entry.clone()).collect(),
                complete: false,
            })
        };
        keys.filter_map(item).collect()
    }
}

/// Key and name of a value at `path`, if it is one of the machine's hives that matter.
pub(super) fn split(path: &str) -> Option<(&str, &str)> {
    let (hive, _) = path.split_once('\\')?;
    let is_hive = ["software", "system"].iter().any(|known| known.eq_ignore_ascii_case(hive));
    path.rsplit_once('\\').filter(|(_, name)| is_hive && !name.is_empty())
}
