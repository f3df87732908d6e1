//! A world of Azure as the exports show it: a flat list of things that name each other. What is not in the list was not exported,
//! so that leaving something out, and shrinking, is to remove a thing.

/// Name of a thing, unique within its kind.
pub(crate) type Name = String;

/// Ports from, to.
pub(crate) type Ports = (u16, u16);

/// Addresses with the same first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub net: u32,
    pub length: u32,
}

impl Prefix {
    /// Of all addresses.
    pub(crate) const ALL: Self = Self { net: 0, length: 0 };

    /// The prefix of this length around the address.
    pub(crate) fn around(address: u32, length: u32) -> Self {
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        Self { net: address & mask, length }
    }

    /// Whether it holds the address.
    pub(crate) fn holds(self, address: u32) -> bool {
        Self::around(address, self.length) == self
    }
}

/// What a rule names as source or destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// `*`
    Any,
    /// Addresses; of all of them it is `0.0.0.0/0`, literally.
    Prefix(Prefix),
    /// From, to (firewalls only).
    Range(u32, u32),
    /// A service tag.
    Tag(&'static str),
    /// An application security group (security groups only).
    Group(Name),
    /// An IP group (firewalls only).
    IpGroup(Name),
    /// A domain name (firewalls only).
    Domain(&'static str),
}

/// What a rule names as protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Any,
    Tcp,
    Udp,
}

impl Protocol {
    /// Whether it takes TCP.
    pub(crate) fn takes_tcp(self) -> bool {
        self != Self::Udp
    }
}

