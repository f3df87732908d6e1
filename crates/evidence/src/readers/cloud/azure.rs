//! Exports of Azure: JSON of `az`, PowerShell and the REST interface, ARM templates, Resource Graph, tables and CSV.
//!
//! The three layouts of a resource differ in where its properties stand ([`item`]) and in how it names others ([`template`]).
//! Its kind follows from `type`, else from its id, else from its shape; it counts only if the property is there that
//! the kind is about: an export that leaves out a route table's routes does not say that it has none.

mod balancers;
mod command;
mod compute;
mod documents;
mod firewall;
mod item;
mod network;
mod records;
mod routes;
mod security;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use kmsdoctor_cloud::azure::{Body, ResourceId, Route, RouteTable, SecurityGroup, SecurityRule};
use kmsdoctor_cloud::{Body as CloudBody, Resource};
use kmsdoctor_core::fact::Origin;

use super::Found;
use super::json::Object;
use super::place::Text;
use crate::document::Document;

/// Words of which one is in every export that is read here.
const MARKS: [&str; 12] = [
    "icrosoft.Network/",
    "icrosoft.network/",
    "icrosoft.Compute/",
    "icrosoft.compute/",
    "nextHopType",
    "NextHopType",
    "Next Hop Type",
    records::NEXT_HOP_TYPE_JA,
    "ffectiveSecurityRules",
    "\"priority\"",
    "DestinationAddressPrefixes",
    "nterfaceIpConfigurations",
];
/// Resources, rules and routes of one artifact, so that memory stays bounded: a large subscription has some 200,000.
const PARTS_MAX: usize = 500_000;

/// What the document says of Azure.
pub(crate) fn read(document: &Document<'_>) -> Found {
    if !document.lines.iter().any(|line| MARKS.iter().any(|mark| line.text.contains(mark))) {
        return Found::default();
    }
    let text = Text::new(document);
    let mut reader =
        Reader { text: &text, found: Found::default(), parts: 0, rules: BTreeMap::new(), routes: BTreeMap::new() };
    reader.documents();
    reader.records(document);
    reader.finish()
}

/// What is read of one document.
struct Reader<'a> {
    text: &'a Text<'a>,
    found: Found,
    parts: usize,
    /// Rules and routes that stand for themselves, by the group or table that they belong to.
    rules: BTreeMap<ResourceId, Vec<SecurityRule>>,
    routes: BTreeMap<ResourceId, Vec<Route>>,
}

/// Where an object stands.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// In the text.
    Text(&'a Text<'a>),
    /// In a cell of these lines.
    Lines(&'a Text<'a>, &'a RangeInclusive<usize>),
}

impl Source<'_> {
    fn origin(self, object: &Object<'_>) -> Origin {
        match self {
            Self::Text(text) => text.origin(&object.span),
            Self::Lines(text, lines) => text.origin_of_lines(lines),
        }
    }
}

impl Reader<'_> {
    fn put(&mut self, body: Body, origin: Origin) {
        if self.counts(1 + parts_of(&body)) {
            self.found.resources.push(Resource { body: CloudBody::Azure(body), origin });
        }
    }

    /// Whether there is room for so many more.
    fn counts(&mut self, parts: usize) -> bool {
        self.parts += parts;
        self.found.is_cut_off |= self.parts > PARTS_MAX;
        self.parts <= PARTS_MAX
    }

    /// Gives rules and routes to the groups and tables that they belong to.
    fn finish(mut self) -> Found {
        for resource in &mut self.found.resources {
            match &mut resource.body {
                CloudBody::Azure(Body::SecurityGroup(group)) => {
                    let more = group.id.as_ref().and_then(|id| self.rules.remove(id)).unwrap_or_default();
                    let known = group.rules.len();
                    group.rules.extend(more);
                    dedup(&mut group.rules, known, |rule| (rule.name.to_ascii_lowercase(), rule.is_outbound));
                }
                CloudBody::Azure(Body::RouteTable(table)) => {
                    let more = table.id.as_ref().and_then(|id| self.routes.remove(id)).unwrap_or_default();
                    let known = table.routes.len();
                    table.routes.extend(more);
                    dedup(&mut table.routes, known, |route| route.name.as_deref().map(str::to_ascii_lowercase));
                }
                _ => {}
            }
        }
        for (id, rules) in std::mem::take(&mut self.rules) {
            let Some(origin) = rules.first().and_then(|rule| rule.origin.clone()) else { continue };
            let name = id.name().to_owned();
            self.put(Body::SecurityGroup(SecurityGroup { id: Some(id), name, rules }), origin);
        }
        for (id, routes) in std::mem::take(&mut self.routes) {
            let Some(origin) = routes.first().and_then(|route| route.origin.clone()) else { continue };
            let table = RouteTable { name: id.name().to_owned(), id: Some(id), routes, ..RouteTable::default() };
            self.put(Body::RouteTable(table), origin);
        }
        for resource in &mut self.found.resources {
            if let CloudBody::Azure(Body::SecurityGroup(group)) = &mut resource.body {
                security::complete(&mut group.rules);
            }
        }
        self.found
    }
}

/// Drops those behind the first `known` ones that are there already: templates give rules and routes twice.
fn dedup<T, K: Ord>(items: &mut Vec<T>, known: usize, key: impl Fn(&T) -> K) {
    let mut seen: std::collections::BTreeSet<K> = items.iter().take(known).map(&key).collect();
    let mut index = 0;
    items.retain(|item| {
        index += 1;
        index <= known || seen.insert(key(item))
    });
}

/// What of a resource takes memory beside itself.
fn parts_of(body: &Body) -> usize {
    match body {
        Body::SecurityGroup(group) => group.rules.len(),
        Body::EffectiveSecurityGroup(group) => group.rules.len(),
        Body::RouteTable(table) => table.routes.len(),
        Body::EffectiveRoutes(routes) => routes.routes.len(),
        Body::Firewall(firewall) => firewall.collections.iter().map(|collection| collection.rules.len()).sum(),
        Body::RuleCollectionGroup(group) => group.collections.iter().map(|collection| collection.rules.len()).sum(),
        _ => 0,
    }
}
