//! What if: resources of another file in the place of those in the exports, before the paths are judged.
//!
//! What holds at an interface (effective routes and rules) was computed by the cloud from the tables and groups as they are. Where
//! one of these is assumed to be another, what holds is computed anew from it: otherwise the assumption would change nothing.

use crate::azure::{
    self, EffectiveRoutes, EffectiveSecurityGroup, NetworkInterface, Peer, ResourceId, Route, RouteSource, RouteTable,
    SecurityGroup, SecurityRule, Subnet,
};
use crate::{Body, Resource, google};

/// `resources` with those of `assumed` in the place of the same ones, or beside them.
pub fn assume(resources: &[Resource], assumed: &[Resource]) -> Vec<Resource> {
    let is_replaced = |resource: &&Resource| assumed.iter().any(|other| is_same(&resource.body, &other.body));
    let mut kept: Vec<Resource> = resources.iter().filter(|resource| !is_replaced(resource)).cloned().collect();
    let old = kept.clone();
    let all = || old.iter().chain(assumed);
    kept.retain(|resource| !is_outdated(&resource.body, assumed));
    for resource in &mut kept {
        match &mut resource.body {
            Body::Azure(azure::Body::EffectiveRoutes(effective)) => {
                if let Some(user) = user_routes(effective, all(), assumed) {
                    effective.routes = with_user_routes(&effective.routes, user);
                }
            }
            Body::Azure(azure::Body::EffectiveSecurityGroup(effective)) => {
                if let Some(group) = effective.group.as_ref().and_then(|id| security_group(assumed, id)) {
                    effective.rules = resolved(&group.rules, &effective.rules);
                }
            }
            _ => {}
        }
    }
    kept.extend(assumed.iter().cloned());
    kept
}

/// Whether both describe one resource.
fn is_same(one: &Body, other: &Body) -> bool {
    match (one, other) {
        (Body::Azure(one), Body::Azure(other)) => {
            std::mem::discriminant(one) == std::mem::discriminant(other) && is_same_of_azure(one, other)
        }
        (Body::Google(one), Body::Google(other)) => is_same_of_google(one, other),
        _ => false,
    }
}

fn is_same_of_azure(one: &azure::Body, other: &azure::Body) -> bool {
    use azure::Body::{EffectiveRoutes, EffectiveSecurityGroup};
    match (one, other) {
        (EffectiveSecurityGroup(one), EffectiveSecurityGroup(other)) => {
            (&one.group, &one.interface, &one.subnet) == (&other.group, &other.interface, &other.subnet)
        }
        (EffectiveRoutes(one), EffectiveRoutes(other)) if one.interface.is_none() && other.interface.is_none() => {
            one.interface_name == other.interface_name
        }
        _ => one.id().is_some() && one.id() == other.id(),
    }
}

fn is_same_of_google(one: &google::Body, other: &google::Body) -> bool {
    use google::Body::{FirewallPolicy, FirewallRule, Instance, Network, Route, Router, Subnet};
    match (one, other) {
        (Instance(one), Instance(other)) => one.link.refers_to(&other.link),
        (Subnet(one), Subnet(other)) => one.link.refers_to(&other.link),
        (Network(one), Network(other)) => one.link.refers_to(&other.link),
        (Router(one), Router(other)) => one.link.refers_to(&other.link),
        (FirewallRule(one), FirewallRule(other)) => one.name == other.name && one.network.refers_to(&other.network),
        (Route(one), Route(other)) => one.name == other.name && one.network.refers_to(&other.network),
        (FirewallPolicy(one), FirewallPolicy(other)) => (&one.name, &one.level) == (&other.name, &other.level),
        _ => false,
    }
}

impl azure::Body {
    /// The id of the resource; of what holds at an interface, the interface's.
    fn id(&self) -> Option<&ResourceId> {
        match self {
            Self::VirtualMachine(body) => body.id.as_ref(),
            Self::NetworkInterface(body) => body.id.as_ref(),
            Self::VirtualNetwork(body) => body.id.as_ref(),
            Self::Subnet(body) => body.id.as_ref(),
            Self::SecurityGroup(body) => body.id.as_ref(),
            Self::EffectiveSecurityGroup(body) => body.interface.as_ref(),
            Self::RouteTable(body) => body.id.as_ref(),
            Self::EffectiveRoutes(body) => body.interface.as_ref(),
            Self::PublicAddress(body) => body.id.as_ref(),
            Self::NatGateway(body) => body.id.as_ref(),
            Self::LoadBalancer(body) => body.id.as_ref(),
            Self::Firewall(body) => body.id.as_ref(),
            Self::FirewallPolicy(body) => body.id.as_ref(),
            Self::RuleCollectionGroup(body) => body.id.as_ref(),
            Self::IpGroup(body) => body.id.as_ref(),
            Self::VirtualHub(body) => body.id.as_ref(),
            Self::HubConnection(body) => body.id.as_ref(),
            Self::RoutingIntent(body) => body.id.as_ref(),
        }
    }
}

