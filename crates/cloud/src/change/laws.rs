//! Laws of changes on random exports.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::azure::fixtures::{Lab, address, id, prefix, resources, route, rule, tag};
use crate::azure::{
    Body, CollectionKind, Firewall, FirewallRule, NatGateway, NextHop, Peer, PortRange, Protocol, Route, RouteTable,
    RuleCollection, SecurityGroup, SecurityRule,
};
use crate::{Verdict, paths};

/// What is around a machine of the random exports.
#[derive(Debug, Clone)]
struct Around {
    group: Option<Vec<SecurityRule>>,
    subnet_group: Option<Vec<SecurityRule>>,
    routes: Option<Vec<Route>>,
    is_private: bool,
    gateway: Option<bool>,
}

fn destinations() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "0.0.0.0/0",
        "20.0.0.0/8",
        "20.118.99.224/32",
        "20.118.99.225/32",
        "20.118.99.192/26",
        "40.83.235.53/32",
        "10.0.0.0/8",
        "128.0.0.0/1",
    ])
}

fn rules() -> impl Strategy<Value = Vec<SecurityRule>> {
    let peer = prop_oneof![
        destinations().prop_map(|text| Peer::Prefix(prefix(text))),
        Just(Peer::Any),
        Just(tag("AzurePlatformLKM")),
        Just(tag("Internet")),
        Just(tag("AzureCloud")),
    ];
    let one = (100u32..110, any::<bool>(), peer);
    prop::collection::vec(one, 0..5).prop_map(|rules| {
        let numbered = rules.into_iter().enumerate();
        let mut used = HashSet::new();
        let made = numbered.map(|(at, (priority, allows, peer))| rule(&format!("r{at}"), priority, allows, peer));
        made.filter(|rule| used.insert(rule.priority)).collect()
    })
}

fn routes() -> impl Strategy<Value = Vec<Route>> {
    let hop = prop::sample::select(vec![
        (NextHop::Internet, None),
        (NextHop::None, None),
        (NextHop::VirtualNetworkGateway, None),
        (NextHop::VirtualAppliance, Some("10.0.3.4")),
        (NextHop::VirtualAppliance, Some("10.9.9.9")),
    ]);
    prop::collection::vec((destinations(), hop), 0..4).prop_map(|routes| {
        let mut used = HashSet::new();
        let different = routes.into_iter().filter(|(destination, _)| used.insert(*destination));
        let numbered = different.enumerate();
        let made = numbered.map(|(at, (destination, (hop, to)))| Route {
            name: Some(format!("azkms-{at}")),
            ..route(destination, hop, to)
        });
        made.collect()
    })
}

fn around() -> impl Strategy<Value = Around> {
    let group = || prop::option::weighted(0.4, rules());
    (group(), group(), prop::option::of(routes()), any::<bool>(), prop::option::weighted(0.3, any::<bool>())).prop_map(
        |(group, subnet_group, routes, is_private, gateway)| Around {
            group,
            subnet_group,
            routes,
            is_private,
            gateway,
        },
    )
}

/// The exports: each machine in a subnet of its own or that of the one before, and a firewall at 10.0.3.4.
fn exports(all: &[(Around, bool)], firewall: &[(u32, bool, &str)]) -> Vec<Resource> {
    let lab = Lab::new();
    let mut bodies = vec![Body::VirtualNetwork(lab.network.clone()), Body::Firewall(azure_firewall(firewall))];
    let mut subnet_number = 0;
    for (number, (around, shares)) in all.iter().enumerate() {
        let is_new = number == 0 || !shares;
        subnet_number += usize::from(is_new);
        bodies.extend(machine(&lab, number, subnet_number, around));
        if is_new {
            bodies.extend(subnet(&lab, subnet_number, around));
        }
    }
    resources(bodies)
}

fn machine(lab: &Lab, number: usize, subnet: usize, around: &Around) -> Vec<Body> {
    let (mut machine, mut interface) = (lab.machine.clone(), lab.interface.clone());
    machine.id = Some(id(&format!("virtualMachines/vm{number}")));
    machine.name = format!("vm{number}");
    interface.id = Some(id(&format!("networkInterfaces/nic{number}")));
    machine.interfaces = vec![(interface.id.clone().unwrap(), Some(true))];
    interface.name = format!("nic{number}");
    interface.machine.clone_from(&machine.id);
    interface.configurations[0].private_address = Some(address(&format!("10.1.{subnet}.{}", number + 4)));
    interface.configurations[0].subnet = Some(id(&format!("virtualNetworks/spoke/subnets/s{subnet}")));
    let group = around.group.clone().map(|rules| group(&format!("nsg-nic{number}"), rules));
    interface.security_group = Some(group.as_ref().and_then(|group| group.id.clone()));
    let own = [Body::VirtualMachine(machine), Body::NetworkInterface(interface)];
    own.into_iter().chain(group.map(Body::SecurityGroup)).collect()
}

