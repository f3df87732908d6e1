//! Effective routes and rules of an interface. Whose they are stands in a command line before them, in the file's name, or follows
//! from there being one interface only.

use kmsdoctor_core::artifact::Artifact;
use serde_json::{Value, json};

use crate::random::Random;
use crate::world::{EffectiveRoute, Protocol, Routes, Rules, SecurityGroup, SecurityRule, Source, Who, World};

use super::{bodies, printed, reference, rules as text};

pub(crate) fn routes(world: &World, routes: &Routes, random: &mut Random) -> Artifact {
    let content = if random.percent(25) {
        table(&routes.routes)
    } else {
        let list: Vec<_> = routes.routes.iter().map(route).collect();
        printed(&json!({ "nextLink": null, "value": list }), random)
    };
    artifact(world, &routes.interface, ("show-effective-route-table", "routes"), content, random)
}

pub(crate) fn rules(world: &World, rules: &Rules, random: &mut Random) -> Artifact {
    let mut groups = Vec::new();
    if let Some(group) = &rules.at_interface {
        let place = reference(&format!("networkInterfaces/{}", rules.interface), random);
        groups.push(effective_group(group, &json!({ "networkInterface": place }), random));
    }
    if let Some(group) = &rules.at_subnet {
        let (network, subnet) = &rules.subnet;
        let place = reference(&format!("virtualNetworks/{network}/subnets/{subnet}"), random);
        groups.push(effective_group(group, &json!({ "subnet": place }), random));
    }
    let content = printed(&json!({ "nextLink": null, "value": groups }), random);
    artifact(world, &rules.interface, ("list-effective-nsg", "nsg"), content, random)
}

/// The file: its name, and the command line if one is needed or wanted.
fn artifact(
    world: &World,
    name: &str,
    (command, kind): (&str, &str),
    content: String,
    random: &mut Random,
) -> Artifact {
    let others = names(world).into_iter().filter(|other| *other != name).count();
    let is_exported = world.interfaces().any(|interface| interface.name == name);
    let (file, content) = match random.below(3) {
        0 if is_exported && others == 0 => (format!("effective-{kind}.json"), content),
        1 if is_exported => {
            (random.pick(&[format!("{name}-{kind}.json"), format!("effective-{kind}-{name}.json")]), content)
        }
        _ => {
            let line = match random.below(2) {
                0 => format!("$ az network nic {command} -g contoso -n {name}"),
                _ => format!("PS C:\\> az network nic {command} --resource-group contoso --name {name}"),
            };
            (format!("{kind}-of-{name}.txt"), format!("{line}\n{content}"))
        }
    };
    Artifact::new(file, content.into_bytes(), None)
}

/// Every interface that something names.
fn names(world: &World) -> Vec<&str> {
    let mut names: Vec<_> = world.interfaces().map(|interface| interface.name.as_str()).collect();
    names.extend(world.machines().flat_map(|machine| &machine.interfaces).map(String::as_str));
    names.extend(world.routes().map(|routes| routes.interface.as_str()));
    names.extend(world.rules().map(|rules| rules.interface.as_str()));
    names
}

fn source(source: Source) -> &'static str {
    match source {
        Source::User => "User",
        Source::Announced => "VirtualNetworkGateway",
        Source::Own => "Default",
    }
}

fn state(route: &EffectiveRoute) -> &'static str {
    if route.is_active { "Active" } else { "Invalid" }
}

fn route(route: &EffectiveRoute) -> Value {
    let (hop, address) = bodies::next_hop(route.hop);
    let prefixes: Vec<_> = route.prefixes.iter().map(|prefix| text::prefix(*prefix)).collect();
    json!({
        "addressPrefix": prefixes,
        "destinationServiceTags": [],
        "disableBgpRoutePropagation": false,
        "hasBgpOverride": false,
        "name": null,
        "nextHopIpAddress": address.into_iter().collect::<Vec<_>>(),
        "nextHopType": hop,
        "source": source(route.source),
        "state": state(route),
        "tagMap": {},
    })
}

/// What `-o table` prints.
fn table(routes: &[EffectiveRoute]) -> String {
    let mut rows = vec![["Source", "State", "Address Prefix", "Next Hop Type", "Next Hop IP"].map(str::to_owned)];
    for route in routes {
        let (hop, address) = bodies::next_hop(route.hop);
        let prefixes: Vec<_> = route.prefixes.iter().map(|prefix| text::prefix(*prefix)).collect();
        rows.push([
            source(route.source).to_owned(),
            state(route).to_owned(),
            prefixes.join(" "),
            hop.to_owned(),
            address.unwrap_or_default(),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<_> = (0..5).map(width).collect();
    let line = |row: &[String]| {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut lines: Vec<_> = rows.iter().map(|row| line(row)).collect();
    lines.insert(1, line(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>()));
    lines.join("\n") + "\n"
}

fn effective_group(group: &SecurityGroup, place: &Value, random: &mut Random) -> Value {
    let rules: Vec<_> = group.rules.iter().map(|rule| effective_rule(rule, random)).collect();
    json!({
        "association": place,
        "effectiveSecurityRules": rules,
        "networkSecurityGroup": reference(&format!("networkSecurityGroups/{}", group.name), random),
        "tagMap": null,
    })
}

fn effective_rule(rule: &SecurityRule, random: &mut Random) -> Value {
    let is_own = rule.priority >= 65000;
    // Azure resolves `*` in its own rules at times; that is no rule of the user for `0.0.0.0/0`.
    let resolves_all = is_own && random.percent(50);
    let party = |parties: &[Who]| -> Vec<String> {
        parties
            .iter()
            .map(|party| if resolves_all && *party == Who::Any { "0.0.0.0/0".to_owned() } else { text::who(party) })
            .collect()
    };
    let (sources, destinations) = (party(&rule.sources), party(&rule.destinations));
    let range = |(from, to): &(u16, u16)| format!("{from}-{to}");
    let source_ports: Vec<_> = rule.source_ports.iter().map(range).collect();
    let ports: Vec<_> = rule.ports.iter().map(range).collect();
    let resolved =
        rule.resolved.as_ref().map(|list| list.iter().map(|prefix| text::prefix(*prefix)).collect::<Vec<_>>());
    let one = |list: &[String]| if let [only] = list { Value::from(only.clone()) } else { Value::Null };
    json!({
        "access": if rule.allows { "Allow" } else { "Deny" },
        "destinationAddressPrefix": one(&destinations),
        "destinationAddressPrefixes": destinations,
        "destinationPortRange": one(&ports),
        "destinationPortRanges": ports,
        "direction": if rule.is_outbound { "Outbound" } else { "Inbound" },
        "expandedDestinationAddressPrefix": resolved,
        "expandedSourceAddressPrefix": null,
        "name": format!("{}/{}", if is_own { "defaultSecurityRules" } else { "securityRules" }, rule.name),
        "priority": rule.priority,
        "protocol": match rule.protocol {
            Protocol::Any => "All",
            Protocol::Tcp => "Tcp",
            Protocol::Udp => "Udp",
        },
        "sourceAddressPrefix": one(&sources),
        "sourceAddressPrefixes": sources,
        "sourcePortRange": one(&source_ports),
        "sourcePortRanges": source_ports,
    })
}
