//! Operations on the model: each is done and taken back in the same places, so that taking back gives exactly what was.

use std::net::IpAddr;

use ipnet::IpNet;
use kmsdoctor_core::fact::Origin;

use crate::azure::{
    Body, CollectionKind, EffectiveRoutes, EffectiveSecurityGroup, FirewallRule, NatGateway, NextHop, OutboundRule,
    Peer, PortRange, Probe, Protocol, PublicAddress, ResourceId, Route, RoutePrefix, RouteSource, RouteTable,
    RuleCollection, RuleCollectionGroup, SecurityRule,
};
use crate::change::azure::topology::Shown;
use crate::change::azure::{AzureOperation, Element, NetworkRule};
use crate::{Body as AnyBody, Resource};

/// Port of KMS.
pub(in crate::change) const KMS: PortRange = PortRange { first: 1688, last: 1688 };

/// Lowest priority number of Azure's rules, collections and groups.
pub(in crate::change) const PRIORITY_MIN: u32 = 100;

impl AzureOperation {
    /// Does it.
    pub(in crate::change) fn apply(&self, resources: &mut Vec<Resource>, shown: &Shown) {
        match self {
            Self::CreateRouteTable { table, subnet, .. } => {
                associate(resources, subnet, |subnet| fill(&mut subnet.route_table, table));
                let body =
                    RouteTable { id: Some(table.clone()), name: table.name().to_owned(), ..RouteTable::default() };
                add(resources, subnet, Body::RouteTable(body));
            }
            Self::AddRoute { table, name, address, replaces } => {
                let route = direct_route(name, *address);
                each_route_list(resources, shown, table, |routes| match replaces {
                    Some(_) => lead(routes, *address, &(NextHop::Internet, None)),
                    None => routes.push(route.clone()),
                });
            }
            Self::AddSecurityRule { .. } => {
                let (group, rule) = (self.group(), self.security_rule());
                each_rule_list(resources, group, |rules| rules.extend(rule.clone()));
            }
            Self::AddRuleGroup { policy, name, priority, rule } => {
                let id = child(policy, "rulecollectiongroups", name);
                each(resources, |body| match body {
                    Body::FirewallPolicy(body) if body.id.as_ref() == Some(policy) => {
                        body.groups.iter_mut().for_each(|groups| groups.push(id.clone()));
                    }
                    _ => {}
                });
                let collections = vec![collection(name, PRIORITY_MIN, rule)];
                let body = RuleCollectionGroup { id: Some(id), name: name.clone(), priority: *priority, collections };
                add(resources, policy, Body::RuleCollectionGroup(body));
            }
            Self::AddRuleCollection { firewall, name, priority, rule } => each(resources, |body| match body {
                Body::Firewall(body) if body.id.as_ref() == Some(firewall) => {
                    body.collections.push(collection(name, *priority, rule));
                }
                _ => {}
            }),
            Self::CreateNatGateway { gateway, subnet, .. } => {
                associate(resources, subnet, |subnet| fill(&mut subnet.nat_gateway, gateway));
                let address = public_address_of(gateway);
                let body = PublicAddress { name: address.name().to_owned(), id: Some(address), address: None };
                add(resources, subnet, Body::PublicAddress(body));
                let body = NatGateway {
                    id: Some(gateway.clone()),
                    name: gateway.name().to_owned(),
                    has_public_address: true,
                    subnets: Some(vec![subnet.clone()]),
                };
                add(resources, subnet, Body::NatGateway(body));
            }
            Self::AddNatAddress { gateway, .. } => {
                set_public(resources, gateway, true);
                let address = public_address_of(gateway);
                let body = PublicAddress { name: address.name().to_owned(), id: Some(address), address: None };
                add(resources, gateway, Body::PublicAddress(body));
            }
            Self::AddOutboundRule { balancer, name, pool, .. } => each_balancer(resources, balancer, |balancer| {
                let (name, pool) = (name.clone(), Some(pool.clone()));
                balancer.outbound_rules.push(OutboundRule { name, pool, protocol: Protocol::Tcp });
            }),
            Self::AddProbe { balancer, name, rule, port, .. } => each_balancer(resources, balancer, |body| {
                let id = child(balancer, "probes", name);
                let probe = Probe { id: Some(id.clone()), name: name.clone(), protocol: "Tcp".to_owned(), port: *port };
                body.probes.push(probe);
                body.rules.iter_mut().filter(|body| body.name == *rule).for_each(|body| body.probe = Some(id.clone()));
            }),
        }
    }

