//! By what packets that go straight out get a public address.

use std::collections::{HashMap, HashSet};

use super::estate::{Estate, Held};
use super::interfaces::Interface;
use super::matching::{Match, is_tcp};
use super::{LoadBalancer, NatGateway, ResourceId, hop, remark};
use crate::path::OutboundLoss;
use crate::{Detail, Fault, Hop, Missing, Outcome, Remark, RemarkKind, Stage, WayOut};

/// What a load balancer's SKU says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sku {
    Basic,
    Standard,
    Gateway,
    Unknown,
}

impl Sku {
    fn of(balancer: &LoadBalancer) -> Self {
        match balancer.sku.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("basic") => Self::Basic,
            Some("standard") => Self::Standard,
            Some("gateway") => Self::Gateway,
            _ => Self::Unknown,
        }
    }
}

fn is_public(balancer: &LoadBalancer) -> bool {
    balancer.frontends.iter().any(|frontend| frontend.is_public)
}

/// Judges ways out.
pub(super) struct Outbound<'e> {
    estate: &'e Estate<'e>,
    /// NAT gateways by the subnets that they say they serve.
    gateways: HashMap<&'e ResourceId, &'e Held<'e, NatGateway>>,
    /// Pools by the interfaces that they say are in them.
    pools: HashMap<ResourceId, Vec<&'e ResourceId>>,
    /// Pools that a rule gives a way out: its name.
    open_pools: HashMap<&'e ResourceId, &'e str>,
    /// Machines of availability sets behind internal load balancers, two of each set at most.
    hidden: HashMap<&'e ResourceId, Vec<usize>>,
}

impl<'e> Outbound<'e> {
    pub(super) fn new(estate: &'e Estate<'e>, interfaces: &[Interface<'e>]) -> Self {
        let mut outbound = Self {
            estate,
            gateways: HashMap::new(),
            pools: HashMap::new(),
            open_pools: HashMap::new(),
            hidden: HashMap::new(),
        };
        for gateway in estate.nat_gateways.iter() {
            for subnet in gateway.is.subnets.iter().flatten() {
                outbound.gateways.entry(subnet).or_insert(gateway);
            }
        }
        for balancer in estate.load_balancers.iter() {
            outbound.add_pools(&balancer.is);
            if is_public(&balancer.is) {
                outbound.add_rules(&balancer.is);
            }
        }
        for interface in interfaces {
            outbound.add_hidden(interface);
        }
        outbound
    }

    fn add_pools(&mut self, balancer: &'e LoadBalancer) {
        for pool in &balancer.pools {
            let Some(id) = &pool.id else { continue };
            let interfaces: HashSet<ResourceId> = pool.configurations.iter().filter_map(ResourceId::parent).collect();
            for interface in interfaces {
                self.pools.entry(interface).or_default().push(id);
            }
        }
    }

    /// Outbound rules before load-balancing rules.
    fn add_rules(&mut self, balancer: &'e LoadBalancer) {
        let sku = Sku::of(balancer);
        if matches!(sku, Sku::Standard | Sku::Unknown) {
            for rule in balancer.outbound_rules.iter().filter(|rule| is_tcp(rule.protocol)) {
                if let Some(pool) = &rule.pool {
                    self.open_pools.entry(pool).or_insert(&rule.name);
                }
            }
        }
        if sku != Sku::Gateway {
            let rules = balancer.rules.iter().filter(|rule| is_tcp(rule.protocol) && !rule.disables_outbound);
            for (rule, pool) in rules.flat_map(|rule| rule.pools.iter().map(move |pool| (rule, pool))) {
                self.open_pools.entry(pool).or_insert(&rule.name);
            }
        }
    }

    fn add_hidden(&mut self, interface: &Interface<'e>) {
        let Some(machine) = interface.machine else { return };
        let Some(set) = &machine.is.availability_set else { return };
        let balancers = self.balancers(interface).unwrap_or_default();
        if balancers.iter().any(|(_, balancer)| balancer.is_some_and(is_internal_standard)) {
            let machines = self.hidden.entry(set).or_default();
            if machines.len() < 2 && !machines.contains(&machine.number) {
                machines.push(machine.number);
            }
        }
    }

    /// The pools that an interface is in, each with its load balancer; `None` if nothing says which.
    fn balancers(&self, interface: &Interface<'e>) -> Option<Vec<(&'e ResourceId, Option<&'e LoadBalancer>)>> {
        let named = interface.configuration().and_then(|configuration| configuration.backend_pools.as_ref());
        let pools: Vec<&'e ResourceId> = match named {
            Some(pools) => pools.iter().collect(),
            None => self.pools.get(interface.id.as_ref()?)?.clone(),
        };
        let balancer = |pool: &ResourceId| {
            let held = self.estate.load_balancers.find(&pool.parent()?)?;
            Some(&*held.is)
        };
        Some(pools.into_iter().map(|pool| (pool, balancer(pool))).collect())
    }

