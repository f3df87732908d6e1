//! What belongs together in Azure: which interface a path is of, what holds there, and who else meets it.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use crate::azure::estate::Estate;
use crate::azure::{
    AddressConfiguration, EffectiveSecurityGroup, Firewall, LoadBalancer, NetworkInterface, ResourceId, Route,
    RouteSource, RuleCollectionGroup, Subnet, interfaces,
};
use crate::change::azure::{AzureOperation, Element};
use crate::{Path, Resource};

/// Azure's resources, each once, with what holds at each interface.
pub(in crate::change) struct Topology<'a> {
    pub(in crate::change) estate: Estate<'a>,
    by_name: HashMap<String, Vec<usize>>,
    /// Numbers of interfaces by what holds at them: groups, subnets, tables, gateways, pools.
    under: HashMap<ResourceId, Vec<usize>>,
    /// Subnets of interfaces whose effective routes come from a route table.
    routed: HashSet<ResourceId>,
}

impl<'a> Topology<'a> {
    pub(in crate::change) fn new(resources: &'a [Resource]) -> Self {
        let estate = Estate::new(resources);
        let routed = routed(&estate);
        let mut topology = Self { estate, by_name: HashMap::new(), under: HashMap::new(), routed };
        for interface in topology.estate.interfaces.iter() {
            topology.by_name.entry(interface.is.name.to_ascii_lowercase()).or_default().push(interface.number);
            for place in places(&topology.estate, &interface.is) {
                topology.under.entry(place).or_default().push(interface.number);
            }
        }
        topology
    }

    /// The interface of a path; `None` if the exports do not have it. Where several have the name, the path puts resource group
    /// and subscription before it.
    pub(in crate::change) fn interface_of(&self, path: &Path) -> Option<&NetworkInterface> {
        let mut parts = path.interface.rsplit('/');
        let named = self.by_name.get(&parts.next()?.to_ascii_lowercase())?;
        let (group, subscription) = (parts.next(), parts.next());
        let is_in = |interface: &NetworkInterface, segment: &str, part: Option<&str>| {
            let own = interface.id.as_ref().and_then(|id| id.part(segment));
            part.is_none_or(|part| own.is_some_and(|own| own.eq_ignore_ascii_case(part)))
        };
        let mut candidates = self.numbered(named).filter(|interface| {
            is_in(interface, "resourcegroups", group) && is_in(interface, "subscriptions", subscription)
        });
        candidates.next().filter(|_| candidates.next().is_none())
    }

    fn numbered(&self, numbers: &[usize]) -> impl Iterator<Item = &NetworkInterface> {
        numbers.iter().map(|number| &*self.estate.interfaces.number(*number).is)
    }

    /// The subnet of an interface.
    pub(in crate::change) fn subnet_of(&self, interface: &NetworkInterface) -> Option<&Subnet> {
        self.subnet(primary(interface)?.subnet.as_ref()?)
    }

    /// The subnet with the id.
    pub(in crate::change) fn subnet(&self, id: &ResourceId) -> Option<&Subnet> {
        self.estate.subnets.find(id).map(|held| &*held.is)
    }

    /// Whether effective routes show that the subnet has a route table, whatever its own export says.
    pub(in crate::change) fn is_routed(&self, subnet: &ResourceId) -> bool {
        self.routed.contains(subnet)
    }

    /// Firewalls with the name.
    pub(in crate::change) fn firewalls(&self, name: &str) -> impl Iterator<Item = &Firewall> {
        let firewalls = self.estate.firewalls.iter().map(|held| &*held.is);
        firewalls.filter(move |firewall| firewall.name.eq_ignore_ascii_case(name))
    }

    /// Load balancers.
    pub(in crate::change) fn balancers(&self) -> impl Iterator<Item = &LoadBalancer> {
        self.estate.load_balancers.iter().map(|held| &*held.is)
    }

