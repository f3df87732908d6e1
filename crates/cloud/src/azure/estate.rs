//! All resources of the exports, found by id or name in constant time, each once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use kmsdoctor_core::fact::Origin;

use super::{
    EffectiveRoutes, EffectiveSecurityGroup, Firewall, FirewallPolicy, HubConnection, IpGroup, LoadBalancer,
    NatGateway, NetworkInterface, ResourceId, RouteTable, RoutingIntent, RuleCollectionGroup, SecurityGroup, Subnet,
    VirtualMachine, VirtualNetwork,
};
use crate::{Body, Resource};

/// A resource with the place that it was read from.
#[derive(Debug)]
pub(crate) struct Held<'a, T: Clone> {
    /// Which one of its kind: what is worked out for it is kept by this number.
    pub(crate) number: usize,
    pub(crate) is: Cow<'a, T>,
    pub(crate) origin: &'a Origin,
}

/// The resources of one kind.
#[derive(Debug)]
pub(crate) struct Kind<'a, T: Clone> {
    all: Vec<Held<'a, T>>,
    by_id: HashMap<&'a ResourceId, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

/// What exports give twice or know by name only.
pub(crate) trait Identified: Clone {
    fn id(&self) -> Option<&ResourceId>;
    fn name(&self) -> &str;
    /// Takes from the same resource of another export what this one does not say.
    fn complete(&mut self, other: &Self);
}

impl ResourceId {
    /// Whether it is a mere name.
    pub(crate) fn is_name(&self) -> bool {
        !self.as_str().contains('/')
    }
}

impl<'a, T: Identified> Kind<'a, T> {
    /// Those with an id first: others may be the same ones, known by name.
    fn of(resources: impl Iterator<Item = (&'a T, &'a Origin)>) -> Self {
        let mut kind = Self { all: Vec::new(), by_id: HashMap::new(), by_name: HashMap::new() };
        let mut named = Vec::new();
        for (resource, origin) in resources {
            let Some(id) = resource.id().filter(|id| !id.is_name()) else {
                named.push((resource, origin));
                continue;
            };
            if let Some(&known) = kind.by_id.get(id) {
                kind.all[known].is.to_mut().complete(resource);
            } else {
                kind.by_id.insert(id, kind.all.len());
                kind.push(resource, origin);
            }
        }
        for (resource, origin) in named {
            match kind.only(&name_of(resource)).map(|held| held.number) {
                Some(known) => kind.all[known].is.to_mut().complete(resource),
                None => kind.push(resource, origin),
            }
        }
        kind
    }

    fn push(&mut self, resource: &'a T, origin: &'a Origin) {
        let number = self.all.len();
        let name = name_of(resource);
        if !name.is_empty() {
            self.by_name.entry(name).or_default().push(number);
        }
        self.all.push(Held { number, is: Cow::Borrowed(resource), origin });
    }

    /// The one of this name, if just one has it.
    fn only(&self, name: &str) -> Option<&Held<'a, T>> {
        match self.by_name.get(name)?.as_slice() {
            [number] => self.all.get(*number),
            _ => None,
        }
    }

    /// The one that a reference means: by its id, or by name where the exports give no more on either side.
    pub(crate) fn find(&self, id: &ResourceId) -> Option<&Held<'a, T>> {
        if let Some(&number) = self.by_id.get(id) {
            return self.all.get(number);
        }
        self.only(id.name()).filter(|held| id.is_name() || held.is.id().is_none_or(ResourceId::is_name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Held<'a, T>> {
        self.all.iter()
    }
}

/// The name in lower case, as references have it.
fn name_of(resource: &impl Identified) -> String {
    match resource.name() {
        "" => resource.id().map(|id| id.name().to_owned()).unwrap_or_default(),
        name => name.to_ascii_lowercase(),
    }
}

/// What an export may leave out, and another one say.
trait Fill {
    fn fill(&mut self, other: &Self);
}

impl<T: Clone> Fill for Option<T> {
    fn fill(&mut self, other: &Self) {
        if self.is_none() {
            self.clone_from(other);
        }
    }
}

impl<T: Clone> Fill for Vec<T> {
    fn fill(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        }
    }
}

impl Fill for String {
    fn fill(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        }
    }
}

