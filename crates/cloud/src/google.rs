//! Google Cloud: firewall rules and policies, routes, Private Google Access, licences of images. Each interface of an instance
//! is a path of its own, since networks differ.

mod model;
mod outbound;
mod routes;
mod rules;
mod topology;

pub use model::*;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use crate::{Destination, Fault, Hop, Missing, Outcome, Path, Provider, Remark, RemarkKind, Resource, Stage};
use topology::{Placed, Topology};

/// KMS of Google Cloud (`knowledge/clouds/google-cloud.toml`).
const KMS: IpAddr = IpAddr::V4(Ipv4Addr::new(35, 190, 247, 13));
const KMS_NAME: &str = "kms.windows.googlecloud.com";
const KMS_PORT: u16 = 1688;
/// How the names of licences end that are brought along.
const BROUGHT_ALONG: &str = "-byol";
/// What the names of licences of Windows begin with.
const WINDOWS: &str = "windows";

/// A path for each interface of an instance that may run Windows.
pub fn paths(resources: &[Resource]) -> Vec<Path> {
    let topology = Topology::new(resources);
    let mut names: HashMap<&str, usize> = HashMap::new();
    for instance in &topology.instances {
        *names.entry(instance.body.link.name()).or_default() += 1;
    }
    let windows = topology.instances.iter().filter(|instance| instance.body.may_run_windows());
    windows
        .flat_map(|instance| {
            let name = label(instance.body, names[instance.body.link.name()] == 1);
            let interfaces = instance.body.interfaces.iter().enumerate();
            let topology = &topology;
            interfaces.map(move |(index, interface)| path(topology, instance, interface, index, &name))
        })
        .collect()
}

/// What an instance is called: by its name, with the zone where another one has the same name.
fn label(instance: &Instance, is_unique: bool) -> String {
    let name = instance.link.name();
    match instance.zone.as_deref().or_else(|| instance.link.part("zones")) {
        Some(zone) if !is_unique => format!("{name}.{zone}"),
        _ => name.to_owned(),
    }
}

/// What the packets leave by.
#[derive(Clone, Copy)]
struct Source<'r> {
    instance: &'r Instance,
    interface: &'r Interface,
    network: &'r Link,
}

impl Source<'_> {
    /// The region: of the subnet, or that of the zone (`asia-northeast1-a`).
    fn region(&self) -> Option<&str> {
        let zone = || self.instance.zone.as_deref().or_else(|| self.instance.link.part("zones"));
        let subnet = self.interface.subnet.as_ref().and_then(|subnet| subnet.part("regions"));
        subnet.or_else(|| zone()?.rsplit_once('-').map(|(region, _)| region))
    }
}

fn path(
    topology: &Topology<'_>,
    instance: &Placed<'_, Instance>,
    interface: &Interface,
    index: usize,
    name: &str,
) -> Path {
    let mut hops = Vec::new();
    if let Some(network) = &interface.network {
        let source = Source { instance: instance.body, interface, network };
        hops.push(rules::hop(topology, &source));
        let route = routes::hop(topology, &source);
        let way_out = outbound::hop(topology, &source, instance.origin);
        // Behind a route that the exports do not tell there may be an appliance, which needs no way out of the interface's own.
        let decides = !matches!(route.outcome, Outcome::Unknown(_)) || way_out.outcome == Outcome::Passes;
        hops.push(route);
        hops.extend(decides.then_some(way_out));
    } else {
        hops.push(Hop {
            stage: Stage::Interface,
            name: interface.name.clone(),
            rule: None,
            outcome: Outcome::Unknown(Missing::Interface),
            detail: None,
            origin: Some(instance.origin.clone()),
        });
    }
    hops.extend(licence(instance));
    let secondary = Remark {
        kind: RemarkKind::SecondaryInterface,
        element: interface.name.clone(),
        origin: Some(instance.origin.clone()),
    };
    Path {
        provider: Provider::GoogleCloud,
        machine: Some(name.to_owned()),
        interface: format!("{name}-{}", interface.name),
        destination: Destination {
            address: KMS,
            port: KMS_PORT,
            name: Some(KMS_NAME.to_owned()),
            is_current: Some(true),
        },
        hops,
        remarks: (index > 0).then_some(secondary).into_iter().collect(),
    }
}

/// KMS itself takes machines with a licence of Google's. Where no licence of Windows is named nothing is known.
fn licence(instance: &Placed<'_, Instance>) -> Option<Hop> {
    let of_windows = instance.body.licenses.iter().filter(|licence| licence.starts_with(WINDOWS));
    let (brought, own): (Vec<_>, Vec<_>) = of_windows.partition(|licence| licence.ends_with(BROUGHT_ALONG));
    let (outcome, licence) = match (own.first(), brought.first()) {
        (Some(licence), _) => (Outcome::Passes, licence),
        (None, Some(licence)) => (Outcome::Blocks(Fault::LicenceNotCovered), licence),
        (None, None) => return None,
    };
    Some(Hop {
        stage: Stage::Kms,
        name: KMS_NAME.to_owned(),
        rule: Some((*licence).clone()),
        outcome,
        detail: None,
        origin: Some(instance.origin.clone()),
    })
}

impl Instance {
    /// Unless its licences are all of other systems.
    fn may_run_windows(&self) -> bool {
        self.has_windows_feature
            || self.licenses.is_empty()
            || self.licenses.iter().any(|licence| licence.starts_with(WINDOWS))
    }
}
