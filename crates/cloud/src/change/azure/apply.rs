//! Operations on the model: each is done and taken back in the same places, so that taking back gives exactly what was.

use std::net::IpAddr;

use ipnet::IpNet;
use kmsdoctor_core::fact::Origin;

use crate::azure::{
    Body, CollectionKind, EffectiveRoutes, EffectiveSecurityGroup, FirewallRule, LoadBalancer, NatGateway, NextHop,
    OutboundRule, Peer, PortRange, Probe, Protocol, PublicAddress, ResourceId, Route, RoutePrefix, RouteSource,
    RouteTable, RuleCollection, RuleCollectionGroup, SecurityGroup, SecurityRule, Subnet,
};
use crate::change::azure::places::{Places, remove};
use crate::change::azure::{AzureOperation, NetworkRule};
use crate::{Body as AnyBody, Resource};

/// Port of KMS.
pub(in crate::change) const KMS: PortRange = PortRange { first: 1688, last: 1688 };

/// Lowest priority number of Azure's rules, collections and groups.
pub(in crate::change) const PRIORITY_MIN: u32 = 100;

impl AzureOperation {
    /// Does it.
    pub(in crate::change) fn apply(&self, resources: &mut Vec<Resource>, places: &mut Places) {
        match self {
            Self::CreateRouteTable { table, subnet, .. } => {
                associate(resources, &places.of(subnet), |subnet| {
                    if subnet.route_table == Some(None) {
                        subnet.route_table = Some(Some(table.clone()));
                    }
                });
                let body =
                    RouteTable { id: Some(table.clone()), name: table.name().to_owned(), ..RouteTable::default() };
                places.associate(table, subnet);
                add(resources, places, subnet, Body::RouteTable(body));
            }
            Self::AddRoute { table, name, address, replaces } => {
                let route = direct_route(name, *address);
                each_route_list(resources, &places.of_routes(table), |routes| match replaces {
                    Some(_) => lead(routes, *address, &(NextHop::Internet, None)),
                    None => routes.push(route.clone()),
                });
            }
            Self::AddSecurityRule { .. } => {
                let (places, rule) = (self.places_of_group(places), self.security_rule());
                each_rule_list(resources, &places, |rules| rules.extend(rule.clone()));
            }
            Self::AddRuleGroup { policy, name, priority, rule } => {
                let id = child(policy, "rulecollectiongroups", name);
                each(resources, &places.of(policy), |body| {
                    if let Body::FirewallPolicy(body) = body {
                        body.groups.iter_mut().for_each(|groups| groups.push(id.clone()));
                    }
                });
                let collections = vec![collection(name, PRIORITY_MIN, rule)];
                let body = RuleCollectionGroup { id: Some(id), name: name.clone(), priority: *priority, collections };
                add(resources, places, policy, Body::RuleCollectionGroup(body));
            }
            Self::AddRuleCollection { firewall, name, priority, rule } => {
                each(resources, &places.of(firewall), |body| {
                    if let Body::Firewall(body) = body {
                        body.collections.push(collection(name, *priority, rule));
                    }
                });
            }
            Self::CreateNatGateway { gateway, subnet, .. } => {
                associate(resources, &places.of(subnet), |subnet| {
                    if subnet.nat_gateway == Some(None) {
                        subnet.nat_gateway = Some(Some(gateway.clone()));
                    }
                });
                let address = public_address_of(gateway);
                let body = PublicAddress { name: address.name().to_owned(), id: Some(address), address: None };
                add(resources, places, subnet, Body::PublicAddress(body));
                let body = NatGateway {
                    id: Some(gateway.clone()),
                    name: gateway.name().to_owned(),
                    has_public_address: true,
                    subnets: Some(vec![subnet.clone()]),
                };
                add(resources, places, subnet, Body::NatGateway(body));
            }
            Self::AddNatAddress { gateway, .. } => {
                set_public(resources, &places.of(gateway), true);
                let address = public_address_of(gateway);
                let body = PublicAddress { name: address.name().to_owned(), id: Some(address), address: None };
                add(resources, places, gateway, Body::PublicAddress(body));
            }
            Self::AddOutboundRule { balancer, name, pool, .. } => {
                each_balancer(resources, &places.of(balancer), |balancer| {
                    let (name, pool) = (name.clone(), Some(pool.clone()));
                    balancer.outbound_rules.push(OutboundRule { name, pool, protocol: Protocol::Tcp });
                });
            }
            Self::AddProbe { balancer, name, rule, port, .. } => {
                each_balancer(resources, &places.of(balancer), |body| {
                    let id = child(balancer, "probes", name);
                    let probe =
                        Probe { id: Some(id.clone()), name: name.clone(), protocol: "Tcp".to_owned(), port: *port };
                    body.probes.push(probe);
                    body.rules
                        .iter_mut()
                        .filter(|body| body.name == *rule)
                        .for_each(|body| body.probe = Some(id.clone()));
                });
            }
        }
    }

