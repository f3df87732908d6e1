//! Virtual networks with their subnets and peerings, hubs with their connections.

use std::net::IpAddr;

use ipnet::IpNet;

use super::ResourceId;

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
