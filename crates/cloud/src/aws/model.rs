//! What exports of AWS, and its machines themselves, describe, reduced to what bears on the way to KMS.
//!
//! `None` means that the export does not say.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use kmsdoctor_core::fact::Origin;

/// A resource of AWS.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// What `aws ec2 describe-instances` gives.
    Instance(Instance),
    /// What `route print` shows on a machine, of AWS or of another network.
    MachineRoutes(MachineRoutes),
    /// What the log of a launch agent says of the routes that it added.
    LaunchLog(LaunchLog),
}

/// An EC2 instance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Instance {
    /// `i-0123456789abcdef0`.
    pub id: String,
    /// The value of its tag `Name`.
    pub name: Option<String>,
    /// Whether `Platform` is `windows`; the export leaves it out for other systems.
    pub runs_windows: Option<bool>,
    /// `PlatformDetails`: `Windows`, `Windows BYOL`, `Windows with SQL Server Standard`.
    pub platform: Option<String>,
    /// `UsageOperation`: `RunInstances:0002`.
    pub usage_operation: Option<String>,
    /// `default`, `dedicated`, `host`.
    pub tenancy: Option<String>,
    /// Its network interfaces.
    pub interfaces: Vec<Interface>,
}

impl Instance {
    /// Id of the interface by which packets leave: that of device index 0, else the first; the instance's own without any.
    pub fn primary(&self) -> &str {
        let primary = self.interfaces.iter().find(|interface| interface.device_index == Some(0));
        primary.or(self.interfaces.first()).map_or(&self.id, |interface| &interface.id)
    }
}

/// A network interface of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interface {
    /// `eni-0123456789abcdef0`.
    pub id: String,
    /// Place at the instance: 0 is the primary one.
    pub device_index: Option<u32>,
    /// Private addresses.
    pub addresses: Vec<Ipv4Addr>,
}

/// A machine's routing table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MachineRoutes {
    /// Whether all of it is there, so that a route that is not there does not exist.
    pub is_whole: bool,
    /// The routes that bear on KMS: those to its addresses, default routes, networks that the machine is connected to.
    pub routes: Vec<MachineRoute>,
}

/// A route of a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineRoute {
    /// Where packets go that it is for.
    pub destination: Ipv4Net,
    /// Gateway; `None`: the network itself ("On-link").
    pub gateway: Option<Ipv4Addr>,
    /// Address of the interface; `None`: a persistent route, which becomes active only where its gateway is there.
    pub interface: Option<Ipv4Addr>,
    /// The lowest wins. Persistent routes may say `Default`.
    pub metric: Option<u32>,
    /// Where it was read.
    pub origin: Origin,
}

impl MachineRoute {
    /// Whether it is a host route to this address.
    pub fn is_to(&self, address: Ipv4Addr) -> bool {
        self.destination.prefix_len() == 32 && self.destination.addr() == address
    }

    /// Whether it is for everything else.
    pub fn is_default(&self) -> bool {
        self.destination.prefix_len() == 0
    }

    /// Whether it is a network that the machine is connected to.
    pub fn is_network(&self) -> bool {
        let network = self.destination.network();
        let is_host = self.destination.prefix_len() == 32;
        self.gateway.is_none() && !is_host && !network.is_loopback() && !network.is_multicast()
    }
}

impl fmt::Display for MachineRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.destination)?;
        self.gateway.map_or(Ok(()), |gateway| write!(formatter, " → {gateway}"))?;
        self.interface.map_or(Ok(()), |interface| write!(formatter, " ({interface})"))
    }
}

/// What a launch agent (`EC2Launch`, `EC2Config`) wrote of its routes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LaunchLog {
    /// In the order of the log.
    pub routes: Vec<LoggedRoute>,
}

/// A route that an agent added, or failed to add.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedRoute {
    /// Where it leads.
    pub address: Ipv4Addr,
    /// By which gateway, where the log says so.
    pub gateway: Option<Ipv4Addr>,
    /// Whether it succeeded.
    pub was_added: bool,
    /// Where it was read.
    pub origin: Origin,
}