    /// The rule collection groups of a policy, in the order in which they are tried.
    pub(in crate::change) fn rule_groups(&self, policy: &ResourceId) -> Vec<&RuleCollectionGroup> {
        let is_of_policy =
            |group: &&RuleCollectionGroup| group.id.as_ref().and_then(ResourceId::parent).as_ref() == Some(policy);
        let groups = self.estate.rule_groups.iter().map(|held| &*held.is);
        let mut groups: Vec<&RuleCollectionGroup> = groups.filter(is_of_policy).collect();
        groups.sort_by_key(|group| group.priority);
        groups
    }

    /// Effective groups that may be those of an interface.
    pub(in crate::change) fn effective_groups(
        &self,
        interface: &str,
    ) -> impl Iterator<Item = &'a EffectiveSecurityGroup> {
        let effective = self.estate.effective_groups.iter().map(|(group, _)| *group);
        effective
            .filter(move |group| group.interface.as_ref().is_none_or(|id| id.name().eq_ignore_ascii_case(interface)))
    }

    /// Whether there is something of this id already.
    pub(in crate::change) fn has(&self, id: &ResourceId) -> bool {
        self.estate.route_tables.find(id).is_some()
            || self.estate.nat_gateways.find(id).is_some()
            || self.estate.rule_groups.find(id).is_some()
    }

    /// The interfaces whose packets meet what an operation changes.
    pub(in crate::change) fn meeting(&self, operation: &AzureOperation) -> Vec<&NetworkInterface> {
        match operation {
            AzureOperation::AddRuleGroup { rule, .. } | AzureOperation::AddRuleCollection { rule, .. } => {
                let is_source = |address: IpAddr| rule.sources.iter().any(|source| source.contains(&address));
                let interfaces = self.estate.interfaces.iter().map(|held| &*held.is);
                interfaces.filter(|interface| private_address(interface).is_some_and(is_source)).collect()
            }
            AzureOperation::AddRoute { table: Element::Of { interface }, .. } => {
                let named = self.by_name.get(&interface.to_ascii_lowercase());
                named.into_iter().flat_map(|named| self.numbered(named)).collect()
            }
            _ => {
                let under = operation.place().and_then(|place| self.under.get(place));
                under.into_iter().flat_map(|under| self.numbered(under)).collect()
            }
        }
    }

    /// What people call an interface: its machine, if it has one.
    pub(in crate::change) fn label(&self, interface: &NetworkInterface) -> String {
        let machine = interface.machine.as_ref().map(|id| match self.estate.machines.find(id) {
            Some(machine) => machine.is.name.as_str(),
            None => id.name(),
        });
        machine.filter(|name| !name.is_empty()).unwrap_or(&interface.name).to_owned()
    }
}

/// Subnets at whose interfaces user-defined routes hold.
fn routed(estate: &Estate) -> HashSet<ResourceId> {
    if estate.effective_routes.is_empty() {
        return HashSet::new();
    }
    let is_user_defined = |route: &Route| route.source == RouteSource::User;
    let interfaces = interfaces::all(estate).into_iter();
    let routed =
        interfaces.filter(|one| one.routes.is_some_and(|(routes, _)| routes.routes.iter().any(is_user_defined)));
    routed.filter_map(|one| one.subnet?.is.id.clone()).collect()
}

/// What holds at an interface.
fn places(estate: &Estate, interface: &NetworkInterface) -> HashSet<ResourceId> {
    let mut places: HashSet<ResourceId> = interface.security_group.iter().flatten().cloned().collect();
    for configuration in &interface.configurations {
        places.extend(configuration.backend_pools.iter().flatten().cloned());
        let Some(id) = &configuration.subnet else { continue };
        places.insert(id.clone());
        if let Some(subnet) = estate.subnets.find(id) {
            let parts = [&subnet.is.security_group, &subnet.is.route_table, &subnet.is.nat_gateway];
            places.extend(parts.into_iter().flatten().flatten().cloned());
        }
    }
    places
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
