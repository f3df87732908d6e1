//! Exports of AWS, and what its machines say of their routes to KMS: `aws ec2 describe-instances`, `route print`, logs of the
//! launch agents.

#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use kmsdoctor_cloud::Body as AnyBody;
use kmsdoctor_cloud::aws::{Body, Instance, Interface, KMS, LaunchLog, LoggedRoute, MachineRoute, MachineRoutes};
use kmsdoctor_core::fact::Origin;

use super::json::{Object, Value};
use super::place::Text;
use super::{Found, walk};
use crate::document::Document;
use crate::readers::{objects, route};

/// Of which one is there (in lower case) where something is to be read.
const MARKS: [&str; 2] = ["\"instanceid\"", "169.254.169.25"];
/// Lists whose elements are instances, or hold such lists.
const LISTS: [&str; 2] = ["Reservations", "Instances"];
/// How `EC2Launch` logs that it has added a route. `[unverified]`: read in scripts made after the agent's own; no log of an
/// agent was at hand.
const ADDED: &str = "Successfully added the Route: ";
/// How it logs that it could not. `[unverified]` likewise.
const FAILED: &str = "Failed to add routes: ";

/// Instances, and what logs say of routes.
pub(crate) fn read(document: &Document<'_>) -> Found {
    if !objects::mentions(document, &MARKS) {
        return Found::default();
    }
    let text = Text::new(document);
    let mut found = Found::default();
    let is_cut_off = walk::objects(&text.joined, &LISTS, &mut |object| {
        if let Some(body) = instance(object) {
            found.put(AnyBody::Aws(Body::Instance(body)), text.origin(&object.span));
        }
    });
    found.is_cut_off |= is_cut_off;
    if let Some((body, origin)) = log(document, &text) {
        found.put(AnyBody::Aws(Body::LaunchLog(body)), origin);
    }
    found
}

/// An instance of `describe-instances`. Other answers have an `InstanceId`, too, and no image.
fn instance(object: &Object<'_>) -> Option<Instance> {
    let text = |name: &str| object.member(name).and_then(Value::text);
    let id = text("InstanceId").filter(|id| id.starts_with("i-"))?;
    text("ImageId").filter(|id| id.starts_with("ami-"))?;
    let tenancy = object.member("Placement").and_then(Value::object).and_then(|placement| placement.member("Tenancy"));
    let is_whole = object.member("PlatformDetails").is_some();
    let interfaces = object.member("NetworkInterfaces").map_or(&[][..], Value::list);
    Some(Instance {
        id: id.to_owned(),
        name: name(object),
        // Left out for other systems: of an instance that is shown in part it says nothing.
        runs_windows: match text("Platform") {
            Some(platform) => Some(platform.eq_ignore_ascii_case("windows")),
            None => is_whole.then_some(false),
        },
        platform: text("PlatformDetails").map(str::to_owned),
        usage_operation: text("UsageOperation").map(str::to_owned),
        tenancy: tenancy.and_then(Value::text).map(str::to_owned),
        interfaces: interfaces.iter().filter_map(Value::object).filter_map(interface).collect(),
    })
}

/// The value of the tag `Name`.
fn name(object: &Object<'_>) -> Option<String> {
    let tags = object.member("Tags")?.list().iter().filter_map(Value::object);
    let of_name = |tag: &&Object<'_>| tag.member("Key").and_then(Value::text) == Some("Name");
    Some(tags.into_iter().find(of_name)?.member("Value")?.text()?.to_owned())
}

fn interface(object: &Object<'_>) -> Option<Interface> {
    let attachment = object.member("Attachment").and_then(Value::object);
    let index = attachment.and_then(|attachment| attachment.member("DeviceIndex")).and_then(Value::text);
    let listed = object.member("PrivateIpAddresses").map_or(&[][..], Value::list).iter().filter_map(Value::object);
    let own = std::iter::once(object).chain(listed).filter_map(|one| one.member("PrivateIpAddress"));
    Some(Interface {
        id: object.member("NetworkInterfaceId")?.text()?.to_owned(),
        device_index: index.and_then(|index| index.parse().ok()),
        addresses: own.filter_map(|address| address.text()?.parse().ok()).collect(),
    })
}

/// The last that a log says of the route to each address.
fn log(document: &Document<'_>, text: &Text<'_>) -> Option<(LaunchLog, Origin)> {
    let mut routes: Vec<LoggedRoute> = Vec::new();
    for (index, line) in document.lines.iter().enumerate() {
        let Some((address, gateway, was_added)) = logged(&line.text) else { continue };
        routes.retain(|route| route.address != address);
        routes.push(LoggedRoute { address, gateway, was_added, origin: text.origin_of_lines(&(index..=index)) });
    }
    let origin = routes.first()?.origin.clone();
    Some((LaunchLog { routes }, origin))
}

/// Address, gateway, and whether the route was added.
fn logged(line: &str) -> Option<(Ipv4Addr, Option<Ipv4Addr>, bool)> {
    let (was_added, rest) = match (line.split_once(ADDED), line.split_once(FAILED)) {
        (Some((_, rest)), _) => (true, rest),
        (_, Some((_, rest))) => (false, rest),
        _ => return None,
    };
    let address = rest.split([',', ' ', '/']).next()?.parse().ok().filter(|address| KMS.contains(address))?;
    let gateway = rest.split_once("gateway: ").and_then(|(_, rest)| rest.split(',').next()?.trim().parse().ok());
    Some((address, gateway, was_added))
}

/// Routing tables of machines. Those of other clouds are the same: which are of AWS shows in their routes, or in the instances
/// of the exports.
pub(crate) fn routes(document: &Document<'_>) -> Found {
    let mut tables = route::tables(document);
    tables.retain(|table| table.is_whole() || table.leads_to_kms());
    if tables.is_empty() {
        return Found::default();
    }
    let text = Text::new(document);
    let mut found = Found::default();
    for table in &tables {
        let routes = table.rows.iter().filter_map(|row| machine_route(row, &text)).collect();
        let body = Body::MachineRoutes(MachineRoutes { is_whole: table.is_whole(), routes });
        found.put(AnyBody::Aws(body), text.origin_of_lines(&table.lines));
    }
    found
}

/// A route that bears on KMS.
fn machine_route(row: &route::Row, text: &Text<'_>) -> Option<MachineRoute> {
    let route = MachineRoute {
        destination: Ipv4Net::with_netmask(row.destination, row.mask).ok()?,
        gateway: row.gateway,
        interface: row.interface,
        metric: row.metric,
        origin: text.origin_of_lines(&(row.line..=row.line)),
    };
    let is_to_kms = KMS.iter().any(|address: &Ipv4Addr| route.is_to(*address));
    (is_to_kms || route.is_default() || route.is_network()).then_some(route)
}
