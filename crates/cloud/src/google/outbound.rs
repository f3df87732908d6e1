//! The way out behind `default-internet-gateway`: an external address, Private Google Access, or Cloud NAT, which turns the
//! latter on for the subnets that it serves.

use kmsdoctor_core::fact::Origin;

use super::Source;
use super::model::Link;
use super::topology::Topology;
use crate::path::OutboundLoss;
use crate::{Detail, Fault, Hop, Missing, Outcome, Stage, WayOut};

/// By what the interface's packets leave the network.
pub(super) fn hop(topology: &Topology<'_>, source: &Source<'_>, instance: &Origin) -> Hop {
    if source.interface.has_external_address {
        return passes(WayOut::PublicAddress, &source.interface.name, instance);
    }
    let Some(link) = &source.interface.subnet else { return without(String::new(), Missing::Interface) };
    let subnet = topology.subnet(link);
    if let Some(subnet) = subnet.filter(|subnet| subnet.body.has_private_google_access == Some(true)) {
        return passes(WayOut::PrivateGoogleAccess, link.name(), subnet.origin);
    }
    if let Some((nat, origin)) = nat(topology, source, link) {
        return passes(WayOut::NatGateway, nat, origin);
    }
    match subnet.filter(|subnet| subnet.body.has_private_google_access == Some(false)) {
        Some(subnet) => Hop {
            stage: Stage::Outbound,
            name: link.name().to_owned(),
            rule: None,
            outcome: Outcome::Blocks(Fault::NoOutbound(OutboundLoss::PrivateGoogleAccess)),
            detail: None,
            origin: Some(subnet.origin.clone()),
        },
        None => without(link.name().to_owned(), Missing::Subnet(link.name().to_owned())),
    }
}

fn passes(way: WayOut, name: &str, origin: &Origin) -> Hop {
    Hop {
        stage: Stage::Outbound,
        name: name.to_owned(),
        rule: None,
        outcome: Outcome::Passes,
        detail: Some(Detail::By(way)),
        origin: Some(origin.clone()),
    }
}

fn without(name: String, missing: Missing) -> Hop {
    Hop { stage: Stage::Outbound, name, rule: None, outcome: Outcome::Unknown(missing), detail: None, origin: None }
}

/// A gateway of Cloud NAT that serves the subnet. It serves those of its own region.
fn nat<'t>(topology: &'t Topology<'_>, source: &Source<'_>, subnet: &Link) -> Option<(&'t str, &'t Origin)> {
    let region = source.region()?;
    topology.routers(source.network).filter(|router| router.body.link.part("regions") == Some(region)).find_map(
        |router| {
            let serves = |subnets: &Vec<Link>| subnets.iter().any(|one| one.refers_to(subnet));
            let nat = router.body.nats.iter().find(|nat| nat.subnets.as_ref().is_none_or(serves))?;
            Some((nat.name.as_str(), router.origin))
        },
    )
}