/// Effective rules of an interface or subnet that is assumed to be another: its groups may be others, too.
fn is_outdated(body: &Body, assumed: &[Resource]) -> bool {
    let Body::Azure(azure::Body::EffectiveSecurityGroup(EffectiveSecurityGroup { interface, subnet, .. })) = body
    else {
        return false;
    };
    [interface, subnet].into_iter().flatten().any(|place| {
        assumed.iter().any(|resource| match &resource.body {
            Body::Azure(body @ (azure::Body::NetworkInterface(_) | azure::Body::Subnet(_))) => body.id() == Some(place),
            _ => false,
        })
    })
}

/// The user-defined routes that `effective` would have; `None` where nothing of what is assumed is about them.
fn user_routes<'r>(
    effective: &EffectiveRoutes,
    all: impl Iterator<Item = &'r Resource> + Clone,
    assumed: &'r [Resource],
) -> Option<&'r [Route]> {
    let tables = || assumed.iter().filter_map(route_table);
    let Some(subnet) = subnet_of(effective, all.clone()) else {
        // Routes alone, without the interface: the one table that is given is meant for them.
        let mut tables = tables();
        return tables.next().filter(|_| tables.next().is_none()).map(|table| table.routes.as_slice());
    };
    let is_assumed = |id: &ResourceId| tables().any(|table| table.id.as_ref() == Some(id));
    let is_subnet_assumed = assumed.iter().filter_map(self::subnet).any(|other| other.id == subnet.id);
    match &subnet.route_table {
        Some(Some(id)) if is_subnet_assumed || is_assumed(id) => {
            all.filter_map(route_table).find(|table| table.id.as_ref() == Some(id)).map(|table| table.routes.as_slice())
        }
        Some(None) if is_subnet_assumed => Some(&[]),
        _ => None,
    }
}

fn subnet_of<'r>(effective: &EffectiveRoutes, all: impl Iterator<Item = &'r Resource> + Clone) -> Option<&'r Subnet> {
    let is_its = |interface: &&NetworkInterface| match (&effective.interface, &effective.interface_name) {
        (Some(id), _) => interface.id.as_ref() == Some(id),
        (None, Some(name)) => interface.name.eq_ignore_ascii_case(name),
        (None, None) => false,
    };
    let interface = all.clone().filter_map(network_interface).find(is_its)?;
    let id = interface.configurations.iter().find_map(|configuration| configuration.subnet.as_ref())?;
    all.filter_map(subnet).find(|subnet| subnet.id.as_ref() == Some(id))
}

/// `routes` with other user-defined ones. A route that one of the old ones overrode holds again, unless a new one overrides it.
fn with_user_routes(routes: &[Route], user: &[Route]) -> Vec<Route> {
    let overrides = |by: &Route, route: &Route| by.prefixes.iter().any(|prefix| route.prefixes.contains(prefix));
    let (old, others): (Vec<&Route>, Vec<&Route>) = routes.iter().partition(|route| route.source == RouteSource::User);
    let hold = others.into_iter().map(|route| {
        let was_overridden = old.iter().any(|by| by.is_active && overrides(by, route));
        let is_overridden = user.iter().any(|by| overrides(by, route));
        Route { is_active: !is_overridden && (route.is_active || was_overridden), ..route.clone() }
    });
    user.iter().cloned().chain(hold).collect()
}

/// `rules` with the tags resolved that the effective ones resolve.
fn resolved(rules: &[SecurityRule], effective: &[SecurityRule]) -> Vec<SecurityRule> {
    let peers = || effective.iter().flat_map(|rule| rule.sources.iter().chain(&rule.destinations));
    let resolve = |peer: &Peer| match peer {
        Peer::Tag(tag) => {
            let is_its = |peer: &&Peer| matches!(peer, Peer::ResolvedTag(known, _) if known.eq_ignore_ascii_case(tag));
            peers().find(is_its).unwrap_or(peer).clone()
        }
        _ => peer.clone(),
    };
    let rule = |rule: &SecurityRule| SecurityRule {
        sources: rule.sources.iter().map(resolve).collect(),
        destinations: rule.destinations.iter().map(resolve).collect(),
        ..rule.clone()
    };
    rules.iter().map(rule).collect()
}

fn route_table(resource: &Resource) -> Option<&RouteTable> {
    match &resource.body {
        Body::Azure(azure::Body::RouteTable(table)) => Some(table),
        _ => None,
    }
}

fn subnet(resource: &Resource) -> Option<&Subnet> {
    match &resource.body {
        Body::Azure(azure::Body::Subnet(subnet)) => Some(subnet),
        _ => None,
    }
}

fn network_interface(resource: &Resource) -> Option<&NetworkInterface> {
    match &resource.body {
        Body::Azure(azure::Body::NetworkInterface(interface)) => Some(interface),
        _ => None,
    }
}

