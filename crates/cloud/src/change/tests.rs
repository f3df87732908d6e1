//! Changes on whole exports: what is offered, that it does what it promises, and that it can be taken back.

use super::*;
use crate::aws::{MachineRoute, MachineRoutes};
use crate::azure::fixtures::{Lab, address, id, prefix, resources, route, rule, tag};
use crate::azure::{
    BackendPool, Body, CollectionKind, Firewall, FirewallPolicy, FirewallRule, Frontend, LoadBalancer,
    LoadBalancingRule, NatGateway, NextHop, Peer, PortRange, Probe, Protocol, RuleCollection, RuleCollectionGroup,
};
use crate::{Verdict, paths};

fn advice(resources: &[Resource]) -> Advice {
    of(resources, &paths(resources))
}

/// The only change that is offered, which helps every path.
fn only(resources: &[Resource]) -> Change {
    let advice = advice(resources);
    assert_eq!(advice.refusals, [], "{:#?}", paths(resources));
    let [change] = advice.changes.try_into().expect("one change");
    let after = change.apply(resources);
    assert!(paths(&after).iter().all(|path| path.verdict() == Verdict::Reaches), "{:#?}", paths(&after));
    assert_eq!(change.undo(&after), resources);
    change
}

fn azure(change: &Change) -> Vec<&AzureOperation> {
    change.azure().collect()
}

fn deny_all(priority: u32) -> crate::azure::SecurityRule {
    rule("deny-all", priority, false, Peer::Prefix(prefix("0.0.0.0/0")))
}

#[test]
fn what_reaches_needs_no_change() {
    assert_eq!(advice(&Lab::new().resources()), Advice::default());
}

#[test]
fn a_forced_tunnel_gets_a_route_for_each_address() {
    let lab = Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None)]);
    let change = only(&lab.resources());
    let routes: Vec<(&str, IpAddr)> = azure(&change)
        .into_iter()
        .map(|operation| match operation {
            AzureOperation::AddRoute { table, name, address, replaces: None } => {
                assert_eq!(table.name(), Some("rt1"));
                (name.as_str(), *address)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        routes,
        [("azkms-20-118-99-224", address("20.118.99.224")), ("azkms-40-83-235-53", address("40.83.235.53"))]
    );
    assert_eq!(change.machines(), ["vm1"]);
    assert_eq!(change.risks, [Risk::PastInspection]);
}

#[test]
fn a_route_for_the_address_itself_is_changed() {
    let mut hole = route("20.118.99.224/32", NextHop::None, None);
    hole.name = Some("hole".to_owned());
    let change = only(&Lab::new().routes(vec![hole]).resources());
    assert!(matches!(
        azure(&change)[..],
        [AzureOperation::AddRoute { name, replaces: Some((NextHop::None, None)), .. }] if name == "hole"
    ));
    assert!(change.risks.contains(&Risk::OnPurpose { element: "hole".to_owned() }));
}

#[test]
fn a_denying_group_gets_one_rule_before_the_one_that_denies() {
    for (rules, expected) in [
        (vec![deny_all(200)], 199),
        (vec![deny_all(200), rule("other", 199, true, Peer::Prefix(prefix("10.0.0.0/8")))], 198),
        (vec![deny_all(4096), rule("near", 100, false, Peer::Prefix(prefix("10.0.0.0/8")))], 4095),
        (vec![rule("lkm", 150, false, tag("AzurePlatformLKM")), deny_all(200)], 149),
    ] {
        let change = only(&Lab::new().rules(rules).resources());
        let [AzureOperation::AddSecurityRule { priority, addresses, .. }] = azure(&change)[..] else {
            panic!("{change:?}")
        };
        assert_eq!((*priority, addresses.len()), (expected, 2));
    }
}

#[test]
fn without_a_free_priority_nothing_is_offered() {
    let advice = advice(&Lab::new().rules(vec![deny_all(100)]).resources());
    assert_eq!(advice.changes, []);
    assert_eq!(advice.refusals[0].reason, Reason::NoPriority("nsg1".to_owned()));
    assert_eq!(advice.refusals[0].paths.len(), 2);
}

#[test]
fn a_private_subnet_gets_a_nat_gateway() {
    let mut lab = Lab::new();
    lab.subnet.default_outbound_access = Some(false);
    let change = only(&lab.resources());
    let [AzureOperation::CreateNatGateway { gateway, .. }] = azure(&change)[..] else { panic!("{change:?}") };
    assert_eq!(gateway, &id("natGateways/nat-work"));
    assert_eq!(change.risks, [Risk::OutboundAddress { of: "work".to_owned() }, Risk::Costs]);
}

#[test]
fn a_nat_gateway_without_an_address_gets_one() {
    let mut lab = Lab::new();
    lab.subnet.default_outbound_access = Some(false);
    lab.subnet.nat_gateway = Some(Some(id("natGateways/nat1")));
    let gateway = NatGateway { id: Some(id("natGateways/nat1")), name: "nat1".to_owned(), ..NatGateway::default() };
    let change = only(&lab.with(Body::NatGateway(gateway)).resources());
    assert!(matches!(azure(&change)[..], [AzureOperation::AddNatAddress { .. }]), "{change:?}");
}

#[test]
fn faults_that_show_one_behind_the_other_are_one_change() {
    let mut lab = Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None)]);
    lab.subnet.default_outbound_access = Some(false);
    let change = only(&lab.rules(vec![deny_all(300)]).resources());
    let kinds: Vec<&str> = azure(&change)
        .into_iter()
        .map(|operation| match operation {
            AzureOperation::AddSecurityRule { .. } => "rule",
            AzureOperation::AddRoute { .. } => "route",
            AzureOperation::CreateNatGateway { .. } => "nat",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["rule", "route", "route", "nat"]);
}

