//! Security groups: rules, and the ends that rules of groups and firewalls name.

use std::net::IpAddr;

use ipnet::IpNet;
use kmsdoctor_core::fact::Origin;

use super::ResourceId;

/// A security group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SecurityGroup {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Rules with those that Azure adds, in any order. Where the export leaves out Azure's own, they are added here.
    pub rules: Vec<SecurityRule>,
}

/// What holds at one interface, of one security group, with its tags resolved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EffectiveSecurityGroup {
    /// The group.
    pub group: Option<ResourceId>,
    /// The interface that it holds at.
    pub interface: Option<ResourceId>,
    /// The subnet, if it holds there.
    pub subnet: Option<ResourceId>,
    /// Rules.
    pub rules: Vec<SecurityRule>,
}

/// A security rule.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityRule {
    /// Its name as written.
    pub name: String,
    /// Lower numbers go first.
    pub priority: u32,
    /// Whether it is for traffic that leaves.
    pub is_outbound: bool,
    /// Whether it allows.
    pub allows: bool,
    /// Protocol.
    pub protocol: Protocol,
    /// Sources; any of them matches.
    pub sources: Vec<Peer>,
    /// Source ports.
    pub source_ports: Vec<PortRange>,
    /// Destinations; any of them matches.
    pub destinations: Vec<Peer>,
    /// Destination ports.
    pub destination_ports: Vec<PortRange>,
    /// Where it was read.
    pub origin: Option<Origin>,
}

/// A protocol of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Every protocol.
    Any,
    /// TCP.
    Tcp,
    /// Another one: UDP, ICMP, ESP, AH.
    Other,
}

/// One end in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// `*` or `Any`.
    Any,
    /// A prefix as written, `0.0.0.0/0` among them.
    Prefix(IpNet),
    /// An address range of a firewall rule: `10.0.0.4-10.0.0.9`, both included.
    Range(IpAddr, IpAddr),
    /// A service tag as written: `Internet`, `VirtualNetwork`, `AzurePlatformLKM`, `AzureCloud.JapanEast`.
    Tag(String),
    /// A service tag that the effective rules resolve: the tag, and all of its prefixes.
    ResolvedTag(String, Vec<IpNet>),
    /// An application security group.
    ApplicationGroup(ResourceId),
    /// An IP group of a firewall rule.
    IpGroup(ResourceId),
    /// A domain name of a firewall rule.
    Name(String),
    /// What is written there could not be read.
    Unreadable(String),
}

/// Ports, both included. `*` is 0 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}
