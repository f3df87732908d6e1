//! What Azure's exports describe, reduced to what bears on the way to KMS. One type per kind of resource; names are those
//! of Azure's resource model (<https://learn.microsoft.com/azure/templates/microsoft.network/allversions>).
//!
//! `None` means that the export does not say; an empty list that it says that there are none.

use std::net::IpAddr;

use ipnet::IpNet;
use kmsdoctor_core::fact::Origin;

/// Id of a resource, in lower case since Azure compares ids without case:
/// `/subscriptions/…/resourcegroups/rg/providers/microsoft.network/networkinterfaces/nic1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(String);

impl ResourceId {
    /// An id as an export gives it.
    pub fn new(id: &str) -> Self {
        Self(id.trim().trim_end_matches('/').to_ascii_lowercase())
    }

    /// The id in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part: the resource's own name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The value behind `segment`: `resourcegroups`, `subscriptions`, `virtualnetworks`.
    pub fn part(&self, segment: &str) -> Option<&str> {
        let mut parts = self.0.split('/');
        parts.by_ref().find(|part| *part == segment)?;
        parts.next().filter(|part| !part.is_empty())
    }

    /// The resource of which this is a part: of a subnet its virtual network, of an IP configuration its interface.
    pub fn parent(&self) -> Option<Self> {
        let (rest, _) = self.0.rsplit_once('/')?;
        let (parent, _) = rest.rsplit_once('/')?;
        (!parent.is_empty()).then(|| Self(parent.to_owned()))
    }
}

/// Which of Azure's separate clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sovereign {
    /// The ordinary one.
    Public,
    /// US Government.
    UsGovernment,
    /// Operated by 21Vianet.
    China,
}

/// A resource of Azure.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `Microsoft.Compute/virtualMachines`.
    VirtualMachine(VirtualMachine),
    /// `Microsoft.Network/networkInterfaces`.
    NetworkInterface(NetworkInterface),
    /// `Microsoft.Network/virtualNetworks`; its subnets come as resources of their own, too.
    VirtualNetwork(VirtualNetwork),
    /// `…/virtualNetworks/subnets`.
    Subnet(Subnet),
    /// `Microsoft.Network/networkSecurityGroups`.
    SecurityGroup(SecurityGroup),
    /// What `az network nic list-effective-nsg` gives: one entry for each group that holds at the interface.
    EffectiveSecurityGroup(EffectiveSecurityGroup),
    /// `Microsoft.Network/routeTables`.
    RouteTable(RouteTable),
    /// What `az network nic show-effective-route-table` gives.
    EffectiveRoutes(EffectiveRoutes),
    /// `Microsoft.Network/publicIPAddresses`.
    PublicAddress(PublicAddress),
    /// `Microsoft.Network/natGateways`.
    NatGateway(NatGateway),
    /// `Microsoft.Network/loadBalancers`.
    LoadBalancer(LoadBalancer),
    /// `Microsoft.Network/azureFirewalls`.
    Firewall(Firewall),
    /// `Microsoft.Network/firewallPolicies`.
    FirewallPolicy(FirewallPolicy),
    /// `…/firewallPolicies/ruleCollectionGroups`.
    RuleCollectionGroup(RuleCollectionGroup),
    /// `Microsoft.Network/ipGroups`.
    IpGroup(IpGroup),
    /// `Microsoft.Network/virtualHubs`.
    VirtualHub(VirtualHub),
    /// `…/virtualHubs/hubVirtualNetworkConnections`.
    HubConnection(HubConnection),
    /// `…/virtualHubs/routingIntent`.
    RoutingIntent(RoutingIntent),
}