fn collection(priority: u32, allows: bool, destination: &str) -> RuleCollection {
    let rule = FirewallRule {
        name: "one".to_owned(),
        protocols: vec![Protocol::Tcp],
        sources: vec![Peer::Any],
        destinations: vec![Peer::Prefix(prefix(destination))],
        destination_ports: vec![PortRange { first: 0, last: u16::MAX }],
        origin: None,
    };
    let name = format!("c{priority}");
    RuleCollection { name, priority, kind: CollectionKind::Network, allows, rules: vec![rule] }
}

fn behind_firewall(policy: Option<&str>, collections: Vec<RuleCollection>) -> Lab {
    let firewall = Firewall {
        id: Some(id("azureFirewalls/fw1")),
        name: "fw1".to_owned(),
        private_addresses: vec![address("10.0.3.4")],
        has_public_address: Some(true),
        policy: policy.map(id),
        collections,
        ..Firewall::default()
    };
    let lab = Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualAppliance, Some("10.0.3.4"))]);
    lab.with(Body::Firewall(firewall))
}

#[test]
fn a_firewall_that_denies_gets_a_rule_rather_than_a_route_around_it() {
    let change = only(&behind_firewall(None, vec![collection(300, false, "0.0.0.0/0")]).resources());
    let [AzureOperation::AddRuleCollection { priority: 299, rule, .. }] = azure(&change)[..] else {
        panic!("{change:?}")
    };
    assert_eq!(rule.sources, [prefix("10.1.0.0/24")].into());
    assert_eq!(rule.addresses.len(), 2);
    assert_eq!(change.risks, []);
}

#[test]
fn a_policy_gets_a_group_of_its_own_where_it_denies() {
    for (collections, expected) in
        [(vec![], 300), (vec![collection(500, false, "20.0.0.0/8"), collection(600, true, "10.0.0.0/8")], 199)]
    {
        let group = id("firewallPolicies/p1/ruleCollectionGroups/g1");
        let policy = FirewallPolicy {
            id: Some(id("firewallPolicies/p1")),
            name: "p1".to_owned(),
            groups: Some(vec![group.clone()]),
            ..FirewallPolicy::default()
        };
        let group = RuleCollectionGroup { id: Some(group), name: "g1".to_owned(), priority: 200, collections };
        let lab = behind_firewall(Some("firewallPolicies/p1"), vec![]).with(Body::FirewallPolicy(policy));
        let change = only(&lab.with(Body::RuleCollectionGroup(group)).resources());
        let [AzureOperation::AddRuleGroup { priority, .. }] = azure(&change)[..] else { panic!("{change:?}") };
        assert_eq!(*priority, expected);
    }
}

