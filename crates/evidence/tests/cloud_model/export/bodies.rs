//! Resources as the REST interface shows them.

use serde_json::{Value, json};

use crate::random::Random;
use crate::world::{
    Balancer, BalancerRule, Firewall, Interface, Machine, Network, NextHop, Place, Policy, Protocol, Subnet, Table,
    Thing, World,
};

use super::{dotted, full_id, id, optional, reference, rules};

/// The kind of the resource and its body; `None` for what another one holds, and for what is printed in a way of its own.
pub(crate) fn of(world: &World, thing: &Thing, random: &mut Random) -> Option<(&'static str, Value)> {
    let (kind, name, properties) = match thing {
        Thing::Network(network) => {
            ("virtualNetworks", network.name.clone(), network_properties(world, network, random))
        }
        Thing::Subnet(subnet) if world.network(&subnet.network).is_some() => return None,
        Thing::Subnet(subnet) => return Some(("virtualNetworks/subnets", subnet_body(subnet, random))),
        Thing::Interface(interface) => {
            ("networkInterfaces", interface.name.clone(), interface_properties(interface, random))
        }
        Thing::Machine(machine) => return Some(("virtualMachines", machine_body(world, machine, random))),
        Thing::SecurityGroup(group) => {
            ("networkSecurityGroups", group.name.clone(), rules::group_properties(group, random))
        }
        Thing::Table(table) => ("routeTables", table.name.clone(), table_properties(table)),
        Thing::Nat(nat) => {
            let list = |count, kind: &str| {
                (0..count).map(|at| json!({ "id": id(&format!("{kind}/nat-{at}")) })).collect::<Vec<_>>()
            };
            let addresses = list(nat.addresses, "publicIPAddresses");
            let prefixes = list(nat.prefixes, "publicIPPrefixes");
            let properties = json!({
                "idleTimeoutInMinutes": 4, "publicIpAddresses": addresses, "publicIpPrefixes": prefixes,
            });
            ("natGateways", nat.name.clone(), properties)
        }
        Thing::Balancer(balancer) => return Some(("loadBalancers", balancer_body(world, balancer, random))),
        Thing::Firewall(firewall) => ("azureFirewalls", firewall.name.clone(), firewall_properties(firewall, random)),
        Thing::Policy(policy) => ("firewallPolicies", policy.name.clone(), policy_properties(policy, random)),
        Thing::CollectionGroup(group) => {
            let collections: Vec<_> = group.collections.iter().map(rules::collection).collect();
            let properties = json!({ "priority": group.priority, "ruleCollections": collections });
            let path = format!("firewallPolicies/{}/ruleCollectionGroups/{}", group.policy, group.name);
            return Some(("ruleCollectionGroups", child(&path, &group.name, &properties)));
        }
        Thing::IpGroup(group) => {
            let addresses: Vec<_> = group.prefixes.iter().map(|prefix| rules::prefix(*prefix)).collect();
            ("ipGroups", group.name.clone(), json!({ "ipAddresses": addresses }))
        }
        Thing::Hub(hub) => ("virtualHubs", hub.name.clone(), json!({ "addressPrefix": "10.100.0.0/24" })),
        Thing::Connection(connection) => {
            let properties = json!({
                "remoteVirtualNetwork": reference(&format!("virtualNetworks/{}", connection.network), random),
                "enableInternetSecurity": connection.announces_default,
            });
            let path = format!("virtualHubs/{}/hubVirtualNetworkConnections/to-{}", connection.hub, connection.network);
            return Some((
                "hubVirtualNetworkConnections",
                child(&path, &format!("to-{}", connection.network), &properties),
            ));
        }
        Thing::Intent(intent) => {
            let destination = if intent.covers_internet { "Internet" } else { "PrivateTraffic" };
            let next_hop = id(&format!("azureFirewalls/{}", intent.firewall));
            let policies = json!([{ "name": destination, "destinations": [destination], "nextHop": next_hop }]);
            let path = format!("virtualHubs/{}/routingIntent/intent", intent.hub);
            return Some(("routingIntent", child(&path, "intent", &json!({ "routingPolicies": policies }))));
        }
        Thing::Routes(_) | Thing::Rules(_) => return None,
    };
    let body = json!({
        "name": name,
        "id": id(&format!("{kind}/{name}")),
        "type": format!("Microsoft.Network/{kind}"),
        "location": world.location,
        "properties": properties,
    });
    Some((kind, body))
}

