//! Faults of the KMS host, its port and the network before it.

use std::net::SocketAddr;

use kmsdoctor_lab::{
    Behaviour, Chain, Peer, Result, SERVER, TcpServer, UNROUTED_HOST, WebProtocol, Zone, host_address,
};

use crate::world::{DISCOVER, DOMAIN, KMS_PORT, healthy_zone, in_world};

/// The host still answers pings and refuses other ports.
pub(crate) fn port_dropped() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.add_firewall_rule("tcp dport 1688 drop")?;
        world.expect_problem(DISCOVER, "net-port-filtered")?;
        world.network.clear_firewall()?;
        world.expect_healthy(DISCOVER)
    })
}

pub(crate) fn port_refused() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        world.network.add_host(host_address(1))?;
        world.expect_problem(DISCOVER, "net-port-refused")?;
        let _kms = world.serve(host_address(1), Behaviour::AcknowledgeBind)?;
        world.expect_healthy(DISCOVER)
    })
}

pub(crate) fn host_dead() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        world.expect_problem(DISCOVER, "net-host-unreachable")?;
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_healthy(DISCOVER)
    })
}

/// The router says that it knows no way to the host.
pub(crate) fn host_unrouted() -> Result<()> {
    let address = UNROUTED_HOST.to_string();
    let arguments = &["--host", address.as_str()];
    in_world(&Zone::new(DOMAIN), |world| {
        world.expect_problem(arguments, "net-host-unreachable")?;
        let _kms = world.add_kms_host(UNROUTED_HOST)?;
        world.expect_healthy(arguments)
    })
}

/// A server that is none for KMS, replaced by one that acknowledges the bind.
fn misbehaving(behaviour: Behaviour, arguments: &[&str], cause: &str) -> Result<()> {
    in_world(&healthy_zone(), |world| {
        world.network.add_host(host_address(1))?;
        let wrong = world.serve(host_address(1), behaviour)?;
        world.expect_problem(arguments, cause)?;
        drop(wrong);
        let _kms = world.serve(host_address(1), Behaviour::AcknowledgeBind)?;
        world.expect_healthy(arguments)
    })
}

pub(crate) fn http_on_kms_port() -> Result<()> {
    misbehaving(Behaviour::AnswerHttp, DISCOVER, "net-not-kms")
}

pub(crate) fn silence_on_kms_port() -> Result<()> {
    misbehaving(Behaviour::StaySilent, &["--host", "10.77.0.11"], "net-not-kms")
}

pub(crate) fn other_rpc_service() -> Result<()> {
    misbehaving(Behaviour::RejectInterface, DISCOVER, "net-not-kms")
}

pub(crate) fn reset_after_accept() -> Result<()> {
    misbehaving(Behaviour::ResetOnAccept, DISCOVER, "net-intercepted")?;
    misbehaving(Behaviour::ResetOnData, &["--host", "10.77.0.11"], "net-intercepted")
}

pub(crate) fn close_after_accept() -> Result<()> {
    misbehaving(Behaviour::CloseOnAccept, &["--host", "10.77.0.11"], "net-intercepted")
}

/// The host is well; a device on the way lets the connection open and resets it when data flows.
pub(crate) fn reset_on_the_path() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let rule = "tcp dport 1688 tcp flags & psh == psh reject with tcp reset";
        world.network.add_firewall_rule(rule)?;
        world.expect_problem(DISCOVER, "net-intercepted")?;
        world.network.clear_firewall()?;
        world.expect_healthy(DISCOVER)
    })
}

/// A real web server where the KMS host should be.
fn web_server(protocol: WebProtocol) -> Result<()> {
    in_world(&healthy_zone(), |world| {
        world.network.add_host(host_address(1))?;
        let nginx = Peer::nginx(world.network.server(), (host_address(1), KMS_PORT).into(), protocol)?;
        world.expect_problem(DISCOVER, "net-not-kms")?;
        drop(nginx);
        let _kms = world.serve(host_address(1), Behaviour::AcknowledgeBind)?;
        world.expect_healthy(DISCOVER)
    })
}