    /// Takes it back.
    pub(in crate::change) fn undo(&self, resources: &mut Vec<Resource>, places: &mut Places) {
        match self {
            Self::CreateRouteTable { table, subnet, .. } => {
                associate(resources, &places.of(subnet), |subnet| {
                    if subnet.route_table == Some(Some(table.clone())) {
                        subnet.route_table = Some(None);
                    }
                });
                remove(resources, table);
            }
            Self::AddRoute { table, name, address, replaces } => {
                let route = direct_route(name, *address);
                each_route_list(resources, &places.of_routes(table), |routes| match replaces {
                    Some(before) => lead(routes, *address, before),
                    None => routes.retain(|other| *other != route),
                });
            }
            Self::AddSecurityRule { .. } => {
                let (places, rule) = (self.places_of_group(places), self.security_rule());
                each_rule_list(resources, &places, |rules| rules.retain(|other| Some(other) != rule.as_ref()));
            }
            Self::AddRuleGroup { policy, name, .. } => {
                let id = child(policy, "rulecollectiongroups", name);
                each(resources, &places.of(policy), |body| {
                    if let Body::FirewallPolicy(body) = body {
                        body.groups.iter_mut().for_each(|groups| groups.retain(|group| *group != id));
                    }
                });
                remove(resources, &id);
            }
            Self::AddRuleCollection { firewall, name, .. } => {
                each(resources, &places.of(firewall), |body| {
                    if let Body::Firewall(body) = body {
                        body.collections.retain(|collection| collection.name != *name);
                    }
                });
            }
            Self::CreateNatGateway { gateway, subnet, .. } => {
                associate(resources, &places.of(subnet), |subnet| {
                    if subnet.nat_gateway == Some(Some(gateway.clone())) {
                        subnet.nat_gateway = Some(None);
                    }
                });
                remove(resources, gateway);
                remove(resources, &public_address_of(gateway));
            }
            Self::AddNatAddress { gateway, .. } => {
                set_public(resources, &places.of(gateway), false);
                remove(resources, &public_address_of(gateway));
            }
            Self::AddOutboundRule { balancer, name, .. } => {
                each_balancer(resources, &places.of(balancer), |balancer| {
                    balancer.outbound_rules.retain(|rule| rule.name != *name);
                });
            }
            Self::AddProbe { balancer, name, rule, replaces, .. } => {
                each_balancer(resources, &places.of(balancer), |body| {
                    body.probes.retain(|probe| probe.name != *name);
                    body.rules
                        .iter_mut()
                        .filter(|body| body.name == *rule)
                        .for_each(|body| body.probe.clone_from(replaces));
                });
            }
        }
    }