#[test]
fn behind_an_unknown_appliance_nothing_is_offered() {
    let lab = Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualAppliance, Some("10.9.9.9"))]);
    let advice = advice(&lab.resources());
    assert_eq!(advice.changes, []);
    assert_eq!(advice.refusals[0].reason, Reason::Unknown(vec![Missing::Appliance("10.9.9.9".to_owned())]));
}

#[test]
fn a_retired_address_is_no_reason_for_a_change() {
    let tunnel = route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None);
    let old = route("23.102.135.246/32", NextHop::Internet, None);
    let advice = advice(&Lab::new().routes(vec![tunnel, old]).resources());
    assert_eq!(advice.changes[0].operations.len(), 2);
    assert_eq!(advice.refusals[0].reason, Reason::AddressRetired);
}

/// Two machines in one subnet, the second of Linux.
#[test]
fn who_else_meets_the_change_is_named() {
    let lab = Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None)]);
    let (mut machine, mut interface) = (lab.machine.clone(), lab.interface.clone());
    machine.id = Some(id("virtualMachines/Linux1"));
    machine.name = "Linux1".to_owned();
    machine.operating_system = Some("Linux".to_owned());
    machine.interfaces = vec![(id("networkInterfaces/nic2"), Some(true))];
    interface.id = Some(id("networkInterfaces/nic2"));
    interface.name = "nic2".to_owned();
    interface.machine.clone_from(&machine.id);
    interface.configurations[0].private_address = Some(address("10.1.0.5"));
    let lab = lab.with(Body::VirtualMachine(machine)).with(Body::NetworkInterface(interface));
    let change = only(&lab.resources());
    assert_eq!((change.machines(), &change.touches[..]), (vec!["vm1"], &["Linux1".to_owned()][..]));
}

#[test]
fn effective_routes_alone_give_a_placeholder() {
    let effective = crate::azure::EffectiveRoutes {
        interface: Some(id("networkInterfaces/nic7")),
        interface_name: None,
        routes: vec![route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None)],
    };
    let exports = resources([Body::EffectiveRoutes(effective)]);
    let advice = advice(&exports);
    for change in &advice.changes {
        assert!(change.risks.contains(&Risk::Placeholder));
        let printed = print(change, Form::Az, kmsdoctor_core::language::Language::English).unwrap();
        assert!(printed.apply.contains("--resource-group '<resource-group>' --route-table-name '<route-table>'"));
    }
    assert_eq!(advice.changes.len() + advice.refusals.len(), 1, "{advice:?}");
}

/// A KMS host behind a load balancer with this probe.
fn kms_host(protocol: &str, port: u16) -> Vec<Resource> {
    let of_balancer = |kind: &str, name: &str| Some(id(&format!("loadBalancers/lb1/{kind}/{name}")));
    let rule = LoadBalancingRule {
        name: "kms".to_owned(),
        frontend: of_balancer("frontendIPConfigurations", "front"),
        pools: of_balancer("backendAddressPools", "hosts").into_iter().collect(),
        probe: of_balancer("probes", "web"),
        protocol: Protocol::Tcp,
        frontend_port: 1688,
        backend_port: 1688,
        disables_outbound: false,
        distribution: None,
        origin: None,
    };
    let front = Frontend {
        id: of_balancer("frontendIPConfigurations", "front"),
        private_address: Some(address("10.1.0.9")),
        is_public: false,
    };
    let hosts = BackendPool {
        id: of_balancer("backendAddressPools", "hosts"),
        configurations: vec![id("networkInterfaces/nic9/ipConfigurations/one")],
        addresses: Vec::new(),
    };
    let web = Probe { id: of_balancer("probes", "web"), name: "web".to_owned(), protocol: protocol.to_owned(), port };
    let balancer = LoadBalancer {
        id: Some(id("loadBalancers/lb1")),
        name: "lb1".to_owned(),
        sku: Some("Standard".to_owned()),
        frontends: vec![front],
        pools: vec![hosts],
        rules: vec![rule],
        outbound_rules: Vec::new(),
        probes: vec![web],
    };
    resources([Body::LoadBalancer(balancer)])
}

