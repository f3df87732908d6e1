//! What Azure's exports describe, reduced to what bears on the way to KMS. One type per kind of resource; names are those
//! of Azure's resource model (<https://learn.microsoft.com/azure/templates/microsoft.network/allversions>).
//!
//! `None` means that the export does not say; an empty list that it says that there are none.

mod balancers;
mod compute;
mod firewall;
mod network;
mod routes;
mod security;

pub use balancers::*;
pub use compute::*;
pub use firewall::*;
pub use network::*;
pub use routes::*;
pub use security::*;

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