fn security_group<'r>(resources: &'r [Resource], id: &ResourceId) -> Option<&'r SecurityGroup> {
    resources.iter().find_map(|resource| match &resource.body {
        Body::Azure(azure::Body::SecurityGroup(group)) if group.id.as_ref() == Some(id) => Some(group),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use kmsdoctor_core::fact::Origin;

    use super::*;
    use crate::azure::{NextHop, RoutePrefix};

    fn resource(body: azure::Body) -> Resource {
        let (artifact, sha256, quote) = (String::new(), String::new(), String::new());
        Resource { body: Body::Azure(body), origin: Origin { artifact, sha256, span: 0..0, line: None, quote } }
    }

    fn route(source: RouteSource, prefix: &str, next_hop: NextHop, is_active: bool) -> Route {
        let prefixes = vec![RoutePrefix::Prefix(prefix.parse().unwrap())];
        Route { name: None, source, is_active, prefixes, next_hop, next_hop_address: None, origin: None }
    }

    fn table(id: &str, routes: Vec<Route>) -> Resource {
        let id = Some(ResourceId::new(id));
        resource(azure::Body::RouteTable(RouteTable { id, name: "rt".into(), routes, ..RouteTable::default() }))
    }

    fn effective(routes: Vec<Route>) -> Resource {
        resource(azure::Body::EffectiveRoutes(EffectiveRoutes { routes, ..EffectiveRoutes::default() }))
    }

    fn routes_of(resources: &[Resource]) -> Vec<(RouteSource, bool)> {
        let effective = resources.iter().find_map(|resource| match &resource.body {
            Body::Azure(azure::Body::EffectiveRoutes(effective)) => Some(effective),
            _ => None,
        });
        effective.unwrap().routes.iter().map(|route| (route.source, route.is_active)).collect()
    }

    #[test]
    fn the_same_resource_is_replaced_and_another_one_added() {
        let exports = [table("/rt/a", Vec::new()), table("/rt/b", Vec::new())];
        let with_route = vec![route(RouteSource::User, "20.118.99.224/32", NextHop::Internet, true)];
        let assumed = [table("/rt/A", with_route.clone()), table("/rt/c", Vec::new())];
        let after = assume(&exports, &assumed);
        assert_eq!(after.len(), 3);
        let tables: Vec<&RouteTable> = after.iter().filter_map(route_table).collect();
        assert_eq!(tables.iter().map(|table| table.routes.len()).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(assume(&exports, &[]), exports);
    }

    #[test]
    fn a_table_counts_where_effective_routes_are_exported() {
        let gateway = route(RouteSource::User, "0.0.0.0/0", NextHop::VirtualNetworkGateway, true);
        let default = route(RouteSource::Default, "0.0.0.0/0", NextHop::Internet, false);
        let exports = [effective(vec![gateway, default])];
        let internet = route(RouteSource::User, "20.118.99.224/32", NextHop::Internet, true);
        let after = assume(&exports, &[table("/rt/a", vec![internet])]);
        // The default route of Azure holds again.
        assert_eq!(routes_of(&after), [(RouteSource::User, true), (RouteSource::Default, true)]);
        // Of two tables it is not known which one is meant.
        let after = assume(&exports, &[table("/rt/a", Vec::new()), table("/rt/b", Vec::new())]);
        assert_eq!(routes_of(&after), [(RouteSource::User, true), (RouteSource::Default, false)]);
    }

    #[test]
    fn a_table_counts_for_its_own_subnet() {
        let interface = |subnet: &str| {
            let subnet = Some(ResourceId::new(subnet));
            let configuration = azure::AddressConfiguration { subnet, ..azure::AddressConfiguration::default() };
            resource(azure::Body::NetworkInterface(NetworkInterface {
                id: Some(ResourceId::new("/nic")),
                configurations: vec![configuration],
                ..NetworkInterface::default()
            }))
        };
        let subnet = |table: Option<&str>| {
            resource(azure::Body::Subnet(Subnet {
                id: Some(ResourceId::new("/subnet")),
                route_table: Some(table.map(ResourceId::new)),
                ..Subnet::default()
            }))
        };
        let routes = EffectiveRoutes {
            interface: Some(ResourceId::new("/nic")),
            routes: vec![route(RouteSource::User, "0.0.0.0/0", NextHop::None, true)],
            ..EffectiveRoutes::default()
        };
        let routes = resource(azure::Body::EffectiveRoutes(routes));
        let exports = [routes, interface("/subnet"), subnet(Some("/rt/a")), table("/rt/a", Vec::new())];
        assert_eq!(routes_of(&assume(&exports, &[table("/rt/b", Vec::new())])), [(RouteSource::User, true)]);
        assert_eq!(routes_of(&assume(&exports, &[table("/rt/a", Vec::new())])), []);
        assert_eq!(routes_of(&assume(&exports, &[subnet(None)])), []);
    }
}