#[test]
fn a_wrong_probe_gets_another_beside_it() {
    for (protocol, port) in [("Tcp", 80), ("Http", 80), ("Http", 1688), ("Https", 1688)] {
        let change = only(&kms_host(protocol, port));
        let [AzureOperation::AddProbe { port: 1688, replaces: Some(before), .. }] = azure(&change)[..] else {
            panic!("{change:?}")
        };
        assert_eq!(before.name(), "web");
    }
    assert_eq!(advice(&kms_host("Tcp", 1688)), Advice::default());
    let mut all_ports = kms_host("Http", 1688);
    let crate::Body::Azure(Body::LoadBalancer(balancer)) = &mut all_ports[0].body else { panic!() };
    (balancer.rules[0].frontend_port, balancer.rules[0].backend_port) = (0, 0);
    assert!(matches!(azure(&only(&all_ports))[..], [AzureOperation::AddProbe { port: 1688, .. }]));
}

fn everywhere(body: crate::Body, artifact: &str) -> Resource {
    Resource { body, origin: crate::azure::fixtures::origin(artifact, 0) }
}

#[test]
fn a_stale_route_of_aws_is_set_by_the_gateway_of_today() {
    let route = |destination: &str, gateway: Option<&str>, interface: Option<&str>| MachineRoute {
        destination: destination.parse().unwrap(),
        gateway: gateway.map(|text| text.parse().unwrap()),
        interface: interface.map(|text| text.parse().unwrap()),
        metric: Some(20),
        origin: crate::azure::fixtures::origin("route.txt", 1),
    };
    let table = MachineRoutes {
        is_whole: true,
        routes: vec![
            route("0.0.0.0/0", Some("10.0.1.1"), Some("10.0.1.20")),
            route("10.0.1.0/24", None, Some("10.0.1.20")),
            route("169.254.169.250/32", Some("10.0.9.1"), None),
        ],
    };
    let change = only(&[everywhere(crate::Body::Aws(crate::aws::Body::MachineRoutes(table)), "route.txt")]);
    let printed = print(&change, Form::PowerShell, kmsdoctor_core::language::Language::English).unwrap();
    assert_eq!(
        printed.apply,
        "route delete 169.254.169.250\nroute -p add 169.254.169.250 mask 255.255.255.255 10.0.1.1\n\
         route -p add 169.254.169.251 mask 255.255.255.255 10.0.1.1\n"
    );
    assert_eq!(
        printed.undo,
        "route delete 169.254.169.251\nroute delete 169.254.169.250\n\
         route -p add 169.254.169.250 mask 255.255.255.255 10.0.9.1\n"
    );
}

#[test]
fn google_gets_a_rule_a_route_and_private_access() {
    use crate::google::{Body, FirewallRule, Instance, Interface, Link, Network, Route, RouteTarget, Subnet, Traffic};
    let network = Link::new("projects/p1/global/networks/n1");
    let subnet = Link::new("projects/p1/regions/asia-northeast1/subnetworks/s1");
    let interface = Interface {
        name: "nic0".to_owned(),
        network: Some(network.clone()),
        subnet: Some(subnet.clone()),
        address: Some(address("10.2.0.4")),
        has_external_address: false,
    };
    let instance = Instance {
        link: Link::new("projects/p1/zones/asia-northeast1-a/instances/vm1"),
        interfaces: vec![interface],
        licenses: vec!["windows-server-2022-dc".to_owned()],
        tags: Some(Vec::new()),
        service_accounts: Some(Vec::new()),
        ..Instance::default()
    };
    let deny = FirewallRule {
        name: "deny".to_owned(),
        network: network.clone(),
        priority: 500,
        is_disabled: false,
        allows: false,
        traffic: Traffic {
            is_egress: true,
            sources: Vec::new(),
            destinations: Some(vec![prefix("0.0.0.0/0")]),
            services: Some(vec![crate::google::Service { protocol: "all".to_owned(), ports: Vec::new() }]),
        },
        targets: Some(crate::google::Targets::default()),
    };
    let tunnel = Route {
        name: "tunnel".to_owned(),
        network: network.clone(),
        destination: prefix("0.0.0.0/0"),
        priority: 100,
        next_hop: RouteTarget::Gateway("vpn".to_owned()),
        tags: Some(Vec::new()),
    };
    let bodies = [
        Body::Instance(instance),
        Body::Network(Network { link: network, order: Some(crate::google::Order::AfterRules) }),
        Body::Subnet(Subnet { link: subnet, has_private_google_access: Some(false) }),
        Body::FirewallRule(deny),
        Body::Route(tunnel),
    ];
    let exports: Vec<Resource> =
        bodies.into_iter().map(|body| everywhere(crate::Body::Google(body), "google.json")).collect();
    let change = only(&exports);
    assert!(matches!(
        change.google().collect::<Vec<_>>()[..],
        [
            GoogleOperation::AllowEgress { priority: 499, .. },
            GoogleOperation::AddRoute { .. },
            GoogleOperation::EnablePrivateAccess { .. }
        ]
    ));
}

