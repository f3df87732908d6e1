//! Which operations take a fault of Azure away.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::azure::{
    CollectionKind, Firewall, LoadBalancer, LoadBalancingRule, NetworkInterface, Peer, PortRange, Protocol, ResourceId,
    Route, RuleCollection, SecurityRule, Subnet,
};
use crate::change::azure::apply::{KMS, PRIORITY_MIN, beside, child, is_for};
use crate::change::azure::topology::{Topology, primary, private_address};
use crate::change::azure::{AzureOperation, Element, NetworkRule};
use crate::change::{Reason, free_name};
use crate::{Fault, Hop, Missing, Outcome, Path, Stage};

/// One more than the highest priority number of a rule that people can make in a security group.
const RULE_PRIORITY_END: u32 = 4097;
/// The same for collections and groups of a firewall.
const COLLECTION_PRIORITY_END: u32 = 65_001;

type Operations = Result<Vec<AzureOperation>, Reason>;

/// What the next faults of a blocked path need.
pub(in crate::change) fn operations(topology: &Topology, path: &Path) -> Operations {
    let step = Step { topology, path, interface: topology.interface_of(path) };
    let mut operations = Vec::new();
    for hop in &path.hops {
        match &hop.outcome {
            Outcome::Passes => {}
            // Packets that are led past the appliance do not meet it.
            Outcome::Unknown(Missing::Appliance(_)) if hop.stage == Stage::Firewall => {
                operations.extend(step.route()?);
            }
            Outcome::Unknown(missing) => return Err(Reason::Unknown(vec![missing.clone()])),
            Outcome::Blocks(fault) => operations.extend(step.against(hop, fault)?),
        }
    }
    Ok(operations)
}

/// One path, in search of what takes its faults away.
struct Step<'a> {
    topology: &'a Topology<'a>,
    path: &'a Path,
    interface: Option<&'a NetworkInterface>,
}

impl<'a> Step<'a> {
    fn against(&self, hop: &Hop, fault: &Fault) -> Operations {
        match (hop.stage, fault) {
            (_, Fault::AddressRetired) => Err(Reason::AddressRetired),
            (_, Fault::LicenceNotCovered) => Err(Reason::LicenceNotCovered),
            (Stage::InterfaceRules | Stage::SubnetRules, Fault::RuleDenies(_)) => self.security_rule(hop),
            (Stage::Route, _) => self.route(),
            (Stage::Firewall, Fault::FirewallDenies | Fault::FirewallApplicationOnly) => self.firewall_rule(&hop.name),
            (Stage::FirewallRoute, _) => self.route_behind_firewall(),
            (Stage::Outbound, Fault::NoOutbound(_)) => self.way_out(),
            (Stage::LoadBalancer, Fault::LoadBalancerProbe) => self.probe(hop),
            _ => Err(Reason::NoSmallChange),
        }
    }

    fn address(&self) -> IpAddr {
        self.path.destination.address
    }