/// Something below another resource; its kind follows from its path.
fn child(path: &str, name: &str, properties: &Value) -> Value {
    let kind: Vec<_> = path.split('/').step_by(2).collect();
    json!({
        "name": name,
        "id": id(path),
        "type": format!("Microsoft.Network/{}", kind.join("/")),
        "properties": properties,
    })
}

fn network_properties(world: &World, network: &Network, random: &mut Random) -> Value {
    let space: Vec<_> = network.space.iter().map(|prefix| rules::prefix(*prefix)).collect();
    let own = world.subnets().filter(|subnet| subnet.network == network.name);
    let subnets: Vec<_> = own.map(|subnet| subnet_body(subnet, random)).collect();
    let mut peerings = Vec::new();
    for peering in &network.peerings {
        let space: Vec<_> = peering.space.iter().map(|prefix| rules::prefix(*prefix)).collect();
        let path = format!("virtualNetworks/{}/virtualNetworkPeerings/to-{}", network.name, peering.remote);
        let properties = json!({
            "peeringState": if peering.is_connected { "Connected" } else { "Disconnected" },
            "useRemoteGateways": peering.uses_remote_gateways,
            "remoteVirtualNetwork": reference(&format!("virtualNetworks/{}", peering.remote), random),
            "remoteAddressSpace": { "addressPrefixes": space },
        });
        peerings.push(child(&path, &format!("to-{}", peering.remote), &properties));
    }
    json!({
        "addressSpace": { "addressPrefixes": space },
        "subnets": subnets,
        "virtualNetworkPeerings": peerings,
    })
}

fn subnet_body(subnet: &Subnet, random: &mut Random) -> Value {
    let path = |kind: &str, name: &Option<String>| name.as_ref().map(|name| format!("{kind}/{name}"));
    let mut properties = json!({
        "networkSecurityGroup": optional(path("networkSecurityGroups", &subnet.security_group), random),
        "routeTable": optional(path("routeTables", &subnet.table), random),
        "natGateway": optional(path("natGateways", &subnet.nat), random),
    });
    if let Some(access) = subnet.default_access {
        properties["defaultOutboundAccess"] = access.into();
    }
    if random.percent(70) {
        properties["addressPrefix"] = rules::prefix(subnet.prefix).into();
    } else {
        properties["addressPrefixes"] = json!([rules::prefix(subnet.prefix)]);
    }
    child(&format!("virtualNetworks/{}/subnets/{}", subnet.network, subnet.name), &subnet.name, &properties)
}

fn interface_properties(interface: &Interface, random: &mut Random) -> Value {
    let configuration = format!("networkInterfaces/{}/ipConfigurations/ipconfig1", interface.name);
    let address = interface.public_address.then(|| format!("publicIPAddresses/{}-ip", interface.name));
    let pools: Vec<_> = interface
        .pools
        .iter()
        .map(|name| reference(&format!("loadBalancers/{name}/backendAddressPools/pool"), random))
        .collect();
    let groups: Vec<_> =
        interface.groups.iter().map(|name| reference(&format!("applicationSecurityGroups/{name}"), random)).collect();
    let subnet = format!("virtualNetworks/{}/subnets/{}", interface.subnet.0, interface.subnet.1);
    let mut properties = json!({
        "privateIPAllocationMethod": "Dynamic",
        "primary": true,
        "privateIPAddressVersion": "IPv4",
        "subnet": reference(&subnet, random),
        "loadBalancerBackendAddressPools": pools,
        "applicationSecurityGroups": groups,
        "publicIPAddress": optional(address, random),
    });
    // Older versions of `az` write it the other way.
    let key = random.pick(&["privateIPAddress", "privateIPAddress", "privateIpAddress"]);
    properties[key] = dotted(interface.address).into();
    let group = interface.security_group.as_ref().map(|name| format!("networkSecurityGroups/{name}"));
    json!({
        "ipConfigurations": [{ "name": "ipconfig1", "id": id(&configuration), "properties": properties }],
        "networkSecurityGroup": optional(group, random),
        "primary": interface.is_primary,
        "virtualMachine": { "id": full_id("Microsoft.Compute", &format!("virtualMachines/{}", interface.machine)) },
        "dnsSettings": { "dnsServers": [], "appliedDnsServers": [] },
    })
}

