//! The export of a subscription with 10,000 network interfaces, judged from start to end; beside jq, which merely counts them.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::ensure;
use serde_json::{Value, json};

use crate::process::{Ended, median, timed};

const INTERFACES: u32 = 10_000;
/// Interfaces of one virtual network, with a resource group of its own.
const INTERFACES_OF_NETWORK: u32 = 100;
const SUBNETS: u32 = 4;
const ROUNDS: usize = 5;
const ADDRESSES: [&str; 2] = ["20.118.99.224", "40.83.235.53"];

pub(crate) fn measure(product: &Path) -> anyhow::Result<String> {
    let file = tempfile::Builder::new().suffix(".json").tempfile()?;
    let mut out = BufWriter::new(file.as_file());
    serde_json::to_writer_pretty(&mut out, &json!({ "count": 0, "data": resources(), "skip_token": null }))?;
    out.flush()?;
    let bytes = file.as_file().metadata()?.len();
    let path = file.path().to_string_lossy().into_owned();
    let of_interfaces = "[.data[] | select(.type == \"microsoft.network/networkinterfaces\")] | length";
    let (mut human, mut machine, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    let mut peak_mib = 0.0_f64;
    for _ in 0..ROUNDS {
        let mut judged = |form: &str| -> anyhow::Result<(f64, Ended)> {
            let ended = timed(product, &["cloud", &path, "--lang", "en", "--format", form])?;
            peak_mib = peak_mib.max(ended.peak_mib);
            Ok((ended.elapsed.as_secs_f64(), ended))
        };
        let (seconds, ended) = judged("human")?;
        let paths = format!("{} path(s)", INTERFACES * 2);
        ensure!(ended.output.contains(&paths), "not every path was judged: {:.200}", ended.output);
        human.push(seconds);
        machine.push(judged("json")?.0);
        let ended = timed(Path::new("jq"), &[of_interfaces, &path])?;
        ensure!(ended.output.trim() == INTERFACES.to_string(), "jq counted {}", ended.output);
        peer.push(ended.elapsed.as_secs_f64());
    }
    let (human, machine, peer) = (median(human), median(machine), median(peer));
    let mib = bytes / (1 << 20);
    Ok(format!(
        "| what | seconds | jq is | goal |\n| --- | ---: | ---: | --- |\n\
         | `kmsdoctor cloud EXPORT`, start to end | {human:.2} | {:.2} × | below 2 s |\n\
         | the same with `--format json` | {machine:.2} | {:.2} × | |\n\
         | `jq`, counting the interfaces | {peer:.2} | | |\n\n\
         {INTERFACES} interfaces of as many machines in {} virtual networks, {mib} MiB of JSON as Resource Graph gives it; \
         {} paths, with the smallest change for those that are blocked. Medians of {ROUNDS} rounds in turn. Peak of resident \
         memory: {peak_mib:.0} MiB.",
        peer / human,
        peer / machine,
        INTERFACES / INTERFACES_OF_NETWORK,
        INTERFACES * 2,
    ))
}

/// Every kind of path in every network: straight out, through routes for KMS alone, without a way out, behind a gateway.
fn resources() -> Vec<Value> {
    let networks = (0..INTERFACES / INTERFACES_OF_NETWORK).flat_map(network);
    networks.chain((0..INTERFACES).flat_map(machine)).collect()
}

/// The id of a resource of the network's group.
fn id(network: u32, provider: &str, kind: &str, name: &str) -> String {
    format!(
        "/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/rg-{network}/providers/Microsoft.{provider}/{kind}/{name}"
    )
}

fn resource(id: &str, kind: &str, properties: &Value) -> Value {
    let name = id.rsplit('/').next();
    json!({
        "id": id, "name": name, "type": kind, "location": "japaneast", "tags": { "owner": "team" },
        "tenantId": "99999999-1111-4222-8333-444444444444", "properties": properties,
    })
}

fn network(number: u32) -> Vec<Value> {
    let of = |kind: &str, name: &str| id(number, "Network", kind, &format!("{name}-{number}"));
    let (network, group) = (of("virtualNetworks", "vnet"), of("networkSecurityGroups", "nsg"));
    let (table, gateway) = (of("routeTables", "rt"), of("natGateways", "nat"));
    let subnets = (0..SUBNETS).map(|subnet| {
        let mut properties = json!({
            "addressPrefix": format!("10.{}.{subnet}.0/24", number % 200), "networkSecurityGroup": { "id": group },
        });
        match subnet {
            0 => {}
            2 => {
                properties["defaultOutboundAccess"] = json!(false);
                if !number.is_multiple_of(10) {
                    properties["natGateway"] = json!({ "id": gateway });
                }
            }
            _ => properties["routeTable"] = json!({ "id": table }),
        }
        json!({ "name": format!("s{subnet}"), "id": format!("{network}/subnets/s{subnet}"), "properties": properties })
    });
    let subnets: Vec<_> = subnets.collect();
    let rules = (0..20).map(|rule| {
        json!({ "name": format!("rule-{rule}"), "properties": {
            "access": if rule % 3 == 0 { "Deny" } else { "Allow" }, "direction": "Outbound", "priority": 100 + rule,
            "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*",
            "destinationAddressPrefix": format!("203.0.113.{rule}"), "destinationPortRange": "443",
        } })
    });
    let rules: Vec<_> = rules.collect();
    let route = |name: &str, prefix: &str, next_hop: &str| json!({ "name": name, "properties": { "addressPrefix": prefix, "nextHopType": next_hop } });
    let mut routes = vec![route("default", "0.0.0.0/0", "VirtualNetworkGateway")];
    if !number.is_multiple_of(7) {
        routes.extend(ADDRESSES.map(|address| route(address, &format!("{address}/32"), "Internet")));
    }
    vec![
        resource(
            &network,
            "microsoft.network/virtualnetworks",
            &json!({
                "addressSpace": { "addressPrefixes": [format!("10.{}.0.0/16", number % 200)] }, "subnets": subnets,
                "virtualNetworkPeerings": [],
            }),
        ),
        resource(
            &gateway,
            "microsoft.network/natgateways",
            &json!({ "publicIpAddresses": [{ "id": of("publicIPAddresses", "address") }] }),
        ),
        resource(&group, "microsoft.network/networksecuritygroups", &json!({ "securityRules": rules })),
        resource(
            &table,
            "microsoft.network/routetables",
            &json!({ "disableBgpRoutePropagation": true, "routes": routes }),
        ),
    ]
}

fn machine(number: u32) -> [Value; 2] {
    let (network, subnet) = (number / INTERFACES_OF_NETWORK, number % SUBNETS);
    let interface = id(network, "Network", "networkInterfaces", &format!("vm{number}-nic"));
    let machine = id(network, "Compute", "virtualMachines", &format!("vm{number}"));
    let subnet_id =
        format!("{}/subnets/s{subnet}", id(network, "Network", "virtualNetworks", &format!("vnet-{network}")));
    let address = format!("10.{}.{subnet}.{}", network % 200, 4 + number % INTERFACES_OF_NETWORK);
    let configuration = json!({
        "name": "ipconfig1", "id": format!("{interface}/ipConfigurations/ipconfig1"),
        "properties": { "primary": true, "privateIPAddress": address, "subnet": { "id": subnet_id } },
    });
    [
        resource(
            &interface,
            "microsoft.network/networkinterfaces",
            &json!({
                "provisioningState": "Succeeded", "primary": true, "virtualMachine": { "id": machine },
                "dnsSettings": { "dnsServers": [] }, "ipConfigurations": [configuration],
            }),
        ),
        resource(
            &machine,
            "microsoft.compute/virtualmachines",
            &json!({
                "storageProfile": {
                    "imageReference": { "publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter" },
                    "osDisk": { "osType": "Windows" },
                },
                "networkProfile": { "networkInterfaces": [{ "id": interface, "properties": { "primary": true } }] },
            }),
        ),
    ]
}