    fn interface(&self) -> Result<&'a NetworkInterface, Reason> {
        self.interface.ok_or_else(|| Reason::NotFound(self.path.interface.clone()))
    }

    fn subnet(&self) -> Result<&'a Subnet, Reason> {
        let interface = self.interface()?;
        self.topology.subnet_of(interface).ok_or_else(|| Reason::NotFound(interface.name.clone()))
    }

    fn security_rule(&self, hop: &Hop) -> Operations {
        let (group, rules) = self.group(hop).ok_or_else(|| Reason::NotFound(hop.name.clone()))?;
        let outbound = || rules.iter().filter(|rule| rule.is_outbound);
        let denying = outbound().filter(|rule| rule.denies(self.address())).map(|rule| rule.priority).min();
        let end = denying.unwrap_or(RULE_PRIORITY_END).min(RULE_PRIORITY_END);
        let used: BTreeSet<u32> = outbound().map(|rule| rule.priority).collect();
        let priority = free_before(end, &used).ok_or_else(|| Reason::NoPriority(hop.name.clone()))?;
        let name = free_name("allow-azure-kms", |name| rules.iter().any(|rule| rule.name.eq_ignore_ascii_case(name)));
        Ok(vec![AzureOperation::AddSecurityRule { group, name, priority, addresses: [self.address()].into() }])
    }

    /// The group of a hop with its rules: those of its own export before the effective ones.
    fn group(&self, hop: &Hop) -> Option<(Element, &'a [SecurityRule])> {
        let of_interface = self.interface.and_then(|interface| match hop.stage {
            Stage::InterfaceRules => interface.security_group.as_ref()?.as_ref(),
            _ => self.topology.subnet_of(interface)?.security_group.as_ref()?.as_ref(),
        });
        if let Some(group) = of_interface.and_then(|id| self.topology.estate.security_groups.find(id)) {
            return Some((Element::Known { id: group.is.id.clone()?, name: group.is.name.clone() }, &group.is.rules));
        }
        let mut effective = self.topology.effective_groups(&self.path.interface);
        let is_of_hop = |id: &ResourceId| of_interface == Some(id) || id.name().eq_ignore_ascii_case(&hop.name);
        let group = effective.find(|group| group.group.as_ref().is_some_and(is_of_hop))?;
        Some((Element::Known { id: group.group.clone()?, name: hop.name.clone() }, &group.rules))
    }

    /// A route straight out for the address alone, in the table of the interface's subnet.
    fn route(&self) -> Operations {
        let subnet = self.interface.and_then(|interface| self.topology.subnet_of(interface));
        match subnet.map(|subnet| (subnet, &subnet.route_table)) {
            Some((subnet, table)) if table.is_some() => self.route_at(subnet),
            _ if !self.topology.estate.effective_routes.is_empty() => {
                let table = Element::Of { interface: self.path.interface.clone() };
                Ok(vec![self.route_in(table, &[])?])
            }
            _ => Err(Reason::NotFound(self.path.interface.clone())),
        }
    }

    /// The same for the subnet of the firewall that the path goes through.
    fn route_behind_firewall(&self) -> Operations {
        let hop = self.path.hops.iter().find(|hop| hop.stage == Stage::Firewall);
        let firewall = self.firewall(hop.map_or("", |hop| &hop.name))?;
        let subnet = firewall.subnet.as_ref().and_then(|id| self.topology.subnet(id));
        self.route_at(subnet.ok_or_else(|| Reason::NotFound(firewall.name.clone()))?)
    }

    fn route_at(&self, subnet: &Subnet) -> Operations {
        let not_found = || Reason::NotFound(subnet.name.clone());
        match &subnet.route_table {
            Some(Some(id)) => {
                let table = self.topology.estate.route_tables.find(id).map(|held| &*held.is);
                let name = table.map_or_else(|| id.name().to_owned(), |table| table.name.clone());
                let routes = table.map(|table| table.routes.as_slice()).unwrap_or_default();
                Ok(vec![self.route_in(Element::Known { id: id.clone(), name }, routes)?])
            }
            Some(None) => {
                let id = subnet.id.clone().ok_or_else(not_found)?;
                // A new table would take the place of the one from which these routes come.
                if self.topology.is_routed(&id) {
                    return Err(Reason::Contradiction(subnet.name.clone()));
                }
                let table = self.new_beside(&id, "routetables", "rt").ok_or_else(not_found)?;
                let element = Element::Known { id: table.clone(), name: table.name().to_owned() };
                let create = AzureOperation::CreateRouteTable { table, subnet: id, location: self.location() };
                Ok(vec![create, self.route_in(element, &[])?])
            }
            None => Err(Reason::Unknown(vec![Missing::RouteTable(subnet.name.clone())])),
        }
    }

    fn route_in(&self, table: Element, routes: &[Route]) -> Result<AzureOperation, Reason> {
        let address = self.address();
        let Some(before) = routes.iter().find(|route| is_for(route, address)) else {
            let is_used = |name: &str| routes.iter().any(|route| route.name.as_deref() == Some(name));
            let name = free_name(&format!("azkms-{}", address.to_string().replace(['.', ':'], "-")), is_used);
            return Ok(AzureOperation::AddRoute { table, name, address, replaces: None });
        };
        let name = before.name.clone().ok_or(Reason::NoSmallChange)?;
        let replaces = Some((before.next_hop.clone(), before.next_hop_address));
        Ok(AzureOperation::AddRoute { table, name, address, replaces })
    }

    fn firewall(&self, name: &str) -> Result<&'a Firewall, Reason> {
        let not_found = || Reason::NotFound(name.to_owned());
        let mut firewalls = self.topology.firewalls(name);
        let firewall = firewalls.next().ok_or_else(not_found)?;
        if firewalls.all(|other| other.id == firewall.id) { Ok(firewall) } else { Err(not_found()) }
    }

    fn firewall_rule(&self, name: &str) -> Operations {
        let firewall = self.firewall(name)?;
        let rule = NetworkRule { sources: self.sources()?, addresses: [self.address()].into() };
        let no_priority = || Reason::NoPriority(name.to_owned());
        let Some(own) = &firewall.policy else {
            let firewall_id = firewall.id.clone().ok_or_else(|| Reason::NotFound(name.to_owned()))?;
            let used = firewall.collections.iter().map(|collection| collection.priority).collect();
            let denying = firewall.collections.iter().filter(|collection| collection.denies(self.address()));
            let denying = denying.map(|collection| collection.priority).min();
            let priority = place_before(denying, &used).ok_or_else(no_priority)?;
            let is_used = |name: &str| firewall.collections.iter().any(|collection| collection.name == name);
            let name = free_name("allow-azure-kms", is_used);
            return Ok(vec![AzureOperation::AddRuleCollection { firewall: firewall_id, name, priority, rule }]);
        };
        let (policy, denying) = self.denying_group(own)?;
        let used = self.topology.rule_groups(&policy).iter().map(|group| group.priority).collect();
        let priority = place_before(denying, &used).ok_or_else(no_priority)?;
        let is_used = |name: &str| self.topology.has(&child(&policy, "rulecollectiongroups", name));
        let name = free_name("allow-azure-kms", is_used);
        Ok(vec![AzureOperation::AddRuleGroup { policy, name, priority, rule }])
    }

    /// The policy whose rules deny first, with the priority of the group that does; the firewall's own if none denies.
    fn denying_group(&self, own: &ResourceId) -> Result<(ResourceId, Option<u32>), Reason> {
        let Some(policy) = self.topology.estate.policies.find(own) else {
            return Err(Reason::Unknown(vec![Missing::FirewallPolicy(own.name().to_owned())]));
        };
        for id in policy.is.base.iter().chain([own]) {
            let groups = self.topology.rule_groups(id);
            let denies = |collection: &RuleCollection| collection.denies(self.address());
            if let Some(group) = groups.iter().find(|group| group.collections.iter().any(denies)) {
                return Ok((id.clone(), Some(group.priority)));
            }
        }
        Ok((own.clone(), None))
    }

    /// The prefixes of the subnet, or the interface's address where the subnet is not known.
    fn sources(&self) -> Result<BTreeSet<IpNet>, Reason> {
        let interface = self.interface()?;
        let address = private_address(interface);
        let prefixes = self.topology.subnet_of(interface).map(|subnet| subnet.prefixes.as_slice()).unwrap_or_default();
        let same_family = |prefix: &&IpNet| prefix.addr().is_ipv4() == self.address().is_ipv4();
        let mut sources: BTreeSet<IpNet> = prefixes.iter().filter(same_family).copied().collect();
        if !address.is_some_and(|address| sources.iter().any(|source| source.contains(&address))) {
            sources = address.map(IpNet::from).into_iter().collect();
        }
        if sources.is_empty() { Err(Reason::NotFound(interface.name.clone())) } else { Ok(sources) }
    }

    /// A way out: what is there and lacks a piece before something new.
    fn way_out(&self) -> Operations {
        let (interface, subnet) = (self.interface()?, self.subnet()?);
        if let Some(Some(gateway)) = &subnet.nat_gateway {
            return match self.topology.estate.nat_gateways.find(gateway) {
                Some(held) if !held.is.has_public_address => {
                    Ok(vec![AzureOperation::AddNatAddress { gateway: gateway.clone(), location: self.location() }])
                }
                _ => Err(Reason::NoSmallChange),
            };
        }
        if let Some(operation) = self.outbound_rule(interface) {
            return Ok(vec![operation]);
        }
        let id = subnet.id.clone().ok_or_else(|| Reason::NotFound(subnet.name.clone()))?;
        // A subnet with a load balancer of the Basic SKU takes no NAT gateway.
        if subnet.nat_gateway != Some(None) || self.has_basic_balancer(&id) {
            return Err(Reason::NoSmallChange);
        }
        let gateway =
            self.new_beside(&id, "natgateways", "nat").ok_or_else(|| Reason::NotFound(subnet.name.clone()))?;
        Ok(vec![AzureOperation::CreateNatGateway { gateway, subnet: id, location: self.location() }])
    }

    fn outbound_rule(&self, interface: &NetworkInterface) -> Option<AzureOperation> {
        let pools = primary(interface)?.backend_pools.as_deref()?;
        for balancer in self.topology.balancers().filter(|balancer| is_of_sku(balancer, "Standard")) {
            let pool = balancer.pools.iter().filter_map(|pool| pool.id.as_ref()).find(|id| pools.contains(id));
            let frontend = balancer.frontends.iter().filter(|frontend| frontend.is_public).find_map(|f| f.id.as_ref());
            let (Some(pool), Some(frontend), Some(id)) = (pool, frontend, &balancer.id) else { continue };
            let is_used = |name: &str| balancer.outbound_rules.iter().any(|rule| rule.name == name);
            return Some(AzureOperation::AddOutboundRule {
                balancer: id.clone(),
                name: free_name("outbound", is_used),
                frontend: frontend.clone(),
                pool: pool.clone(),
            });
        }
        None
    }

    fn has_basic_balancer(&self, subnet: &ResourceId) -> bool {
        let probe =
            AzureOperation::CreateNatGateway { gateway: subnet.clone(), subnet: subnet.clone(), location: None };
        let pools: BTreeSet<&ResourceId> = self
            .topology
            .meeting(&probe)
            .into_iter()
            .flat_map(|interface| &interface.configurations)
            .flat_map(|configuration| configuration.backend_pools.iter().flatten())
            .collect();
        let mut basic = self.topology.balancers().filter(|balancer| is_of_sku(balancer, "Basic"));
        basic.any(|balancer| balancer.pools.iter().filter_map(|pool| pool.id.as_ref()).any(|id| pools.contains(id)))
    }

    /// A probe of its own for each rule for KMS whose probe asks another port, or by HTTP.
    fn probe(&self, hop: &Hop) -> Operations {
        let name = &hop.name;
        let mut balancers = self.topology.balancers().filter(|balancer| balancer.name == *name);
        let balancer = balancers.next().filter(|_| balancers.next().is_none());
        let balancer = balancer.ok_or_else(|| Reason::NotFound(name.clone()))?;
        let id = balancer.id.clone().ok_or_else(|| Reason::NotFound(name.clone()))?;
        let is_used = |name: &str| balancer.probes.iter().any(|probe| probe.name == name);
        let is_wrong = |rule: &LoadBalancingRule| {
            let asked = balancer.probes.iter().find(|probe| probe.id.is_some() && probe.id == rule.probe);
            asked.is_some_and(|probe| probe.port != port_behind(rule) || probe.is_http())
        };
        // A rule for all ports may stand before another appliance: the path tells which is for KMS.
        let is_for_kms = |rule: &LoadBalancingRule| {
            rule.frontend_port == KMS.first || hop.rule.as_ref().is_some_and(|name| *name == rule.name)
        };
        let rules = balancer.rules.iter().filter(|rule| is_for_kms(rule) && is_wrong(rule));
        let probes = rules.map(|rule| AzureOperation::AddProbe {
            balancer: id.clone(),
            name: free_name(&format!("kms-{}", port_behind(rule)), is_used),
            rule: rule.name.clone(),
            port: port_behind(rule),
            replaces: rule.probe.clone(),
        });
        let probes: Vec<AzureOperation> = probes.collect();
        // Two rules for KMS would need probes of two names; which of them is in use, the export does not tell.
        if probes.len() == 1 { Ok(probes) } else { Err(Reason::NoSmallChange) }
    }

    /// An id for something new beside a subnet's network, named after the subnet.
    fn new_beside(&self, subnet: &ResourceId, kind: &str, prefix: &str) -> Option<ResourceId> {
        let is_used = |name: &str| beside(subnet, kind, name).is_some_and(|id| self.topology.has(&id));
        beside(subnet, kind, &free_name(&format!("{prefix}-{}", subnet.name()), is_used))
    }

    fn location(&self) -> Option<String> {
        self.interface?.location.clone()
    }
}

