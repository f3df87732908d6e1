//! What a change does to the cloud: one operation for each resource that is made or changed.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::azure::{NextHop, ResourceId};
use crate::change::Risk;

/// One operation. Its parts are data of the exports: the printers quote them.
#[derive(Debug, Clone, PartialEq)]
pub enum AzureOperation {
    /// Azure: a route table for a subnet that has none, associated with it.
    CreateRouteTable {
        /// The new table, in the resource group of the subnet's network.
        table: ResourceId,
        /// The subnet.
        subnet: ResourceId,
        /// Region of the network.
        location: Option<String>,
    },
    /// Azure: a route for one address, straight out.
    AddRoute {
        /// The table.
        table: Element,
        /// Name of the route.
        name: String,
        /// The address: the route's prefix is this one alone.
        address: IpAddr,
        /// Where a route of the table for this very prefix led: it is changed, since a table holds a prefix once.
        replaces: Option<(NextHop, Option<IpAddr>)>,
    },
    /// Azure: a rule of a security group that lets TCP 1688 out to the addresses.
    AddSecurityRule {
        /// The group.
        group: Element,
        /// Name of the rule.
        name: String,
        /// Free, and before the rules that deny.
        priority: u32,
        /// Addresses of KMS.
        addresses: BTreeSet<IpAddr>,
    },
    /// Azure: a rule collection group of its own in a firewall policy, with one network rule.
    AddRuleGroup {
        /// The policy.
        policy: ResourceId,
        /// Name of the rule collection group.
        name: String,
        /// Free, and before the group that denies.
        priority: u32,
        /// The rule.
        rule: NetworkRule,
    },
    /// Azure: a collection of network rules in a firewall without a policy.
    AddRuleCollection {
        /// The firewall.
        firewall: ResourceId,
        /// Name of the collection.
        name: String,
        /// Free, and before the collection that denies.
        priority: u32,
        /// The rule.
        rule: NetworkRule,
    },
    /// Azure: a NAT gateway with a public address, associated with a subnet.
    CreateNatGateway {
        /// The new gateway, in the resource group of the subnet's network; its address is named after it.
        gateway: ResourceId,
        /// The subnet.
        subnet: ResourceId,
        /// Region of the network.
        location: Option<String>,
    },
    /// Azure: a public address for a NAT gateway that has none.
    AddNatAddress {
        /// The gateway.
        gateway: ResourceId,
        /// Its region.
        location: Option<String>,
    },
    /// Azure: an outbound rule of a public load balancer.
    AddOutboundRule {
        /// The load balancer.
        balancer: ResourceId,
        /// Name of the rule.
        name: String,
        /// The public front end.
        frontend: ResourceId,
        /// The pool that gets a way out.
        pool: ResourceId,
    },
    /// Azure: a TCP probe for the port that a rule leads to, before a KMS host of the organisation.
    AddProbe {
        /// The load balancer.
        balancer: ResourceId,
        /// Name of the probe.
        name: String,
        /// The load-balancing rule.
        rule: String,
        /// The port.
        port: u16,
        /// The rule's probe until now.
        replaces: Option<ResourceId>,
    },
}

/// A network rule of a firewall: TCP 1688 from some addresses to some.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkRule {
    /// Where it holds: subnets of the machines, or their addresses where the subnet is not known.
    pub sources: BTreeSet<IpNet>,
    /// Addresses of KMS.
    pub addresses: BTreeSet<IpAddr>,
}

/// A resource that is changed, as far as the exports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// By its id, with its name as written.
    Known {
        /// Its id.
        id: ResourceId,
        /// Its name.
        name: String,
    },
    /// The exports do not name it: the one that holds at this interface. Printed as a placeholder.
    Of {
        /// Name of the interface.
        interface: String,
    },
}

impl Element {
    /// Its name, where the exports have it.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Known { name, .. } => Some(name),
            Self::Of { .. } => None,
        }
    }

    /// Its id, where the exports have it.
    pub fn id(&self) -> Option<&ResourceId> {
        match self {
            Self::Known { id, .. } => Some(id),
            Self::Of { .. } => None,
        }
    }
}

