//! `kmsdoctor probe`: a whole network.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use kmsdoctor_lab::{
    Behaviour, CLIENT, Chain, Network, PduLog, Peer, Product, Quality, Result, Run, SERVER, TcpServer, WebProtocol,
    host_address,
};
use serde_json::Value;

use crate::line::seed;
use crate::world::{JSON, KMS_PORT, expect_only_binds};

/// What answers at the hosts of the network, by their number. At all other addresses there is nobody.
const ALIVE: std::ops::RangeInclusive<u8> = 1..=30;
const REFUSED: std::ops::RangeInclusive<u8> = 40..=49;
const FILTERED: std::ops::RangeInclusive<u8> = 50..=54;
const WEB: u8 = 60;
const ENDPOINT_MAPPER: u8 = 61;
const RESETTING: u8 = 62;

/// All addresses of the lab's network.
const RANGE: &str = "10.77.0.0/24";

fn in_full_network(network: &Network, trial: impl FnOnce() -> Result<()>) -> Result<()> {
    let (server, log) = (network.server(), PduLog::default());
    let all = ALIVE.chain(REFUSED).chain(FILTERED).chain([WEB, ENDPOINT_MAPPER, RESETTING]);
    for number in all {
        network.add_host(host_address(number))?;
    }
    let listen = |number, behaviour| TcpServer::start(server, (host_address(number), KMS_PORT).into(), behaviour, &log);
    let _alive: Vec<_> = ALIVE.map(|number| listen(number, Behaviour::AcknowledgeBind)).collect::<Result<_>>()?;
    let _resetting = listen(RESETTING, Behaviour::ResetOnData)?;
    let _web = Peer::nginx(server, (host_address(WEB), KMS_PORT).into(), WebProtocol::Http)?;
    let _samba = Peer::endpoint_mapper(server, host_address(ENDPOINT_MAPPER))?;
    let host = host_address(ENDPOINT_MAPPER);
    let redirect = format!("ip daddr {host} tcp dport {KMS_PORT} dnat ip to {host}:135");
    server.add_firewall_rule(Chain::Redirect, &redirect)?;
    for number in FILTERED {
        network.add_firewall_rule(&format!("ip daddr {} tcp dport {KMS_PORT} drop", host_address(number)))?;
    }
    trial()?;
    expect_only_binds(&log)
}

/// Probes everything with this deadline, and returns the line of each address.
fn probe(network: &Network, timeout_s: &str) -> Result<(Run, BTreeMap<SocketAddr, Value>)> {
    let arguments = [&["probe", RANGE, "--timeout", timeout_s], JSON].concat();
    let run = Product::find()?.run(network.client(), &arguments)?;
    let mut lines = BTreeMap::new();
    for line in run.stdout.lines() {
        let line: Value = serde_json::from_str(line).map_err(|error| run.failure(&error.to_string()))?;
        let address = line["address"].as_str().and_then(|address| address.parse().ok());
        let address = address.ok_or_else(|| run.failure("a line without address"))?;
        if line["schema"] != "kmsdoctor.probe/1" || lines.insert(address, line).is_some() {
            return Err(run.failure(&format!("{address} has another schema or two lines")));
        }
    }
    Ok((run, lines))
}

/// What is said of a host. The server and the client themselves refuse: nothing listens there.
fn expected(address: IpAddr) -> &'static [&'static str] {
    let is = |number| host_address(number) == address;
    if ALIVE.into_iter().any(is) {
        &["acknowledged"]
    } else if REFUSED.into_iter().any(is) || address == SERVER || address == CLIENT {
        &["refused"]
    } else if is(WEB) {
        &["foreign"]
    } else if is(ENDPOINT_MAPPER) {
        &["rejected"]
    } else if is(RESETTING) {
        &["reset"]
    } else {
        // Whether the system tells before the deadline that nobody answers for an address depends on the system.
        &["timeout", "unreachable"]
    }
}

pub(crate) fn whole_network() -> Result<()> {
    let network = Network::create()?;
    in_full_network(&network, || {
        let (run, lines) = probe(&network, "2")?;
        for (address, line) in &lines {
            let reach = line["reach"].as_str().unwrap_or_default();
            if !expected(address.ip()).contains(&reach) {
                return Err(run.failure(&format!("{address} is {reach}, not {:?}", expected(address.ip()))));
            }
        }
        if lines.len() != 254 || run.status != Some(0) {
            return Err(run.failure(&format!("{} lines, not 254, or an exit status other than 0", lines.len())));
        }
        Ok(())
    })
}

/// Of those that are alive none is missed, though every tenth packet is.
pub(crate) fn whole_network_with_loss() -> Result<()> {
    let network = Network::create_over_line(seed())?;
    in_full_network(&network, || {
        network.set_quality(Quality { loss: 0.1, ..Quality::default() });
        // Short: what is lost is asked again by the program, not by the system.
        let (run, lines) = probe(&network, "0.5")?;
        for number in ALIVE {
            let address = SocketAddr::new(host_address(number), KMS_PORT);
            if lines.get(&address).is_none_or(|line| line["reach"] != "acknowledged") {
                return Err(run.failure(&format!("{address} is missed")));
            }
        }
        Ok(())
    })
}
