//! The network under test: one client, one server machine that carries as many addresses as a trial wants.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::command;
use crate::error::{LabError, Result};
use crate::namespace::Namespace;

/// The client's address. Its default route goes through [`SERVER`].
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
/// The address of name server and time server; it outlives every fault on a KMS host's own address.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
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

/// Client and server namespace, joined by a virtual cable, with a firewall on the server's side.
#[derive(Debug)]
pub struct Network {
    client: Namespace,
    server: Namespace,
}

impl Network {
    /// Builds the network; it carries traffic when this returns.
    pub fn create() -> Result<Self> {
        let network = Self { client: Namespace::create("client")?, server: Namespace::create("server")? };
        let (client, server) = (network.client.name(), network.server.name());
        command::run(
            "ip",
            &["link", "add", "name", "eth0", "netns", client, "type", "veth", "peer", "name", "eth0", "netns", server],
        )?;
        for (namespace, v4, v6) in [
            (&network.client, format!("{CLIENT}/24"), "fd77::2/64"),
            (&network.server, format!("{SERVER}/24"), "fd77::1/64"),
        ] {
            namespace.ip(&["address", "add", &v4, "dev", "eth0"])?;
            // Duplicate address detection would keep the address unusable for a second.
            namespace.ip(&["address", "add", v6, "dev", "eth0", "nodad"])?;
            namespace.ip(&["link", "set", "eth0", "up"])?;
        }
        let gateway = SERVER.to_string();
        network.client.ip(&["route", "add", "default", "via", &gateway])?;
        network.make_server_route()?;
        network.server.run("nft", &["add table inet lab"])?;
        network
            .server
            .run("nft", &["add chain inet lab input { type filter hook input priority 0; policy accept; }"])?;
        Ok(network)
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
        self.server.ip(&["address", "add", &with_prefix(address), "dev", "eth0", "nodad"])?;
        self.forget_neighbours()
    }

    /// Takes an address away: the host is gone, nothing answers for it any more.
    pub fn remove_host(&self, address: IpAddr) -> Result<()> {
        self.server.ip(&["address", "del", &with_prefix(address), "dev", "eth0"])?;
        self.forget_neighbours()
    }

    /// Adds an nftables rule to what the server receives, as `tcp dport 1688 drop`.
    pub fn add_firewall_rule(&self, rule: &str) -> Result<()> {
        self.server.run("nft", &[&format!("add rule inet lab input {rule}")]).map(drop)
    }

    /// Removes every rule.
    pub fn clear_firewall(&self) -> Result<()> {
        self.server.run("nft", &["flush chain inet lab input"]).map(drop)
    }

    /// Leads every TCP connection to `address`, whatever its port, to one port: as a device does that answers for all.
    pub fn redirect_all_connections(&self, address: IpAddr, port: u16) -> Result<()> {
        self.server.run("nft", &["add chain inet lab detour { type nat hook prerouting priority -100; }"])?;
        let rule = format!("ip daddr {address} meta l4proto tcp dnat ip to {address}:{port}");
        self.server.run("nft", &[&format!("add rule inet lab detour {rule}")]).map(drop)
    }

    /// Ends [`Network::redirect_all_connections`].
    pub fn clear_redirections(&self) -> Result<()> {
        self.server.run("nft", &["flush chain inet lab detour"]).map(drop)
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

fn with_prefix(address: IpAddr) -> String {
    let length = match address {
        _ if address == UNROUTED_HOST => 32,
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 64,
    };
    format!("{address}/{length}")
}
