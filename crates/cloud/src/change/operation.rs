//! What a change does to the cloud: one operation for each resource that is made or changed.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::azure::{NextHop, ResourceId};

/// One operation. Its parts are data of the exports: the printers quote them.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
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
        route: String,
        /// The address: the route's prefix is this one alone.
        address: IpAddr,
        /// Where a route of the table for this very prefix led: it is changed, since a table holds a prefix once.
        replaces: Option<(NextHop, Option<IpAddr>)>,
    },
    /// Azure: a rule of a security group that lets TCP 1688 out to the addresses.
    AddSecurityRule {
        /// The group.
        group: Element,
        /// Free, and before the rules that deny.
        priority: u32,
        /// Addresses of KMS.
        addresses: BTreeSet<IpAddr>,
    },
    /// Azure: a rule collection group of its own in a firewall policy, with one network rule.
    AddRuleGroup {
        /// The policy.
        policy: Element,
        /// Free, and before the group that denies.
        priority: u32,
        /// The rule.
        rule: NetworkRule,
    },
    /// Azure: a collection of network rules in a firewall without a policy.
    AddRuleCollection {
        /// The firewall.
        firewall: Element,
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
        gateway: Element,
        /// Its region.
        location: Option<String>,
    },
    /// Azure: an outbound rule of a public load balancer.
    AddOutboundRule {
        /// The load balancer.
        balancer: Element,
        /// The public front end.
        frontend: ResourceId,
        /// The pool that gets a way out.
        pool: ResourceId,
    },
    /// Azure: a TCP probe for the port that a rule leads to, before a KMS host of the organisation.
    AddProbe {
        /// The load balancer.
        balancer: Element,
        /// The rule.
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
    /// By its name alone.
    Named(String),
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
            Self::Known { name, .. } | Self::Named(name) => Some(name),
            Self::Of { .. } => None,
        }
    }

    /// Its id, where the exports have it.
    pub fn id(&self) -> Option<&ResourceId> {
        match self {
            Self::Known { id, .. } => Some(id),
            _ => None,
        }
    }
}
