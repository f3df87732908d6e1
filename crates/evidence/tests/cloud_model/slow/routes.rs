//! Routes: from the longest prefix to the shortest, and where the winner leads.

use crate::world::{EffectiveRoute, Firewall, NextHop, Prefix, Source, Subnet, Table, Who, World};

use super::{Fault, Sender, Step};

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lead<'a> {
    Internet,
    Firewall(&'a Firewall),
    Lost(Fault),
    Unknown,
}

impl Lead<'_> {
    /// What becomes of the packets at the route itself.
    pub(crate) fn step(self) -> Step {
        match self {
            Self::Internet | Self::Firewall(_) => Step::Passes,
            Self::Lost(fault) => Step::Blocks(vec![fault]),
            Self::Unknown => Step::Unknown,
        }
    }
}

/// One prefix and where it leads.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    prefix: Prefix,
    rank: Rank,
    hop: NextHop,
}

/// Whose a route is, in more detail than effective routes tell; the earlier wins.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rank {
    User,
    /// For the service tag of KMS.
    Tag,
    Announced,
    Own,
}

const RANKS: [Rank; 4] = [Rank::User, Rank::Tag, Rank::Announced, Rank::Own];

/// Addresses that Azure leads to nowhere, and all others.
const OWN: [(u32, u32, NextHop); 5] = [
    (0x0A00_0000, 8, NextHop::Nowhere),
    (0xAC10_0000, 12, NextHop::Nowhere),
    (0xC0A8_0000, 16, NextHop::Nowhere),
    (0x6440_0000, 10, NextHop::Nowhere),
    (0, 0, NextHop::Internet),
];

/// Where the interface's packets to the address are led; several ways if equal routes lead them.
pub(crate) fn of_sender<'a>(world: &'a World, sender: &Sender<'a>, address: u32) -> Vec<Lead<'a>> {
    let network = sender.place(world).map(|(network, _)| network.as_str());
    if let Some(effective) = effective(world, sender) {
        let active = effective.iter().filter(|route| route.is_active);
        let candidates: Vec<_> = active.flat_map(of_effective).collect();
        let mut hops: Vec<_> = best(&candidates, address).into_iter().map(|winner| winner.hop).collect();
        hops.sort_by_key(|hop| if let NextHop::Appliance(address) = hop { *address } else { 0 });
        if hops.is_empty() {
            return vec![Lead::Lost(Fault::NoRoute)];
        }
        return hops.into_iter().map(|hop| leads_to(world, network, hop)).collect();
    }
    vec![sender.subnet(world).map_or(Lead::Unknown, |subnet| of_subnet(world, subnet, address, true))]
}

fn effective<'a>(world: &'a World, sender: &Sender<'_>) -> Option<&'a [EffectiveRoute]> {
    world.routes().find(|routes| routes.interface == sender.name).map(|routes| routes.routes.as_slice())
}

fn of_effective(route: &EffectiveRoute) -> impl Iterator<Item = Candidate> {
    let rank = match route.source {
        Source::User => Rank::User,
        Source::Announced => Rank::Announced,
        Source::Own => Rank::Own,
    };
    route.prefixes.iter().map(move |prefix| Candidate { prefix: *prefix, rank, hop: route.hop })
}

/// Where packets from the subnet are led, by its table and Azure's own routes; `has_gateways` if gateways may announce others.
pub(crate) fn of_subnet<'a>(world: &'a World, subnet: &Subnet, address: u32, has_gateways: bool) -> Lead<'a> {
    let Some(table) = table(world, subnet) else { return Lead::Unknown };
    let exact = Prefix::around(address, 32);
    let mut candidates = own(world, &subnet.network);
    let mut doubtful = Vec::new();
    for route in &table.routes {
        match route.to {
            Who::Prefix(prefix) => candidates.push(Candidate { prefix, rank: Rank::User, hop: route.hop }),
            Who::Tag("AzurePlatformLKM") => {
                candidates.push(Candidate { prefix: exact, rank: Rank::Tag, hop: route.hop });
            }
            _ => doubtful.push(route.hop),
        }
    }
    let winner = best(&candidates, address)[0];
    if doubtful.into_iter().any(|hop| hop != winner.hop) && (winner.prefix, winner.rank) != (exact, Rank::User) {
        return Lead::Unknown;
    }
    let cannot_be_beaten = (winner.prefix == exact && winner.rank != Rank::Own)
        || matches!(winner.hop, NextHop::Gateway)
        || (winner.rank == Rank::Own && matches!(winner.hop, NextHop::Network | NextHop::Peering));
    if has_gateways && !table.keeps_announced_out && !cannot_be_beaten && may_be_announced(world, &subnet.network) {
        return Lead::Unknown;
    }
    leads_to(world, Some(&subnet.network), winner.hop)
}