fn machine_body(world: &World, machine: &Machine, random: &mut Random) -> Value {
    let mut interfaces = Vec::new();
    for (at, name) in machine.interfaces.iter().enumerate() {
        let mut interface = reference(&format!("networkInterfaces/{name}"), random);
        interface["properties"] = json!({ "primary": at == 0 });
        interfaces.push(interface);
    }
    let system = machine.is_windows.map(|is_windows| if is_windows { "Windows" } else { "Linux" });
    let set =
        machine.availability_set.as_ref().map(|name| full_id("Microsoft.Compute", &format!("availabilitySets/{name}")));
    json!({
        "name": machine.name,
        "id": full_id("Microsoft.Compute", &format!("virtualMachines/{}", machine.name)),
        "type": "Microsoft.Compute/virtualMachines",
        "location": world.location,
        "properties": {
            "networkProfile": { "networkInterfaces": interfaces },
            "storageProfile": { "osDisk": { "osType": system } },
            "availabilitySet": set.map(|id| json!({ "id": id })),
        },
    })
}

fn table_properties(table: &Table) -> Value {
    let mut routes = Vec::new();
    for route in &table.routes {
        let (hop, address) = next_hop(route.hop);
        let mut properties = json!({ "addressPrefix": rules::who(&route.to), "nextHopType": hop });
        if let Some(address) = address {
            properties["nextHopIpAddress"] = address.into();
        }
        routes.push(child(&format!("routeTables/{}/routes/{}", table.name, route.name), &route.name, &properties));
    }
    json!({ "disableBgpRoutePropagation": table.keeps_announced_out, "routes": routes })
}

/// Type and address of a next hop; in effective routes the first two have other names, which the caller knows.
pub(crate) fn next_hop(hop: NextHop) -> (&'static str, Option<String>) {
    match hop {
        NextHop::Internet => ("Internet", None),
        NextHop::Nowhere => ("None", None),
        NextHop::Gateway => ("VirtualNetworkGateway", None),
        NextHop::Appliance(address) => ("VirtualAppliance", Some(dotted(address))),
        NextHop::Network => ("VnetLocal", None),
        NextHop::Peering => ("VNetPeering", None),
        NextHop::ServiceEndpoint => ("VirtualNetworkServiceEndpoint", None),
    }
}

fn balancer_body(world: &World, balancer: &Balancer, random: &mut Random) -> Value {
    let base = format!("loadBalancers/{}", balancer.name);
    let front = match balancer.front {
        Some(address) => json!({
            "privateIPAddress": dotted(address),
            "subnet": reference("virtualNetworks/spoke/subnets/web", random),
        }),
        None => json!({ "publicIPAddress": reference(&format!("publicIPAddresses/{}-ip", balancer.name), random) }),
    };
    let members: Vec<_> = balancer
        .pool
        .iter()
        .map(|name| reference(&format!("networkInterfaces/{name}/ipConfigurations/ipconfig1"), random))
        .collect();
    let rules: Vec<_> = balancer.rules.iter().map(|rule| balancer_rule(&base, rule, random)).collect();
    let mut outbound = Vec::new();
    for protocol in &balancer.outbound {
        let properties = json!({
            "protocol": protocol_name(*protocol),
            "backendAddressPool": reference(&format!("{base}/backendAddressPools/pool"), random),
            "frontendIPConfigurations": [reference(&format!("{base}/frontendIPConfigurations/front"), random)],
        });
        outbound.push(child(&format!("{base}/outboundRules/out"), "out", &properties));
    }
    let probe = json!({ "protocol": "Tcp", "port": balancer.probe, "intervalInSeconds": 15 });
    json!({
        "name": balancer.name,
        "id": id(&base),
        "type": "Microsoft.Network/loadBalancers",
        "location": world.location,
        "sku": { "name": if balancer.is_standard { "Standard" } else { "Basic" }, "tier": "Regional" },
        "properties": {
            "frontendIPConfigurations": [child(&format!("{base}/frontendIPConfigurations/front"), "front", &front)],
            "backendAddressPools": [
                child(&format!("{base}/backendAddressPools/pool"), "pool", &json!({ "backendIPConfigurations": members })),
            ],
            "loadBalancingRules": rules,
            "probes": [child(&format!("{base}/probes/probe"), "probe", &probe)],
            "outboundRules": outbound,
        },
    })
}

