//! AWS: the machine's own routes to KMS. They are of the machine, so a change is made there.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use kmsdoctor_core::fact::Origin;

use crate::aws::{Body, MachineRoute, MachineRoutes};
use crate::change::Reason;
use crate::{Body as AnyBody, Fault, Hop, Missing, Outcome, Path, Resource, Stage};

/// What a change does on a machine of AWS: a host route to KMS by the gateway of the default route, in place of those that
/// were there.
#[derive(Debug, Clone, PartialEq)]
pub struct AwsOperation {
    /// Address of KMS.
    pub address: Ipv4Addr,
    /// Gateway of the default route.
    pub gateway: Ipv4Addr,
    /// The routes to the address until now, with their places in the table.
    pub replaces: Vec<(usize, MachineRoute)>,
    /// The table: where it was read.
    table: Origin,
    /// The new route.
    route: MachineRoute,
}

impl AwsOperation {
    pub(super) fn apply(&self, resources: &mut [Resource]) {
        if let Some(table) = self.table_in(resources) {
            table.routes.retain(|route| !route.is_to(self.address));
            table.routes.push(self.route.clone());
        }
    }

    pub(super) fn undo(&self, resources: &mut [Resource]) {
        if let Some(table) = self.table_in(resources) {
            table.routes.retain(|route| !route.is_to(self.address));
            for (place, route) in &self.replaces {
                table.routes.insert((*place).min(table.routes.len()), route.clone());
            }
        }
    }

    fn table_in<'r>(&self, resources: &'r mut [Resource]) -> Option<&'r mut MachineRoutes> {
        let mut tables = resources.iter_mut().filter(|resource| resource.origin == self.table);
        tables.find_map(|resource| match &mut resource.body {
            AnyBody::Aws(Body::MachineRoutes(table)) => Some(table),
            _ => None,
        })
    }

    pub(super) fn key(&self) -> String {
        format!("{} {} {:?}", self.address, self.table.sha256, self.table.span)
    }

    /// Which machine it is done on.
    pub(super) fn machine(&self) -> &str {
        &self.table.sha256
    }
}

/// What the next faults of a blocked path need.
pub(super) fn operations(resources: &[Resource], path: &Path) -> Result<Vec<AwsOperation>, Reason> {
    let mut operations = Vec::new();
    for hop in &path.hops {
        match &hop.outcome {
            Outcome::Passes => {}
            Outcome::Unknown(missing) => return Err(Reason::Unknown(vec![missing.clone()])),
            Outcome::Blocks(Fault::LicenceNotCovered) => return Err(Reason::LicenceNotCovered),
            Outcome::Blocks(_) if hop.stage == Stage::Route => operations.push(route(resources, path, hop)?),
            Outcome::Blocks(_) => return Err(Reason::NoSmallChange),
        }
    }
    Ok(operations)
}

fn route(resources: &[Resource], path: &Path, hop: &Hop) -> Result<AwsOperation, Reason> {
    let IpAddr::V4(address) = path.destination.address else { return Err(Reason::NoSmallChange) };
    let of_hop = |origin: &Origin| hop.origin.as_ref() == Some(origin);
    let tables = resources.iter().filter_map(|resource| match &resource.body {
        AnyBody::Aws(Body::MachineRoutes(table)) => Some((table, &resource.origin)),
        _ => None,
    });
    let is_it = |(table, origin): &(&MachineRoutes, &Origin)| {
        of_hop(origin) || table.routes.iter().any(|route| route.is_to(address) && of_hop(&route.origin))
    };
    // A log of the launch agent alone does not tell the gateway that is there now.
    let (table, origin) = tables.clone().find(is_it).ok_or(Reason::Unknown(vec![Missing::MachineRoutes]))?;
    let active = table.routes.iter().filter(|route| route.is_default() && route.interface.is_some());
    let default = active.min_by_key(|route| route.metric).ok_or(Reason::Unknown(vec![Missing::MachineRoutes]))?;
    let gateway = default.gateway.ok_or(Reason::NoSmallChange)?;
    let before = table.routes.iter().enumerate().filter(|(_, route)| route.is_to(address));
    Ok(AwsOperation {
        address,
        gateway,
        replaces: before.map(|(place, route)| (place, route.clone())).collect(),
        table: origin.clone(),
        route: MachineRoute { destination: Ipv4Net::from(address), ..default.clone() },
    })
}
