//! Routes: tables, and what holds at an interface.

use std::net::IpAddr;

use ipnet::IpNet;
use kmsdoctor_core::fact::Origin;

use super::ResourceId;

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