    fn places_of_group(&self, places: &Places) -> Vec<usize> {
        match self {
            Self::AddSecurityRule { group, .. } => group.id().map(|id| places.of(id)).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The rule that it adds to a security group.
    pub(in crate::change) fn security_rule(&self) -> Option<SecurityRule> {
        let Self::AddSecurityRule { name, priority, addresses, .. } = self else { return None };
        Some(SecurityRule {
            name: name.clone(),
            priority: *priority,
            is_outbound: true,
            allows: true,
            protocol: Protocol::Tcp,
            sources: vec![Peer::Any],
            source_ports: vec![PortRange { first: 0, last: u16::MAX }],
            destinations: addresses.iter().map(|address| Peer::Prefix(IpNet::from(*address))).collect(),
            destination_ports: vec![KMS],
            origin: None,
        })
    }
}

/// The id of a part of a resource.
pub(in crate::change) fn child(parent: &ResourceId, kind: &str, name: &str) -> ResourceId {
    ResourceId::new(&format!("{}/{kind}/{name}", parent.as_str()))
}

/// The id of a resource in the resource group of another; `None` if that one's id does not name its group.
pub(in crate::change) fn beside(other: &ResourceId, kind: &str, name: &str) -> Option<ResourceId> {
    let (subscription, group) = (other.part("subscriptions")?, other.part("resourcegroups")?);
    let provider = "providers/microsoft.network";
    Some(ResourceId::new(&format!("/subscriptions/{subscription}/resourcegroups/{group}/{provider}/{kind}/{name}")))
}

/// The public address that is made for a NAT gateway: beside it, and named after it.
pub(in crate::change) fn public_address_of(gateway: &ResourceId) -> ResourceId {
    let name = format!("{}-ip", gateway.name());
    beside(gateway, "publicipaddresses", &name).unwrap_or_else(|| child(gateway, "publicipaddresses", &name))
}

fn each(resources: &mut [Resource], places: &[usize], mut edit: impl FnMut(&mut Body)) {
    for place in places {
        if let Some(AnyBody::Azure(body)) = resources.get_mut(*place).map(|resource| &mut resource.body) {
            edit(body);
        }
    }
}

fn each_balancer(resources: &mut [Resource], places: &[usize], edit: impl Fn(&mut LoadBalancer)) {
    each(resources, places, |body| {
        if let Body::LoadBalancer(body) = body {
            edit(body);
        }
    });
}

/// What a subnet is associated with is set only where the export shows that there is none: another export of the subnet that
/// does not say follows that one.
fn associate(resources: &mut [Resource], places: &[usize], edit: impl Fn(&mut Subnet)) {
    each(resources, places, |body| {
        if let Body::Subnet(body) = body {
            edit(body);
        }
    });
}

fn set_public(resources: &mut [Resource], places: &[usize], has_public_address: bool) {
    each(resources, places, |body| {
        if let Body::NatGateway(body) = body {
            body.has_public_address = has_public_address;
        }
    });
}

/// The routes of a table, and the effective routes in which they show.
fn each_route_list(resources: &mut [Resource], places: &[usize], edit: impl Fn(&mut Vec<Route>)) {
    each(resources, places, |body| match body {
        Body::RouteTable(RouteTable { routes, .. }) | Body::EffectiveRoutes(EffectiveRoutes { routes, .. }) => {
            edit(routes);
        }
        _ => {}
    });
}

/// The rules of a security group, and the effective ones where it holds.
fn each_rule_list(resources: &mut [Resource], places: &[usize], edit: impl Fn(&mut Vec<SecurityRule>)) {
    each(resources, places, |body| match body {
        Body::SecurityGroup(SecurityGroup { rules, .. })
        | Body::EffectiveSecurityGroup(EffectiveSecurityGroup { rules, .. }) => edit(rules),
        _ => {}
    });
}

/// Adds a resource that is said to be read where `near` was.
fn add(resources: &mut Vec<Resource>, places: &mut Places, near: &ResourceId, body: Body) {
    let near = places.of(near).first().and_then(|place| resources.get(*place));
    let origin = near.map_or_else(nowhere, |resource| resource.origin.clone());
    places.put(&body, resources.len());
    resources.push(Resource { body: AnyBody::Azure(body), origin });
}

/// Of what no export holds.
fn nowhere() -> Origin {
    Origin { artifact: String::new(), sha256: String::new(), span: 0..0, line: None, quote: String::new() }
}

fn direct_route(name: &str, address: IpAddr) -> Route {
    Route {
        name: Some(name.to_owned()),
        source: RouteSource::User,
        is_active: true,
        prefixes: vec![RoutePrefix::Prefix(IpNet::from(address))],
        next_hop: NextHop::Internet,
        next_hop_address: None,
        origin: None,
    }
}

/// Whether a user-defined route is for this address alone.
pub(in crate::change) fn is_for(route: &Route, address: IpAddr) -> bool {
    route.source == RouteSource::User && route.prefixes == [RoutePrefix::Prefix(IpNet::from(address))]
}

fn lead(routes: &mut [Route], address: IpAddr, (next_hop, next_hop_address): &(NextHop, Option<IpAddr>)) {
    for route in routes.iter_mut().filter(|route| is_for(route, address)) {
        route.next_hop = next_hop.clone();
        route.next_hop_address = *next_hop_address;
    }
}

fn collection(name: &str, priority: u32, rule: &NetworkRule) -> RuleCollection {
    let rule = FirewallRule {
        name: name.to_owned(),
        protocols: vec![Protocol::Tcp],
        sources: rule.sources.iter().copied().map(Peer::Prefix).collect(),
        destinations: rule.addresses.iter().map(|address| Peer::Prefix(IpNet::from(*address))).collect(),
        destination_ports: vec![KMS],
        origin: None,
    };
    RuleCollection { name: name.to_owned(), priority, kind: CollectionKind::Network, allows: true, rules: vec![rule] }
}