macro_rules! identified {
    ($($kind:ident: $($field:ident)*;)*) => {
        $(impl Identified for $kind {
            fn id(&self) -> Option<&ResourceId> {
                self.id.as_ref()
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn complete(&mut self, other: &Self) {
                self.id.fill(&other.id);
                self.name.fill(&other.name);
                $(self.$field.fill(&other.$field);)*
            }
        })*
    };
}

identified! {
    VirtualMachine: location interfaces availability_set image license_type operating_system;
    NetworkInterface: location machine is_primary security_group configurations;
    VirtualNetwork: address_space dns_servers peerings;
    Subnet: prefixes security_group route_table nat_gateway default_outbound_access;
    SecurityGroup: rules;
    RouteTable: routes;
    NatGateway: subnets;
    LoadBalancer: sku frontends pools rules outbound_rules probes;
    Firewall: private_addresses subnet has_public_address hub policy collections dns_proxy;
    FirewallPolicy: base groups dns_proxy;
    RuleCollectionGroup: collections;
    IpGroup: members;
}

/// Everything that the exports describe, and what refers to what against the direction of the ids.
#[derive(Debug)]
pub(crate) struct Estate<'a> {
    pub(crate) machines: Kind<'a, VirtualMachine>,
    pub(crate) interfaces: Kind<'a, NetworkInterface>,
    pub(crate) networks: Kind<'a, VirtualNetwork>,
    pub(crate) subnets: Kind<'a, Subnet>,
    pub(crate) security_groups: Kind<'a, SecurityGroup>,
    pub(crate) route_tables: Kind<'a, RouteTable>,
    pub(crate) nat_gateways: Kind<'a, NatGateway>,
    pub(crate) load_balancers: Kind<'a, LoadBalancer>,
    pub(crate) firewalls: Kind<'a, Firewall>,
    pub(crate) policies: Kind<'a, FirewallPolicy>,
    pub(crate) rule_groups: Kind<'a, RuleCollectionGroup>,
    pub(crate) ip_groups: Kind<'a, IpGroup>,
    pub(crate) effective_routes: Vec<(&'a EffectiveRoutes, &'a Origin)>,
    pub(crate) effective_groups: Vec<(&'a EffectiveSecurityGroup, &'a Origin)>,
    /// The connection of each network to a hub.
    pub(crate) connections: HashMap<&'a ResourceId, &'a HubConnection>,
    /// The routing intent of each hub.
    pub(crate) intents: HashMap<ResourceId, &'a RoutingIntent>,
}

impl<'a> Estate<'a> {
    /// The order of `resources` means nothing: what counts first is what stands first in the artifacts.
    pub(crate) fn new(resources: &'a [Resource]) -> Self {
        let mut all: Vec<(&super::Body, &Origin)> = resources
            .iter()
            .filter_map(|resource| match &resource.body {
                Body::Azure(body) => Some((body, &resource.origin)),
                _ => None,
            })
            .collect();
        all.sort_by(|(_, one), (_, other)| {
            (&one.artifact, &one.sha256, one.span.start, one.span.end).cmp(&(
                &other.artifact,
                &other.sha256,
                other.span.start,
                other.span.end,
            ))
        });
        macro_rules! every {
            ($kind:ident) => {
                all.iter().filter_map(|(body, origin)| match body {
                    super::Body::$kind(resource) => Some((resource, *origin)),
                    _ => None,
                })
            };
        }
        let mut connections = HashMap::new();
        for (connection, _) in every!(HubConnection) {
            if let Some(network) = &connection.network {
                connections.entry(network).or_insert(connection);
            }
        }
        let mut intents = HashMap::new();
        for (intent, _) in every!(RoutingIntent) {
            if let Some(hub) = intent.id.as_ref().and_then(ResourceId::parent) {
                intents.entry(hub).or_insert(intent);
            }
        }
        Self {
            machines: Kind::of(every!(VirtualMachine)),
            interfaces: Kind::of(every!(NetworkInterface)),
            networks: Kind::of(every!(VirtualNetwork)),
            subnets: Kind::of(every!(Subnet)),
            security_groups: Kind::of(every!(SecurityGroup)),
            route_tables: Kind::of(every!(RouteTable)),
            nat_gateways: Kind::of(every!(NatGateway)),
            load_balancers: Kind::of(every!(LoadBalancer)),
            firewalls: Kind::of(every!(Firewall)),
            policies: Kind::of(every!(FirewallPolicy)),
            rule_groups: Kind::of(every!(RuleCollectionGroup)),
            ip_groups: Kind::of(every!(IpGroup)),
            effective_routes: every!(EffectiveRoutes).collect(),
            effective_groups: every!(EffectiveSecurityGroup).collect(),
            connections,
            intents,
        }
    }

