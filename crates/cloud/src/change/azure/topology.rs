//! What belongs together in Azure: which interface a path is of, what holds there, and who else meets it.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use crate::azure::{
    AddressConfiguration, Body, EffectiveRoutes, EffectiveSecurityGroup, Firewall, LoadBalancer, NetworkInterface,
    ResourceId, RuleCollectionGroup, Subnet,
};
use crate::change::azure::apply::id_of;
use crate::change::azure::{AzureOperation, Element};
use crate::{Body as AnyBody, Path, Resource};

/// Azure's resources by what ties them together.
pub(in crate::change) struct Topology<'a> {
    bodies: Vec<&'a Body>,
    by_id: HashMap<&'a ResourceId, &'a Body>,
    interfaces: Vec<&'a NetworkInterface>,
    by_name: HashMap<&'a str, Vec<usize>>,
    /// Interfaces by what holds at them: groups, subnets, tables, pools.
    under: HashMap<&'a ResourceId, Vec<usize>>,
}

impl<'a> Topology<'a> {
    pub(in crate::change) fn new(resources: &'a [Resource]) -> Self {
        let bodies: Vec<&Body> = resources.iter().filter_map(azure).collect();
        let by_id = bodies.iter().filter_map(|body| Some((id_of(body)?, *body))).collect();
        let interfaces: Vec<&NetworkInterface> = bodies.iter().filter_map(|body| interface(body)).collect();
        let mut topology = Self { bodies, by_id, interfaces, by_name: HashMap::new(), under: HashMap::new() };
        for (index, interface) in topology.interfaces.iter().enumerate() {
            topology.by_name.entry(interface.name.as_str()).or_default().push(index);
        }
        for (index, interface) in topology.interfaces.clone().into_iter().enumerate() {
            for place in topology.places(interface) {
                topology.under.entry(place).or_default().push(index);
            }
        }
        topology
    }

