//! Names of interfaces: told apart from each other, and found in names of files.

use std::collections::{HashMap, HashSet};

use super::ResourceId;

/// Names of resources in Azure are no longer than this.
const LENGTH_MAX: usize = 80;

/// What people call files after that hold an interface's routes and rules.
const WORDS: [&str; 15] = [
    "az",
    "effective",
    "export",
    "interface",
    "list",
    "network",
    "nic",
    "nsg",
    "output",
    "route",
    "routes",
    "rules",
    "security",
    "show",
    "table",
];

/// Makes names unique: by resource group, by subscription, at last by number.
pub(super) fn unique(parts: &[(String, Option<ResourceId>)]) -> Vec<String> {
    let mut names: Vec<String> = parts.iter().map(|(name, _)| name.clone()).collect();
    for qualify in [group as fn(&ResourceId) -> Option<String>, subscription] {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for name in &names {
            *counts.entry(name.to_ascii_lowercase()).or_default() += 1;
        }
        for (name, (_, id)) in names.iter_mut().zip(parts) {
            if counts[&name.to_ascii_lowercase()] > 1
                && let Some(qualifier) = id.as_ref().and_then(qualify)
            {
                *name = format!("{qualifier}/{name}");
            }
        }
    }
    let mut taken: HashSet<String> = HashSet::new();
    let mut next: HashMap<String, usize> = HashMap::new();
    for name in &mut names {
        let plain = name.clone();
        while !taken.insert(name.to_ascii_lowercase()) {
            let number = next.entry(plain.to_ascii_lowercase()).or_insert(1);
            *number += 1;
            *name = format!("{plain} ({number})");
        }
    }
    names
}

fn group(id: &ResourceId) -> Option<String> {
    id.part("resourcegroups").map(str::to_owned)
}

fn subscription(id: &ResourceId) -> Option<String> {
    id.part("subscriptions").map(str::to_owned)
}

/// Names that a file's name may hold, in lower case, the longest first: all of it, and what is left without words that tell
/// what is in the file.
pub(super) fn in_file_name(file: &str) -> impl Iterator<Item = String> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_ascii_lowercase();
    let mut candidates = Vec::new();
    if stem.len() <= LENGTH_MAX * 2 {
        let mut rest = stem.as_str();
        candidates.push(rest.to_owned());
        while let Some(shorter) = without_word(rest) {
            rest = shorter;
            candidates.push(rest.to_owned());
        }
    }
    candidates.into_iter()
}

/// The text without a word at its end or, if there is none, at its start.
fn without_word(text: &str) -> Option<&str> {
    const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];
    let is_word = |word: &str| WORDS.contains(&word);
    let by_end = text.rsplit_once(SEPARATORS).filter(|(_, word)| is_word(word)).map(|(rest, _)| rest);
    by_end.or_else(|| text.split_once(SEPARATORS).filter(|(word, _)| is_word(word)).map(|(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_after_interfaces() {
        let last = |file: &str| in_file_name(file).last().unwrap();
        for (file, name) in [
            ("vm1-nic.json", "vm1"),
            ("C:\\exports\\VM1VMNic-effective-routes.txt", "vm1vmnic"),
            ("effective_route_table web.01.json", "web.01"),
            ("", ""),
        ] {
            assert_eq!(last(file), name, "{file}");
        }
        assert_eq!(in_file_name("vm1-nic.json").next().unwrap(), "vm1-nic", "the whole name first");
    }

    #[test]
    fn names_become_unique() {
        let id = |id: &str| Some(ResourceId::new(id));
        let parts = [
            ("nic".to_owned(), id("/subscriptions/s/resourceGroups/one/nic")),
            ("NIC".to_owned(), id("/subscriptions/s/resourceGroups/two/nic")),
            ("x".to_owned(), None),
            ("x".to_owned(), None),
            ("x (2)".to_owned(), None),
        ];
        assert_eq!(unique(&parts), ["one/nic", "two/NIC", "x", "x (2)", "x (2) (2)"]);
    }
}
