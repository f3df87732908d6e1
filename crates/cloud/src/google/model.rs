//! What exports of Google Cloud describe, reduced to what bears on the way to KMS. One type per kind of resource; names are
//! those of the Compute Engine API (<https://cloud.google.com/compute/docs/reference/rest/v1>).
//!
//! `None` means that the export does not say; an empty list that it says that there are none.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;

/// What one resource calls another: a link (`https://…/projects/p/global/networks/default`), a part of one, or a name alone,
/// as tables show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Link(String);

impl Link {
    /// A link as an export gives it. What stands before `projects/` is the API's address, which has several forms.
    pub fn new(text: &str) -> Self {
        let text = text.trim().trim_matches('/');
        let start = text.find("projects/").unwrap_or(0);
        Self(text[start..].to_owned())
    }

    /// As it compares.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part: the resource's own name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The value behind `segment`: `regions`, `zones`, `projects`.
    pub fn part(&self, segment: &str) -> Option<&str> {
        let mut parts = self.0.split('/');
        parts.by_ref().find(|part| *part == segment)?;
        parts.next().filter(|part| !part.is_empty())
    }

    /// Whether both can be one resource: they are equal as far as the shorter one says.
    pub fn refers_to(&self, other: &Self) -> bool {
        let (long, short) = if self.0.len() < other.0.len() { (&other.0, &self.0) } else { (&self.0, &other.0) };
        let Some(rest) = long.strip_suffix(short.as_str()) else { return false };
        !short.is_empty() && (rest.is_empty() || rest.ends_with('/'))
    }
}

/// A resource of Google Cloud.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `compute#instance`.
    Instance(Instance),
    /// `compute#subnetwork`.
    Subnet(Subnet),
    /// `compute#network`.
    Network(Network),
    /// `compute#firewall`.
    FirewallRule(FirewallRule),
    /// `compute#firewallPolicy`: of an organisation or folder, or of a network.
    FirewallPolicy(FirewallPolicy),
    /// `compute#route`.
    Route(Route),
    /// `compute#router`.
    Router(Router),
}

/// A virtual machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Instance {
    /// Its link or name.
    pub link: Link,
    /// `asia-northeast1-a`.
    pub zone: Option<String>,
    /// Interfaces, in their order: the first is `nic0`.
    pub interfaces: Vec<Interface>,
    /// Names of the licences of its disks: `windows-server-2022-dc`, `windows-server-2022-byol`.
    pub licenses: Vec<String>,
    /// Whether a disk has the guest feature `WINDOWS`.
    pub has_windows_feature: bool,
    /// Network tags.
    pub tags: Option<Vec<String>>,
    /// E-mail addresses of its service accounts.
    pub service_accounts: Option<Vec<String>>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Interface {
    /// `nic0`.
    pub name: String,
    /// Its network.
    pub network: Option<Link>,
    /// Its subnet.
    pub subnet: Option<Link>,
    /// Its address in the subnet.
    pub address: Option<IpAddr>,
    /// Whether it has an external IPv4 address.
    pub has_external_address: bool,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subnet {
    /// Its link, which has its region.
    pub link: Link,
    /// Private Google Access.
    pub has_private_google_access: Option<bool>,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// Its link.
    pub link: Link,
    /// In which order its rules and policies are held against packets.
    pub order: Option<Order>,
}

/// `networkFirewallPolicyEnforcementOrder`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The network's policies after its firewall rules: the default.
    AfterRules,
    /// The network's policies before them.
    BeforeRules,
}

/// A firewall rule of a network. Those for incoming packets are kept, too: they show that the network's rules were exported.
#[derive(Debug, Clone, PartialEq)]
pub struct FirewallRule {
    /// Its name.
    pub name: String,
    /// Its network.
    pub network: Link,
    /// 0 (first) to 65535.
    pub priority: u32,
    /// Whether it is switched off.
    pub is_disabled: bool,
    /// Whether it allows; otherwise it denies.
    pub allows: bool,
    /// Which packets it is for.
    pub traffic: Traffic,
    /// Network tags and service accounts of the machines that it is for; empty lists: all machines.
    pub targets: Option<Targets>,
}

/// Which packets a rule is for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traffic {
    /// Whether it is for packets that machines send.
    pub is_egress: bool,
    /// Where they come from; empty: anywhere.
    pub sources: Vec<IpNet>,
    /// Where they go; empty: anywhere.
    pub destinations: Option<Vec<IpNet>>,
    /// Protocols with their ports.
    pub services: Option<Vec<Service>>,
}

/// A protocol with ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// `tcp`, `6`, `all` as written.
    pub protocol: String,
    /// Destination ports; empty: all.
    pub ports: Vec<RangeInclusive<u16>>,
}

/// The machines that a rule is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets {
    /// By network tag.
    pub tags: Vec<String>,
    /// By service account.
    pub service_accounts: Vec<String>,
}

/// A firewall policy.
#[derive(Debug, Clone, PartialEq)]
pub struct FirewallPolicy {
    /// Its name.
    pub name: String,
    /// Where in the order of policies it stands.
    pub level: Level,
    /// Networks that it is associated with. `None`: the export does not say which machines it is for, as with policies of
    /// organisations and folders, whose projects no export of a project shows.
    pub networks: Option<Vec<Link>>,
    /// Its rules.
    pub rules: Vec<PolicyRule>,
}

/// Where in the order of policies one stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Of an organisation or folder.
    Hierarchy,
    /// Of Google's own services, for a region.
    System,
    /// Of a network.
    Network,
    /// Of a network in one region.
    Region(String),
}

/// A rule of a firewall policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRule {
    /// 0 is first.
    pub priority: u32,
    /// Whether it is switched off.
    pub is_disabled: bool,
    /// What it does.
    pub action: Action,
    /// Which packets it is for.
    pub traffic: Traffic,
    /// Networks of the machines that it is for; empty: all.
    pub networks: Vec<Link>,
    /// Service accounts of the machines that it is for; empty: all.
    pub service_accounts: Vec<String>,
    /// It has conditions that exports do not resolve: secure tags, domain names, regions, lists of addresses.
    pub has_other_conditions: bool,
}

/// What a rule of a policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Lets pass.
    Allow,
    /// Drops.
    Deny,
    /// Leaves it to what comes next.
    Next,
    /// Hands over to an inspection whose outcome no export shows, or is unreadable.
    Other,
}

/// A route.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Its network.
    pub network: Link,
    /// Where packets go that it is for.
    pub destination: IpNet,
    /// The lowest wins among those for one and the same range.
    pub priority: u32,
    /// Where it leads.
    pub next_hop: RouteTarget,
    /// Network tags of the machines that it is for; empty: all.
    pub tags: Option<Vec<String>>,
}

/// Where a route leads, with the name of what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteTarget {
    /// `default-internet-gateway`.
    InternetGateway,
    /// A VPN tunnel, an interconnect, a hub of Network Connectivity Center.
    Gateway(String),
    /// A machine, an address, an internal load balancer.
    Appliance(String),
    /// Into the network or a peered one.
    Network(String),
    /// Something else.
    Other(String),
}

/// A Cloud Router.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Router {
    /// Its link, which has its region.
    pub link: Link,
    /// Its network.
    pub network: Link,
    /// Whether it exchanges routes: those that it learns show in no list of routes.
    pub learns_routes: bool,
    /// Its gateways of Cloud NAT.
    pub nats: Vec<Nat>,
}

/// A gateway of Cloud NAT to the Internet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Nat {
    /// Its name.
    pub name: String,
    /// The subnets that it serves; `None`: all of its region.
    pub subnets: Option<Vec<Link>>,
}
