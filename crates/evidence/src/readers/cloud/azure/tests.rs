//! Every kind of resource in every layout, as one line each.

use kmsdoctor_cloud::azure::{FirewallRule, Peer, PortRange, Route, RoutePrefix, SecurityRule};
use kmsdoctor_cloud::{Body as CloudBody, Resource};
use kmsdoctor_core::artifact::Artifact;
use proptest::prelude::*;

use super::*;

fn found(input: &[u8]) -> Found {
    let artifact = Artifact::new("test", input.to_vec(), None);
    let Ok(document) = Document::decode(&artifact) else { return Found::default() };
    let found = read(&document);
    for resource in &found.resources {
        let origin = &resource.origin;
        assert!(origin.span.start < origin.span.end && origin.span.end <= input.len(), "{origin:?}");
        assert!(!origin.quote.is_empty() && origin.line.is_some(), "{origin:?}");
    }
    found
}

/// The last two parts of an id.
fn short(id: Option<&ResourceId>) -> String {
    let parts: Vec<&str> = id.map_or("-", ResourceId::as_str).rsplit('/').take(2).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

fn named(id: Option<&Option<ResourceId>>) -> String {
    match id {
        None => "?".to_owned(),
        Some(id) => short(id.as_ref()),
    }
}

fn peers(peers: &[Peer]) -> String {
    let shown = peers.iter().map(|peer| match peer {
        Peer::Any => "*".to_owned(),
        Peer::Prefix(net) => net.to_string(),
        Peer::Range(first, last) => format!("{first}..{last}"),
        Peer::Tag(tag) => tag.clone(),
        Peer::ResolvedTag(tag, nets) => format!("{tag}({})", nets.len()),
        Peer::ApplicationGroup(id) | Peer::IpGroup(id) => short(Some(id)),
        Peer::Name(name) => format!("'{name}'"),
        Peer::Unreadable(text) => format!("?{text}"),
    });
    shown.collect::<Vec<_>>().join("+")
}

fn ports(ports: &[PortRange]) -> String {
    let shown = ports.iter().map(|range| match (range.first, range.last) {
        (0, u16::MAX) => "*".to_owned(),
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    });
    shown.collect::<Vec<_>>().join("+")
}

fn rule(rule: &SecurityRule) -> String {
    let (way, act) = (if rule.is_outbound { "out" } else { "in" }, if rule.allows { "allow" } else { "deny" });
    let (from, to) = (peers(&rule.sources), peers(&rule.destinations));
    let (from_ports, to_ports) = (ports(&rule.source_ports), ports(&rule.destination_ports));
    format!("{}({} {way} {act} {:?} {from}:{from_ports}>{to}:{to_ports})", rule.name, rule.priority, rule.protocol)
}

fn route(route: &Route) -> String {
    let prefixes = route.prefixes.iter().map(|prefix| match prefix {
        RoutePrefix::Prefix(net) => net.to_string(),
        RoutePrefix::Tag(tag) => tag.clone(),
        RoutePrefix::Unreadable(text) => format!("?{text}"),
    });
    let name = route.name.as_deref().map(|name| format!("{name} ")).unwrap_or_default();
    let state = if route.is_active { "" } else { " off" };
    let address = route.next_hop_address.map(|address| format!(" {address}")).unwrap_or_default();
    let prefixes = prefixes.collect::<Vec<_>>().join("+");
    format!("({name}{prefixes} {:?} {:?}{address}{state})", route.source, route.next_hop)
}

fn firewall_rule(rule: &FirewallRule) -> String {
    let (from, to) = (peers(&rule.sources), peers(&rule.destinations));
    format!("{}({:?} {from}>{to}:{})", rule.name, rule.protocols, ports(&rule.destination_ports))
}

fn joined<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(" ")
}