    /// Takes it back.
    pub(in crate::change) fn undo(&self, resources: &mut Vec<Resource>, shown: &Shown) {
        match self {
            Self::CreateRouteTable { table, subnet, .. } => {
                associate(resources, subnet, |subnet| empty(&mut subnet.route_table, table));
                remove(resources, table);
            }
            Self::AddRoute { table, name, address, replaces } => {
                let route = direct_route(name, *address);
                each_route_list(resources, shown, table, |routes| match replaces {
                    Some(before) => lead(routes, *address, before),
                    None => routes.retain(|other| *other != route),
                });
            }
            Self::AddSecurityRule { .. } => {
                let (group, rule) = (self.group(), self.security_rule());
                each_rule_list(resources, group, |rules| rules.retain(|other| Some(other) != rule.as_ref()));
            }
            Self::AddRuleGroup { policy, name, .. } => {
                let id = child(policy, "rulecollectiongroups", name);
                each(resources, |body| match body {
                    Body::FirewallPolicy(body) if body.id.as_ref() == Some(policy) => {
                        body.groups.iter_mut().for_each(|groups| groups.retain(|group| *group != id));
                    }
                    _ => {}
                });
                remove(resources, &id);
            }
            Self::AddRuleCollection { firewall, name, .. } => each(resources, |body| match body {
                Body::Firewall(body) if body.id.as_ref() == Some(firewall) => {
                    body.collections.retain(|collection| collection.name != *name);
                }
                _ => {}
            }),
            Self::CreateNatGateway { gateway, subnet, .. } => {
                associate(resources, subnet, |subnet| empty(&mut subnet.nat_gateway, gateway));
                remove(resources, gateway);
                remove(resources, &public_address_of(gateway));
            }
            Self::AddNatAddress { gateway, .. } => {
                set_public(resources, gateway, false);
                remove(resources, &public_address_of(gateway));
            }
            Self::AddOutboundRule { balancer, name, .. } => each_balancer(resources, balancer, |balancer| {
                balancer.outbound_rules.retain(|rule| rule.name != *name);
            }),
            Self::AddProbe { balancer, name, rule, replaces, .. } => each_balancer(resources, balancer, |body| {
                body.probes.retain(|probe| probe.name != *name);
                body.rules
                    .iter_mut()
                    .filter(|body| body.name == *rule)
                    .for_each(|body| body.probe.clone_from(replaces));
            }),
        }
    }

