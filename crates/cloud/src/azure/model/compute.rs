//! Machines, interfaces, and what gives their packets a public address.

use std::net::IpAddr;

use super::ResourceId;

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