fn balancer_rule(base: &str, rule: &BalancerRule, random: &mut Random) -> Value {
    let mut properties = json!({
        "protocol": protocol_name(rule.protocol),
        "frontendPort": rule.front_port,
        "backendPort": rule.back_port,
        "disableOutboundSnat": rule.no_snat,
        "loadDistribution": if rule.keeps_sessions { "SourceIP" } else { "Default" },
        "frontendIPConfiguration": reference(&format!("{base}/frontendIPConfigurations/front"), random),
        "backendAddressPool": reference(&format!("{base}/backendAddressPools/pool"), random),
    });
    if rule.has_probe {
        properties["probe"] = reference(&format!("{base}/probes/probe"), random);
    }
    child(&format!("{base}/loadBalancingRules/{}", rule.name), &rule.name, &properties)
}

fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Any => "All",
        Protocol::Tcp => "Tcp",
        Protocol::Udp => "Udp",
    }
}

fn firewall_properties(firewall: &Firewall, random: &mut Random) -> Value {
    let mut properties = rules::classic(&firewall.collections);
    let policy = firewall.policy.as_ref().map(|name| format!("firewallPolicies/{name}"));
    properties["firewallPolicy"] = optional(policy, random);
    match &firewall.place {
        Place::Network(network) => {
            let mut configurations = Vec::new();
            for at in 0..firewall.public_addresses.max(1) {
                let mut inner = json!({});
                if at == 0 {
                    inner["privateIPAddress"] = dotted(firewall.address).into();
                    inner["subnet"] =
                        reference(&format!("virtualNetworks/{network}/subnets/AzureFirewallSubnet"), random);
                }
                if firewall.public_addresses > 0 {
                    inner["publicIPAddress"] = reference(&format!("publicIPAddresses/{}-{at}", firewall.name), random);
                }
                let name = format!("config-{at}");
                let path = format!("azureFirewalls/{}/azureFirewallIpConfigurations/{name}", firewall.name);
                configurations.push(child(&path, &name, &inner));
            }
            properties["ipConfigurations"] = configurations.into();
        }
        Place::Hub(hub) => {
            let addresses: Vec<_> =
                (0..firewall.public_addresses).map(|at| json!({ "address": format!("203.0.113.{at}") })).collect();
            properties["virtualHub"] = reference(&format!("virtualHubs/{hub}"), random);
            properties["hubIPAddresses"] = json!({
                "privateIPAddress": dotted(firewall.address),
                "publicIPs": { "count": firewall.public_addresses, "addresses": addresses },
            });
        }
    }
    properties
}

fn policy_properties(policy: &Policy, random: &mut Random) -> Value {
    let group = |name: &String| id(&format!("firewallPolicies/{}/ruleCollectionGroups/{name}", policy.name));
    let groups: Vec<_> = policy.groups.iter().map(|name| json!({ "id": group(name) })).collect();
    let base = policy.base.as_ref().map(|name| format!("firewallPolicies/{name}"));
    json!({
        "basePolicy": optional(base, random),
        "ruleCollectionGroups": groups,
        "dnsSettings": { "servers": [], "enableProxy": policy.dns_proxy },
    })
}