/// The subnet's table, an empty one if it has none; `None` if it is named and not there.
fn table(world: &World, subnet: &Subnet) -> Option<Table> {
    match &subnet.table {
        None => Some(Table { name: String::new(), keeps_announced_out: false, routes: Vec::new() }),
        Some(name) => world.tables().find(|table| &table.name == name).cloned(),
    }
}

/// Azure's own routes in a network.
fn own(world: &World, network: &str) -> Vec<Candidate> {
    let candidate = |prefix, hop| Candidate { prefix, rank: Rank::Own, hop };
    let mut candidates: Vec<_> =
        OWN.iter().map(|(net, length, hop)| candidate(Prefix { net: *net, length: *length }, *hop)).collect();
    if let Some(network) = world.network(network) {
        candidates.extend(network.space.iter().map(|prefix| candidate(*prefix, NextHop::Network)));
        for peering in network.peerings.iter().filter(|peering| peering.is_connected) {
            candidates.extend(peering.space.iter().map(|prefix| candidate(*prefix, NextHop::Peering)));
        }
    }
    candidates
}

/// The candidates that win.
fn best(candidates: &[Candidate], address: u32) -> Vec<Candidate> {
    let mut candidates: Vec<_> =
        candidates.iter().copied().filter(|candidate| candidate.prefix.holds(address)).collect();
    let is_inward = |candidate: &Candidate| {
        let inward = [NextHop::Network, NextHop::Peering, NextHop::ServiceEndpoint];
        candidate.rank == Rank::Own && inward.contains(&candidate.hop)
    };
    if candidates.iter().any(is_inward) {
        candidates.retain(|candidate| candidate.rank != Rank::Announced);
    }
    for length in (0..=32).rev() {
        for rank in RANKS {
            let winners: Vec<_> = candidates
                .iter()
                .copied()
                .filter(|candidate| candidate.prefix.length == length && candidate.rank == rank)
                .collect();
            if !winners.is_empty() {
                return winners;
            }
        }
    }
    Vec::new()
}

fn leads_to<'a>(world: &'a World, network: Option<&str>, hop: NextHop) -> Lead<'a> {
    match hop {
        NextHop::Internet => Lead::Internet,
        NextHop::Nowhere => Lead::Lost(Fault::ToNowhere),
        NextHop::Network | NextHop::Peering => Lead::Lost(Fault::IntoNetwork),
        NextHop::ServiceEndpoint => Lead::Unknown,
        NextHop::Appliance(address) => {
            let firewall = world.firewalls().find(|firewall| firewall.address == address);
            firewall.map_or(Lead::Unknown, Lead::Firewall)
        }
        NextHop::Gateway => by_gateway(world, network),
    }
}

/// A gateway leads to the premises, unless a hub announces its default route.
fn by_gateway<'a>(world: &'a World, network: Option<&str>) -> Lead<'a> {
    let mut connections = world.connections();
    let Some(connection) = connections.find(|to| Some(to.network.as_str()) == network && to.announces_default) else {
        return Lead::Lost(Fault::ToGateway);
    };
    let intent = world.intents().find(|intent| intent.hub == connection.hub && intent.covers_internet);
    let firewall = intent.and_then(|intent| world.firewalls().find(|firewall| firewall.name == intent.firewall));
    firewall.map_or(Lead::Unknown, Lead::Firewall)
}

/// Whether a gateway could announce routes into the network that only effective routes would show.
fn may_be_announced(world: &World, name: &str) -> bool {
    let peerings = world.network(name).into_iter().flat_map(|network| &network.peerings);
    world.subnet(name, "GatewaySubnet").is_some()
        || peerings.into_iter().any(|peering| peering.is_connected && peering.uses_remote_gateways)
        || world.connections().any(|connection| connection.network == name)
}

/// Whether a user's route for `0.0.0.0/0` is active where the interface is; `None` if the exports do not say it.
pub(crate) fn has_default_of_user(world: &World, sender: &Sender<'_>) -> Option<bool> {
    if let Some(effective) = effective(world, sender) {
        return Some(
            effective
                .iter()
                .any(|route| route.is_active && route.source == Source::User && route.prefixes.contains(&Prefix::ALL)),
        );
    }
    let table = table(world, sender.subnet(world)?)?;
    Some(table.routes.iter().any(|route| route.to == Who::Prefix(Prefix::ALL)))
}

/// Whether a route that the packets could take is for just this prefix.
pub(crate) fn names(world: &World, sender: &Sender<'_>, prefix: Prefix) -> bool {
    if let Some(effective) = effective(world, sender) {
        return effective.iter().any(|route| route.is_active && route.prefixes.contains(&prefix));
    }
    let table = sender.subnet(world).and_then(|subnet| table(world, subnet));
    table.is_some_and(|table| table.routes.iter().any(|route| route.to == Who::Prefix(prefix)))
}