/// A machine in the pool of a public Standard load balancer whose rule gives no way out.
#[test]
fn a_public_balancer_gives_a_way_out_before_anything_new_does() {
    let part = |kind: &str, name: &str| Some(id(&format!("loadBalancers/lb1/{kind}/{name}")));
    let pool = part("backendAddressPools", "web");
    let mut lab = Lab::new();
    lab.configuration().backend_pools = Some(pool.clone().into_iter().collect());
    let balancer = LoadBalancer {
        id: Some(id("loadBalancers/lb1")),
        name: "lb1".to_owned(),
        sku: Some("Standard".to_owned()),
        frontends: vec![Frontend {
            id: part("frontendIPConfigurations", "front"),
            is_public: true,
            ..Frontend::default()
        }],
        pools: vec![BackendPool { id: pool, ..BackendPool::default() }],
        ..LoadBalancer::default()
    };
    let change = only(&lab.with(Body::LoadBalancer(balancer)).resources());
    let [AzureOperation::AddOutboundRule { frontend, .. }] = azure(&change)[..] else { panic!("{change:?}") };
    assert_eq!(frontend.name(), "front");
    assert_eq!(change.risks, [Risk::OutboundAddress { of: "web".to_owned() }]);
}

#[test]
fn changes_are_told_in_both_languages() {
    use kmsdoctor_core::language::Language;
    let mut lab = Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None)]);
    lab.subnet.default_outbound_access = Some(false);
    let change = only(&lab.resources());
    assert_eq!(
        change.summary(Language::English)[0],
        "Add a route for 20.118.99.224 (next hop Internet) to the route table rt1"
    );
    for language in Language::ALL {
        assert_eq!(change.summary(language).len(), change.operations.len());
        assert!(change.risks.iter().all(|risk| !risk.text(language).is_empty()));
    }
    let reason = Reason::Unknown(vec![Missing::Appliance("10.9.9.9".to_owned())]);
    assert_eq!(
        reason.text(Language::English),
        "The exports do not tell the whole way (10.9.9.9): export what is missing first."
    );
}

/// The export of the subnet is older than the effective routes, or the other way round.
#[test]
fn a_route_table_that_the_subnet_denies_is_not_replaced() {
    let effective = |source| {
        let lead = crate::azure::Route { source, ..route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None) };
        let interface = Some(id("networkInterfaces/nic1"));
        Lab::new().with(Body::EffectiveRoutes(crate::azure::EffectiveRoutes {
            interface,
            interface_name: None,
            routes: vec![lead],
        }))
    };
    let contradicted = advice(&effective(crate::azure::RouteSource::User).resources());
    assert_eq!(contradicted.changes, []);
    assert_eq!(contradicted.refusals[0].reason, Reason::Contradiction("work".to_owned()));
    let announced = advice(&effective(crate::azure::RouteSource::Gateway).resources());
    assert!(matches!(announced.changes[0].operations[0], Operation::Azure(AzureOperation::CreateRouteTable { .. })));
}
