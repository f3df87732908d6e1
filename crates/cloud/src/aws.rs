//! AWS: the link-local addresses of KMS and the machine's own routes to them. Security groups and network ACLs do not filter
//! them, so they are no hops.

mod model;

pub use model::*;

use std::net::Ipv4Addr;

use kmsdoctor_core::fact::Origin;

use crate::{
    Body as AnyBody, Destination, Detail, Fault, Hop, Missing, NextHop, Outcome, Path, Provider, Remark, RemarkKind,
    Resource, Stage,
};

/// KMS of AWS (`knowledge/clouds/aws.toml`).
pub const KMS: [Ipv4Addr; 2] = [Ipv4Addr::new(169, 254, 169, 250), Ipv4Addr::new(169, 254, 169, 251)];
const KMS_PORT: u16 = 1688;
/// How the bill names Windows whose licence is brought along (AMI billing information).
const BROUGHT_ALONG: (&str, &str) = ("RunInstances:0800", "Windows BYOL");

/// A path for each machine and each address of KMS.
pub fn paths(resources: &[Resource]) -> Vec<Path> {
    let of_aws = || {
        resources.iter().filter_map(|resource| match &resource.body {
            AnyBody::Aws(body) => Some((body, &resource.origin)),
            _ => None,
        })
    };
    let mut machines: Vec<Machine<'_>> = of_aws()
        .filter_map(|(body, origin)| match body {
            Body::Instance(instance) if instance.runs_windows != Some(false) => {
                Some(Machine { instance: Some((instance, origin)), ..Machine::default() })
            }
            _ => None,
        })
        .collect();
    for (body, origin) in of_aws() {
        if let Body::MachineRoutes(table) = body {
            give(table, origin, &mut machines);
        }
    }
    // What a log says of the last start holds as long as no table shows how it is.
    if machines.iter().all(|machine| machine.table.is_none()) {
        machines.extend(of_aws().filter_map(|(body, origin)| match body {
            Body::LaunchLog(log) => Some(Machine { log: Some((log, origin)), ..Machine::default() }),
            _ => None,
        }));
    }
    machines.iter().flat_map(Machine::paths).collect()
}

/// A routing table belongs to the instance that has one of its addresses; to a machine of its own where no instance has and
/// where its routes show that it is of AWS.
fn give<'r>(table: &'r MachineRoutes, origin: &'r Origin, machines: &mut Vec<Machine<'r>>) {
    let has_address = |machine: &&mut Machine<'_>| {
        let instance = machine.instance.map(|(instance, _)| instance);
        let mut addresses =
            instance.into_iter().flat_map(|instance| &instance.interfaces).flat_map(|one| &one.addresses);
        addresses.any(|address| table.routes.iter().any(|route| route.interface == Some(*address)))
    };
    match machines.iter_mut().find(has_address) {
        Some(machine) => machine.table = Some((table, origin)),
        None if table.routes.iter().any(|route| KMS.iter().any(|address| route.is_to(*address))) => {
            machines.push(Machine { table: Some((table, origin)), ..Machine::default() });
        }
        None => {}
    }
}

/// What the exports say of one machine.
#[derive(Default)]
struct Machine<'r> {
    instance: Option<(&'r Instance, &'r Origin)>,
    table: Option<(&'r MachineRoutes, &'r Origin)>,
    log: Option<(&'r LaunchLog, &'r Origin)>,
}