/// A virtual machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VirtualMachine {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Region: `japaneast`, `usgovvirginia`, `chinaeast2`.
    pub location: Option<String>,
    /// Interfaces, each with whether it is the primary one where the export says so.
    pub interfaces: Vec<(ResourceId, Option<bool>)>,
    /// Availability set.
    pub availability_set: Option<ResourceId>,
    /// Marketplace image: `MicrosoftWindowsServer/WindowsServer/2022-datacenter-azure-edition`.
    pub image: Option<String>,
    /// `Windows_Server`, `Windows_Client` (Azure Hybrid Benefit), `None` as written.
    pub license_type: Option<String>,
    /// `Windows` or `Linux`.
    pub operating_system: Option<String>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkInterface {
    /// Its id; `None` where an export leaves it out.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Region.
    pub location: Option<String>,
    /// The machine that has it.
    pub machine: Option<ResourceId>,
    /// Whether it is the machine's primary one.
    pub is_primary: Option<bool>,
    /// Security group at the interface. `Some(None)`: the export shows that there is none.
    pub security_group: Option<Option<ResourceId>>,
    /// Its addresses.
    pub configurations: Vec<AddressConfiguration>,
}

/// An IP configuration of an interface.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddressConfiguration {
    /// Whether packets of the machine's own leave by it. Azure lets one configuration be primary.
    pub is_primary: Option<bool>,
    /// Private address.
    pub private_address: Option<IpAddr>,
    /// Subnet.
    pub subnet: Option<ResourceId>,
    /// Public address. `Some(None)`: none.
    pub public_address: Option<Option<ResourceId>>,
    /// Backend pools of load balancers. `None`: the export does not say.
    pub backend_pools: Option<Vec<ResourceId>>,
    /// Application security groups.
    pub application_groups: Vec<ResourceId>,
}

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VirtualNetwork {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Address space.
    pub address_space: Vec<IpNet>,
    /// DNS servers of its own; empty: those of Azure.
    pub dns_servers: Option<Vec<IpAddr>>,
    /// Peerings.
    pub peerings: Option<Vec<Peering>>,
}

/// A peering of a virtual network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Peering {
    /// Its name as written.
    pub name: String,
    /// The other network.
    pub remote_network: Option<ResourceId>,
    /// Address space of the other network.
    pub remote_address_space: Vec<IpNet>,
    /// Whether the other network's gateway is used, so that it announces its routes here.
    pub uses_remote_gateways: bool,
    /// `peeringState` is `Connected`.
    pub is_connected: bool,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subnet {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Prefixes.
    pub prefixes: Vec<IpNet>,
    /// Security group. `Some(None)`: none.
    pub security_group: Option<Option<ResourceId>>,
    /// Route table. `Some(None)`: none.
    pub route_table: Option<Option<ResourceId>>,
    /// NAT gateway. `Some(None)`: none.
    pub nat_gateway: Option<Option<ResourceId>>,
    /// `defaultOutboundAccess`; exports leave it out where it is not set, which means that there is default access.
    pub default_outbound_access: Option<bool>,
}

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

/// A route table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RouteTable {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Whether the routes that gateways announce are kept out.
    pub disables_gateway_routes: bool,
    /// Its routes.
    pub routes: Vec<Route>,
}

/// What holds at one interface: every route with its source and state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EffectiveRoutes {
    /// The interface, where the export or the command before it names it (name or id).
    pub interface: Option<ResourceId>,
    /// Its name, where only that is known.
    pub interface_name: Option<String>,
    /// Its routes.
    pub routes: Vec<Route>,
}

/// A route.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Who made it.
    pub source: RouteSource,
    /// Whether it holds: `state` is `Active`. Always of route tables.
    pub is_active: bool,
    /// Destinations.
    pub prefixes: Vec<RoutePrefix>,
    /// Where it leads.
    pub next_hop: NextHop,
    /// Address of the appliance or gateway.
    pub next_hop_address: Option<IpAddr>,
    /// Where it was read.
    pub origin: Option<Origin>,
}

/// A destination of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutePrefix {
    /// A prefix.
    Prefix(IpNet),
    /// A service tag of a user-defined route.
    Tag(String),
    /// What is written there could not be read.
    Unreadable(String),
}

