//! Which of many routes packets take.

use std::cmp::Reverse;
use std::net::IpAddr;

use kmsdoctor_core::fact::Origin;

use super::estate::Held;
use super::matching::{Match, is_literally};
use super::{NextHop, Route, RoutePrefix, RouteSource, VirtualNetwork};
use crate::Missing;

static INTERNET: NextHop = NextHop::Internet;
static NETWORK: NextHop = NextHop::VirtualNetwork;
static PEERING: NextHop = NextHop::Peering;

/// More winners than this that differ are not followed one by one.
const WINNERS_MAX: usize = 8;

/// A route for one destination.
#[derive(Debug, Clone)]
pub(super) struct Way<'e> {
    length: u8,
    source: RouteSource,
    is_by_tag: bool,
    pub(super) next_hop: &'e NextHop,
    pub(super) address: Option<IpAddr>,
    /// As the cloud names it: `0.0.0.0/0 → VirtualAppliance 10.0.3.4`.
    pub(super) label: String,
    pub(super) origin: Option<&'e Origin>,
    /// Whether it is for the address of KMS alone.
    pub(super) is_literal: bool,
}

impl<'e> Way<'e> {
    fn of(route: &'e Route, prefix: &RoutePrefix, length: u8, is_literal: bool) -> Self {
        let Route { source, next_hop, next_hop_address, origin, .. } = route;
        let is_by_tag = !matches!(prefix, RoutePrefix::Prefix(_));
        let label = label(&words(prefix), next_hop, *next_hop_address);
        let (address, origin) = (*next_hop_address, origin.as_ref());
        Self { length, source: *source, is_by_tag, next_hop, address, label, origin, is_literal }
    }

    /// One of those that Azure has by itself.
    fn own(prefix: &ipnet::IpNet, next_hop: &'static NextHop, origin: Option<&'e Origin>) -> Self {
        Self {
            length: prefix.prefix_len(),
            source: RouteSource::Default,
            is_by_tag: false,
            next_hop,
            address: None,
            label: label(&prefix.to_string(), next_hop, None),
            origin,
            is_literal: false,
        }
    }

    /// Lower goes first.
    fn rank(&self) -> (Reverse<u8>, RouteSource, bool) {
        (Reverse(self.length), self.source, self.is_by_tag)
    }

    fn leads_as(&self, other: &Self) -> bool {
        (self.next_hop, self.address) == (other.next_hop, other.address)
    }

    /// Azure's own routes of these kinds are preferred to announced ones.
    fn is_preferred(&self) -> bool {
        let is_kept = matches!(self.next_hop, NextHop::VirtualNetwork | NextHop::Peering | NextHop::ServiceEndpoint);
        self.source == RouteSource::Default && is_kept
    }

    /// Whether no announced route can win against it.
    pub(super) fn holds_against_announced(&self) -> bool {
        self.is_preferred() || self.source == RouteSource::User && (self.is_literal || self.is_by_tag)
    }

    /// Whether no route for a tag can win against it.
    fn is_final(&self) -> bool {
        self.source == RouteSource::User && self.is_literal
    }
}

fn label(prefix: &str, next_hop: &NextHop, address: Option<IpAddr>) -> String {
    let word = match next_hop {
        NextHop::Internet => "Internet",
        NextHop::VirtualAppliance => "VirtualAppliance",
        NextHop::VirtualNetworkGateway => "VirtualNetworkGateway",
        NextHop::VirtualNetwork => "VnetLocal",
        NextHop::Peering => "VNetPeering",
        NextHop::ServiceEndpoint => "VirtualNetworkServiceEndpoint",
        NextHop::None => "None",
        NextHop::Unknown(word) => word,
    };
    match address {
        Some(address) => format!("{prefix} → {word} {address}"),
        None => format!("{prefix} → {word}"),
    }
}

fn words(prefix: &RoutePrefix) -> String {
    match prefix {
        RoutePrefix::Prefix(prefix) => prefix.to_string(),
        RoutePrefix::Tag(text) | RoutePrefix::Unreadable(text) => text.clone(),
    }
}

/// The routes for one destination.
#[derive(Debug, Default)]
pub(super) struct Selection<'e> {
    /// The winners that lead to different places; more than one only if nothing tells which goes first.
    pub(super) winners: Vec<Way<'e>>,
    /// Why the winners may not win.
    pub(super) doubt: Option<Missing>,
    /// User-defined routes that hold the destination and are not active.
    pub(super) idle: Vec<(String, Option<&'e Origin>)>,
}