impl AzureOperation {
    /// What it is about: two operations with one key are one.
    pub(in crate::change) fn key(&self) -> String {
        match self {
            Self::CreateRouteTable { subnet, .. } => format!("table {}", subnet.as_str()),
            Self::CreateNatGateway { subnet, .. } => format!("nat {}", subnet.as_str()),
            Self::AddRoute { table, address, .. } => format!("route {address} {}", table.key()),
            Self::AddSecurityRule { group, .. } => format!("rule {}", group.key()),
            Self::AddRuleGroup { policy: id, .. } | Self::AddRuleCollection { firewall: id, .. } => {
                format!("firewall {}", id.as_str())
            }
            Self::AddNatAddress { gateway, .. } => format!("address {}", gateway.as_str()),
            Self::AddOutboundRule { pool, .. } => format!("outbound {}", pool.as_str()),
            Self::AddProbe { balancer, rule, .. } => format!("probe {} {rule}", balancer.as_str()),
        }
    }

    /// Takes in another operation of the same key; whether it became another by it. The earlier priority is free and before
    /// what denies to both.
    pub(in crate::change) fn absorb(&mut self, other: &Self) -> bool {
        let before = self.clone();
        match (&mut *self, other) {
            (
                Self::AddSecurityRule { priority, addresses, .. },
                Self::AddSecurityRule { priority: other, addresses: others, .. },
            ) => {
                *priority = (*other).min(*priority);
                addresses.extend(others.iter().copied());
            }
            (
                Self::AddRuleGroup { priority, rule, .. } | Self::AddRuleCollection { priority, rule, .. },
                Self::AddRuleGroup { priority: other, rule: others, .. }
                | Self::AddRuleCollection { priority: other, rule: others, .. },
            ) => {
                *priority = (*other).min(*priority);
                rule.sources.extend(others.sources.iter().copied());
                rule.addresses.extend(others.addresses.iter().copied());
            }
            _ => {}
        }
        *self != before
    }

    /// The resource group that it works in.
    pub(in crate::change) fn resource_group(&self) -> Option<&str> {
        let id = match self {
            Self::CreateRouteTable { table: id, .. }
            | Self::AddRuleGroup { policy: id, .. }
            | Self::AddRuleCollection { firewall: id, .. }
            | Self::CreateNatGateway { gateway: id, .. }
            | Self::AddNatAddress { gateway: id, .. }
            | Self::AddOutboundRule { balancer: id, .. }
            | Self::AddProbe { balancer: id, .. } => id,
            Self::AddRoute { table: element, .. } | Self::AddSecurityRule { group: element, .. } => element.id()?,
        };
        id.part("resourcegroups")
    }

    /// The addresses that it is for; none if it is for all.
    pub(in crate::change) fn addresses(&self) -> Vec<IpAddr> {
        match self {
            Self::AddRoute { address, .. } => vec![*address],
            Self::AddSecurityRule { addresses, .. } => addresses.iter().copied().collect(),
            Self::AddRuleGroup { rule, .. } | Self::AddRuleCollection { rule, .. } => {
                rule.addresses.iter().copied().collect()
            }
            _ => Vec::new(),
        }
    }

    /// What to weigh before.
    pub(in crate::change) fn risks(&self) -> Vec<Risk> {
        let outbound = |of: &ResourceId| Risk::OutboundAddress { of: of.name().to_owned() };
        match self {
            Self::CreateNatGateway { subnet, .. } => vec![outbound(subnet), Risk::Costs],
            Self::AddNatAddress { gateway, .. } => vec![outbound(gateway), Risk::Costs],
            Self::AddOutboundRule { pool, .. } => vec![outbound(pool)],
            Self::AddRoute { table: Element::Of { .. }, .. } => vec![Risk::Placeholder],
            Self::AddRoute { name, replaces: Some(_), .. } => vec![Risk::OnPurpose { element: name.clone() }],
            _ => Vec::new(),
        }
    }
}

impl Element {
    /// What tells it from others.
    pub(in crate::change) fn key(&self) -> &str {
        match self {
            Self::Known { id, .. } => id.as_str(),
            Self::Of { interface } => interface,
        }
    }
}