    /// The hop for packets that an interface's own route leads to the Internet.
    pub(super) fn judge(&self, interface: &Interface<'e>) -> (Hop, Option<Remark>) {
        let balancers = self.balancers(interface);
        let (gateway_name, by_gateway) = self.by_gateway(interface);
        let ways = [
            (WayOut::NatGateway, gateway_name, by_gateway),
            (WayOut::PublicAddress, interface.name.clone(), by_address(interface)),
        ];
        let (rule, by_balancer) = self.by_balancer(balancers.as_deref());
        let ways = ways.into_iter().chain([(WayOut::LoadBalancerRule, rule, by_balancer)]);
        let mut missing = None;
        for (way, name, is_there) in ways {
            match is_there {
                Match::Yes => return (way_out(&name, way), None),
                Match::Unknown(what) => _ = missing.get_or_insert(what),
                Match::No => {}
            }
        }
        match missing {
            Some(missing) => (hop(Stage::Outbound, "", Outcome::Unknown(missing)), None),
            None => self.by_default(interface, &balancers.unwrap_or_default()),
        }
    }

    fn by_gateway(&self, interface: &Interface<'e>) -> (String, Match) {
        let configured = interface.configuration().and_then(|configuration| configuration.subnet.as_ref());
        if let Some(gateway) = configured.and_then(|id| self.gateways.get(id))
            && gateway.is.has_public_address
        {
            return (gateway.is.name.clone(), Match::Yes);
        }
        match interface.subnet.map(|subnet| &subnet.is.nat_gateway) {
            None | Some(None) => (String::new(), Match::Unknown(interface.missing_subnet())),
            Some(Some(None)) => (String::new(), Match::No),
            Some(Some(Some(id))) => match self.estate.nat_gateways.find(id) {
                Some(gateway) => (gateway.is.name.clone(), Match::when(gateway.is.has_public_address)),
                None => (String::new(), Match::Unknown(Missing::PublicAddress(id.name().to_owned()))),
            },
        }
    }

    fn by_balancer(&self, balancers: Option<&[(&'e ResourceId, Option<&'e LoadBalancer>)]>) -> (String, Match) {
        let Some(balancers) = balancers else {
            return (String::new(), Match::Unknown(Missing::Interface));
        };
        if let Some(rule) = balancers.iter().find_map(|(pool, _)| self.open_pools.get(pool)) {
            return ((*rule).to_owned(), Match::Yes);
        }
        let mut missing = Match::No;
        for (pool, balancer) in balancers {
            match balancer {
                Some(balancer) if is_public(balancer) && Sku::of(balancer) == Sku::Basic => {
                    return (balancer.name.clone(), Match::Yes);
                }
                Some(_) => {}
                None => missing = Match::any([missing, Match::Unknown(missing_balancer(pool))]),
            }
        }
        (String::new(), missing)
    }

    /// Default outbound access, unless something takes it away.
    fn by_default(
        &self,
        interface: &Interface<'e>,
        balancers: &[(&'e ResourceId, Option<&'e LoadBalancer>)],
    ) -> (Hop, Option<Remark>) {
        let all = || balancers.iter().filter_map(|(pool, balancer)| Some((*pool, (*balancer)?)));
        let subnet = interface.subnet.map(|held| &*held.is);
        let loss = if subnet.is_some_and(|subnet| subnet.default_outbound_access == Some(false)) {
            Some(OutboundLoss::PrivateSubnet)
        } else if all().any(|(_, balancer)| is_internal_standard(balancer)) {
            Some(OutboundLoss::InternalLoadBalancer)
        } else if all().any(|(_, balancer)| is_public(balancer) && Sku::of(balancer) == Sku::Standard) {
            Some(OutboundLoss::PublicLoadBalancer)
        } else if self.has_hidden_neighbour(interface) {
            Some(OutboundLoss::AvailabilitySet)
        } else {
            None
        };
        let name = subnet.map(|subnet| subnet.name.as_str()).unwrap_or_default();
        let origin = interface.subnet.map(|held| held.origin);
        let mut hop = match (loss, all().find(|(_, balancer)| Sku::of(balancer) == Sku::Unknown)) {
            (Some(loss), _) => hop(Stage::Outbound, name, Outcome::Blocks(Fault::NoOutbound(loss))),
            (None, Some((pool, _))) => hop(Stage::Outbound, name, Outcome::Unknown(missing_balancer(pool))),
            (None, None) => way_out(name, WayOut::DefaultAccess),
        };
        hop.origin = origin.cloned();
        let is_default = hop.outcome == Outcome::Passes;
        (hop, is_default.then(|| remark(RemarkKind::DefaultOutboundAccess, name, origin)))
    }