impl<'e> Selection<'e> {
    pub(super) fn of(routes: impl IntoIterator<Item = &'e Route>, own: Vec<Way<'e>>, destination: IpAddr) -> Self {
        let mut candidates = own;
        let mut doubtful = Vec::new();
        let mut idle = Vec::new();
        for route in routes {
            for prefix in &route.prefixes {
                match (holds(prefix, destination), route.is_active) {
                    (Match::Yes, true) => candidates.push(candidate(route, prefix, destination)),
                    (Match::Yes, false) if route.source == RouteSource::User => {
                        let label = label(&words(prefix), &route.next_hop, route.next_hop_address);
                        idle.push((label, route.origin.as_ref()));
                    }
                    (Match::Unknown(missing), true) => doubtful.push((Way::of(route, prefix, 0, false), missing)),
                    _ => {}
                }
            }
        }
        if candidates.iter().any(Way::is_preferred) {
            candidates.retain(|way| way.source != RouteSource::Gateway);
        }
        let best = candidates.iter().map(Way::rank).min();
        let mut winners: Vec<Way> = candidates.into_iter().filter(|way| Some(way.rank()) == best).collect();
        winners.sort_by(|one, other| (one.address, &one.label).cmp(&(other.address, &other.label)));
        winners.dedup_by(|one, other| one.leads_as(other));
        let beats = |way: &Way| winners.iter().any(|winner| !winner.is_final() && !winner.leads_as(way));
        let mut doubts = doubtful.into_iter().filter(|(way, _)| winners.is_empty() || beats(way));
        let doubt = doubts.next().map(|(_, missing)| missing);
        let doubt = doubt.or_else(|| (winners.len() > WINNERS_MAX).then_some(Missing::EffectiveRoutes));
        Self { winners, doubt, idle }
    }
}

/// Whether a route is for the destination. `AzurePlatformLKM` holds the addresses of KMS.
fn holds(prefix: &RoutePrefix, destination: IpAddr) -> Match {
    match prefix {
        RoutePrefix::Prefix(prefix) => Match::when(prefix.contains(&destination)),
        RoutePrefix::Tag(tag) if tag.eq_ignore_ascii_case("AzurePlatformLKM") => Match::Yes,
        RoutePrefix::Tag(tag) => Match::Unknown(Missing::Group(tag.clone())),
        RoutePrefix::Unreadable(text) => Match::Unknown(Missing::Unreadable(text.clone())),
    }
}

fn candidate<'e>(route: &'e Route, prefix: &RoutePrefix, destination: IpAddr) -> Way<'e> {
    match prefix {
        RoutePrefix::Prefix(net) => Way::of(route, prefix, net.prefix_len(), is_literally(net, destination)),
        _ => Way::of(route, prefix, if destination.is_ipv4() { 32 } else { 128 }, false),
    }
}