    /// Ids of the networks to which gateways may announce routes that no table shows.
    pub(crate) fn announced_to(&self) -> HashSet<ResourceId> {
        let with_gateway = self.subnets.iter().filter_map(|subnet| {
            let id = subnet.is.id.as_ref()?;
            (id.name() == "gatewaysubnet").then(|| id.parent()).flatten()
        });
        let by_peering = self.networks.iter().filter(|network| {
            let mut peerings = network.is.peerings.iter().flatten();
            peerings.any(|peering| peering.is_connected && peering.uses_remote_gateways)
        });
        with_gateway
            .chain(by_peering.filter_map(|network| network.is.id.clone()))
            .chain(self.connections.keys().map(|network| (*network).clone()))
            .collect()
    }

    /// Firewalls by the addresses that routes name.
    pub(crate) fn firewalls_by_address(&self) -> HashMap<IpAddr, Vec<usize>> {
        let mut by_address: HashMap<IpAddr, Vec<usize>> = HashMap::new();
        for firewall in self.firewalls.iter() {
            for address in &firewall.is.private_addresses {
                let all = by_address.entry(*address).or_default();
                if all.last() != Some(&firewall.number) {
                    all.push(firewall.number);
                }
            }
        }
        by_address
    }
}

impl<'a, T: Clone> Kind<'a, T> {
    /// The one with this number.
    pub(crate) fn number(&self, number: usize) -> &Held<'a, T> {
        &self.all[number]
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::*;

    /// A subnet of a route table, of none (an empty name), or of which the export does not say.
    fn subnet(id: Option<&str>, name: &str, route_table: Option<&str>) -> super::super::Body {
        let table = |table: &str| (!table.is_empty()).then(|| ResourceId::new(table));
        super::super::Body::Subnet(Subnet {
            id: id.map(ResourceId::new),
            name: name.to_owned(),
            route_table: route_table.map(table),
            ..Subnet::default()
        })
    }

    #[test]
    fn the_same_resource_twice_is_one_and_complete() {
        let resources = resources([
            subnet(Some("/x/virtualNetworks/hub/subnets/Work"), "Work", None),
            subnet(Some("/X/VIRTUALNETWORKS/HUB/SUBNETS/WORK"), "work", Some("/x/routeTables/one")),
            subnet(Some("/x/virtualNetworks/hub/subnets/work"), "work", Some("")),
            subnet(None, "WORK", Some("")),
        ]);
        let estate = Estate::new(&resources);
        assert_eq!(estate.subnets.iter().count(), 1);
        let found = estate.subnets.find(&ResourceId::new("/x/virtualNetworks/hub/subnets/work")).unwrap();
        assert_eq!(found.is.name, "Work");
        assert_eq!(found.is.route_table, Some(Some(ResourceId::new("/x/routeTables/one"))), "the first that says it");
    }

    #[test]
    fn names_meet_only_where_one_has_it() {
        let resources = resources([
            subnet(Some("/x/virtualNetworks/one/subnets/work"), "work", None),
            subnet(Some("/x/virtualNetworks/two/subnets/work"), "work", None),
            subnet(None, "lone", None),
        ]);
        let estate = Estate::new(&resources);
        let find = |id: &str| estate.subnets.find(&ResourceId::new(id)).map(|held| held.number);
        assert_eq!(find("work"), None, "two have the name");
        assert_eq!(find("/x/virtualNetworks/three/subnets/work"), None);
        assert_eq!(find("lone"), Some(2));
        assert_eq!(find("/x/virtualNetworks/three/subnets/lone"), Some(2), "nothing tells them apart");
    }

    #[test]
    fn gateways_announce_to_networks() {
        let estate_of =
            resources([subnet(Some("/x/virtualNetworks/hub/subnets/GatewaySubnet"), "GatewaySubnet", None)]);
        let announced = Estate::new(&estate_of).announced_to();
        assert!(announced.contains(&ResourceId::new("/x/virtualNetworks/hub")));
    }
}