impl Machine<'_> {
    fn paths(&self) -> impl Iterator<Item = Path> {
        let artifact = || {
            let log = self.log.map(|(_, origin)| origin);
            self.table.map(|(_, origin)| origin).or(log).map_or_else(String::new, |origin| origin.artifact.clone())
        };
        let interface = self.instance.map_or_else(artifact, |(instance, _)| instance.primary().to_owned());
        let machine = self.instance.map(|(instance, _)| instance.name.clone().unwrap_or_else(|| instance.id.clone()));
        KMS.into_iter().filter_map(move |address| {
            let (route, remark) = self.route(address)?;
            Some(Path {
                provider: Provider::Aws,
                machine: machine.clone(),
                interface: interface.clone(),
                destination: Destination {
                    address: address.into(),
                    port: KMS_PORT,
                    name: None,
                    is_current: Some(true),
                },
                hops: std::iter::once(route).chain(self.licence()).collect(),
                remarks: remark.into_iter().collect(),
            })
        })
    }

    /// The route to `address`; `None` where what is there speaks of the other address alone.
    fn route(&self, address: Ipv4Addr) -> Option<(Hop, Option<Remark>)> {
        if let Some((table, origin)) = self.table {
            return table.hop(address, origin);
        }
        if let Some((log, _)) = self.log {
            return log.hop(address).map(|hop| (hop, None));
        }
        Some((hop(None, Outcome::Unknown(Missing::MachineRoutes), None), None))
    }

    /// A machine whose licence is brought along activates with keys or a KMS host of its owner.
    fn licence(&self) -> Option<Hop> {
        let (instance, origin) = self.instance?;
        let operation = instance.usage_operation.as_deref();
        let brought = operation == Some(BROUGHT_ALONG.0) || instance.platform.as_deref() == Some(BROUGHT_ALONG.1);
        let known = operation.or(instance.platform.as_deref())?;
        Some(Hop {
            stage: Stage::Kms,
            name: instance.id.clone(),
            rule: Some(match &instance.tenancy {
                Some(tenancy) => format!("{known} ({tenancy})"),
                None => known.to_owned(),
            }),
            outcome: if brought { Outcome::Blocks(Fault::LicenceNotCovered) } else { Outcome::Passes },
            detail: None,
            origin: Some(origin.clone()),
        })
    }
}

fn hop(rule: Option<String>, outcome: Outcome, origin: Option<&Origin>) -> Hop {
    let detail = (outcome == Outcome::Passes).then_some(Detail::LeadsTo(NextHop::Internet));
    Hop { stage: Stage::Route, name: String::new(), rule, outcome, detail, origin: origin.cloned() }
}

impl MachineRoutes {
    /// Of the active routes to the address the one with the lowest metric decides; a route that is only kept for later, and did
    /// not become active, has a gateway that this network does not have.
    fn hop(&self, address: Ipv4Addr, origin: &Origin) -> Option<(Hop, Option<Remark>)> {
        let routes = || self.routes.iter().filter(|route| route.is_to(address));
        let active = routes().filter(|route| route.interface.is_some()).min_by_key(|route| route.metric);
        let Some(route) = active.or_else(|| routes().next()) else {
            let missing = || (hop(None, Outcome::Blocks(Fault::RouteMissing), Some(origin)), None);
            return self.is_whole.then(missing);
        };
        let is_current = active.is_some() && self.reaches(route);
        let outcome = if is_current { Outcome::Passes } else { Outcome::Blocks(Fault::RouteStale) };
        let secondary = is_current && self.primary().is_some_and(|primary| Some(primary) != route.interface);
        let remark = secondary.then(|| Remark {
            kind: RemarkKind::SecondaryInterface,
            element: route.to_string(),
            origin: Some(route.origin.clone()),
        });
        Some((hop(Some(route.to_string()), outcome, Some(&route.origin)), remark))
    }

    /// The interface of the default route with the lowest metric.
    fn primary(&self) -> Option<Ipv4Addr> {
        let active = self.routes.iter().filter(|route| route.is_default() && route.interface.is_some());
        active.min_by_key(|route| route.metric)?.interface
    }

    /// Whether the route's gateway is one that this machine has, or lies in a network that it is connected to. Without
    /// such networks in the text the route is taken as it stands.
    fn reaches(&self, route: &MachineRoute) -> bool {
        let Some(gateway) = route.gateway else { return true };
        let mut active = self.routes.iter().filter(|route| route.interface.is_some());
        let mut connected = active.clone().filter(|route| route.is_network()).peekable();
        active.any(|default| default.is_default() && default.gateway == Some(gateway))
            || connected.peek().is_none()
            || connected.any(|network| network.destination.contains(&gateway))
    }
}

impl LaunchLog {
    /// The last that the log says of a route to the address.
    fn hop(&self, address: Ipv4Addr) -> Option<Hop> {
        let last = self.routes.iter().rfind(|route| route.address == address)?;
        let outcome = if last.was_added { Outcome::Passes } else { Outcome::Blocks(Fault::RouteMissing) };
        Some(hop(last.gateway.map(|gateway| format!("{address}/32 → {gateway}")), outcome, Some(&last.origin)))
    }
}