    fn has_hidden_neighbour(&self, interface: &Interface<'e>) -> bool {
        let Some(machine) = interface.machine else { return false };
        let set = machine.is.availability_set.as_ref();
        let hidden = set.and_then(|set| self.hidden.get(set));
        hidden.is_some_and(|machines| machines.iter().any(|&number| number != machine.number))
    }
}

fn by_address(interface: &Interface) -> Match {
    match interface.configuration().map(|configuration| &configuration.public_address) {
        Some(Some(address)) => Match::when(address.is_some()),
        None | Some(None) => Match::Unknown(Missing::Interface),
    }
}

fn is_internal_standard(balancer: &LoadBalancer) -> bool {
    !is_public(balancer) && Sku::of(balancer) == Sku::Standard
}

fn missing_balancer(pool: &ResourceId) -> Missing {
    Missing::LoadBalancer(pool.parent().as_ref().unwrap_or(pool).name().to_owned())
}

/// The hop of packets that get a public address.
pub(super) fn way_out(name: &str, way: WayOut) -> Hop {
    let mut hop = hop(Stage::Outbound, name, Outcome::Passes);
    hop.detail = Some(Detail::By(way));
    hop
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{
        BackendPool, Body, Frontend, LoadBalancingRule, OutboundRule, Protocol, PublicAddress, VirtualMachine,
    };
    use super::*;

    fn pool() -> ResourceId {
        id("loadBalancers/lb1/backendAddressPools/pool")
    }

    fn balancer(sku: Option<&str>, is_public: bool) -> LoadBalancer {
        LoadBalancer {
            id: Some(id("loadBalancers/lb1")),
            name: "lb1".to_owned(),
            sku: sku.map(str::to_owned),
            frontends: vec![Frontend { is_public, ..Frontend::default() }],
            pools: vec![BackendPool { id: Some(pool()), ..BackendPool::default() }],
            ..LoadBalancer::default()
        }
    }

    fn rule(protocol: Protocol, disables_outbound: bool) -> LoadBalancingRule {
        LoadBalancingRule {
            name: "web".to_owned(),
            frontend: None,
            pools: vec![pool()],
            probe: None,
            protocol,
            frontend_port: 443,
            backend_port: 443,
            disables_outbound,
            distribution: None,
            origin: None,
        }
    }

    fn in_pool() -> Lab {
        let mut lab = Lab::new();
        lab.configuration().backend_pools = Some(vec![pool()]);
        lab
    }

    fn behind(balancer: LoadBalancer) -> Lab {
        in_pool().with(Body::LoadBalancer(balancer))
    }

    /// What the hop says: by what, or why not.
    fn says(lab: Lab) -> String {
        let path = lab.path();
        let hop = path.hops.iter().find(|hop| hop.stage == Stage::Outbound).expect("a way out is asked for");
        match (&hop.outcome, hop.detail) {
            (Outcome::Passes, Some(Detail::By(way))) => format!("{way:?}"),
            (Outcome::Blocks(Fault::NoOutbound(loss)), _) => format!("no: {loss:?}"),
            (Outcome::Unknown(missing), _) => format!("unknown: {missing:?}"),
            other => format!("{other:?}"),
        }
    }

    fn gateway(has_public_address: bool, subnets: Option<Vec<ResourceId>>) -> Body {
        let id = Some(id("natGateways/nat1"));
        Body::NatGateway(NatGateway { id, name: "nat1".to_owned(), has_public_address, subnets })
    }

    #[test]
    fn nat_gateways_serve_subnets() {
        let named = || {
            let mut lab = Lab::new();
            lab.subnet.nat_gateway = Some(Some(id("natGateways/nat1")));
            lab
        };
        assert_eq!(says(named().with(gateway(true, None))), "NatGateway");
        assert_eq!(says(named().with(gateway(false, None))), "DefaultAccess");
        assert_eq!(says(named()), "unknown: PublicAddress(\"nat1\")");
        let subnet = id("virtualNetworks/spoke/subnets/work");
        assert_eq!(says(Lab::new().with(gateway(true, Some(vec![subnet])))), "NatGateway", "it names the subnet");
    }

    #[test]
    fn public_addresses_are_ways_out_even_of_private_subnets() {
        let mut lab = Lab::new();
        lab.configuration().public_address = Some(Some(id("publicIPAddresses/ip1")));
        lab.subnet.default_outbound_access = Some(false);
        assert_eq!(says(lab.with(Body::PublicAddress(PublicAddress::default()))), "PublicAddress");
        let mut lab = Lab::new();
        lab.configuration().public_address = None;
        assert_eq!(says(lab), "unknown: Interface");
    }

    #[test]
    fn rules_of_load_balancers() {
        let outbound = |protocol| OutboundRule { name: "out".to_owned(), pool: Some(pool()), protocol };
        let standard = || balancer(Some("Standard"), true);
        for (balancer, expected) in [
            (LoadBalancer { outbound_rules: vec![outbound(Protocol::Any)], ..standard() }, "LoadBalancerRule"),
            (LoadBalancer { outbound_rules: vec![outbound(Protocol::Other)], ..standard() }, "no: PublicLoadBalancer"),
            (LoadBalancer { rules: vec![rule(Protocol::Tcp, false)], ..standard() }, "LoadBalancerRule"),
            (LoadBalancer { rules: vec![rule(Protocol::Other, false)], ..standard() }, "no: PublicLoadBalancer"),
            (LoadBalancer { rules: vec![rule(Protocol::Tcp, true)], ..standard() }, "no: PublicLoadBalancer"),
            (balancer(Some("basic"), true), "LoadBalancerRule"),
            (balancer(Some("Basic"), false), "DefaultAccess"),
            (balancer(Some("Standard"), false), "no: InternalLoadBalancer"),
            (balancer(Some("Gateway"), false), "DefaultAccess"),
            (balancer(None, false), "unknown: LoadBalancer(\"lb1\")"),
        ] {
            assert_eq!(says(behind(balancer.clone())), expected, "{balancer:?}");
        }
        assert_eq!(says(in_pool()), "unknown: LoadBalancer(\"lb1\")");
    }

    #[test]
    fn pools_say_who_is_in_them_where_interfaces_do_not() {
        let mut lab = Lab::new();
        lab.configuration().backend_pools = None;
        assert_eq!(says(lab), "unknown: Interface");
        let mut lab = Lab::new();
        lab.configuration().backend_pools = None;
        let mut balancer = balancer(Some("Standard"), false);
        balancer.pools[0].configurations = vec![id("networkInterfaces/nic1/ipConfigurations/one")];
        assert_eq!(says(lab.with(Body::LoadBalancer(balancer))), "no: InternalLoadBalancer");
    }

    #[test]
    fn pools_of_addresses_leave_default_access() {
        let mut balancer = balancer(Some("Standard"), false);
        balancer.pools[0].addresses = vec![address("10.1.0.4")];
        assert_eq!(says(Lab::new().with(Body::LoadBalancer(balancer))), "DefaultAccess");
    }

    #[test]
    fn private_subnets_have_no_default_access() {
        for (access, expected) in
            [(Some(false), "no: PrivateSubnet"), (Some(true), "DefaultAccess"), (None, "DefaultAccess")]
        {
            let mut lab = Lab::new();
            lab.subnet.default_outbound_access = access;
            assert_eq!(says(lab), expected);
        }
        let mut lab = behind(balancer(Some("Standard"), false));
        lab.subnet.default_outbound_access = Some(false);
        assert_eq!(says(lab), "no: PrivateSubnet", "the first of the reasons");
    }

    #[test]
    fn a_neighbour_of_the_availability_set_takes_default_access_away() {
        let set = || Some(id("availabilitySets/set1"));
        let neighbour = |availability_set| {
            let other = in_pool().interface;
            let machine = VirtualMachine {
                id: Some(id("virtualMachines/vm2")),
                name: "vm2".to_owned(),
                availability_set,
                ..VirtualMachine::default()
            };
            let interface = super::super::NetworkInterface {
                id: Some(id("networkInterfaces/nic2")),
                name: "nic2".to_owned(),
                machine: machine.id.clone(),
                ..other
            };
            let mut lab = Lab::new().with(Body::LoadBalancer(balancer(Some("Standard"), false)));
            lab.machine.availability_set = set();
            lab.with(Body::VirtualMachine(machine)).with(Body::NetworkInterface(interface))
        };
        assert_eq!(says(neighbour(set())), "no: AvailabilitySet");
        assert_eq!(says(neighbour(Some(id("availabilitySets/set2")))), "DefaultAccess");
        let mut own = behind(balancer(Some("Standard"), false));
        own.machine.availability_set = set();
        assert_eq!(says(own), "no: InternalLoadBalancer", "no neighbour of its own");
    }

    #[test]
    fn default_access_is_remarked_upon() {
        assert!(remarks(&Lab::new().path(), RemarkKind::DefaultOutboundAccess));
    }
}
