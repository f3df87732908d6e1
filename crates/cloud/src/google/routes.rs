//! Routes: the longest prefix wins, then the lowest priority. Of several that win together all have to lead to the same.

use super::model::{Route, RouteTarget};
use super::topology::{Placed, Topology};
use super::{KMS, Source};
use crate::{Detail, Fault, Hop, Missing, NextHop, Outcome, Stage};

/// Where the network's routes lead the packets.
pub(super) fn hop(topology: &Topology<'_>, source: &Source<'_>) -> Hop {
    let network = source.network.name();
    let missing = || Outcome::Unknown(Missing::NetworkRoutes(network.to_owned()));
    if topology.routes(source.network).next().is_none() {
        return without_route(network, missing(), None);
    }
    let Winners { routes, is_certain } = Winners::among(topology, source);
    // What a router learns shows in no list of routes, and can be longer than anything but the address itself.
    let learns = topology.routers(source.network).any(|router| router.body.learns_routes);
    let is_address =
        |route: &&Placed<'_, Route>| route.body.destination.prefix_len() == route.body.destination.max_prefix_len();
    if learns && !(is_certain && !routes.is_empty() && routes.iter().all(is_address)) {
        return without_route(network, Outcome::Unknown(Missing::EffectiveRoutes), None);
    }
    let Some(first) = routes.first() else {
        let nowhere = Some(Detail::LeadsTo(NextHop::Nowhere));
        return without_route(network, Outcome::Blocks(Fault::RouteMissing), nowhere);
    };
    let next_hop = first.body.next_hop.kind();
    if !is_certain || routes.iter().any(|route| route.body.next_hop.kind() != next_hop) {
        return without_route(network, missing(), None);
    }
    let target = first.body.next_hop.name();
    Hop {
        stage: Stage::Route,
        name: first.body.name.clone(),
        rule: Some(format!("{} → {target}", first.body.destination)),
        outcome: first.body.next_hop.outcome(),
        detail: next_hop.map(Detail::LeadsTo),
        origin: Some(first.origin.clone()),
    }
}

fn without_route(network: &str, outcome: Outcome, detail: Option<Detail>) -> Hop {
    Hop { stage: Stage::Route, name: network.to_owned(), rule: None, outcome, detail, origin: None }
}

/// The routes that can win.
struct Winners<'t, 'r> {
    routes: Vec<&'t Placed<'r, Route>>,
    /// Whether one of them is for the machine for sure; otherwise none may be.
    is_certain: bool,
}

impl<'t, 'r> Winners<'t, 'r> {
    fn among(topology: &'t Topology<'r>, source: &'t Source<'_>) -> Self {
        let rank = |route: &Route| (route.destination.prefix_len(), route.priority);
        let mut winners = Winners { routes: Vec::new(), is_certain: false };
        let mut last = None;
        for route in topology.routes(source.network).filter(|route| route.body.destination.contains(&KMS)) {
            if winners.is_certain && last != Some(rank(route.body)) {
                break;
            }
            last = Some(rank(route.body));
            match is_for(route.body, source) {
                Some(false) => continue,
                Some(true) => winners.is_certain = true,
                None => {}
            }
            winners.routes.push(route);
        }
        winners.is_certain |= winners.routes.is_empty();
        winners
    }
}

/// Whether a route is for the machine, by its network tags; `None` if the exports do not tell.
fn is_for(route: &Route, source: &Source<'_>) -> Option<bool> {
    match (route.tags.as_deref(), &source.instance.tags) {
        (Some([]), _) => Some(true),
        (Some(wanted), Some(own)) => Some(wanted.iter().any(|tag| own.contains(tag))),
        (None, _) | (_, None) => None,
    }
}

impl RouteTarget {
    fn kind(&self) -> Option<NextHop> {
        match self {
            Self::InternetGateway => Some(NextHop::Internet),
            Self::Gateway(_) => Some(NextHop::Gateway),
            Self::Appliance(_) => Some(NextHop::Appliance),
            Self::Network(_) => Some(NextHop::VirtualNetwork),
            Self::Other(_) => None,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::InternetGateway => "default-internet-gateway",
            Self::Gateway(name) | Self::Appliance(name) | Self::Network(name) | Self::Other(name) => name,
        }
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self::InternetGateway => Outcome::Passes,
            Self::Gateway(_) => Outcome::Blocks(Fault::RouteToGateway),
            Self::Appliance(name) => Outcome::Unknown(Missing::Appliance(name.clone())),
            Self::Network(_) => Outcome::Blocks(Fault::RouteIntoNetwork),
            Self::Other(name) => Outcome::Unknown(Missing::Unreadable(name.clone())),
        }
    }
}