/// Who made a route, in the order of precedence for one and the same prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteSource {
    /// A user-defined route.
    User,
    /// Announced by a gateway (BGP).
    Gateway,
    /// Azure's own.
    Default,
    /// `Unknown`, or a word that is not known here.
    Unknown,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextHop {
    /// Straight out.
    Internet,
    /// To an appliance at the address beside it.
    VirtualAppliance,
    /// To a gateway of VPN or `ExpressRoute`, or a hub.
    VirtualNetworkGateway,
    /// Into the virtual network.
    VirtualNetwork,
    /// Into a peered network or a connected group.
    Peering,
    /// To a service endpoint or private endpoint.
    ServiceEndpoint,
    /// To nowhere.
    None,
    /// A word that is not known here.
    Unknown(String),
}

/// A public address.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PublicAddress {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// The address; none before it is allocated.
    pub address: Option<IpAddr>,
}

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NatGateway {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Whether it has a public address or prefix: without one it translates nothing.
    pub has_public_address: bool,
    /// Subnets that it serves; `None`: the export does not say.
    pub subnets: Option<Vec<ResourceId>>,
}

/// A load balancer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LoadBalancer {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// `Basic`, `Standard` or `Gateway`.
    pub sku: Option<String>,
    /// Front ends.
    pub frontends: Vec<Frontend>,
    /// Backend pools with the IP configurations in them, where the export has them.
    pub pools: Vec<BackendPool>,
    /// Load-balancing rules.
    pub rules: Vec<LoadBalancingRule>,
    /// Outbound rules.
    pub outbound_rules: Vec<OutboundRule>,
    /// Probes.
    pub probes: Vec<Probe>,
}

/// A front end of a load balancer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frontend {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Private address of an internal one.
    pub private_address: Option<IpAddr>,
    /// Whether it has a public address or prefix.
    pub is_public: bool,
}

/// A backend pool.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BackendPool {
    /// Its id.
    pub id: Option<ResourceId>,
    /// IP configurations of interfaces in it.
    pub configurations: Vec<ResourceId>,
    /// Private addresses in it, of pools that are made of addresses.
    pub addresses: Vec<IpAddr>,
}

/// A load-balancing rule.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBalancingRule {
    /// Its name as written.
    pub name: String,
    /// Front end.
    pub frontend: Option<ResourceId>,
    /// Pools.
    pub pools: Vec<ResourceId>,
    /// Probe.
    pub probe: Option<ResourceId>,
    /// Protocol.
    pub protocol: Protocol,
    /// Port at the front; 0 stands for all ports (HA ports).
    pub frontend_port: u16,
    /// Port at the machines behind it.
    pub backend_port: u16,
    /// Whether machines behind it get no way out by it.
    pub disables_outbound: bool,
    /// `Default`, `SourceIP` or `SourceIPProtocol`.
    pub distribution: Option<String>,
    /// Where it was read.
    pub origin: Option<Origin>,
}

/// An outbound rule.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundRule {
    /// Its name as written.
    pub name: String,
    /// Pool that it serves.
    pub pool: Option<ResourceId>,
    /// Protocol.
    pub protocol: Protocol,
}

/// A health probe.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Probe {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// `Tcp`, `Http` or `Https`.
    pub protocol: String,
    /// Port that it asks.
    pub port: u16,
}

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

/// A virtual hub.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VirtualHub {
    /// Its id.
    pub id: Option<ResourceId>,
    /// Its name as written.
    pub name: String,
    /// Its firewall.
    pub firewall: Option<ResourceId>,
}

/// A connection of a virtual network to a hub.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HubConnection {
    /// Its id: its parent is the hub.
    pub id: Option<ResourceId>,
    /// The network.
    pub network: Option<ResourceId>,
    /// `enableInternetSecurity`: whether the hub's default route is announced to it.
    pub announces_default_route: bool,
}

/// The routing intent of a hub.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoutingIntent {
    /// Its id: its parent is the hub.
    pub id: Option<ResourceId>,
    /// Next hop of traffic to the Internet, if there is a policy for it.
    pub internet_next_hop: Option<ResourceId>,
}
