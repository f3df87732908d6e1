//! The tables that `gcloud compute firewall-rules list` and `gcloud compute routes list` print. They leave out to which
//! addresses and for which machines a rule or route is: what follows is unknown where that would decide.
//!
//! `[unverified]`: names and order of the columns are those of published transcripts; words of `NEXT_HOP` other than
//! `default-internet-gateway`, addresses and names of networks are read by the form of the link that they are part of.

use std::net::IpAddr;

use kmsdoctor_cloud::google::{Body, FirewallRule, Link, Route, RouteTarget, Service, Traffic};

use super::resources;
use crate::readers::cloud::place::Text;

/// Columns of the tables that are read.
const RULES: [&str; 6] = ["NAME", "NETWORK", "DIRECTION", "PRIORITY", "ALLOW", "DENY"];
const ROUTES: [&str; 5] = ["NAME", "NETWORK", "DEST_RANGE", "NEXT_HOP", "PRIORITY"];
/// Columns of a header that are looked at.
const COLUMNS_MAX: usize = 16;

/// Hands on each row of each table, with its line.
pub(super) fn rows(text: &Text<'_>, add: &mut dyn FnMut(Body, usize)) {
    let mut header: Option<Header> = None;
    for (line, row) in text.joined.lines().enumerate() {
        if let Some(found) = Header::of(row) {
            header = Some(found);
            continue;
        }
        let body =
            header.as_ref().and_then(|header| if header.is_of_rules { header.rule(row) } else { header.route(row) });
        match body {
            Some(body) => add(body, line),
            None => header = None,
        }
    }
}

/// Where each column begins.
struct Header {
    is_of_rules: bool,
    columns: Vec<(String, usize)>,
}

impl Header {
    fn of(row: &str) -> Option<Self> {
        if !row.starts_with("NAME ") || !row.is_ascii() {
            return None;
        }
        let starts = row.split_whitespace().take(COLUMNS_MAX);
        let mut at = 0;
        let columns: Vec<(String, usize)> = starts
            .map(|word| {
                at += row[at..].find(word).unwrap_or_default();
                let start = at;
                at += word.len();
                (word.to_owned(), start)
            })
            .collect();
        let has = |names: &[&str]| names.iter().all(|name| columns.iter().any(|(column, _)| column == name));
        let is_of_rules = has(&RULES);
        (is_of_rules || has(&ROUTES)).then_some(Self { is_of_rules, columns })
    }

    /// What stands below a column.
    fn field<'r>(&self, row: &'r str, name: &str) -> Option<&'r str> {
        let index = self.columns.iter().position(|(column, _)| column == name)?;
        let end = self.columns.get(index + 1).map_or(row.len(), |(_, start)| (*start).min(row.len()));
        row.get(self.columns[index].1..end).map(str::trim).filter(|field| !field.is_empty())
    }

    fn rule(&self, row: &str) -> Option<Body> {
        let allowed = self.field(row, "ALLOW");
        let services = allowed.or_else(|| self.field(row, "DENY")).unwrap_or_default();
        Some(Body::FirewallRule(FirewallRule {
            name: self.field(row, "NAME")?.to_owned(),
            network: Link::new(self.field(row, "NETWORK")?),
            priority: self.field(row, "PRIORITY")?.parse().ok()?,
            is_disabled: self.field(row, "DISABLED") == Some("True"),
            allows: allowed.is_some(),
            traffic: Traffic {
                is_egress: self.field(row, "DIRECTION")? == "EGRESS",
                sources: Vec::new(),
                destinations: None,
                services: services.split(',').map(service).collect(),
            },
            targets: None,
        }))
    }

    fn route(&self, row: &str) -> Option<Body> {
        let network = self.field(row, "NETWORK")?;
        Some(Body::Route(Route {
            name: self.field(row, "NAME")?.to_owned(),
            network: Link::new(network),
            destination: resources::range(self.field(row, "DEST_RANGE")?)?,
            priority: self.field(row, "PRIORITY")?.parse().ok()?,
            next_hop: next_hop(self.field(row, "NEXT_HOP").unwrap_or_default(), network),
            tags: None,
        }))
    }
}

/// `tcp:1688`, `tcp`, `all`, `tcp:1024-65535`.
fn service(text: &str) -> Option<Service> {
    let (protocol, ports) = text.split_once(':').map_or((text, None), |(protocol, ports)| (protocol, Some(ports)));
    let ports = ports.map(resources::ports).map_or(Some(Vec::new()), |ports| Some(vec![ports?]))?;
    (!protocol.is_empty()).then(|| Service { protocol: protocol.trim().to_owned(), ports })
}

fn next_hop(text: &str, network: &str) -> RouteTarget {
    let name = || text.rsplit('/').next().unwrap_or_default().to_owned();
    match text {
        "" => RouteTarget::Network(network.to_owned()),
        _ if text == network || text.contains("peering") => RouteTarget::Network(name()),
        _ if name() == "default-internet-gateway" => RouteTarget::InternetGateway,
        _ if text.contains("vpnTunnels/") || text.contains("interconnectAttachments/") => RouteTarget::Gateway(name()),
        _ if text.contains("instances/") || text.contains("forwardingRules/") => RouteTarget::Appliance(name()),
        _ if text.parse::<IpAddr>().is_ok() => RouteTarget::Appliance(name()),
        _ => RouteTarget::Other(text.to_owned()),
    }
}
