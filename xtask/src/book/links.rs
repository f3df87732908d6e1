//! Links of a built book: each leads to a file that is there, and to an anchor in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;

/// Links of the HTML files below `folder` that lead nowhere. Links to other sites are not followed.
pub fn broken(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut pages: BTreeMap<PathBuf, String> = BTreeMap::new();
    for name in super::present(folder)? {
        if name.extension().is_some_and(|extension| extension == "html") {
            let content =
                fs::read_to_string(folder.join(&name)).with_context(|| format!("{} cannot be read", name.display()))?;
            pages.insert(name, content);
        }
    }
    anyhow::ensure!(!pages.is_empty(), "there is no page below {}", folder.display());
    let anchors: BTreeMap<&PathBuf, BTreeSet<&str>> =
        pages.iter().map(|(name, content)| (name, attributes(content, "id").collect())).collect();
    let mut broken = Vec::new();
    for (name, content) in &pages {
        for address in attributes(content, "href").chain(attributes(content, "src")) {
            if address.contains("://") || address.starts_with("mailto:") || address.starts_with("data:") {
                continue;
            }
            let (file, anchor) = address.split_once('#').unwrap_or((address, ""));
            let target = if file.is_empty() { name.clone() } else { resolve(name, file) };
            let is_there = folder.join(&target).is_file();
            let has_anchor = anchor.is_empty() || anchors.get(&target).is_none_or(|there| there.contains(anchor));
            // The page for a missing address is written for the root of a site.
            if !(is_there && has_anchor) && name != Path::new("404.html") {
                broken.push(format!("{}: {address}", name.display()));
            }
        }
    }
    Ok(broken)
}

/// `address` as seen from the page `from`.
fn resolve(from: &Path, address: &str) -> PathBuf {
    let mut path = from.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(address).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(part) => path.push(part),
            _ => {}
        }
    }
    if address.ends_with('/') || path.as_os_str().is_empty() {
        path.push("index.html");
    }
    path
}

/// Values of an attribute in HTML that a program wrote: `name="value"`.
fn attributes<'h>(html: &'h str, name: &'static str) -> impl Iterator<Item = &'h str> {
    let mark = format!(" {name}=\"");
    let starts: Vec<usize> = html.match_indices(&mark).map(|(at, _)| at + mark.len()).collect();
    starts.into_iter().filter_map(move |start| html[start..].find('"').map(|end| &html[start..start + end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nowhere_is_found() {
        let folder = std::env::temp_dir().join(format!("kmsdoctor-links-{}", std::process::id()));
        fs::create_dir_all(folder.join("a")).expect("a folder");
        fs::write(folder.join("index.html"), "<a href=\"a/b.html#x\">1</a> <a href=\"a/b.html#y\">2</a>")
            .expect("a file");
        fs::write(folder.join("a/b.html"), "<p id=\"x\"> <a href=\"../index.html\">3</a> <a href=\"c.html\">4</a>")
            .expect("a file");
        let found = broken(&folder);
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(found.expect("pages"), ["a/b.html: c.html", "index.html: a/b.html#y"]);
    }
}