/// Everything that the exports describe.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct World {
    /// Where all of it stands.
    pub location: &'static str,
    pub things: Vec<Thing>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Thing {
    Network(Network),
    Subnet(Subnet),
    Interface(Interface),
    Machine(Machine),
    SecurityGroup(SecurityGroup),
    Table(Table),
    Nat(Nat),
    Balancer(Balancer),
    Firewall(Firewall),
    Policy(Policy),
    CollectionGroup(CollectionGroup),
    IpGroup(IpGroup),
    Hub(Hub),
    Connection(Connection),
    Intent(Intent),
    Routes(Routes),
    Rules(Rules),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Network {
    pub name: Name,
    pub space: Vec<Prefix>,
    pub peerings: Vec<Peering>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Peering {
    pub remote: Name,
    pub space: Vec<Prefix>,
    pub is_connected: bool,
    pub uses_remote_gateways: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subnet {
    pub network: Name,
    pub name: Name,
    pub prefix: Prefix,
    /// `defaultOutboundAccess`, where it is given.
    pub default_access: Option<bool>,
    pub security_group: Option<Name>,
    pub table: Option<Name>,
    pub nat: Option<Name>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Interface {
    pub name: Name,
    pub machine: Name,
    pub is_primary: bool,
    /// Network and subnet.
    pub subnet: (Name, Name),
    pub address: u32,
    pub security_group: Option<Name>,
    pub public_address: bool,
    pub groups: Vec<Name>,
    /// Names of load balancers; each has one pool.
    pub pools: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Machine {
    pub name: Name,
    /// `None` where the export does not say it.
    pub is_windows: Option<bool>,
    pub interfaces: Vec<Name>,
    pub availability_set: Option<Name>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SecurityGroup {
    pub name: Name,
    pub rules: Vec<SecurityRule>,
    /// Whether the export has the rules of Azure's own.
    pub has_defaults: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SecurityRule {
    pub name: Name,
    pub is_outbound: bool,
    pub allows: bool,
    pub priority: u32,
    pub protocol: Protocol,
    pub sources: Vec<Who>,
    pub source_ports: Vec<Ports>,
    pub destinations: Vec<Who>,
    pub ports: Vec<Ports>,
    /// What the destination was resolved to, in effective rules.
    pub resolved: Option<Vec<Prefix>>,
}

/// Azure's own rules for outbound traffic.
pub(crate) fn own_rules() -> Vec<SecurityRule> {
    let rule = |name: &str, priority, allows, from, to| SecurityRule {
        name: name.to_owned(),
        is_outbound: true,
        allows,
        priority,
        protocol: Protocol::Any,
        sources: vec![from],
        source_ports: vec![(0, u16::MAX)],
        destinations: vec![to],
        ports: vec![(0, u16::MAX)],
        resolved: None,
    };
    let network = Who::Tag("VirtualNetwork");
    vec![
        rule("AllowVnetOutBound", 65000, true, network.clone(), network),
        rule("AllowInternetOutBound", 65001, true, Who::Any, Who::Tag("Internet")),
        rule("DenyAllOutBound", 65500, false, Who::Any, Who::Any),
    ]
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub name: Name,
    pub keeps_announced_out: bool,
    pub routes: Vec<Route>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Route {
    pub name: Name,
    /// Addresses, or a service tag.
    pub to: Who,
    pub hop: NextHop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NextHop {
    Internet,
    Nowhere,
    Gateway,
    Appliance(u32),
    Network,
    Peering,
    ServiceEndpoint,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Nat {
    pub name: Name,
    pub addresses: usize,
    pub prefixes: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Balancer {
    pub name: Name,
    pub is_standard: bool,
    /// Its private front end; a public one otherwise.
    pub front: Option<u32>,
    /// Interfaces of its pool.
    pub pool: Vec<Name>,
    pub rules: Vec<BalancerRule>,
    /// Protocols of its outbound rules.
    pub outbound: Vec<Protocol>,
    /// Port of its probe.
    pub probe: u16,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BalancerRule {
    pub name: Name,
    pub protocol: Protocol,
    pub front_port: u16,
    pub back_port: u16,
    pub no_snat: bool,
    pub has_probe: bool,
    pub keeps_sessions: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Firewall {
    pub name: Name,
    pub address: u32,
    pub public_addresses: usize,
    pub place: Place,
    /// A policy, or rules of its own.
    pub policy: Option<Name>,
    pub collections: Vec<Collection>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// Of this network, `AzureFirewallSubnet`.
    Network(Name),
    Hub(Name),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    pub name: Name,
    pub base: Option<Name>,
    pub groups: Vec<Name>,
    pub dns_proxy: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CollectionGroup {
    pub name: Name,
    pub policy: Name,
    pub priority: u32,
    pub collections: Vec<Collection>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Collection {
    pub name: Name,
    pub priority: u32,
    pub allows: bool,
    pub rules: CollectionRules,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CollectionRules {
    Network(Vec<NetworkRule>),
    Application(Vec<ApplicationRule>),
    /// Translation of what comes in: port 1688 of the firewall itself.
    Translation,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NetworkRule {
    pub name: Name,
    pub protocol: Protocol,
    pub sources: Vec<Who>,
    pub destinations: Vec<Who>,
    pub ports: Vec<Ports>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApplicationRule {
    pub name: Name,
    pub sources: Vec<Who>,
    pub domains: Vec<&'static str>,
    pub tags: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IpGroup {
    pub name: Name,
    pub prefixes: Vec<Prefix>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hub {
    pub name: Name,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Connection {
    pub hub: Name,
    pub network: Name,
    pub announces_default: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Intent {
    pub hub: Name,
    pub covers_internet: bool,
    pub firewall: Name,
}

/// Effective routes of an interface.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Routes {
    pub interface: Name,
    pub routes: Vec<EffectiveRoute>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EffectiveRoute {
    pub source: Source,
    pub is_active: bool,
    pub prefixes: Vec<Prefix>,
    pub hop: NextHop,
}

/// Whose a route is; the earlier wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    User,
    Announced,
    Own,
}

/// Effective rules of an interface: those at itself and at its subnet, as far as there are groups.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rules {
    pub interface: Name,
    /// Network and subnet of the interface.
    pub subnet: (Name, Name),
    pub at_interface: Option<SecurityGroup>,
    pub at_subnet: Option<SecurityGroup>,
}

/// Finds things of a kind.
macro_rules! finders {
    ($($list:ident: $kind:ident),* $(,)?) => {
        impl World {
            $(pub(crate) fn $list(&self) -> impl Iterator<Item = &$kind> {
                self.things.iter().filter_map(|thing| match thing {
                    Thing::$kind(found) => Some(found),
                    _ => None,
                })
            })*
        }
    };
}

finders! {
    networks: Network,
    subnets: Subnet,
    interfaces: Interface,
    machines: Machine,
    security_groups: SecurityGroup,
    tables: Table,
    nats: Nat,
    balancers: Balancer,
    firewalls: Firewall,
    policies: Policy,
    collection_groups: CollectionGroup,
    ip_groups: IpGroup,
    connections: Connection,
    intents: Intent,
    routes: Routes,
    rules: Rules,
}

impl World {
    pub(crate) fn network(&self, name: &str) -> Option<&Network> {
        self.networks().find(|network| network.name == name)
    }

    pub(crate) fn subnet(&self, network: &str, name: &str) -> Option<&Subnet> {
        self.subnets().find(|subnet| subnet.network == network && subnet.name == name)
    }
}

/// An address of KMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kms {
    pub address: u32,
    pub names: &'static [&'static str],
    pub is_current: bool,
}

const fn ip(a: u8, b: u8, c: u8, d: u8) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

const fn current(address: u32, names: &'static [&'static str]) -> Kms {
    Kms { address, names, is_current: true }
}

const PUBLIC: &[Kms] = &[
    current(ip(20, 118, 99, 224), &["azkms.core.windows.net", "kms.core.windows.net"]),
    current(ip(40, 83, 235, 53), &["azkms.core.windows.net"]),
    Kms { address: ip(23, 102, 135, 246), names: &[], is_current: false },
];

const GOVERNMENT: &[Kms] = &[
    current(ip(23, 97, 0, 13), &["kms.core.usgovcloudapi.net"]),
    current(ip(52, 126, 105, 2), &["azkms.core.usgovcloudapi.net"]),
];

const CHINA: &[Kms] = &[
    current(ip(159, 27, 28, 100), &["azkms.core.chinacloudapi.cn"]),
    current(ip(163, 228, 64, 161), &["azkms.core.chinacloudapi.cn"]),
    current(ip(42, 159, 7, 249), &["kms.core.chinacloudapi.cn"]),
];

/// The addresses of KMS of a location's cloud, current and retired.
pub(crate) fn kms(location: &str) -> &'static [Kms] {
    match location {
        "usgovvirginia" | "usdodeast" => GOVERNMENT,
        "chinaeast2" => CHINA,
        _ => PUBLIC,
    }
}

/// The lists without one of their items, each.
fn without_one<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> {
    (0..list.len()).map(|gap| {
        let mut rest = list.to_vec();
        rest.remove(gap);
        rest
    })
}

impl World {
    /// Worlds with one thing less, or one rule or route less in one thing.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut smaller: Vec<Self> =
            without_one(&self.things).map(|things| Self { location: self.location, things }).collect();
        for (at, thing) in self.things.iter().enumerate() {
            for thing in thing.smaller() {
                let mut world = self.clone();
                world.things[at] = thing;
                smaller.push(world);
            }
        }
        smaller
    }
}

impl Thing {
    fn smaller(&self) -> Vec<Self> {
        let collections = |list: &[Collection]| without_one(list).collect::<Vec<_>>();
        match self {
            Self::Rules(of) => of.smaller().into_iter().map(Self::Rules).collect(),
            Self::SecurityGroup(of) => {
                without_one(&of.rules).map(|rules| Self::SecurityGroup(SecurityGroup { rules, ..of.clone() })).collect()
            }
            Self::Table(of) => {
                without_one(&of.routes).map(|routes| Self::Table(Table { routes, ..of.clone() })).collect()
            }
            // An export without any route, or any rule, says nothing of the interface.
            Self::Routes(of) if of.routes.len() > 1 => {
                without_one(&of.routes).map(|routes| Self::Routes(Routes { routes, ..of.clone() })).collect()
            }
            Self::Firewall(of) => collections(&of.collections)
                .into_iter()
                .map(|collections| Self::Firewall(Firewall { collections, ..of.clone() }))
                .collect(),
            Self::CollectionGroup(of) => collections(&of.collections)
                .into_iter()
                .map(|collections| Self::CollectionGroup(CollectionGroup { collections, ..of.clone() }))
                .collect(),
            Self::Network(of) => {
                without_one(&of.peerings).map(|peerings| Self::Network(Network { peerings, ..of.clone() })).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Rules {
    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for rules in rules_without_one(self.at_interface.as_ref()) {
            smaller.push(Self { at_interface: Some(rules), ..self.clone() });
        }
        for rules in rules_without_one(self.at_subnet.as_ref()) {
            smaller.push(Self { at_subnet: Some(rules), ..self.clone() });
        }
        smaller
    }
}

/// The group without one of its rules each, as long as one is left.
fn rules_without_one(group: Option<&SecurityGroup>) -> Vec<SecurityGroup> {
    let Some(group) = group.filter(|group| group.rules.len() > 1) else { return Vec::new() };
    without_one(&group.rules).map(|rules| SecurityGroup { rules, ..group.clone() }).collect()
}
