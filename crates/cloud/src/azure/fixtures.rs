//! Resources for tests of the modules beside.

use ipnet::IpNet;
use kmsdoctor_core::fact::Origin;

use super::*;
use crate::Resource;

/// Resources in the order given, as one artifact would have them.
pub(crate) fn resources(bodies: impl IntoIterator<Item = Body>) -> Vec<Resource> {
    let make = |(at, body)| Resource { body: crate::Body::Azure(body), origin: origin("export.json", at) };
    bodies.into_iter().enumerate().map(make).collect()
}

pub(crate) fn origin(artifact: &str, at: usize) -> Origin {
    Origin { artifact: artifact.to_owned(), sha256: String::new(), span: at..at + 1, line: None, quote: String::new() }
}

/// An id below one resource group: `virtualnetworks/hub/subnets/work`.
pub(crate) fn id(path: &str) -> ResourceId {
    ResourceId::new(&format!("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/{path}"))
}

pub(crate) fn prefix(text: &str) -> IpNet {
    text.parse().expect("a prefix")
}

pub(crate) fn address(text: &str) -> std::net::IpAddr {
    text.parse().expect("an address")
}

const ALL_PORTS: PortRange = PortRange { first: 0, last: u16::MAX };

/// An outbound rule from anywhere on every port.
pub(crate) fn rule(name: &str, priority: u32, allows: bool, destination: Peer) -> SecurityRule {
    SecurityRule {
        name: name.to_owned(),
        priority,
        is_outbound: true,
        allows,
        protocol: Protocol::Any,
        sources: vec![Peer::Any],
        source_ports: vec![ALL_PORTS],
        destinations: vec![destination],
        destination_ports: vec![ALL_PORTS],
        origin: None,
    }
}

pub(crate) fn tag(name: &str) -> Peer {
    Peer::Tag(name.to_owned())
}

/// A user-defined route of a table.
pub(crate) fn route(destination: &str, next_hop: NextHop, next_hop_address: Option<&str>) -> Route {
    let prefix = destination.parse().map_or_else(|_| RoutePrefix::Tag(destination.to_owned()), RoutePrefix::Prefix);
    Route {
        name: None,
        source: RouteSource::User,
        is_active: true,
        prefixes: vec![prefix],
        next_hop,
        next_hop_address: next_hop_address.map(address),
        origin: None,
    }
}

/// A Windows machine `vm1` with one interface `nic1` in the subnet `work` of the network `spoke`, without anything around
/// it: its packets leave by default outbound access. Tests change what they are about.
pub(crate) struct Lab {
    pub(crate) machine: VirtualMachine,
    pub(crate) interface: NetworkInterface,
    pub(crate) network: VirtualNetwork,
    pub(crate) subnet: Subnet,
    pub(crate) others: Vec<Body>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let configuration = AddressConfiguration {
            is_primary: Some(true),
            private_address: Some(address("10.1.0.4")),
            subnet: Some(id("virtualNetworks/spoke/subnets/work")),
            public_address: Some(None),
            backend_pools: Some(Vec::new()),
            application_groups: Vec::new(),
        };
        Self {
            machine: VirtualMachine {
                id: Some(id("virtualMachines/vm1")),
                name: "vm1".to_owned(),
                location: Some("japaneast".to_owned()),
                interfaces: vec![(id("networkInterfaces/nic1"), Some(true))],
                operating_system: Some("Windows".to_owned()),
                ..VirtualMachine::default()
            },
            interface: NetworkInterface {
                id: Some(id("networkInterfaces/nic1")),
                name: "nic1".to_owned(),
                machine: Some(id("virtualMachines/vm1")),
                security_group: Some(None),
                configurations: vec![configuration],
                ..NetworkInterface::default()
            },
            network: VirtualNetwork {
                id: Some(id("virtualNetworks/spoke")),
                name: "spoke".to_owned(),
                address_space: vec![prefix("10.1.0.0/16")],
                dns_servers: Some(Vec::new()),
                peerings: Some(Vec::new()),
            },
            subnet: Subnet {
                id: Some(id("virtualNetworks/spoke/subnets/work")),
                name: "work".to_owned(),
                prefixes: vec![prefix("10.1.0.0/24")],
                security_group: Some(None),
                route_table: Some(None),
                nat_gateway: Some(None),
                default_outbound_access: None,
            },
            others: Vec::new(),
        }
    }

    /// Puts a group at the subnet.
    pub(crate) fn rules(mut self, rules: Vec<SecurityRule>) -> Self {
        let group = id("networkSecurityGroups/nsg1");
        self.subnet.security_group = Some(Some(group.clone()));
        self.with(Body::SecurityGroup(SecurityGroup { id: Some(group), name: "nsg1".to_owned(), rules }))
    }

    /// Puts a table at the subnet.
    pub(crate) fn routes(mut self, routes: Vec<Route>) -> Self {
        let table = id("routeTables/rt1");
        self.subnet.route_table = Some(Some(table.clone()));
        let table = RouteTable { id: Some(table), name: "rt1".to_owned(), disables_gateway_routes: false, routes };
        self.with(Body::RouteTable(table))
    }

    pub(crate) fn with(mut self, body: Body) -> Self {
        self.others.push(body);
        self
    }

    pub(crate) fn configuration(&mut self) -> &mut AddressConfiguration {
        &mut self.interface.configurations[0]
    }

    pub(crate) fn resources(self) -> Vec<Resource> {
        let own = [
            Body::VirtualMachine(self.machine),
            Body::NetworkInterface(self.interface),
            Body::VirtualNetwork(self.network),
            Body::Subnet(self.subnet),
        ];
        resources(own.into_iter().chain(self.others))
    }

    /// The path to the first address of KMS.
    pub(crate) fn path(self) -> Path {
        self.paths().into_iter().next().expect("a path")
    }

    pub(crate) fn paths(self) -> Vec<Path> {
        paths(&self.resources())
    }
}

/// What a station does, if there is one.
pub(crate) fn outcome(path: &Path, stage: crate::Stage) -> Option<&crate::Outcome> {
    path.hops.iter().find(|hop| hop.stage == stage).map(|hop| &hop.outcome)
}

/// Whether something is remarked.
pub(crate) fn remarks(path: &Path, kind: crate::RemarkKind) -> bool {
    path.remarks.iter().any(|remark| remark.kind == kind)
}