impl SecurityRule {
    /// Whether it denies KMS, or might: a rule that might is overruled like one that does.
    fn denies(&self, address: IpAddr) -> bool {
        !self.allows
            && self.protocol != Protocol::Other
            && may_hold(&self.destinations, &self.destination_ports, address)
    }
}

impl RuleCollection {
    /// Whether one of its network rules denies KMS, or might.
    fn denies(&self, address: IpAddr) -> bool {
        let for_tcp = |protocols: &[Protocol]| protocols.iter().any(|protocol| *protocol != Protocol::Other);
        let mut rules = self.rules.iter().filter(|rule| for_tcp(&rule.protocols));
        self.kind == CollectionKind::Network
            && !self.allows
            && rules.any(|rule| may_hold(&rule.destinations, &rule.destination_ports, address))
    }
}

fn may_hold(destinations: &[Peer], ports: &[PortRange], address: IpAddr) -> bool {
    let holds = |peer: &Peer| match peer {
        Peer::Prefix(prefix) => prefix.contains(&address),
        Peer::Range(first, last) => (*first..=*last).contains(&address),
        Peer::ResolvedTag(_, prefixes) => prefixes.iter().any(|prefix| prefix.contains(&address)),
        _ => true,
    };
    destinations.iter().any(holds) && ports.iter().any(|port| port.first <= KMS.first && KMS.last <= port.last)
}

/// The free priority next before `end`.
fn free_before(end: u32, used: &BTreeSet<u32>) -> Option<u32> {
    (PRIORITY_MIN..end).rev().find(|priority| !used.contains(priority))
}

/// A free priority before what denies, or behind everything if nothing does.
fn place_before(denying: Option<u32>, used: &BTreeSet<u32>) -> Option<u32> {
    let behind = used.last().map_or(PRIORITY_MIN, |last| last.saturating_add(PRIORITY_MIN));
    match denying {
        None if behind < COLLECTION_PRIORITY_END => Some(behind),
        None => free_before(COLLECTION_PRIORITY_END, used),
        Some(denying) => free_before(denying, used),
    }
}

/// The port at the machines behind a load-balancing rule: of one for all ports that of KMS.
fn port_behind(rule: &LoadBalancingRule) -> u16 {
    if rule.backend_port == 0 { KMS.first } else { rule.backend_port }
}

fn is_of_sku(balancer: &LoadBalancer, sku: &str) -> bool {
    balancer.sku.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(sku))
}