    fn group(&self) -> Option<&Element> {
        match self {
            Self::AddSecurityRule { group, .. } => Some(group),
            _ => None,
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

fn each(resources: &mut [Resource], mut edit: impl FnMut(&mut Body)) {
    for resource in resources {
        if let AnyBody::Azure(body) = &mut resource.body {
            edit(body);
        }
    }
}

fn each_balancer(resources: &mut [Resource], id: &ResourceId, edit: impl Fn(&mut crate::azure::LoadBalancer)) {
    each(resources, |body| match body {
        Body::LoadBalancer(body) if body.id.as_ref() == Some(id) => edit(body),
        _ => {}
    });
}

fn associate(resources: &mut [Resource], id: &ResourceId, edit: impl Fn(&mut crate::azure::Subnet)) {
    each(resources, |body| match body {
        Body::Subnet(body) if body.id.as_ref() == Some(id) => edit(body),
        _ => {}
    });
}

/// Puts a resource where the export shows that there is none; another export that does not say follows that one.
fn fill(place: &mut Option<Option<ResourceId>>, id: &ResourceId) {
    if *place == Some(None) {
        *place = Some(Some(id.clone()));
    }
}

fn empty(place: &mut Option<Option<ResourceId>>, id: &ResourceId) {
    if place.as_ref().and_then(Option::as_ref) == Some(id) {
        *place = Some(None);
    }
}

fn set_public(resources: &mut [Resource], gateway: &ResourceId, has_public_address: bool) {
    each(resources, |body| match body {
        Body::NatGateway(body) if body.id.as_ref() == Some(gateway) => body.has_public_address = has_public_address,
        _ => {}
    });
}

/// The routes of a table, and the effective routes of the interfaces that it holds at.
fn each_route_list(resources: &mut [Resource], shown: &Shown, table: &Element, edit: impl Fn(&mut Vec<Route>)) {
    let effective = shown.under(resources, table);
    for (index, resource) in resources.iter_mut().enumerate() {
        match &mut resource.body {
            AnyBody::Azure(Body::RouteTable(body)) if body.id.as_ref() == table.id() && body.id.is_some() => {
                edit(&mut body.routes);
            }
            AnyBody::Azure(Body::EffectiveRoutes(EffectiveRoutes { routes, .. })) if effective.contains(&index) => {
                edit(routes);
            }
            _ => {}
        }
    }
}

/// The rules of a security group, and the effective ones where it holds.
fn each_rule_list(resources: &mut [Resource], group: Option<&Element>, edit: impl Fn(&mut Vec<SecurityRule>)) {
    let Some(group) = group.and_then(Element::id) else { return };
    each(resources, |body| match body {
        Body::SecurityGroup(body) if body.id.as_ref() == Some(group) => edit(&mut body.rules),
        Body::EffectiveSecurityGroup(EffectiveSecurityGroup { group: id, rules, .. }) if id.as_ref() == Some(group) => {
            edit(rules);
        }
        _ => {}
    });
}

/// Adds a resource that is said to be read where `near` was.
fn add(resources: &mut Vec<Resource>, near: &ResourceId, body: Body) {
    let is_near = |resource: &&Resource| matches!(&resource.body, AnyBody::Azure(body) if id_of(body) == Some(near));
    let origin = resources.iter().find(is_near).map_or_else(nowhere, |resource| resource.origin.clone());
    resources.push(Resource { body: AnyBody::Azure(body), origin });
}

fn remove(resources: &mut Vec<Resource>, id: &ResourceId) {
    resources.retain(|resource| !matches!(&resource.body, AnyBody::Azure(body) if id_of(body) == Some(id)));
}

/// Of what no export holds.
fn nowhere() -> Origin {
    Origin { artifact: String::new(), sha256: String::new(), span: 0..0, line: None, quote: String::new() }
}

/// The id of a resource.
pub(in crate::change) fn id_of(body: &Body) -> Option<&ResourceId> {
    match body {
        Body::VirtualMachine(body) => body.id.as_ref(),
        Body::NetworkInterface(body) => body.id.as_ref(),
        Body::VirtualNetwork(body) => body.id.as_ref(),
        Body::Subnet(body) => body.id.as_ref(),
        Body::SecurityGroup(body) => body.id.as_ref(),
        Body::RouteTable(body) => body.id.as_ref(),
        Body::PublicAddress(body) => body.id.as_ref(),
        Body::NatGateway(body) => body.id.as_ref(),
        Body::LoadBalancer(body) => body.id.as_ref(),
        Body::Firewall(body) => body.id.as_ref(),
        Body::FirewallPolicy(body) => body.id.as_ref(),
        Body::RuleCollectionGroup(body) => body.id.as_ref(),
        Body::IpGroup(body) => body.id.as_ref(),
        Body::VirtualHub(body) => body.id.as_ref(),
        Body::HubConnection(body) => body.id.as_ref(),
        Body::RoutingIntent(body) => body.id.as_ref(),
        Body::EffectiveSecurityGroup(_) | Body::EffectiveRoutes(_) => None,
    }
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