fn subnet(lab: &Lab, number: usize, around: &Around) -> Vec<Body> {
    let mut subnet = lab.subnet.clone();
    subnet.id = Some(id(&format!("virtualNetworks/spoke/subnets/s{number}")));
    subnet.name = format!("s{number}");
    subnet.prefixes = vec![prefix(&format!("10.1.{number}.0/24"))];
    subnet.default_outbound_access = around.is_private.then_some(false);
    let group = around.subnet_group.clone().map(|rules| group(&format!("nsg-s{number}"), rules));
    subnet.security_group = Some(group.as_ref().and_then(|group| group.id.clone()));
    let table = around.routes.clone().map(|routes| RouteTable {
        id: Some(id(&format!("routeTables/rt{number}"))),
        name: format!("rt{number}"),
        disables_gateway_routes: false,
        routes,
    });
    subnet.route_table = Some(table.as_ref().and_then(|table| table.id.clone()));
    let gateway = around.gateway.map(|has_public_address| NatGateway {
        id: Some(id(&format!("natGateways/nat{number}"))),
        name: format!("nat{number}"),
        has_public_address,
        subnets: None,
    });
    subnet.nat_gateway = Some(gateway.as_ref().and_then(|gateway| gateway.id.clone()));
    let parts = [group.map(Body::SecurityGroup), table.map(Body::RouteTable), gateway.map(Body::NatGateway)];
    std::iter::once(Body::Subnet(subnet)).chain(parts.into_iter().flatten()).collect()
}

fn group(name: &str, rules: Vec<SecurityRule>) -> SecurityGroup {
    SecurityGroup { id: Some(id(&format!("networkSecurityGroups/{name}"))), name: name.to_owned(), rules }
}

fn azure_firewall(collections: &[(u32, bool, &str)]) -> Firewall {
    let collection = |(priority, allows, destination): &(u32, bool, &str)| RuleCollection {
        name: format!("c{priority}"),
        priority: *priority,
        kind: CollectionKind::Network,
        allows: *allows,
        rules: vec![FirewallRule {
            name: "one".to_owned(),
            protocols: vec![Protocol::Any],
            sources: vec![Peer::Any],
            destinations: vec![Peer::Prefix(prefix(destination))],
            destination_ports: vec![PortRange { first: 0, last: u16::MAX }],
            origin: None,
        }],
    };
    Firewall {
        id: Some(id("azureFirewalls/fw1")),
        name: "fw1".to_owned(),
        private_addresses: vec![address("10.0.3.4")],
        has_public_address: Some(true),
        collections: collections.iter().map(collection).collect(),
        ..Firewall::default()
    }
}

/// What the trial promises, asked of each change alone.
fn holds(resources: &[Resource], before: &[Path], change: &Change) -> Result<(), TestCaseError> {
    let after = change.apply(resources);
    prop_assert_eq!(&change.undo(&after)[..], resources);
    let judged = paths(&after);
    prop_assert_eq!(judged.len(), before.len());
    prop_assert!(safe::other_packets_stay(resources, &after, &change.operations));
    let names = |path: &PathName| path.machine.clone();
    let met: HashSet<String> = change.helps.iter().filter_map(names).chain(change.touches.clone()).collect();
    for (before, after) in before.iter().zip(&judged) {
        let is_met = before.machine.as_ref().is_some_and(|machine| met.contains(machine));
        if change.helps.contains(&PathName::from(before)) {
            prop_assert_eq!(after.verdict(), Verdict::Reaches, "{:#?}", after);
        } else if !is_met {
            prop_assert_eq!(&before.hops, &after.hops);
        } else if before.verdict() == Verdict::Reaches {
            prop_assert_eq!(after.verdict(), Verdict::Reaches);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn each_change_alone_does_what_it_promises_and_nothing_else(
        all in prop::collection::vec((around(), any::<bool>()), 1..4),
        firewall in prop::collection::btree_map(prop::sample::select(vec![100u32, 200, 300]), (any::<bool>(), destinations()), 0..3),
    ) {
        let firewall: Vec<(u32, bool, &str)> =
            firewall.into_iter().map(|(priority, (allows, destination))| (priority, allows, destination)).collect();
        let resources = exports(&all, &firewall);
        let before = paths(&resources);
        let advice = of(&resources, &before);
        for change in &advice.changes {
            holds(&resources, &before, change)?;
        }
        // Every path that does not reach KMS is answered once.
        let helped = advice.changes.iter().flat_map(|change| &change.helps);
        let mut answered: Vec<&PathName> = helped.chain(advice.refusals.iter().flat_map(|refusal| &refusal.paths)).collect();
        let mut asked: Vec<PathName> =
            before.iter().filter(|path| path.verdict() != Verdict::Reaches).map(PathName::from).collect();
        answered.sort_unstable();
        asked.sort_unstable();
        prop_assert_eq!(answered, asked.iter().collect::<Vec<_>>());
        // Nothing is refused for what its own trial showed: the search knows before.
        for refusal in &advice.refusals {
            prop_assert!(!matches!(refusal.reason, Reason::NotEnough | Reason::ChangesMore), "{:?}", refusal);
        }
    }
}
