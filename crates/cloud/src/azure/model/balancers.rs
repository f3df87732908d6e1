//! Load balancers.

use std::net::IpAddr;

use kmsdoctor_core::fact::Origin;

use super::{Protocol, ResourceId};

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

impl Probe {
    /// Whether it asks by HTTP or HTTPS, which a KMS host does not answer.
    pub fn is_http(&self) -> bool {
        self.protocol.to_ascii_lowercase().starts_with("http")
    }
}