    /// The resource with the id.
    pub(in crate::change) fn get(&self, id: &ResourceId) -> Option<&'a Body> {
        self.by_id.get(id).copied()
    }

    /// The interface of a path; `None` if the exports do not have it. Where several have the name, the path puts resource group
    /// and subscription before it.
    pub(in crate::change) fn interface_of(&self, path: &Path) -> Option<&'a NetworkInterface> {
        let mut parts = path.interface.rsplit('/');
        let named = self.by_name.get(parts.next()?)?;
        let (group, subscription) = (parts.next(), parts.next());
        let is_in = |interface: &NetworkInterface, segment: &str, part: Option<&str>| {
            let own = interface.id.as_ref().and_then(|id| id.part(segment));
            part.is_none_or(|part| own.is_some_and(|own| own.eq_ignore_ascii_case(part)))
        };
        let candidates = named.iter().map(|index| self.interfaces[*index]).filter(|interface| {
            is_in(interface, "resourcegroups", group) && is_in(interface, "subscriptions", subscription)
        });
        let mut candidates = candidates.peekable();
        let candidate = *candidates.peek()?;
        candidates.all(|other| other.id == candidate.id).then_some(candidate)
    }

    /// The subnet of an interface.
    pub(in crate::change) fn subnet_of(&self, interface: &NetworkInterface) -> Option<&'a Subnet> {
        self.subnet(primary(interface)?.subnet.as_ref()?)
    }

    /// The subnet with the id.
    pub(in crate::change) fn subnet(&self, id: &ResourceId) -> Option<&'a Subnet> {
        match self.get(id)? {
            Body::Subnet(subnet) => Some(subnet),
            _ => None,
        }
    }

    /// Firewalls with the name.
    pub(in crate::change) fn firewalls(&self, name: &str) -> impl Iterator<Item = &'a Firewall> {
        self.bodies.iter().filter_map(move |body| match body {
            Body::Firewall(firewall) if firewall.name.eq_ignore_ascii_case(name) => Some(firewall),
            _ => None,
        })
    }

    /// Load balancers.
    pub(in crate::change) fn balancers(&self) -> impl Iterator<Item = &'a LoadBalancer> {
        self.bodies.iter().filter_map(|body| match body {
            Body::LoadBalancer(balancer) => Some(balancer),
            _ => None,
        })
    }

    /// The rule collection groups of a policy, in the order in which they are tried.
    pub(in crate::change) fn rule_groups(&self, policy: &ResourceId) -> Vec<&'a RuleCollectionGroup> {
        let of_policy = |body: &&'a Body| match body {
            Body::RuleCollectionGroup(group) if group.id.as_ref()?.parent().as_ref() == Some(policy) => Some(group),
            _ => None,
        };
        let mut groups: Vec<&RuleCollectionGroup> = self.bodies.iter().filter_map(of_policy).collect();
        groups.sort_by_key(|group| group.priority);
        groups
    }

    /// Effective groups of an interface with the name of the group.
    pub(in crate::change) fn effective_groups(
        &self,
        interface: &str,
    ) -> impl Iterator<Item = &'a EffectiveSecurityGroup> {
        let at = move |group: &&EffectiveSecurityGroup| {
            group.interface.as_ref().is_none_or(|id| id.name().eq_ignore_ascii_case(interface))
        };
        let effective = self.bodies.iter().filter_map(|body| match body {
            Body::EffectiveSecurityGroup(group) => Some(group),
            _ => None,
        });
        effective.filter(at)
    }

    /// Whether there are effective routes.
    pub(in crate::change) fn has_effective_routes(&self) -> bool {
        self.bodies.iter().any(|body| matches!(body, Body::EffectiveRoutes(_)))
    }

    /// Who calls a resource this already: names of one kind in a resource group are unique.
    pub(in crate::change) fn has(&self, id: &ResourceId) -> bool {
        self.by_id.contains_key(id)
    }

    /// The interfaces whose packets meet what an operation changes.
    pub(in crate::change) fn meeting(&self, operation: &AzureOperation) -> Vec<&'a NetworkInterface> {
        match operation {
            AzureOperation::AddRuleGroup { rule, .. } | AzureOperation::AddRuleCollection { rule, .. } => {
                let is_source = |address: IpAddr| rule.sources.iter().any(|source| source.contains(&address));
                let sends = |interface: &&&NetworkInterface| private_address(interface).is_some_and(is_source);
                self.interfaces.iter().filter(sends).copied().collect()
            }
            AzureOperation::AddRoute { table: Element::Of { interface }, .. } => {
                let named = self.by_name.get(interface.as_str());
                named.into_iter().flatten().map(|index| self.interfaces[*index]).collect()
            }
            _ => {
                let under = operation.place().and_then(|place| self.under.get(place));
                under.into_iter().flatten().map(|index| self.interfaces[*index]).collect()
            }
        }
    }

    /// What people call an interface: its machine, if it has one.
    pub(in crate::change) fn label(&self, interface: &NetworkInterface) -> String {
        let machine = interface.machine.as_ref().map(|id| match self.get(id) {
            Some(Body::VirtualMachine(machine)) => machine.name.as_str(),
            _ => id.name(),
        });
        machine.filter(|name| !name.is_empty()).unwrap_or(&interface.name).to_owned()
    }

    /// What holds at an interface.
    fn places(&self, interface: &'a NetworkInterface) -> Vec<&'a ResourceId> {
        let mut places: Vec<&ResourceId> = interface.security_group.iter().flatten().collect();
        for configuration in &interface.configurations {
            places.extend(configuration.backend_pools.iter().flatten());
            let Some(id) = &configuration.subnet else { continue };
            places.push(id);
            if let Some(subnet) = self.subnet(id) {
                places.extend(subnet.security_group.iter().flatten());
                places.extend(subnet.route_table.iter().flatten());
                places.extend(subnet.nat_gateway.iter().flatten());
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

impl AzureOperation {
    /// By which resource packets meet it; firewalls are met by where packets go.
    fn place(&self) -> Option<&ResourceId> {
        match self {
            Self::CreateRouteTable { subnet, .. } | Self::CreateNatGateway { subnet, .. } => Some(subnet),
            Self::AddRoute { table: element, .. } | Self::AddSecurityRule { group: element, .. } => element.id(),
            Self::AddOutboundRule { pool, .. } => Some(pool),
            Self::AddNatAddress { gateway, .. } => Some(gateway),
            Self::AddRuleGroup { .. } | Self::AddRuleCollection { .. } | Self::AddProbe { .. } => None,
        }
    }
}

/// The configuration by which a machine's own packets leave.
pub(in crate::change) fn primary(interface: &NetworkInterface) -> Option<&AddressConfiguration> {
    let is_primary = |configuration: &&AddressConfiguration| configuration.is_primary == Some(true);
    interface.configurations.iter().find(is_primary).or_else(|| interface.configurations.first())
}

/// The address from which a machine's own packets come.
pub(in crate::change) fn private_address(interface: &NetworkInterface) -> Option<IpAddr> {
    primary(interface)?.private_address
}

/// Places of the effective routes in `resources` in which the routes of a table show.
pub(in crate::change) fn effective_routes_under(resources: &[Resource], table: &Element) -> HashSet<usize> {
    let bodies = || resources.iter().filter_map(azure);
    let subnets: HashSet<&ResourceId> = bodies().filter_map(|body| subnet_under(body, table)).collect();
    let interfaces: Vec<&NetworkInterface> = bodies().filter_map(interface).collect();
    let is_under = |interface: &&&NetworkInterface| match table {
        Element::Of { interface: name } => interface.name == *name,
        _ => primary(interface).and_then(|primary| primary.subnet.as_ref()).is_some_and(|id| subnets.contains(id)),
    };
    let under: Vec<&NetworkInterface> = interfaces.iter().filter(is_under).copied().collect();
    let ids: HashSet<&ResourceId> = under.iter().filter_map(|interface| interface.id.as_ref()).collect();
    let mut names: HashSet<String> = under.iter().map(|interface| interface.name.to_ascii_lowercase()).collect();
    if let Element::Of { interface } = table {
        names.insert(interface.to_ascii_lowercase());
    }
    // Effective routes that name no interface are those of the only one, or stand for themselves.
    let nameless = interfaces.len() <= 1 && !names.is_empty();
    let shows = |routes: &EffectiveRoutes| match (&routes.interface, &routes.interface_name) {
        (Some(id), _) => ids.contains(id) || names.contains(id.name()),
        (None, Some(name)) => names.contains(&name.to_ascii_lowercase()),
        (None, None) => nameless,
    };
    let effective = resources.iter().enumerate().filter(|(_, resource)| match azure(resource) {
        Some(Body::EffectiveRoutes(routes)) => shows(routes),
        _ => false,
    });
    effective.map(|(index, _)| index).collect()
}

fn subnet_under<'a>(body: &'a Body, table: &Element) -> Option<&'a ResourceId> {
    match body {
        Body::Subnet(subnet) => {
            let of_subnet = subnet.route_table.as_ref()?.as_ref()?;
            (table.id() == Some(of_subnet)).then_some(subnet.id.as_ref()?)
        }
        _ => None,
    }
}

fn azure(resource: &Resource) -> Option<&Body> {
    match &resource.body {
        AnyBody::Azure(body) => Some(body),
        _ => None,
    }
}

fn interface(body: &Body) -> Option<&NetworkInterface> {
    match body {
        Body::NetworkInterface(interface) => Some(interface),
        _ => None,
    }
}
