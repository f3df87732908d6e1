//! Azure Firewall with its policies.

use std::net::IpAddr;

use kmsdoctor_core::fact::Origin;

use super::{Peer, PortRange, Protocol, ResourceId};

/// An Azure Firewall.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Firewall {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Private addresses: what routes name as next hop.
    pub private_addresses: Vec<IpAddr>,
    /// Its subnet.
    pub subnet: Option<ResourceId>,
    /// Whether it has a public address of its own.
    pub has_public_address: Option<bool>,
    /// Its hub, if it lives in one.
    pub hub: Option<ResourceId>,
    /// Its policy; without one its own rules hold.
    pub policy: Option<ResourceId>,
    /// Rule collections of its own (classic rules).
    pub collections: Vec<RuleCollection>,
    /// Whether its DNS proxy is on (`Network.DNS.EnableProxy` of a firewall with classic rules).
    pub dns_proxy: Option<bool>,
}

/// A firewall policy.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FirewallPolicy {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// The policy whose rules go first.
    pub base: Option<ResourceId>,
    /// Ids of its rule collection groups. `None`: the export does not say.
    pub groups: Option<Vec<ResourceId>>,
    /// Whether its DNS proxy is on.
    pub dns_proxy: Option<bool>,
}

/// A rule collection group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RuleCollectionGroup {
    /// Its id: its parent is the policy.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Lower numbers go first.
    pub priority: u32,
    /// Its collections.
    pub collections: Vec<RuleCollection>,
}

/// A rule collection.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleCollection {
    /// Its name as written.
    pub name: String,
    /// Lower numbers go first.
    pub priority: u32,
    /// What kind of rules. Azure Firewall tries DNAT, then network, then application rules.
    pub kind: CollectionKind,
    /// Whether its rules allow.
    pub allows: bool,
    /// Its rules.
    pub rules: Vec<FirewallRule>,
}

/// Kinds of rule collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CollectionKind {
    /// Destination NAT: for traffic to the firewall's own addresses.
    Nat,
    /// Network rules.
    Network,
    /// Application rules: HTTP, HTTPS and MSSQL alone.
    Application,
}

/// A rule of a firewall.
#[derive(Debug, Clone, PartialEq)]
pub struct FirewallRule {
    /// Its name as written.
    pub name: String,
    /// Protocols of a network rule; any of them matches.
    pub protocols: Vec<Protocol>,
    /// Sources.
    pub sources: Vec<Peer>,
    /// Destinations; of an application rule its names.
    pub destinations: Vec<Peer>,
    /// Destination ports.
    pub destination_ports: Vec<PortRange>,
    /// Where it was read.
    pub origin: Option<Origin>,
}

/// An IP group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IpGroup {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// What is in it: prefixes and ranges.
    pub members: Vec<Peer>,
}
