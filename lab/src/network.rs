//! The network under test: one client, one server machine that carries as many addresses as a trial wants.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::command;
use crate::error::{LabError, Result};
use crate::line::{Line, Quality};
use crate::namespace::{Chain, Namespace};

/// The client's address. Its default route goes through [`SERVER`].
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
const CLIENT_V6: Ipv6Addr = Ipv6Addr::new(0xfd77, 0, 0, 0, 0, 0, 0, 2);
/// The address of name server and time server; it outlives every fault on a KMS host's own address.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
/// The IPv6 address of the name server.
pub const SERVER_V6: Ipv6Addr = Ipv6Addr::new(0xfd77, 0, 0, 0, 0, 0, 0, 1);
/// An address for a second resolver.
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 3);
/// An address behind the router, in a network to which the router has no route.
pub const UNROUTED_HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 99, 0, 10));

/// The address for the `number`th host in the client's subnet. Until [`Network::add_host`] nobody has it.
pub const fn host_address(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 77, 0, 10 + number))
}

/// The IPv6 address for the `number`th host in the client's subnet.
pub const fn host_address_v6(number: u8) -> IpAddr {
    IpAddr::V6(Ipv6Addr::new(0xfd77, 0, 0, 0, 0, 0, 0, 0x10 + number as u16))
}

/// Client and server namespace, joined by a cable, with a firewall on the server's side.
#[derive(Debug)]
pub struct Network {
    // Before the namespaces: it ends first.
    line: Option<Line>,
    client: Namespace,
    server: Namespace,
}

impl Network {
    /// Builds the network; it carries traffic when this returns.
    pub fn create() -> Result<Self> {
        Self::join(|client, server| {
            let (client, server) = (client.name(), server.name());
            let one = ["link", "add", "name", "eth0", "netns", client, "type", "veth"];
            let other = ["peer", "name", "eth0", "netns", server];
            command::run("ip", &[&one[..], &other[..]].concat()).map(|_| None)
        })
    }

    /// The same over a [`Line`], which can be made worse. `seed` decides which packets it loses then.
    pub fn create_over_line(seed: u64) -> Result<Self> {
        Self::join(|client, server| Line::start(client, server, seed).map(Some))
    }

    /// `cable` gives both namespaces a device `eth0`.
    fn join(cable: impl FnOnce(&Namespace, &Namespace) -> Result<Option<Line>>) -> Result<Self> {
        let (client, server) = (Namespace::create("client")?, Namespace::create("server")?);
        let line = cable(&client, &server)?;
        let network = Self { line, client, server };
        for (namespace, v4, v6) in [(&network.client, CLIENT, CLIENT_V6), (&network.server, SERVER, SERVER_V6)] {
            namespace.ip(&["link", "set", "eth0", "up"])?;
            namespace.add_address(v4.into(), 24)?;
            namespace.add_address(v6.into(), 64)?;
        }
        network.client.wait_for_link()?;
        network.server.wait_for_link()?;
        let gateway = SERVER.to_string();
        network.client.ip(&["route", "add", "default", "via", &gateway])?;
        network.make_server_route()?;
        Ok(network)
    }

    /// Makes the line better or worse from now on.
    ///
    /// # Panics
    ///
    /// If the network has none.
    pub fn set_quality(&self, quality: Quality) {
        self.line.as_ref().expect("the network was created over a line").set_quality(quality);
    }

    /// Where the product runs.
    pub fn client(&self) -> &Namespace {
        &self.client
    }

    /// Where everything that the product talks to runs.
    pub fn server(&self) -> &Namespace {
        &self.server
    }

    /// Gives the server one more address: a host comes up.
    pub fn add_host(&self, address: IpAddr) -> Result<()> {
        self.server.add_address(address, prefix_length(address))?;
        self.forget_neighbours()
    }

    /// Takes an address away: the host is gone, nothing answers for it any more.
    pub fn remove_host(&self, address: IpAddr) -> Result<()> {
        self.server.ip(&["address", "del", &format!("{address}/{}", prefix_length(address)), "dev", "eth0"])?;
        self.forget_neighbours()
    }

    /// Adds an nftables rule to what the server receives, as `tcp dport 1688 drop`.
    pub fn add_firewall_rule(&self, rule: &str) -> Result<()> {
        self.server.add_firewall_rule(Chain::Input, rule)
    }

    /// Removes every rule of client and server.
    pub fn clear_firewall(&self) -> Result<()> {
        self.client.clear_firewall()?;
        self.server.clear_firewall()
    }

    /// The server routes, knows no way to other networks and says so at once, as a router does.
    fn make_server_route(&self) -> Result<()> {
        self.server.enter(|| {
            for (setting, value) in [("ip_forward", "1"), ("icmp_ratelimit", "0")] {
                let path = format!("/proc/sys/net/ipv4/{setting}");
                fs::write(&path, value).map_err(LabError::io(format!("write {path}")))?;
            }
            Ok(())
        })?;
        self.server.ip(&["route", "add", "unreachable", "default"]).map(drop)
    }

    /// Otherwise the client would go on sending to a host that has just left, or remember that it was away.
    fn forget_neighbours(&self) -> Result<()> {
        self.client.ip(&["neigh", "flush", "dev", "eth0"]).map(drop)
    }
}

fn prefix_length(address: IpAddr) -> u8 {
    match address {
        _ if address == UNROUTED_HOST => 32,
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 64,
    }
}
