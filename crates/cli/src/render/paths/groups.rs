//! Paths that are told together: those of one interface to several addresses, as long as all of it is the same.

use std::collections::HashMap;

use kmsdoctor_cloud::picture::{Labels, Mark, Picture, Station};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::report::{HopEntry, PathEntry, PlaceEntry};

use crate::words::paths as words;

/// Paths that differ in their addresses alone.
pub(in crate::render) struct Group<'r> {
    paths: Vec<&'r PathEntry>,
    /// The verdict with what is assumed.
    pub(in crate::render) assumed: Option<&'static str>,
}

/// The groups of `paths`, with their verdicts in `assumed`.
pub(in crate::render) fn groups<'r>(paths: &'r [PathEntry], assumed: Option<&[PathEntry]>) -> Vec<Group<'r>> {
    let name = |path: &PathEntry| (path.machine.clone(), path.interface.clone(), path.address.clone());
    let assumed: HashMap<_, &'static str> =
        assumed.into_iter().flatten().map(|path| (name(path), path.verdict)).collect();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for path in paths {
        let verdict = assumed.get(&name(path)).copied();
        match groups.last_mut() {
            Some(group) if group.assumed == verdict && is_alike(group.first(), path) => group.paths.push(path),
            _ => groups.push(Group { paths: vec![path], assumed: verdict }),
        }
    }
    groups
}

fn is_alike(one: &PathEntry, other: &PathEntry) -> bool {
    // The station of KMS names the address.
    fn hops(path: &PathEntry) -> impl Iterator<Item = &HopEntry> {
        path.hops.iter().filter(|hop| hop.stage != "kms")
    }
    let kind = |path: &PathEntry| (path.verdict, path.port, path.current);
    (&one.machine, &one.interface) == (&other.machine, &other.interface)
        && kind(one) == kind(other)
        && one.remarks == other.remarks
        && hops(one).eq(hops(other))
}

impl Group<'_> {
    /// The path that stands for all.
    pub(in crate::render) fn first(&self) -> &PathEntry {
        self.paths[0]
    }

    /// `web1 / web1-nic`.
    pub(in crate::render) fn source(&self) -> String {
        let path = self.first();
        match &path.machine {
            Some(machine) => format!("{machine} / {}", path.interface),
            None => path.interface.clone(),
        }
    }

    /// `20.118.99.224:1688, 40.83.235.53:1688`.
    pub(in crate::render) fn destination(&self) -> String {
        self.paths.iter().map(|path| path.endpoint()).collect::<Vec<_>>().join(", ")
    }

    /// `20.118.99.224, 40.83.235.53`: the port stands in the pictures.
    pub(in crate::render) fn addresses(&self) -> String {
        self.paths.iter().map(|path| path.address.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// `web1 / web1-nic → 20.118.99.224:1688`.
    pub(in crate::render) fn name(&self) -> String {
        format!("{} → {}", self.source(), self.destination())
    }

    /// What blocks, or what is wanting.
    pub(in crate::render) fn reason(&self) -> Option<&str> {
        let path = self.first();
        path.blocked_by.as_deref().or_else(|| path.missing.first().map(|missing| missing.text.as_str()))
    }

    pub(in crate::render) fn len(&self) -> usize {
        self.paths.len()
    }
}

/// The group as a picture; with `is_verbose` with the place and text that every station was read from.
pub(in crate::render) fn picture(group: &Group<'_>, language: Language, is_verbose: bool) -> Picture {
    let path = group.first();
    let mut stations = Vec::new();
    if path.hops.first().is_none_or(|hop| hop.stage != "load-balancer") {
        stations.push(Station { title: group.source(), lines: Vec::new(), mark: None });
    }
    // Machine and interface are the first station, unless there is more to say of them.
    let is_told = |hop: &&HopEntry| match hop.stage {
        "machine" | "interface" => hop.outcome != "passes" || hop.rule.is_some() || hop.detail.is_some(),
        stage => stage != "kms",
    };
    stations.extend(path.hops.iter().filter(is_told).map(|hop| station(hop, path, language, is_verbose)));
    let kms = path.hops.iter().find(|hop| hop.stage == "kms" && hop.outcome != "passes");
    stations.push(Station {
        title: format!("KMS {}", group.destination()),
        lines: path.name.clone().into_iter().chain(kms.map(|hop| hop.text.clone())).collect(),
        mark: kms.map(mark),
    });
    let verdict = words::verdict(path.verdict, language);
    let description = match group.reason() {
        Some(reason) => format!("{verdict}: {reason}"),
        None => verdict.to_owned(),
    };
    let labels = Labels {
        passes: words::outcome("passes", language).to_owned(),
        blocks: words::outcome("blocks", language).to_owned(),
        unknown: words::outcome("unknown", language).to_owned(),
        stops: words::stops(language).to_owned(),
        stops_too: words::stops_too(language).to_owned(),
    };
    Picture { title: group.name(), description, stations, labels }
}

fn station(hop: &HopEntry, path: &PathEntry, language: Language, is_verbose: bool) -> Station {
    let stage = words::stage(hop.stage, path.provider, language);
    let title = hop.name.as_ref().map_or_else(|| stage.to_owned(), |name| format!("{stage}: {name}"));
    let mut lines: Vec<String> = hop.rule.clone().into_iter().collect();
    lines.push(hop.text.clone());
    if let Some(PlaceEntry { artifact, line, quote }) = &hop.place
        && (is_verbose || hop.outcome == "blocks")
    {
        lines.push(line.map_or_else(|| artifact.clone(), |line| format!("{artifact}:{line}")));
        if is_verbose {
            lines.push(format!("| {quote}"));
        }
    }
    Station { title, lines, mark: Some(mark(hop)) }
}

fn mark(hop: &HopEntry) -> Mark {
    match hop.outcome {
        "passes" => Mark::Passes,
        "blocks" => Mark::Blocks,
        _ => Mark::Unknown,
    }
}