fn show(resource: &Resource) -> String {
    let CloudBody::Azure(body) = &resource.body else { panic!("of Azure") };
    let text = match body {
        Body::VirtualMachine(machine) => {
            let interfaces = joined(&machine.interfaces, |(id, primary)| format!("{}:{primary:?}", short(Some(id))));
            format!(
                "vm {} {} {:?} set={} {:?} {:?} {:?} [{interfaces}]",
                machine.name,
                short(machine.id.as_ref()),
                machine.location,
                short(machine.availability_set.as_ref()),
                machine.image,
                machine.license_type,
                machine.operating_system,
            )
        }
        Body::NetworkInterface(nic) => {
            let configurations = joined(&nic.configurations, |configuration| {
                format!(
                    "({:?} {:?} subnet={} public={} pools={} groups={})",
                    configuration.is_primary,
                    configuration.private_address,
                    short(configuration.subnet.as_ref()),
                    named(configuration.public_address.as_ref()),
                    configuration
                        .backend_pools
                        .as_deref()
                        .map_or("?".to_owned(), |pools| joined(pools, |id| short(Some(id)))),
                    joined(&configuration.application_groups, |id| short(Some(id))),
                )
            });
            format!(
                "nic {} {} vm={} {:?} nsg={} {configurations}",
                nic.name,
                short(nic.id.as_ref()),
                short(nic.machine.as_ref()),
                nic.is_primary,
                named(nic.security_group.as_ref()),
            )
        }
        Body::VirtualNetwork(network) => {
            let peerings = network.peerings.as_deref().map_or("?".to_owned(), |peerings| {
                joined(peerings, |peering| {
                    let remote = short(peering.remote_network.as_ref());
                    let space = joined(&peering.remote_address_space, ToString::to_string);
                    format!(
                        "({} {remote} {space} {} {})",
                        peering.name, peering.uses_remote_gateways, peering.is_connected
                    )
                })
            });
            let space = joined(&network.address_space, ToString::to_string);
            format!(
                "vnet {} {} {space} dns={:?} {peerings}",
                network.name,
                short(network.id.as_ref()),
                network.dns_servers
            )
        }
        Body::Subnet(subnet) => format!(
            "subnet {} {} {} nsg={} rt={} nat={} {:?}",
            subnet.name,
            short(subnet.id.as_ref()),
            joined(&subnet.prefixes, ToString::to_string),
            named(subnet.security_group.as_ref()),
            named(subnet.route_table.as_ref()),
            named(subnet.nat_gateway.as_ref()),
            subnet.default_outbound_access,
        ),
        Body::SecurityGroup(group) => {
            format!("nsg {} {} {}", group.name, short(group.id.as_ref()), joined(&group.rules, rule))
        }
        Body::EffectiveSecurityGroup(group) => format!(
            "effective nsg={} nic={} subnet={} {}",
            short(group.group.as_ref()),
            short(group.interface.as_ref()),
            short(group.subnet.as_ref()),
            joined(&group.rules, rule),
        ),
        Body::RouteTable(table) => format!(
            "rt {} {} {} {}",
            table.name,
            short(table.id.as_ref()),
            table.disables_gateway_routes,
            joined(&table.routes, route)
        ),
        Body::EffectiveRoutes(routes) => format!(
            "routes {} {:?} {}",
            short(routes.interface.as_ref()),
            routes.interface_name,
            joined(&routes.routes, route)
        ),
        Body::PublicAddress(address) => {
            format!("pip {} {} {:?}", address.name, short(address.id.as_ref()), address.address)
        }
        Body::NatGateway(gateway) => {
            let subnets = gateway.subnets.as_deref().map(|ids| joined(ids, |id| short(Some(id))));
            format!("nat {} {} {} {subnets:?}", gateway.name, short(gateway.id.as_ref()), gateway.has_public_address)
        }
        Body::LoadBalancer(balancer) => {
            let frontends = joined(&balancer.frontends, |front| {
                format!("({} {:?} {})", short(front.id.as_ref()), front.private_address, front.is_public)
            });
            let pools = joined(&balancer.pools, |pool| {
                let configurations = joined(&pool.configurations, |id| short(Some(id)));
                format!("({} {configurations} {:?})", short(pool.id.as_ref()), pool.addresses)
            });
            let rules = joined(&balancer.rules, |rule| {
                format!(
                    "({} {} {} {} {:?} {}>{} {} {:?})",
                    rule.name,
                    short(rule.frontend.as_ref()),
                    joined(&rule.pools, |id| short(Some(id))),
                    short(rule.probe.as_ref()),
                    rule.protocol,
                    rule.frontend_port,
                    rule.backend_port,
                    rule.disables_outbound,
                    rule.distribution
                )
            });
            let outbound = joined(&balancer.outbound_rules, |rule| {
                format!("({} {} {:?})", rule.name, short(rule.pool.as_ref()), rule.protocol)
            });
            let probes = joined(&balancer.probes, |probe| {
                format!("({} {} {})", short(probe.id.as_ref()), probe.protocol, probe.port)
            });
            format!("lb {} {:?} {frontends} {pools} {rules} {outbound} {probes}", balancer.name, balancer.sku)
        }
        Body::Firewall(firewall) => format!(
            "fw {} {} {:?} subnet={} {:?} hub={} policy={} {:?} {}",
            firewall.name,
            short(firewall.id.as_ref()),
            firewall.private_addresses,
            short(firewall.subnet.as_ref()),
            firewall.has_public_address,
            short(firewall.hub.as_ref()),
            short(firewall.policy.as_ref()),
            firewall.dns_proxy,
            joined(&firewall.collections, collection),
        ),
        Body::FirewallPolicy(policy) => {
            let groups = policy.groups.as_deref().map(|ids| joined(ids, |id| short(Some(id))));
            format!("policy {} {} {groups:?} {:?}", policy.name, short(policy.base.as_ref()), policy.dns_proxy)
        }
        Body::RuleCollectionGroup(group) => {
            let id = short(group.id.as_ref());
            format!("rcg {} {id} {} {}", group.name, group.priority, joined(&group.collections, collection))
        }
        Body::IpGroup(group) => format!("ipgroup {} {}", short(group.id.as_ref()), peers(&group.members)),
        Body::VirtualHub(hub) => format!("hub {} {}", short(hub.id.as_ref()), short(hub.firewall.as_ref())),
        Body::HubConnection(connection) => format!(
            "connection {} {} {}",
            short(connection.id.as_ref()),
            short(connection.network.as_ref()),
            connection.announces_default_route
        ),
        Body::RoutingIntent(intent) => {
            format!("intent {} {}", short(intent.id.as_ref()), short(intent.internet_next_hop.as_ref()))
        }
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{text} @{}", resource.origin.line.unwrap_or_default())
}

fn collection(collection: &kmsdoctor_cloud::azure::RuleCollection) -> String {
    let act = if collection.allows { "allow" } else { "deny" };
    let rules = joined(&collection.rules, firewall_rule);
    format!("{}({} {:?} {act} {rules})", collection.name, collection.priority, collection.kind)
}

/// Asserts that these resources are read, one line each; indentation does not count.
fn check(input: &str, expect: &str) {
    let input = input.strip_prefix('\n').unwrap_or(input);
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let shown: Vec<String> = found(input.as_bytes()).resources.iter().map(show).collect();
    assert_eq!(shown, expect, "\nin:\n{input}");
}

/// Azure's own outbound rules as they are added.
const OWN: &str = "AllowVnetOutBound(65000 out allow Any VirtualNetwork:*>VirtualNetwork:*) AllowInternetOutBound(65001 out allow Any *:*>Internet:*) DenyAllOutBound(65500 out deny Any *:*>*:*)";

mod effective;
mod kinds;
mod layouts;

/// A piece of each format, for damage.
const SEED: &str = r#"az network nic show-effective-route-table -n vm1-nic
{"nextLink": null, "value": [{"source": "User", "state": "Active", "addressPrefix": ["0.0.0.0/0"], "nextHopType": "None", "nextHopIpAddress": []}]}
[{"type": "Microsoft.Network/networkSecurityGroups", "name": "a", "properties": {"securityRules": [{"name": "r", "properties": {"priority": 100, "access": "Deny", "direction": "Outbound", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "AzurePlatformLKM", "destinationPortRange": "1688"}}]}}]
{"contentVersion": "1", "parameters": {"a": {"defaultValue": "b"}}, "resources": [{"type": "Microsoft.Network/routeTables", "name": "[parameters('a')]", "properties": {"routes": []}}]}
Source    State    Address Prefix    Next Hop Type     Next Hop IP
--------  -------  ----------------  ----------------  -------------
User      Active   0.0.0.0/0         VirtualAppliance  10.0.30.4

Source,State,Address Prefixes,Next Hop Type,Next Hop Type IP Address,User Defined Route Name
User,Active,0.0.0.0/0,Virtual appliance,10.0.30.4,default
id,name,type,properties
/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/routeTables/rt,rt,microsoft.network/routetables,"{""routes"":[]}"
"#;

proptest! {
    #[test]
    fn never_panics_on_damaged_exports(at in any::<usize>(), byte in any::<u8>(), end in any::<usize>()) {
        let mut bytes = SEED.as_bytes()[..=end % SEED.len()].to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        found(&bytes);
    }

    #[test]
    fn never_panics(text in "(\\PC|\n|\\{|\\}|\\[|\\]|\"|:|,|\"value\":\\[|\"nextHopType\":\"None\"|Microsoft.Network/routeTables|\"type\"|\"id\"|\"properties\":\\{){0,40}") {
        found(text.as_bytes());
    }
}

#[test]
fn nothing_else_is_taken_for_an_export() {
    for other in [
        "",
        "{\"compute\": {\"azEnvironment\": \"AzurePublicCloud\", \"resourceId\": \"/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1\", \"type\": \"Microsoft.Compute/virtualMachines\", \"id\": \"x\"}}",
        "[{\"type\": \"Microsoft.Network/routeTables\", \"id\": \"/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/routeTables/rt\", \"properties\": null}]",
        "[{\"type\": \"Microsoft.Storage/storageAccounts\", \"name\": \"a\", \"properties\": {}}]",
        "[{\"Name\": \"Ethernet\", \"NextHop\": \"10.0.0.1\", \"nextHopType\": 1}]",
        "see Microsoft.Network/routeTables for more",
    ] {
        check(other, "");
    }
}

#[test]
fn what_is_deep_or_huge_ends() {
    let deep = format!("{{\"type\": \"Microsoft.Network/routeTables\", \"routes\": {}", "[".repeat(500_000));
    check(&deep, "");
    let number = format!("[{{\"type\": \"Microsoft.Network/routeTables\", \"routes\": {}}}]", "9".repeat(500_000));
    check(&number, "");
    let open = "[{\"Microsoft.Network/\": \"\n".repeat(20_000);
    check(&open, "");
}