/// What Azure has by itself for the destination. Its routes for private addresses lead nowhere and hold no address of KMS.
pub(super) fn own_routes<'e>(network: Option<&'e Held<'e, VirtualNetwork>>, destination: IpAddr) -> Vec<Way<'e>> {
    let everything = ipnet::IpNet::from(ipnet::Ipv4Net::default());
    let mut own = vec![Way::own(&everything, &INTERNET, None)];
    if let Some(held) = network {
        let peerings = held.is.peerings.iter().flatten().filter(|peering| peering.is_connected);
        let peered = peerings.flat_map(|peering| &peering.remote_address_space).map(|prefix| (prefix, &PEERING));
        let inside = held.is.address_space.iter().map(|prefix| (prefix, &NETWORK)).chain(peered);
        let holding = inside.filter(|(prefix, _)| prefix.contains(&destination));
        own.extend(holding.map(|(prefix, next_hop)| Way::own(prefix, next_hop, Some(held.origin))));
    }
    own
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Body, EffectiveRoutes};
    use super::*;
    use crate::{Fault, Outcome, Path, RemarkKind, Stage};

    fn at(path: &Path) -> Outcome {
        outcome(path, Stage::Route).expect("a route").clone()
    }

    fn with(routes: Vec<Route>) -> Outcome {
        at(&Lab::new().routes(routes).path())
    }

    fn effective(routes: Vec<Route>) -> Lab {
        let interface = Some(id("networkInterfaces/nic1"));
        Lab::new().with(Body::EffectiveRoutes(EffectiveRoutes { interface, interface_name: None, routes }))
    }

    fn to(source: RouteSource, destination: &str, next_hop: NextHop) -> Route {
        Route { source, ..route(destination, next_hop, None) }
    }

    const NOWHERE: Outcome = Outcome::Blocks(Fault::RouteToNowhere);
    const GATEWAY: Outcome = Outcome::Blocks(Fault::RouteToGateway);
    const INSIDE: Outcome = Outcome::Blocks(Fault::RouteIntoNetwork);

    #[test]
    fn the_longest_prefix_wins() {
        let host = "20.118.99.224/32";
        for (routes, expected) in [
            (vec![], Outcome::Passes),
            (vec![route("0.0.0.0/0", NextHop::None, None)], NOWHERE),
            (vec![route("::/0", NextHop::None, None)], Outcome::Passes),
            (vec![route("0.0.0.0/0", NextHop::None, None), route(host, NextHop::Internet, None)], Outcome::Passes),
            (vec![route("20.0.0.0/8", NextHop::VirtualNetworkGateway, None)], GATEWAY),
            (vec![route("20.118.0.0/16", NextHop::VirtualNetwork, None)], INSIDE),
            (vec![route("20.118.0.0/16", NextHop::Peering, None)], INSIDE),
        ] {
            assert_eq!(with(routes.clone()), expected, "{routes:?}");
        }
    }

    #[test]
    fn the_source_decides_between_equal_prefixes() {
        use RouteSource::{Default, Gateway, Unknown, User};
        for (better, worse) in [(User, Gateway), (Gateway, Default), (Default, Unknown)] {
            let routes = vec![to(worse, "0.0.0.0/0", NextHop::None), to(better, "0.0.0.0/0", NextHop::Internet)];
            assert_eq!(at(&effective(routes).path()), Outcome::Passes, "{better:?}");
        }
        let longer =
            vec![to(Gateway, "20.0.0.0/8", NextHop::VirtualNetworkGateway), to(User, "0.0.0.0/0", NextHop::None)];
        assert_eq!(at(&effective(longer).path()), GATEWAY);
        let kept = vec![
            to(Gateway, "20.118.99.224/32", NextHop::VirtualNetworkGateway),
            to(Default, "20.118.0.0/16", NextHop::VirtualNetwork),
        ];
        assert_eq!(at(&effective(kept).path()), INSIDE, "Azure's own are preferred to announced ones");
    }

    #[test]
    fn routes_that_are_not_active_decide_nothing() {
        let idle = Route { is_active: false, ..route("20.118.99.224/32", NextHop::None, None) };
        let path = effective(vec![idle, to(RouteSource::Default, "0.0.0.0/0", NextHop::Internet)]).path();
        assert_eq!(at(&path), Outcome::Passes);
        assert!(remarks(&path, RemarkKind::RouteWithoutEffect));
    }

    #[test]
    fn tags_hold_kms_or_may_hold_it() {
        let default = || route("0.0.0.0/0", NextHop::None, None);
        let cloud = Outcome::Unknown(Missing::Group("AzureCloud".to_owned()));
        for (routes, expected) in [
            (vec![default(), route("AzurePlatformLKM", NextHop::Internet, None)], Outcome::Passes),
            (
                vec![
                    route("AzurePlatformLKM", NextHop::Internet, None),
                    route("20.118.99.224/32", NextHop::None, None),
                ],
                NOWHERE,
            ),
            (vec![default(), route("AzureCloud", NextHop::Internet, None)], cloud),
            (vec![default(), route("AzureCloud", NextHop::None, None)], NOWHERE),
            (
                vec![route("20.118.99.224/32", NextHop::Internet, None), route("AzureCloud", NextHop::None, None)],
                Outcome::Passes,
            ),
        ] {
            assert_eq!(with(routes.clone()), expected, "{routes:?}");
        }
    }

    #[test]
    fn effective_routes_are_all_there_are() {
        assert_eq!(at(&effective(vec![]).path()), Outcome::Unknown(Missing::EffectiveRoutes));
        let other = vec![to(RouteSource::Default, "10.0.0.0/8", NextHop::None)];
        assert_eq!(at(&effective(other).path()), Outcome::Blocks(Fault::RouteMissing));
        let lab = effective(vec![to(RouteSource::Default, "0.0.0.0/0", NextHop::Internet)]);
        assert_eq!(
            at(&lab.routes(vec![route("0.0.0.0/0", NextHop::None, None)]).path()),
            Outcome::Passes,
            "not the table"
        );
    }

    #[test]
    fn winners_that_differ_have_to_fare_alike() {
        let gateway = |destination| to(RouteSource::Gateway, destination, NextHop::VirtualNetworkGateway);
        let twice = |other| effective(vec![gateway("0.0.0.0/0"), to(RouteSource::Gateway, "0.0.0.0/0", other)]);
        assert_eq!(at(&twice(NextHop::Internet).path()), Outcome::Unknown(Missing::EffectiveRoutes));
        assert!(matches!(at(&twice(NextHop::None).path()), Outcome::Blocks(_)));
        let many = (0..20).map(|at| Route {
            next_hop_address: Some(address(&format!("10.0.0.{at}"))),
            ..to(RouteSource::Gateway, "0.0.0.0/0", NextHop::VirtualAppliance)
        });
        assert_eq!(at(&effective(many.collect()).path()), Outcome::Unknown(Missing::EffectiveRoutes));
    }
}