pub(crate) fn nginx_on_kms_port() -> Result<()> {
    web_server(WebProtocol::Http)
}

pub(crate) fn nginx_tls_on_kms_port() -> Result<()> {
    web_server(WebProtocol::Tls)
}

/// A real RPC server that does not know the KMS interface: behind the KMS port, and behind a record that names its own.
pub(crate) fn samba_on_kms_port() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let (server, host) = (world.network.server(), host_address(1));
        world.network.add_host(host)?;
        let samba = Peer::endpoint_mapper(server, host)?;
        server.add_firewall_rule(Chain::Redirect, &format!("tcp dport {KMS_PORT} dnat ip to {host}:135"))?;
        world.expect_problem(DISCOVER, "net-not-kms")?;
        world.network.clear_firewall()?;
        world.dns.publish(&Zone::new(DOMAIN).host("kms1", host).service("kms1", 135))?;
        world.expect_problem(DISCOVER, "net-not-kms")?;
        drop(samba);
        let _kms = world.serve(host, Behaviour::AcknowledgeBind)?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

/// A firewall on the way says that it forbids it; the host still answers pings and refuses other ports.
pub(crate) fn port_prohibited() -> Result<()> {
    filtered(Chain::Input, "tcp dport 1688 reject with icmpx admin-prohibited", "net-port-filtered")
}

/// What the client sends arrives, and the answer is dropped on its way back.
pub(crate) fn return_path_dropped() -> Result<()> {
    let syn_ack = "tcp sport 1688 tcp flags & (syn | ack) == syn | ack drop";
    filtered(Chain::Output, syn_ack, "net-port-filtered")
}

/// The firewall on the KMS host itself, or one on the way, that refuses in the host's name.
pub(crate) fn port_rejected() -> Result<()> {
    filtered(Chain::Input, "tcp dport 1688 reject with tcp reset", "net-port-refused")
}

fn filtered(chain: Chain, rule: &str, cause: &str) -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.server().add_firewall_rule(chain, rule)?;
        world.expect_problem(DISCOVER, cause)?;
        world.network.clear_firewall()?;
        world.expect_healthy(DISCOVER)
    })
}

/// The client's own firewall: the host gets no packet, and is not to blame.
pub(crate) fn dropped_on_the_client() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        for verdict in ["drop", "reject", "reject with icmpx admin-prohibited"] {
            world.network.client().add_firewall_rule(Chain::Output, &format!("tcp dport 1688 {verdict}"))?;
            world.expect_causes(DISCOVER, &["net-local-firewall-blocks"])?;
            world.network.clear_firewall()?;
        }
        world.expect_healthy(DISCOVER)
    })
}

/// The client's own system forbids the connection, as the firewall of Windows does: by a route, on Linux.
pub(crate) fn forbidden_on_the_client() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let (client, host) = (world.network.client(), host_address(1));
        let _kms = world.add_kms_host(host)?;
        client.run("ip", &["route", "add", "prohibit", &host.to_string()])?;
        world.expect_problem(DISCOVER, "net-local-firewall-blocks")?;
        client.run("ip", &["route", "del", "prohibit", &host.to_string()])?;
        world.expect_healthy(DISCOVER)
    })
}

/// A device before another network opens every connection itself, also those to hosts that are not there.
pub(crate) fn middlebox_answers_for_all() -> Result<()> {
    let address = UNROUTED_HOST.to_string();
    let arguments = &["--host", address.as_str()];
    in_world(&Zone::new(DOMAIN), |world| {
        let server = world.network.server();
        let device = SocketAddr::from((SERVER, 8888));
        let redirect = "ip daddr 10.99.0.0/24 tcp dport 1-65535 redirect to :8888";
        for behaviour in [Behaviour::CloseOnAccept, Behaviour::StaySilent] {
            let _device = TcpServer::start(server, device, behaviour, &world.log)?;
            server.add_firewall_rule(Chain::Redirect, redirect)?;
            world.expect_problem(arguments, "net-intercepted")?;
            world.network.clear_firewall()?;
        }
        let _kms = world.add_kms_host(UNROUTED_HOST)?;
        world.expect_healthy(arguments)
    })
}
